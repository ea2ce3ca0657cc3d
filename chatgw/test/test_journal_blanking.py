"""No text is left in any file once both sides have it and the chat has ended."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing

from attrs import evolve
from twisted.logger import capturedLogs, formatEvent

from chatgw.interfaces import Entry
from chatgw.journal import sqlite as journal_sqlite
from chatgw.journal import tables
from chatgw.test.journals import HeldRun, JournalTestCase, address, letter, owing, text, waiting

WORDS = "my card number is 4111 1111 1111 1111"
BLANK_AFTER = journal_sqlite.BLANK_AFTER


class BlankingTests(JournalTestCase):
    """The raw bytes of all files, while the journal is in use."""

    def left(self) -> int:
        """How often the text is in the files."""
        return self.bytes_on_disk().count(WORDS.encode())

    def test_a_text_goes_from_every_file_once_it_is_delivered_and_the_chat_has_ended(self) -> None:
        self.commit(Entry(address(), waiting(WORDS), owed=(text("a", WORDS),)))
        self.commit(Entry(address(), waiting(), settled="a"))
        self.commit(Entry(address(), None))
        self.assertGreater(self.left(), 0)  # in the write-ahead log
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 0)

    def test_a_text_goes_though_it_was_confirmed_after_the_end(self) -> None:
        self.commit(Entry(address(), None, owed=(text("a", WORDS),)))
        self.clock.advance(BLANK_AFTER)
        self.assertGreater(self.left(), 0)
        self.commit(Entry(address(), None, settled="a"))
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 0)

    def test_a_text_goes_though_other_chats_go_on(self) -> None:
        self.commit(*(Entry(address(str(n)), waiting(f"text {n}")) for n in range(100)))
        self.commit(Entry(address("50"), waiting(WORDS)))
        self.commit(Entry(address("50"), None))
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 0)
        self.assertEqual(len(self.journal.restore().sessions), 99)

    def test_a_text_goes_when_the_journal_is_closed(self) -> None:
        self.commit(Entry(address(), waiting(WORDS)))
        self.commit(Entry(address(), None))
        self.successResultOf(self.journal.close())
        self.assertEqual(self.left(), 0)
        self.assertEqual(
            sorted(each.name for each in self.folder.iterdir()), ["journal.db", "lock"]
        )

    def test_a_dead_letter_keeps_its_text_until_it_is_buried(self) -> None:
        self.commit(owing(text("a", WORDS)))
        self.commit(Entry(address(), None, settled="a", dead=letter("a", WORDS)))
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 1)
        self.successResultOf(self.journal.bury("a"))
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 0)

    def test_it_is_done_once_a_minute_at_most(self) -> None:
        for n in range(10):
            self.commit(Entry(address(), None))
            self.assertEqual(len(self.clock.getDelayedCalls()), 1)
            self.clock.advance(1.0 + n / 10)
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_nothing_is_scheduled_after_a_close(self) -> None:
        self.commit(Entry(address(), None))
        self.successResultOf(self.journal.close())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_it_is_done_later_if_another_program_reads(self) -> None:
        self.commit(Entry(address(), waiting(WORDS)))
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM sessions").fetchall()
            self.commit(Entry(address(), None))
            self.clock.advance(BLANK_AFTER)
            self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 0)

    def test_it_is_done_later_if_the_file_is_in_trouble(self) -> None:
        self.commit(Entry(address(), waiting(WORDS)), Entry(address(), None))
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with capturedLogs() as told:
                self.clock.advance(BLANK_AFTER)
        self.assertEqual(
            formatEvent(told[0]),
            "What was deleted is still on disk:"
            f" locked by another program: {self.file} (SQLITE_BUSY)",
        )
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.left(), 0)


class BiteTests(JournalTestCase):
    """More records than are written anew at a time."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(tables, "MOST_REWRITTEN", 60)
        entries = [Entry(address(str(n)), waiting(str(n), customer=str(n))) for n in range(200)]
        owed = [owing(text(f"a{n}")) for n in range(61)]
        self.commit(*entries, *owed, Entry(address("gone"), None))

    def test_they_keep_their_order(self) -> None:
        self.successResultOf(self.journal.mark("a30", 2))
        before = self.journal.restore()
        self.clock.advance(BLANK_AFTER)
        self.assertEqual(self.journal.restore(), before)

    def test_commits_go_between(self) -> None:
        run = HeldRun()
        self.journal = self.opened(run)
        self.journal.commit([Entry(address("0"), None)])
        run.step()
        self.clock.advance(BLANK_AFTER)
        run.step()
        done, committed = run.done, self.journal.commit([Entry(address("1"), None)])
        while not committed.called:
            run.step()
        self.assertLessEqual(run.done - done, 2)
        while run.waiting:
            run.step()
        self.assertGreater(run.done, 10)

    def test_a_close_does_not_wait_for_them_twice(self) -> None:
        run = HeldRun()
        self.journal = self.opened(run)
        self.journal.commit([Entry(address("0"), waiting(WORDS)), Entry(address("0"), None)])
        run.step()
        self.clock.advance(BLANK_AFTER)
        closed = self.journal.close()
        while not closed.called:
            run.step()
        self.assertEqual(run.waiting, [])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertNotIn(WORDS.encode(), self.bytes_on_disk())


class MovedRecordsTests(JournalTestCase):
    """SQLite leaves copies of what it moves, which ``secure_delete`` does not find."""

    # Chances by which a copy stays, if records are only deleted.
    def test_no_copy_is_left_however_records_grew_and_went(self) -> None:
        self.live(random.Random(7), "WORDS")

    def test_no_copy_is_left_by_other_chances(self) -> None:
        self.live(random.Random(55), "WORDS")

    def test_no_copy_is_left_of_more_records_than_are_moved_at_a_time(self) -> None:
        self.patch(tables, "MOST_REWRITTEN", 60)
        self.live(random.Random(1), "WORDS", customers=150, steps=1500)
        self.assertGreater(len(self.journal.restore().sessions), 120)

    def live(self, chance: random.Random, mark: str, customers: int = 40, steps: int = 400) -> None:
        """Has sessions come, grow and end, and effects come and go; looks for what should be gone.

        Args:
            chance: decides.
            mark: what the texts begin with.
            customers: how many there are.
            steps: how much happens.
        """
        sessions: dict[str, list[int]] = {}
        owed: list[int] = []
        for number in range(steps):
            customer = str(chance.randrange(customers))
            where = address(customer)
            entry = Entry(where, None)
            if chance.random() < 0.85:
                kept = sessions.setdefault(customer, [])
                if chance.random() < 0.3:
                    kept.clear()
                kept.append(number)
                texts = [_words(chance, mark, each) for each in kept]
                entry = evolve(entry, session=waiting(*texts, customer=customer))
            else:
                sessions.pop(customer, None)
            if chance.random() < 0.6:
                owed.append(number)
                effect = text(f"{mark}{number}", _words(chance, mark, number))
                entry = evolve(entry, owed=(effect,))
            if owed and chance.random() < 0.6:
                gone = owed.pop(chance.randrange(len(owed)))
                entry = evolve(entry, settled=f"{mark}{gone}")
            self.commit(entry)
        self.clock.advance(BLANK_AFTER)
        # With the blank, as a text may be cut between pages.
        found = set(map(int, re.findall(rb"%b_(\d+) " % mark.encode(), self.bytes_on_disk())))
        self.assertNotEqual(found, set())
        self.assertEqual(found - set(owed).union(*sessions.values()), set())


def _words(chance: random.Random, mark: str, number: int) -> str:
    return f"{mark}_{number} " * chance.choice([1, 1, 1, 3, 10, 60, 300])
