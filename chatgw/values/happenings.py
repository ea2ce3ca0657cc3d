"""What can happen to a conversation.

Times are seconds since the epoch.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from chatgw.values.effects import Effect, State
from chatgw.values.identity import Address, ChatHandle, Words
from chatgw.values.outcomes import Outcome


@frozen
class CustomerWrote:
    """A text from the customer."""

    address: Address
    at: float
    event_id: str
    """Names the event for good: the same id is the same event delivered again."""
    text: Words
    sent_at: float | None = None
    """When the customer sent it by the channel's clock, if the channel tells."""
    message_id: str = ""
    """The channel's name of the message, by which it is edited or taken back."""


@frozen
class CustomerChose:
    """The customer tapped one of the choices offered, or a button."""

    address: Address
    at: float
    event_id: str
    payload: str
    title: Words


@frozen
class CustomerSentUnsupported:
    """Something that is not text: an image, a sticker, a location."""

    address: Address
    at: float
    event_id: str
    what: str
    """The kind, in the channel's own word: ``image``, ``sticker``."""


@frozen
class CustomerOpened:
    """The customer opened the conversation without writing (the "Get started" button)."""

    address: Address
    at: float
    event_id: str


@frozen
class CustomerActed:
    """The customer did something that says nothing (a reaction), but lets us write to them."""

    address: Address
    at: float
    event_id: str


@frozen
class CustomerEdited:
    """The customer changed a message."""

    address: Address
    at: float
    event_id: str
    message_id: str
    text: Words


@frozen
class CustomerUnsent:
    """The customer took a message back."""

    address: Address
    at: float
    event_id: str
    message_id: str


@frozen
class SomeoneAnswered:
    """Somebody else wrote to the customer in the company's name."""

    address: Address
    at: float
    event_id: str
    text: Words
    inbox: bool
    """Whether a person did, in the page's own inbox; another application otherwise."""


@frozen
class ThreadTaken:
    """Another application took the conversation over."""

    address: Address
    at: float
    event_id: str


@frozen
class Echoed:
    """The channel tells that it has one of our own messages: the proof that it was sent."""

    address: Address
    at: float
    event_id: str
    effect_id: str
    """The id of the effect that was performed."""
    message_id: str
    """The channel's name of the message."""


@frozen
class Noticed:
    """A channel event that moves no conversation: a receipt, a reaction, an edit, a policy notice.

    ``address`` is None where the event belongs to no customer.
    """

    address: Address | None
    at: float
    event_id: str
    kind: str
    """The channel's name of the event: ``read``, ``reaction``, ``is_deleted``."""
    detail: str = ""
    """What an operator may want to know; never message text."""
    alarm: bool = False
    """Whether an operator should look at it (a policy enforcement)."""


FromCustomer = (
    CustomerWrote
    | CustomerChose
    | CustomerSentUnsupported
    | CustomerOpened
    | CustomerActed
    | CustomerEdited
    | CustomerUnsent
    | SomeoneAnswered
    | ThreadTaken
)
"""The channel events that can move a conversation."""

ChannelEvent = FromCustomer | Echoed | Noticed


@frozen
class AgentJoined:
    """An agent entered the desk's chat."""

    id: int
    agent: str


@frozen
class AgentLeft:
    """An agent left the desk's chat."""

    id: int
    agent: str


@frozen
class AgentWrote:
    """A text from an agent."""

    id: int
    agent: str
    text: Words


@frozen
class AgentTyping:
    """An agent began (``composing``) or stopped (``paused``) typing."""

    id: int
    agent: str
    status: str


@frozen
class DeskStatus:
    """The desk says how the chat stands (wire reference, SocialMiner section 2)."""

    id: int
    status: str
    detail: str = ""


DeskEvent = AgentJoined | AgentLeft | AgentWrote | AgentTyping | DeskStatus


@frozen
class DeskSpoke:
    """The desk's events after the session's cursor, sorted by id."""

    address: Address
    at: float
    chat: ChatHandle
    events: tuple[DeskEvent, ...]


@frozen
class DeskChatGone:
    """The desk no longer knows the chat (SocialMiner: 404, notFound)."""

    address: Address
    at: float
    chat: ChatHandle


@frozen
class DeskRefused:
    """The desk goes on refusing to be asked for a chat's events; ``detail`` says how."""

    address: Address
    at: float
    chat: ChatHandle
    detail: str


class Limit(Enum):
    """What a conversation has gone on for too long with (`chatgw.idle`)."""

    CHOICE = "no choice"
    RATING = "no rating"
    WAITING = "no agent"
    DESK = "desk silent"
    IDLE = "idle"


@frozen
class WentStale:
    """A limit has passed: the conversation is to end."""

    address: Address
    at: float
    limit: Limit
    state: State
    """The state it was found in: if it has moved on since, nothing follows."""


@frozen
class Settled:
    """What came of an effect: itself a happening."""

    address: Address
    at: float
    effect: Effect
    outcome: Outcome


Happening = FromCustomer | DeskSpoke | DeskChatGone | DeskRefused | WentStale | Settled
