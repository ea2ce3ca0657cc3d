"""The journal's folder: who may read it, who holds it, and what version it is of."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import Entry, Owed
from chatgw.journal import Hold, JournalError, prepare, schema
from chatgw.journal.records import effect_record, session_record
from chatgw.test.daemon import environment
from chatgw.test.journals import JournalTestCase, address, letter, owing, text, waiting


def mode(path: Path) -> int:
    """A file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


class FolderTestCase(SynchronousTestCase):
    """A folder that is not there yet."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.file = self.folder / "journal.db"

    def prepared(self) -> None:
        """Makes the folder ready, as a start does, and lets go of it."""
        prepare(self.folder).release()

    def refused(self) -> str:
        """Why the folder cannot be made ready."""
        return str(self.assertRaises(JournalError, prepare, self.folder))


class PrivacyTests(FolderTestCase):
    """What people wrote is nobody else's to read."""

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(os.umask, os.umask(0o022))

    def test_a_folder_that_is_made_is_closed_to_others(self) -> None:
        for umask in (0o000, 0o277):
            os.umask(umask)
            self.folder = Path(self.mktemp()).absolute()
            self.prepared()
            self.assertEqual(mode(self.folder), 0o700)

    def test_a_folder_open_to_others_stays_as_it_is_with_a_warning(self) -> None:
        self.folder.mkdir()
        self.folder.chmod(0o755)
        with capturedLogs() as told:
            self.prepared()
        self.assertEqual(mode(self.folder), 0o755)
        self.assertEqual([event["log_level"].name for event in told], ["warn"])
        self.assertIn(f"{self.folder} is open to other users", formatEvent(told[0]))
        self.assertIn(f"chmod 0700 {self.folder}", formatEvent(told[0]))

    def test_a_file_open_to_others_is_closed(self) -> None:
        self.prepared()
        self.file.chmod(0o644)
        self.prepared()
        self.assertEqual(mode(self.file), 0o600)

    def test_what_cannot_be_made_is_refused_with_the_systems_words(self) -> None:
        self.folder.write_text("a file")
        self.assertEqual(self.refused(), f"Not a directory: {self.folder}/lock")

    def test_a_link_in_the_place_of_the_lock_is_not_followed(self) -> None:
        self.folder.mkdir(0o700)
        (self.folder / "lock").symlink_to(self.folder / "elsewhere")
        self.assertIn("Too many levels of symbolic links", self.refused())
        self.assertFalse((self.folder / "elsewhere").exists())


class OpenFilesTests(JournalTestCase):
    """The files of a journal in use."""

    def test_all_files_are_closed_to_others_whatever_the_umask(self) -> None:
        self.addCleanup(os.umask, os.umask(0o000))
        self.commit(Entry(address(), waiting("a"), seen="e"))
        self.journal.seen("e")
        modes = {each.name: mode(each) for each in self.folder.iterdir()}
        files = ["journal.db", "journal.db-shm", "journal.db-wal", "lock"]
        self.assertEqual(modes, dict.fromkeys(files, 0o600))


class HoldTests(FolderTestCase):
    """One chatgw for a folder."""

    def test_a_second_one_is_refused_until_the_first_lets_go(self) -> None:
        hold = prepare(self.folder)
        self.assertEqual(self.refused(), f"another chatgw is using {self.folder}")
        hold.release()
        self.prepared()

    def test_what_cannot_be_made_ready_is_let_go(self) -> None:
        self.prepared()
        with closing(sqlite3.connect(self.file)) as db:
            db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        self.refused()
        Hold(self.folder).release()

    def test_a_child_that_outlives_its_parent_still_holds_it(self) -> None:
        # As twistd does when it detaches.
        script = (
            "import os, sys; from pathlib import Path; from chatgw.journal import prepare\n"
            "prepare(Path(sys.argv[1]))\n"
            "if os.fork(): os._exit(0)\n"
            "sys.stdin.read()"
        )
        command = [sys.executable, "-c", script, str(self.folder)]
        parent = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment())
        assert parent.stdin is not None
        self.assertEqual(parent.wait(20), 0)
        self.assertIn("another chatgw", self.refused())
        parent.stdin.close()  # at which the child ends
        with (self.folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # waits for it
        self.prepared()

    def test_nothing_is_left_open(self) -> None:
        before = set(os.listdir("/proc/self/fd"))
        self.prepared()
        self.assertEqual(set(os.listdir("/proc/self/fd")), before)
        self.assertEqual(
            sorted(each.name for each in self.folder.iterdir()), ["journal.db", "lock"]
        )


class VersionTests(JournalTestCase):
    """Files of other versions."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = self.folder.with_name("old")

    def made_by(self, version: int) -> sqlite3.Connection:
        """A journal as chatgw made it when the schema was of this version."""
        self.folder.mkdir(0o700)
        self.file.touch(0o600)
        db = schema.connect(self.file, 0.0)
        self.addCleanup(db.close)
        schema.migrate(db, version)
        return db

    def test_the_version_is_in_the_file(self) -> None:
        prepare(self.folder).release()
        with closing(sqlite3.connect(self.file)) as db:
            self.assertEqual(schema.number(db, "user_version"), 2)
            self.assertEqual(schema.number(db, "application_id"), 0x43474A4C)

    def test_a_commit_waits_for_the_disk_and_what_is_deleted_is_blanked(self) -> None:
        with closing(self.made_by(2)) as db:
            self.assertEqual(db.execute("PRAGMA journal_mode").fetchone(), ("wal",))
            self.assertEqual(schema.number(db, "synchronous"), 2)
            self.assertEqual(schema.number(db, "secure_delete"), 1)

    def test_what_the_first_version_kept_is_taken_over(self) -> None:
        with closing(self.made_by(1)) as db:
            where = ("FACEBOOK_MESSENGER", "page", "1")
            record = session_record(waiting("Hi"))
            db.execute("INSERT INTO sessions VALUES (1, ?, ?, ?, ?)", (*where, record))
            for n, name in ((1, "b"), (2, "a")):
                owed = (n, name, "1", "SendText", effect_record(text(name)))
                db.execute("INSERT INTO owed VALUES (?, ?, ?, ?, ?)", owed)
        self.addCleanup(prepare(self.folder).release)
        self.journal = self.opened()
        kept = self.journal.restore()
        self.assertEqual(kept.sessions, (waiting("Hi"),))
        # It did not note attempts: any of them may have been made.
        self.assertEqual(kept.owed, (Owed(text("b"), tried=1), Owed(text("a"), tried=1)))
        self.commit(owing(text("c")), Entry(address(), None, dead=letter("d"), seen="e"))
        self.reopen()
        self.assertEqual([owed.tried for owed in self.journal.restore().owed], [1, 1, 0])
        self.assertEqual(list(self.journal.dead()), [letter("d")])
        self.assertTrue(self.journal.seen("e"))

    def test_a_step_that_fails_leaves_the_version_before_it(self) -> None:
        db = self.made_by(1)
        self.patch(schema, "STEPS", (schema.STEPS[0], (*schema.STEPS[1], "no such statement")))
        self.assertRaises(sqlite3.OperationalError, schema.migrate, db, 2)
        self.assertEqual(schema.number(db, "user_version"), 1)
        self.assertNotIn("dead", {table for table, _ in schema.columns(db)})

    def test_a_newer_one_is_refused_and_left_as_it_is(self) -> None:
        with closing(self.made_by(2)) as db:
            db.execute("PRAGMA user_version = 3")
        before = self.file.read_bytes()
        refused = self.assertRaises(JournalError, prepare, self.folder)
        self.assertEqual(
            str(refused),
            f"{self.file} was written by a newer chatgw: its version is 3,"
            " and this chatgw knows versions up to 2",
        )
        self.assertEqual(self.file.read_bytes(), before)

    def test_a_start_that_was_cut_short_is_made_up_for(self) -> None:
        with closing(self.made_by(1)):
            pass
        self.file.rename(self.file.with_name("journal.db.new"))  # the draft of a new one
        self.addCleanup(prepare(self.folder).release)
        self.journal = self.opened()
        self.commit(owing(text("a")))
        self.assertEqual([owed.effect.id for owed in self.journal.restore().owed], ["a"])
        self.assertFalse(self.file.with_name("journal.db.new").exists())
