"""Conversations that wait in vain are ended, each with the right words, once."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.accounts import Limits
from chatgw.failures import FailureKind
from chatgw.interfaces import JournalError
from chatgw.test.fakes import HOLD
from chatgw.test.world import SCRIPT, World
from chatgw.values import Failed, LeaveChat, State

LIMITS = Limits(choice=600.0, rating=300.0, waiting=1200.0, desk=120.0)
DOWN = Failed(FailureKind.TRANSIENT, "503")
A_LOOK = 30.0
"""Seconds within which a limit that has passed is noticed, and a chat left."""


class LimitTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)
        self.world.registry.use(self.world.parts(SCRIPT, LIMITS))

    def assert_ended(self, key: str, left: int) -> None:
        """It has ended with a text, told once, and has left so many chats."""
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(self.world.read()[-1], key)
        self.assertEqual(self.world.read().count(key), 1)
        self.assertEqual(len(self.world.desk.attempted(LeaveChat)), left)
        self.assertEqual(len(self.world.lines("has reached a limit")), 1)
        self.assertEqual(self.world.journal.owed, {})
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_no_choice(self) -> None:
        self.world.wrote("Hi")
        self.world.advance(LIMITS.choice - 1)
        self.assertIs(self.world.session().state, State.INFO_WAIT)
        self.world.advance(A_LOOK)
        self.assert_ended("CHAT_ENDED_INACTIVITY", 0)

    def test_who_writes_on_has_the_whole_time_again(self) -> None:
        self.world.wrote("Hi")
        self.world.advance(LIMITS.choice - 1)
        self.world.wrote("Hello?")
        self.world.advance(LIMITS.choice - 1)
        self.assertIs(self.world.session().state, State.INFO_WAIT)

    def test_no_rating(self) -> None:
        self.world.talk()
        self.world.left()
        self.world.advance(self.world.interval)
        self.assertIs(self.world.session().state, State.RATING_WAIT)
        self.world.advance(LIMITS.rating + A_LOOK)
        self.assert_ended("CHAT_ENDED", 1)

    def test_no_agent_however_much_the_customer_writes(self) -> None:
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        for _ in range(4):
            self.world.advance(LIMITS.waiting / 4 - 5)
            self.world.wrote("Hello?")
        self.assertIs(self.world.session().state, State.AGENT_WAIT)
        self.world.advance(2 * A_LOOK)
        self.assert_ended("CHAT_ENDED_AGENT_UNAVAILABLE", 1)

    def test_a_desk_that_is_dead_while_they_talk(self) -> None:
        self.world.talk()
        self.world.desk.poll_answers.extend([DOWN] * 100)
        self.world.advance(LIMITS.desk - 1)
        self.assertIs(self.world.session().state, State.TALKING)
        self.world.advance(A_LOOK)
        self.assert_ended("CHAT_ENDED_UNKNOWN_ERROR", 1)

    def test_a_desk_that_takes_nothing_either_is_left_once_it_is_back(self) -> None:
        self.world.talk()
        self.world.desk.poll_answers.extend([DOWN] * 100)
        self.world.desk.usually = lambda effect: DOWN
        self.world.advance(LIMITS.desk + 300.0)
        self.assertEqual(self.world.registry.sessions, {})
        self.world.desk.usually = self.world.desk._done
        self.world.advance(120.0)
        left = [one for one in self.world.desk.reached if isinstance(one, LeaveChat)]
        self.assertEqual(len(left), 1)
        self.assertEqual(self.world.journal.owed, {})

    def test_a_full_disk_is_told_in_one_line_not_in_one_for_each_chat_and_look(self) -> None:
        for customer in "abc":
            self.world.wrote("Hi", customer)
        self.world.journal.fails = JournalError("disk full")
        self.world.advance(LIMITS.choice + 120.0)
        self.assertEqual(len(self.world.registry.sessions), 3)
        self.assertEqual(len(self.world.lines("Trouble with journal")), 1)
        self.assertEqual([line for line in self.world.lines() if line.startswith("critical")], [])
        self.world.journal.fails = None
        self.world.advance(A_LOOK)
        self.assertEqual(self.world.registry.sessions, {})

    def test_a_desk_that_is_dead_while_an_agent_is_awaited(self) -> None:
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        self.world.desk.poll_answers.append(HOLD)
        self.world.advance(LIMITS.desk + A_LOOK)
        self.assert_ended("CHAT_ENDED_UNKNOWN_ERROR", 1)

    def test_a_desk_that_answers_is_not_dead(self) -> None:
        self.world.talk()
        self.world.advance(20 * LIMITS.desk)
        self.assertIs(self.world.session().state, State.TALKING)

    def test_a_limit_that_a_reload_has_changed_counts_at_once(self) -> None:
        self.world.wrote("Hi")
        self.world.registry.use(self.world.parts(SCRIPT, Limits(choice=60.0)))
        self.world.advance(60 + A_LOOK)
        self.assert_ended("CHAT_ENDED_INACTIVITY", 0)
