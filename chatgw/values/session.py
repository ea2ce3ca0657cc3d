"""What is remembered of a conversation."""

from __future__ import annotations

from attrs import frozen

from chatgw.values.effects import State
from chatgw.values.identity import Address, ChatHandle, Words


@frozen
class Unsaid:
    """What is kept for the agent who is to come: the customer's text, or a notice."""

    text: Words
    sent_at: float
    """When it was sent, by the channel's clock if that is known: they are kept in this order."""
    message_id: str = ""
    """The channel's name of it, if it has one."""
    notice: bool = False
    """Whether the gateway itself says it."""


@frozen
class Session:
    """One conversation with one customer, from the first word to the rating."""

    id: str
    address: Address
    touched_at: float
    """When the customer or the desk was last heard."""
    state: State = State.CREATED
    state_at: float = 0.0
    """When it entered its state."""
    heard_at: float = 0.0
    """When the customer last did something, by the channel's clock if that is known."""
    name: str = ""
    """The customer's name, empty while it is being looked up."""
    queue_id: str = ""
    """The queue of the problem statement chosen."""
    offered_again_at: float = 0.0
    """When the question that stands open was last repeated."""
    waiting: tuple[Unsaid, ...] = ()
    """What the agent who is to come will read, in order."""
    chat: ChatHandle | None = None
    cursor: int = 0
    """The id of the last desk event that was decided upon."""
    agents: tuple[str, ...] = ()
    said: int | None = 0
    """How many texts the desk has taken; None once that is not known for certain."""
    rating: int = 0
    """1 to 5 once given."""
    owed: int = 0
    """How many effects it has owed so far."""
