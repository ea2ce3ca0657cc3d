"""Another process takes up every conversation where the last one has left it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.accounts import Limits
from chatgw.failures import FailureKind
from chatgw.test.fakes import HOLD
from chatgw.test.world import CUSTOMER, SCRIPT, World, address
from chatgw.values import (
    Echoed,
    Failed,
    LeaveChat,
    LookUpName,
    OpenChat,
    Say,
    SendText,
    State,
    SubmitRating,
)


class RestartTests(SynchronousTestCase):
    """The world's registry is replaced by a new one with the same journal."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)

    def test_they_talk_on_as_if_nothing_had_happened(self) -> None:
        self.world.talk()
        before = self.world.session()
        self.world.restart()
        self.assertEqual(self.world.session(), before)
        self.world.wrote("one")
        self.world.said("two")
        self.world.advance(self.world.interval)
        self.assertEqual(self.world.heard()[-1], "one")
        self.assertEqual(self.world.read()[-1], "two")

    def test_it_says_what_it_has_taken_up(self) -> None:
        self.world.talk()
        self.world.wrote("Hi", "another")
        self.world.restart()
        self.assertEqual(
            self.world.lines("Restored"), ["info: Restored 2 sessions, 0 messages to be delivered."]
        )

    def test_a_text_whose_fate_is_not_known_waits_for_its_echo(self) -> None:
        self.world.talk()
        self.world.channel.will(SendText, HOLD)
        self.world.said("one")
        self.world.said("two")
        self.world.advance(self.world.interval)
        self.world.restart()
        self.world.advance(10.0)
        (one,) = self.world.channel.attempted(SendText)[-1:]
        self.world.registry.receive(
            [Echoed(address(), self.world.clock.seconds(), "echo", one.id, "mid")]
        )
        texts = [each.text for each in self.world.channel.attempted(SendText)]  # type: ignore[attr-defined]
        self.assertEqual(texts[-2:], ["one", "two"], "each was sent once")
        self.assertEqual(self.world.journal.owed, {})

    def test_without_an_echo_it_is_sent_again_once_and_keeps_its_place(self) -> None:
        self.world.talk()
        self.world.channel.will(SendText, HOLD)
        self.world.said("one")
        self.world.said("two")
        self.world.advance(self.world.interval)
        self.world.restart()
        self.world.advance(61.0)
        texts = [each.text for each in self.world.channel.attempted(SendText)]  # type: ignore[attr-defined]
        self.assertEqual(texts[-3:], ["one", "one", "two"])
        self.assertEqual(len(self.world.lines("without knowing")), 1)

    def test_words_that_the_desk_had_taken_are_not_said_twice(self) -> None:
        self.world.talk()
        self.world.desk.will(Say, HOLD)
        self.world.wrote("one")
        (held,) = self.world.desk.held
        assert held.effect is not None
        self.world.desk.reached.append(held.effect)  # taken, and the answer is lost
        self.world.restart()
        self.world.wrote("two")
        self.world.advance(5.0)
        self.assertEqual(self.world.heard()[-2:], ["one", "two"])

    def test_words_that_the_desk_had_not_taken_are_said(self) -> None:
        self.world.talk()
        self.world.desk.will(Say, HOLD)
        self.world.wrote("one")
        self.world.restart()
        self.world.wrote("two")
        self.world.advance(5.0)
        self.assertEqual(self.world.heard()[-2:], ["one", "two"])

    def test_a_chat_that_was_being_opened_is_opened_though_time_has_passed(self) -> None:
        self.world.desk.will(OpenChat, HOLD)
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        self.world.restart(after=120.0)
        self.assertIs(self.world.session().state, State.AGENT_WAIT)

    def test_a_name_that_was_being_looked_up_is_looked_up(self) -> None:
        self.world.channel.will(LookUpName, HOLD)
        self.world.wrote("Hi")
        self.world.restart()
        self.assertEqual(self.world.session().name, "Amar Kumar")

    def test_a_chat_that_has_ended_meanwhile_is_noticed_at_the_first_poll(self) -> None:
        self.world.talk()
        self.world.desk.events.clear()
        self.world.restart(after=600.0)
        self.world.advance(self.world.interval)
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(self.world.read()[-1], "CHAT_ENDED_INACTIVITY")

    def test_a_webhook_that_comes_again_after_it_is_known(self) -> None:
        self.world.talk()
        self.world.wrote("one", event_id="the event")
        self.world.restart()
        self.successResultOf(self.world.wrote("one", event_id="the event"))
        self.world.advance(5.0)
        self.assertEqual(self.world.heard().count("one"), 1)

    def test_the_time_in_which_it_was_down_does_not_make_anyone_idle(self) -> None:
        self.world.wrote("Hi")
        self.world.restart(after=86_400.0)
        self.world.advance(60.0)
        self.assertIs(self.world.session().state, State.INFO_WAIT)

    def test_a_rating_under_way_is_submitted_and_the_chat_ends(self) -> None:
        self.world.talk()
        self.world.left()
        self.world.advance(self.world.interval)
        self.world.desk.will(SubmitRating, HOLD)
        self.world.chose("rating:5")
        self.world.restart()
        self.world.advance(5.0)
        self.assertEqual(self.world.read()[-1], "RATING_COMPLETE")
        self.assertEqual(self.world.registry.sessions, {})

    def test_many_chats_are_not_polled_in_the_same_moment(self) -> None:
        shares = iter(range(1, 9))
        self.world = World(spread=lambda: next(shares) / 8)
        for customer in "abcd":
            self.world.talk(customer)
        self.world.restart(after=1.0)
        now = self.world.clock.seconds()
        before = len(self.world.desk.polls)
        self.world.advance(self.world.interval)
        times = {at - now for at, *_ in self.world.desk.polls[before : before + 4]}
        self.assertEqual(len(times), 4)

    def test_a_stop_in_between_loses_nothing_either(self) -> None:
        self.world.talk()
        self.successResultOf(self.world.registry.stop())
        self.successResultOf(self.world.wrote("while it stops"))
        self.world.restart()
        self.world.advance(5.0)
        self.assertEqual(self.world.heard()[-1], "while it stops")
        self.assertEqual([a.customer for a in self.world.registry.sessions], [CUSTOMER])

    def test_the_time_in_which_it_was_up_counts_over_any_number_of_restarts(self) -> None:
        limits = Limits(waiting=600.0)
        self.world.registry.use(self.world.parts(SCRIPT, limits))
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        for _ in range(3):
            self.world.advance(150.0)
            self.world.restart(after=1000.0)
        self.assertIs(self.world.session().state, State.AGENT_WAIT)
        self.world.advance(180.0)
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(self.world.read()[-1], "CHAT_ENDED_AGENT_UNAVAILABLE")

    def test_a_chat_that_was_to_be_left_is_left_though_the_desk_was_dead_for_long(self) -> None:
        self.world.registry.use(self.world.parts(SCRIPT, Limits(desk=120.0)))
        self.world.talk()
        down = Failed(FailureKind.TRANSIENT, "503")
        self.world.desk.poll_answers.extend([down] * 100)
        self.world.desk.usually = lambda effect: down
        self.world.advance(300.0)
        self.assertEqual(self.world.registry.sessions, {})
        self.world.restart(after=2000.0)
        self.world.desk.usually = self.world.desk._done
        self.world.advance(120.0)
        left = [one for one in self.world.desk.reached if isinstance(one, LeaveChat)]
        self.assertEqual(len(left), 1)
        self.assertEqual(self.world.journal.owed, {})
