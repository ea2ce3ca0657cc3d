"""What is wrong with a journal, in an operator's words."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from chatgw.interfaces import JournalError

CLOSED = "the journal is closed"
"""Why nothing more is taken, after a close."""


_IN_WORDS = {
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_IOERR: "the disk fails",  # a file over its size limit is one of these
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_BUSY: "locked by another program",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PERM: "not permitted",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "not a database",
}

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF  # without the details, which are in the name


def told(error: sqlite3.Error, path: Path) -> JournalError:
    """What SQLite complains of: ``disk full: /var/lib/chatgw/journal.db (SQLITE_FULL)``."""
    what = _IN_WORDS.get(_code(error), "unusable")
    if _code(error) == sqlite3.SQLITE_IOERR and _is_full(path.parent):
        what = "disk full"  # of which the small files beside the database are told in other words
    return JournalError(f"{what}: {path} ({getattr(error, 'sqlite_errorname', error)})")


def _is_full(folder: Path) -> bool:
    try:
        return not os.statvfs(folder).f_bavail
    except OSError:
        return False


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file's content is at fault, rather than its surroundings."""
    return _code(error) in _DAMAGE


def is_of_the_file(error: Exception) -> bool:
    """Whether a failure would befall any other change too, and not only the one that met it."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.DataError | sqlite3.IntegrityError | sqlite3.ProgrammingError
    )
