"""The journal's own thread, and all of the journal with it."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import TestCase

from chatgw.interfaces import Entry, NotTakenError
from chatgw.journal import JournalThread, SqliteJournal, prepare
from chatgw.test.journals import address, owing, text, waiting

reactor: Any = _reactor


class ThreadTests(TestCase):
    """One thread, from a start to a stop."""

    timeout = 30

    def setUp(self) -> None:
        self.thread = JournalThread(reactor)
        self.addCleanup(self.thread.stop)

    async def test_work_is_done_aside_one_after_the_other(self) -> None:
        self.thread.start()
        done: list[int] = []

        def work(number: int) -> int:
            done.append(number)
            return threading.get_ident()

        threads = await gatherResults([self.thread.run(partial(work, n)) for n in range(9)])
        self.assertEqual(done, list(range(9)))
        self.assertEqual(len(set(threads)), 1)
        self.assertNotIn(threading.get_ident(), threads)

    async def test_what_goes_wrong_is_the_askers(self) -> None:
        self.thread.start()
        failed = self.thread.run(lambda: 1 // 0)
        await self.assertFailure(failed, ZeroDivisionError)
        self.assertEqual(await self.thread.run(lambda: 2), 2)

    async def test_what_is_asked_for_before_the_start_is_done_then(self) -> None:
        early = self.thread.run(threading.get_ident)
        self.assertNoResult(early)
        self.thread.start()
        self.assertNotEqual(await early, threading.get_ident())

    async def test_a_disk_that_hangs_does_not_hold_up_the_end(self) -> None:
        self.thread.start()
        hanging = threading.Event()
        done = self.thread.run(hanging.wait)
        with capturedLogs() as told:
            self.thread.stop()
        self.assertIn("still being written", formatEvent(told[0]))
        hanging.set()
        await done


class WholeTests(TestCase):
    """A journal as the gateway has it."""

    timeout = 30

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.addCleanup(prepare(self.folder).release)
        self.thread = JournalThread(reactor)
        self.addCleanup(self.thread.stop)
        self.journal = SqliteJournal(self.folder, reactor, self.thread.run)
        self.addCleanup(self.journal.close)

    def commit(self, number: int) -> Deferred[None]:
        """Commits a session and a text."""
        customer = str(number % 50)
        entry = Entry(
            address(customer),
            waiting(str(number), customer=customer),
            (text(f"{number:04d}"),),
            seen=f"e{number}",
        )
        return self.journal.commit([entry])

    async def test_a_thousand_at_once_are_kept_and_seen(self) -> None:
        self.assertEqual(self.journal.restore().sessions, ())
        self.thread.start()
        await gatherResults([self.commit(number) for number in range(1000)])
        self.assertTrue(all(self.journal.seen(f"e{number}") for number in range(1000)))
        await self.journal.close()
        await self.assertFailure(self.journal.commit([owing(text("late"))]), NotTakenError)
        again = SqliteJournal(self.folder, reactor, self.thread.run)
        kept = again.restore()
        await again.close()
        self.assertEqual(
            [owed.effect.id for owed in kept.owed], [f"{number:04d}" for number in range(1000)]
        )
        self.assertEqual(len(kept.sessions), 50)

    async def test_what_is_being_written_at_a_close_is_kept(self) -> None:
        self.thread.start()
        under_way = [self.commit(number) for number in range(100)]
        await self.journal.close()
        for each in under_way:
            self.successResultOf(each)
        self.assertEqual(
            sorted(each.name for each in self.folder.iterdir()), ["journal.db", "lock"]
        )
