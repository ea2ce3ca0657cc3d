"""What follows from several happenings in a row."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import Decision, decide
from chatgw.conversation.kept import MOST_KEPT
from chatgw.conversation.notices import MISSING
from chatgw.test.tables import (
    AGENT,
    AGENT_WAIT,
    CHAT,
    INFO_CLOSED,
    INFO_WAIT,
    RATING_WAIT,
    TALKING,
    came_of,
    chose,
    desk,
    kept,
    owed,
    run,
    sent,
    session,
    wrote,
)
from chatgw.test.world import CUSTOMER, ONE_STATEMENT, SCRIPT, WITHOUT_RATING
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    CustomerWrote,
    DeskStatus,
    Done,
    LookUpName,
    OpenChat,
    ProblemStatement,
    Say,
    SendChoices,
    SendText,
    State,
    Words,
)


def ids(decision: Decision) -> list[str]:
    """The ids of all that is owed."""
    return [effect.id for effect in decision.effects]


class OfferTests(SynchronousTestCase):
    """Questions are asked again, but not at every word."""

    def test_the_statements_are_offered_at_most_once_a_minute(self) -> None:
        words = [wrote(str(n) + " words", at=1000.0 + 10 * n) for n in range(20)]
        session_, told, _ = run(session(INFO_WAIT), words)
        self.assertEqual(told, ["offer problem statement"] * 3)
        assert session_ is not None
        self.assertEqual(len(session_.waiting), 20)

    def test_all_happenings_share_the_minute(self) -> None:
        _, told, _ = run(
            session(INFO_WAIT), [sent("image", 1060.0), wrote("a", 1070.0), sent("image", 1119.0)]
        )
        self.assertEqual(
            told, ["UNSUPPORTED_MESSAGE", "offer problem statement", "UNSUPPORTED_MESSAGE"]
        )

    def test_the_rating_is_offered_at_most_once_a_minute(self) -> None:
        stickers = [sent("like", at=1000.0 + 10 * n) for n in range(14)]
        _, told, _ = run(session(RATING_WAIT), stickers)
        self.assertEqual(told.count("offer rating"), 2)

    def test_all_statements_are_offered_however_many(self) -> None:
        statements = tuple(ProblemStatement(f"Statement {n}", str(n)) for n in range(30))
        decision = decide(None, wrote("Hi"), evolve(SCRIPT, statements=statements))
        choices = [effect for effect in decision.effects if isinstance(effect, SendChoices)]
        self.assertEqual(
            [(choice.title, choice.payload) for choice in choices[0].choices],
            [(f"Statement {n}", f"statement:{n}") for n in range(30)],
        )

    def test_the_last_of_many_can_be_typed(self) -> None:
        statements = tuple(ProblemStatement(f"Statement {n}", f"q{n}") for n in range(1, 31))
        decision = decide(session(INFO_WAIT), wrote("30"), evolve(SCRIPT, statements=statements))
        self.assertEqual(owed(decision), ["open q30"])

    def test_questions_lose_their_point_with_their_state(self) -> None:
        welcome = decide(None, wrote("Hi"), SCRIPT).effects
        rating = decide(session(TALKING), desk(AgentLeft(11, AGENT)), SCRIPT).effects
        self.assertEqual(
            [effect.only_in for effect in welcome if isinstance(effect, SendChoices)],
            [{State.CREATED, State.INFO_WAIT}],
        )
        self.assertEqual([effect.only_in for effect in rating], [{State.RATING_WAIT}])


class OpeningTests(SynchronousTestCase):
    """The chat is opened once, when queue and name are known, in whichever order."""

    def test_name_then_choice(self) -> None:
        _, told, _ = run(
            session(INFO_WAIT, name=""), [came_of(LookUpName, Done("A")), chose("statement:4")]
        )
        self.assertEqual(told, ["open 4"])

    def test_choice_then_name(self) -> None:
        _, told, _ = run(
            session(INFO_WAIT, name=""), [chose("statement:4"), came_of(LookUpName, Done("A"))]
        )
        self.assertEqual(told, ["open 4"])

    def test_with_one_statement_the_name_opens_it(self) -> None:
        given, _, _ = run(None, [wrote("Hi")], ONE_STATEMENT)
        assert given is not None
        decision = decide(
            given, came_of(LookUpName, Done("Amar Kumar"), session=given.id), ONE_STATEMENT
        )
        [opening] = decision.effects
        assert isinstance(opening, OpenChat)
        self.assertEqual(
            (opening.author, opening.title, opening.feed_id, opening.queue_id, opening.origin),
            ("Amar Kumar", "Chat from Facebook Messenger", "100029", "4", "FACEBOOK_MESSENGER"),
        )

    def test_a_second_choice_opens_no_second_chat(self) -> None:
        given, told, _ = run(session(INFO_WAIT), [chose("statement:4"), chose("statement:7")])
        self.assertEqual(told, ["open 4"])
        assert given is not None
        self.assertEqual(given.queue_id, "4")

    def test_waiting_for_an_agent_loses_its_point_when_one_is_there(self) -> None:
        opened = decide(session(INFO_CLOSED), came_of(OpenChat, Done(CHAT)), SCRIPT)
        late = decide(
            session(AGENT_WAIT), desk(DeskStatus(11, "chat_timedout_waiting_for_agent")), SCRIPT
        )
        for effect in (*opened.effects, *late.effects):
            self.assertEqual(effect.only_in, {State.AGENT_WAIT})

    def test_agents_texts_and_ends_keep_their_point(self) -> None:
        ended = decide(session(TALKING), desk(AgentLeft(11, AGENT)), WITHOUT_RATING)
        self.assertEqual([effect.only_in for effect in ended.effects], [None, None])


class KeepingTests(SynchronousTestCase):
    """No word is lost, and none is said twice."""

    def test_texts_of_all_waiting_states_reach_the_agent_in_order(self) -> None:
        given, _, _ = run(None, [wrote("1st"), wrote("2nd")])
        assert given is not None
        _, told, _ = run(
            given,
            [
                came_of(LookUpName, Done("A"), session=given.id),
                came_of(SendChoices, Done(), session=given.id),
                wrote("3rd"),
                chose("statement:4"),
                wrote("4th"),
                came_of(OpenChat, Done(CHAT), session=given.id),
                wrote("5th"),
                desk(AgentJoined(2, AGENT)),
                wrote("6th"),
            ],
        )
        self.assertEqual(
            [line for line in told if line.startswith("say")],
            [f"say {n}" for n in ("1st", "2nd", "3rd", "4th", "5th", "6th")],
        )

    def test_more_than_can_be_kept_is_refused_and_that_is_logged(self) -> None:
        texts = [wrote(f"text {n}") for n in range(MOST_KEPT + 2)]
        given, _, lines = run(session(AGENT_WAIT), texts)
        assert given is not None
        self.assertEqual(
            [unsaid.text for unsaid in given.waiting][-2:],
            [f"text {MOST_KEPT - 1}", f"[chatgw] {MISSING}"],
            "the agent is told once that there was more",
        )
        dropped = f"warn: Dropping message of session [ID={CUSTOMER}]: 50"
        self.assertEqual(sum(line.startswith(dropped) for line in lines), 2)

    def test_what_no_agent_got_is_told_to_the_operator(self) -> None:
        given = kept(AGENT_WAIT, "a", "b")
        _, _, lines = run(given, [desk(DeskStatus(11, "chat_request_rejected_by_agent"))])
        self.assertIn(
            f"warn: 2 messages of session [ID={CUSTOMER}] were not delivered to an agent.", lines
        )

    def test_a_conversation_begun_anew_is_another_one(self) -> None:
        given = evolve(session(RATING_WAIT), rating=5)
        decision = decide(given, wrote("one more thing"), SCRIPT)
        assert decision.session is not None
        self.assertNotEqual(decision.session.id, given.id)
        self.assertIsNone(decision.session.chat)
        self.assertEqual({effect.session for effect in decision.effects}, {decision.session.id})

    def test_the_same_event_opens_the_same_session(self) -> None:
        one, two = (decide(None, wrote("Hi"), SCRIPT) for _ in range(2))
        self.assertEqual(one, two)
        other = decide(
            None, CustomerWrote(session(TALKING).address, 1.0, "e2", Words("Hi")), SCRIPT
        )
        assert one.session is not None
        assert other.session is not None
        self.assertNotEqual(one.session.id, other.session.id)

    def test_no_two_effects_have_one_id(self) -> None:
        first = decide(session(INFO_CLOSED), came_of(OpenChat, Done(CHAT)), SCRIPT)
        assert first.session is not None
        second = decide(evolve(first.session, state=TALKING, agents=("a",)), wrote("x"), SCRIPT)
        third = decide(second.session, wrote("y"), SCRIPT)
        named = ids(first) + ids(second) + ids(third)
        self.assertEqual(len(set(named)), len(named))


class WordsTests(SynchronousTestCase):
    """What people wrote stays marked as such on its way."""

    def test_in_effects_and_in_lines(self) -> None:
        decision = decide(session(TALKING), wrote("my card number is"), SCRIPT)
        [saying] = decision.effects
        assert isinstance(saying, Say)
        self.assertIsInstance(saying.text, Words)
        for kind in (Say, SendText):
            [line, *_] = decide(session(TALKING), came_of(kind, Done()), SCRIPT).lines
            self.assertIsInstance(line.data["text"], Words)
        [line, *_] = decide(session(INFO_CLOSED), wrote("my card number is"), SCRIPT).lines
        self.assertIsInstance(line.data["text"], Words)
