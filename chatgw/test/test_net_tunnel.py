"""The CONNECT tunnel, byte by byte."""

from __future__ import annotations

from base64 import b64encode
from itertools import pairwise
from typing import Any

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatgw.net.tunnel import HEADERS_LIMIT, Proxy, Tunnel, TunnelRefused
from chatgw.values import Secret

OPEN = b"HTTP/1.1 200 Connection established\r\nVia: somewhere\r\n\r\n"


@implementer(IStreamClientEndpoint)
@define(eq=False)
class Wire:
    """A connected endpoint whose bytes the test moves."""

    transport: StringTransport = field(factory=StringTransport)
    protocol: IProtocol | None = None

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:  # noqa: N803
        self.protocol = protocolFactory.buildProtocol(self.transport.getPeer())
        assert self.protocol is not None
        self.protocol.makeConnection(self.transport)
        return succeed(self.protocol)

    def receive(self, *pieces: bytes) -> None:
        assert self.protocol is not None
        for piece in pieces:
            self.protocol.dataReceived(piece)

    def lose(self) -> None:
        assert self.protocol is not None
        self.protocol.connectionLost(Failure(ConnectionDone()))


class Far(Protocol):
    """What is to talk through the tunnel."""

    def __init__(self) -> None:
        self.received = b""
        self.lost = 0

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost += 1


def _told(outcome: Far | Failure) -> bytes | str:
    return str(outcome.value) if isinstance(outcome, Failure) else outcome.received


class TunnelTests(SynchronousTestCase):
    def dig(
        self, host: str = "graph.example", proxy: Proxy | None = None
    ) -> tuple[Wire, Deferred[IProtocol]]:
        wire = Wire()
        proxy = proxy or Proxy("proxy.example", 3128)
        factory = Factory.forProtocol(Far)
        return wire, Tunnel(wire, proxy, host, 443).connect(factory)

    def opened(self, *pieces: bytes) -> tuple[Wire, Far]:
        wire, connecting = self.dig()
        wire.receive(*pieces)
        far = self.successResultOf(connecting)
        assert isinstance(far, Far)
        return wire, far

    def refused(self, wire: Wire, connecting: Deferred[IProtocol]) -> TunnelRefused:
        error = self.failureResultOf(connecting, TunnelRefused).value
        assert isinstance(error, TunnelRefused)
        return error

    def test_asks_for_the_host_and_port(self) -> None:
        wire, _ = self.dig()
        self.assertEqual(
            wire.transport.value(),
            b"CONNECT graph.example:443 HTTP/1.1\r\nHost: graph.example:443\r\n\r\n",
        )

    def test_an_ipv6_address_is_in_brackets(self) -> None:
        wire, _ = self.dig("2001:db8::1")
        self.assertTrue(wire.transport.value().startswith(b"CONNECT [2001:db8::1]:443 "))

    def test_name_and_password_go_in_a_header(self) -> None:
        wire, _ = self.dig(proxy=Proxy("p", 1, "Jürgen", Secret("ge:heim")))
        pair = b64encode("Jürgen:ge:heim".encode())
        self.assertIn(b"\r\nProxy-Authorization: Basic " + pair + b"\r\n", wire.transport.value())

    def test_the_password_shows_nowhere(self) -> None:
        proxy = Proxy("p", 1, "me", Secret("geheim"))
        wire, _ = self.dig(proxy=proxy)
        tunnel = Tunnel(wire, proxy, "h", 1)
        pair = b64encode(b"me:geheim").decode()
        for shown in (repr(proxy), repr(tunnel), repr(wire.protocol)):
            self.assertNotIn("geheim", shown)
            self.assertNotIn(pair, shown)

    def test_a_user_name_with_a_colon_is_refused(self) -> None:
        self.assertRaises(ValueError, Proxy, "p", 1, "a:b")

    def test_a_host_that_would_write_headers_is_refused(self) -> None:
        for host in ("a\r\nX: y", "a b", "", "a/b"):
            self.assertRaises(ValueError, self.dig, host)

    def test_once_open_everything_passes(self) -> None:
        wire, far = self.opened(OPEN)
        wire.transport.clear()
        assert far.transport is not None
        far.transport.write(b"hello")
        wire.receive(b"good", b" day")
        self.assertEqual((wire.transport.value(), far.received), (b"hello", b"good day"))
        wire.lose()
        self.assertEqual(far.lost, 1)

    @given(st.lists(st.integers(1, len(OPEN) + 3), max_size=8))
    def test_however_the_answer_is_cut_the_rest_is_the_tunnels(self, cuts: list[int]) -> None:
        stream = OPEN + b"\x16\x03\x03"
        places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
        _, far = self.opened(*(stream[a:b] for a, b in pairwise(places)))
        self.assertEqual(far.received, b"\x16\x03\x03")

    @given(st.binary(max_size=200), st.lists(st.integers(1, 199), max_size=8))
    def test_no_answer_at_all_breaks_it_and_cutting_changes_nothing(
        self, answer: bytes, cuts: list[int]
    ) -> None:
        outcomes = []
        places = sorted({0, len(answer), *(cut for cut in cuts if cut < len(answer))})
        pieces = [answer[a:b] for a, b in pairwise(places)]
        for arrival in ([answer], pieces):
            wire, connecting = self.dig()
            wire.receive(*arrival)
            wire.lose()
            outcome: list[Any] = []
            connecting.addBoth(outcome.append)
            outcomes.append([_told(each) for each in outcome])
        self.assertEqual(outcomes[0], outcomes[1])
        self.assertEqual(len(outcomes[0]), 1)

    @given(st.integers(100, 599).filter(lambda status: not 200 <= status < 300))
    def test_any_status_but_2xx_refuses(self, status: int) -> None:
        wire, connecting = self.dig()
        wire.receive(b"HTTP/1.0 %d\r\nX: y\r\n\r\n<html>" % status)
        error = self.refused(wire, connecting)
        self.assertEqual(error.status, status)
        self.assertIn(str(status), str(error))
        self.assertTrue(wire.transport.disconnected)

    def test_what_is_no_http_refuses(self) -> None:
        for line in (b"", b"SSH-2.0-x", b"HTTP/2 200", b"HTTP/1.1 20", b"HTTP/1.1 2000 OK"):
            wire, connecting = self.dig()
            wire.receive(line + b"\r\n\r\n")
            self.assertIsNone(self.refused(wire, connecting).status)
            self.assertTrue(wire.transport.disconnected)

    def test_headers_without_end_are_given_up(self) -> None:
        wire, connecting = self.dig()
        wire.receive(b"HTTP/1.1 200 OK\r\n")
        for _ in range(HEADERS_LIMIT // 10):
            wire.receive(b"X: 345678\r\n")
        self.assertIn("too long", str(self.refused(wire, connecting)))
        self.assertTrue(wire.transport.disconnected)
        wire.lose()

    def test_headers_too_long_are_so_in_one_piece_as_well(self) -> None:
        wire, connecting = self.dig()
        wire.receive(b"HTTP/1.1 200 OK\r\nX: " + b"y" * HEADERS_LIMIT + b"\r\n\r\n")
        self.assertIn("too long", str(self.refused(wire, connecting)))

    def test_a_connection_closed_without_an_answer_refuses(self) -> None:
        wire, connecting = self.dig()
        wire.receive(b"HTTP/1.1 200 OK\r\n")
        wire.lose()
        self.assertIn("closed", str(self.refused(wire, connecting)))

    def test_cancelling_closes_the_connection(self) -> None:
        wire, connecting = self.dig()
        connecting.cancel()
        self.assertTrue(wire.transport.disconnected)
        wire.lose()
        self.failureResultOf(connecting)
