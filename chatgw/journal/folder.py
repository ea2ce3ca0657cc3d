"""The journal's folder, made ready while an operator still sees what goes wrong."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from twisted.logger import Logger

from chatgw.interfaces import JournalError
from chatgw.journal import files
from chatgw.journal.damage import fault, set_aside
from chatgw.journal.schema import connect, migrate
from chatgw.journal.trouble import told

PATIENCE = 5.0
"""Seconds to wait for another program's lock."""

log = Logger()


class Hold:
    """A folder held for one process and those it forks into, until the last of them ends.

    Args:
        folder: the folder.

    Raises:
        JournalError: another chatgw holds it.
        OSError: it cannot be held.
    """

    def __init__(self, folder: Path) -> None:
        # A mere number: the lock does not go with this object.
        self._lock: int | None = os.open(
            folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise JournalError(f"another chatgw is using {folder}") from None

    def release(self) -> None:
        """Lets go of it, once the journal is closed. A second call does nothing."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def prepare(folder: Path, seconds: Callable[[], float] = time.time) -> Hold:
    """Makes a folder ready for `chatgw.journal.SqliteJournal`, and holds it.

    A journal is made, or checked; one of an older version becomes one of today's; a damaged one
    is set aside, which is told in the log. To be called before the daemon detaches: neither a
    thread nor an open database is left behind.

    Args:
        folder: made if it is missing, closed to others.
        seconds: gives the time, for the name of what is set aside.

    Raises:
        JournalError: there can be no journal; the text is for the operator.
    """
    try:
        _make(folder)
        hold = Hold(folder)
        try:
            _make_ready(folder / files.FILE, seconds)
        except BaseException:
            hold.release()
            raise
    except OSError as error:
        raise JournalError(f"{error.strerror}: {error.filename or folder}") from error
    return hold


def _make(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(0o700, parents=True)
        folder.chmod(0o700)
    elif folder.stat().st_mode & 0o077:
        # It may be somebody else's, or /tmp.
        log.warn(
            "The folder {folder} is open to other users, who may see when there are chats. "
            "Close it with chmod 0700 {folder}, or give --state another folder.",
            folder=str(folder),
        )


def _make_ready(path: Path, seconds: Callable[[], float]) -> None:
    if os.path.lexists(path):
        if why := fault(path, PATIENCE):
            set_aside(path, why, seconds())
    elif any(map(os.path.lexists, files.family(path))):
        # It would be taken for the new one's.
        set_aside(path, "only its companions are left", seconds())
    if path.exists():
        files.close_to_others(path)
        _migrate(path)
    else:
        _begin(path)


def _begin(path: Path) -> None:
    """Makes a new journal that is there wholly, or not at all."""
    draft = path.with_name(f"{path.name}.new")
    files.remove(draft)
    files.make_private(draft)
    _migrate(draft)
    files.rename(draft, path)


def _migrate(path: Path) -> None:
    try:
        with closing(connect(path, PATIENCE)) as db:
            migrate(db)
    except sqlite3.Error as error:
        raise told(error, path) from error
