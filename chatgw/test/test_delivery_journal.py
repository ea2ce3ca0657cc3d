"""What lanes note in the journal, and what they do while it takes nothing."""

from __future__ import annotations

from twisted.internet.defer import Deferred, fail, succeed

from chatgw.interfaces import NotTakenError
from chatgw.test.deliveries import DOWN, LOST, REFUSED, START, DeliveryTestCase
from chatgw.values import Done, Failed, Say, SendText


class MarkTests(DeliveryTestCase):
    """Nothing leaves that a crash would repeat."""

    def test_an_attempt_is_noted_before_it_is_made(self) -> None:
        noted: Deferred[None] = Deferred()
        self.marking = lambda: noted
        self.text("a")
        self.assertEqual(self.marks, [("a", 1)])
        self.assertEqual(self.attempts(), [])
        noted.callback(None)
        self.assertEqual(self.attempts(), ["a"])

    def test_what_nobody_should_read_twice_is_noted(self) -> None:
        self.text("text")
        self.choices("choices")
        self.say("say")
        self.rate("rate")
        self.typing("typing")
        self.name("name")
        self.open("open")
        self.leave("leave")
        self.assertEqual(len(self.settled), 8)
        self.assertEqual(self.marks, [("text", 1), ("choices", 1), ("say", 1)])

    def test_one_that_came_to_nothing_is_noted_before_the_pause(self) -> None:
        self.peer.will(SendText, DOWN)
        self.text("a")
        self.assertEqual(self.marks, [("a", 1), ("a", 0)])
        self.pass_time(1)
        self.assertEqual(self.marks, [("a", 1), ("a", 0), ("a", 1)])

    def test_nobody_waits_for_that_note(self) -> None:
        self.marking = lambda: done() if self.marks[-1][1] else Deferred()
        self.peer.will(SendText, DOWN)
        self.text("a")
        self.pass_time(1)
        self.assertEqual(self.settled, [("a", Done())])

    def test_that_note_may_fail(self) -> None:
        self.marking = lambda: done() if self.marks[-1][1] else full()
        self.peer.will(SendText, DOWN)
        self.text("a")
        self.pass_time(1)
        self.assertEqual(self.settled, [("a", Done())])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_each_one_that_may_have_arrived_stays_noted(self) -> None:
        self.peer.will(SendText, LOST, DOWN)
        self.text("a")
        self.pass_time(61)
        self.assertEqual(self.attempts(), ["a", "a", "a"])
        self.assertEqual(self.marks, [("a", 1), ("a", 2), ("a", 1), ("a", 2)])

    def test_those_of_former_processes_stay_noted_as_well(self) -> None:
        self.peer.will(SendText, DOWN)
        self.text("a", tried=1)
        self.pass_time(61)
        self.assertEqual(self.marks, [("a", 2), ("a", 1), ("a", 2)])

    def test_a_final_failure_is_not_noted_but_settled(self) -> None:
        self.peer.will(Say, REFUSED)
        self.say("a")
        self.assertEqual(self.marks, [("a", 1)])

    def test_while_nothing_can_be_noted_nothing_leaves(self) -> None:
        self.marking = lambda: done() if self.clock.seconds() > START + 60 else full()
        self.text("a")
        self.text("b")
        self.pass_time(60)
        self.assertEqual(self.attempts(), [])
        self.pass_time(10)
        self.assertEqual(self.settled, [("a", Done()), ("b", Done())])
        self.flushLoggedErrors(OSError)

    def test_that_is_asked_for_every_ten_seconds_and_logged_once(self) -> None:
        self.marking = full
        self.text("a")
        self.pass_time(44)
        self.assertEqual(len(self.marks), 7)  # at 0, 1, 4, 14, 24, 34, 44
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_a_journal_that_is_closed_is_no_trouble(self) -> None:
        self.marking = self.settling = lambda: fail(NotTakenError("closed"))
        self.text("a")
        self.rate("b")
        self.pass_time(20)
        self.assertEqual(self.attempts(), ["b"])
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_in_the_end_it_is_given_up(self) -> None:
        self.marking = full
        self.text("a")
        self.pass_time(900)
        [(_, outcome)] = self.settled
        assert isinstance(outcome, Failed)
        self.assertEqual(outcome.detail, "not attempted: the journal takes nothing")
        self.flushLoggedErrors(OSError)


class SettleTests(DeliveryTestCase):
    """No outcome is forgotten."""

    def test_an_outcome_is_told_until_it_is_taken_in_and_the_lane_waits(self) -> None:
        def settling() -> None:
            if self.clock.seconds() < START + 3600:
                raise OSError("no space left")

        self.settling = settling
        self.text("a")
        self.text("b")
        self.pass_time(3590)
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.pass_time(20)
        self.assertEqual(self.settled[0], ("a", Done()))
        self.assertEqual(len(self.settled), 2)

    def test_it_is_told_again_after_ten_seconds_at_most(self) -> None:
        told: list[float] = []

        def settling() -> None:
            told.append(self.clock.seconds() - START)
            raise OSError("no space left")

        self.settling = settling
        self.text("a")
        self.pass_time(44)
        self.assertEqual(told, [0, 1, 4, 14, 24, 34, 44])
        self.flushLoggedErrors(OSError)

    def test_one_of_typing_may_be_forgotten(self) -> None:
        def settling() -> None:
            if not self.attempts()[1:]:
                raise OSError("no space left")

        self.settling = settling
        self.typing("dots")
        self.text("a")
        self.assertEqual(self.settled, [("a", Done())])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
        self.assert_nothing_is_left()


def done() -> Deferred[None]:
    """The journal has taken it."""
    return succeed(None)


def full() -> Deferred[None]:
    """The journal has not taken it."""
    return fail(OSError("no space left"))
