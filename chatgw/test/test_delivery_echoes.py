"""Texts to the customer without an answer: the channel's echo decides, or the policy."""

from __future__ import annotations

from twisted.logger import LogLevel, capturedLogs, formatEvent

from chatgw.delivery import Unanswered
from chatgw.failures import FailureKind
from chatgw.interfaces import NotTakenError
from chatgw.test.deliveries import DOWN, LOST, REFUSED, START, DeliveryTestCase
from chatgw.test.fakes import HOLD
from chatgw.values import Done, Dropped, Failed, SendChoices, SendText, Unknown

ARRIVED = Done("m_1")


class EchoTests(DeliveryTestCase):
    """The proof that a text was delivered."""

    def test_it_settles_a_text_without_an_answer(self) -> None:
        self.peer.will(SendText, LOST)
        self.text("a")
        self.text("b")
        self.pass_time(59)
        self.assertEqual(self.settled, [])
        echo = self.echo("a")
        assert echo is not None
        self.successResultOf(echo)
        self.assertEqual(self.settled, [("a", ARRIVED), ("b", Done())])
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assert_nothing_is_left()

    def test_it_may_come_before_the_answer_and_the_lane_goes_on(self) -> None:
        for late in (Done(), DOWN, LOST, REFUSED):
            self.peer.will(SendText, HOLD)
            self.text("a")
            self.text("b")
            echo = self.echo("a")
            assert echo is not None
            self.successResultOf(echo)
            self.assertEqual(self.settled, [("a", ARRIVED), ("b", Done())])
            self.peer.held.pop().answer(late)
            self.assertEqual(len(self.settled), 2)
            self.settled.clear()
        self.assert_nothing_is_left()

    def test_it_may_come_during_a_pause(self) -> None:
        self.peer.will(SendText, DOWN)
        self.text("a")
        self.echo("a")
        self.assertEqual(self.settled, [("a", ARRIVED)])
        self.assert_nothing_is_left()

    def test_one_for_a_text_that_still_waits_saves_the_attempt(self) -> None:
        self.peer.will(SendText, HOLD)
        for name in "abc":
            self.text(name)
        echo = self.echo("b")
        assert echo is not None
        self.assertNoResult(echo)
        self.peer.held[0].answer(Done())
        self.successResultOf(echo)
        self.assertEqual(self.attempts(), ["a", "c"])
        self.assertEqual(self.settled, [("a", Done()), ("b", ARRIVED), ("c", Done())])

    def test_one_for_what_is_not_owed_is_nobodys(self) -> None:
        self.text("a")
        self.assertIsNone(self.echo("a"))
        self.peer.will(SendText, HOLD)
        self.text("b", customer="2")
        self.assertIsNone(self.echo("b"))

    def test_told_twice_it_settles_once(self) -> None:
        self.peer.will(SendText, HOLD, HOLD)
        self.text("a")
        self.text("b")
        echoes = [self.echo("b"), self.echo("b")]
        self.peer.held[0].answer(Done())
        for echo in echoes:
            assert echo is not None
            self.successResultOf(echo)
        self.assertEqual(self.settled, [("a", Done()), ("b", ARRIVED)])


class ResendTests(DeliveryTestCase):
    """No echo: sent again once, or given up."""

    def test_without_an_echo_a_text_is_sent_again_and_the_log_says_so(self) -> None:
        self.peer.will(SendText, LOST)
        self.peer.will(SendChoices, LOST)
        with capturedLogs() as logged:
            self.text("a")
            self.choices("b")
            self.pass_time(120)
        self.assertEqual(self.times(), [0, 60, 60, 120])
        self.assertEqual(self.settled, [("a", Done()), ("b", Done())])
        self.assertEqual(
            [formatEvent(event) for event in logged if event["log_level"] is LogLevel.warn],
            [
                f"Sending {what} again without knowing whether it was delivered: no answer,"
                " and no echo within 60 s. [ID=1]"
                for what in ("SendText", "SendChoices")
            ],
        )

    def test_it_is_sent_again_once_at_most(self) -> None:
        self.peer.will(SendText, LOST, LOST)
        self.text("a")
        self.pass_time(119.5)
        self.assertEqual(self.settled, [])
        self.pass_time(0.5)
        self.assertEqual(self.attempts(), ["a", "a"])
        self.assertEqual(self.settled, [("a", LOST)])
        self.assert_nothing_is_left()

    def test_an_echo_after_the_second_time_settles_it(self) -> None:
        self.peer.will(SendText, LOST, LOST)
        self.text("a")
        self.pass_time(90)
        self.echo("a")
        self.assertEqual(self.settled, [("a", ARRIVED)])

    def test_it_may_be_given_up_instead(self) -> None:
        self.policy = Unanswered(echo_wait=10.0, resend=False)
        self.peer.will(SendText, LOST)
        self.text("a")
        self.pass_time(9.5)
        self.assertEqual(self.settled, [])
        self.pass_time(0.5)
        self.assertEqual(self.settled, [("a", LOST)])
        self.assertEqual(self.attempts(), ["a"])

    def test_what_came_to_nothing_afterwards_does_not_count_as_another_copy(self) -> None:
        self.peer.will(SendText, LOST, DOWN, DOWN, LOST)
        self.text("a")
        self.pass_time(200)
        self.assertEqual(self.times(), [0, 60, 61, 64])
        self.assertEqual(self.settled, [("a", LOST)])

    def test_failures_afterwards_do_not_hide_that_it_may_have_arrived(self) -> None:
        self.peer.usually = lambda effect: DOWN
        self.peer.will(SendText, LOST)
        self.text("a")
        self.pass_time(900)
        [(_, outcome)] = self.settled
        self.assertIsInstance(outcome, Unknown)

    def test_one_that_has_lost_its_point_meanwhile_is_not_sent_again(self) -> None:
        self.peer.will(SendText, LOST)
        self.text("a")
        self.stale.add("a")
        self.pass_time(60)
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled, [("a", Dropped("the conversation has moved on"))])


class TriedTests(DeliveryTestCase):
    """What a former process may have sent."""

    def test_its_echo_is_waited_for(self) -> None:
        self.text("a", tried=1)
        self.assertEqual(self.attempts(), [])
        self.echo("a")
        self.assertEqual(self.attempts(), [])
        self.assertEqual(self.settled, [("a", ARRIVED)])

    def test_then_it_is_sent_again_once(self) -> None:
        self.peer.will(SendText, LOST)
        self.text("a", tried=1)
        self.text("b")
        self.pass_time(120)
        self.assertEqual(self.times(), [60, 120])
        self.assertEqual(self.settled, [("a", LOST), ("b", Done())])

    def test_the_second_time_in_all_lives_was_the_last(self) -> None:
        for tried in (2, 5):
            self.text("a", tried=tried)
            self.pass_time(59.5)
            self.assertEqual(self.settled, [])
            self.pass_time(0.5)
            self.assertEqual(self.attempts(), [])
            self.assertEqual(self.settled.pop(), ("a", Unknown("a former process got no answer")))

    def test_even_then_its_echo_settles_it(self) -> None:
        self.text("a", tried=2)
        self.echo("a")
        self.assertEqual(self.settled, [("a", ARRIVED)])

    def test_or_given_up(self) -> None:
        self.policy = Unanswered(resend=False)
        self.choices("a", tried=1)
        self.pass_time(60)
        self.assertEqual(self.attempts(), [])
        self.assertEqual(self.settled, [("a", Unknown("a former process got no answer"))])


class UncommittedEchoTests(DeliveryTestCase):
    """An echo is acknowledged only once it is committed."""

    def test_one_that_cannot_be_committed_fails_and_is_not_forgotten(self) -> None:
        def settling() -> None:
            if self.clock.seconds() < START + 2:
                raise OSError("no space left")

        self.settling = settling
        self.peer.will(SendText, HOLD)
        self.text("a")
        echo = self.echo("a")
        assert echo is not None
        self.failureResultOf(echo, OSError)
        self.pass_time(4)
        self.assertEqual(self.settled, [("a", ARRIVED)])
        self.flushLoggedErrors(OSError)

    def test_one_that_comes_while_another_outcome_cannot_be_committed_replaces_it(self) -> None:
        troubles = [OSError("no space left")]

        def settling() -> None:
            if troubles:
                raise troubles.pop()

        self.settling = settling
        self.peer.will(SendText, REFUSED)
        self.text("a")
        echo = self.echo("a")
        assert echo is not None
        self.pass_time(1)
        self.successResultOf(echo)
        self.assertEqual(self.settled, [("a", ARRIVED)])
        self.flushLoggedErrors(OSError)

    def test_one_that_comes_too_late_for_that_is_to_be_told_again(self) -> None:
        committed = self.hold_settling()
        self.peer.will(SendText, REFUSED)
        self.text("a")
        echo = self.echo("a")
        assert echo is not None
        committed.callback(None)
        self.failureResultOf(echo, NotTakenError)  # which nobody takes for a trouble
        self.assertEqual(self.settled, [("a", REFUSED)])
        self.assertIsNone(self.echo("a"))

    def test_one_that_comes_while_the_answer_is_committed_is_acknowledged_with_it(self) -> None:
        committed = self.hold_settling()
        self.text("a")
        echo = self.echo("a")
        assert echo is not None
        self.assertNoResult(echo)
        committed.callback(None)
        self.successResultOf(echo)
        self.assertEqual(self.settled, [("a", Done())])

    def test_a_failure_that_is_final_needs_no_echo(self) -> None:
        gone = Failed(FailureKind.RECIPIENT_GONE, "551")
        self.peer.will(SendText, gone)
        self.text("a")
        self.assertEqual(self.settled, [("a", gone)])
