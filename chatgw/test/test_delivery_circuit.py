"""Lanes towards a peer that is not to be called."""

from __future__ import annotations

from twisted.internet.defer import Deferred, fail, succeed

from chatgw.failures import FailureKind
from chatgw.test.deliveries import (
    DOWN,
    EXPIRED_TOKEN,
    LOST,
    THROTTLED,
    DeliveryTestCase,
)
from chatgw.test.fakes import HOLD
from chatgw.values import Done, Dropped, Failed, Lane, Say, SendText


class HeldTests(DeliveryTestCase):
    """What concerns everybody holds everybody."""

    def test_everybody_waits_while_a_page_is_throttled_and_goes_in_order(self) -> None:
        self.peer.will(SendText, THROTTLED)
        for customer in "123":
            self.text(f"a{customer}", customer)
            self.text(f"b{customer}", customer)
        self.pass_time(59)
        self.assertEqual(self.attempts(), ["a1"])
        self.pass_time(1)
        self.assertEqual(self.attempts(), ["a1", "a1", "b1", "a2", "b2", "a3", "b3"])
        self.assertEqual({outcome for _, outcome in self.settled}, {Done()})
        self.assert_nothing_is_left()

    def test_the_desk_is_another_peer(self) -> None:
        self.peer.will(SendText, EXPIRED_TOKEN)
        self.text("a")
        self.say("b")
        self.assertEqual(self.settled, [("b", Done())])

    def test_the_probe_is_what_waited_longest(self) -> None:
        self.peer.usually = lambda effect: EXPIRED_TOKEN
        for customer in "123":
            self.text(f"a{customer}", customer)
        self.pass_time(60)
        self.assertEqual(self.attempts(), ["a1", "a1"])
        self.pass_time(120)
        self.assertEqual(self.attempts(), ["a1", "a1", "a2"])
        self.pass_time(240)
        self.assertEqual(self.attempts(), ["a1", "a1", "a2", "a3"])

    def test_what_was_refused_for_all_its_time_has_failed_for_that(self) -> None:
        self.peer.usually = lambda effect: EXPIRED_TOKEN
        self.text("a")
        self.pass_time(900)
        self.assertEqual(self.times(), [0, 60, 180, 420])
        given_up = Failed(FailureKind.CREDENTIALS, "190/463; given up after 4 attempts")
        self.assertEqual(self.settled, [("a", given_up)])
        self.assert_nothing_is_left()

    def test_what_was_never_attempted_says_why(self) -> None:
        self.peer.will(Say, THROTTLED)
        self.say("a", session="other")
        self.open()
        self.pass_time(20)
        self.assertEqual(self.attempts(), ["a"])
        reason = "not attempted: throttled: 613"
        self.assertEqual(self.settled, [("open", Failed(FailureKind.EXPIRED, reason))])

    def test_what_has_lost_its_point_while_it_waited_is_not_sent(self) -> None:
        self.peer.will(SendText, THROTTLED)
        self.text("a", customer="1")
        self.text("b", customer="2")
        self.text("c", customer="3")
        self.pass_time(59)
        self.stale |= {"a", "b"}
        self.pass_time(1)
        self.assertEqual(self.attempts(), ["a", "c"])
        moved_on = Dropped("the conversation has moved on")
        self.assertEqual(self.settled, [("a", moved_on), ("b", moved_on), ("c", Done())])

    def test_an_echo_ends_the_waiting(self) -> None:
        self.peer.will(SendText, THROTTLED)
        self.text("a")
        self.echo("a")
        self.assertEqual(self.settled, [("a", Done("m_1"))])
        self.assert_nothing_is_left()

    def test_what_cannot_be_noted_leaves_the_probe_to_another(self) -> None:
        self.peer.will(SendText, THROTTLED)
        self.text("a", customer="1")
        self.text("b", customer="2")
        self.marking = lambda: fail(OSError()) if self.marks[-1] == ("a", 1) else succeed(None)
        self.pass_time(60)
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assertEqual(self.settled, [("b", Done())])
        self.flushLoggedErrors(OSError)

    def test_what_needs_no_attempt_any_more_leaves_it_as_well(self) -> None:
        self.peer.will(SendText, THROTTLED)
        self.text("a", customer="1")
        self.text("b", customer="2")
        noted: Deferred[None] = Deferred()
        self.marking = lambda: noted if self.marks[-1] == ("a", 1) else succeed(None)
        self.pass_time(60)
        self.echo("a")
        noted.callback(None)
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assertEqual(self.settled, [("b", Done()), ("a", Done("m_1"))])


class SilentPeerTests(DeliveryTestCase):
    """A dead peer is probed, not hammered."""

    def test_after_three_customers_without_an_answer_only_one_asks(self) -> None:
        self.peer.usually = lambda effect: DOWN
        for number in range(50):
            self.text("a", customer=str(number))
        self.assertEqual(len(self.attempts()), 3)
        self.pass_time(60)
        self.assertLess(len(self.attempts()), 10)
        self.peer.usually = lambda effect: Done()
        self.pass_time(60)
        self.assertEqual(len(self.settled), 50)
        self.assert_nothing_is_left()

    def test_one_customer_alone_proves_nothing(self) -> None:
        self.peer.will(SendText, *[DOWN] * 5)
        self.text("a", customer="1")
        self.pass_time(60)
        self.text("b", customer="2")
        self.assertEqual(self.settled[-1], ("b", Done()))

    def test_a_call_whose_echo_came_first_is_told_all_the_same(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.echo("a")
        self.peer.held[0].answer(THROTTLED)
        self.assertFalse(self.circuits[Lane.CUSTOMER].admits())

    def test_one_that_breaks_is_told_as_well(self) -> None:
        self.peer.will(Say, *[RuntimeError("broken")] * 3)
        self.record.extend([None] * 3)
        for number in range(3):
            self.say("a", session=str(number))
        self.assertTrue(self.circuits[Lane.DESK].trouble)
        self.flushLoggedErrors(RuntimeError)

    def test_the_desk_is_asked_about_doubts_only_when_it_may_be_called(self) -> None:
        self.peer.will(Say, LOST, LOST, LOST)
        self.record.extend([None] * 2)
        for number in range(3):
            self.say("a", session=str(number))
        self.assertEqual(self.asked, [0, 0])
        self.record.extend([True] * 3)
        self.pass_time(10)
        self.assertEqual(len(self.settled), 3)
        self.assert_nothing_is_left()

    def test_a_desk_that_does_not_say_what_it_has_is_not_asked_by_everybody(self) -> None:
        self.peer.will(Say, *[LOST] * 50)
        self.record.extend([None] * 1000)
        for number in range(50):
            self.say("a", session=str(number))
        self.pass_time(60)
        self.assertTrue(self.circuits[Lane.DESK].trouble)
        self.assertLess(len(self.asked) + len(self.attempts()), 20)


class HurriedTests(DeliveryTestCase):
    """What nobody waits for does not wait either."""

    def setUp(self) -> None:
        super().setUp()
        self.circuits[Lane.CUSTOMER].told("somebody", THROTTLED)

    def test_a_name(self) -> None:
        self.name("name")
        failed = Failed(FailureKind.TRANSIENT, "not asked: throttled: 613")
        self.assertEqual(self.settled, [("name", failed)])

    def test_typing(self) -> None:
        self.typing("dots")
        self.assertEqual(self.settled, [("dots", Dropped("customer is not called for now"))])

    def test_a_name_may_be_the_probe(self) -> None:
        self.pass_time(60)
        self.name("name")
        self.assertEqual(self.attempts(), ["name"])
        self.assertEqual(self.circuits[Lane.CUSTOMER].trouble, "")


class StoppedTests(DeliveryTestCase):
    """Stopping ends the waiting."""

    def test_who_waits_for_a_peer_is_left_to_the_next_process(self) -> None:
        self.peer.will(SendText, THROTTLED)
        self.text("a", customer="1")
        self.text("b", customer="2")
        self.successResultOf(self.delivery.stop())
        self.assertEqual(self.settled, [])
        self.assertEqual(self.marks, [("a", 1), ("a", 0)])
        self.assert_nothing_is_left()
