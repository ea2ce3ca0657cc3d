"""What the status learns of a journal: that it cannot be written or read, and that it can again."""

from __future__ import annotations

from collections.abc import Iterable

from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import Entry, JournalError
from chatgw.journal.memory import MemoryJournal
from chatgw.journal.watched import CALM, PROBE_INTERVAL, WatchedJournal
from chatgw.status import Status
from chatgw.values import Address


class FailingJournal(MemoryJournal):
    """Cannot be written, or read, while it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.unwritable = self.unreadable = False
        self.commits = self.reads = 0

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """Fails if it cannot be written."""
        self.commits += 1
        return fail(JournalError("disk full")) if self.unwritable else super().commit(entries)

    def seen(self, event_id: str) -> bool:
        """Fails if it cannot be read."""
        self.reads += 1
        if self.unreadable:
            raise JournalError("cannot be opened")
        return super().seen(event_id)


class WatchedJournalTests(SynchronousTestCase):
    """A journal that fails, and a status that is asked for."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.status = Status(self.clock)
        self.status.configured({"FACEBOOK_MESSENGER": True})
        self.failing = FailingJournal()
        self.journal = WatchedJournal(self.failing, self.status, self.clock)

    def commit(self) -> Deferred[None]:
        """Commits something."""
        return self.journal.commit([Entry(Address("c", "p", "1"), None, seen="e")])

    def reasons(self) -> list[str]:
        """What the status says is wrong."""
        return [trouble["reason"] for trouble in self.status.report()["troubles"]]  # type: ignore[attr-defined]

    def test_a_journal_that_is_well_is_neither_probed_nor_read_for_nothing(self) -> None:
        self.successResultOf(self.commit())
        self.assertTrue(self.journal.seen("e"))
        self.assertEqual((self.failing.reads, self.clock.getDelayedCalls()), (1, []))

    def test_one_that_cannot_be_written_is_in_trouble_until_a_probe_succeeds(self) -> None:
        self.failing.unwritable = True
        self.failureResultOf(self.commit(), JournalError)
        self.assertEqual((self.status.state, self.reasons()), ("ERROR", ["disk full"]))
        self.clock.pump([PROBE_INTERVAL] * 3)
        self.assertEqual((self.status.state, self.failing.commits), ("ERROR", 4))
        self.failing.unwritable = False
        self.clock.pump([PROBE_INTERVAL] * 2)
        self.assertEqual(self.status.state, "CONFIGURED")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_one_that_cannot_be_read_is_in_trouble_until_a_probe_can_read(self) -> None:
        self.failing.unreadable = True
        self.assertRaises(JournalError, self.journal.seen, "e")
        self.assertEqual((self.status.state, self.reasons()), ("ERROR", ["cannot be opened"]))
        self.clock.pump([PROBE_INTERVAL] * 3)  # it can be written all the while
        self.assertEqual((self.status.state, self.failing.reads), ("ERROR", 4))
        self.failing.unreadable = False
        self.clock.pump([PROBE_INTERVAL] * 2)
        self.assertEqual(self.status.state, "CONFIGURED")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_what_is_written_is_promised_though_it_cannot_be_read(self) -> None:
        self.failing.unreadable = True
        self.assertRaises(JournalError, self.journal.seen, "e")
        self.successResultOf(self.commit())
        self.assertEqual(self.status.state, "ERROR")

    def test_what_is_written_in_a_trouble_ends_it_after_a_calm(self) -> None:
        self.failing.unwritable = True
        self.failureResultOf(self.commit(), JournalError)
        self.failing.unwritable = False
        self.successResultOf(self.commit())
        self.assertEqual(self.status.state, "ERROR", "the next may fail again")
        self.clock.advance(CALM)
        self.successResultOf(self.commit())
        self.assertEqual(self.status.state, "CONFIGURED")

    def test_a_disk_on_which_only_small_things_find_room_is_one_trouble(self) -> None:
        for _ in range(10):
            self.failing.unwritable = True
            self.failureResultOf(self.commit(), JournalError)
            self.failing.unwritable = False
            self.clock.advance(PROBE_INTERVAL)
            self.assertEqual(self.status.state, "ERROR")

    def test_a_closed_one_is_in_no_trouble_and_not_probed(self) -> None:
        self.failing.unreadable = True
        self.assertRaises(JournalError, self.journal.seen, "e")
        self.successResultOf(self.journal.close())
        self.assertEqual(self.clock.getDelayedCalls(), [])
