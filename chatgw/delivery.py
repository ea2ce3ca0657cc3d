"""Lanes: the ordered ways by which effects leave, with retries that keep their place.

There is one lane towards each customer and one towards the desk for each conversation;
within a lane one effect is under way at a time, between lanes nothing waits for anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatgw.failures import FailureKind
from chatgw.values import Dropped, Effect, Failed, Lane, OpenChat, Outcome, Unknown
from chatgw.wording import RETRY

PAUSES = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0)
"""Seconds before each next attempt; the last one repeats while the effect is of use."""

MOST_QUEUED = 1000
"""How many effects a lane holds; one more is refused, and its outcome says so."""

GRACE = 4.0
"""Seconds that calls under way are given to end when the daemon stops."""

log = Logger()

Perform = Callable[[Effect], Deferred[Outcome]]
Settle = Callable[[Effect, Outcome], Awaitable[None]]


class Delivery:
    """Delivers effects, each in its lane.

    Args:
        clock: for pauses and usefulness.
        perform: makes one attempt (`IChannel.perform` or `IDesk.perform`).
        settle: is told each effect's final outcome, once.
        is_stale: whether an effect has lost its point; asked before each attempt.
        jitter: a factor for each pause, so that retries of many lanes do not coincide.
    """

    def __init__(
        self,
        clock: IReactorTime,
        perform: Perform,
        settle: Settle,
        is_stale: Callable[[Effect], bool],
        jitter: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.clock = clock
        self.perform = perform
        self.settle = settle
        self.is_stale = is_stale
        self.jitter = jitter
        self._lanes: dict[object, _Lane] = {}
        self._stopped = False

    def owe(self, effect: Effect) -> None:
        """Puts an effect at the end of its lane; after `stop`, leaves it to the journal."""
        if self._stopped:
            return
        key: object
        match effect.lane:
            case Lane.CUSTOMER:
                key = effect.address
            case Lane.DESK:
                key = effect.session
            case Lane.ASIDE:
                key = effect.id
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane(self)
            lane.add(effect)
            lane.run().addCallback(lambda _: self._lanes.pop(key))
        else:
            lane.add(effect)

    def drained(self, within: float) -> Deferred[None]:
        """Fires when all now owed is delivered or given up, after ``within`` s at most."""
        ended = [lane.ended for lane in self._lanes.values()]
        # One of its own is given up at the end, for cancelling the list would end the lanes' too.
        done: Deferred[None] = Deferred()
        DeferredList(ended).addCallback(lambda _: None if done.called else done.callback(None))
        return done.addTimeout(within, self.clock, onTimeoutCancel=lambda *_: None)

    def stop(self) -> Deferred[None]:
        """Begins nothing more; fires when all under way has ended, after `GRACE` s at most."""
        self._stopped = True
        ended = DeferredList(
            [lane.stop() for lane in list(self._lanes.values())], consumeErrors=True
        )
        ended.addTimeout(GRACE, self.clock, onTimeoutCancel=lambda *_: [])
        return ended.addCallback(lambda _: None)


@define(eq=False)
class _Lane:
    delivery: Delivery
    queue: deque[Effect] = field(factory=deque)
    fleeting: dict[type[Effect], Effect] = field(factory=dict)
    stopped: bool = False
    pause: Deferred[None] | None = None
    ended: Deferred[None] = field(factory=Deferred)

    def add(self, effect: Effect) -> None:
        """Typing waits its turn without a queue; text goes before it and makes it pointless."""
        if not effect.fleeting and len(self.queue) >= MOST_QUEUED:
            full = f"{MOST_QUEUED} wait for delivery already"
            self._decline(effect, Failed(FailureKind.EXPIRED, full))
            return
        for kind in [type(effect)] if effect.fleeting else [*self.fleeting]:
            if kind in self.fleeting:
                self._decline(self.fleeting.pop(kind), Dropped("something newer came"))
        if effect.fleeting:
            self.fleeting[type(effect)] = effect
        else:
            self.queue.append(effect)

    def run(self) -> Deferred[None]:
        """Works until there is nothing left to do; fires then."""
        running = Deferred.fromCoroutine(self._run())
        running.addErrback(lambda broken: log.failure("A lane broke.", failure=broken))
        return running.addCallback(self.ended.callback)

    async def _run(self) -> None:
        while not self.stopped:
            if self.queue:
                effect = self.queue[0]
                outcome = await self._deliver(effect)
                if outcome is None:
                    return
                self.queue.popleft()
                await self._settle(effect, outcome)
            elif self.fleeting:
                effect = self.fleeting.pop(next(iter(self.fleeting)))
                outcome = await self._deliver(effect)
                if outcome is not None:
                    await self._settle(effect, outcome)
            else:
                return

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        """Tells the outcome until it is taken in: nobody else knows of it."""
        for pause in PAUSES:
            if await self._tell(effect, outcome) or self.stopped:
                return
            await self._sleep(pause)

    def _decline(self, effect: Effect, outcome: Outcome) -> None:
        """Tells the outcome of what was not even queued; at once, so that it is not kept."""
        Deferred.fromCoroutine(self._tell(effect, outcome))  # which logs its own failure

    async def _tell(self, effect: Effect, outcome: Outcome) -> bool:
        try:
            await self.delivery.settle(effect, outcome)
        except Exception:  # noqa: BLE001 - a lane survives everything
            log.failure("The outcome of an effect could not be taken in. [{what}]", what=effect.id)
            return False
        return True

    async def _deliver(self, effect: Effect) -> Outcome | None:
        """The final outcome of an effect; None if the daemon stops before there is one."""
        clock, until = self.delivery.clock, effect.at + effect.useful_for
        outcome: Outcome = Dropped("of no use any more")
        attempts = 0
        while not self.stopped:
            if self.delivery.is_stale(effect):
                return Dropped("the conversation has moved on")
            if clock.seconds() >= until:
                return _given_up(outcome, attempts)
            outcome = await self._attempt(effect, until - clock.seconds())
            attempts += 1
            if effect.fleeting or not _worth_retrying(effect, outcome):
                return outcome
            pause = PAUSES[min(attempts, len(PAUSES)) - 1] * self.delivery.jitter()
            if isinstance(outcome, Failed) and outcome.retry_after is not None:
                pause = max(pause, outcome.retry_after)
            if clock.seconds() + pause >= until:
                return _given_up(outcome, attempts)
            if self.stopped:
                return None
            log.info(
                RETRY,
                what=type(effect).__name__,
                id=effect.address.customer,
                pause=round(pause, 1),
                reason=outcome.detail if isinstance(outcome, Failed | Unknown) else "",
            )
            await self._sleep(pause)
        return None

    async def _attempt(self, effect: Effect, time_left: float) -> Outcome:
        try:
            attempt = self.delivery.perform(effect)
            attempt.addTimeout(time_left, self.delivery.clock, onTimeoutCancel=_cut_off)
            return await attempt
        except Exception as problem:  # noqa: BLE001 - a lane survives everything
            log.failure("An attempt broke. [{what}]", what=effect.id)
            return Unknown(f"an unforeseen {type(problem).__name__}")

    async def _sleep(self, seconds: float) -> None:
        self.pause = deferLater(self.delivery.clock, seconds)
        try:
            await self.pause
        except CancelledError:
            pass  # the daemon stops
        finally:
            self.pause = None

    def stop(self) -> Deferred[None]:
        """Begins nothing more; fires when what is under way has ended."""
        self.stopped = True
        if self.pause is not None:
            self.pause.cancel()
        return self.ended


def _worth_retrying(effect: Effect, outcome: Outcome) -> bool:
    match outcome:
        case Failed(kind=kind):
            return kind.passing
        case Unknown():
            # A chat that may have been opened has no cookie, so nobody can use it: another is
            # opened. A text that may have been delivered is not said twice.
            return isinstance(effect, OpenChat)
        case _:
            return False


def _given_up(outcome: Outcome, attempts: int) -> Outcome:
    match outcome:
        case Failed(detail=detail):
            return Failed(FailureKind.EXPIRED, f"{detail}; given up after {attempts} attempts")
        case _:
            return outcome


def _cut_off(result: object, seconds: float) -> object:
    """An attempt that outlived the effect's use: its own outcome if it has one, else unknown."""
    if isinstance(result, Failure):
        return Unknown(f"no answer within {seconds:.1f} s")
    return result
