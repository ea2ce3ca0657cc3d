"""When the gateway was last alive: the time during which it was not makes nobody idle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

INTERVAL = 15.0
"""Seconds between two beats."""

NAME = "alive"
"""The file's name in the state folder."""

log = Logger()


class Heartbeat:
    """Touches a file from time to time.

    Args:
        folder: the state folder.
        clock: paces it; tells the time, in seconds since the epoch.
        run: does the touching, aside: a disk that hangs holds up nothing.
    """

    def __init__(
        self,
        folder: Path,
        clock: IReactorTime,
        run: Callable[[Callable[[], None]], Deferred[None]],
    ) -> None:
        self._file = folder / NAME
        self._clock = clock
        self._run = run
        self._loop = LoopingCall(self._beat)
        self._loop.clock = clock

    def absence(self) -> float:
        """Seconds for which there was no gateway; 0 if that is not known."""
        try:
            return max(0.0, self._clock.seconds() - self._file.stat().st_mtime)
        except OSError:
            return 0.0

    def start(self) -> None:
        """Beats from now on."""
        self._loop.start(INTERVAL).addErrback(
            lambda broken: log.failure("The heartbeat broke.", failure=broken)
        )

    def stop(self) -> None:
        """Beats no more."""
        if self._loop.running:
            self._loop.stop()

    def _beat(self) -> None:
        # A disk that is full or fails is told of by the journal.
        self._run(self._file.touch).addErrback(lambda _: None)
