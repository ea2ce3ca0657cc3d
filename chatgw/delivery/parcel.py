"""One effect that is owed: what is proved of it, and how its outcome is told."""

from __future__ import annotations

import sys
from typing import TypeVar

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatgw.delivery.outside import Outside
from chatgw.interfaces import JournalError, NotTakenError
from chatgw.values import Done, Effect, Failed, Outcome

Result = TypeVar("Result")
log = Logger()


class EchoTooLateError(NotTakenError):
    """The effect was being settled otherwise when its echo came: the echo is to be told again."""

    def __init__(self) -> None:
        super().__init__("what an echo proves was just being given up")


@define(eq=False)
class Parcel:
    """An effect in a lane."""

    effect: Effect
    outside: Outside
    tried: int = 0
    """How many attempts of former processes may have performed it."""
    refusal: Failed | None = None
    """Why nothing at all is done to deliver it."""
    proof: Done | None = field(default=None, init=False)
    """That it was performed, whatever its attempts say; set at any time."""
    _stopped: bool = field(default=False, init=False)
    _waiting: Deferred[object] | None = field(default=None, init=False)
    _to_the_end: bool = field(default=False, init=False)
    _echoes: list[Deferred[None]] = field(factory=list, init=False)
    _complained: bool = field(default=False, init=False)

    @property
    def goes_on(self) -> bool:
        """Whether anything is still to be done to deliver it."""
        return self.proof is None and not self._stopped

    @property
    def echoed(self) -> bool:
        """Whether an echo waits to be acknowledged."""
        return bool(self._echoes)

    def confirm(self, message_id: str) -> Deferred[None]:
        """Takes in that it was performed (`chatgw.delivery.Delivery.confirm`)."""
        self.proof = Done(message_id)
        settled: Deferred[None] = Deferred()
        self._echoes.append(settled)
        if self._waiting is not None:
            self._waiting.cancel()
        return settled

    def stop(self) -> None:
        """Begins nothing more to deliver it."""
        self._stopped = True
        if self._waiting is not None and not self._to_the_end:
            self._waiting.cancel()

    async def wait(self, waiting: Deferred[Result], to_the_end: bool = False) -> Result | None:
        """Waits, unless that becomes pointless: None then.

        Args:
            waiting: what is waited for; cancelled when an echo comes.
            to_the_end: waits on when the daemon stops.
        """
        self._waiting, self._to_the_end = waiting, to_the_end  # type: ignore[assignment]
        try:
            return await waiting
        except CancelledError:
            return None
        finally:
            self._waiting = None

    async def sleep(self, seconds: float) -> None:
        """Waits for a time, as long as there is anything to do afterwards."""
        if self.goes_on:
            await self.wait(deferLater(self.outside.clock, seconds))

    async def settle(self, outcome: Outcome) -> bool:
        """Tells what came of it, a proof first of all; whether that was taken in."""
        outcome = self.proof or outcome
        try:
            await self.outside.settle(self.effect, outcome)
        except Exception:  # noqa: BLE001 - a lane survives everything
            self.complain("The outcome of an effect could not be taken in. [{what}]")
            self._acknowledge(Failure())
            return False
        self._acknowledge(None if isinstance(outcome, Done) else Failure(EchoTooLateError()))
        return True

    def complain(self, text: str) -> None:
        """Logs the exception at hand: in full the first time, for it may come again and again.

        What ails the journal is told elsewhere, and that it is closed is no trouble.
        """
        if self._complained or isinstance(sys.exc_info()[1], JournalError | NotTakenError):
            log.debug(text, what=self.effect.id)
        else:
            log.failure(text, what=self.effect.id)
        self._complained = True

    def _acknowledge(self, result: Failure | None) -> None:
        while self._echoes:
            self._echoes.pop(0).callback(result)
