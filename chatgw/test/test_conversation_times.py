"""When the customer was heard, when a state was entered, and how much was said."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import Session, decide
from chatgw.failures import FailureKind
from chatgw.test.tables import (
    AGENT,
    AGENT_WAIT,
    CHAT,
    INFO_CLOSED,
    NOW,
    RATING_WAIT,
    TALKING,
    acted,
    came_of,
    chose,
    desk,
    edited,
    opened,
    sent,
    session,
    unsent,
    wrote,
)
from chatgw.test.world import SCRIPT
from chatgw.values import (
    AgentJoined,
    AgentWrote,
    Done,
    Failed,
    Happening,
    OpenChat,
    Say,
    SubmitRating,
    ToCustomer,
    Unknown,
    Words,
)


def after(given: Session | None, happening: Happening) -> Session:
    """The session that follows."""
    decided = decide(given, happening, SCRIPT).session
    assert decided is not None
    return decided


class HeardTests(SynchronousTestCase):
    """The last action of the customer's, on which it depends what may be sent."""

    def test_it_is_the_time_of_sending_if_that_is_told(self) -> None:
        self.assertEqual(after(session(TALKING), wrote("a", sent_at=1004.0)).heard_at, 1004.0)
        self.assertEqual(after(None, wrote("a", sent_at=900.0)).heard_at, 900.0)

    def test_it_is_the_time_of_receipt_if_not(self) -> None:
        for event in (wrote("a"), chose("x"), sent("image"), opened(), acted()):
            self.assertEqual(after(session(TALKING), event).heard_at, NOW)

    def test_it_is_never_in_the_future(self) -> None:
        self.assertEqual(after(session(TALKING), wrote("a", sent_at=NOW + 60)).heard_at, NOW)

    def test_a_late_webhook_does_not_put_it_back(self) -> None:
        self.assertEqual(after(session(TALKING), wrote("a", sent_at=10.0)).heard_at, 1000.0)
        rated = evolve(session(RATING_WAIT), rating=5)
        self.assertEqual(after(rated, wrote("a", sent_at=10.0)).heard_at, 1000.0)

    def test_changing_and_taking_back_only_show_that_the_customer_is_there(self) -> None:
        for event in (edited("a", "b"), unsent("a")):
            now = after(session(TALKING), event)
            self.assertEqual((now.touched_at, now.heard_at), (NOW, 1000.0))

    def test_what_the_desk_tells_is_no_action_of_the_customers(self) -> None:
        now = after(session(TALKING), desk(AgentWrote(11, AGENT, Words("Hello"))))
        self.assertEqual((now.touched_at, now.heard_at), (NOW, 1000.0))

    def test_all_that_is_owed_to_the_customer_carries_it(self) -> None:
        rated = evolve(session(RATING_WAIT), rating=5)
        for given, happening in (
            (None, wrote("a", sent_at=900.0)),
            (session(TALKING), sent("image")),
            (session(TALKING), desk(AgentWrote(11, AGENT, Words("Hello")))),
            (session(TALKING), came_of(Say, Done())),
            (rated, wrote("a", sent_at=1005.0)),
            (session(AGENT_WAIT), came_of(SubmitRating, Done(), session="older")),
        ):
            decision = decide(given, happening, SCRIPT)
            assert decision.session is not None
            told = [e.heard_at for e in decision.effects if isinstance(e, ToCustomer)]
            self.assertEqual(set(told), {decision.session.heard_at})

    def test_who_only_acts_is_there(self) -> None:
        self.assertEqual(
            after(session(TALKING), acted()),
            evolve(session(TALKING), touched_at=NOW, heard_at=NOW),
        )


class StateTests(SynchronousTestCase):
    """When a state was entered."""

    def test_a_new_conversation_begins_when_it_begins(self) -> None:
        self.assertEqual(after(None, wrote("a", sent_at=900.0)).state_at, NOW)

    def test_it_is_noted_at_every_change(self) -> None:
        opened_ = after(session(INFO_CLOSED), came_of(OpenChat, Done(CHAT)))
        self.assertEqual((opened_.state, opened_.state_at), (AGENT_WAIT, NOW))
        joined = after(opened_, desk(AgentJoined(11, AGENT), at=1030.0))
        self.assertEqual((joined.state, joined.state_at), (TALKING, 1030.0))

    def test_words_do_not_change_it(self) -> None:
        self.assertEqual(after(session(AGENT_WAIT), wrote("a")).state_at, 1000.0)


class SaidTests(SynchronousTestCase):
    """How many texts the desk has certainly taken."""

    def test_each_that_is_done_counts(self) -> None:
        given = evolve(session(TALKING), said=3)
        self.assertEqual(after(given, came_of(Say, Done())).said, 4)
        given = evolve(session(RATING_WAIT), said=3)
        self.assertEqual(after(given, came_of(Say, Done())).said, 4)

    def test_none_that_failed_does(self) -> None:
        given = evolve(session(RATING_WAIT), said=3)
        outcome = Failed(FailureKind.EXPIRED, "503")
        self.assertEqual(after(given, came_of(Say, outcome)).said, 3)

    def test_after_one_of_which_it_is_not_known_the_count_is_not_known_any_more(self) -> None:
        given = evolve(session(RATING_WAIT), said=3)
        doubtful = after(given, came_of(Say, Unknown("no answer")))
        self.assertIsNone(doubtful.said)
        self.assertIsNone(after(doubtful, came_of(Say, Done())).said)

    def test_none_of_an_older_chat_does(self) -> None:
        self.assertEqual(after(session(TALKING), came_of(Say, Done(), session="older")).said, 0)

    def test_a_new_conversation_begins_at_nothing(self) -> None:
        given = evolve(session(RATING_WAIT), said=3, rating=5)
        self.assertEqual(after(given, wrote("one more thing")).said, 0)
