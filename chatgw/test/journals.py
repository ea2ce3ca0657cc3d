"""Journals for tests: a folder of their own, a clock, and something to keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import DeadLetter, Entry
from chatgw.journal import SqliteJournal, prepare
from chatgw.values import Address, Effect, SendText, Session, State, Unsaid, Words

_Result = TypeVar("_Result")

NOW = 1_700_000_000.0


def address(customer: str = "1") -> Address:
    """A customer's address."""
    return Address("FACEBOOK_MESSENGER", "page", customer)


def at_once(work: Callable[[], _Result]) -> Deferred[_Result]:
    """Does work where it is asked for."""
    return maybeDeferred(work)


class HeldRun:
    """Does work when the test says so; each is a transaction."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[], Any], Deferred[Any]]] = []
        self.done = 0

    def __call__(self, work: Callable[[], _Result], /) -> Deferred[_Result]:
        result: Deferred[_Result] = Deferred()
        self.waiting.append((work, result))
        return result

    def step(self) -> None:
        """Does what has waited longest."""
        work, result = self.waiting.pop(0)
        self.done += 1
        maybeDeferred(work).chainDeferred(result)


def text(name: str, words: str = "Hello", customer: str = "1") -> SendText:
    """A text that is owed to a customer."""
    return SendText(id=name, address=address(customer), session="s", at=NOW, text=Words(words))


def waiting(*texts: str, customer: str = "1") -> Session:
    """A session in which texts are kept for an agent."""
    kept = tuple(Unsaid(Words(each), NOW) for each in texts)
    return Session(
        "s", address(customer), touched_at=NOW, state=State.AGENT_WAIT, state_at=NOW, waiting=kept
    )


def owing(*effects: Effect) -> Entry:
    """An entry that owes effects, and changes nobody's session."""
    return Entry(address("nobody"), None, owed=effects)


def letter(name: str, words: str = "Hello") -> DeadLetter:
    """A text that could not be delivered."""
    return DeadLetter(text(name, words), "policy", "2022: blocked", NOW)


class JournalTestCase(SynchronousTestCase):
    """A journal in a folder of its own, which is written as soon as it is asked to."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        self.folder = Path(self.mktemp()).absolute()
        hold = prepare(self.folder)
        self.addCleanup(hold.release)
        self.journal = self.opened()

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "journal.db"

    def opened(self, run: Any = at_once) -> SqliteJournal:
        """A journal in the folder, as a process has it."""
        journal = SqliteJournal(self.folder, self.clock, run, patience=0.0)
        self.addCleanup(journal.close)
        return journal

    def commit(self, *entries: Entry) -> None:
        """Commits entries."""
        self.successResultOf(self.journal.commit(entries))

    def reopen(self) -> None:
        """The next process."""
        self.successResultOf(self.journal.close())
        self.journal = self.opened()

    def bytes_on_disk(self) -> bytes:
        """All that is in any file of the folder.

        Reading a database's file from within its process takes its locks away, which does no harm
        where nobody else has it open.
        """
        return b"".join(each.read_bytes() for each in sorted(self.folder.iterdir()))
