"""The ids of events: many, for 36 hours, and forgotten little by little."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from chatgw.interfaces import Entry, NotTakenError
from chatgw.journal import JournalError, tables
from chatgw.test.journals import JournalTestCase, address

HOUR = 3600.0


class SeenTests(JournalTestCase):
    """What only a journal in a file has to show."""

    def see(self, *names: str) -> None:
        """Commits the ids of events, each on its own."""
        for name in names:
            self.commit(Entry(address(), None, seen=name))

    def held(self) -> int:
        """How many ids are in the file."""
        with closing(sqlite3.connect(self.file)) as other:
            found: int = other.execute("SELECT count(*) FROM seen").fetchone()[0]
        return found

    def test_an_id_is_remembered_at_any_time_within_36_hours(self) -> None:
        for shift in range(7):  # wherever in its span of six hours it was seen
            self.clock.advance(HOUR)
            self.see(f"e{shift}")
            seen_at = self.clock.seconds()
            for hours in range(36):
                self.clock.rightNow = seen_at + hours * HOUR
                self.assertTrue(self.journal.seen(f"e{shift}"), (shift, hours))
            self.clock.rightNow = seen_at + 36 * HOUR
            self.assertTrue(self.journal.seen(f"e{shift}"))
            self.clock.rightNow = seen_at + 42 * HOUR
            self.assertFalse(self.journal.seen(f"e{shift}"))
            self.clock.rightNow = seen_at

    def test_an_id_is_remembered_though_the_clock_was_set_back(self) -> None:
        self.see("e")
        self.clock.rightNow -= 6 * HOUR
        self.assertTrue(self.journal.seen("e"))

    def test_ids_of_any_characters_and_length_are_told_apart(self) -> None:
        names = ["", "m", "M", "m" * 5000, "\ud800", "é", "e\u0301", "\0"]
        self.see(*names[1:])
        self.assertFalse(self.journal.seen(names[0]))
        for name in names[1:]:
            self.assertTrue(self.journal.seen(name))

    def test_an_id_that_could_not_be_committed_is_not_seen(self) -> None:
        bad = Entry(address("\ud800"), None, seen="e")
        good = Entry(address(), None, seen="other")
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.failureResultOf(self.journal.commit([good]), JournalError)
        self.failureResultOf(self.journal.commit([bad]), JournalError)
        self.assertFalse(self.journal.seen("e"))
        self.assertFalse(self.journal.seen("other"))

    def test_old_ids_go_in_small_bites(self) -> None:
        self.patch(tables, "BITE", 10)
        self.commit(*(Entry(address(), None, seen=f"old{n}") for n in range(35)))
        self.clock.advance(37 * HOUR + tables.SPAN)
        left = []
        for name in "abcde":
            self.see(name)
            left.append(self.held())
        self.assertEqual(left, [35 + 1 - 10, 35 + 2 - 20, 35 + 3 - 30, 4, 5])

    def test_no_id_goes_early(self) -> None:
        self.commit(*(Entry(address(), None, seen=f"e{n}") for n in range(300)))
        self.clock.advance(36 * HOUR)
        self.see("new")
        self.assertEqual(self.held(), 301)

    def test_an_id_takes_a_few_bytes(self) -> None:
        long = "m_" + "x" * 150
        self.commit(*(Entry(address(), None, seen=f"{long}{n}") for n in range(20_000)))
        self.reopen()
        self.assertLess(self.file.stat().st_size / 20_000, 40)

    def test_a_file_that_is_gone_is_told(self) -> None:
        aside = self.file.rename(self.file.with_name("aside"))
        failed = self.assertRaises(JournalError, self.journal.seen, "e")
        self.assertEqual(str(failed), f"cannot be opened: {self.file} (SQLITE_CANTOPEN)")
        aside.rename(self.file)
        self.assertFalse(self.journal.seen("e"))

    def test_once_closed_it_does_not_know(self) -> None:
        self.successResultOf(self.journal.close())
        self.assertRaises(NotTakenError, self.journal.seen, "e")
