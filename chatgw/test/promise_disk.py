"""A journal on a disk that is slow, or full, and that outlives the process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum

from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from zope.interface import implementer

from chatgw.interfaces import DeadLetter, Entry, IJournal, JournalError, Kept, NotTakenError
from chatgw.journal.memory import MemoryJournal
from chatgw.values import Effect

Write = Callable[[], Deferred[None]]


class Mood(Enum):
    """How a disk is."""

    WELL = "writes at once"
    SLOW = "writes when it is told to"
    FULL = "fails"


class LastingJournal(MemoryJournal):
    """A journal in a memory that outlives the process."""

    def close(self) -> Deferred[None]:
        """Leaves it as it is, for the next process."""
        return succeed(None)


@define(eq=False)
class Disk:
    """What outlives the process.

    Args:
        opened: opens the journal that is on it, as the next process does.
    """

    opened: Callable[[Clock], IJournal]
    mood: Mood = Mood.WELL
    waiting: deque[tuple[Write, Deferred[None]]] = field(factory=deque)
    """What the process has asked for, and the disk has not written."""
    history: list[Entry] = field(factory=list)
    """All that was ever committed, in order."""

    def turn(self, mood: Mood) -> None:
        """Becomes another one; what waits for a slow disk is written by then, or fails."""
        self.mood = mood
        while self.waiting and mood is Mood.WELL:
            self.write(1)
        while self.waiting and mood is Mood.FULL:
            self.waiting.popleft()[1].errback(JournalError("disk full"))

    def write(self, count: int) -> None:
        """Writes what has waited longest."""
        while self.waiting and count:
            write, written = self.waiting.popleft()
            write().chainDeferred(written)
            count -= 1

    def ask(self, write: Write) -> Deferred[None]:
        """Has something written in its turn."""
        if self.mood is Mood.WELL and not self.waiting:
            return write()
        if self.mood is Mood.FULL:
            return fail(JournalError("disk full"))
        self.waiting.append((write, Deferred()))
        return self.waiting[-1][1]

    def cut(self, written: int) -> None:
        """The process is no more, and this much of what it asked for was written by then."""
        waiting, self.waiting = self.waiting, deque()
        for write, _ in list(waiting)[:written]:
            write().addErrback(lambda refused: refused.trap(NotTakenError))


@implementer(IJournal)
class DiskJournal:
    """The journal as one process sees it."""

    def __init__(self, disk: Disk, clock: Clock) -> None:
        self._disk = disk
        self._journal = disk.opened(clock)
        self._closed = False
        self.cut = False
        """Whether the process is no more: nothing that it asks for is heard."""

    def restore(self) -> Kept:
        """See `IJournal.restore`."""
        return self._journal.restore()

    def kept(self) -> Kept:
        """What the next process would find."""
        return self._journal.restore()

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """See `IJournal.commit`."""
        listed = list(entries)

        def write() -> Deferred[None]:
            return self._journal.commit(listed).addCallback(self._note, listed)

        return self._ask(write)

    def mark(self, effect_id: str, tried: int) -> Deferred[None]:
        """See `IJournal.mark`."""
        return self._ask(lambda: self._journal.mark(effect_id, tried))

    def seen(self, event_id: str) -> bool:
        """See `IJournal.seen`."""
        return self._journal.seen(event_id)

    def dead(self) -> Sequence[DeadLetter]:
        """See `IJournal.dead`."""
        return self._journal.dead()

    def dead_letter(self, effect_id: str) -> DeadLetter | None:
        """See `IJournal.dead_letter`."""
        return self._journal.dead_letter(effect_id)

    def bury(self, effect_id: str, owed: Iterable[Effect] = ()) -> Deferred[None]:
        """See `IJournal.bury`."""
        listed = list(owed)
        return self._ask(lambda: self._journal.bury(effect_id, listed))

    def close(self) -> Deferred[None]:
        """See `IJournal.close`."""
        closed = self._ask(self._journal.close).addErrback(lambda _: None)
        self._closed = True
        return closed

    def _ask(self, write: Write) -> Deferred[None]:
        if self.cut:
            return Deferred()
        if self._closed:
            return fail(NotTakenError("closed"))
        return self._disk.ask(write)

    def _note(self, _: None, entries: list[Entry]) -> None:
        self._disk.history.extend(entry for entry in entries if entry.address.channel)
