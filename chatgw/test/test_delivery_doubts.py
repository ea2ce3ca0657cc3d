"""Texts to the desk without an answer: its record of the chat decides."""

from __future__ import annotations

from chatgw.failures import FailureKind
from chatgw.test.deliveries import CHAT, DOWN, LOST, DeliveryTestCase
from chatgw.values import Done, Failed, OpenChat, Say, Unknown


class SayTests(DeliveryTestCase):
    """A text is repeated only when the desk certainly has not got it."""

    def test_what_the_desk_has_is_not_repeated(self) -> None:
        self.peer.will(Say, LOST)
        self.record.append(True)
        self.say("a")
        self.say("b")
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assertEqual(self.settled, [("a", Done()), ("b", Done())])
        self.assert_nothing_is_left()

    def test_what_it_has_not_is_repeated_after_asking_once_more(self) -> None:
        # The request without an answer may still be on its way when the desk is asked at once.
        self.peer.will(Say, LOST)
        self.record.extend([False, False])
        self.say("a")
        self.pass_time(1)
        self.assertEqual(self.asked, [0, 1])
        self.assertEqual(self.times(), [0, 1])
        self.assertEqual(self.settled, [("a", Done())])

    def test_what_arrives_late_is_not_repeated(self) -> None:
        self.peer.will(Say, LOST)
        self.record.extend([False, True])
        self.say("a")
        self.pass_time(1)
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled, [("a", Done())])

    def test_what_cannot_be_told_is_asked_again_by_the_schedule(self) -> None:
        self.peer.will(Say, LOST)
        self.record.extend([None, OSError("the desk is away"), False, None, False])
        self.say("a")
        self.pass_time(44)
        self.assertEqual(self.asked, [0, 1, 4, 14, 44])
        self.assertEqual(self.times(), [0, 44])
        self.assertEqual(self.settled, [("a", Done())])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_one_no_is_not_enough_however_late_it_comes(self) -> None:
        # A desk that answers again may still be about to take what it got before it hung.
        self.peer.will(Say, LOST)
        self.record.extend([None, False, True])
        self.say("a")
        self.pass_time(4)
        self.assertEqual(self.asked, [0, 1, 4])
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled, [("a", Done())])

    def test_what_can_never_be_told_is_not_repeated(self) -> None:
        self.peer.will(Say, LOST)
        self.record.extend([None] * 20)
        self.say("a")
        self.pass_time(900)
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled, [("a", LOST)])

    def test_each_answer_that_is_lost_is_cleared_up(self) -> None:
        self.peer.will(Say, LOST, DOWN, LOST)
        self.record.extend([False, False, False, False])
        self.say("a")
        self.pass_time(44)
        self.assertEqual(self.asked, [0, 1, 4, 14])
        self.assertEqual(self.times(), [0, 1, 4, 14])
        self.assertEqual(self.settled, [("a", Done())])

    def test_what_certainly_did_not_arrive_and_never_does_has_failed(self) -> None:
        self.peer.usually = lambda effect: DOWN
        self.peer.will(Say, LOST)
        self.record.extend([False, False])
        self.say("a")
        self.pass_time(900)
        [(_, outcome)] = self.settled
        assert isinstance(outcome, Failed)
        self.assertEqual(outcome.kind, FailureKind.EXPIRED)


class TriedTests(DeliveryTestCase):
    """What a former process may have told the desk."""

    def test_a_text_is_asked_about_first(self) -> None:
        self.record.append(True)
        self.say("a", tried=1)
        self.assertEqual(self.attempts(), [])
        self.assertEqual(self.settled, [("a", Done())])

    def test_a_text_that_did_not_arrive_is_said(self) -> None:
        self.record.extend([False, False])
        self.say("a", tried=1)
        self.pass_time(1)
        self.assertEqual(self.times(), [1])
        self.assertEqual(self.settled, [("a", Done())])

    def test_it_does_not_matter_how_often_it_was_tried(self) -> None:
        self.record.extend([False, False])
        self.say("a", tried=7)
        self.pass_time(1)
        self.assertEqual(self.times(), [1])
        self.assertEqual(self.marks, [("a", 1)])

    def test_a_text_that_cannot_be_cleared_up_stays_unknown(self) -> None:
        self.record.extend([None] * 20)
        self.say("a", tried=1)
        self.pass_time(900)
        self.assertEqual(self.attempts(), [])
        self.assertEqual(self.settled, [("a", Unknown("a former process got no answer"))])

    def test_everything_else_is_just_done_again(self) -> None:
        self.peer.will(OpenChat, Done(CHAT))
        self.open(tried=1)
        self.rate(tried=1)
        self.leave(tried=1)
        self.assertEqual(self.settled, [("open", Done(CHAT)), ("rate", Done()), ("leave", Done())])
        self.assertEqual(self.asked, [])
