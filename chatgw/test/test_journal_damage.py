"""A damaged journal is set aside, told of, and followed by a new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from twisted.logger import capturedLogs, formatEvent

from chatgw.interfaces import Entry
from chatgw.journal import JournalError, files, prepare, schema
from chatgw.journal import folder as journal_folder
from chatgw.test.journals import (
    NOW,
    JournalTestCase,
    address,
    letter,
    owing,
    text,
    waiting,
)

STAMP = "20231114T221320Z"
"""`NOW`, as it is in names."""

PAGE = 4096


class DamageTestCase(JournalTestCase):
    """A journal with 30 sessions, of a process that has ended."""

    def setUp(self) -> None:
        super().setUp()
        self.commit(*(Entry(address(str(n)), waiting("words " * 200)) for n in range(30)))
        self.successResultOf(self.journal.close())
        self.doCleanups()  # let go of the folder

    def started(self) -> list[str]:
        """Starts again, and gives what the log tells; the journal works."""
        with capturedLogs() as told:
            self.addCleanup(prepare(self.folder, lambda: NOW).release)
        self.journal = self.opened()
        self.commit(owing(text("new")))
        self.reopen()
        self.assertIn(text("new"), [owed.effect for owed in self.journal.restore().owed])
        return [formatEvent(event) for event in told]

    def aside(self, ending: str = "") -> Path:
        """What was set aside."""
        return self.folder / f"journal.db.damaged-{STAMP}{ending}"

    def assertSetAside(self, why: str, lost: str) -> None:
        """Starts again; the old journal is kept under another name, and the operator told."""
        before = self.file.read_bytes()
        (told,) = self.started()
        self.assertEqual(
            told,
            f"The journal {self.file} is damaged: {why}. It is set aside as {self.aside()}, and"
            f" a new one is begun. Lost: {lost}, with all that was still to be delivered.",
        )
        self.assertEqual(self.aside().read_bytes(), before)
        self.assertEqual(self.journal.restore().sessions, ())


class DamageTests(DamageTestCase):
    """What a file can be instead of a journal."""

    def change(self, change: Callable[[bytearray], None]) -> None:
        """Changes the file's bytes."""
        content = bytearray(self.file.read_bytes())
        change(content)
        self.file.write_bytes(content)

    def page_of(self, name: str) -> int:
        """Where the first page of a table, or of an index, begins."""
        with closing(sqlite3.connect(self.file)) as db:
            found = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,))
            root: int = found.fetchone()[0]
        return (root - 1) * PAGE

    def test_a_sound_one_is_left_alone(self) -> None:
        self.assertEqual(self.started(), [])
        self.assertEqual(len(self.journal.restore().sessions), 30)

    def test_what_is_no_database(self) -> None:
        self.file.write_bytes(b"Dear diary,\n" * 1000)
        self.assertSetAside("it is not a journal of chatgw's", "all chats under way")

    def test_an_empty_file(self) -> None:
        self.file.write_bytes(b"")
        self.assertSetAside("it is not a journal of chatgw's", "all chats under way")

    def test_the_beginning_of_a_database(self) -> None:
        self.change(lambda content: content.__delitem__(slice(50, None)))
        self.assertSetAside("it is not a journal of chatgw's", "all chats under way")

    def test_a_truncated_file(self) -> None:
        self.change(lambda content: content.__delitem__(slice(len(content) // 2, None)))
        self.assertSetAside("database disk image is malformed", "all chats under way")

    def test_bits_flipped_where_the_sessions_begin(self) -> None:
        where = self.page_of("sessions")

        def flip(content: bytearray) -> None:
            content[where] ^= 0x55

        self.change(flip)
        (told,) = self.started()
        self.assertIn("Lost: all chats under way,", told)

    def test_bits_flipped_elsewhere_tell_how_many_chats_are_lost(self) -> None:
        where = self.page_of("owed")

        def flip(content: bytearray) -> None:
            content[where] ^= 0x55

        self.change(flip)
        (told,) = self.started()
        self.assertIn("Lost: 30 chats under way,", told)

    def test_any_page_overwritten(self) -> None:
        sound = self.file.read_bytes()
        for start in range(0, len(sound), PAGE):
            with self.subTest(page=start // PAGE + 1):
                self.file.write_bytes(sound[:start] + b"\xa5" * PAGE + sound[start + PAGE :])
                with capturedLogs() as told:
                    prepare(self.folder).release()
                self.assertEqual(len(told), 1)

    def test_a_database_of_another_program(self) -> None:
        self.file.unlink()
        with closing(sqlite3.connect(self.file)) as db:
            db.execute("CREATE TABLE bookmarks (url TEXT)")
        self.assertSetAside("it is not a journal of chatgw's", "all chats under way")

    def test_a_journal_without_a_table(self) -> None:
        with closing(sqlite3.connect(self.file)) as db:
            db.execute("DROP TABLE seen")
        self.assertSetAside("its tables are not those of a journal", "30 chats under way")

    def test_a_journal_without_a_version(self) -> None:
        with closing(sqlite3.connect(self.file)) as db:
            db.execute("PRAGMA user_version = 0")
        self.assertSetAside("its tables are not those of a journal", "30 chats under way")

    def test_a_folder_in_its_place(self) -> None:
        self.file.unlink()
        self.file.mkdir()
        (told,) = self.started()
        self.assertIn("is damaged: it is not a file. It is set aside", told)
        self.assertTrue(self.aside().is_dir())

    def test_what_lay_beside_it_goes_with_it(self) -> None:
        for ending in ("-wal", "-shm"):
            self.file.with_name(f"journal.db{ending}").write_bytes(b"beside")
        self.file.write_bytes(b"Dear diary,\n" * 1000)
        self.assertSetAside("it is not a journal of chatgw's", "all chats under way")
        self.assertTrue(self.aside("-wal").exists())

    def test_what_others_could_read_is_closed_to_them(self) -> None:
        for ending in ("-wal", "-shm"):
            self.file.with_name(f"journal.db{ending}").write_bytes(b"words of a customer")
        self.file.write_bytes(b"words of a customer")
        for each in files.family(self.file):
            each.chmod(0o644)
        self.started()
        modes = [stat.S_IMODE(each.stat().st_mode) for each in files.family(self.aside())]
        self.assertEqual(modes, [0o600] * 3)

    def test_what_a_link_leads_to_is_left_as_it_is(self) -> None:
        self.file.unlink()
        elsewhere = self.folder.with_name("elsewhere")
        elsewhere.write_bytes(b"anything")
        elsewhere.chmod(0o644)
        self.file.symlink_to(elsewhere)
        self.started()
        self.assertEqual(stat.S_IMODE(elsewhere.stat().st_mode), 0o644)
        self.assertTrue(self.aside().is_symlink())

    def test_a_log_whose_journal_is_gone_is_not_taken_for_the_new_ones(self) -> None:
        with closing(schema.connect(self.file, 0.0)) as db:
            db.execute("DELETE FROM sessions")
            beside = self.file.with_name("journal.db-wal")
            kept = beside.read_bytes()
        self.file.unlink()
        beside.write_bytes(kept)
        (told,) = self.started()
        self.assertIn("only its companions are left", told)
        self.assertEqual(self.aside("-wal").read_bytes(), kept)

    def test_an_earlier_one_is_not_overwritten(self) -> None:
        self.aside().write_text("the first")
        self.aside("-2-wal").write_text("the second")
        self.file.write_bytes(b"Dear diary,\n" * 1000)
        (told,) = self.started()
        self.assertIn(f"set aside as {self.aside('-3')}", told)
        self.assertEqual(self.aside().read_text(), "the first")
        self.assertEqual(self.aside("-2-wal").read_text(), "the second")


class UnreadableTests(DamageTestCase):
    """What is not damaged, but cannot be had."""

    def test_a_file_closed_to_us_is_refused_and_left_where_it_is(self) -> None:
        # Nobody but root may look into the folder in which trial runs.
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.addCleanup(os.seteuid, os.geteuid())
        prepare(folder).release()
        for each in (folder, folder / "lock"):
            os.chown(each, 65534 if os.geteuid() == 0 else -1, -1)
        (folder / "journal.db").chmod(0o000)
        if os.geteuid() == 0:
            os.seteuid(65534)
        refused = self.assertRaises(JournalError, prepare, folder)
        self.assertEqual(str(refused), f"Permission denied: {folder}/journal.db")
        self.assertEqual(sorted(os.listdir(folder)), ["journal.db", "lock"])

    def test_a_file_in_use_is_refused_and_left_where_it_is(self) -> None:
        self.patch(journal_folder, "PATIENCE", 0.0)
        with closing(sqlite3.connect(self.file, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE")
            refused = self.assertRaises(JournalError, prepare, self.folder)
        self.assertEqual(str(refused), f"locked by another program: {self.file} (SQLITE_BUSY)")
        self.assertEqual(self.started(), [])


class RecordTests(JournalTestCase):
    """A record that cannot be read costs itself alone."""

    def test_it_is_left_out_and_the_log_says_whose_it_was(self) -> None:
        for customer in "123":
            self.commit(
                Entry(address(customer), waiting("words", customer=customer)),
                owing(text(f"e{customer}", customer=customer)),
                Entry(address("9"), None, dead=letter(f"d{customer}")),
            )
        with closing(sqlite3.connect(self.file)) as db, db:
            db.execute("""UPDATE sessions SET record = 'words {"' WHERE customer = '2'""")
            db.execute("""UPDATE owed SET record = '{"kind": "words"}' WHERE customer = '1'""")
            db.execute("UPDATE dead SET record = '[]' WHERE id = 'd3'")
        self.reopen()
        with capturedLogs() as told:
            kept = self.journal.restore()
        self.assertEqual([session.address.customer for session in kept.sessions], ["1", "3"])
        self.assertEqual([owed.effect.id for owed in kept.owed], ["e2", "e3"])
        self.assertEqual([dead.effect.id for dead in self.journal.dead()], ["d1", "d2"])
        self.assertEqual({event["log_level"].name for event in told}, {"error"})
        self.assertEqual(
            [formatEvent(event) for event in told],
            [
                "Could not read SendText of [ID=1] back from the journal. [TypeError]",
                "Could not read Session of [ID=2] back from the journal. [JSONDecodeError]",
                "Could not read SendText of [ID=1] back from the journal. [KeyError]",
            ],
        )
