"""What is owed to the outside: texts, choices, typing; the desk's chat, words, rating.

Each effect is one call to a channel or a desk once the channel has fitted it.
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from chatgw.values.identity import Address, ChatHandle, Words


class State(Enum):
    """How far a conversation has come; the names are the predecessor's."""

    CREATED = "CREATED"
    INFO_WAIT = "INFO_WAIT"
    INFO_CLOSED = "INFO_CLOSED"
    AGENT_WAIT = "AGENT_WAIT"
    TALKING = "TALKING"
    RATING_WAIT = "RATING_WAIT"


class Lane(Enum):
    """The way an effect takes: in order towards one side, or on its own."""

    CUSTOMER = "customer"
    DESK = "desk"
    ASIDE = "aside"


class Origin(Enum):
    """Who speaks in a text to the customer (a channel's rules differ for the two)."""

    GATEWAY = "gateway"
    AGENT = "agent"


@frozen
class Choice:
    """One answer offered: what the customer reads and what comes back when it is tapped."""

    title: str
    payload: str


@frozen(kw_only=True)
class Effect:
    """Something owed to the outside. Its ``id`` names it for good, across retries."""

    id: str
    address: Address
    session: str
    """The id of the session that owes it."""
    at: float
    """When it was decided."""
    useful_for: float = 900.0
    """Seconds after ``at`` in which it is worth delivering (and retrying)."""
    only_in: frozenset[State] | None = None
    """If set, the effect is dropped once its session is in none of these states."""

    @property
    def lane(self) -> Lane:
        """The way this effect takes."""
        raise NotImplementedError

    @property
    def fleeting(self) -> bool:
        """Whether it is given up rather than retried, and never queues behind text."""
        return False


@frozen(kw_only=True)
class ToCustomer(Effect):
    """An effect towards the customer."""

    heard_at: float = 0.0
    """When the customer last did something; 0 if that is not known."""

    @property
    def lane(self) -> Lane:
        """The customer's lane."""
        return Lane.CUSTOMER


@frozen(kw_only=True)
class SendText(ToCustomer):
    """A text for the customer."""

    text: Words
    origin: Origin = Origin.GATEWAY


@frozen(kw_only=True)
class SendChoices(ToCustomer):
    """A question with its possible answers."""

    text: Words
    choices: tuple[Choice, ...]
    purpose: str
    """``problem statement`` or ``rating``: for the log."""


@frozen(kw_only=True)
class SendTyping(ToCustomer):
    """Typing dots: ``composing`` shows them, ``paused`` takes them away."""

    status: str
    useful_for: float = 3.0

    @property
    def fleeting(self) -> bool:
        """Typing is of use at once or not at all."""
        return True


@frozen(kw_only=True)
class MarkSeen(ToCustomer):
    """Tells the customer that the last text was read."""

    useful_for: float = 3.0

    @property
    def fleeting(self) -> bool:
        """Left out when there is something better to send."""
        return True


@frozen(kw_only=True)
class LookUpName(Effect):
    """Asks the channel for the customer's name. Goes aside: nothing waits behind it."""

    useful_for: float = 30.0
    """Only a last resort: the channel itself gives up much sooner."""

    @property
    def lane(self) -> Lane:
        """On its own."""
        return Lane.ASIDE


@frozen(kw_only=True)
class ToDesk(Effect):
    """An effect towards the desk."""

    @property
    def lane(self) -> Lane:
        """The desk's lane."""
        return Lane.DESK


@frozen(kw_only=True)
class OpenChat(ToDesk):
    """Opens a chat at the desk, in the queue of the customer's problem statement."""

    feed_id: str
    queue_id: str
    author: str
    title: str
    origin: str
    """The channel's type, for the desk's ``h_chatOrigin``."""
    useful_for: float = 20.0


@frozen(kw_only=True)
class Say(ToDesk):
    """The customer's text, for the agent."""

    chat: ChatHandle
    text: Words
    notice: bool = False
    """Whether the gateway itself says it."""
    kept: bool = False
    """Whether its session keeps it too, to lead the conversation that may follow."""


@frozen(kw_only=True)
class LeaveChat(ToDesk):
    """Takes the customer out of the desk's chat, so that no agent waits for nobody."""

    chat: ChatHandle


@frozen(kw_only=True)
class SubmitRating(ToDesk):
    """The customer's rating, 1 (worst) to 5 (best)."""

    chat: ChatHandle
    rating: int
