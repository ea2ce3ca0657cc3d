"""docs/failures.md says what the gateway does."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

import chatgw
from chatgw.channels.graph_usage import FULL
from chatgw.circuit import MOST_SILENT, SCHEDULES
from chatgw.delivery import PAUSES, Unanswered
from chatgw.failures import FailureKind
from chatgw.test.failure_table import markdown

DOCUMENT = Path(chatgw.__file__).parent.parent / "docs" / "failures.md"


class DocumentTests(SynchronousTestCase):
    def setUp(self) -> None:
        if not DOCUMENT.exists():
            raise SkipTest("the manual is not installed")
        self.text = DOCUMENT.read_text("utf-8")

    def test_its_table_is_the_one_that_is_tested(self) -> None:
        self.assertIn(markdown(), self.text, "it is what failure_table.markdown() gives")

    def test_its_times_are_those_of_the_code(self) -> None:
        self.assertEqual(MOST_SILENT, 3)
        for promised in (
            f"{_listed(PAUSES)}, 120 … s",
            f"{_listed(SCHEDULES[FailureKind.TRANSIENT])}, 30 … s",
            f"{_listed(SCHEDULES[FailureKind.CREDENTIALS])}, 600 … s",
            f"every {_listed(SCHEDULES[FailureKind.THROTTLED])} s",
            f"within {Unanswered().echo_wait:g} s",
            f"used to {FULL:g} %",
        ):
            self.assertIn(promised, self.text)


def _listed(seconds: tuple[float, ...]) -> str:
    return ", ".join(f"{one:g}" for one in seconds)
