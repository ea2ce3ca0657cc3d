"""The journal's file: how it is opened, what its tables are, and how older ones become these."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

APPLICATION_ID = 0x43474A4C
"""Tells chatgw's journal from other programs' databases (``CGJL``)."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """CREATE TABLE sessions (
            n INTEGER PRIMARY KEY,
            channel TEXT NOT NULL, account TEXT NOT NULL, customer TEXT NOT NULL,
            record TEXT NOT NULL,
            UNIQUE (channel, account, customer))""",
        """CREATE TABLE owed (
            n INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            customer TEXT NOT NULL, kind TEXT NOT NULL,
            record TEXT NOT NULL)""",
        # By the time first, so that what is written at a time lies together, and so goes.
        """CREATE TABLE seen (
            span INTEGER NOT NULL,
            digest BLOB NOT NULL,
            PRIMARY KEY (span, digest)) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE dead (
            n INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            customer TEXT NOT NULL, kind TEXT NOT NULL,
            record TEXT NOT NULL)""",
        "ALTER TABLE owed ADD COLUMN tried INTEGER NOT NULL DEFAULT 0",
        # It was not noted then: any of them may have been.
        "UPDATE owed SET tried = 1",
    ),
)
"""What makes each version of the schema out of the one before; the first, out of nothing."""

VERSION = len(STEPS)
"""The version that this chatgw reads and writes."""

_PRAGMAS = (
    "synchronous = FULL",
    "secure_delete = ON",
    # In pages: on a small disk the log must not take the room that it takes to empty it.
    "wal_autocheckpoint = 200",
    "journal_size_limit = 1048576",
    "cell_size_check = ON",
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # no text goes to a temporary file
)


def connect(path: Path, patience: float, mode: str = "rw") -> sqlite3.Connection:
    """A connection to a file that is there already.

    Args:
        path: the file.
        patience: seconds to wait for another program's lock.
        mode: ``rw``, or ``ro`` to leave the file as it is.

    Raises:
        sqlite3.Error: it cannot be opened, or is no database.
    """
    # Twisted may give its thread a successor: SQLite itself does not mind.
    db = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for pragma in _PRAGMAS:
            db.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All that is done within, or nothing.

    After an error of the file's the connection is to be closed.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite may have taken it back by itself
            db.execute("ROLLBACK")
        raise


def number(db: sqlite3.Connection, pragma: str) -> int:
    """The value of a pragma that is a number."""
    found: int = db.execute(f"PRAGMA {pragma}").fetchone()[0]
    return found


def migrate(db: sqlite3.Connection, to: int = VERSION) -> None:
    """Brings the tables to a version, step by step, each whole or not at all."""
    db.execute("PRAGMA journal_mode = WAL")  # for good: the file remembers it
    for done in range(number(db, "user_version"), to):
        with transaction(db):
            for statement in STEPS[done]:
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {done + 1}")


def columns(db: sqlite3.Connection) -> set[tuple[str, str]]:
    """The names of all tables, each with those of its columns."""
    found = db.execute(
        """SELECT "table".name, "column".name
            FROM sqlite_schema AS "table", pragma_table_info("table".name) AS "column"
            WHERE "table".type = 'table'"""
    )
    return set(found.fetchall())
