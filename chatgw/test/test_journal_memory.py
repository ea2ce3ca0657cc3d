"""The journal in memory."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatgw.interfaces import Entry, IJournal
from chatgw.journal.memory import SEEN_FOR, MemoryJournal
from chatgw.test.tables import TALKING, session
from chatgw.test.world import address
from chatgw.values import MarkSeen


def mark(name: str) -> MarkSeen:
    """Something that can be owed."""
    return MarkSeen(id=name, address=address(), session="s", at=0.0)


class MemoryJournalTests(SynchronousTestCase):
    """What is committed is there, as long as the process is."""

    def setUp(self) -> None:
        self.journal = MemoryJournal()

    def commit(self, *entries: Entry) -> None:
        """Commits entries."""
        self.successResultOf(self.journal.commit(entries))

    def test_it_is_a_journal(self) -> None:
        verifyObject(IJournal, self.journal)

    def test_a_session_stays_until_it_has_ended(self) -> None:
        self.commit(Entry(address(), session(TALKING)))
        self.assertEqual(self.journal.sessions, {address(): session(TALKING)})
        self.commit(Entry(address(), None))
        self.assertEqual(self.journal.sessions, {})

    def test_an_end_of_nothing_is_no_trouble(self) -> None:
        self.commit(Entry(address(), None, settled="never owed"))
        self.assertEqual(self.journal.sessions, {})

    def test_an_effect_is_owed_until_it_is_settled(self) -> None:
        self.commit(Entry(address(), None, owed=(mark("a"), mark("b"))))
        self.assertEqual(list(self.journal.owed), ["a", "b"])
        self.commit(Entry(address(), None, settled="a"))
        self.assertEqual(list(self.journal.owed), ["b"])

    def test_an_event_is_seen_from_its_commit_on(self) -> None:
        self.assertFalse(self.journal.seen("e"))
        self.commit(Entry(address(), None, seen="e", at=1000.0))
        self.assertTrue(self.journal.seen("e"))

    def test_an_event_is_remembered_for_36_hours_and_not_for_ever(self) -> None:
        self.commit(Entry(address(), None, seen="old", at=1000.0))
        self.commit(Entry(address(), None, seen="new", at=1000.0 + SEEN_FOR))
        self.assertTrue(self.journal.seen("old"))
        self.commit(Entry(address(), None, seen="newer", at=1000.1 + SEEN_FOR))
        self.assertFalse(self.journal.seen("old"))
        self.assertTrue(self.journal.seen("new"))
