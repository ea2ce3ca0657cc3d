"""What can happen to a conversation.

Times are seconds since the epoch.
"""

from __future__ import annotations

from attrs import frozen

from chatgw.values.effects import Effect
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


ChannelEvent = CustomerWrote | CustomerChose | CustomerSentUnsupported | CustomerOpened | Noticed


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


@frozen
class WentStale:
    """Nothing was heard of the conversation for longer than the configured limit."""

    address: Address
    at: float


@frozen
class Settled:
    """What came of an effect: itself a happening."""

    address: Address
    at: float
    effect: Effect
    outcome: Outcome


@frozen
class ServiceStopped:
    """The gateway is being stopped, and forgets its conversations."""

    address: Address
    at: float


Happening = (
    CustomerWrote
    | CustomerChose
    | CustomerSentUnsupported
    | CustomerOpened
    | DeskSpoke
    | DeskChatGone
    | DeskRefused
    | WentStale
    | ServiceStopped
    | Settled
)
