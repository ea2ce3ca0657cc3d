"""Typing dots among texts, and how lanes stop."""

from __future__ import annotations

from chatgw.delivery import GRACE
from chatgw.test.deliveries import DOWN, DeliveryTestCase
from chatgw.test.fakes import HOLD
from chatgw.test.world import address
from chatgw.values import Done, Dropped, MarkSeen, SendText, SendTyping, Unknown

NEWER = Dropped("something newer came")


class TypingTests(DeliveryTestCase):
    """Typing is of use at once or not at all."""

    def test_on_a_free_lane_it_goes_at_once(self) -> None:
        self.typing("dots")
        self.assertEqual(self.settled, [("dots", Done())])

    def test_a_text_makes_dots_that_wait_pointless(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("dots")
        self.text("b")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assertEqual(self.settled[0], ("dots", NEWER))

    def test_dots_after_a_text_follow_it(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("dots")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "dots"])

    def test_dots_never_go_between_texts_that_wait(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.text("b")
        self.typing("dots")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "b", "dots"])

    def test_only_the_last_dots_go(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("composing", "composing")
        self.typing("paused", "paused")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "paused"])
        self.assertEqual(self.settled[0], ("composing", NEWER))

    def test_dots_and_seen_marks_do_not_replace_each_other(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.delivery.owe(MarkSeen(id="seen", address=address("1"), session="s1", at=1000.0))
        self.typing("dots")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "seen", "dots"])

    def test_dots_are_not_shown_late(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("dots")
        self.pass_time(3)
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled[-1], ("dots", Dropped("of no use any more")))

    def test_dots_are_not_retried(self) -> None:
        self.peer.will(SendTyping, DOWN)
        self.typing("dots")
        self.assertEqual(self.settled, [("dots", DOWN)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_dots_that_hang_delay_a_text_by_three_seconds_at_most(self) -> None:
        self.peer.will(SendTyping, HOLD)
        self.typing("dots")
        self.text("a")
        self.pass_time(2.5)
        self.assertEqual(self.attempts(), ["dots"])
        self.pass_time(0.5)
        self.assertEqual(self.settled, [("dots", Unknown("no answer within 3.0 s")), ("a", Done())])


class StopTests(DeliveryTestCase):
    """Stopping begins nothing, and does not wait for long."""

    def test_with_nothing_under_way_it_is_immediate(self) -> None:
        self.text("a")
        self.assertIsNone(self.successResultOf(self.delivery.stop()))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_is_under_way_may_end_and_is_settled(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.text("b")
        stopped = self.delivery.stop()
        self.assertNoResult(stopped)
        self.peer.held[0].answer(Done())
        self.successResultOf(stopped)
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled, [("a", Done())])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_pause_ends_at_once_and_leaves_the_effect_unsettled(self) -> None:
        self.peer.will(SendText, DOWN)
        self.text("a")
        self.successResultOf(self.delivery.stop())
        self.assertEqual(self.settled, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_failure_while_stopping_is_not_waited_out(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        stopped = self.delivery.stop()
        self.peer.held[0].answer(DOWN)
        self.successResultOf(stopped)
        self.assertEqual(self.settled, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_peer_that_hangs_is_given_its_grace(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        stopped = self.delivery.stop()
        self.pass_time(GRACE - 0.5)
        self.assertNoResult(stopped)
        self.pass_time(0.5)
        self.successResultOf(stopped)

    def test_one_that_answers_after_the_grace_does_no_harm(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.delivery.stop()
        self.pass_time(GRACE)
        self.peer.held[0].answer(Done())
        self.assertEqual(self.settled, [("a", Done())])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nothing_is_begun_afterwards(self) -> None:
        self.delivery.stop()
        self.text("a")
        self.say("b")
        self.typing("dots")
        self.assertEqual(self.attempts(), [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_an_outcome_that_is_not_taken_in_does_not_keep_it(self) -> None:
        def settling() -> None:
            raise OSError("no space left")

        self.settling = settling
        self.text("a")
        self.successResultOf(self.delivery.stop())
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.flushLoggedErrors(OSError)
