"""The channels and the desk as the middle of chatgw calls them: each behind its circuit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatgw import wording
from chatgw.accounts import Parts
from chatgw.circuit import Circuit
from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.status import Status
from chatgw.values import (
    Address,
    ChatHandle,
    Done,
    Effect,
    Failed,
    Lane,
    Outcome,
    Say,
    Session,
    ToCustomer,
    Unknown,
)

DESK = "SocialMiner"
"""The desk's name in the status and in the log."""

log = Logger()


class Peers:
    """Calls the channels and the desk.

    Args:
        clock: paces the circuits.
        parts: the channels and the desk, as configured.
        sessions: the conversations as they stand.
        status: learns what goes wrong with whom.
        jitter: gives a factor for the pauses of the circuits.
        reached: is told each step as it is reached (`chatgw.registry.Registry`).
    """

    def __init__(
        self,
        clock: IReactorTime,
        parts: Parts,
        sessions: Mapping[Address, Session],
        status: Status,
        jitter: Callable[[], float],
        reached: Callable[[str], None],
    ) -> None:
        self.parts = parts
        self._clock = clock
        self._sessions = sessions
        self._status = status
        self._jitter = jitter
        self._reached = reached
        self._circuits: dict[str, Circuit] = {}
        self._stopped = False

    def use(self, parts: Parts) -> None:
        """Takes new parts; who was not to be called may be asked again with them at once."""
        self.parts = parts.following(self.parts)
        for circuit in [*self._circuits.values()]:  # who is served may call another
            circuit.reset()

    def stop(self) -> None:
        """Paces nothing any more; calls that are cut off from now on are no trouble."""
        self._stopped = True
        for circuit in [*self._circuits.values()]:
            circuit.stop()

    def circuit(self, effect: Effect) -> Circuit:
        """The circuit that an effect's call goes through: the desk's, or the channel's account."""
        return self._circuit(DESK if effect.lane is Lane.DESK else effect.address.channel)

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """Performs an effect, and tells the status what came of it."""
        return Deferred.fromCoroutine(self._perform(effect))

    async def _perform(self, effect: Effect) -> Outcome:
        name, session = type(effect).__name__, self._sessions.get(effect.address)
        self._reached(f"calling {name}")
        if effect.lane is Lane.DESK:
            outcome = await self.parts.desk.perform(effect)
        else:
            if isinstance(effect, ToCustomer) and session is not None:
                effect = evolve(effect, heard_at=max(effect.heard_at, session.heard_at))
            channel = self.parts.accounts[effect.address.channel].channel
            outcome = await channel.perform(effect)
            self._note(effect, outcome)
        self._reached(f"answered {name}")
        return outcome

    def poll(self, session: Session, chat: ChatHandle) -> Deferred[Batch | Failed]:
        """What is new in a session's chat; not asked while the desk's circuit is open."""
        return Deferred.fromCoroutine(self._poll(session, chat))

    async def _poll(self, session: Session, chat: ChatHandle) -> Batch | Failed:
        circuit = self._circuit(DESK)
        if not circuit.admits():
            return Failed(FailureKind.TRANSIENT, f"not asked: {circuit.trouble}")
        answer: Batch | Failed | None = None
        try:
            cursor = self._sessions[session.address].cursor
            answer = await self.parts.desk.poll(chat, cursor)
        finally:
            circuit.told(session.id, Unknown("the poll broke") if answer is None else answer)
        if isinstance(answer, Batch) and answer.events:
            self._reached("events read")
        return answer

    def happened(self, effect: Effect) -> Deferred[bool | None]:
        """Whether the desk has taken a text whose answer was lost; None if it cannot be told now.

        To be asked once the desk's circuit admits a call; the circuit learns what came of it.

        Args:
            effect: the `Say`.
        """
        return Deferred.fromCoroutine(self._happened(effect))

    async def _happened(self, effect: Effect) -> bool | None:
        circuit = self.circuit(effect)
        if not isinstance(effect, Say) or (known := self._known(effect)) is None:
            circuit.release()  # its answer would tell nothing
            return None
        count: int | Failed | None = None
        try:
            count = await self.parts.desk.count_said(effect.chat)
        finally:
            circuit.told(effect.session, Unknown("the count broke") if count is None else count)
        return None if isinstance(count, Failed) else _taken(count, known, effect)

    def _known(self, say: Say) -> int | None:
        """How many texts the desk has certainly taken before this one, if that is known."""
        session = self._sessions.get(say.address)
        return None if session is None or session.chat != say.chat else session.said

    def _circuit(self, name: str) -> Circuit:
        if name not in self._circuits:
            self._circuits[name] = Circuit(self._clock, name, self._changed, self._jitter)
        return self._circuits[name]

    def _changed(self, circuit: Circuit) -> None:
        if self._stopped:
            return
        if circuit.resting:  # it has answered: what was the matter before is over
            self._status.clear(circuit.name)
            log.warn(wording.RESTING, peer=circuit.name, reason=circuit.trouble)
        elif circuit.trouble:
            self._status.trouble(circuit.name, circuit.trouble)
        else:
            self._status.clear(circuit.name)

    def _note(self, effect: Effect, outcome: Outcome) -> None:
        if self._stopped:
            return
        channel = effect.address.channel
        # Names that a page may not know, and typing dots, tell nothing about its messages.
        message = isinstance(effect, ToCustomer) and not effect.fleeting
        match outcome:
            case Done() if message:
                self._status.clear(f"{channel} messages")
            case Failed(kind=kind, detail=detail):
                reason = f"{kind.value}: {detail}"
                self._status.failed(channel, reason)
                if message and kind.alarms and not kind.holds:  # the circuit tells what holds
                    self._status.trouble(f"{channel} messages", reason)
            case Unknown(detail=detail):
                self._status.failed(channel, f"unknown: {detail}")


def _taken(count: int, known: int, effect: Effect) -> bool | None:
    """Whether the desk has one text more than it is known to have taken."""
    if count < known:  # it does not show our texts, and so proves nothing
        log.warn(wording.FEWER, id=effect.address.customer, count=count, known=known)
        return None
    return count > known
