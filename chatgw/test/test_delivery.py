"""Lanes: their order, what they survive, and what they drop."""

from __future__ import annotations

from chatgw.delivery import MOST_QUEUED, Unanswered
from chatgw.failures import FailureKind
from chatgw.test.deliveries import DOWN, REFUSED, DeliveryTestCase
from chatgw.test.fakes import HOLD, Answer
from chatgw.values import (
    Done,
    Dropped,
    Effect,
    Failed,
    LookUpName,
    Say,
    SendText,
    Unknown,
)


class BrokenSet(set[str]):
    """Breaks whoever asks about one of its elements."""

    def __contains__(self, element: object) -> bool:
        return super().__contains__(element) and bool(1 / 0)


class OrderTests(DeliveryTestCase):
    """One lane for each customer, and one to the desk for each conversation."""

    def test_one_at_a_time_in_order(self) -> None:
        self.peer.will(SendText, HOLD, HOLD)
        for name in "abc":
            self.text(name)
        self.assertEqual(self.attempts(), ["a"])
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "b"])
        self.peer.held[1].answer(Done())
        self.assertEqual(self.settled, [("a", Done()), ("b", Done()), ("c", Done())])

    def test_a_retry_keeps_its_place(self) -> None:
        self.peer.will(SendText, DOWN, DOWN, Done())
        for name in "ab":
            self.text(name)
        self.pass_time(4)
        self.assertEqual(self.attempts(), ["a", "a", "a", "b"])
        self.assertEqual(self.times(), [0.0, 1.0, 4.0, 4.0])
        self.assertEqual([effect.id for effect in self.peer.reached], ["a", "b"])

    def test_a_final_failure_lets_the_next_go(self) -> None:
        self.peer.will(SendText, REFUSED)
        self.text("a")
        self.text("b")
        self.assertEqual(self.settled, [("a", REFUSED), ("b", Done())])

    def test_a_customer_who_hangs_delays_no_other(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a", customer="1")
        self.text("b", customer="2")
        self.assertEqual(self.settled, [("b", Done())])

    def test_the_two_directions_do_not_wait_for_each_other(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.say("b")
        self.assertEqual(self.settled, [("b", Done())])

    def test_an_older_conversation_does_not_delay_the_newer_ones_words(self) -> None:
        self.peer.will(Say, HOLD)
        self.say("a", session="old")
        self.say("b", session="new")
        self.assertEqual(self.settled, [("b", Done())])

    def test_nothing_waits_for_a_name(self) -> None:
        self.peer.will(LookUpName, HOLD)
        self.name("name")
        self.text("welcome")
        self.assertEqual(self.settled, [("welcome", Done())])

    def test_a_lane_that_was_empty_works_again(self) -> None:
        self.text("a")
        self.text("b")
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assertEqual(self.clock.getDelayedCalls(), [])


class SurvivalTests(DeliveryTestCase):
    """Nothing breaks a lane."""

    def test_an_attempt_that_breaks_is_an_unknown_outcome(self) -> None:
        self.policy = Unanswered(resend=False)
        self.peer.will(SendText, RuntimeError("broken"))
        self.text("a")
        self.text("b")
        self.pass_time(60)
        self.assertEqual(
            self.settled, [("a", Unknown("an unforeseen RuntimeError")), ("b", Done())]
        )
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_a_peer_that_does_not_even_begin_is_an_unknown_outcome(self) -> None:
        def broken(effect: Effect) -> Answer:
            raise RuntimeError("broken")

        self.peer.usually = broken
        self.name("a")
        self.assertEqual(self.settled, [("a", Unknown("an unforeseen RuntimeError"))])
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_what_cannot_even_be_judged_lets_the_next_go(self) -> None:
        self.stale = BrokenSet({"a"})
        self.text("a")
        self.text("b")
        self.assertEqual(
            self.settled, [("a", Unknown("an unforeseen ZeroDivisionError")), ("b", Done())]
        )
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_a_full_lane_says_so_at_once(self) -> None:
        self.peer.will(SendText, HOLD)
        for number in range(MOST_QUEUED + 2):
            self.text(str(number))
        full = Failed(FailureKind.EXPIRED, "1000 wait for delivery already")
        self.assertEqual(self.settled, [("1000", full), ("1001", full)])
        self.peer.held[0].answer(Done())
        self.assertEqual(len(self.peer.reached), MOST_QUEUED)
        self.text("more")
        self.assertEqual(self.settled[-1], ("more", Done()))

    def test_its_refusal_is_told_until_that_is_taken_in_and_nothing_waits_for_it(self) -> None:
        self.peer.will(SendText, HOLD)
        for number in range(MOST_QUEUED):
            self.text(str(number))
        self.settling = full
        self.text("more", customer="1")
        self.text("other", customer="2")
        self.pass_time(600)
        self.assertEqual(self.settled, [])
        self.settling = lambda: None
        self.pass_time(10)
        self.assertEqual({name for name, _ in self.settled}, {"more", "other"})
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 2)

    def test_its_refusal_is_left_to_the_next_process_at_a_stop(self) -> None:
        self.peer.will(SendText, HOLD)
        for number in range(MOST_QUEUED):
            self.text(str(number))
        self.settling = full
        self.text("more")
        self.delivery.stop()
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["0"])
        self.assertEqual(self.settled, [])
        self.assert_nothing_is_left()
        self.flushLoggedErrors(OSError)

    def test_what_a_former_process_left_finds_room_in_a_full_lane(self) -> None:
        self.peer.will(SendText, HOLD)
        for number in range(MOST_QUEUED + 2):
            self.text(str(number), tried=0)
        self.assertEqual(self.settled, [])
        self.peer.held[0].answer(Done())
        self.assertEqual(len(self.peer.reached), MOST_QUEUED + 2)


def full() -> None:
    """The journal takes nothing."""
    raise OSError("no space left")


class StaleTests(DeliveryTestCase):
    """What has lost its point is not delivered."""

    def test_it_is_dropped_when_its_turn_comes(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("welcome")
        self.text("finding an expert")
        self.text("hello")
        self.stale.add("finding an expert")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["welcome", "hello"])
        self.assertIn(("finding an expert", Dropped("the conversation has moved on")), self.settled)

    def test_it_is_dropped_rather_than_retried(self) -> None:
        self.peer.will(SendText, DOWN)
        self.text("finding an expert")
        self.stale.add("finding an expert")
        self.pass_time(1)
        self.assertEqual(
            self.settled, [("finding an expert", Dropped("the conversation has moved on"))]
        )

    def test_what_waited_longer_than_it_is_of_use_is_not_tried(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.text("b")
        self.pass_time(970, step=1.0)
        self.assertEqual(self.attempts(), ["a"])
        late = Failed(FailureKind.EXPIRED, "not attempted: its turn came too late")
        self.assertEqual(self.settled, [("a", Unknown("no answer within 900.0 s")), ("b", late)])
