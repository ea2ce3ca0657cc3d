"""Tests for `chatgw.logs`: the files, and what happens when they cannot be written."""

from __future__ import annotations

import errno
import stat
from io import StringIO
from pathlib import Path

from attrs import define, field
from twisted.logger import ILogObserver, LogEvent, Logger, LogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import provider

from chatgw.logs import LogFiles, RotatingFile, Sink


class Rotation(SynchronousTestCase):
    def write(self, files: LogFiles, count: int) -> None:
        log = Logger("chatgw", observer=files)
        for number in range(count):
            log.info("{number:04} {text}", number=number, text="안녕하세요" * 10)
        files.close()

    def test_files_are_rotated_by_bytes_and_only_so_many_kept(self) -> None:
        folder = Path(self.mktemp())
        self.write(LogFiles(folder, max_size=1000, max_count=3), 60)
        self.assertEqual(
            sorted(path.name for path in folder.iterdir()), ["log.log", "log.log.1", "log.log.2"]
        )
        sizes = [path.stat().st_size for path in folder.iterdir()]
        self.assertLess(max(sizes), 1000 + 250)
        self.assertIn("0059 ", (folder / "log.log").read_text())

    def test_only_owner_and_group_can_read(self) -> None:
        folder = Path(self.mktemp(), "logs")
        self.write(LogFiles(folder, max_size=1000), 10)
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode) & 0o027, 0)
        for path in folder.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)

    def test_a_restart_goes_on_in_the_same_file(self) -> None:
        folder = Path(self.mktemp())
        for _ in range(2):
            self.write(LogFiles(folder), 1)
        self.assertEqual(len((folder / "log.log").read_text().splitlines()), 2)

    def test_a_folder_that_cannot_be_made_is_told_at_once(self) -> None:
        occupied = Path(self.mktemp())
        occupied.write_text("")
        self.assertRaises(OSError, LogFiles, occupied / "logs")


@define(eq=False)
class Disk:
    """A disk that can be full: makes files that then cannot be written."""

    full: bool = False
    gone: bool = False
    lines: list[str] = field(factory=list)
    opened: int = 0
    closed: int = 0

    def open(self) -> RotatingFile:
        if self.gone:
            raise FileNotFoundError(errno.ENOENT, "No such directory")
        self.opened += 1
        return DiskFile(self)


@define(eq=False)
class DiskFile:
    disk: Disk

    def write(self, data: bytes) -> None:
        if self.disk.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.disk.lines += data.decode().splitlines()

    def close(self) -> None:
        self.disk.closed += 1


class FullDisk(SynchronousTestCase):
    def setUp(self) -> None:
        self.disk = Disk()
        self.complaints = StringIO()
        self.sink = Sink(self.disk.open, self.complaints)

    def test_it_is_told_once_on_standard_error(self) -> None:
        self.disk.full = True
        for _ in range(3):
            self.sink.write("lost")
        self.assertEqual(
            self.complaints.getvalue(),
            "chatgw: lines are missing from the log: [Errno 28] No space left on device\n",
        )

    def test_writing_goes_on_when_there_is_room_again(self) -> None:
        self.disk.full = True
        self.sink.write("lost")
        self.disk.gone = True
        self.sink.write("lost")
        self.disk.full = self.disk.gone = False
        self.sink.write("found")
        self.sink.write("again")
        self.assertEqual(self.disk.lines, ["(2 lines could not be written here)", "found", "again"])
        self.assertEqual((self.disk.opened, self.disk.closed), (2, 1))

    def test_a_second_time_is_told_again(self) -> None:
        for full in (True, False, True):
            self.disk.full = full
            self.sink.write("line")
        self.assertEqual(len(self.complaints.getvalue().splitlines()), 2)

    def test_complaining_in_vain_stops_nobody(self) -> None:
        self.complaints.close()
        self.disk.full = True
        self.sink.write("lost")
        self.assertEqual(self.disk.lines, [])

    def test_a_file_closed_under_us_is_opened_again(self) -> None:
        folder = Path(self.mktemp())
        files = LogFiles(folder, complaints=self.complaints)
        log = Logger("chatgw", observer=files)
        log.info("one")
        files.close()
        log.info("two")
        files.close()
        self.assertEqual(len((folder / "log.log").read_text().splitlines()), 2)

    def test_a_failing_log_causes_no_further_events(self) -> None:
        seen: list[LogEvent] = []

        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            seen.append(event)

        folder = Path(self.mktemp())
        files = LogFiles(folder, max_size=10, max_count=2, complaints=self.complaints)
        self.addCleanup(files.close)
        log = Logger("chatgw", observer=LogPublisher(files, observe))
        log.info("fills the first file")
        # A folder in the place of the rotated file makes every rotation fail.
        (folder / "log.log.1").mkdir()
        log.info("rotates")
        log.info("rotates")
        self.assertEqual(len(seen), 3)
        self.assertEqual(len(self.complaints.getvalue().splitlines()), 1)
