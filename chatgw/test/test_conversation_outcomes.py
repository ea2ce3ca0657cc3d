"""What follows from each outcome of each effect."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import decide
from chatgw.failures import FailureKind
from chatgw.test.tables import (
    AGENT_WAIT,
    CHAT,
    CREATED,
    INFO_CLOSED,
    INFO_WAIT,
    RATING_WAIT,
    TALKING,
    Row,
    came_of,
    logged,
    rows,
    session,
)
from chatgw.test.world import CUSTOMER, SCRIPT
from chatgw.values import (
    Done,
    Dropped,
    Failed,
    LeaveChat,
    LookUpName,
    MarkSeen,
    OpenChat,
    Say,
    SendChoices,
    SendText,
    SendTyping,
    SubmitRating,
    Unknown,
)

DONE = Done()
FAILED = Failed(FailureKind.BAD_REQUEST, "400")
GONE = Failed(FailureKind.RECIPIENT_GONE, "404 notFound")
EXPIRED = Failed(FailureKind.EXPIRED, "503; given up after 3 attempts")
UNKNOWN = Unknown("no answer within 10.0 s")
DROPPED = Dropped("the conversation has moved on")

NAMELESS = session(CREATED, name="")
CHOSEN = session(INFO_CLOSED, name="")
RATED = evolve(session(RATING_WAIT), rating=5)
ERROR = ("CHAT_ENDED_UNKNOWN_ERROR",)


@rows(
    {
        "CREATED: the name is taken in": Row(NAMELESS, came_of(LookUpName, Done("A")), CREATED),
        "CREATED: no name is no trouble": Row(NAMELESS, came_of(LookUpName, FAILED), CREATED),
        "INFO_CLOSED: the name opens the chat": Row(
            CHOSEN, came_of(LookUpName, Done("A")), INFO_CLOSED, ("open 4",)
        ),
        "INFO_CLOSED: an empty name opens the chat": Row(
            CHOSEN, came_of(LookUpName, DONE), INFO_CLOSED, ("open 4",)
        ),
        "INFO_CLOSED: a failed look-up opens the chat": Row(
            CHOSEN, came_of(LookUpName, FAILED), INFO_CLOSED, ("open 4",)
        ),
        "INFO_CLOSED: an unanswered look-up opens the chat": Row(
            CHOSEN, came_of(LookUpName, UNKNOWN), INFO_CLOSED, ("open 4",)
        ),
        "INFO_CLOSED: a look-up given up opens the chat": Row(
            CHOSEN, came_of(LookUpName, DROPPED), INFO_CLOSED, ("open 4",)
        ),
        "CREATED: the question asked, a choice is waited for": Row(
            CREATED, came_of(SendChoices, DONE), INFO_WAIT
        ),
        "CREATED: the question failed, a choice is waited for": Row(
            CREATED, came_of(SendChoices, FAILED), INFO_WAIT
        ),
        "CREATED: the question unanswered, a choice is waited for": Row(
            CREATED, came_of(SendChoices, UNKNOWN), INFO_WAIT
        ),
        "INFO_WAIT: the question asked again": Row(
            INFO_WAIT, came_of(SendChoices, DONE), INFO_WAIT
        ),
        "INFO_CLOSED: the question asked too late": Row(
            INFO_CLOSED, came_of(SendChoices, DROPPED), INFO_CLOSED
        ),
        "RATING_WAIT: the rating asked for": Row(
            RATING_WAIT, came_of(SendChoices, DONE), RATING_WAIT
        ),
        "RATING_WAIT: the rating could not be asked for": Row(
            RATING_WAIT, came_of(SendChoices, FAILED), RATING_WAIT
        ),
    }
)
class WelcomeTests(SynchronousTestCase):
    """Names and questions."""


@rows(
    {
        "INFO_CLOSED: the chat opened, the agent is waited for": Row(
            INFO_CLOSED, came_of(OpenChat, Done(CHAT)), AGENT_WAIT, ("WAIT_FOR_AGENT",)
        ),
        "INFO_CLOSED: opened without a chat, an error ends it": Row(
            INFO_CLOSED, came_of(OpenChat, DONE), None, ERROR
        ),
        "INFO_CLOSED: refused, an error ends it": Row(
            INFO_CLOSED, came_of(OpenChat, FAILED), None, ERROR
        ),
        "INFO_CLOSED: given up, an error ends it": Row(
            INFO_CLOSED, came_of(OpenChat, EXPIRED), None, ERROR
        ),
        "INFO_CLOSED: unanswered, an error ends it": Row(
            INFO_CLOSED, came_of(OpenChat, UNKNOWN), None, ERROR
        ),
        "INFO_CLOSED: not tried in time, an error ends it": Row(
            INFO_CLOSED, came_of(OpenChat, DROPPED), None, ERROR
        ),
        "none: a chat opened for nobody is left": Row(
            None, came_of(OpenChat, Done(CHAT)), None, ("LeaveChat",)
        ),
        "CREATED: a chat opened for an older conversation is left": Row(
            CREATED, came_of(OpenChat, Done(CHAT), session="older"), CREATED, ("LeaveChat",)
        ),
        "INFO_CLOSED: a failure of an older conversation's changes nothing": Row(
            INFO_CLOSED, came_of(OpenChat, FAILED, session="older"), INFO_CLOSED
        ),
    }
)
class OpeningTests(SynchronousTestCase):
    """The desk's chat."""


@rows(
    {
        "TALKING: said, the customer sees it was read": Row(
            TALKING, came_of(Say, DONE), TALKING, ("MarkSeen",)
        ),
        "TALKING: not known whether said, an error ends it and the chat is left": Row(
            TALKING, came_of(Say, UNKNOWN), None, (*ERROR, "LeaveChat")
        ),
        "TALKING: the chat is gone": Row(
            TALKING, came_of(Say, GONE), None, ("CHAT_ENDED_INACTIVITY",)
        ),
        "TALKING: refused, an error ends it and the chat is left": Row(
            TALKING, came_of(Say, FAILED), None, (*ERROR, "LeaveChat")
        ),
        "TALKING: given up, an error ends it and the chat is left": Row(
            TALKING, came_of(Say, EXPIRED), None, (*ERROR, "LeaveChat")
        ),
        "TALKING: not tried in time, an error ends it and the chat is left": Row(
            TALKING, came_of(Say, DROPPED), None, (*ERROR, "LeaveChat")
        ),
        "RATING_WAIT: a last word said": Row(RATING_WAIT, came_of(Say, DONE), RATING_WAIT),
        "RATING_WAIT: a last word refused": Row(RATING_WAIT, came_of(Say, FAILED), RATING_WAIT),
        "RATING_WAIT: not known whether a last word was said": Row(
            RATING_WAIT, came_of(Say, UNKNOWN), RATING_WAIT
        ),
        "RATING_WAIT: a last word to a chat that is gone": Row(
            RATING_WAIT, came_of(Say, GONE), None, ("CHAT_ENDED",)
        ),
        "RATING_WAIT: gone while a rating is under way": Row(
            RATED, came_of(Say, GONE), RATING_WAIT
        ),
        "none: said after the end": Row(None, came_of(Say, DONE), None),
        "CREATED: an older chat is gone": Row(
            CREATED, came_of(Say, GONE, session="older"), CREATED
        ),
    }
)
class SayingTests(SynchronousTestCase):
    """The customer's words."""


@rows(
    {
        "RATING_WAIT: submitted, the customer is thanked": Row(
            RATED, came_of(SubmitRating, DONE), None, ("RATING_COMPLETE", "LeaveChat")
        ),
        "RATING_WAIT: refused, the chat is ended without thanks": Row(
            RATED, came_of(SubmitRating, FAILED), None, ("CHAT_ENDED", "LeaveChat")
        ),
        "RATING_WAIT: the chat is gone": Row(
            RATED, came_of(SubmitRating, GONE), None, ("CHAT_ENDED",)
        ),
        "RATING_WAIT: unanswered, it is not repeated": Row(
            RATED, came_of(SubmitRating, UNKNOWN), None, ("CHAT_ENDED", "LeaveChat")
        ),
        "RATING_WAIT: not tried in time": Row(
            RATED, came_of(SubmitRating, DROPPED), None, ("CHAT_ENDED", "LeaveChat")
        ),
        "none: what failed after the end is not told twice": Row(
            None, came_of(SubmitRating, FAILED), None
        ),
        "none: submitted after the end, no second last word": Row(
            None, came_of(SubmitRating, DONE), None
        ),
        "CREATED: submitted for an older conversation, the customer is thanked": Row(
            CREATED, came_of(SubmitRating, DONE, session="older"), CREATED, ("RATING_COMPLETE",)
        ),
        "CREATED: not submitted for an older conversation": Row(
            CREATED, came_of(SubmitRating, FAILED, session="older"), CREATED
        ),
    }
)
class RatingTests(SynchronousTestCase):
    """The rating."""


class NothingFollowsTests(SynchronousTestCase):
    """What only the log is told, whatever its outcome."""

    def test_of_texts_typing_seen_marks_and_leaving(self) -> None:
        for kind in (SendText, SendTyping, MarkSeen, LeaveChat):
            for outcome in (DONE, FAILED, GONE, EXPIRED, UNKNOWN, DROPPED):
                for state in (CREATED, INFO_WAIT, INFO_CLOSED, AGENT_WAIT, TALKING, RATING_WAIT):
                    given = session(state)
                    decision = decide(given, came_of(kind, outcome), SCRIPT)
                    self.assertEqual(decision.session, given)
                    self.assertEqual(decision.effects, ())


class LinesTests(SynchronousTestCase):
    """What is logged of an outcome, whether or not its conversation goes on."""

    def lines(self, kind: type, outcome: object, *, over: bool = False) -> list[str]:
        """The lines about one outcome."""
        given = None if over else session(TALKING)
        return logged(decide(given, came_of(kind, outcome), SCRIPT))  # type: ignore[arg-type]

    def test_what_arrived_is_told_in_the_predecessors_words(self) -> None:
        told = {
            SendText: f"Successfully sent text message to facebook messenger. [ID={CUSTOMER}],"
            " [Message=a text]",
            SendTyping: f"Successfully sent typing action to facebook messenger. [ID={CUSTOMER}],"
            " [Status=composing]",
            SendChoices: f"Successfully sent rating choices to facebook messenger. [ID={CUSTOMER}]",
            Say: f"Sent message [a word] from session [ID={CUSTOMER}] to SocialMiner.",
            SubmitRating: f"Successfully submitted feedback rating to SocialMiner. [ID={CUSTOMER}]",
        }
        for kind, text in told.items():
            self.assertEqual(self.lines(kind, DONE)[0], f"debug: {text}")
            self.assertEqual(self.lines(kind, DONE, over=True), [f"debug: {text}"])

    def test_a_failure_is_an_error_and_typing_that_failed_is_not(self) -> None:
        self.assertEqual(
            self.lines(SendText, FAILED),
            [f"error: Failed to perform SendText. [ID={CUSTOMER}], [bad request: 400]"],
        )
        self.assertEqual(
            self.lines(SendTyping, FAILED),
            [f"debug: Failed to perform SendTyping. [ID={CUSTOMER}], [bad request: 400]"],
        )

    def test_what_may_have_arrived_is_a_warning(self) -> None:
        line = f"No answer to Say: it may have been delivered. [ID={CUSTOMER}], [no answer within"
        self.assertEqual(self.lines(Say, UNKNOWN, over=True), [f"warn: {line} 10.0 s]"])

    def test_a_chat_that_was_not_opened_is_an_error_with_its_reason(self) -> None:
        self.assertIn(
            f"error: Chat could not be created. [ID={CUSTOMER}], [bad request: 400]",
            self.lines(OpenChat, FAILED),
        )

    def test_a_name_that_cannot_be_had_is_told_and_replaced(self) -> None:
        setting = f"setUserName: Setting user name of session [ID={CUSTOMER}] to Customer ..."
        self.assertEqual(
            self.lines(LookUpName, FAILED),
            [
                f"info: Could not look up the name of [ID={CUSTOMER}]. [bad request: 400]",
                f"debug: {setting}",
            ],
        )
