"""A process that is killed while it writes has kept all that it has promised."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import Kept
from chatgw.journal import SqliteJournal, prepare
from chatgw.test.daemon import environment
from chatgw.test.journals import at_once

ROUNDS = 5


class ChildTestCase(SynchronousTestCase):
    """A folder that a child writes, and we then read."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()

    @contextmanager
    def child(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A writing process, killed at the end."""
        command = [sys.executable, "-m", "chatgw.test.journal_child", str(self.folder), *arguments]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, text=True, env=environment()) as child:
            try:
                yield child
            finally:
                child.kill()

    def kept(self) -> tuple[Kept, SqliteJournal]:
        """What the next process finds."""
        clock = Clock()
        clock.advance(time.time())
        with capturedLogs() as told:
            self.addCleanup(prepare(self.folder).release)
            journal = SqliteJournal(self.folder, clock, at_once)
            self.addCleanup(journal.close)
            kept = journal.restore()
        self.assertEqual(list(told), [])
        return kept, journal


class KilledTests(ChildTestCase):
    """With -9, wherever it was."""

    def test_all_that_was_promised_is_there_and_in_order(self) -> None:
        promised: list[str] = []
        chance = random.Random(3)
        for _ in range(ROUNDS):
            with self.child(str(int(max(promised, default="0")) + 100)) as child:
                assert child.stdout is not None
                lines = islice(child.stdout, chance.randrange(1, 400))
                promised += [line.strip() for line in lines]
                child.kill()
                promised += child.stdout.read().split()
            kept, journal = self.kept()
            owed = [each.effect.id for each in kept.owed]
            self.assertEqual(set(promised) - set(owed), set())
            self.assertEqual(owed, sorted(owed))
            # What was under way is there wholly, or not at all.
            self.assertTrue(all(map(journal.seen, owed)))
            self.assertFalse(journal.seen(f"{int(owed[-1]) + 1:06d}"))
            texts = {unsaid.text for session in kept.sessions for unsaid in session.waiting}
            self.assertEqual(texts - set(owed), set())
            self.assertIn(owed[-1], texts)
            self.doCleanups()
        self.assertGreater(len(promised), ROUNDS)


class LimitedTests(ChildTestCase):
    """With a limit to the size of files, at which the system answers EFBIG."""

    def test_what_failed_was_told_and_it_goes_on_by_itself(self) -> None:
        promised: set[str] = set()
        refused: set[str] = set()
        after = 0
        with self.child("0", "300000") as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line.startswith("!"):
                    refused.add(line.strip())
                elif line == "unlimited\n":
                    after = len(promised)
                else:
                    promised.add(line.strip())
                if after and len(promised) > after + 200:
                    break
        self.assertEqual(
            refused, {f"! the disk fails: {self.folder}/journal.db (SQLITE_IOERR_WRITE)"}
        )
        self.assertGreater(after, 0)
        kept, _ = self.kept()
        self.assertEqual(promised - {owed.effect.id for owed in kept.owed}, set())
