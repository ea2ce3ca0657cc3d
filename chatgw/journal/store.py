"""The one who writes the journal's file: what it does, it does in the journal's own thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chatgw.interfaces import JournalError, NotTakenError
from chatgw.journal import tables
from chatgw.journal.schema import connect, transaction
from chatgw.journal.tables import BEGINNING, Place
from chatgw.journal.trouble import is_of_the_file, told

Change = Callable[[sqlite3.Connection], None]
"""Writes what belongs together."""


class Store:
    """Writes changes down, for good.

    Opens the file when it first writes, and again after a failure: when the disk is well again, so
    is this. None of its calls may overlap.

    Args:
        path: the file, as `chatgw.journal.prepare` has left it.
        patience: seconds to wait for another program's lock.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._db: sqlite3.Connection | None = None

    def write(self, changes: Sequence[Change], now: float) -> list[Exception | None]:
        """Writes changes in one transaction; gives what went wrong with each, None for nothing.

        A change that cannot be written down is left out, and does not keep the others.

        Raises:
            JournalError: none of them is written.
        """
        with self._connection() as db, transaction(db):
            outcomes = [_apply(db, change) for change in changes]
            tables.forget(db, now)
        return outcomes

    def rewrite(self, place: Place) -> Place | None:
        """Writes some of what is kept anew (`chatgw.journal.tables.rewrite`), in a transaction.

        Raises:
            JournalError: the file is in trouble.
        """
        with self._connection() as db, transaction(db):
            return tables.rewrite(db, place)

    def checkpoint(self) -> bool:
        """Empties the write-ahead log; gives whether that was possible.

        Once all is written anew, what was deleted is then in no file any more.

        Raises:
            JournalError: it was not, because the file is in trouble.
        """
        with self._connection() as db:
            busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return not busy

    def close(self) -> None:
        """Leaves one file, with nothing in it but what is kept.

        Raises:
            JournalError: there is more than that; the next `chatgw.journal.prepare` sees to it.
        """
        if self._db is not None:
            try:
                place: Place | None = BEGINNING
                while place is not None:
                    place = self.rewrite(place)
                self.checkpoint()
            finally:
                self._disconnect()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._db is None:
                self._db = connect(self._path, self._patience)
            yield self._db
        except sqlite3.Error as error:
            self._disconnect()
            raise told(error, self._path) from error

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _apply(db: sqlite3.Connection, change: Change) -> Exception | None:
    db.execute("SAVEPOINT change")
    try:
        change(db)
    except Exception as error:
        if is_of_the_file(error):
            raise
        db.execute("ROLLBACK TO change")
        db.execute("RELEASE change")
        if isinstance(error, NotTakenError):
            return error
        # Its own words may show the text that it stumbled over.
        return JournalError(f"cannot be written down: {type(error).__name__}")
    db.execute("RELEASE change")
    return None
