"""Errors of the Graph API, kind by kind: what customer, agent, log and status see of them.

Wire reference, messaging channels 1.9; the table is in `chatgw.test.failure_table`.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from chatgw.channels.graph_errors import failure
from chatgw.failures import FailureKind
from chatgw.sim.meta.errors import MESSAGES
from chatgw.test.failing import WHOLE_LIFE, FailingTestCase
from chatgw.test.failure_table import TABLE, Row
from chatgw.values import Failed, Unknown

Test = Callable[["RowTests"], None]


class CompletenessTests(SynchronousTestCase):
    def test_every_kind_of_error_has_a_row(self) -> None:
        decided_here = {FailureKind.EXPIRED.value, FailureKind.BUSY.value}
        kinds = {kind.value for kind in FailureKind} - decided_here | {"unknown"}
        self.assertEqual([row.kind for row in TABLE if row.kind not in kinds], [])
        self.assertEqual(kinds - {row.kind for row in TABLE}, set())

    def test_every_error_is_of_its_rows_kind_and_in_one_row(self) -> None:
        listed = [pair for row in TABLE for pair in row.pairs()]
        self.assertEqual(len(listed), len(set(listed)))
        for row in TABLE:
            for code, subcode in row.pairs():
                outcome = failure(400, {"code": code, "error_subcode": subcode or None})
                assert isinstance(outcome, Failed | Unknown)
                kind = outcome.kind.value if isinstance(outcome, Failed) else "unknown"
                self.assertEqual(kind, row.kind, (code, subcode))

    def test_every_error_that_the_simulator_knows_is_listed(self) -> None:
        self.assertEqual(set(MESSAGES) - {pair for row in TABLE for pair in row.pairs()}, set())


class RowTests(FailingTestCase):
    """An agent writes, and Facebook answers each call with the error, for ever."""

    def lasts(self, row: Row) -> None:
        """Plays a row to its end."""
        chat = self.talk("1001")
        self.begin()
        self.refuse(*next(row.pairs()))
        self.say(chat, "one")
        self.advance(self.interval + WHOLE_LIFE)
        self.assertEqual(self.read("1001"), [])
        self.assertEqual(self.told(chat), [f"[chatgw] {row.notice.format(text='one')}"])
        self.assertEqual(self.lines(), row.lines())
        self.assertEqual(self.times("one"), list(row.calls))
        self.assertEqual(self.dead(), [(row.letter, "one")])
        self.assertEqual(self.troubles(), {row.source: row.why} if row.source else {})
        self.assertEqual(self.last_failure(), row.why)
        self.assertEqual(self.last_failure_at(), self.began + self.calls[-1][0])
        state = "ERROR" if row.source else "CONFIGURED"
        self.assertEqual(self.registry.status.report()["state"], state)

    def is_the_same_for_every_code(self, row: Row) -> None:
        """One text for each code, which is well again afterwards; none holds up the next."""
        chat = self.talk("1001")
        self.begin()
        pairs = list(row.pairs())
        texts = [f"text {number}" for number in range(len(pairs))]
        for text, (code, subcode) in zip(texts, pairs, strict=True):
            self.refuse(code, subcode, times=1)
            self.say(chat, text)
            self.advance(self.interval)
            self.assertTrue(str(self.last_failure()).startswith(f"{row.kind}: "), (code, subcode))
            self.registry.use(self.parts())
            self.advance(self.interval)
        notices = [f"[chatgw] {row.notice.format(text=text)}" for text in texts]
        arrives = row.kind == "unknown" or FailureKind(row.kind).passing
        outcome = (texts, []) if arrives else ([], notices)
        self.assertEqual((self.read("1001"), self.told(chat)), outcome)
        self.say(chat, "well again")
        self.advance(self.interval)
        self.assertEqual(self.read("1001")[-1:], ["well again"])
        self.assertEqual(self.troubles(), {})

    def well_again(self, row: Row) -> None:
        """It passes before the last attempt: nobody is told, and the order is kept."""
        chat = self.talk("1001")
        self.begin()
        self.refuse(*next(row.pairs()), times=2)
        self.say(chat, "one", "two", "three")
        self.advance(self.interval + WHOLE_LIFE / 2)
        self.assertEqual(self.read("1001"), ["one", "two", "three"])
        self.assertEqual((self.told(chat), self.dead(), self.troubles()), ([], [], {}))
        self.assertEqual(self.registry.status.report()["state"], "CONFIGURED")
        self.assertEqual(self.last_failure(), row.why, "which stays")
        self.assertNotIn("error: Could not deliver", "".join(self.log))


def _lasting(row: Row) -> Test:
    return lambda self: self.lasts(row)


def _codes(row: Row) -> Test:
    return lambda self: self.is_the_same_for_every_code(row)


def _well_again(row: Row) -> Test:
    return lambda self: self.well_again(row)


for _row in TABLE:
    _name = _row.kind.replace(" ", "_")
    setattr(RowTests, f"test_{_name}_for_ever", _lasting(_row))
    setattr(RowTests, f"test_{_name}_is_the_same_for_every_code", _codes(_row))
    if len(_row.calls) > 2:
        setattr(RowTests, f"test_{_name}_that_passes", _well_again(_row))
