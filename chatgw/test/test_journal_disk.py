"""A disk that is full or read-only: nothing is promised, and it goes on by itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from unittest import SkipTest

from chatgw.interfaces import Entry
from chatgw.journal import JournalError, prepare
from chatgw.test.journals import JournalTestCase, address, owing, text, waiting
from chatgw.test.servers import DEMAND, binary


def mount(*arguments: str) -> None:
    """Mounts.

    Raises:
        SkipTest: that is not allowed here, and nobody demands it.
        AssertionError: it is not allowed, and ``CHATGW_REQUIRE_SERVERS`` is set.
    """
    done = subprocess.run([binary("mount"), *arguments], capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        missing = f"NOT ALLOWED: {said}; this was not tested on a real disk"
        if os.environ.get(DEMAND):
            raise AssertionError(f"{missing}, and {DEMAND} is set")
        raise SkipTest(missing)


class DiskTests(JournalTestCase):
    """A small file system of its own."""

    def setUp(self) -> None:
        super().setUp()
        disk = Path(self.mktemp()).absolute()
        disk.mkdir()
        mount("-t", "tmpfs", "-o", "size=600k,mode=700", "chatgw-test", str(disk))
        self.addCleanup(subprocess.run, [binary("umount"), "--lazy", str(disk)], check=True)
        self.disk = disk
        self.folder = disk / "state"
        self.hold = prepare(self.folder)
        self.journal = self.opened()

    def tearDown(self) -> None:
        self.hold.release()

    def refused(self, entry: Entry) -> str:
        """Why an entry cannot be committed."""
        return str(self.failureResultOf(self.journal.commit([entry]), JournalError).value)

    def fill(self) -> None:
        """Leaves no room."""
        with (self.disk / "filler").open("wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                return

    def empty(self) -> None:
        """Makes room again."""
        (self.disk / "filler").unlink()

    def remount(self, how: str) -> None:
        """Changes the file system."""
        mount("-o", f"remount,{how}", str(self.disk))

    def test_a_full_disk_promises_nothing_and_loses_nothing(self) -> None:
        self.commit(Entry(address(), waiting("kept"), owed=(text("kept"),), seen="kept"))
        self.fill()
        session = waiting("new" * 5000)
        new = Entry(address(), session, owed=(text("new"),), seen="new")
        for _ in range(5):
            self.assertEqual(self.refused(new), f"disk full: {self.file} (SQLITE_FULL)")
        self.assertEqual(self.journal.restore().sessions, (waiting("kept"),))
        self.assertTrue(self.journal.seen("kept"))
        self.assertFalse(self.journal.seen("new"))
        self.empty()
        self.commit(new)
        self.reopen()
        kept = self.journal.restore()
        self.assertEqual(kept.sessions, (session,))
        self.assertEqual([owed.effect.id for owed in kept.owed], ["kept", "new"])

    def test_a_disk_that_fills_while_it_is_written_keeps_all_that_was_promised(self) -> None:
        promised, refused = [], 0
        for number in range(400):
            name = f"{number:03d}"
            done = self.journal.commit([owing(text(name, "words " * 200))])
            if done.called and not isinstance(done.result, type(None)):
                self.failureResultOf(done, JournalError)
                refused += 1
            else:
                promised.append(name)
        self.assertGreater(refused, 0)
        self.assertGreater(len(promised), 0)
        self.successResultOf(self.journal.close())
        self.remount("size=4m")
        self.journal = self.opened()
        self.assertEqual([owed.effect.id for owed in self.journal.restore().owed], promised)
        self.commit(owing(text("after")))

    def test_a_disk_that_is_full_at_the_start_is_told(self) -> None:
        self.fill()
        refused = self.assertRaises(JournalError, prepare, self.disk / "another")
        self.assertRegex(str(refused), "disk full|No space left on device")

    def test_a_read_only_disk_promises_nothing_until_it_is_writable(self) -> None:
        self.hold.release()  # what is open for writing is in the way
        self.remount("ro")
        why = self.refused(owing(text("a")))
        self.assertRegex(why, f"^(read-only|cannot be opened): {self.file}")
        self.remount("rw")
        self.commit(owing(text("a")))
        self.assertEqual([owed.effect.id for owed in self.journal.restore().owed], ["a"])

    def test_a_disk_that_is_read_only_at_the_start_is_told(self) -> None:
        self.hold.release()
        self.remount("ro")
        refused = self.assertRaises(JournalError, prepare, self.folder)
        self.assertEqual(str(refused), f"Read-only file system: {self.folder}/lock")
