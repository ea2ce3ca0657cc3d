"""What follows from what the desk tells, in each state that has a chat."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.tables import (
    AGENT,
    AGENT_WAIT,
    CHAT,
    INFO_CLOSED,
    NOW,
    RATING_WAIT,
    TALKING,
    Row,
    desk,
    kept,
    rows,
    session,
)
from chatgw.test.world import WITHOUT_RATING, address
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    ChatHandle,
    DeskChatGone,
    DeskRefused,
    DeskSpoke,
    DeskStatus,
    Happening,
    Secret,
    Words,
)

RATED = evolve(session(RATING_WAIT), rating=5)
TWO_WAITING = kept(AGENT_WAIT, "a", "b")
THANKED = kept(RATING_WAIT, "thanks")
TWO_AGENTS = evolve(session(TALKING), agents=(AGENT, "agent2"))
ANOTHER_CHAT = ChatHandle(Secret("JSESSIONID=another"), "http://desk/contact/2")


def status(name: str, detail: str = "") -> Happening:
    """A poll's answer with one status."""
    return desk(DeskStatus(11, name, detail))


JOINED = desk(AgentJoined(11, AGENT))
LEFT = desk(AgentLeft(11, AGENT))
HELLO = desk(AgentWrote(11, AGENT, Words("Hello")))
TYPING = desk(AgentTyping(11, AGENT, "composing"))


@rows(
    {
        "AGENT_WAIT: chat_ok changes nothing": Row(AGENT_WAIT, status("chat_ok"), AGENT_WAIT),
        "TALKING: chat_ok changes nothing": Row(TALKING, status("chat_ok"), TALKING),
        "RATING_WAIT: chat_ok changes nothing": Row(RATING_WAIT, status("chat_ok"), RATING_WAIT),
        "AGENT_WAIT: chat_issue changes nothing": Row(AGENT_WAIT, status("chat_issue"), AGENT_WAIT),
        "TALKING: chat_issue changes nothing": Row(TALKING, status("chat_issue", "XMPP"), TALKING),
        "RATING_WAIT: chat_issue changes nothing": Row(
            RATING_WAIT, status("chat_issue"), RATING_WAIT
        ),
        "AGENT_WAIT: an unknown status changes nothing": Row(
            AGENT_WAIT, status("chat_of_tomorrow"), AGENT_WAIT
        ),
        "TALKING: an unknown status changes nothing": Row(
            TALKING, status("chat_of_tomorrow"), TALKING
        ),
        "RATING_WAIT: an unknown status changes nothing": Row(
            RATING_WAIT, status("chat_of_tomorrow"), RATING_WAIT
        ),
        "AGENT_WAIT: the join timeout is told, and the customer may wait on": Row(
            AGENT_WAIT,
            status("chat_timedout_waiting_for_agent"),
            AGENT_WAIT,
            ("AGENT_JOIN_TIMEOUT",),
        ),
        "TALKING: the join timeout means nothing any more": Row(
            TALKING, status("chat_timedout_waiting_for_agent"), TALKING
        ),
        "RATING_WAIT: the join timeout means nothing any more": Row(
            RATING_WAIT, status("chat_timedout_waiting_for_agent"), RATING_WAIT
        ),
        "AGENT_WAIT: rejected, the chat is ended and left": Row(
            AGENT_WAIT,
            status("chat_request_rejected_by_agent"),
            None,
            ("CHAT_ENDED_AGENT_UNAVAILABLE", "LeaveChat"),
        ),
        "TALKING: a rejection means nothing any more": Row(
            TALKING, status("chat_request_rejected_by_agent"), TALKING
        ),
        "RATING_WAIT: a rejection means nothing any more": Row(
            RATING_WAIT, status("chat_request_rejected_by_agent"), RATING_WAIT
        ),
        "AGENT_WAIT: finished, the chat is ended": Row(
            AGENT_WAIT, status("chat_finished"), None, ("CHAT_ENDED", "LeaveChat")
        ),
        "TALKING: finished, the rating is asked for": Row(
            TALKING, status("chat_finished"), RATING_WAIT, ("offer rating",)
        ),
        "TALKING: finished, without ratings the chat is ended": Row(
            TALKING,
            status("chat_finished"),
            None,
            ("CHAT_ENDED", "LeaveChat"),
            script=WITHOUT_RATING,
        ),
        "RATING_WAIT: finished changes nothing": Row(
            RATING_WAIT, status("chat_finished"), RATING_WAIT
        ),
        "AGENT_WAIT: finished with an error, the chat is ended and left": Row(
            AGENT_WAIT,
            status("chat_finished_error"),
            None,
            ("CHAT_ENDED_UNKNOWN_ERROR", "LeaveChat"),
        ),
        "TALKING: finished with an error, the chat is ended and left": Row(
            TALKING,
            status("chat_finished_error"),
            None,
            ("CHAT_ENDED_UNKNOWN_ERROR", "LeaveChat"),
        ),
        "RATING_WAIT: finished with an error changes nothing": Row(
            RATING_WAIT, status("chat_finished_error"), RATING_WAIT
        ),
    }
)
class StatusTests(SynchronousTestCase):
    """Each status of the wire reference, SocialMiner section 2."""


@rows(
    {
        "AGENT_WAIT: an agent joins and gets what was kept, in order": Row(
            TWO_WAITING, JOINED, TALKING, ("say a", "say b")
        ),
        "TALKING: a second agent joins": Row(TALKING, desk(AgentJoined(11, "agent2")), TALKING),
        "RATING_WAIT: an agent joins after all, and gets nothing twice": Row(
            THANKED, JOINED, TALKING
        ),
        "RATING_WAIT: who has rated gets no new agent": Row(RATED, JOINED, RATING_WAIT),
        "AGENT_WAIT: an agent who never came leaves": Row(AGENT_WAIT, LEFT, AGENT_WAIT),
        "TALKING: the last agent leaves, the rating is asked for": Row(
            TALKING, LEFT, RATING_WAIT, ("offer rating",)
        ),
        "TALKING: the last agent leaves, without ratings the chat is ended": Row(
            TALKING, LEFT, None, ("CHAT_ENDED", "LeaveChat"), script=WITHOUT_RATING
        ),
        "TALKING: one of two agents leaves": Row(TWO_AGENTS, LEFT, TALKING),
        "TALKING: a stranger leaves": Row(TALKING, desk(AgentLeft(11, "who")), TALKING),
        "RATING_WAIT: an agent leaves again": Row(RATING_WAIT, LEFT, RATING_WAIT),
        "TALKING: transfer, joined before left": Row(
            TALKING, desk(AgentJoined(11, "agent2"), AgentLeft(12, AGENT)), TALKING
        ),
        "TALKING: transfer, left before joined": Row(
            TALKING, desk(AgentLeft(11, AGENT), AgentJoined(12, "agent2")), TALKING
        ),
        "TALKING: transfer, left before joined, without ratings": Row(
            TALKING,
            desk(AgentLeft(11, AGENT), AgentJoined(12, "agent2")),
            TALKING,
            script=WITHOUT_RATING,
        ),
        "AGENT_WAIT: an agent comes, speaks and goes within one poll": Row(
            TWO_WAITING,
            desk(AgentJoined(11, AGENT), AgentWrote(12, AGENT, Words("Bye")), AgentLeft(13, AGENT)),
            RATING_WAIT,
            ("say a", "say b", "agent: Bye", "offer rating"),
        ),
    }
)
class PresenceTests(SynchronousTestCase):
    """Agents come and go."""


@rows(
    {
        "AGENT_WAIT: an agent's text is for the customer": Row(
            AGENT_WAIT, HELLO, AGENT_WAIT, ("agent: Hello",)
        ),
        "TALKING: an agent's text is for the customer": Row(
            TALKING, HELLO, TALKING, ("agent: Hello",)
        ),
        "RATING_WAIT: an agent's last text is for the customer": Row(
            RATING_WAIT, HELLO, RATING_WAIT, ("agent: Hello",)
        ),
        "TALKING: texts keep their order, and typing its place among them": Row(
            TALKING,
            desk(
                AgentTyping(11, AGENT, "composing"),
                AgentWrote(12, AGENT, Words("one")),
                AgentWrote(13, AGENT, Words("two")),
                AgentTyping(14, AGENT, "paused"),
            ),
            TALKING,
            ("composing", "agent: one", "agent: two", "paused"),
        ),
        "TALKING: an empty text is nothing": Row(
            TALKING, desk(AgentWrote(11, AGENT, Words(""))), TALKING
        ),
        "AGENT_WAIT: typing means nothing yet": Row(AGENT_WAIT, TYPING, AGENT_WAIT),
        "TALKING: typing is shown": Row(TALKING, TYPING, TALKING, ("composing",)),
        "RATING_WAIT: typing means nothing any more": Row(RATING_WAIT, TYPING, RATING_WAIT),
        "TALKING: what is behind the cursor is not said again": Row(
            TALKING, desk(AgentWrote(10, AGENT, Words("old"))), TALKING
        ),
        "TALKING: only what is beyond the cursor is said": Row(
            TALKING,
            desk(AgentWrote(10, AGENT, Words("old")), AgentWrote(11, AGENT, Words("new"))),
            TALKING,
            ("agent: new",),
        ),
        "TALKING: nothing is said after an error has ended the chat": Row(
            TALKING,
            desk(DeskStatus(11, "chat_finished_error"), AgentWrote(12, AGENT, Words("late"))),
            None,
            ("CHAT_ENDED_UNKNOWN_ERROR", "LeaveChat"),
        ),
        "TALKING: what is said in another chat is nobody's": Row(
            TALKING,
            DeskSpoke(address(), NOW, ANOTHER_CHAT, (AgentWrote(11, AGENT, Words("x")),)),
            TALKING,
        ),
        "INFO_CLOSED: what is said in an older chat is nobody's": Row(
            INFO_CLOSED, HELLO, INFO_CLOSED
        ),
        "none: what is said in an older chat is nobody's": Row(None, HELLO, None),
    }
)
class WordsTests(SynchronousTestCase):
    """Agents write and type."""


GONE = DeskChatGone(address(), NOW, CHAT)
REFUSED = DeskRefused(address(), NOW, CHAT, "credentials: 401")


@rows(
    {
        "AGENT_WAIT: gone, the chat is ended": Row(
            AGENT_WAIT, GONE, None, ("CHAT_ENDED_INACTIVITY",)
        ),
        "TALKING: gone, the chat is ended": Row(TALKING, GONE, None, ("CHAT_ENDED_INACTIVITY",)),
        "RATING_WAIT: gone, the chat is ended": Row(RATING_WAIT, GONE, None, ("CHAT_ENDED",)),
        "RATING_WAIT: gone, a rating under way is waited for": Row(RATED, GONE, RATING_WAIT),
        "TALKING: another chat is gone": Row(
            TALKING, DeskChatGone(address(), NOW, ANOTHER_CHAT), TALKING
        ),
        "none: an older chat is gone": Row(None, GONE, None),
        "AGENT_WAIT: refused, the chat is ended and left": Row(
            AGENT_WAIT, REFUSED, None, ("CHAT_ENDED_UNKNOWN_ERROR", "LeaveChat")
        ),
        "TALKING: refused, the chat is ended and left": Row(
            TALKING, REFUSED, None, ("CHAT_ENDED_UNKNOWN_ERROR", "LeaveChat")
        ),
        "RATING_WAIT: refused, the chat is ended and left": Row(
            RATING_WAIT, REFUSED, None, ("CHAT_ENDED", "LeaveChat")
        ),
        "RATING_WAIT: refused, a rating under way is waited for": Row(RATED, REFUSED, RATING_WAIT),
        "none: an older chat is refused": Row(None, REFUSED, None),
    }
)
class LostTests(SynchronousTestCase):
    """The desk no longer tells."""
