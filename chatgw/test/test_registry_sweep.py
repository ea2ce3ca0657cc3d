"""The hourly sweep, new parts, and the stop."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatgw.failures import FailureKind
from chatgw.test.fakes import HOLD, FakeChannel
from chatgw.test.world import CUSTOMER, SCRIPT, World
from chatgw.values import Done, Failed, LeaveChat, OpenChat, SendText, State

HOUR = 3600.0


class SweepTests(SynchronousTestCase):
    """Conversations of which nothing is heard are ended, once an hour."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)

    def sweep(self) -> Deferred[None]:
        """A sweep at this moment."""
        return Deferred.fromCoroutine(self.world.registry.idle.sweep())

    def test_it_is_scheduled_with_the_first_session_only(self) -> None:
        self.world.wrote("Hi", "1")
        self.world.wrote("Hi", "2")
        self.assertEqual(
            self.world.lines("Scheduling"),
            ["info: Scheduling an interval to check and clean stale sessions ..."],
        )

    def test_it_says_what_the_predecessor_said(self) -> None:
        self.world.wrote("Hi")
        self.world.log.clear()
        self.world.advance(2 * HOUR)
        self.assertEqual(
            self.world.lines(),
            [
                "info: Checking stale sessions ...",
                "info: Found 0 stale sessions",
                "info: Cleaned up 0 stale sessions",
                "info: Checking stale sessions ...",
                "info: Found 1 stale sessions",
                f"info: Session [ID={CUSTOMER}] has reached a limit: idle. Ending it.",
                "warn: 1 messages of session [ID=2242240722460512] were not delivered to an agent.",
                f"info: Destroying session [ID={CUSTOMER}]",
                f"debug: Destroyed session [ID={CUSTOMER}]. Session count = 0",
                (
                    "debug: Successfully sent text message to facebook messenger."
                    f" [ID={CUSTOMER}], [Message=CHAT_ENDED_INACTIVITY]"
                ),
                "info: Cleaned up 1 stale sessions",
            ],
        )
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_it_goes_on_with_the_next_first_session(self) -> None:
        for _ in range(2):
            self.world.wrote("Hi")
            self.world.advance(2 * HOUR)
            self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(len(self.world.lines("Checking")), 4)

    def test_a_chat_whose_desk_answers_is_not_stale(self) -> None:
        self.world.talk()
        self.world.advance(5 * HOUR)
        self.assertIs(self.world.session().state, State.TALKING)

    def test_a_chat_whose_desk_is_silent_is_ended_and_left(self) -> None:
        self.world.talk()
        self.world.desk.poll_answers.extend([Failed(FailureKind.TRANSIENT, "503")] * 5000)
        self.world.advance(2 * HOUR)
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(self.world.read()[-1], "CHAT_ENDED_INACTIVITY")
        self.assertEqual(len(self.world.desk.attempted(LeaveChat)), 1)

    def test_who_never_rates_is_ended_though_the_desk_answers(self) -> None:
        self.world.talk()
        self.world.left()
        self.world.advance(2 * HOUR + 10)
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(self.world.read()[-2:], ["RATING_OFFER", "CHAT_ENDED"])

    def test_one_that_cannot_be_ended_does_not_keep_the_others(self) -> None:
        for customer in "ab":
            self.world.wrote("Hi", customer)
        self.world.advance(1.5 * HOUR)
        self.world.journal.holding = True
        swept = self.sweep()
        self.world.journal.refuse()
        self.world.journal.release()
        self.successResultOf(swept)
        self.assertEqual([a.customer for a in self.world.registry.sessions], ["a"])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_who_writes_while_it_is_under_way_is_not_ended(self) -> None:
        for customer in "ab":
            self.world.wrote("Hi", customer)
        self.world.advance(1.5 * HOUR)
        self.world.journal.holding = True
        swept = self.sweep()
        self.world.wrote("still here", "b")
        while self.world.journal.waiting:
            self.world.journal.release()
        self.successResultOf(swept)
        self.assertEqual([a.customer for a in self.world.registry.sessions], ["b"])

    def test_a_session_that_begins_while_it_is_under_way_is_swept_for_once_an_hour(self) -> None:
        for customer in "ab":
            self.world.wrote("Hi", customer)
        self.world.advance(1.5 * HOUR)
        self.world.journal.holding = True
        swept = self.sweep()
        self.world.journal.release()
        self.world.wrote("Hi", "c")
        while self.world.journal.waiting:
            self.world.journal.release()
        self.successResultOf(swept)
        self.world.journal.holding = False
        self.assertEqual(len(self.world.clock.getDelayedCalls()), 2, "a sweep and a watch")


class ReloadTests(SynchronousTestCase):
    """New parts are taken while chats go on."""

    def setUp(self) -> None:
        self.world = World()

    def test_a_chat_under_way_says_the_new_words(self) -> None:
        self.world.talk()
        texts = {**SCRIPT.messages, "RATING_OFFER": "How was it?"}
        self.world.registry.use(self.world.parts(evolve(SCRIPT, messages=texts)))
        self.world.left()
        self.world.advance(5)
        self.assertEqual(self.world.read()[-1], "How was it?")

    def test_a_new_channel_speaks_from_the_next_effect_on(self) -> None:
        self.world.talk()
        self.world.said("one")
        old, self.world.channel = self.world.channel, FakeChannel(self.world.clock)
        self.world.registry.use(self.world.parts(SCRIPT))
        self.world.advance(5)
        self.assertEqual(self.world.read(), ["one"])
        self.assertEqual(len(old.attempted(SendText)), 2)

    def test_a_channel_no_longer_configured_goes_on_with_its_chats(self) -> None:
        self.world.talk()
        parts = self.world.parts(SCRIPT)
        self.world.registry.use(evolve(parts, accounts={}))
        self.world.said("one")
        self.world.advance(5)
        self.assertEqual(self.world.read()[-1], "one")

    def test_a_new_desk_answers_the_next_poll(self) -> None:
        self.world.talk()
        before = len(self.world.desk.polls)
        old = self.world.desk
        self.world.desk = type(old)(self.world.clock)
        self.world.desk.events = old.events
        self.world.registry.use(self.world.parts(SCRIPT))
        self.world.advance(5)
        self.assertEqual((len(old.polls), len(self.world.desk.polls)), (before, 1))


class StopTests(SynchronousTestCase):
    """A gateway that stops begins nothing more."""

    def setUp(self) -> None:
        self.world = World()

    def test_no_timer_is_left(self) -> None:
        self.world.talk()
        self.world.wrote("Hi", "another")
        self.successResultOf(self.world.registry.stop())
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_an_outcome_under_way_is_committed_but_nothing_follows_from_it_yet(self) -> None:
        world = self.world
        world.desk.will(OpenChat, HOLD)
        world.wrote("Hi")
        world.chose("statement:4")
        stopped = world.registry.stop()
        self.assertNoResult(stopped)
        world.desk.held[0].answer(Done(world.desk.open()))
        self.successResultOf(stopped)
        self.assertIs(world.session().state, State.AGENT_WAIT)
        self.assertEqual(len(world.journal.owed), 1)
        self.assertNotIn("WAIT_FOR_AGENT", world.read())
        self.assertEqual(world.clock.getDelayedCalls(), [])

    def test_what_still_comes_is_committed_and_left_to_the_next_process(self) -> None:
        self.successResultOf(self.world.registry.stop())
        self.successResultOf(self.world.wrote("Hi"))
        self.assertEqual(len(self.world.journal.sessions), 1)
        self.assertNotEqual(self.world.journal.owed, {})
        self.assertEqual(self.world.channel.attempts, [])
        self.assertEqual(self.world.clock.getDelayedCalls(), [])
