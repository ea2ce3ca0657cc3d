"""The journal in a file of SQLite's: what it says is promised outlives the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatgw.interfaces import DeadLetter, Entry, IJournal, JournalError, Kept, NotTakenError
from chatgw.journal import tables
from chatgw.journal.files import FILE
from chatgw.journal.letters import DeadLetters
from chatgw.journal.schema import connect
from chatgw.journal.store import Change, Store
from chatgw.journal.tables import BEGINNING, Place
from chatgw.journal.trouble import CLOSED, told
from chatgw.values import Effect

BLANK_AFTER = 60.0
"""Seconds after which what was deleted is in no file any more."""

MOST_WAITING = 20_000
"""Changes that wait for a disk which is slow, or hangs; more are refused."""

WRITER_PATIENCE = 2.0
"""Seconds to wait for another program's lock, in a thread of its own."""

READER_PATIENCE = 0.05
"""The same where the reactor waits along."""

_Result = TypeVar("_Result")

log = Logger()


Run = Callable[[Callable[[], Any]], Deferred[Any]]
"""Does pieces of work, one after the other; fires with the result of each."""


@implementer(IJournal)
class SqliteJournal:
    """Keeps promises in a folder.

    Durability costs a transaction, not a commit: what is committed while a transaction is under
    way goes into the next one together. After a failure the next commit simply tries again.

    Ids are remembered for 36 hours, and up to six hours longer.

    Args:
        folder: where the file is, as `chatgw.journal.prepare` has left it.
        clock: the time.
        run: does the writing (`chatgw.journal.JournalThread.run`).
        patience: seconds the writing waits for another program's lock.
    """

    def __init__(
        self, folder: Path, clock: IReactorTime, run: Run, patience: float = WRITER_PATIENCE
    ) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._run = run
        self._store = Store(self._path, patience)
        self._reader: sqlite3.Connection | None = None
        self._dead = DeadLetters()
        self._waiting: list[tuple[Change, Deferred[None]]] = []
        self._writing = False
        self._blanking: IDelayedCall | None = None
        self._closed = False

    # -- What is asked of it -----------------------------------------------------------------

    def restore(self) -> Kept:
        """See `IJournal.restore`. What cannot be read is left out, and told in the log.

        Raises:
            JournalError: the file itself cannot be read.
        """
        self._dead.add(self._read(tables.dead))
        return self._read(tables.kept)

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """See `IJournal.commit`. Fails with `JournalError`, or `NotTakenError` once closed."""
        entries = tuple(entries)
        now = self._clock.seconds()
        committed = self._promise(lambda db: tables.put(db, entries, now))
        return committed.addCallback(lambda _: self._committed(entries))

    def mark(self, effect_id: str, tried: int) -> Deferred[None]:
        """See `IJournal.mark`."""
        return self._promise(lambda db: tables.mark(db, effect_id, tried))

    def seen(self, event_id: str) -> bool:
        """See `IJournal.seen`.

        Raises:
            JournalError: the file cannot be read.
        """
        now = self._clock.seconds()
        return self._read(lambda db: tables.is_seen(db, event_id, now))

    def dead(self) -> Sequence[DeadLetter]:
        """See `IJournal.dead`: the newest `chatgw.journal.letters.MOST`."""
        return self._dead.listed()

    def dead_letter(self, effect_id: str) -> DeadLetter | None:
        """See `IJournal.dead_letter`."""
        return self._dead.find(effect_id)

    def bury(self, effect_id: str, owed: Iterable[Effect] = ()) -> Deferred[None]:
        """See `IJournal.bury`. Fails with `NotTakenError` if it has been done already."""
        owed = tuple(owed)
        buried = self._promise(lambda db: tables.bury(db, effect_id, owed))
        return buried.addCallback(lambda _: self._buried(effect_id))

    def close(self) -> Deferred[None]:
        """See `IJournal.close`. Leaves one file, with nothing in it but what is kept."""
        return Deferred.fromCoroutine(self._close())

    # -- Writing -----------------------------------------------------------------------------

    def _promise(self, change: Change) -> Deferred[None]:
        if self._closed:
            return fail(NotTakenError(CLOSED))
        if len(self._waiting) >= MOST_WAITING:
            return fail(JournalError(f"{MOST_WAITING} changes wait to be written: {self._path}"))
        return self._queue(change)

    def _queue(self, change: Change) -> Deferred[None]:
        """Writes a change with the next transaction."""
        written: Deferred[None] = Deferred()
        self._waiting.append((change, written))
        if not self._writing:
            self._writing = True
            Deferred.fromCoroutine(self._write())  # which cannot fail
        return written

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            outcomes = await self._written([change for change, _ in batch])
            for (_, written), outcome in zip(batch, outcomes, strict=True):
                if outcome is None:
                    written.callback(None)
                else:
                    written.errback(outcome)
        self._writing = False

    async def _written(self, changes: list[Change]) -> list[Exception | None]:
        """What became of each change, after one transaction with all of them."""
        try:
            write = partial(self._store.write, changes, self._clock.seconds())
            outcomes: list[Exception | None] = await self._run(write)
        except JournalError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, others are to be tried
            log.failure("The journal could not be written.")
            why = type(error).__name__
        else:
            return outcomes
        return [JournalError(why) for _ in changes]

    def _committed(self, entries: tuple[Entry, ...]) -> None:
        self._dead.add(entry.dead for entry in entries if entry.dead is not None)
        if any(entry.session is None or entry.settled is not None for entry in entries):
            self._blank_soon()

    def _buried(self, effect_id: str) -> None:
        self._dead.remove(effect_id)
        self._blank_soon()

    # -- Leaving no text behind ----------------------------------------------------------------

    def _blank_soon(self) -> None:
        if self._blanking is None and not self._closed:
            self._blanking = self._clock.callLater(BLANK_AFTER, self._blank)

    def _blank(self) -> None:
        self._blanking = None
        Deferred.fromCoroutine(self._blanked()).addErrback(self._not_blanked)

    async def _blanked(self) -> None:
        place: Place | None = BEGINNING
        while place is not None and not self._closed:  # which blanks it all
            place = await self._run(partial(self._store.rewrite, place))  # commits go between
        if not (self._closed or await self._run(self._store.checkpoint)):
            self._blank_soon()  # another program is reading

    def _not_blanked(self, failed: Failure) -> None:
        log.warn("What was deleted is still on disk: {why}", why=failed.getErrorMessage())
        self._blank_soon()

    # -- Reading -----------------------------------------------------------------------------

    def _read(self, read: Callable[[sqlite3.Connection], _Result]) -> _Result:
        if self._closed:
            raise NotTakenError(CLOSED)
        try:
            if self._reader is None:
                self._reader = connect(self._path, READER_PATIENCE)
            return read(self._reader)
        except sqlite3.Error as error:
            self._stop_reading()
            raise told(error, self._path) from error

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    # -- The end -----------------------------------------------------------------------------

    async def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._blanking is not None:
            self._blanking.cancel()
            self._blanking = None
        await self._queue(lambda db: None).addErrback(_not_closed)  # after all that waits
        self._stop_reading()
        await self._run(self._store.close).addErrback(_not_closed)


def _not_closed(failed: Failure) -> None:
    log.error("The journal could not be closed properly: {why}", why=failed.getErrorMessage())
