"""The names of the journal's files, and what may be done to them whole."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

FILE = "journal.db"
"""The journal's name in its folder."""

COMPANIONS = ("-wal", "-shm")
"""What the names of the files end with that SQLite keeps beside it."""


def family(path: Path) -> list[Path]:
    """A database's file and its companions, which may be there or not."""
    return [path, *(path.with_name(path.name + ending) for ending in COMPANIONS)]


def make_private(path: Path) -> None:
    """Makes an empty file that nobody else can read, whatever the umask.

    Its companions get its mode from SQLite.
    """
    made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    os.fchmod(made, 0o600)
    os.close(made)


def close_to_others(path: Path) -> None:
    """Closes a database's files to others, should they be open, and whatever is in their place."""
    for each in family(path):
        if each.exists() and each.stat().st_mode & 0o077:
            each.chmod(each.stat().st_mode & 0o700)


def remove(path: Path) -> None:
    """Removes a database's files, if there are any."""
    for each in family(path):
        each.unlink(missing_ok=True)


def rename(path: Path, to: Path) -> None:
    """Renames a database's files, those that are there."""
    for old, new in zip(family(path), family(to), strict=True):
        if os.path.lexists(old):
            old.rename(new)
    make_lasting(path.parent)


def make_lasting(folder: Path) -> None:
    """Makes the names in a folder outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def unused(path: Path, now: float) -> Path:
    """A name for a damaged database, that no earlier one has."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    name, times = path.with_name(f"{path.name}.damaged-{stamp}"), 1
    while any(os.path.lexists(each) for each in family(name)):
        times += 1
        name = path.with_name(f"{path.name}.damaged-{stamp}-{times}")
    return name
