"""The poller: its pace, what it survives, and when it gives up."""

from __future__ import annotations

from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.poller import Poller
from chatgw.test.fakes import HOLD, FakeDesk, batch
from chatgw.test.world import World
from chatgw.values import DeskStatus, Failed

DOWN = Failed(FailureKind.TRANSIENT, "503")
DENIED = Failed(FailureKind.PERMISSION, "401")
GONE = Failed(FailureKind.RECIPIENT_GONE, "404 notFound")
NEWS = batch([DeskStatus(1, "chat_ok")])


class PollerTests(SynchronousTestCase):
    """A poller of five seconds, whose first poll comes after two."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.desk = FakeDesk(self.clock)
        self.chat = self.desk.open()
        self.heard: list[Batch] = []
        self.over: list[Failed] = []
        self.hearing: Deferred[None] | Exception | None = None
        self.poller = Poller(
            self.clock,
            5.0,
            "2242",
            lambda: self.desk.poll(self.chat, 0),
            self.hear,
            self.end,
        )
        self.poller.start(2.0)

    def hear(self, heard: Batch) -> Deferred[None]:
        """Takes a batch, as slowly or badly as `hearing` says."""
        self.heard.append(heard)
        if isinstance(self.hearing, Exception):
            raise self.hearing
        return self.hearing or succeed(None)

    def end(self, failed: Failed) -> Deferred[None]:
        """Takes the end."""
        self.over.append(failed)
        return succeed(None)

    def pass_time(self, seconds: float) -> None:
        """Lets time pass, half a second at a time."""
        self.clock.pump([0.5] * int(seconds * 2))

    def times(self) -> list[float]:
        """When polls were made."""
        return [at for at, _, _ in self.desk.polls]

    def test_it_polls_at_a_steady_pace(self) -> None:
        self.pass_time(20)
        self.assertEqual(self.times(), [2, 7, 12, 17])
        self.assertEqual(len(self.heard), 4)

    def test_polls_never_overlap_and_a_slow_answer_skips_beats(self) -> None:
        self.desk.poll_answers.extend([HOLD])
        self.pass_time(14)
        self.assertEqual(self.times(), [2])
        self.desk.held[0].answer(NEWS)
        self.pass_time(6)
        self.assertEqual(self.times(), [2, 17])

    def test_nothing_is_asked_while_news_are_being_taken_in(self) -> None:
        self.hearing = Deferred()
        self.pass_time(14)
        self.assertEqual(self.times(), [2])

    def test_stopped_before_its_first_poll_it_never_polls(self) -> None:
        self.poller.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.pass_time(10)
        self.assertEqual(self.times(), [])

    def test_stopped_it_leaves_no_timer(self) -> None:
        self.pass_time(4)
        self.poller.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_it_does_not_listen_to_the_answer_under_way(self) -> None:
        self.desk.poll_answers.extend([HOLD])
        self.pass_time(2)
        self.poller.stop()
        self.desk.held[0].answer(NEWS)
        self.assertEqual(self.heard, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopped_twice_is_stopped(self) -> None:
        self.pass_time(4)
        self.poller.stop()
        self.poller.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_it_survives_a_poll_that_breaks(self) -> None:
        self.desk.poll_answers.extend([RuntimeError("broken")])
        self.pass_time(8)
        self.assertEqual(self.times(), [2, 7])
        self.assertEqual(len(self.heard), 1)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_it_survives_news_that_cannot_be_taken_in_and_asks_again(self) -> None:
        self.hearing = OSError("no space left")
        self.pass_time(4)
        self.hearing = None
        self.pass_time(4)
        self.assertEqual(len(self.heard), 2)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_it_goes_on_asking_a_desk_that_is_down(self) -> None:
        self.desk.poll_answers.extend([DOWN] * 20)
        self.pass_time(120)
        self.assertEqual(len(self.times()), 24)
        self.assertEqual(self.over, [])
        self.assertEqual(len(self.heard), 4)

    def test_a_chat_that_is_gone_is_told_at_once(self) -> None:
        self.desk.poll_answers.extend([GONE])
        self.pass_time(2)
        self.assertEqual(self.over, [GONE])

    def test_three_refusals_in_a_row_are_taken_for_an_answer(self) -> None:
        self.desk.poll_answers.extend([DENIED] * 3)
        self.pass_time(11)
        self.assertEqual(self.over, [])
        self.pass_time(1)
        self.assertEqual(self.over, [DENIED])

    def test_refusals_that_are_not_in_a_row_are_not(self) -> None:
        self.desk.poll_answers.extend([DENIED, DENIED, NEWS, DENIED, DENIED, DOWN, DENIED, DENIED])
        self.pass_time(60)
        self.assertEqual(self.over, [])

    def test_it_knows_when_the_desk_last_answered(self) -> None:
        self.desk.poll_answers.extend([NEWS, DOWN])
        self.pass_time(8)
        self.assertEqual(self.poller.answered_at, 2)


class TroubleTests(SynchronousTestCase):
    """One warning a trouble, not one a poll."""

    def test_the_first_failure_is_a_warning_and_the_return_is_told(self) -> None:
        world = World()
        world.listen(self)
        world.talk()
        world.desk.poll_answers.extend([DOWN, DOWN, DOWN])
        world.log.clear()
        world.advance(25)
        polling = world.lines("read") + world.lines("Reading")
        self.assertEqual(
            [line.partition(" ")[0] for line in polling], ["warn:", "debug:", "debug:", "info:"]
        )
        world.desk.poll_answers.extend([DOWN])
        world.advance(5)
        self.assertTrue(world.lines("Could not read")[-1].startswith("warn:"))
