"""Tests for `chatgw.web.gate`."""

from __future__ import annotations

from typing import Any

from klein import Klein
from treq.testing import StubTreq
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest

from chatgw.web.gate import Gate, answer


class GateCase(SynchronousTestCase):
    def setUp(self) -> None:
        app = Klein()

        @app.route("/")
        def root(request: IRequest) -> bytes:
            return answer(request, 202, b"{}", Content_Type="application/json")

        self.clock = Clock()
        self.admitted = True
        gate = Gate(app.resource(), lambda: self.admitted, self.clock)
        self.treq: Any = StubTreq(gate)  # has treq's functions, unknown to a type checker

    def ask(self, path: str = "/", host: str | None = None) -> int:
        headers = {} if host is None else {"Host": host}
        response = self.successResultOf(self.treq.get(f"http://h{path}", headers=headers))
        self.headers, self.length = response.headers, response.length
        return int(response.code)

    def test_a_route_may_replace_the_headers(self) -> None:
        self.assertEqual(self.ask(), 202)
        self.assertEqual(self.headers.getRawHeaders("Content-Type"), ["application/json"])
        self.assertEqual(self.length, 2)
        self.assertEqual(self.headers.getRawHeaders("Cache-Control"), ["no-store"])
        self.assertIsNone(self.headers.getRawHeaders("Server"))

    def test_a_flood_is_told_once_a_minute(self) -> None:
        self.admitted = False
        with capturedLogs() as events:
            for _ in range(5):
                self.clock.advance(25)
                self.assertEqual(self.ask(), 429)
        self.assertEqual(len(events), 2)

    def test_hosts_and_paths_that_are_none_are_refused_without_a_word_in_the_log(self) -> None:
        with capturedLogs() as events:
            for host in ("a..b", "x" * 64, "h\xff", "ä.example"):
                self.assertEqual(self.ask(host=host), 400, host)
            self.assertEqual(self.ask("/%ff%fe"), 400)
        self.assertEqual(events, [])

    def test_usual_hosts_pass(self) -> None:
        for host in ("h", "gateway.example:10443", "192.0.2.1:10443", "[2001:db8::1]:10443"):
            self.assertEqual(self.ask(host=host), 202, host)
