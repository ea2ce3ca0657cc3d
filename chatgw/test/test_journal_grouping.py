"""Commits of the same moment share a transaction, and not their troubles."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent

from chatgw.interfaces import Entry, NotTakenError
from chatgw.journal import JournalError
from chatgw.journal import sqlite as journal_sqlite
from chatgw.test.journals import (
    HeldRun,
    JournalTestCase,
    address,
    letter,
    owing,
    text,
    waiting,
)

HALF = "\ud800"
"""Half of a character, which SQLite does not take."""


class GroupingTests(JournalTestCase):
    """Each transaction is one call of `run`, and is made when the test says so."""

    def setUp(self) -> None:
        super().setUp()
        self.run_ = HeldRun()
        self.addCleanup(self.run_all)  # after the close
        self.journal = self.opened(self.run_)

    def run_all(self) -> None:
        """Makes all transactions."""
        while self.run_.waiting:
            self.run_.step()

    def on_disk(self) -> list[str]:
        """The ids of what another process would find owed."""
        with closing(sqlite3.connect(self.file)) as other:
            return [row[0] for row in other.execute("SELECT id FROM owed ORDER BY n")]

    def begun(self, *names: str) -> list[Deferred[None]]:
        """A commit for each of some texts."""
        return [self.journal.commit([owing(text(name))]) for name in names]

    def test_what_comes_while_one_is_written_goes_together_in_the_next(self) -> None:
        (first,) = self.begun("first")
        others = self.begun(*"abcdefgh")
        self.assertEqual(self.on_disk(), [])
        self.run_.step()
        self.successResultOf(first)
        self.assertEqual(self.on_disk(), ["first"])
        for other in others:
            self.assertNoResult(other)
        self.run_.step()
        for other in others:
            self.successResultOf(other)
        self.assertEqual(self.on_disk(), ["first", *"abcdefgh"])
        self.assertEqual(self.run_.waiting, [])
        self.assertEqual(self.run_.done, 2)

    def test_a_thousand_commits_do_not_need_a_thousand_transactions(self) -> None:
        done = self.begun(*map(str, range(1000)))
        self.run_all()
        for each in done:
            self.successResultOf(each)
        self.assertEqual(self.run_.done, 2)

    def test_marks_and_burials_go_with_the_others(self) -> None:
        self.journal.commit([Entry(address(), None, dead=letter("a"))])
        self.run_all()
        before = self.run_.done
        (first,) = self.begun("first")
        both = [self.journal.mark("first", 1), self.journal.bury("a", [text("a")])]
        self.run_all()
        for each in (first, *both):
            self.successResultOf(each)
        self.assertEqual(self.run_.done - before, 2)

    def test_one_that_cannot_be_written_down_fails_alone(self) -> None:
        self.begun("first")
        before = self.journal.commit([owing(text("before"))])
        bad = self.journal.commit([owing(text("half")), owing(text(HALF)), owing(text("rest"))])
        after = self.journal.commit([owing(text("after"))])
        self.run_all()
        self.successResultOf(before)
        failed = self.failureResultOf(bad, JournalError)
        self.assertEqual(str(failed.value), "cannot be written down: UnicodeEncodeError")
        self.successResultOf(after)
        self.assertEqual(self.on_disk(), ["first", "before", "after"])
        self.assertEqual(self.run_.done, 2)

    def test_the_words_of_what_cannot_be_written_down_are_not_told(self) -> None:
        secret = f"the customer's words{HALF}"
        failed = self.journal.commit([Entry(address(secret), waiting(secret))])
        self.run_all()
        self.assertNotIn("words", self.failureResultOf(failed, JournalError).getTraceback())

    def test_a_file_in_trouble_fails_them_all_and_changes_nothing(self) -> None:
        self.begun("first")
        self.run_all()
        both = self.begun("a", "b")
        both += self.begun("c")
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self.run_all()
        for each in both:
            failed = self.failureResultOf(each, JournalError)
            self.assertEqual(
                str(failed.value), f"locked by another program: {self.file} (SQLITE_BUSY)"
            )
        self.assertEqual(self.on_disk(), ["first"])
        again = self.begun("a", "b")
        self.run_all()
        for each in again:
            self.successResultOf(each)
        self.assertEqual(self.on_disk(), ["first", "a", "b"])

    def test_a_thread_that_is_gone_fails_them_and_is_told(self) -> None:
        (failed,) = self.begun("a")
        _, result = self.run_.waiting.pop()
        result.errback(RuntimeError("no thread"))
        self.assertEqual(str(self.failureResultOf(failed, JournalError).value), "RuntimeError")
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        (again,) = self.begun("a")
        self.run_all()
        self.successResultOf(again)

    def test_a_commit_within_anothers_callback_is_taken(self) -> None:
        (first,) = self.begun("first")
        first.addCallback(lambda _: self.begun("second")[0])
        self.run_all()
        self.successResultOf(first)
        self.assertEqual(self.on_disk(), ["first", "second"])

    def test_what_waits_for_a_disk_that_hangs_has_a_bound(self) -> None:
        self.patch(journal_sqlite, "MOST_WAITING", 3)
        taken = self.begun(*"abcd")  # of which one is under way
        (refused,) = self.begun("e")
        self.assertIn("3 changes wait", str(self.failureResultOf(refused, JournalError).value))
        self.run_all()
        for each in taken:
            self.successResultOf(each)

    def test_a_close_writes_what_waits_and_takes_nothing_after_it(self) -> None:
        waiting = self.begun(*"abc")
        closed = self.journal.close()
        (late,) = self.begun("late")
        self.failureResultOf(late, NotTakenError)
        self.assertNoResult(closed)
        self.run_all()
        self.successResultOf(closed)
        for each in waiting:
            self.successResultOf(each)
        self.assertEqual(self.on_disk(), ["a", "b", "c"])

    def test_a_close_in_trouble_does_not_fail_but_is_told(self) -> None:
        (failed,) = self.begun("a")
        closed = self.journal.close()
        self.file.rename(self.file.with_name("gone"))
        with capturedLogs() as told:
            self.run_all()
        self.failureResultOf(failed, JournalError)
        self.successResultOf(closed)
        self.assertEqual(
            formatEvent(told[0]),
            "The journal could not be closed properly:"
            f" cannot be opened: {self.file} (SQLITE_CANTOPEN)",
        )
