"""One lane: what waits in it, and the order in which it leaves."""

from __future__ import annotations

from collections import deque

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from chatgw.delivery.outside import Outside
from chatgw.delivery.parcel import Parcel
from chatgw.delivery.passage import Passage
from chatgw.delivery.schedule import JOURNAL_PAUSE, pause
from chatgw.values import Dropped, Effect, Outcome, Unknown

MOST_QUEUED = 1000
"""How many effects a lane holds; one more is refused, unless a former process has left it."""

log = Logger()


@define(eq=False)
class BusyLane:
    """A lane with something in it; it is forgotten once it is empty."""

    outside: Outside
    queue: deque[Parcel] = field(factory=deque, init=False)
    """What is not settled yet; the first is under way."""
    ended: Deferred[None] = field(factory=Deferred, init=False)
    """Fires when it is empty or has stopped."""
    _fleeting: dict[type[Effect], Parcel] = field(factory=dict, init=False)
    _current: Parcel | None = field(default=None, init=False)
    _running: bool = field(default=False, init=False)
    _stopped: bool = field(default=False, init=False)
    _pause: Deferred[None] | None = field(default=None, init=False)

    @property
    def full(self) -> bool:
        """Whether it holds `MOST_QUEUED` effects."""
        return len(self.queue) >= MOST_QUEUED

    def add(self, parcel: Parcel) -> None:
        """Typing waits its turn without a queue; text goes before it and makes it pointless."""
        effect = parcel.effect
        for kind in [type(effect)] if effect.fleeting else [*self._fleeting]:
            if kind in self._fleeting:
                newer = self._fleeting.pop(kind).settle(Dropped("something newer came"))
                Deferred.fromCoroutine(newer)  # which logs its own failure
        if effect.fleeting:
            self._fleeting[type(effect)] = parcel
        else:
            self.queue.append(parcel)

    def confirm(self, effect_id: str, message_id: str) -> Deferred[None] | None:
        """Takes in that an effect was performed (`Delivery.confirm`)."""
        parcel = next((one for one in self.queue if one.effect.id == effect_id), None)
        if parcel is None:
            return None
        settled = parcel.confirm(message_id)
        if not self._running:  # it has stopped, with this left over
            self.run()
        return settled

    def stop(self) -> None:
        """Begins nothing more."""
        self._stopped = True
        if self._current is not None:
            self._current.stop()
        if self._pause is not None:
            self._pause.cancel()

    def run(self) -> Deferred[None]:
        """Works until there is nothing left that it may do; fires then."""
        self._running = True
        running = Deferred.fromCoroutine(self._run())
        return running.addErrback(lambda broken: log.failure("A lane broke.", failure=broken))

    async def _run(self) -> None:
        while (parcel := self._next()) is not None:
            self._current = parcel
            outcome = await self._deliver(parcel)
            settled = outcome is not None and await self._settle(parcel, outcome)
            if settled and not parcel.effect.fleeting:
                self.queue.remove(parcel)
        self._current = None
        self._running = False

    def _next(self) -> Parcel | None:
        if self._stopped:  # nothing is begun, but an echo is acknowledged only once it is committed
            return next((one for one in self.queue if one.echoed), None)
        if self.queue:
            return self.queue[0]
        return self._fleeting.pop(next(iter(self._fleeting))) if self._fleeting else None

    async def _deliver(self, parcel: Parcel) -> Outcome | None:
        try:
            return await Passage(parcel).deliver()
        except Exception as problem:  # noqa: BLE001 - a lane survives everything
            log.failure("An effect could not be delivered. [{what}]", what=parcel.effect.id)
            return Unknown(f"an unforeseen {type(problem).__name__}")

    async def _settle(self, parcel: Parcel, outcome: Outcome) -> bool:
        """Tells the outcome until it is taken in, for nobody else knows of it; False if it is not.

        Typing is not in the journal: its outcome may be forgotten.
        """
        tries = 0
        while not await parcel.settle(outcome):
            if self._stopped or parcel.effect.fleeting:
                return False
            self._pause = deferLater(
                self.outside.clock, min(pause(tries) * self.outside.jitter(), JOURNAL_PAUSE)
            )
            try:
                await self._pause
            except CancelledError:
                pass  # the daemon stops: tell it once more
            finally:
                self._pause = None
            tries += 1
        return True
