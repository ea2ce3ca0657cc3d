"""A desk as the promise needs it: chats, their agents, and all that was said in them."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.test.fakes import batch
from chatgw.test.promise_peer import Peer
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    ChatHandle,
    DeskEvent,
    Done,
    Effect,
    Failed,
    LeaveChat,
    OpenChat,
    Outcome,
    Say,
    Secret,
    SubmitRating,
    Unknown,
    Words,
)

GONE = Failed(FailureKind.RECIPIENT_GONE, "404")
SILENT = Failed(FailureKind.TRANSIENT, "no answer")

AGENT = "agent7901"


@define(eq=False)
class Chat:
    """One chat at the desk."""

    handle: ChatHandle
    customer: str
    session: str
    events: list[DeskEvent] = field(factory=list)
    said: list[Say] = field(factory=list)
    """What the gateway has said, in order: the agent reads it."""
    attended: bool = False
    """Whether the agent is here."""
    left: bool = False
    """Whether the customer has left."""
    gone: bool = False
    """Whether the desk has taken it down."""

    def heard(self) -> list[str]:
        """What the agent has read, in order."""
        return [say.text for say in self.said]

    def tell(self, event: Callable[[int], DeskEvent]) -> None:
        """Adds an event."""
        self.events.append(event(len(self.events) + 1))


class Desk:
    """Keeps chats by their handles."""

    def __init__(self, clock: Clock) -> None:
        self.acts = Peer(clock)
        """How it goes to have something done."""
        self.tells = Peer(clock)
        """How it goes to ask."""
        self.chats: dict[ChatHandle, Chat] = {}

    # -- What agents do --------------------------------------------------------------------

    def join(self, chat: Chat) -> None:
        """An agent takes a chat."""
        chat.attended = True
        chat.tell(lambda number: AgentJoined(number, AGENT))

    def say(self, chat: Chat, text: str) -> None:
        """The agent types, and writes."""
        chat.tell(lambda number: AgentTyping(number, AGENT, "composing"))
        chat.tell(lambda number: AgentWrote(number, AGENT, Words(text)))

    def leave(self, chat: Chat) -> None:
        """The agent leaves."""
        chat.attended = False
        chat.tell(lambda number: AgentLeft(number, AGENT))

    # -- What it is asked ------------------------------------------------------------------

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """Performs an effect."""
        return self.acts.call(lambda: self._take(effect), Unknown("no answer"))

    def poll(self, chat: ChatHandle, after: int) -> Deferred[Batch | Failed]:
        """Tells a chat's events."""
        return self.tells.call(lambda: self._events(chat, after), SILENT)

    def count_said(self, chat: ChatHandle) -> Deferred[int | Failed]:
        """Tells how much the gateway has said in a chat."""
        return self.tells.call(lambda: self._count(chat), SILENT)

    def _events(self, chat: ChatHandle, after: int) -> Batch | Failed:
        if self.chats[chat].gone:
            return GONE
        return batch(event for event in self.chats[chat].events if event.id > after)

    def _count(self, chat: ChatHandle) -> int | Failed:
        return GONE if self.chats[chat].gone else len(self.chats[chat].said)

    def _take(self, effect: Effect) -> Outcome:
        match effect:
            case OpenChat():
                number = len(self.chats) + 1
                secret = Secret(f"JSESSIONID={number:032X}")
                handle = ChatHandle(secret, f"http://desk/contact/{number}")
                chat = Chat(handle, effect.address.customer, effect.session)
                self.chats[handle] = chat
                return Done(handle)
            case Say(chat=handle) | SubmitRating(chat=handle) | LeaveChat(chat=handle):
                chat = self.chats[handle]
                if chat.left or chat.gone:
                    return GONE
                if isinstance(effect, Say):
                    chat.said.append(effect)
                chat.left = isinstance(effect, LeaveChat)
        return Done()
