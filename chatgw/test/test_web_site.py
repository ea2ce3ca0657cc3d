"""Tests for `chatgw.web.webhooks.webhook_site`: real requests, over connections in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatgw.net.limits import IDLE
from chatgw.test.test_web_webhooks import WROTE, FakeChannel
from chatgw.web.access import AccessLog
from chatgw.web.webhooks import Webhooks, webhook_site

POST = (
    b"POST /fbm HTTP/1.1\r\nHost: h\r\nX-Hub-Signature-256: good\r\n"
    b"User-Agent: facebookexternalua\r\nContent-Length: 2\r\n\r\n{}"
)


class Socket(StringTransport):
    """A connection that can be aborted; it then is closed."""

    def abortConnection(self) -> None:
        self.loseConnection()


class SiteCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.folder = Path(self.mktemp())
        access_log = AccessLog(self.folder, self.clock)
        self.addCleanup(access_log.close)
        self.commit: Deferred[None] = succeed(None)
        self.received: list[object] = []
        webhooks = Webhooks(FakeChannel, self.receive, self.clock, lambda: True)
        self.site = webhook_site(webhooks.resource(), access_log, self.clock)
        self.connect()

    def receive(self, events: object) -> Deferred[None]:
        self.received.append(events)
        return self.commit

    def connect(self) -> None:
        self.socket = Socket()
        self.connection: Any = self.site.buildProtocol(None)
        self.connection.makeConnection(self.socket)

    def recorded(self) -> str:
        return (self.folder / "chatgw-access.log").read_text()

    def test_a_post_is_answered_and_recorded(self) -> None:
        self.connection.dataReceived(POST)
        self.assertTrue(self.socket.value().startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertTrue(self.socket.value().endswith(b"\r\n\r\nEVENT_RECEIVED"))
        self.assertIn(
            '"POST /fbm HTTP/1.1" 200 14 "-" "facebookexternalua"\n',
            self.recorded(),
        )

    def test_the_verify_token_is_not_recorded(self) -> None:
        query = b"hub.mode=subscribe&hub.verify_token=token&hub.challenge=1158"
        self.connection.dataReceived(b"GET /fbm?" + query + b" HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertTrue(self.socket.value().endswith(b"\r\n\r\n1158"))
        self.assertIn("hub.verify_token=****&hub.challenge=1158", self.recorded())

    def test_no_server_is_named(self) -> None:
        for request in (POST, b"GET /x HTTP/1.1\r\nHost: a..b\r\n\r\n", b"nonsense\r\n\r\n"):
            self.connect()
            self.connection.dataReceived(request)
            self.assertNotIn(b"server", self.socket.value().lower())

    def test_too_long_a_body_is_not_received(self) -> None:
        self.connection.dataReceived(POST.replace(b": 2\r\n", b": 2000000\r\n"))
        self.assertTrue(self.socket.value().startswith(b"HTTP/1.1 413 "))
        self.assertEqual(self.received, [])

    def test_a_client_that_leaves_does_not_stop_the_commit(self) -> None:
        self.commit = Deferred(lambda _: self.fail("the commit was cancelled"))
        self.connection.dataReceived(POST)
        self.connection.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(len(self.received), 1)
        self.commit.callback(None)
        self.assertEqual(self.socket.value(), b"")

    def test_a_commit_that_fails_after_the_client_left_is_logged(self) -> None:
        self.commit = Deferred()
        self.connection.dataReceived(POST)
        self.connection.connectionLost(Failure(ConnectionDone()))
        self.commit.errback(OSError("disk full"))
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_requests_on_one_connection_are_received_in_their_order(self) -> None:
        self.connection.dataReceived(POST * 3)
        self.assertEqual(self.received, [[WROTE, FakeChannel().events[1]]] * 3)
        self.assertEqual(self.socket.value().count(b"EVENT_RECEIVED"), 3)

    def test_a_silent_connection_is_closed(self) -> None:
        self.clock.advance(IDLE)
        self.assertTrue(self.socket.disconnecting)

    def test_once_the_port_is_closed_an_answer_ends_its_connection(self) -> None:
        self.connection.dataReceived(POST)
        self.assertNotIn(b"Connection: close", self.socket.value())
        self.site.doStart()
        self.site.doStop()
        self.assertFalse(self.socket.disconnecting)
        self.socket.clear()
        self.connection.dataReceived(POST)
        self.assertIn(b"\r\nConnection: close\r\n", self.socket.value())
        self.assertTrue(self.socket.value().endswith(b"EVENT_RECEIVED"))
        self.assertTrue(self.socket.disconnecting)
