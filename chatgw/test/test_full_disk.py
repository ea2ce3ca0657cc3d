"""A real twistd whose disk takes no more, amid a crowd that goes on writing."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import TestCase

from chatgw.test.crowd.activated import Activated
from chatgw.test.crowd.crowd import Crowd, until
from chatgw.test.crowd.disk import Disk, Ext4
from chatgw.test.crowd.sides import Sides
from chatgw.test.waiting import disconnected

CHATS = 12

PACE = 1.0
"""Seconds from one text of a person to the next."""

SOME = 40
"""Texts."""

SETTINGS: dict[str, dict[str, object]] = {
    "server": {"maxRequestsPerMinute": 1_000_000},
    "socialMiner": {"pollingIntervalMS": 500},
}

ERROR = "Setting current config state to ERROR"
CONFIGURED = "Setting current config state to CONFIGURED"

REFUSED = "the disk fails|read-only"
"""What a write meets in a file that is open, and one in a file that is opened anew."""


class FullDiskTests(TestCase):
    timeout = 600

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.disk_folder = self.folder / "disk"

    async def begin(self, state: Path | None = None, logs: Path | None = None) -> None:
        """A daemon, and a crowd in the middle of its talk."""
        self.activated = Activated(self.folder, state, logs)
        self.sides = Sides(self.folder, self.activated.port, SETTINGS)
        self.crowd = Crowd(self.sides, CHATS, PACE)
        for last in (disconnected, self.sides.close, self.crowd.stop, self.activated.close):
            self.addCleanup(last)
        self.activated.start()
        await self.activated.up()
        await self.crowd.met()
        self.crowd.talk()
        await self.crowd.talked(SOME)

    async def in_trouble(self, reason: str) -> None:
        """Waits until webhooks are refused, and checks what an operator sees of it.

        Args:
            reason: how the reason begins; a regular expression.
        """
        await self.activated.logged(ERROR)
        await until(lambda: self.sides.answers["503"], "a webhook answered with 503")
        self.assertRegex(self.activated.log(), f"Trouble with journal: ({reason}): ")
        code, report = await self.activated.status()
        self.assertEqual((code, report["state"]), (2, "ERROR"))
        (trouble,) = report["troubles"]
        self.assertEqual(trouble["source"], "journal")
        self.assertRegex(trouble["reason"], f"^({reason}): ")

    async def recovers(self) -> None:
        """The daemon is well again by itself."""
        await until(
            lambda: CONFIGURED in self.activated.log().partition(ERROR)[2], "CONFIGURED again"
        )
        self.assertIn("No more trouble with journal", self.activated.log())
        code, report = await self.activated.status()
        self.assertEqual((code, report["state"], report["troubles"]), (0, "CONFIGURED", []))
        self.assertTrue(self.activated.lives)

    async def keeps_all(self) -> None:
        """The crowd talks on to its end; nothing was lost, nothing came twice."""
        await self.crowd.talked(SOME)
        await self.crowd.settled()
        await self.activated.done()
        self.assertEqual(self.crowd.complaints(), [])
        self.assertEqual(self.crowd.repeats, 0)

    async def survives(
        self, strike: Callable[[], object], mend: Callable[[], object], reason: str
    ) -> None:
        """Has something befall the journal, and go again."""
        strike()
        await self.in_trouble(reason)
        mend()
        await self.recovers()
        await self.keeps_all()

    async def test_a_full_disk_loses_nothing_and_it_goes_on_by_itself(self) -> None:
        disk = Disk(self.disk_folder, self.addCleanup)
        await self.begin(state=disk.folder / "state")
        await self.survives(disk.fill, disk.make_room, "disk full")

    async def test_a_journal_that_may_not_grow_loses_nothing_and_it_goes_on_by_itself(
        self,
    ) -> None:
        await self.begin()

        def limit(size: int) -> None:
            assert self.activated.daemon is not None
            pid = self.activated.daemon.process.pid
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        written = (self.activated.state / "journal.db-wal").stat().st_size
        await self.survives(
            lambda: limit(written), lambda: limit(resource.RLIM_INFINITY), "the disk fails"
        )

    async def test_a_read_only_journal_loses_nothing_and_it_goes_on_by_itself(self) -> None:
        disk = Ext4(self.disk_folder, self.addCleanup)
        await self.begin(state=disk.folder / "state")
        files = [self.activated.state / name for name in ("journal.db", "journal.db-wal")]
        await self.survives(lambda: disk.freeze(*files), lambda: disk.thaw(*files), REFUSED)

    async def test_a_disk_that_turns_read_only_loses_nothing_once_it_is_repaired(self) -> None:
        disk = Ext4(self.disk_folder, self.addCleanup)
        await self.begin(state=disk.folder / "state")
        disk.fail()
        await self.in_trouble(REFUSED)
        await self.activated.end()
        disk.repair()
        self.activated.start()
        await self.activated.up()
        await self.keeps_all()

    async def test_a_full_log_disk_stops_no_chat(self) -> None:
        disk = Disk(self.disk_folder, self.addCleanup, megabytes=1)
        await self.begin(logs=disk.folder / "logs")
        disk.fill()
        await self.crowd.talked(SOME)
        await until(
            lambda: "lines are missing from the log" in self.activated.said(), "a complaint"
        )
        code, report = await self.activated.status()
        self.assertEqual((code, report["state"]), (0, "CONFIGURED"))
        disk.make_room()
        await self.keeps_all()
        self.assertRegex(self.activated.log(), r"\(\d+ lines could not be written here\)")
        self.assertNotIn("503", self.sides.answers)
