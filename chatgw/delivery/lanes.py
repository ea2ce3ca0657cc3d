"""All lanes there are, and which effect goes into which."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime

from chatgw.circuit import Circuit
from chatgw.delivery.lane import MOST_QUEUED, BusyLane
from chatgw.delivery.outside import Outside, Unanswered
from chatgw.delivery.parcel import Parcel
from chatgw.failures import FailureKind
from chatgw.values import Address, Effect, Failed, Lane, Outcome

GRACE = 4.0
"""Seconds that calls under way are given to end when the daemon stops."""


class Delivery:
    """Delivers effects, each in its lane.

    Args:
        clock: for pauses and usefulness.
        perform: makes one attempt (`IChannel.perform` or `IDesk.perform`).
        settle: is told each effect's final outcome, until it takes it in: then never again.
        is_stale: whether an effect has lost its point; asked before each attempt.
        happened: whether a `Say` without an answer was taken after all; None if that cannot be
            told now. It is not repeated before this was False twice, with a pause in between.
            Asked once the circuit admits a call, and tells it what came of that.
        mark: notes in the journal how many attempts may have performed an effect
            (`chatgw.interfaces.IJournal.mark`).
        circuit: the circuit of the peer that an effect goes to.
        unanswered: what is to become of a text to a customer that got no answer.
        jitter: a factor for each pause, so that retries of many lanes do not coincide.
    """

    def __init__(  # noqa: PLR0913 - all that it knows of the rest
        self,
        clock: IReactorTime,
        perform: Callable[[Effect], Deferred[Outcome]],
        settle: Callable[[Effect, Outcome], Awaitable[None]],
        *,
        is_stale: Callable[[Effect], bool],
        happened: Callable[[Effect], Deferred[bool | None]],
        mark: Callable[[str, int], Deferred[None]],
        circuit: Callable[[Effect], Circuit],
        unanswered: Callable[[], Unanswered],
        jitter: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._outside = Outside(
            clock=clock,
            perform=perform,
            settle=settle,
            is_stale=is_stale,
            happened=happened,
            mark=mark,
            circuit=circuit,
            unanswered=unanswered,
            jitter=jitter,
        )
        self._lanes: dict[object, BusyLane] = {}
        self._stopped = False

    def __len__(self) -> int:
        """How many effects wait or are under way."""
        return sum(len(lane.queue) for lane in self._lanes.values())

    def owe(self, effect: Effect, tried: int | None = None) -> None:
        """Puts an effect at the end of its lane; after `stop`, leaves it to the journal.

        Args:
            effect: what is owed.
            tried: if a former process has left it, how many attempts may have performed it. It is
                not refused, though its lane be full.
        """
        if self._stopped:
            return
        key = _key(effect)
        parcel = Parcel(effect, self._outside, tried or 0)
        lane = self._lanes.get(key)
        if lane is not None and lane.full and tried is None and not effect.fleeting:
            full = f"{MOST_QUEUED} wait for delivery already"
            parcel.refusal = Failed(FailureKind.EXPIRED, full)
            key, lane = effect.id, None  # a lane of its own, until that is taken in
        if lane is not None:
            lane.add(parcel)
            return
        lane = self._lanes[key] = BusyLane(self._outside)
        lane.add(parcel)
        lane.run().addCallback(lambda _: self._end(key, lane))

    def _end(self, key: object, lane: BusyLane) -> None:
        if not (self._stopped and lane.queue):  # what is left may still be confirmed
            del self._lanes[key]
        lane.ended.callback(None)

    def confirm(self, effect_id: str, address: Address, message_id: str) -> Deferred[None] | None:
        """Takes in the proof that an effect was performed: the channel's echo of it.

        Returns:
            A Deferred that fires when the effect is settled as ``Done(message_id)``, and fails if
            that could not be committed, or if it was being settled otherwise: the echo is then to
            be told again. None if the effect is not owed, or not any more.
        """
        lane = self._lanes.get(address)
        return None if lane is None else lane.confirm(effect_id, message_id)

    def drained(self, within: float) -> Deferred[None]:
        """Fires when all now owed is delivered or given up, after ``within`` s at most."""
        ended = [lane.ended for lane in self._lanes.values()]
        # One of its own is given up at the end, for cancelling the list would end the lanes' too.
        done: Deferred[None] = Deferred()
        DeferredList(ended).addCallback(lambda _: None if done.called else done.callback(None))
        return done.addTimeout(within, self._outside.clock, onTimeoutCancel=lambda *_: None)

    def stop(self) -> Deferred[None]:
        """Begins nothing more; fires when all under way has ended, after `GRACE` s at most.

        What is not settled by then stays owed in the journal.
        """
        self._stopped = True
        for lane in [*self._lanes.values()]:
            lane.stop()
        return self.drained(GRACE)


def _key(effect: Effect) -> object:
    match effect.lane:
        case Lane.CUSTOMER:
            return effect.address
        case Lane.DESK:
            return effect.session
        case Lane.ASIDE:
            return effect.id
