"""What the Graph API's refusals mean: wire reference, messaging channels 1.9, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.channels.graph_errors import failure
from chatgw.failures import FailureKind
from chatgw.sim.meta.errors import MESSAGES
from chatgw.test.messenger_graph import TEXT, TOKEN, MessengerCase, error
from chatgw.values import Failed, Unknown

_TABLE = {
    FailureKind.TRANSIENT: "1 2 1200 2018321 100/2018321",
    FailureKind.THROTTLED: ("4 17 32 613 613/2534040 613/2018338 80001 80002 80006 9/2018352"),
    FailureKind.WINDOW_CLOSED: "10/2018278 10/2018065 10/2534022",
    FailureKind.RECIPIENT_GONE: ("551 551/1545041 200/1545041 10/2018108 100/2018001 100/2534014"),
    FailureKind.CREDENTIALS: ("102 190 190/458 190/459 190/460 190/463 190/464 190/467 190/492"),
    FailureKind.PERMISSION: (
        "3 10 10/2534077 100/2018247 100/2534013 200 200/2018021 200/2018027 200/2018028"
        " 200/2534041 230 2018247"
    ),
    FailureKind.POLICY: "368 2022 10/1893063 100/2534029",
    FailureKind.NOT_OWNER: "2018171 2018300 10/2018300 100/2018171 100/2018300 100/2534037",
    FailureKind.BAD_REQUEST: (
        "100 100/33 100/2018008 100/2018014 100/2018047 100/2018074 100/2018109 100/2018164"
        " 100/2018218 100/2018320 100/2534015 9000001"
    ),
    FailureKind.UNCLEAR: "1/99 9 2500 123456 999/888",
}


def _pair(words: str) -> tuple[int, int | None]:
    code, _, subcode = words.partition("/")
    return int(code), int(subcode) if subcode else None


ROWS = {kind: [_pair(words) for words in row.split()] for kind, row in _TABLE.items()}
"""Code and subcode of each kind of failure."""


class CodeTests(SynchronousTestCase):
    """One test for each pair of code and subcode."""


def _means(
    code: int, subcode: int | None, kind: FailureKind
) -> Callable[[SynchronousTestCase], None]:
    def test(self: SynchronousTestCase) -> None:
        for status in (400, 403):
            for one, other in ((code, subcode), (str(code), subcode and str(subcode))):
                failed = failure(status, {"code": one, "error_subcode": other})
                assert isinstance(failed, Failed)
                self.assertIs(failed.kind, kind)
                self.assertIn(f"Graph error {code}", failed.detail)

    return test


for _kind, _pairs in ROWS.items():
    for _code, _subcode in _pairs:
        _name = f"test_{_code}_{_subcode or 'alone'}_is_{_kind.name.lower()}"
        setattr(CodeTests, _name, _means(_code, _subcode, _kind))


class ClassificationTests(SynchronousTestCase):
    def _kind(self, status: int, **members: object) -> FailureKind:
        failed = failure(status, members)
        assert isinstance(failed, Failed)
        return failed.kind

    def test_a_message_sent_in_spite_of_its_error_is_unknown(self) -> None:
        outcome = failure(500, {"code": 1, "error_subcode": 1357046, "is_transient": True})
        self.assertIsInstance(outcome, Unknown)

    def test_a_gateway_timeout_may_have_come_after_the_message_was_sent(self) -> None:
        self.assertIsInstance(failure(504, {}), Unknown)
        self.assertIsInstance(failure(504, {"code": 2}), Failed)

    def test_the_codes_know_better_than_the_transient_mark_and_the_status(self) -> None:
        """Meta marks throttling as transient, and gives 500 with codes that are final."""
        self.assertIs(self._kind(400, code=4, is_transient=True), FailureKind.THROTTLED)
        self.assertIs(self._kind(500, code=190, is_transient=True), FailureKind.CREDENTIALS)
        self.assertIs(self._kind(503, code=100), FailureKind.BAD_REQUEST)

    def test_an_unknown_code_is_transient_if_meta_or_the_status_says_so(self) -> None:
        self.assertIs(self._kind(400, code=7777, is_transient=True), FailureKind.TRANSIENT)
        self.assertIs(self._kind(503, code=7777), FailureKind.TRANSIENT)
        self.assertIs(self._kind(429, code=7777), FailureKind.THROTTLED)
        for mark in (False, "true", 1, None):
            self.assertIs(self._kind(400, code=7777, is_transient=mark), FailureKind.UNCLEAR)

    def test_a_refusal_without_a_code_is_unclear(self) -> None:
        odd: list[object] = [None, "", [], "none", -1, 0.5]
        for code in odd:
            self.assertIs(self._kind(400, code=code), FailureKind.UNCLEAR)

    def test_only_throttling_says_when_to_come_back(self) -> None:
        for kind, pairs in ROWS.items():
            for code, subcode in pairs:
                failed = failure(400, {"code": code, "error_subcode": subcode}, 120.0)
                assert isinstance(failed, Failed)
                told = 120.0 if kind is FailureKind.THROTTLED else None
                self.assertEqual(failed.retry_after, told, (code, subcode))
        failed = failure(400, {"code": 4})
        assert isinstance(failed, Failed)
        self.assertIsNone(failed.retry_after)

    def test_the_message_decides_nothing(self) -> None:
        """It is localised, and may name another code than the error has."""
        message = "(#551) This person isn't available right now."
        self.assertIs(self._kind(400, code=200, message=message), FailureKind.PERMISSION)

    def test_every_refusal_of_the_simulator_is_in_the_table(self) -> None:
        table = {pair for pairs in ROWS.values() for pair in pairs}
        known = {(code, subcode or None) for code, subcode in MESSAGES}
        sent_all_the_same = (1, 1357046)
        self.assertEqual(known - table, {sent_all_the_same})

    @given(st.integers(), st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
    def test_any_error_is_understood_somehow(self, status: int, error: dict[str, object]) -> None:
        self.assertIsInstance(failure(status, error), Failed)


class DetailTests(MessengerCase):
    def _failed(self) -> Failed:
        outcome = self.perform(TEXT)
        assert isinstance(outcome, Failed)
        return outcome

    def test_an_operator_reads_a_reason_the_codes_and_the_trace(self) -> None:
        """erxes PR#9177: an error 100 was nobody's guess."""
        self.graph.reply = error(10, 2018278, 403)
        self.assertEqual(
            self._failed().detail,
            "the customer wrote too long ago to be answered"
            " (HTTP 403, Graph error 10/2018278, OAuthException, fbtrace_id AbC-1)",
        )

    def test_an_operator_is_told_what_an_unclear_refusal_may_come_from(self) -> None:
        self.graph.reply = error(1, 99, 500)
        self.assertIn("a permission may be missing", self._failed().detail)

    def test_what_the_error_says_at_length_stays_out(self) -> None:
        said: dict[str, Any] = {
            "message": f"bad token {TOKEN}",
            "error_user_msg": "SAID",
            "error_data": TOKEN,
        }
        odd = f"{TOKEN} <b>"
        for reply in (
            error(100, 33, **said),
            error(odd, odd, type=odd, fbtrace_id=odd),
            error([], {}, type=["SAID"], fbtrace_id={"a": "SAID"}),
            error("1" * 5_000, "2" * 5_000, type="x" * 5_000, fbtrace_id="y" * 5_000),
        ):
            self.graph.reply = reply
            detail = self._failed().detail
            self.assertNotIn("SAID", detail)
            self.assertNotIn(TOKEN, detail)
            self.assertLess(len(detail), 200)
