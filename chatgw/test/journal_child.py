"""A process that writes a journal until it is ended, for tests that end it.

``python -m chatgw.test.journal_child FOLDER FIRST`` commits a text after the other, many at a time,
and prints the id of each as soon as it is promised. They are numbered, beginning with ``FIRST``.
With ``LIMIT`` as a third argument no file may grow over so many bytes for a while; what fails is
printed as ``!`` and its reason, and the end of that while as ``unlimited``.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

from attrs import define
from twisted.internet import reactor as _reactor
from twisted.python.failure import Failure

from chatgw.interfaces import Entry
from chatgw.journal import JournalThread, SqliteJournal, prepare
from chatgw.test.journals import address, text, waiting

reactor: Any = _reactor

AT_A_TIME = 20
"""Commits that wait for one another."""

FAILURES = 50
"""After so many the limit is lifted."""


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@define(eq=False)
class Writer:
    """Commits and prints."""

    journal: SqliteJournal
    number: int
    failed: int = 0

    def commit(self) -> None:
        """Commits the next text with a session that has grown by it."""
        name = f"{self.number:06d}"
        self.number += 1
        customer = str(self.number % 7)
        entry = Entry(
            address(customer), waiting(name, customer=customer), (text(name, "x" * 900),), seen=name
        )
        self.journal.commit([entry]).addCallbacks(self.committed, self.refused, (name,))

    def committed(self, _: object, name: str) -> None:
        """Says so, and commits another one."""
        say(name)
        self.commit()

    def refused(self, why: Failure) -> None:
        """Says so, and tries another one a little later."""
        say(f"! {why.getErrorMessage()}")
        self.failed += 1
        if self.failed == FAILURES:
            _limit(resource.RLIM_INFINITY)
            say("unlimited")
        reactor.callLater(0.001, self.commit)


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def main(folder: str, first: str, limit: str = "") -> None:
    """Runs until the process is killed."""
    prepare(Path(folder))
    thread = JournalThread(reactor)
    writer = Writer(SqliteJournal(Path(folder), reactor, thread.run), int(first))

    def start() -> None:
        if limit:
            _limit(int(limit))
        thread.start()
        for _ in range(AT_A_TIME):
            writer.commit()

    reactor.callWhenRunning(start)
    reactor.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
