"""How lanes stop."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatgw.delivery import GRACE
from chatgw.test.deliveries import DOWN, LOST, DeliveryTestCase
from chatgw.test.fakes import HOLD
from chatgw.values import Done, SendText


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

    def test_waiting_for_an_echo_ends_at_once(self) -> None:
        self.peer.will(SendText, LOST)
        self.text("a")
        self.successResultOf(self.delivery.stop())
        self.assertEqual(self.settled, [])
        self.assert_nothing_is_left()

    def test_an_answer_lost_while_stopping_is_left_to_the_next_process(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        stopped = self.delivery.stop()
        self.peer.held[0].answer(LOST)
        self.successResultOf(stopped)
        self.assertEqual(self.settled, [])
        self.assert_nothing_is_left()

    def test_an_attempt_that_was_noted_but_not_begun_is_taken_back(self) -> None:
        noted: Deferred[None] = Deferred()
        self.marking = lambda: noted
        self.text("a")
        stopped = self.delivery.stop()
        self.assertNoResult(stopped)
        noted.callback(None)
        self.successResultOf(stopped)
        self.assertEqual(self.attempts(), [])
        self.assertEqual(self.marks, [("a", 1), ("a", 0)])


class LateEchoTests(DeliveryTestCase):
    """An echo counts as long as there is somebody to take it."""

    def test_one_settles_what_is_under_way(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        stopped = self.delivery.stop()
        echo = self.echo("a")
        assert echo is not None
        self.successResultOf(echo)
        self.successResultOf(stopped)
        self.assertEqual(self.settled, [("a", Done("m_1"))])

    def test_one_settles_what_was_left_over(self) -> None:
        self.peer.will(SendText, LOST)
        self.text("a")
        self.text("b")
        self.successResultOf(self.delivery.stop())
        committed = self.hold_settling()
        echoes = [self.echo("a"), self.echo("a"), self.echo("b")]
        committed.callback(None)
        for echo in echoes:
            assert echo is not None
            self.successResultOf(echo)
        self.assertEqual(self.settled, [("a", Done("m_1")), ("b", Done("m_1"))])
        self.assertIsNone(self.echo("a"))
        self.assert_nothing_is_left()

    def test_one_that_came_before_its_turn_is_settled_at_the_stop(self) -> None:
        self.peer.will(SendText, DOWN)
        self.text("a")
        self.text("b")
        echo = self.echo("b")
        assert echo is not None
        self.successResultOf(self.delivery.stop())
        self.successResultOf(echo)
        self.assertEqual(self.settled, [("b", Done("m_1"))])

    def test_one_that_cannot_be_committed_is_not_acknowledged(self) -> None:
        def settling() -> None:
            raise OSError("no space left")

        self.settling = settling
        self.peer.will(SendText, LOST)
        self.text("a")
        self.successResultOf(self.delivery.stop())
        echo = self.echo("a")
        assert echo is not None
        self.failureResultOf(echo, OSError)
        self.flushLoggedErrors(OSError)
