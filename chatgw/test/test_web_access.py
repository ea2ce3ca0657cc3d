"""Tests for `chatgw.web.access`."""

from __future__ import annotations

import os
import stat
import time
from io import StringIO
from pathlib import Path

from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request
from twisted.web.test.requesthelper import DummyChannel

from chatgw.web.access import AccessLog

NOON = 1_795_316_400.0  # 2026-11-22 03:00 UTC, 12:00 in Seoul
DAY = 86_400.0
NAME = "chatgw-access.log"


def asked(uri: bytes, **headers: bytes) -> Request:
    """A request as it is when it has been answered."""
    request = Request(DummyChannel(), False)
    request.method, request.uri, request.clientproto = b"GET", uri, b"HTTP/1.1"
    request.client = IPv4Address("TCP", "192.0.2.1", 4711)
    for name, value in headers.items():
        request.requestHeaders.setRawHeaders(name.replace("_", "-"), [value])
    return request


class AccessCase(SynchronousTestCase):
    def setUp(self) -> None:
        before = os.environ.get("TZ", "")
        self.addCleanup(self.set_zone, before)
        self.set_zone("Asia/Seoul")
        self.clock = Clock()
        self.clock.advance(NOON)
        self.folder = Path(self.mktemp(), "http")
        self.log = self.opened()

    def opened(self, keep: int = 30) -> AccessLog:
        log = AccessLog(self.folder, self.clock, keep, StringIO())
        self.addCleanup(log.close)
        return log

    @staticmethod
    def set_zone(name: str) -> None:
        os.environ["TZ"] = name
        if not name:
            del os.environ["TZ"]
        time.tzset()

    def written(self) -> list[str]:
        return (self.folder / NAME).read_text().splitlines()

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


class Lines(AccessCase):
    def test_a_line_is_in_the_combined_format(self) -> None:
        request = asked(b"/fbm", referer=b"http://r/", user_agent=b"facebookexternalua")
        request.code, request.sentLength = 200, 14
        self.log.record(request)
        self.log.record(asked(b"/"))
        self.assertEqual(
            self.written(),
            [
                (
                    '192.0.2.1 - - [22/Nov/2026:12:00:00 +0900] "GET /fbm HTTP/1.1" 200 14'
                    ' "http://r/" "facebookexternalua"'
                ),
                '192.0.2.1 - - [22/Nov/2026:12:00:00 +0900] "GET / HTTP/1.1" 200 - "-" "-"',
            ],
        )

    def test_the_verify_token_is_left_out_however_it_is_written(self) -> None:
        for name in (b"hub.verify_token", b"hub%2Everify_token", b"HUB.VERIFY_TOKEN"):
            self.log.record(
                asked(
                    b"/fbm?hub.mode=subscribe&"
                    + name
                    + b"=s3cret&hub.challenge=1158&access_token=t0"
                )
            )
        for line in self.written():
            self.assertNotIn("s3cret", line)
            self.assertIn("=****&hub.challenge=1158&access_token=**** HTTP/1.1", line)
            self.assertIn("GET /fbm?hub.mode=subscribe&", line)

    def test_a_hostile_client_cannot_forge_a_line_or_a_field(self) -> None:
        evil = b'x" 200 1\n192.0.2.9 - -\x1b[2J\\\xff'
        self.log.record(asked(b"/fbm?hub.mode=" + evil, referer=b'a"b', user_agent=b"\\\xff\x7f"))
        (line,) = self.written()
        self.assertIn(r'hub.mode=x\" 200 1\n192.0.2.9 - -\x1b[2J\\\xff HTTP/1.1"', line)
        self.assertTrue(line.endswith(r'"a\"b" "\\\xff\x7f"'))

    def test_a_client_without_an_address_is_written_too(self) -> None:
        request = asked(b"/")
        request.client = None
        self.log.record(request)
        self.assertTrue(self.written()[0].startswith("- - - ["))


class Midnight(AccessCase):
    def record_on(self, *days: int) -> None:
        for day in days:
            self.clock.advance(NOON + day * DAY - self.clock.seconds())
            self.log.record(asked(b"/%d" % day))

    def test_a_day_gets_its_own_file_at_local_midnight(self) -> None:
        self.log.record(asked(b"/before"))
        self.clock.advance(12 * 3600 - 1)
        self.log.record(asked(b"/last"))
        self.clock.advance(1)
        self.log.record(asked(b"/first"))
        self.assertEqual(self.names(), ["chatgw-2026-11-22-access.log", NAME])
        self.assertIn("/last", (self.folder / "chatgw-2026-11-22-access.log").read_text())
        (line,) = self.written()
        self.assertIn("/first", line)

    def test_every_file_is_found_as_the_predecessors_were(self) -> None:
        self.record_on(0, 1, 2)
        self.assertEqual(len(list(self.folder.glob("*-access.log"))), 3)
        for path in self.folder.iterdir():
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o640)

    def test_so_many_days_are_kept(self) -> None:
        self.log = self.opened(keep=2)
        (self.folder / "somebody-elses-access.log").write_text("")
        self.record_on(0, 1, 2, 3, 4)
        self.assertEqual(
            self.names(),
            [
                "chatgw-2026-11-24-access.log",
                "chatgw-2026-11-25-access.log",
                NAME,
                "somebody-elses-access.log",
            ],
        )

    def test_a_restart_on_the_next_day_rotates_what_was_left(self) -> None:
        self.record_on(0)
        self.log.close()
        os.utime(self.folder / NAME, (NOON, NOON))
        self.log = self.opened()
        self.record_on(1)
        self.assertEqual(self.names(), ["chatgw-2026-11-22-access.log", NAME])

    def test_a_clock_set_back_loses_nothing(self) -> None:
        self.record_on(0, 1)
        self.log.close()
        os.utime(self.folder / NAME, (NOON, NOON))
        self.log = self.opened()
        self.record_on(2)
        self.assertEqual(self.names(), ["chatgw-2026-11-22-access.log", NAME])
        self.assertEqual(len(self.written()), 2)
