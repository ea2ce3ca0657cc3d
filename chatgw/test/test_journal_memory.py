"""What a test can see of the journal in memory; its promises are every journal's."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import Entry, Owed
from chatgw.journal.memory import SEEN_FOR, MemoryJournal
from chatgw.test.journals import address, text, waiting


class MemoryJournalTests(SynchronousTestCase):
    """What is committed is there, as long as the process is."""

    def setUp(self) -> None:
        self.journal = MemoryJournal()

    def commit(self, *entries: Entry) -> None:
        """Commits entries."""
        self.successResultOf(self.journal.commit(entries))

    def test_sessions_are_found_by_their_address(self) -> None:
        self.commit(Entry(address(), waiting("a")))
        self.assertEqual(self.journal.sessions, {address(): waiting("a")})

    def test_effects_are_found_by_their_id(self) -> None:
        self.commit(Entry(address(), None, owed=(text("a"), text("b"))))
        self.successResultOf(self.journal.mark("b", 1))
        self.assertEqual(self.journal.owed, {"a": Owed(text("a"), 0), "b": Owed(text("b"), 1)})

    def test_an_event_is_remembered_for_36_hours_to_the_second(self) -> None:
        self.commit(Entry(address(), None, seen="old", at=1000.0))
        self.commit(Entry(address(), None, seen="new", at=1000.0 + SEEN_FOR))
        self.assertTrue(self.journal.seen("old"))
        self.commit(Entry(address(), None, seen="newer", at=1000.1 + SEEN_FOR))
        self.assertFalse(self.journal.seen("old"))
        self.assertTrue(self.journal.seen("new"))
