"""SocialMiner at its worst: it hangs, cuts off, floods, lies or is not there."""

from __future__ import annotations

from typing import NoReturn

from treq.client import HTTPClient
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.circuit import Circuit
from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.net.client import Client
from chatgw.test.faulty import RefusingAgent, cut_off, hang, slam
from chatgw.test.test_socialminer_desk import (
    CHAT,
    LEAVE,
    OPEN,
    RATE,
    SAY,
    DeskTestCase,
    desk_on,
    reply,
)
from chatgw.test.test_socialminer_errors import api_errors
from chatgw.values import Failed, OpenChat, Outcome, Unknown

EFFECTS = (OPEN, SAY, LEAVE, RATE)


class FaultTests(DeskTestCase):
    """Every call ends, and its outcome claims no more than is known."""

    def test_hanging_ends_at_the_deadline_as_unknown(self) -> None:
        self.peer.reply = hang
        for effect in EFFECTS:
            with self.subTest(effect=effect):
                performing = self.desk.perform(effect)
                self.stub.flush()
                self.assertNoResult(performing)
                # A slow opening would leave a contact without an owner: it has the longest.
                self.clock.advance(19.9 if isinstance(effect, OpenChat) else 9.9)
                self.assertNoResult(performing)
                self.clock.advance(0.1)
                self.assertIsInstance(self.successResultOf(performing), Unknown)

    def test_a_poll_that_hangs_ends_at_the_deadline_as_transient(self) -> None:
        self.peer.reply = hang
        polling = self.desk.poll(CHAT, 0)
        self.stub.flush()
        self.clock.advance(10)
        self.assert_transient(self.successResultOf(polling))

    def test_an_answer_cut_off_leaves_the_outcome_unknown(self) -> None:
        for fault in (cut_off, slam):
            self.peer.reply = fault
            for effect in EFFECTS:
                with self.subTest(fault=fault, effect=effect):
                    self.assertIsInstance(self.perform(effect), Unknown)

    def test_a_poll_cut_off_is_transient(self) -> None:
        for fault in (cut_off, slam):
            with self.subTest(fault=fault):
                self.peer.reply = fault
                self.assert_transient(self.poll())

    def test_a_flood_is_not_swallowed(self) -> None:
        self.peer.reply = reply(200, b"<chatEvents>" + b" " * 2_000_000 + b"</chatEvents>")
        self.assert_transient(self.poll())
        self.assertIsInstance(self.perform(SAY), Unknown)

    def test_a_poll_answered_with_something_else_is_transient(self) -> None:
        for body in (
            b"",
            b"<html><body>Please log in</body></html>",
            b'{"chatEvents": []}',
            b"<chatEvents><StatusEvent>",
            b'<!DOCTYPE x [<!ENTITY a "b">]><chatEvents>&a;</chatEvents>',
            b"\xff\xfe\x00",
        ):
            with self.subTest(body=body):
                self.peer.reply = reply(200, body)
                self.assert_transient(self.poll())

    def test_the_desk_is_whole_again_after_a_fault(self) -> None:
        self.peer.reply = slam
        self.poll()
        self.peer.reply = reply(200, b"<chatEvents/>")
        self.assertIsInstance(self.poll(), Batch)

    def assert_transient(self, outcome: Batch | Outcome) -> None:
        assert isinstance(outcome, Failed)
        self.assertEqual(outcome.kind, FailureKind.TRANSIENT)


class SayingTests(DeskTestCase):
    """A text that may have been taken must not be called refused: it would be said twice."""

    def test_a_text_may_have_been_taken_unless_socialminer_itself_refused_it(self) -> None:
        page = b"<html>Bad gateway</html>"
        own = api_errors("badRequest", "no")
        for code, body in [
            *((code, body) for code in (500, 502, 503, 504) for body in (b"", page, own)),
            *((code, page) for code in (302, 400, 403, 404)),
            (302, b""),
            (404, b"Not Found"),
        ]:
            with self.subTest(code=code, body=body):
                self.peer.reply = reply(code, body)
                outcome = self.perform(SAY)
                assert isinstance(outcome, Unknown)
                self.assertIn(f"SocialMiner answered {code}", outcome.detail)
        for code, body, kind in [
            (200, own, FailureKind.BAD_REQUEST),
            (400, own, FailureKind.BAD_REQUEST),
            (400, b"", FailureKind.BAD_REQUEST),
            (403, b"", FailureKind.PERMISSION),
            (404, b"", FailureKind.RECIPIENT_GONE),
            (429, page, FailureKind.THROTTLED),
            (500, api_errors("notFound"), FailureKind.RECIPIENT_GONE),
        ]:
            with self.subTest(code=code, body=body):
                self.peer.reply = reply(code, body)
                failed = self.perform(SAY)
                assert isinstance(failed, Failed)
                self.assertEqual(failed.kind, kind)


class NobodyThereTests(SynchronousTestCase):
    """A connection refused is certain: nothing was done."""

    def test_effects_and_polls_are_transient_failures(self) -> None:
        desk = desk_on(Client(HTTPClient(RefusingAgent()), Clock()))
        refused = Failed(FailureKind.TRANSIENT, "connection refused")
        for effect in EFFECTS:
            with self.subTest(effect=effect):
                self.assertEqual(self.successResultOf(desk.perform(effect)), refused)
        self.assertEqual(self.successResultOf(desk.poll(CHAT, 0)), refused)
        self.assertEqual(self.successResultOf(desk.count_said(CHAT)), refused)


class CrowdedTests(DeskTestCase):
    """A call that never had its turn says nothing about SocialMiner."""

    def test_it_was_not_made_and_our_own_line_is_to_blame(self) -> None:
        self.desk = desk_on(Client(self.stub, self.clock, most=1))
        self.peer.reply = hang
        self.desk.perform(OPEN)
        self.stub.flush()
        said, polled = self.desk.perform(SAY), self.desk.poll(CHAT, 0)
        counted = self.desk.count_said(CHAT)
        self.clock.advance(10)
        busy = Failed(FailureKind.BUSY, "no free connection within 10 s")
        self.assertEqual(self.successResultOf(said), busy)
        self.assertEqual(self.successResultOf(polled), busy)
        self.assertEqual(self.successResultOf(counted), busy)
        self.assertEqual(len(self.peer.received), 1)

    def test_it_opens_no_circuit_and_closes_none(self) -> None:
        circuit = Circuit(self.clock, "SocialMiner")
        for caller in range(9):
            circuit.told(caller, Failed(FailureKind.BUSY, "no free connection"))
        self.assertEqual(circuit.trouble, "")
        circuit.told("a", Failed(FailureKind.THROTTLED, "429"))
        circuit.told("b", Failed(FailureKind.BUSY, "no free connection"))
        self.assertEqual(circuit.trouble, "throttled: 429")


class OwnMistakeTests(SynchronousTestCase):
    """A mistake within chatgw is logged and still ends in an outcome."""

    def test_a_mistake_is_logged_and_its_outcome_is_unknown(self) -> None:
        desk = desk_on(MistakenClient(HTTPClient(RefusingAgent()), Clock()))
        self.assertEqual(
            self.successResultOf(desk.perform(SAY)), Unknown("mistake in chatgw: ZeroDivisionError")
        )
        self.assertIsInstance(self.successResultOf(desk.poll(CHAT, 0)), Failed)
        self.assertIsInstance(self.successResultOf(desk.count_said(CHAT)), Failed)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 3)


class MistakenClient(Client):
    """Breaks its promise to raise nothing but `CallFailed`."""

    async def call(self, *args: object, **kwargs: object) -> NoReturn:
        raise ZeroDivisionError
