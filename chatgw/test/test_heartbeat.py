"""The heartbeat tells for how long there was no gateway."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.heartbeat import INTERVAL, NAME, Heartbeat


def at_once(work: Callable[[], None]) -> Deferred[None]:
    """Does a piece of work at once."""
    return maybeDeferred(work)


class HeartbeatTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.clock = Clock()
        self.clock.advance(1_700_000_000.0)
        self.heartbeat = Heartbeat(self.folder, self.clock, at_once)

    def test_who_has_never_lived_was_never_absent(self) -> None:
        self.assertEqual(self.heartbeat.absence(), 0.0)

    def test_the_absence_is_the_time_since_the_last_beat(self) -> None:
        self.heartbeat.start()
        self.heartbeat.stop()
        os.utime(self.folder / NAME, (1, self.clock.seconds() - 90.0))
        self.assertEqual(self.heartbeat.absence(), 90.0)

    def test_it_beats_as_long_as_it_lives(self) -> None:
        self.heartbeat.start()
        for _ in range(3):
            (self.folder / NAME).unlink()
            self.clock.advance(INTERVAL)
            self.assertTrue((self.folder / NAME).exists())
        self.heartbeat.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_disk_that_fails_does_not_end_it(self) -> None:
        self.heartbeat.start()
        (self.folder / NAME).unlink()
        self.folder.rmdir()
        self.clock.advance(INTERVAL)
        self.folder.mkdir()
        self.clock.advance(INTERVAL)
        self.assertTrue((self.folder / NAME).exists())
        self.heartbeat.stop()

    def test_a_clock_set_back_is_no_absence(self) -> None:
        (self.folder / NAME).touch()
        os.utime(self.folder / NAME, (1, self.clock.seconds() + 3600.0))
        self.assertEqual(self.heartbeat.absence(), 0.0)
