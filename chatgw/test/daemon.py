"""A real process for tests: twistd, or a simulator on its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE = 20.0
"""Seconds until what a process does not say is taken never to come."""


class Daemon:
    """A child process whose output is kept in files. All calls block: use it from a thread.

    Args:
        arguments: the command line.
        folder: an empty folder: the process's own, and that of its output.
        descriptors: what it has of our open files besides.
    """

    def __init__(self, arguments: list[str], folder: Path, descriptors: Sequence[int] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.out, self.err = folder / "out", folder / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                arguments,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment(),
                pass_fds=descriptors,
            )

    def said(self) -> str:
        """All it has written so far."""
        return self.out.read_text("utf-8", "replace") + self.err.read_text("utf-8", "replace")

    def saying(self, text: str) -> str:
        """The line of its output with this text in it, as soon as it is there."""
        return line_with(text, self.said, lambda: self.process.poll() is None)

    def send(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends it; gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()

    def ended(self) -> int:
        """Its exit status, once it has ended by itself."""
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


def environment() -> dict[str, str]:
    """Our environment without trial's PYTHONPATH, which would hide what is installed.

    Nor is coverage measured there: who is ended by a signal does not tell what it measured.
    """
    left_out = ("PYTHONPATH", "COVERAGE_PROCESS_START")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def twistd(*arguments: str) -> list[str]:
    """The command line of this Python's twistd, in the foreground."""
    program = Path(sys.executable).parent / "twistd"
    return [str(program), "-n", "--pidfile=", "chatgw", *arguments]


def line_with(text: str, read: Callable[[], str], alive: Callable[[], bool] = lambda: True) -> str:
    """The first line with this text, as soon as it can be read.

    Raises:
        AssertionError: it does not come for `PATIENCE` seconds, or who should say it has ended.
    """
    until = time.monotonic() + PATIENCE
    while True:
        living = alive()
        said = read()
        for line in said.splitlines():
            if text in line:
                return line
        if not living or time.monotonic() > until:
            raise AssertionError(f"not said: {text!r}, but only:\n{said}")
        time.sleep(0.05)
