"""Whether a file is a journal that can be used, and what is done with one that cannot."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from twisted.logger import Logger

from chatgw.interfaces import JournalError
from chatgw.journal import files
from chatgw.journal.schema import APPLICATION_ID, VERSION, columns, connect, migrate, number
from chatgw.journal.trouble import is_damage, told

_MAGIC = b"SQLite format 3\0"

_HEADER = struct.Struct(">16s52xI")
"""What an SQLite file begins with; at 68 its application id (its file format, section 1.3)."""

log = Logger()


def fault(path: Path, patience: float) -> str:
    """What keeps a file from being a sound journal, of this version or of an older one.

    Args:
        path: the file; there is something of its name.
        patience: seconds to wait for another program's lock.

    Returns:
        The fault, empty if there is none.

    Raises:
        JournalError: that cannot be told, or a newer chatgw has made it.
        OSError: it cannot be read and written.
    """
    if not path.is_file():
        return "it is not a file"
    with path.open("r+b") as file:  # SQLite would not say why it cannot
        header = file.read(_HEADER.size)
    # SQLite would make its own of an empty file.
    if len(header) < _HEADER.size or _HEADER.unpack(header) != (_MAGIC, APPLICATION_ID):
        return "it is not a journal of chatgw's"
    try:
        with closing(connect(path, patience, "ro")) as db:
            return _fault(db, path)
    except sqlite3.Error as error:
        if is_damage(error):
            return str(error)
        raise told(error, path) from error


def _fault(db: sqlite3.Connection, path: Path) -> str:
    version = number(db, "user_version")
    if version > VERSION:
        raise JournalError(
            f"{path} was written by a newer chatgw: its version is {version},"
            f" and this chatgw knows versions up to {VERSION}"
        )
    check: str = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if check != "ok":
        return check.splitlines()[-1]  # the first only says in which database
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        migrate(model, version)
        return "" if columns(db) == columns(model) else "its tables are not those of a journal"


def set_aside(path: Path, why: str, now: float) -> None:
    """Makes room for a new journal, and tells the operator what is lost with the old one.

    Args:
        path: the file.
        why: what is wrong with it.
        now: the time, for its new name.
    """
    lost = _count(path)
    aside = files.unused(path, now)
    if not path.is_symlink():  # what a link leads to may be anything
        files.close_to_others(path)
    files.rename(path, aside)
    log.error(
        "The journal {path} is damaged: {why}. It is set aside as {aside}, and a new one is begun."
        " Lost: {lost}, with all that was still to be delivered.",
        path=str(path),
        why=why,
        aside=str(aside),
        lost="all chats under way" if lost is None else f"{lost} chats under way",
    )


def _count(path: Path) -> int | None:
    """How many sessions a damaged journal holds, if that can still be read."""
    try:
        with closing(connect(path, 0.0, "ro")) as db:
            count: int = db.execute("SELECT count(record) FROM sessions").fetchone()[0]
    except sqlite3.Error:
        return None
    return count
