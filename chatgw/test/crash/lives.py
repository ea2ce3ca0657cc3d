"""The daemon in a process of its own, killed at a point and started again, as often as need be."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.task import deferLater

from chatgw.journal.files import FILE
from chatgw.test.crash.mined import ARMED, TAC
from chatgw.test.crash.points import Point, Step
from chatgw.test.daemon import Daemon, twistd

PATIENCE = 60.0
"""Seconds until what does not happen is taken never to."""

SLOW_DISK = 0.5
"""Seconds that a commit waits before its daemon is killed: an early 200 would have come by then."""

reactor: Any = _reactor


class NeverError(Exception):
    """Something has not happened; the text says what."""


async def until(condition: Callable[[], object], what: str) -> None:
    """Waits for something to become true.

    Raises:
        NeverError: it does not for `PATIENCE` seconds.
    """
    end = reactor.seconds() + PATIENCE
    while not condition():
        if reactor.seconds() > end:
            raise NeverError(what)
        await deferLater(reactor, 0.02)


class Lives:
    """The lives of the daemon.

    Args:
        point: where it is killed.
        folder: where its ``config`` is; its other folders are made there.
    """

    def __init__(self, point: Point, folder: Path) -> None:
        self.deaths = 0
        self._point = point
        self._folder = folder
        self._armed = folder / ARMED
        self._daemon: Daemon | None = None
        self._starts = 0
        self._listens = False
        self._logged = 0
        self._disk: sqlite3.Connection | None = None

    def start(self) -> None:
        """Starts the daemon: one with a mine as long as it is to die at a step, else as it is."""
        folders = [f"--{name}={self._folder / name}" for name in ("config", "state", "logs")]
        command = twistd(*folders)
        if isinstance(self._point.at, Step) and self.deaths < self._point.deaths:
            tac = self._folder / "mined.tac"
            tac.write_text(TAC.format(folder=str(self._folder), step=self._point.at.name))
            command = [*twistd()[:-1], "-y", str(tac)]
        self._starts += 1
        self._listens, self._logged = False, len(self.log())
        self._daemon = Daemon(command, self._folder / f"daemon-{self._starts}")

    def arm(self) -> None:
        """From now on the daemon is killed when it comes to the point."""
        self._armed.touch()

    @property
    def survived(self) -> bool:
        """Whether all killing is done, and the daemon is back."""
        return self.deaths == self._point.deaths and self.listening

    @property
    def listening(self) -> bool:
        """Whether the daemon lives and listens."""
        if self._daemon is None or self._daemon.process.poll() is not None:
            return False
        if not self._listens:
            self._listens = "Webhook server is listening" in self.log()[self._logged :]
        return self._listens

    async def watch(self) -> None:
        """Starts the daemon again whenever it was killed. Ends only by being cancelled.

        Raises:
            NeverError: it has ended in another way.
        """
        while True:
            if self._daemon is not None and (status := self._daemon.process.poll()) is not None:
                if status != -signal.SIGKILL:
                    raise NeverError(f"a life after {status}: {self._daemon.said()}")
                self.deaths += 1
                if self.deaths < self._point.deaths:
                    self.arm()
                self.start()
            await deferLater(reactor, 0.02)

    async def end(self) -> int:
        """Ends the daemon as an operator does; its exit status."""
        assert self._daemon is not None
        self._daemon.send(signal.SIGTERM)
        process = self._daemon.process
        await until(lambda: process.poll() is not None, "an end after SIGTERM")
        return process.returncode

    def log(self) -> str:
        """What the operator's log holds, of all of the daemon's lives."""
        file = self._folder / "logs" / "log.log"
        return file.read_text("utf-8") if file.exists() else ""

    def close(self) -> None:
        """Ends it for good, if it still lives."""
        if self._daemon is not None:
            self._daemon.end(signal.SIGKILL)

    def kill(self) -> bool:
        """Kills the daemon with -9 if that is due; whether it was."""
        daemon = self._daemon
        if daemon is None or not self._armed.exists():
            return False
        if daemon.process.poll() is not None:
            return False
        self._armed.unlink()
        daemon.send(signal.SIGKILL)
        return True

    def kill_while_committing(self) -> None:
        """If a death is due, keeps the journal from being written, and kills what waits for it."""
        if self._disk is None and self._armed.exists():
            self._disk = sqlite3.connect(self._folder / "state" / FILE, isolation_level=None)
            self._disk.execute("BEGIN IMMEDIATE")
            reactor.callLater(SLOW_DISK, self._kill_and_let_write, self._disk)

    def _kill_and_let_write(self, disk: sqlite3.Connection) -> None:
        self.kill()
        disk.close()
