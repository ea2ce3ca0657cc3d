"""A timer that can be started over."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime


@define(eq=False)
class Countdown:
    """Calls back once, some seconds after it was last started; not at all once stopped."""

    clock: IReactorTime
    seconds: float
    expire: Callable[[], object]
    _call: IDelayedCall | None = field(default=None, init=False)

    def start(self) -> None:
        """Counts from the beginning."""
        self.stop()
        self._call = self.clock.callLater(self.seconds, self.expire)

    def stop(self) -> None:
        """Counts no more."""
        if self._call is not None and self._call.active():
            self._call.cancel()
