"""Whole chats through the registry: their ends, their polls, and their last effects."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatgw.accounts import Limits
from chatgw.failures import FailureKind
from chatgw.test.fakes import HOLD, Late, batch
from chatgw.test.world import ONE_STATEMENT, SCRIPT, WITHOUT_RATING, World
from chatgw.values import (
    Done,
    Failed,
    LeaveChat,
    LookUpName,
    OpenChat,
    ProblemStatement,
    Say,
    SendChoices,
    SendText,
    State,
    SubmitRating,
)

GONE = Failed(FailureKind.RECIPIENT_GONE, "404 notFound")
DENIED = Failed(FailureKind.PERMISSION, "403")
DOWN = Failed(FailureKind.TRANSIENT, "503")
REFUSED = Failed(FailureKind.BAD_REQUEST, "400")


class ChatTests(SynchronousTestCase):
    """From the first word to the last."""

    def setUp(self) -> None:
        self.world = World()

    def assert_over(self, *last: str) -> None:
        """No session and no timer is left, and these texts were the last to be sent."""
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(self.world.clock.getDelayedCalls(), [])
        self.assertEqual(self.world.read()[-len(last) :], list(last))

    def left(self) -> int:
        """How many chats the gateway has left."""
        return len(self.world.desk.attempted(LeaveChat))

    def test_with_a_rating(self) -> None:
        self.world.talk()
        self.world.said("Hi How can I help you?")
        self.world.advance(5)
        self.world.wrote("Sure")
        self.world.left()
        self.world.advance(5)
        self.world.chose("rating:5")
        self.assert_over("Hi How can I help you?", "RATING_OFFER", "RATING_COMPLETE")
        self.assertEqual(self.world.heard(), ["Hi", "Sure"])
        self.assertEqual(self.left(), 1)

    def test_without_a_rating(self) -> None:
        self.world = World(WITHOUT_RATING)
        self.world.talk()
        self.world.left()
        self.world.advance(5)
        self.assert_over("CHAT_ENDED")
        self.assertEqual(self.left(), 1)

    def test_with_one_statement(self) -> None:
        self.world = World(ONE_STATEMENT)
        self.world.wrote("Hi")
        self.world.joined()
        self.world.advance(5)
        self.assertEqual(self.world.read(), ["WELCOME_MESSAGE", "WAIT_FOR_AGENT"])
        self.assertEqual(self.world.heard(), ["Hi"])

    def test_all_of_many_statements_are_offered_in_order(self) -> None:
        statements = tuple(ProblemStatement(f"S{n}", str(n)) for n in range(30))
        self.world = World(evolve(SCRIPT, statements=statements))
        self.world.wrote("Hi")
        offered = [
            choice.title
            for effect in self.world.channel.reached
            if isinstance(effect, SendChoices)
            for choice in effect.choices
        ]
        self.assertEqual(offered, [f"S{n}" for n in range(30)])
        self.assertIs(self.world.session().state, State.INFO_WAIT)

    def test_the_welcome_does_not_wait_for_the_name(self) -> None:
        too_late = Failed(FailureKind.EXPIRED, "no answer within 2 s")
        self.world.channel.will(LookUpName, Late(2.0, too_late))
        self.world.wrote("Hi")
        self.assertEqual(self.world.read(), ["WELCOME_MESSAGE", "PROBLEM_STATEMENT_CAPTION"])
        self.world.chose("statement:4")
        self.world.advance(1.9)
        self.assertEqual(self.world.desk.attempted(OpenChat), [])
        self.world.advance(0.1)
        [opening] = self.world.desk.attempted(OpenChat)
        assert isinstance(opening, OpenChat)
        self.assertEqual(opening.author, "Customer")

    def test_the_second_tap_submits_nothing(self) -> None:
        self.world.talk()
        self.world.left()
        self.world.advance(5)
        self.world.desk.will(SubmitRating, Late(0.04, Done()))
        self.world.chose("rating:5")
        self.world.chose("rating:5")
        self.world.advance(1)
        self.assertEqual(len(self.world.desk.attempted(SubmitRating)), 1)
        self.assert_over("RATING_COMPLETE")

    def test_a_rating_after_the_end_is_ignored(self) -> None:
        self.world.talk()
        self.world.left()
        self.world.advance(5)
        self.world.chose("rating:5")
        self.world.chose("rating:1")
        self.assertEqual(len(self.world.desk.attempted(SubmitRating)), 1)
        self.assert_over("RATING_COMPLETE")

    def test_gone_while_waiting_or_talking(self) -> None:
        self.world.talk()
        self.world.desk.poll_answers.append(GONE)
        self.world.advance(5)
        self.assert_over("CHAT_ENDED_INACTIVITY")
        self.assertEqual(self.left(), 0)

    def test_a_desk_that_refuses_three_times_is_left(self) -> None:
        self.world.talk()
        self.world.desk.poll_answers.extend([DENIED] * 3)
        self.world.advance(15)
        self.assert_over("CHAT_ENDED_UNKNOWN_ERROR")
        self.assertEqual(self.left(), 1)

    def test_rejected_the_chat_is_left(self) -> None:
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        self.world.status("chat_request_rejected_by_agent")
        self.world.advance(5)
        self.assert_over("CHAT_ENDED_AGENT_UNAVAILABLE")
        self.assertEqual(self.left(), 1)

    def test_a_desk_that_is_down_is_given_up_within_20_s(self) -> None:
        self.world.desk.will(OpenChat, *[DOWN] * 9)
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        self.world.advance(20)
        self.assert_over("CHAT_ENDED_UNKNOWN_ERROR")
        self.assertEqual(self.left(), 0)

    def test_a_desk_that_refuses_the_chat_is_given_up_at_once(self) -> None:
        self.world.desk.will(OpenChat, REFUSED)
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        self.assert_over("CHAT_ENDED_UNKNOWN_ERROR")

    def test_a_chat_opened_after_its_conversation_went_stale_is_left(self) -> None:
        self.world.desk.will(OpenChat, HOLD)
        self.world.registry.use(self.world.parts(SCRIPT, Limits(idle=5.0)))
        self.world.wrote("Hi")
        self.world.chose("statement:4")
        self.world.advance(6)
        self.successResultOf(Deferred.fromCoroutine(self.world.registry.idle.sweep()))
        self.world.desk.held[0].answer(Done(self.world.desk.open()))
        self.assertEqual(self.left(), 1)
        self.assert_over("CHAT_ENDED_INACTIVITY")

    def test_leaving_does_not_wait_behind_words_that_cannot_be_said(self) -> None:
        self.world.talk()
        self.world.desk.will(Say, Late(0.1, REFUSED), *[DOWN] * 50)
        for number in range(5):
            self.world.wrote(f"text {number}")
        self.world.advance(0.1)
        self.assertEqual(self.left(), 1)
        self.assert_over("CHAT_ENDED_UNKNOWN_ERROR")

    def test_finding_an_expert_is_not_said_once_the_expert_is_there(self) -> None:
        self.world.channel.will(SendText, Late(10.5, Done()))
        self.world.talk()
        self.world.said("Hello")
        self.world.advance(20)
        self.assertEqual(self.world.read(), ["WELCOME_MESSAGE", "Hello"])

    def test_a_slow_customer_slows_no_other(self) -> None:
        self.world.channel.will(SendText, HOLD)
        self.world.wrote("Hi", "slow")
        self.world.talk("quick")
        self.world.said("Hello", customer="quick")
        self.world.advance(5)
        self.assertEqual(self.world.read("quick")[-1], "Hello")
        self.assertEqual(self.world.read("slow"), [])


class PollingTests(SynchronousTestCase):
    """Each chat has a poller, and none overlaps or outlives it."""

    def test_the_first_polls_of_many_chats_are_spread(self) -> None:
        shares = iter((0.2, 0.6, 1.0))
        world = World(spread=lambda: next(shares))
        for customer in "abc":
            world.wrote("Hi", customer)
            world.chose("statement:4", customer)
        world.advance(5)
        self.assertEqual([at - 1000 for at, _, _ in world.desk.polls], [1, 3, 5])

    def test_polls_of_a_slow_desk_do_not_overlap(self) -> None:
        world = World()
        world.talk()
        world.desk.poll_answers.append(HOLD)
        before = len(world.desk.polls)
        world.advance(30)
        self.assertEqual(len(world.desk.polls), before + 1)

    def test_each_poll_asks_for_what_is_new(self) -> None:
        world = World()
        world.talk()
        world.said("one")
        world.said("two")
        world.advance(10)
        self.assertEqual([after for _, _, after in world.desk.polls], [0, 1, 3])

    def test_an_answer_repeated_is_not_said_again(self) -> None:
        world = World()
        world.talk()
        world.said("one")
        chat = world.session().chat
        assert chat is not None
        world.desk.poll_answers.extend([batch(world.desk.events[chat])] * 3)
        world.advance(15)
        self.assertEqual(world.read().count("one"), 1)
        self.assertEqual(world.heard(), ["Hi"])
