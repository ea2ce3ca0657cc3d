"""A daemon on a listening socket that outlives it, as systemd's socket activation has it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.threads import deferToThread

from chatgw.net.port import listening, number
from chatgw.test.crowd.crowd import until
from chatgw.test.daemon import Daemon, environment, twistd

# Puts the socket where systemd does, and becomes the process that it is meant for.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="https")
os.execv(sys.argv[2], sys.argv[2:])
"""

reactor: Any = _reactor


class Activated:
    """The socket, and one daemon after the other on it.

    Args:
        folder: has ``config``, or will; gets ``logs`` and what the daemons say.
        state: the folder for what outlives the daemon.
        logs: the folder of its log files.
    """

    def __init__(self, folder: Path, state: Path | None = None, logs: Path | None = None) -> None:
        self.folder = folder
        self.state, self.logs = state or folder / "state", logs or folder / "logs"
        self._log = self.logs / "log.log"
        self._socket = listening("127.0.0.1", 0)
        self.port = number(self._socket)
        self.daemon: Daemon | None = None
        self._starts = 0
        self._logged = 0

    def start(self) -> None:
        """Starts a daemon."""
        folders = {"config": self.folder / "config", "state": self.state, "logs": self.logs}
        command = twistd(*(f"--{name}={path}" for name, path in folders.items()))
        socket = self._socket.fileno()
        self._starts += 1
        self._logged = self._log.stat().st_size if self._log.exists() else 0
        self.daemon = Daemon(
            [sys.executable, "-c", HAND_OVER, str(socket), *command],
            self.folder / f"daemon-{self._starts}",
            descriptors=[socket],
        )

    async def up(self) -> float:
        """Waits until the daemon just started serves; the seconds that took."""
        return await self.logged("Webhook server is listening")

    async def logged(self, text: str) -> float:
        """Waits for a line of the daemon's with this text; the seconds that took.

        Raises:
            AssertionError: it does not come, or the daemon has ended.
        """
        began = reactor.seconds()
        await until(lambda: text in self.log() or not self.lives, f"{text!r} in the log")
        if text not in self.log():
            raise AssertionError(f"the daemon has ended without {text!r} in its log: {self.said()}")
        return float(reactor.seconds() - began)

    async def done(self) -> None:
        """Waits until the daemon owes nothing to anyone.

        Until then something may still come, and a second time.
        """
        while (await self.status())[1]["owed"]:
            pass

    async def end(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Ends the daemon, and waits for that; the seconds it took."""
        assert self.daemon is not None
        process, began = self.daemon.process, reactor.seconds()
        self.daemon.send(how)
        await until(lambda: process.poll() is not None, f"an end after {how.name}")
        return float(reactor.seconds() - began)

    @property
    def lives(self) -> bool:
        """Whether the daemon that was started last is still there."""
        return self.daemon is not None and self.daemon.process.poll() is None

    def log(self) -> str:
        """The operator's log since the last start."""
        if not self._log.exists():
            return ""
        with self._log.open("rb") as file:
            file.seek(self._logged)
            return file.read().decode("utf-8", "replace")

    def said(self) -> str:
        """What the daemon has said on its console."""
        return self.daemon.said() if self.daemon is not None else ""

    async def status(self) -> tuple[int, Mapping[str, Any]]:
        """What ``chatgwctl status`` says, its exit status first."""
        command = [sys.executable, "-m", "chatgw.ctl", "status", "--json", f"--state={self.state}"]
        asked = await deferToThread(
            lambda: subprocess.run(command, capture_output=True, check=False, env=environment())
        )
        return asked.returncode, json.loads(asked.stdout)

    def close(self) -> None:
        """Ends whatever is left, the socket too."""
        if self.daemon is not None:
            self.daemon.end(signal.SIGKILL)
        self._socket.close()
