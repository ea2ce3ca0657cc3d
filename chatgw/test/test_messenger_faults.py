"""The Graph API at its worst: it hangs, cuts off, floods, lies or is not there."""

from __future__ import annotations

from typing import NoReturn

from attrs import evolve
from treq.client import HTTPClient
from twisted.internet.task import Clock

from chatgw.channels.graph import ANSWER_LIMIT
from chatgw.failures import FailureKind
from chatgw.net.client import Client
from chatgw.test.faulty import RefusingAgent, cut_off, hang, slam
from chatgw.test.messenger_graph import (
    CHOICES,
    NAME,
    SEEN,
    TEXT,
    TOKEN,
    TYPING,
    MessengerCase,
    answer,
)
from chatgw.values import Effect, Failed, Outcome, Unknown

SENT = (TEXT, CHOICES, TYPING, SEEN)
HTML = b"<html><title>Sorry, something went wrong.</title></html>"


class BrokenClient(Client):
    """Raises what no client should."""

    def __init__(self) -> None:
        pass

    async def call(self, *_: object, **__: object) -> NoReturn:
        raise ZeroDivisionError(TOKEN)


class FaultTests(MessengerCase):
    """Every call ends, and its outcome claims no more than is known."""

    def assert_failed(self, outcome: Outcome, kind: FailureKind) -> None:
        assert isinstance(outcome, Failed), outcome
        self.assertIs(outcome.kind, kind)
        self.assertNotIn(TOKEN, outcome.detail)

    def test_a_message_without_answer_may_have_been_sent(self) -> None:
        self.graph.reply = hang
        for effect in (TEXT, CHOICES):
            performing = self.messenger.perform(effect)
            self.stub.flush()
            self.clock.advance(9.9)
            self.assertNoResult(performing)
            self.clock.advance(0.1)
            self.assertIsInstance(self.successResultOf(performing), Unknown)

    def test_typing_and_seen_wait_three_seconds_at_most(self) -> None:
        self.graph.reply = hang
        for effect in (TYPING, SEEN):
            performing = self.messenger.perform(effect)
            self.stub.flush()
            self.clock.advance(2.9)
            self.assertNoResult(performing)
            self.clock.advance(0.1)
            self.assertIsInstance(self.successResultOf(performing), Unknown)

    def test_one_that_hangs_holds_nobody_else(self) -> None:
        """The original sent to all customers one after another, 10.5 s each."""
        self.graph.reply = hang
        hanging = self.messenger.perform(TEXT)
        self.stub.flush()
        self.graph.reply = answer({"message_id": "m_1"})
        self.perform(evolve(TEXT, id="other"))
        self.assertNoResult(hanging)
        self.clock.advance(10)
        self.successResultOf(hanging)

    def test_an_answer_cut_off_leaves_the_outcome_unknown(self) -> None:
        for fault in (cut_off, slam):
            self.graph.reply = fault
            for effect in SENT:
                self.assertIsInstance(self.perform(effect), Unknown)
            self.assert_failed(self.perform(NAME), FailureKind.EXPIRED)

    def test_a_flood_is_not_read_to_its_end(self) -> None:
        self.graph.reply = answer(b'{"message_id": "' + b"x" * ANSWER_LIMIT + b'"}')
        for effect in SENT:
            self.assertIsInstance(self.perform(effect), Unknown)
        self.assert_failed(self.perform(NAME), FailureKind.EXPIRED)

    def test_a_yes_that_cannot_be_read_leaves_the_outcome_unknown(self) -> None:
        replies: list[object] = [b"", HTML, b"\xff\x00", b"[" * 60_000, [], None, "yes", 1, {}]
        for reply in replies:
            self.graph.reply = answer(reply)
            for effect in SENT:
                self.assertIsInstance(self.perform(effect), Unknown, reply)

    def test_a_message_without_its_id_may_not_have_been_sent(self) -> None:
        odd: list[object] = [None, "", [], {}]
        for message_id in odd:
            self.graph.reply = answer({"recipient_id": "1", "message_id": message_id})
            self.assertIsInstance(self.perform(TEXT), Unknown)

    def test_a_no_that_cannot_be_read_is_taken_by_its_status(self) -> None:
        for status, kind in (
            (301, FailureKind.UNCLEAR),
            (400, FailureKind.UNCLEAR),
            (403, FailureKind.UNCLEAR),
            (404, FailureKind.UNCLEAR),
            (429, FailureKind.THROTTLED),
            (500, FailureKind.TRANSIENT),
            (502, FailureKind.TRANSIENT),
            (503, FailureKind.TRANSIENT),
        ):
            for body in (HTML, b"", b"[]", b'{"error": "SAID"}', b'{"error": []}', b"[" * 60_000):
                self.graph.reply = answer(body, status)
                for effect in SENT:
                    self.assert_failed(self.perform(effect), kind)

    def test_an_error_with_a_200_is_an_error(self) -> None:
        self.graph.reply = answer({"error": {"code": 190}, "message_id": "m_1"})
        self.assert_failed(self.perform(TEXT), FailureKind.CREDENTIALS)

    def test_a_redirection_is_not_followed(self) -> None:
        """It would carry the token to wherever it points."""
        self.graph.reply = answer(b"", 307, Location="https://elsewhere.test/")
        self.assert_failed(self.perform(TEXT), FailureKind.UNCLEAR)
        self.assertEqual(len(self.graph.asked), 1)

    def test_nobody_there_is_certainly_not_sent(self) -> None:
        client = Client(HTTPClient(RefusingAgent()), Clock())
        self.messenger = evolve(self.messenger, client=client)
        for effect in SENT:
            self.assert_failed(self.perform(effect), FailureKind.TRANSIENT)
        self.assert_failed(self.perform(NAME), FailureKind.EXPIRED)

    def test_what_never_had_its_turn_is_our_own_lines_fault(self) -> None:
        self.graph.reply = hang
        self.messenger = evolve(self.messenger, client=Client(self.stub, self.clock, most=1))
        self.messenger.perform(evolve(TEXT, id="first"))
        calls = [self.messenger.perform(effect) for effect in (TEXT, TYPING)]
        named = self.messenger.perform(NAME)
        self.clock.advance(9.9)
        self.stub.flush()
        self.clock.advance(0.1)
        for call in calls:
            self.assert_failed(self.successResultOf(call), FailureKind.BUSY)
        self.assert_failed(self.successResultOf(named), FailureKind.EXPIRED)
        self.assertEqual(len(self.graph.asked), 1)

    def test_a_mistake_of_ours_is_an_outcome_and_is_logged(self) -> None:
        self.messenger = evolve(self.messenger, client=BrokenClient())
        effects: tuple[Effect, ...] = (*SENT, NAME)
        for effect in effects:
            self.assertEqual(self.perform(effect), Unknown("an unforeseen ZeroDivisionError"))
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), len(effects))

    def test_cancelling_ends_the_call_with_an_outcome(self) -> None:
        self.graph.reply = hang
        performing = self.messenger.perform(TEXT)
        self.stub.flush()
        performing.cancel()
        self.assertIsInstance(self.successResultOf(performing), Unknown)
        self.assertEqual(self.clock.getDelayedCalls(), [])
