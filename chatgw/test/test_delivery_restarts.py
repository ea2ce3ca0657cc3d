"""What lanes owe through many lives of the process."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.delivery import MOST_QUEUED
from chatgw.failures import FailureKind
from chatgw.interfaces import JournalError
from chatgw.test.fakes import HOLD, Answer
from chatgw.test.world import World
from chatgw.values import Done, Effect, Failed, Origin, SendText

DOWN = Failed(FailureKind.TRANSIENT, "503")


class RestartTests(SynchronousTestCase):
    """A process is killed again and again, and the page does not answer agents' texts."""

    def setUp(self) -> None:
        self.world = World()
        self.world.talk()
        self.answer: Answer = HOLD
        self.world.channel.usually = self.perform

    def perform(self, effect: Effect) -> Answer:
        """Answers an agent's text as it is to be."""
        agents = isinstance(effect, SendText) and effect.origin is Origin.AGENT
        return self.answer if agents else Done()

    def sent(self, text: str) -> int:
        """How often a text was sent."""
        effects = self.world.channel.attempted(SendText)
        return sum(isinstance(one, SendText) and one.text == text for one in effects)

    def live_on(self, lives: int) -> None:
        """Some lives, each long enough for the next attempt."""
        for _ in range(lives):
            self.world.restart(after=1.0)
            self.world.advance(70.0)

    def test_a_text_is_repeated_once_at_most_in_all_of_them(self) -> None:
        self.world.said("hello")
        self.world.advance(5.0)
        self.live_on(5)
        self.assertEqual(self.sent("hello"), 2)
        (letter,) = self.world.registry.dead_letters()
        self.assertEqual(letter.kind, "unknown")
        self.assertEqual(self.world.heard()[-1], '[chatgw] May not have been delivered: "hello"')

    def test_attempts_that_certainly_came_to_nothing_do_not_count(self) -> None:
        self.answer = DOWN
        self.world.said("hello")
        self.world.advance(5.0)
        self.live_on(3)
        self.assertGreater(self.sent("hello"), 5)
        self.answer = Done()
        self.live_on(1)
        self.assertEqual(self.world.read()[-1], "hello")
        self.assertEqual(len(self.world.registry.dead_letters()), 0)


class FullLaneTests(SynchronousTestCase):
    """More is owed to a customer than a lane holds."""

    def setUp(self) -> None:
        self.world = World()
        self.world.talk()
        self.world.channel.usually = lambda effect: HOLD
        for number in range(MOST_QUEUED):
            self.world.said(str(number))
        self.world.advance(5.0)

    def test_one_that_is_refused_while_the_disk_is_full_is_told_of_later(self) -> None:
        self.world.said("one more")
        journal = self.world.journal

        def fill_up(step: str) -> None:
            if "one more" in [getattr(owed.effect, "text", "") for owed in journal.owed.values()]:
                journal.fails = JournalError("disk full")

        self.world.registry._reached = fill_up
        self.world.advance(5.0)
        self.assertIsNotNone(journal.fails)
        self.world.registry._reached = lambda step: None
        journal.fails = None
        self.world.advance(20.0)
        (letter,) = self.world.registry.dead_letters()
        self.assertEqual(letter.reason, f"{MOST_QUEUED} wait for delivery already")
        self.assertEqual(len(self.world.journal.owed), len(self.world.registry.delivery))
