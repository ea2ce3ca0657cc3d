"""What could not be delivered: kept with its reason, until an operator redrives or drops it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatgw import wording
from chatgw.delivery import Delivery
from chatgw.interfaces import DeadLetter, IJournal, NotTakenError
from chatgw.values import (
    Dropped,
    Effect,
    Failed,
    Origin,
    Say,
    SendChoices,
    SendText,
    Session,
    Settled,
    SubmitRating,
    Unknown,
)

log = Logger()


class DeadLetters:
    """The journal's dead letters, for an operator."""

    def __init__(
        self,
        clock: IReactorTime,
        journal: IJournal,
        delivery: Delivery,
        configured: Callable[[str], bool],
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._delivery = delivery
        self._configured = configured

    def __call__(self) -> Sequence[DeadLetter]:
        """All of them, oldest first."""
        return self._journal.dead()

    async def redrive(self, effect_id: str) -> None:
        """Owes what could not be delivered once more, as if it had been decided now.

        Raises:
            LookupError: there is no such dead letter.
            NotTakenError: its channel is not configured any more.
        """
        letter = self._find(effect_id)
        channel = letter.effect.address.channel
        if not self._configured(channel):
            raise NotTakenError(f"the channel {channel} is not configured")
        effect = evolve(letter.effect, at=self._clock.seconds(), only_in=None)
        await self._journal.bury(effect_id, [effect])
        log.info(wording.REDRIVEN, what=_name(letter), effect=effect_id, id=effect.address.customer)
        self._delivery.owe(effect)

    async def drop(self, effect_id: str) -> None:
        """Forgets one.

        Raises:
            LookupError: there is no such dead letter.
        """
        letter = self._find(effect_id)
        await self._journal.bury(effect_id)
        customer = letter.effect.address.customer
        log.info(wording.DEAD_DROPPED, what=_name(letter), effect=effect_id, id=customer)

    def arrived(self, effect_id: str) -> Deferred[None] | None:
        """Forgets one that turns out to have been delivered; None if it is none."""
        try:
            letter = self._find(effect_id)
        except LookupError:
            return None
        what, customer = _name(letter), letter.effect.address.customer

        def tell(_: None) -> None:
            log.info(wording.DELIVERED_AFTER_ALL, what=what, effect=effect_id, id=customer)

        return self._journal.bury(effect_id).addCallback(tell)

    def _find(self, effect_id: str) -> DeadLetter:
        letter = self._journal.dead_letter(effect_id)
        if letter is None:
            raise LookupError(f"there is no dead letter {effect_id}")
        return letter


def dead_letter(settled: Settled, session: Session | None) -> DeadLetter | None:
    """What an outcome leaves undelivered: a text, a question, a rating. None if nothing.

    What the gateway itself was to say may be dropped when it has lost its point. A person's words
    may not, unless they lead the conversation that has followed.

    Args:
        settled: the effect and its outcome.
        session: the conversation with this customer as it stands.
    """
    effect, outcome = settled.effect, settled.outcome
    if not isinstance(effect, SendText | SendChoices | Say | SubmitRating):
        return None
    if isinstance(effect, Say) and effect.notice:
        return None
    match outcome:
        case Failed(kind=kind, detail=detail):
            return DeadLetter(effect, kind.value, detail, settled.at)
        case Unknown(detail=detail):
            return DeadLetter(effect, "unknown", detail, settled.at)
        case Dropped(reason=reason) if _from_a_person(effect) and not _leads(effect, session):
            return DeadLetter(effect, "dropped", reason, settled.at)
    return None


def _from_a_person(effect: Effect) -> bool:
    match effect:
        case Say():
            return True
        case SendText(origin=Origin.AGENT, text=text):
            return bool(text.strip())
    return False


def _leads(effect: Effect, session: Session | None) -> bool:
    followed = session is not None and session.id != effect.session
    return isinstance(effect, Say) and effect.kept and followed


def _name(letter: DeadLetter) -> str:
    return type(letter.effect).__name__
