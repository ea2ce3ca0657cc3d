"""What the middle of chatgw asks of its outer parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen
from twisted.internet.defer import Deferred
from zope.interface import Attribute, Interface

from chatgw.values import (
    Address,
    ChannelEvent,
    ChatHandle,
    DeskEvent,
    Effect,
    Failed,
    Outcome,
    Session,
)


class IChannel(Interface):
    """A messaging channel's account: reads its webhook, performs effects towards its customers."""

    type: str = Attribute("The channel's type, as in the configuration: ``FACEBOOK_MESSENGER``.")

    def challenge(query: Mapping[bytes, Sequence[bytes]]) -> bytes | None:
        """The bytes that answer a verification request, or None if it is not to be believed.

        Args:
            query: the request's query arguments.
        """

    def authentic(body: bytes, signature: bytes | None) -> bool:
        """Whether a POST comes from the channel's owner.

        Args:
            body: the raw bytes received.
            signature: the value of the signature header, None if there was none.
        """

    def read(body: bytes, at: float) -> list[ChannelEvent]:
        """All that a POST tells, in its order. Pure; never raises, whatever the content.

        Args:
            body: the raw bytes received.
            at: seconds since the epoch, now.
        """

    def fit(effect: Effect) -> list[Effect]:
        """Cuts an effect towards a customer into what the channel takes in one call each. Pure.

        The parts have ids derived from the effect's own, the same at each call.
        """

    def perform(effect: Effect) -> Deferred[Outcome]:
        """Performs one effect as `fit` gave it: it is sent at most once.

        Never fails: whatever goes wrong is an outcome. Each call it makes ends within the
        channel's deadline; a second one is made only if the first was certainly refused.
        """


@frozen
class Batch:
    """The answer to one poll: the events after the cursor, sorted by id, none twice."""

    events: tuple[DeskEvent, ...]
    raw: Mapping[str, object]
    """The answer as the log shows it (`chatgw.dump`); what people wrote in it is `Words`."""


class IDesk(Interface):
    """A contact centre's chat."""

    def perform(effect: Effect) -> Deferred[Outcome]:
        """Performs an effect towards the desk, in one call.

        Never fails: whatever goes wrong is an outcome. `OpenChat` gives ``Done(ChatHandle)``;
        a chat the desk no longer knows is ``Failed(RECIPIENT_GONE)``. Ends within the desk's
        deadline.
        """

    def poll(chat: ChatHandle, after: int) -> Deferred[Batch | Failed]:
        """The events of a chat after the id ``after``.

        Idempotent: the desk keeps events. Never fails; ``Failed(RECIPIENT_GONE)`` when the desk no
        longer knows the chat, ``TRANSIENT`` when it cannot be asked, another kind when it refuses.
        """

    def count_said(chat: ChatHandle) -> Deferred[int | Failed]:
        """How many texts of ours (`Say`) the chat holds: the proof of those without an answer.

        Fails in no other way than `poll`.
        """


@frozen
class DeadLetter:
    """An effect that could not be delivered, for an operator to look at and perhaps redrive."""

    effect: Effect
    kind: str
    """The `FailureKind`'s value, or ``unknown``: it may have been delivered."""
    reason: str
    """For operators: never a secret, never message text."""
    at: float
    """When it was given up, in seconds since the epoch."""


@frozen
class Entry:
    """What one happening changed, committed as a whole or not at all."""

    address: Address
    session: Session | None
    """The conversation's new record, None if there is none any more."""
    owed: tuple[Effect, ...] = ()
    """Effects now owed to the outside."""
    settled: str | None = None
    """The id of an effect no longer owed."""
    seen: str | None = None
    """The id of the event now seen."""
    at: float = 0.0
    dead: DeadLetter | None = None
    """The effect settled, if it could not be delivered."""


@frozen
class Owed:
    """An effect that a former process left behind."""

    effect: Effect
    tried: int
    """How many attempts may have performed it: begun, and how they ended is not known."""


@frozen
class Kept:
    """What a journal holds from the time before."""

    sessions: tuple[Session, ...] = ()
    owed: tuple[Owed, ...] = ()
    """In the order in which they were committed."""


class NotTakenError(Exception):
    """Events are not taken now, and nothing is broken; the text says why."""


class JournalError(Exception):
    """The journal cannot do what it was asked; nothing has changed.

    The text is for operators: it names the file, never a secret, never what people wrote.
    """


class IJournal(Interface):
    """Where promises are kept.

    Whatever a Deferred given here has fired for outlives the process. One that fails has changed
    nothing, and may be asked again.
    """

    def restore() -> Kept:
        """All that a former process has left. Called once, before anything else."""

    def commit(entries: Iterable[Entry]) -> Deferred[None]:
        """Makes entries lasting, all or none.

        Fires when they are; fails with `JournalError` if they cannot be, with `NotTakenError` once
        it is closed.
        """

    def mark(effect_id: str, tried: int) -> Deferred[None]:
        """Notes how many attempts may have performed an effect owed (`Owed.tried`)."""

    def seen(event_id: str) -> bool:
        """Whether an event was committed within the last 36 hours."""

    def dead() -> Sequence[DeadLetter]:
        """What could not be delivered, oldest first."""

    def dead_letter(effect_id: str) -> DeadLetter | None:
        """The dead letter of an effect, None if there is none."""

    def bury(effect_id: str, owed: Iterable[Effect] = ()) -> Deferred[None]:
        """Takes a dead letter away, and owes effects in its stead, all or nothing."""

    def close() -> Deferred[None]:
        """Commits what is still waiting, and nothing after it. Never fails."""
