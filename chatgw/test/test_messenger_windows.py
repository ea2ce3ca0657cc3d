"""Until when a customer may be written to, and under which name: wire reference, channels 1.7."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.web.server import Request

from chatgw.failures import FailureKind
from chatgw.test.faulty import hang
from chatgw.test.messenger_graph import (
    CHOICES,
    NAME,
    SEEN,
    SENT,
    TEXT,
    TYPING,
    MessengerCase,
    error,
)
from chatgw.values import Done, Dropped, Failed, Origin, Outcome, ToCustomer, Unknown

DAY = 86_400.0
HEARD = 1_700_000_000.0

GATEWAYS = (evolve(TEXT, origin=Origin.GATEWAY), CHOICES)
"""What the gateway itself says."""

ASKED_NOTHING: list[str] = []
OUTSIDE = ((10, 2018278), (10, 2018065), (10, 2534022))
"""What Meta says when its window is closed (wire reference, 1.9)."""


class WindowCase(MessengerCase):
    def setUp(self) -> None:
        super().setUp()
        self.clock.advance(HEARD)

    def performed(self, effect: ToCustomer, silence: float, *, tag: bool = False) -> Outcome:
        """What comes of an effect so long after the customer was last heard."""
        self.clock.rightNow = HEARD + silence
        self.messenger = self.channel(human_agent=tag)
        return self.perform(evolve(effect, heard_at=HEARD))

    def assert_closed(self, outcome: Outcome) -> None:
        assert isinstance(outcome, Failed), outcome
        self.assertIs(outcome.kind, FailureKind.WINDOW_CLOSED)

    def asked(self) -> list[str]:
        """How each message was sent: its type or its tag."""
        said = [asked.json for asked in self.graph.asked]
        self.graph.asked.clear()
        return [one.get("tag", one["messaging_type"]) for one in said]


class ClosedTests(WindowCase):
    """Without the tag, everything ends after a day."""

    def test_within_a_day_everything_is_a_response(self) -> None:
        for effect in (TEXT, *GATEWAYS):
            for silence in (0.0, 60.0, DAY - 1, -200.0):
                for tag in (False, True):
                    self.assertEqual(self.performed(effect, silence, tag=tag), Done("m_AG5Hz2U"))
                    self.assertEqual(self.asked(), ["RESPONSE"])

    def test_after_a_day_nothing_is_asked_of_meta(self) -> None:
        for effect in (TEXT, *GATEWAYS):
            for silence in (DAY, DAY + 1, 30 * DAY):
                self.assert_closed(self.performed(effect, silence))
        self.assertEqual(self.asked(), ASKED_NOTHING)

    def test_the_reason_is_in_words(self) -> None:
        for silence, limit in ((DAY, "24 hours"), (6 * DAY, "24 hours"), (7 * DAY, "7 days")):
            outcome = self.performed(TEXT, silence)
            assert isinstance(outcome, Failed)
            self.assertIn(limit, outcome.detail)

    def test_a_silence_of_unknown_length_is_left_to_meta(self) -> None:
        for effect in (TEXT, *GATEWAYS):
            self.assertEqual(self.perform(effect), Done("m_AG5Hz2U"))
        self.assertEqual(self.asked(), ["RESPONSE"] * 3)

    def test_typing_and_seen_are_left_out_after_a_day(self) -> None:
        for effect in (TYPING, SEEN):
            for tag in (False, True):
                self.assertIsInstance(self.performed(effect, DAY, tag=tag), Dropped)
        self.assertEqual(self.graph.asked, [])
        for effect in (TYPING, SEEN):
            self.assertEqual(self.performed(effect, DAY - 1), Done())

    def test_a_name_may_always_be_asked_for(self) -> None:
        self.clock.advance(30 * DAY)
        self.perform(NAME)
        self.assertEqual(len(self.graph.asked), 1)


class TagTests(WindowCase):
    """chatwoot#15887, erxes PR#9177: tags on what is no late word of a person's."""

    def test_an_agents_text_goes_under_the_tag_for_seven_days(self) -> None:
        for silence in (DAY, 3 * DAY, 7 * DAY - 1):
            self.assertEqual(self.performed(TEXT, silence, tag=True), Done("m_AG5Hz2U"))
            [asked] = self.graph.asked
            self.assertEqual(asked.json["messaging_type"], "MESSAGE_TAG")
            self.assertEqual(asked.json["message"]["metadata"], "chatgw:e1")
            self.assertEqual(self.asked(), ["HUMAN_AGENT"])

    def test_after_seven_days_nothing_is_sent(self) -> None:
        self.assert_closed(self.performed(TEXT, 7 * DAY, tag=True))
        self.assertEqual(self.asked(), ASKED_NOTHING)

    def test_what_the_gateway_says_is_never_tagged(self) -> None:
        for effect in GATEWAYS:
            for silence in (DAY, 3 * DAY):
                self.assert_closed(self.performed(effect, silence, tag=True))
        self.assertEqual(self.asked(), ASKED_NOTHING)

    def test_without_leave_nothing_is_tagged(self) -> None:
        for silence in (0.0, DAY - 1, DAY, 3 * DAY):
            self.performed(TEXT, silence)
        self.assertEqual(self.asked(), ["RESPONSE", "RESPONSE"])


class RefusedTests(WindowCase):
    """Meta measures the window for itself, and may know of less than we do."""

    def setUp(self) -> None:
        super().setUp()
        self.tagged = SENT
        self.graph.reply = self._reply

    def _reply(self, request: Request) -> Deferred[bytes]:
        tagged = "tag" in self.graph.asked[-1].json
        return (self.tagged if tagged else self.refused)(request)

    refused: Callable[[Request], Deferred[bytes]] = staticmethod(error(10, 2018278, 403))

    def test_an_agents_text_that_is_refused_is_sent_once_more_under_the_tag(self) -> None:
        for code, subcode in OUTSIDE:
            self.refused = error(code, subcode, 403)
            for silence in (0.0, DAY - 1):
                self.assertEqual(self.performed(TEXT, silence, tag=True), Done("m_AG5Hz2U"))
                self.assertEqual(self.asked(), ["RESPONSE", "HUMAN_AGENT"])

    def test_so_it_is_where_nobody_knows_when_the_customer_was_heard(self) -> None:
        self.messenger = self.channel(human_agent=True)
        self.assertEqual(self.perform(TEXT), Done("m_AG5Hz2U"))
        self.assertEqual(self.asked(), ["RESPONSE", "HUMAN_AGENT"])

    def test_where_the_tag_is_not_allowed_the_refusal_stands(self) -> None:
        self.assert_closed(self.performed(TEXT, 60.0))
        for effect in GATEWAYS:
            self.assert_closed(self.performed(effect, 60.0, tag=True))
        self.assertEqual(self.asked(), ["RESPONSE"] * 3)

    def test_any_other_refusal_is_no_reason_for_the_tag(self) -> None:
        for code, subcode in ((551, 1545041), (10, None), (190, None), (2, None), (613, None)):
            self.refused = error(code, subcode)
            self.assertIsInstance(self.performed(TEXT, 60.0, tag=True), Failed)
        self.assertEqual(self.asked(), ["RESPONSE"] * 5)

    def test_without_an_answer_nothing_is_sent_again(self) -> None:
        """It may have been sent; a second message would repeat it."""
        self.refused = hang
        self.messenger = self.channel(human_agent=True)
        performing = self.messenger.perform(TEXT)
        self.stub.flush()
        self.clock.advance(10.0)
        self.assertIsInstance(self.successResultOf(performing), Unknown)
        self.assertEqual(self.asked(), ["RESPONSE"])

    def test_what_comes_of_the_tagged_message_counts(self) -> None:
        for code, subcode, kind in (
            (10, 2018278, FailureKind.WINDOW_CLOSED),
            (10, 2534077, FailureKind.PERMISSION),
            (2, None, FailureKind.TRANSIENT),
        ):
            self.tagged = error(code, subcode)
            outcome = self.performed(TEXT, 60.0, tag=True)
            assert isinstance(outcome, Failed)
            self.assertIs(outcome.kind, kind)
            self.assertEqual(self.asked(), ["RESPONSE", "HUMAN_AGENT"])
