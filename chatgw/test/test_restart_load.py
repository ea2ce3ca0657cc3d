"""Restarts of a real twistd amid 200 chats, on a port that its owner keeps open."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import TestCase

from chatgw.test.crowd.restarts import played
from chatgw.test.waiting import disconnected


class RestartLoadTests(TestCase):
    timeout = 1800

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()

    async def test_no_connection_is_refused_and_no_text_lost_or_repeated(self) -> None:
        came = await played(self.folder)
        await disconnected()
        self.assertFalse(came.broken, came.told())
