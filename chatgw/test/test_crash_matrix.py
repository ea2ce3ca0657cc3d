"""The crash matrix, a test for each point. See docs/crash-matrix.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import TestCase

from chatgw.test.crash.points import MATRIX, Point
from chatgw.test.crash.row import row
from chatgw.test.waiting import disconnected


class CrashMatrixTests(TestCase):
    timeout = 180

    async def keeps_the_promise(self, point: Point) -> None:
        """Plays a point; fails with all there is to know if the promise was not kept."""
        played = await row(point)
        await disconnected()
        self.assertEqual(played.complaints, (), played.told())


def _test(point: Point) -> Callable[[CrashMatrixTests], Any]:
    async def test(self: CrashMatrixTests) -> None:
        await self.keeps_the_promise(point)

    return test


for _point in MATRIX:
    _name = re.sub("[^a-z]+", "_", _point.name.lower())
    setattr(CrashMatrixTests, f"test_keeps_its_promise_when_killed_at_{_name}", _test(_point))
