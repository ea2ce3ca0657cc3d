"""The values that travel through chatgw: who, what happened, what is to be done, what came of it.

Everything here is frozen and knows no clock, no network and no log. Times are seconds
since the epoch unless a name says otherwise.
"""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from chatgw.failures import FailureKind


class Secret:
    """A token or password that shows itself only when asked for by name.

    Printing, formatting, logging or pickling it gives ``****`` and the last four characters
    (only ``****`` for a secret of fewer than twelve).
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for a header or a comparison and nothing else."""
        return self._value

    def __str__(self) -> str:
        return "****" + (self._value[-4:] if len(self._value) >= 12 else "")

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return (Secret, (str(self),))


class Words(str):
    """What a customer or an agent wrote: kept out of the log below level ``silly``."""

    __slots__ = ()


@frozen
class Address:
    """Where a customer is: one conversation at a time is held with each address."""

    channel: str
    """The channel's type, as in the configuration: ``FACEBOOK_MESSENGER``."""
    account: str
    """The company's side: the page id."""
    customer: str
    """The customer's side: the page-scoped user id. Opaque."""


# -- Happenings -------------------------------------------------------------------------------


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
class ChatHandle:
    """What it takes to address a chat at the desk: SocialMiner knows it by its cookie alone."""

    cookie: Secret
    """The value of the ``Cookie`` header, such as ``JSESSIONID=C0F5…``."""
    ref_url: str
    """The social contact's URL, for the log."""


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


# -- Effects ----------------------------------------------------------------------------------


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
    at: float
    """When it was decided."""
    useful_for: float = 900.0
    """Seconds after ``at`` in which it is worth delivering (and retrying)."""
    only_in: State | None = None
    """If set, the effect is dropped once its session has left this state."""

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

    useful_for: float = 10.0

    @property
    def fleeting(self) -> bool:
        """Left out when there is something better to send."""
        return True


@frozen(kw_only=True)
class LookUpName(Effect):
    """Asks the channel for the customer's name. Goes aside: nothing waits behind it."""

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


@frozen(kw_only=True)
class LeaveChat(ToDesk):
    """Takes the customer out of the desk's chat, so that no agent waits for nobody."""

    chat: ChatHandle
    useful_for: float = 60.0


@frozen(kw_only=True)
class SubmitRating(ToDesk):
    """The customer's rating, 1 (worst) to 5 (best)."""

    chat: ChatHandle
    rating: int
    useful_for: float = 60.0


# -- Outcomes ---------------------------------------------------------------------------------


@frozen
class Done:
    """It happened. ``result`` is the peer's id for it, the name found, or the chat opened."""

    result: str | ChatHandle = ""


@frozen
class Failed:
    """It did not happen."""

    kind: FailureKind
    detail: str
    """For operators: never a secret, never message text."""
    retry_after: float | None = None
    """Seconds the peer asked us to wait, if it did."""


@frozen
class Unknown:
    """It may have happened: the request left and no answer came."""

    detail: str


@frozen
class Dropped:
    """It was not tried (again) because it had lost its point."""

    reason: str


Outcome = Done | Failed | Unknown | Dropped


@frozen
class Settled:
    """What came of an effect: itself a happening."""

    address: Address
    at: float
    effect: Effect
    outcome: Outcome


Happening = (
    CustomerWrote
    | CustomerChose
    | CustomerSentUnsupported
    | CustomerOpened
    | DeskSpoke
    | DeskChatGone
    | DeskRefused
    | WentStale
    | Settled
)


# -- What a channel says, and the log ------------------------------------------------------------


@frozen
class ProblemStatement:
    """One answer to "How can we help you?" and the queue it leads to."""

    title: str
    queue_id: str


@frozen
class Script:
    """What one channel's configuration makes the conversation say and do."""

    feed_id: str
    statements: tuple[ProblemStatement, ...]
    messages: dict[str, str] = field(repr=False)
    """The eleven texts, by the seed's keys (``WELCOME_MESSAGE`` …)."""
    rating_enabled: bool


@frozen
class LogLine:
    """One line for the operator's log: a constant format and its data."""

    level: str
    """``error``, ``warn``, ``info``, ``debug`` or ``silly``."""
    format: str
    data: dict[str, object] = field(factory=dict)
