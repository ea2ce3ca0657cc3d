"""How near the limits we are: wire reference, messaging channels 1.8."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from chatgw.channels.graph_usage import pause, regained
from chatgw.failures import FailureKind
from chatgw.test.messenger_graph import (
    CHOICES,
    NAME,
    SEEN,
    TEXT,
    TYPING,
    MessengerCase,
    answer,
    error,
)
from chatgw.values import Done, Failed

APP, PAGE, BUSINESS = "X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage"
SAID = {"message_id": "m_1", "first_name": "Mina"}


def _told(name: str, usage: object) -> Headers:
    value = usage if isinstance(usage, str) else json.dumps(usage)
    return Headers({name: [value]})


def _use(minutes: object = 0, **percentages: object) -> dict[str, object]:
    return {"type": "messenger", "estimated_time_to_regain_access": minutes, **percentages}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=2)
            | st.sampled_from(["call_count", "total_time", "estimated_time_to_regain_access"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


class PauseTests(SynchronousTestCase):
    """After a call that succeeded."""

    def test_any_percentage_of_95_is_a_minutes_pause(self) -> None:
        for name in (APP, PAGE):
            for member in ("call_count", "total_time", "total_cputime"):
                for percentage in (95, 95.0, "95", 100, 250):
                    self.assertEqual(pause(_told(name, {"call_count": 1, member: percentage})), 60)
                for percentage in (0, 28, 94, 94.9):
                    self.assertEqual(pause(_told(name, {member: percentage})), 0)

    def test_each_page_and_kind_of_call_counts(self) -> None:
        uses = {"1": [_use(call_count=1), _use(total_time=99)], "2": [_use()]}
        self.assertEqual(pause(_told(BUSINESS, uses)), 60)

    def test_the_pause_is_as_long_as_meta_says(self) -> None:
        self.assertEqual(pause(_told(BUSINESS, {"1": [_use(7, call_count=95), _use(3)]})), 420)
        self.assertEqual(pause(_told(BUSINESS, {"1": [_use(10**9, call_count=95)]})), 86_400)
        headers = _told(BUSINESS, {"1": [_use(7)]})
        headers.setRawHeaders(APP, [json.dumps({"call_count": 96})])
        self.assertEqual(pause(headers), 420)

    def test_below_the_limits_there_is_none(self) -> None:
        self.assertEqual(pause(Headers()), 0)
        self.assertEqual(pause(_told(BUSINESS, {"1": [_use(7, call_count=94)]})), 0)

    def test_numbers_that_are_no_percentages_are_not_taken_for_some(self) -> None:
        uses = {"reset_time_duration": 300, "acc_id_util_pct": 100, "call_volume": 99}
        self.assertEqual(pause(_told(APP, uses)), 0)

    def test_what_is_no_percentage_is_nothing(self) -> None:
        odd: list[object] = [None, True, "full", [99], {"call_count": 99}, -99, 10**400, 1e300]
        for percentage in [*odd, float("nan"), float("inf")]:
            for name, usage in (
                (APP, {"call_count": percentage}),
                (BUSINESS, {"1": [_use(call_count=percentage)]}),
            ):
                self.assertEqual(pause(_told(name, usage)), 0, percentage)

    @given(st.sampled_from([APP, PAGE, BUSINESS]), _JSON | st.text().map(json.dumps))
    def test_whatever_a_header_holds_gives_a_pause_of_a_day_at_most(
        self, name: str, usage: object
    ) -> None:
        headers = _told(name, json.dumps(usage))
        for seconds in (pause(headers), regained(headers)):
            self.assertTrue(0 <= seconds <= 86_400)

    def test_a_header_that_cannot_be_read_says_nothing(self) -> None:
        for value in (b"", b"nonsense", b"[" * 5_000, b"\xff\x00", b"[]", b"5", b'{"1":5}'):
            for name in (APP, PAGE, BUSINESS):
                headers = Headers({name.encode(): [value]})
                self.assertEqual((pause(headers), regained(headers)), (0, 0))


class SuccessTests(MessengerCase):
    def test_every_kind_of_call_tells_the_pause(self) -> None:
        self.graph.reply = answer(SAID, X_App_Usage=json.dumps({"total_time": 97}))
        for effect in (TEXT, CHOICES, TYPING, SEEN, NAME):
            outcome = self.perform(effect)
            assert isinstance(outcome, Done)
            self.assertEqual(outcome.pause, 60.0)

    def test_without_the_headers_there_is_none(self) -> None:
        for effect in (TEXT, TYPING):
            outcome = self.perform(effect)
            assert isinstance(outcome, Done)
            self.assertEqual(outcome.pause, 0.0)


class ThrottledTests(MessengerCase):
    """A refusal for calling too often tells in minutes when calls are taken again."""

    def _retry_after(self, usage: object) -> float | None:
        value = usage if isinstance(usage, str) else json.dumps(usage)
        self.graph.reply = error(613, headers={BUSINESS: value})
        outcome = self.perform(TEXT)
        assert isinstance(outcome, Failed)
        self.assertIs(outcome.kind, FailureKind.THROTTLED)
        return outcome.retry_after

    def test_the_longest_of_the_pauses_is_kept(self) -> None:
        self.assertEqual(self._retry_after({"1": [_use(0), _use(7)], "2": [_use(3)]}), 420.0)
        self.assertEqual(self._retry_after({"1": [_use(10**9)]}), 86_400.0)
        self.assertIsNone(self._retry_after({"1": [_use(0)]}))

    def test_what_is_no_number_of_minutes_gives_none(self) -> None:
        odd: list[object] = [None, [], -5, True, float("inf"), 10**400, "soon"]
        for minutes in odd:
            self.assertIsNone(self._retry_after({"1": [_use(minutes)]}), minutes)

    def test_a_header_that_says_nothing_gives_none(self) -> None:
        odd: list[object] = ["", "nonsense", "[" * 5_000, [], {}, {"1": 5}, {"1": [5, {}]}]
        for usage in odd:
            self.assertIsNone(self._retry_after(usage))

    def test_without_the_header_there_is_none(self) -> None:
        for status in (400, 429):
            self.graph.reply = answer(b"<html>", status)
            outcome = self.perform(TEXT)
            assert isinstance(outcome, Failed)
            self.assertIsNone(outcome.retry_after)
