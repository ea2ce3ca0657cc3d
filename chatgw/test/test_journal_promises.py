"""What every journal promises: one in memory, and one in a file that is opened anew each time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatgw.interfaces import DeadLetter, Entry, IJournal, NotTakenError, Owed
from chatgw.journal import MemoryJournal, SqliteJournal, letters, prepare
from chatgw.test.journals import NOW, address, at_once, letter, owing, text, waiting
from chatgw.values import Effect, LookUpName, MarkSeen, SendTyping, Session

HOUR = 3600.0


class MemoryJournalTests(SynchronousTestCase):
    """One in memory keeps them for one process."""

    journal: IJournal

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        self.journal = MemoryJournal()

    def again(self) -> None:
        """Makes the journal what the next process has. In memory it is the same."""

    def sessions(self) -> tuple[Session, ...]:
        """The sessions that the next process finds."""
        self.again()
        found: tuple[Session, ...] = self.journal.restore().sessions
        return found

    def owed(self) -> list[Owed]:
        """What the next process finds owed."""
        self.again()
        return list(self.journal.restore().owed)

    def dead(self) -> list[DeadLetter]:
        """The dead letters that the next process finds."""
        self.again()
        self.journal.restore()
        return list(self.journal.dead())

    def keep(self, *entries: Entry) -> None:
        """Commits entries."""
        self.successResultOf(self.journal.commit(entries))

    def bury(self, name: str, *owed: Effect) -> None:
        """Takes a dead letter away."""
        self.successResultOf(self.journal.bury(name, owed))

    def test_it_is_a_journal(self) -> None:
        verifyObject(IJournal, self.journal)

    def test_a_new_one_holds_nothing(self) -> None:
        self.assertEqual(self.sessions(), ())
        self.assertEqual(self.owed(), [])
        self.assertEqual(self.dead(), [])

    def test_a_session_stays_until_it_has_ended(self) -> None:
        self.keep(Entry(address(), waiting("a")))
        self.assertEqual(self.sessions(), (waiting("a"),))
        self.keep(Entry(address(), None))
        self.assertEqual(self.sessions(), ())

    def test_a_session_is_kept_as_it_is_last(self) -> None:
        self.keep(Entry(address(), waiting("a")), Entry(address("2"), waiting(customer="2")))
        self.keep(Entry(address(), waiting("a", "b")))
        self.assertEqual(self.sessions(), (waiting("a", "b"), waiting(customer="2")))

    def test_an_end_of_nothing_is_no_trouble(self) -> None:
        self.keep(Entry(address(), None, settled="never owed"))
        self.assertEqual(self.sessions(), ())

    def test_effects_are_owed_in_order_until_they_are_settled(self) -> None:
        self.keep(owing(text("b"), text("a")), owing(text("c", customer="2")))
        self.keep(Entry(address(), None, owed=(text("aa"),), settled="a"))
        self.assertEqual([owed.effect.id for owed in self.owed()], ["b", "c", "aa"])
        self.keep(Entry(address(), None, settled="b"))
        self.assertEqual(
            self.owed(), [Owed(text("c", customer="2"), tried=0), Owed(text("aa"), tried=0)]
        )

    def test_what_is_committed_once_more_keeps_its_place(self) -> None:
        self.keep(owing(text("a")), owing(text("b")))
        self.keep(owing(text("a")))
        self.assertEqual([owed.effect.id for owed in self.owed()], ["a", "b"])

    def test_what_is_of_use_at_once_or_not_at_all_is_not_kept(self) -> None:
        common: dict[str, Any] = {"address": address(), "session": "s", "at": NOW}
        typing = SendTyping(id="t", status="composing", **common)
        self.keep(owing(typing, MarkSeen(id="m", **common), LookUpName(id="n", **common)))
        self.assertEqual([owed.effect.id for owed in self.owed()], ["n"])

    def test_how_often_it_was_tried_is_told_as_it_was_noted_last(self) -> None:
        self.keep(owing(text("a"), text("b")))
        for tried in (1, 2, 3, 1, 0):
            self.successResultOf(self.journal.mark("b", tried))
            self.assertEqual([owed.tried for owed in self.owed()], [0, tried])

    def test_an_attempt_at_what_is_not_owed_is_no_trouble(self) -> None:
        self.successResultOf(self.journal.mark("typing", 1))
        self.assertEqual(self.owed(), [])

    def test_an_event_is_seen_from_its_commit_on(self) -> None:
        self.assertFalse(self.journal.seen("e"))
        self.keep(Entry(address(), None, seen="e", at=self.clock.seconds()))
        self.assertTrue(self.journal.seen("e"))
        self.again()
        self.assertTrue(self.journal.seen("e"))
        self.assertFalse(self.journal.seen("another"))

    def test_an_event_is_remembered_for_36_hours_and_not_for_ever(self) -> None:
        self.keep(Entry(address(), None, seen="old", at=self.clock.seconds()))
        self.clock.advance(36 * HOUR)
        self.keep(Entry(address(), None, seen="new", at=self.clock.seconds()))
        self.assertTrue(self.journal.seen("old"))
        self.clock.advance(6 * HOUR)
        self.keep(Entry(address(), None, seen="newer", at=self.clock.seconds()))
        self.assertFalse(self.journal.seen("old"))
        self.assertTrue(self.journal.seen("new"))

    def test_what_could_not_be_delivered_is_listed_until_it_is_buried(self) -> None:
        self.keep(owing(text("b"), text("a")))
        for name in ("b", "a"):
            self.keep(Entry(address(), None, settled=name, dead=letter(name)))
        self.assertEqual(list(self.journal.dead()), [letter("b"), letter("a")])
        self.assertEqual(self.dead(), [letter("b"), letter("a")])
        self.assertEqual(self.owed(), [])
        self.bury("b")
        self.assertEqual(list(self.journal.dead()), [letter("a")])
        self.assertEqual(self.dead(), [letter("a")])
        self.assertEqual(self.owed(), [])

    def test_a_dead_letter_is_found_by_its_effect(self) -> None:
        self.keep(*(Entry(address(), None, dead=letter(name)) for name in "ab"))
        self.assertEqual(self.journal.dead_letter("b"), letter("b"))
        self.bury("b")
        self.assertIsNone(self.journal.dead_letter("b"))
        self.dead()
        self.assertEqual(self.journal.dead_letter("a"), letter("a"))

    def test_what_is_redriven_is_owed_in_the_place_of_its_dead_letter(self) -> None:
        self.keep(Entry(address(), None, dead=letter("a")))
        self.bury("a", text("a"))
        self.assertEqual(self.dead(), [])
        self.assertEqual(self.owed(), [Owed(text("a"), tried=0)])

    def test_what_was_redriven_already_is_not_owed_twice(self) -> None:
        self.keep(Entry(address(), None, dead=letter("a")))
        self.bury("a", text("first"))
        self.failureResultOf(self.journal.bury("a", [text("second")]), NotTakenError)
        self.assertEqual([owed.effect.id for owed in self.owed()], ["first"])

    def test_the_oldest_dead_letter_goes_for_one_too_many(self) -> None:
        self.patch(letters, "MOST", 3)
        for name in "abcd":
            self.keep(Entry(address(), None, dead=letter(name)))
        self.assertEqual([dead.effect.id for dead in self.journal.dead()], ["b", "c", "d"])
        self.assertEqual([dead.effect.id for dead in self.dead()], ["b", "c", "d"])

    def test_once_closed_it_takes_nothing_and_says_so(self) -> None:
        self.keep(Entry(address(), None, dead=letter("a")))
        self.successResultOf(self.journal.close())
        for refused in (
            self.journal.commit([owing(text("b"))]),
            self.journal.mark("b", 1),
            self.journal.bury("a", [text("b")]),
        ):
            failed = self.failureResultOf(refused, NotTakenError)
            self.assertEqual(str(failed.value), "the journal is closed")
        self.successResultOf(self.journal.close())  # once more


class SqliteJournalTests(MemoryJournalTests):
    """One in a file keeps them for the next process too."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp()).absolute()
        self.addCleanup(prepare(self.folder).release)
        self.journal = SqliteJournal(self.folder, self.clock, at_once)

    def tearDown(self) -> None:
        self.successResultOf(self.journal.close())

    def again(self) -> None:
        self.successResultOf(self.journal.close())
        self.journal = SqliteJournal(self.folder, self.clock, at_once)
