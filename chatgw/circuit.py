"""Whether a peer may be called: one that is unwell is probed, not hammered."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatgw.failures import FailureKind
from chatgw.values import Done, Dropped, Failed, Unknown

MOST_SILENT = 3
"""How many callers in a row may fail to get an answer before nobody calls any more."""

SCHEDULES: dict[FailureKind, tuple[float, ...]] = {
    FailureKind.TRANSIENT: (1.0, 3.0, 10.0, 30.0),
    FailureKind.THROTTLED: (60.0,),
    FailureKind.CREDENTIALS: (60.0, 120.0, 240.0, 480.0, 600.0),
    FailureKind.POLICY: (60.0, 120.0, 240.0, 480.0, 600.0),
}
"""Seconds before each next probe, by what is the matter; the last one repeats."""

SHORTEST = 1.0
LONGEST = 3600.0
"""Seconds: what a peer asks for is kept within these; there is no harm in one call an hour."""

PROBE_LIMIT = 60.0
"""Seconds after which a probe that has not ended is not waited for."""

DECIDED_HERE = (FailureKind.WINDOW_CLOSED, FailureKind.EXPIRED, FailureKind.BUSY)
"""What a channel may say without having asked its peer: it proves nothing about the peer."""


class Circuit:
    """Stands between a peer and all who call it.

    Closed, it lets every call pass. Open, it lets none pass until a time, and then one, the probe,
    whose outcome closes it or keeps it open.

    Args:
        clock: paces the probes.
        name: the peer's, for operators.
        changed: is told of each change of `trouble`.
        jitter: a factor for each pause of its own.
    """

    def __init__(
        self,
        clock: IReactorTime,
        name: str,
        changed: Callable[[Circuit], None] = lambda circuit: None,
        jitter: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.name = name
        self.trouble = ""
        """Why it is open, for operators; empty while it is closed."""
        self._clock = clock
        self._changed = changed
        self._jitter = jitter
        self._kind: FailureKind | None = None  # what is the matter, while it is open
        self._resting = False  # nothing is the matter: the peer asked to be left alone
        self._until = 0.0  # nobody calls before; while a probe is under way, its limit
        self._probing = False
        self._vain = 0  # probes in vain so far
        self._silent: set[object] = set()  # who got no answer since there last was one
        self._waiting: dict[Deferred[bool], None] = {}  # in the order of their coming
        self._serving = False
        self._timer: IDelayedCall | None = None
        self._stopped = False

    @property
    def resting(self) -> bool:
        """Whether it is open though nothing is the matter: the peer is near its limits."""
        return self._resting

    def admits(self) -> bool:
        """Whether a call may be made now; who is told so makes it, and tells its outcome."""
        if self._kind is None:
            return True
        now = self._clock.seconds()
        if now < self._until:
            return False
        self._probing, self._until = True, now + PROBE_LIMIT
        return True

    def admitted(self, within: float) -> Deferred[bool]:
        """Waits, in order, until a call may be made; False after ``within`` seconds.

        Can be cancelled.
        """
        if self.admits():
            return succeed(True)
        if self._stopped:
            return succeed(False)
        waiting: Deferred[bool] = Deferred(self._leave)
        self._waiting[waiting] = None
        if self._timer is None:
            self._arm()
        return waiting.addTimeout(max(0.0, within), self._clock, onTimeoutCancel=lambda *_: False)

    def told(self, caller: object, outcome: object) -> None:
        """Takes in the outcome of a call that was admitted.

        Args:
            caller: on whose behalf it was made; one who fails again and again counts once.
            outcome: an `Outcome`, or any other proof of an answer.
        """
        probe, self._probing = self._probing, False
        match outcome:
            case Failed(kind=kind, detail=detail, retry_after=after) if kind.holds:
                self._held(probe, kind, f"{kind.value}: {detail}", after)
            case Done(pause=pause) if pause > 0:
                near = "it is near its limits, and left alone for a while"
                self._held(probe, FailureKind.THROTTLED, near, pause, resting=True)
            case Failed(kind=FailureKind.TRANSIENT, detail=detail) | Unknown(detail=detail):
                self._fell_silent(probe, caller, detail)
            case Failed(kind=kind) if kind in DECIDED_HERE:
                self._next_probe(probe)
            case Dropped():  # nobody was called
                self._next_probe(probe)
            case _ if probe or self._kind is not FailureKind.THROTTLED:
                self._close()
            # Otherwise the call was under way when the peer asked for fewer of them.

    def release(self) -> None:
        """Takes back a call that was admitted and is not made."""
        probe, self._probing = self._probing, False
        self._next_probe(probe)

    def reset(self) -> None:
        """Lets a probe through at once: something is configured in another way."""
        self._vain = -1  # the next probe in vain is as good as the first
        self._silent.clear()
        self._next_probe(True)

    def stop(self) -> None:
        """Lets nobody wait any more."""
        self._stopped = True
        self._arm()
        for waiting in [*self._waiting]:
            self._waiting.pop(waiting, None)
            waiting.callback(False)

    # -- What an outcome does ----------------------------------------------------------------

    def _held(
        self,
        probe: bool,
        kind: FailureKind,
        trouble: str,
        after: float | None,
        resting: bool = False,
    ) -> None:
        pause = None if after is None else min(max(after, SHORTEST), LONGEST)
        if probe or self._kind is None or not self._kind.holds:
            self._open(kind, trouble, pause, resting)
        else:  # it was under way when the circuit opened
            self._until = max(self._until, self._clock.seconds() + (pause or 0.0))
            self._resting = self._resting and resting
            self._arm()

    def _fell_silent(self, probe: bool, caller: object, detail: str) -> None:
        if self._kind is None:
            self._silent.add(caller)
            if len(self._silent) >= MOST_SILENT:
                self._open(FailureKind.TRANSIENT, f"does not answer: {detail}")
        elif probe and self._kind.holds:
            self._open(self._kind, self.trouble)  # it may answer again, and say the same
        elif probe:
            self._open(FailureKind.TRANSIENT, f"does not answer: {detail}")

    def _open(
        self, kind: FailureKind, trouble: str, pause: float | None = None, resting: bool = False
    ) -> None:
        self._vain = self._vain + 1 if kind is self._kind else 0
        self._kind, self._resting = kind, resting
        self._silent.clear()
        if pause is None:
            schedule = SCHEDULES[kind]
            pause = schedule[min(self._vain, len(schedule) - 1)] * self._jitter()
        self._until = self._clock.seconds() + pause
        self._arm()
        self._say(trouble)

    def _close(self) -> None:
        self._kind, self._resting, self._vain = None, False, 0
        self._silent.clear()
        self._say("")
        self._serve()

    def _next_probe(self, probe: bool) -> None:
        """The probe has proved nothing, or there was none: another may go at once."""
        if probe and self._kind is not None:
            self._until = self._clock.seconds()
            self._serve()

    def _say(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self._changed(self)

    # -- Who waits ---------------------------------------------------------------------------

    def _serve(self) -> None:
        """Lets through who may go now; each goes before this returns, and may change matters."""
        if self._serving:
            return
        self._serving = True
        while self._waiting and self.admits():
            waiting = next(iter(self._waiting))
            del self._waiting[waiting]
            waiting.callback(True)
        self._serving = False
        self._arm()

    def _leave(self, waiting: Deferred[bool]) -> None:
        self._waiting.pop(waiting, None)
        if not self._waiting:
            self._arm()

    def _arm(self) -> None:
        """Wakes when somebody may go, if anybody waits for that."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._kind is not None and not self._stopped and (self._waiting or self._resting):
            left = max(0.0, self._until - self._clock.seconds())
            self._timer = self._clock.callLater(left, self._due)

    def _due(self) -> None:
        self._timer = None
        if self._resting and not self._waiting and self._clock.seconds() >= self._until:
            self._close()
        else:
            self._serve()
