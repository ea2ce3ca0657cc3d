"""What is written into the journal's tables, and read from them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TypeVar

from twisted.logger import Logger

from chatgw import wording
from chatgw.interfaces import DeadLetter, Entry, Kept, NotTakenError, Owed
from chatgw.journal import letters
from chatgw.journal.memory import SEEN_FOR
from chatgw.journal.records import (
    effect_of,
    effect_record,
    letter_of,
    letter_record,
    session_of,
    session_record,
)
from chatgw.values import Effect

SPAN = 6 * 3600.0
"""Seconds of ids that are kept, and forgotten, together."""

SPANS = int(SEEN_FOR / SPAN) + 1
"""Spans that reach back over all the time for which an id is remembered."""

BITE = 200
"""Ids that are forgotten with one transaction at most."""

MOST_REWRITTEN = 500
"""Records that are written anew with one transaction at most: a matter of milliseconds."""

OVERLAP = 50
"""Records that the next of these begins with once more: more than a page holds."""

Place = tuple[int, int]
"""How far all texts are written anew: a number of tables, and the number of a record."""

BEGINNING: Place = (0, 0)

_WITH_TEXTS = ("sessions", "owed", "dead")

_SEEN = f"""SELECT EXISTS (SELECT 1 FROM seen
    WHERE span IN ({",".join("?" * (SPANS + 1))}) AND digest = ?)"""  # noqa: S608 - question marks

_Value = TypeVar("_Value")

log = Logger()


# -- Written by the journal's thread --------------------------------------------------------------


def put(db: sqlite3.Connection, entries: Iterable[Entry], now: float) -> None:
    """Writes what entries say."""
    for entry in entries:
        _put_session(db, entry)
        _owe(db, entry.owed)
        if entry.settled is not None:
            db.execute("DELETE FROM owed WHERE id = ?", (entry.settled,))
        if entry.seen is not None:
            # Written even if it is there: one who tries whether the disk is well has to know.
            db.execute(
                "INSERT OR REPLACE INTO seen VALUES (?, ?)", (_span(now), _digest(entry.seen))
            )
        if entry.dead is not None:
            _put_letter(db, entry.dead)


def mark(db: sqlite3.Connection, effect_id: str, tried: int) -> None:
    """Notes how many attempts may have performed an effect."""
    db.execute("UPDATE owed SET tried = ? WHERE id = ?", (tried, effect_id))


def bury(db: sqlite3.Connection, effect_id: str, owed: Iterable[Effect]) -> None:
    """Takes a dead letter away, and owes effects in its stead.

    Raises:
        NotTakenError: there is no such letter (any more): what was owed for it, is already.
    """
    if not db.execute("DELETE FROM dead WHERE id = ?", (effect_id,)).rowcount:
        raise NotTakenError(f"there is no dead letter {effect_id}")
    _owe(db, owed)


def forget(db: sqlite3.Connection, now: float) -> None:
    """Forgets some of the ids that were seen too long ago."""
    oldest = (_span(now) - SPANS + 1, b"")
    found = db.execute(
        "SELECT span, digest FROM seen WHERE span < ? ORDER BY span, digest LIMIT 1 OFFSET ?",
        (oldest[0], BITE),
    )
    db.execute("DELETE FROM seen WHERE (span, digest) < (?, ?)", found.fetchone() or oldest)


def rewrite(db: sqlite3.Connection, place: Place) -> Place | None:
    """Writes some texts anew, each where no other has been.

    When SQLite moves records between pages it may leave a copy in a gap, where ``secure_delete``
    does not find it later; a page that is given up is blanked wholly. One that two bites share is
    given up with the second, which takes all of its records.

    Args:
        db: the database.
        place: how far that has been done.

    Returns:
        How far it is done now, None if that is all.
    """
    number, after = place
    table = _WITH_TEXTS[number]
    found = db.execute(
        f"SELECT * FROM {table} WHERE n > ? ORDER BY n LIMIT ?",  # noqa: S608 - of the three above
        (after, MOST_REWRITTEN),
    ).fetchall()
    last = len(found) < MOST_REWRITTEN
    if last and after == 0:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - without a condition, the root goes too
    elif found:
        db.execute(f"DELETE FROM {table} WHERE n BETWEEN ? AND ?", (found[0][0], found[-1][0]))  # noqa: S608
    if found:
        places = ",".join("?" * len(found[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({places})", found)  # noqa: S608
    if not last:
        return number, found[-1 - OVERLAP][0]
    return (number + 1, 0) if number + 1 < len(_WITH_TEXTS) else None


def _put_session(db: sqlite3.Connection, entry: Entry) -> None:
    address = entry.address
    whose = (address.channel, address.account, address.customer)
    if entry.session is None:
        db.execute("DELETE FROM sessions WHERE channel = ? AND account = ? AND customer = ?", whose)
    else:
        db.execute(
            """INSERT INTO sessions (channel, account, customer, record) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET record = excluded.record""",
            (*whose, session_record(entry.session)),
        )


def _owe(db: sqlite3.Connection, effects: Iterable[Effect]) -> None:
    for effect in effects:
        if not effect.fleeting:
            # An id names an effect for good: with the same id it is the same.
            db.execute(
                "INSERT OR IGNORE INTO owed (id, customer, kind, record) VALUES (?, ?, ?, ?)",
                (*_headings(effect), effect_record(effect)),
            )


def _put_letter(db: sqlite3.Connection, letter: DeadLetter) -> None:
    db.execute(
        "INSERT OR REPLACE INTO dead (id, customer, kind, record) VALUES (?, ?, ?, ?)",
        (*_headings(letter.effect), letter_record(letter)),
    )
    db.execute(
        "DELETE FROM dead WHERE n <= (SELECT n FROM dead ORDER BY n DESC LIMIT 1 OFFSET ?)",
        (letters.MOST,),
    )


def _headings(effect: Effect) -> tuple[str, str, str]:
    """What is told of a record that cannot be read."""
    return effect.id, effect.address.customer, type(effect).__name__


# -- Read by everybody else -----------------------------------------------------------------------


def is_seen(db: sqlite3.Connection, event_id: str, now: float) -> bool:
    """Whether an event's id is remembered."""
    # The span to come too: the clock may have been set back.
    newest = _span(now) + 1
    found = db.execute(_SEEN, (*range(newest - SPANS, newest + 1), _digest(event_id)))
    return bool(found.fetchone()[0])


def kept(db: sqlite3.Connection) -> Kept:
    """All sessions, and all effects owed in their order; what cannot be read is told in the log."""
    sessions = db.execute("SELECT customer, 'Session', record, 0 FROM sessions ORDER BY n")
    owed = db.execute("SELECT customer, kind, record, tried FROM owed ORDER BY n")
    return Kept(
        tuple(session for session, _ in _readable(sessions, session_of)),
        tuple(Owed(effect, tried) for effect, tried in _readable(owed, effect_of)),
    )


def dead(db: sqlite3.Connection) -> list[DeadLetter]:
    """All dead letters, oldest first; what cannot be read is told in the log."""
    found = db.execute("SELECT customer, kind, record, 0 FROM dead ORDER BY n")
    return [letter for letter, _ in _readable(found, letter_of)]


def _readable(
    rows: Iterable[tuple[str, str, str, int]], read: Callable[[str], _Value]
) -> Iterator[tuple[_Value, int]]:
    for customer, kind, record, tried in rows:
        try:
            value = read(record)
        except Exception as error:  # noqa: BLE001 - one record must not keep the others
            # Its own words may show the record's.
            log.error(wording.UNREADABLE, kind=kind, id=customer, reason=type(error).__name__)
        else:
            yield value, tried


def _span(now: float) -> int:
    return int(now // SPAN)


def _digest(event_id: str) -> bytes:
    return blake2b(event_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
