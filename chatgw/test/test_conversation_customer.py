"""What follows from what the customer does, in each state."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.tables import (
    AGENT_WAIT,
    CREATED,
    INFO_CLOSED,
    INFO_WAIT,
    RATING_WAIT,
    TALKING,
    Row,
    acted,
    chose,
    kept,
    opened,
    rows,
    sent,
    session,
    wrote,
)
from chatgw.test.world import ONE_STATEMENT

WELCOME = ("LookUpName", "WELCOME_MESSAGE")
QUESTION = (*WELCOME, "offer problem statement")
ANEW = ("LeaveChat", *QUESTION)
RATED = evolve(session(RATING_WAIT), rating=5)
THANKED = kept(RATING_WAIT, "thank you")
LATER = 1061.0
"""More than a minute after the last offer."""


@rows(
    {
        "none: the first text is kept and answered by welcome and question": Row(
            None, wrote("Hi"), CREATED, QUESTION, waiting=("Hi",)
        ),
        "none: with one statement no question is asked": Row(
            None, wrote("Hi"), INFO_CLOSED, WELCOME, waiting=("Hi",), script=ONE_STATEMENT
        ),
        "none: a first text that looks like a choice is a text": Row(
            None, wrote("1"), CREATED, QUESTION, waiting=("1",)
        ),
        "CREATED: a text is kept": Row(CREATED, wrote("Hello?"), CREATED, waiting=("Hello?",)),
        "CREATED: a typed number is the choice": Row(CREATED, wrote("1"), INFO_CLOSED, ("open 4",)),
        "INFO_WAIT: a text is kept": Row(INFO_WAIT, wrote("Help"), INFO_WAIT, waiting=("Help",)),
        "INFO_WAIT: a text after a minute has the question asked again": Row(
            INFO_WAIT,
            wrote("Help", LATER),
            INFO_WAIT,
            ("offer problem statement",),
            waiting=("Help",),
        ),
        "INFO_WAIT: a typed number is the choice": Row(
            INFO_WAIT, wrote(" 2. "), INFO_CLOSED, ("open 7",)
        ),
        "INFO_WAIT: a typed number in brackets is the choice": Row(
            INFO_WAIT, wrote("2)"), INFO_CLOSED, ("open 7",)
        ),
        "INFO_WAIT: a typed title is the choice, whatever its case": Row(
            INFO_WAIT, wrote("  bILLing "), INFO_CLOSED, ("open 7",)
        ),
        "INFO_WAIT: a number there is no statement for is a text": Row(
            INFO_WAIT, wrote("3"), INFO_WAIT, waiting=("3",)
        ),
        "INFO_WAIT: a number within a text is a text": Row(
            INFO_WAIT, wrote("2 days ago"), INFO_WAIT, waiting=("2 days ago",)
        ),
        "INFO_WAIT: without a name yet a choice opens nothing": Row(
            session(INFO_WAIT, name=""), wrote("2"), INFO_CLOSED
        ),
        "INFO_CLOSED: a text is kept": Row(INFO_CLOSED, wrote("a"), INFO_CLOSED, waiting=("a",)),
        "INFO_CLOSED: a number is a text by now": Row(
            INFO_CLOSED, wrote("2"), INFO_CLOSED, waiting=("2",)
        ),
        "AGENT_WAIT: a text is kept": Row(AGENT_WAIT, wrote("a"), AGENT_WAIT, waiting=("a",)),
        "TALKING: a text goes to the agent": Row(TALKING, wrote("Sure"), TALKING, ("say Sure",)),
        "TALKING: a number goes to the agent": Row(TALKING, wrote("5"), TALKING, ("say 5",)),
        "RATING_WAIT: a typed figure is the rating": Row(
            RATING_WAIT, wrote(" 5 "), RATING_WAIT, ("rate 5",)
        ),
        "RATING_WAIT: a figure above five is a text": Row(
            RATING_WAIT, wrote("6"), RATING_WAIT, ("say 6",), waiting=("6",)
        ),
        "RATING_WAIT: a last word goes into the transcript, and is kept": Row(
            RATING_WAIT, wrote("thank you"), RATING_WAIT, ("say thank you",), waiting=("thank you",)
        ),
        "RATING_WAIT: a last word after a minute has the rating asked for again": Row(
            RATING_WAIT,
            wrote("thank you", LATER),
            RATING_WAIT,
            ("say thank you", "offer rating"),
            waiting=("thank you",),
        ),
        "RATING_WAIT: a second word begins anew, led by the first": Row(
            THANKED, wrote("one more thing"), CREATED, ANEW, ("thank you", "one more thing")
        ),
        "RATING_WAIT: a word after the rating begins anew": Row(
            RATED, wrote("one more thing"), CREATED, ANEW, waiting=("one more thing",)
        ),
        "RATING_WAIT: a second typed rating changes nothing": Row(RATED, wrote("1"), RATING_WAIT),
    }
)
class TextTests(SynchronousTestCase):
    """The customer writes."""


@rows(
    {
        "none: a statement of an old list is the choice": Row(
            None, chose("statement:7"), INFO_CLOSED, WELCOME
        ),
        "none: a statement that is no longer configured is asked for": Row(
            None, chose("statement:99"), CREATED, QUESTION
        ),
        "none: a rating after the end changes nothing": Row(None, chose("rating:5"), None),
        "none: a button of the page's own is a text": Row(
            None, chose("MENU_HELP", "Help"), CREATED, QUESTION, waiting=("Help",)
        ),
        "none: a button without a title only opens": Row(
            None, chose("MENU_HELP"), CREATED, QUESTION
        ),
        "CREATED: a tap is the choice": Row(
            CREATED, chose("statement:7"), INFO_CLOSED, ("open 7",)
        ),
        "INFO_WAIT: a tap is the choice": Row(
            INFO_WAIT, chose("statement:7"), INFO_CLOSED, ("open 7",)
        ),
        "INFO_WAIT: a tap without a name yet opens nothing": Row(
            session(INFO_WAIT, name=""), chose("statement:7"), INFO_CLOSED
        ),
        "INFO_WAIT: a statement no longer configured brings the new list": Row(
            INFO_WAIT, chose("statement:99"), INFO_WAIT, ("offer problem statement",)
        ),
        "INFO_WAIT: a rating of an older chat changes nothing": Row(
            INFO_WAIT, chose("rating:5"), INFO_WAIT
        ),
        "INFO_WAIT: a button of the page's own is a text": Row(
            INFO_WAIT, chose("MENU_HELP", "Help"), INFO_WAIT, waiting=("Help",)
        ),
        "INFO_CLOSED: a second tap changes nothing": Row(
            INFO_CLOSED, chose("statement:7"), INFO_CLOSED
        ),
        "AGENT_WAIT: a second tap changes nothing": Row(
            AGENT_WAIT, chose("statement:7"), AGENT_WAIT
        ),
        "AGENT_WAIT: a rating of an older chat changes nothing": Row(
            AGENT_WAIT, chose("rating:5"), AGENT_WAIT
        ),
        "TALKING: a tap changes nothing": Row(TALKING, chose("statement:7"), TALKING),
        "TALKING: a rating offered before a transfer changes nothing": Row(
            TALKING, chose("rating:5"), TALKING
        ),
        "TALKING: a button of the page's own goes to the agent": Row(
            TALKING, chose("MENU_HELP", "Help"), TALKING, ("say Help",)
        ),
        "RATING_WAIT: a tap is the rating": Row(
            RATING_WAIT, chose("rating:1"), RATING_WAIT, ("rate 1",)
        ),
        "RATING_WAIT: a second tap changes nothing": Row(RATED, chose("rating:1"), RATING_WAIT),
        "RATING_WAIT: a rating nobody offered changes nothing": Row(
            RATING_WAIT, chose("rating:6"), RATING_WAIT
        ),
        "RATING_WAIT: a statement changes nothing": Row(
            RATING_WAIT, chose("statement:4"), RATING_WAIT
        ),
    }
)
class ChoiceTests(SynchronousTestCase):
    """The customer taps."""


NOTICE = ("UNSUPPORTED_MESSAGE",)
PHOTO = "[chatgw] The customer sent a photo."


@rows(
    {
        "none: something unsupported is told, and begins nothing": Row(
            None, sent("sticker"), None, NOTICE
        ),
        "CREATED: something unsupported is told": Row(
            CREATED, sent("image"), CREATED, NOTICE, waiting=(PHOTO,)
        ),
        "INFO_WAIT: something unsupported is told": Row(
            INFO_WAIT, sent("image"), INFO_WAIT, NOTICE, waiting=(PHOTO,)
        ),
        "INFO_WAIT: after a minute it has the question asked again": Row(
            INFO_WAIT,
            sent("image", LATER),
            INFO_WAIT,
            (*NOTICE, "offer problem statement"),
            waiting=(PHOTO,),
        ),
        "INFO_CLOSED: something unsupported is told": Row(
            INFO_CLOSED, sent("image"), INFO_CLOSED, NOTICE, waiting=(PHOTO,)
        ),
        "AGENT_WAIT: something unsupported is told, and kept in mind for the agent": Row(
            AGENT_WAIT, sent("image", LATER), AGENT_WAIT, NOTICE, waiting=(PHOTO,)
        ),
        "TALKING: something unsupported is told to both": Row(
            TALKING, sent("image", LATER), TALKING, (*NOTICE, f"notice {PHOTO}")
        ),
        "RATING_WAIT: something unsupported is told to the customer only": Row(
            RATING_WAIT, sent("like"), RATING_WAIT, NOTICE
        ),
        "RATING_WAIT: after a minute it has the rating asked for again": Row(
            RATING_WAIT, sent("like", LATER), RATING_WAIT, (*NOTICE, "offer rating")
        ),
        "RATING_WAIT: who has rated is not asked again": Row(
            RATED, sent("like", LATER), RATING_WAIT, NOTICE
        ),
    }
)
class UnsupportedTests(SynchronousTestCase):
    """The customer sends something that is not text."""


@rows(
    {
        "none: it is answered by welcome and question": Row(None, opened(), CREATED, QUESTION),
        "none: with one statement the agent is looked for at once": Row(
            None, opened(), INFO_CLOSED, WELCOME, script=ONE_STATEMENT
        ),
        "CREATED: it changes nothing": Row(CREATED, opened(LATER), CREATED),
        "INFO_WAIT: it changes nothing": Row(INFO_WAIT, opened(), INFO_WAIT),
        "INFO_WAIT: after a minute it has the question asked again": Row(
            INFO_WAIT, opened(LATER), INFO_WAIT, ("offer problem statement",)
        ),
        "INFO_CLOSED: it changes nothing": Row(INFO_CLOSED, opened(LATER), INFO_CLOSED),
        "AGENT_WAIT: it changes nothing": Row(AGENT_WAIT, opened(LATER), AGENT_WAIT),
        "TALKING: it changes nothing": Row(TALKING, opened(LATER), TALKING),
        "RATING_WAIT: it changes nothing": Row(RATING_WAIT, opened(LATER), RATING_WAIT),
    }
)
class OpenedTests(SynchronousTestCase):
    """The customer taps "Get started"."""


@rows(
    {
        "none: it begins nothing": Row(None, acted(), None),
        "INFO_WAIT: it changes nothing": Row(INFO_WAIT, acted(LATER), INFO_WAIT),
        "TALKING: it changes nothing": Row(TALKING, acted(), TALKING),
        "RATING_WAIT: it changes nothing": Row(RATING_WAIT, acted(LATER), RATING_WAIT),
    }
)
class ActedTests(SynchronousTestCase):
    """The customer does something that says nothing."""
