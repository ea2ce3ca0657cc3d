"""What a client may take of our server: bytes, seconds, requests."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from chatgw.net.limits import LeanRequest, RateLimit


class Echo(Resource):
    """Says what it was given; ``/later`` says nothing yet."""

    isLeaf = True  # noqa: N815 -- IResource's name

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    def render(self, request: Request) -> bytes | int:
        self.requests.append(request)
        if request.path == b"/later":
            return NOT_DONE_YET
        assert request.content is not None
        body = request.content.read()
        request.setHeader("Content-Type", "text/plain")
        return b"%r %r" % (body, sorted(request.args.items()))


class Wire(StringTransport):
    """As forgiving as the real transports."""

    def unregisterProducer(self) -> None:
        self.producer = None


class SiteTestCase(SynchronousTestCase):
    """A connection to a site, in memory."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.echo = Echo()
        request = partial(LeanRequest, body_limit=10, reception=20)
        self.site = Site(self.echo, request, timeout=60, reactor=self.clock)
        self.transport, self.channel = self.connected()

    def connected(self) -> tuple[Wire, IProtocol]:
        address = IPv4Address("TCP", "127.0.0.1", 1)
        channel = self.site.buildProtocol(address)
        assert channel is not None
        transport = Wire(peerAddress=address)
        channel.makeConnection(transport)
        return transport, channel

    def send(self, *pieces: bytes) -> bytes:
        for piece in pieces:
            self.channel.dataReceived(piece)
        answer: bytes = self.transport.value()
        self.transport.clear()
        return answer

    def post(self, length: int, *headers: bytes) -> bytes:
        lines = [b"POST /a?b=c HTTP/1.1", b"Host: h", b"Content-Length: %d" % length, *headers]
        return b"\r\n".join([*lines, b"", b""])


CHUNKED = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"


class BodyTests(SiteTestCase):
    def assert_refused(self, answer: bytes) -> None:
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer)
        self.assertEqual(answer.count(b"HTTP/1.1"), 1)
        self.assertTrue(self.transport.disconnecting)
        self.assertEqual(self.echo.requests, [])

    def test_a_body_up_to_the_limit_is_rendered(self) -> None:
        answer = self.send(self.post(10), b"0123456789")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "))
        self.assertIn(b"b'0123456789' [(b'b', [b'c'])]", answer)
        self.assertFalse(self.transport.disconnecting)

    def test_a_longer_one_is_refused_by_its_announced_length(self) -> None:
        self.assert_refused(self.send(self.post(11)))
        self.assertEqual(self.send(b"01234567890"), b"")
        self.assertEqual(self.echo.requests, [])

    def test_a_longer_one_that_comes_with_its_headers_is_refused(self) -> None:
        self.assert_refused(self.send(self.post(11) + b"01234567890"))

    def test_who_waits_for_leave_to_send_a_longer_one_gets_none(self) -> None:
        self.assert_refused(self.send(self.post(11, b"Expect: 100-continue")))

    def test_who_waits_for_leave_to_send_a_shorter_one_gets_it(self) -> None:
        answer = self.send(self.post(10, b"Expect: 100-continue"))
        self.assertEqual(answer, b"HTTP/1.1 100 Continue\r\n\r\n")

    def test_chunks_up_to_the_limit_are_rendered(self) -> None:
        answer = self.send(CHUNKED, b"5\r\n01234\r\n", b"5\r\n56789\r\n", b"0\r\n\r\n")
        self.assertIn(b"b'0123456789'", answer)

    def test_the_last_chunk_over_the_limit_is_refused(self) -> None:
        self.assert_refused(self.send(CHUNKED, b"9\r\n012345678\r\n", b"2\r\n90\r\n0\r\n\r\n"))

    def test_chunks_without_end_are_refused_once(self) -> None:
        answer = self.send(CHUNKED, *[b"5\r\n01234\r\n"] * 100)
        self.assert_refused(answer)

    @given(st.lists(st.integers(1, 200), max_size=8), st.integers(0, 14))
    def test_however_it_is_cut_the_limit_is_the_same(self, cuts: list[int], size: int) -> None:
        self.setUp()
        stream = CHUNKED + b"".join(b"1\r\nx\r\n" for _ in range(size)) + b"0\r\n\r\n"
        places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
        answer = self.send(*(stream[a:b] for a, b in pairwise(places)))
        if size <= 10:
            self.assertIn(b"b'" + b"x" * size + b"'", answer)
        else:
            self.assert_refused(answer)

    def test_forms_are_not_parsed(self) -> None:
        form = self.post(3, b"Content-Type: application/x-www-form-urlencoded")
        self.assertIn(b"b'd=e' [(b'b', [b'c'])]", self.send(form, b"d=e"))

    def test_a_broken_form_is_only_a_body(self) -> None:
        form = self.post(3, b"Content-Type: multipart/form-data")
        self.assertIn(b"b'd=e'", self.send(form, b"d=e"))


class TimeTests(SiteTestCase):
    def test_a_request_that_trickles_is_cut_off(self) -> None:
        self.send(self.post(10))
        for _ in range(19):
            self.clock.advance(1)
            self.send(b"")
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)
        self.assertEqual(self.echo.requests, [])

    def test_headers_that_trickle_are_cut_off(self) -> None:
        self.send(b"GET / HTTP/1.1\r\n")
        for number in range(20):
            self.send(b"X-%d: y\r\n" % number)
            self.clock.advance(1)
        self.assertTrue(self.transport.disconnected)

    def test_a_whole_request_has_all_the_time_it_needs(self) -> None:
        self.send(b"GET /later HTTP/1.1\r\nHost: h\r\n\r\n")
        self.clock.advance(1000)
        self.assertFalse(self.transport.disconnecting)
        self.echo.requests[0].finish()
        self.assertIn(b"HTTP/1.1 200 ", self.transport.value())

    def test_a_silent_connection_is_closed(self) -> None:
        self.clock.advance(61)
        self.assertTrue(self.transport.disconnecting)

    def test_each_request_has_its_own_time(self) -> None:
        for _ in range(5):
            self.assertIn(b" 200 ", self.send(self.post(2), b"ab"))
            self.clock.advance(15)
        self.assertFalse(self.transport.disconnecting)

    def test_who_does_not_leave_after_the_last_answer_is_put_out(self) -> None:
        self.send(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        self.assertTrue(self.transport.disconnecting)
        self.assertFalse(self.transport.disconnected)
        self.clock.pump([61, 16])
        self.assertTrue(self.transport.disconnected)

    def test_who_does_not_leave_after_a_refusal_is_put_out(self) -> None:
        self.send(self.post(11) + b"01234567890")
        self.assertFalse(self.transport.disconnected)
        self.clock.advance(20)
        self.assertTrue(self.transport.disconnected)

    def test_a_client_that_leaves_leaves_no_timer(self) -> None:
        for request in (self.post(10), self.post(11), b"GET /later HTTP/1.1\r\nHost: h\r\n\r\n"):
            self.transport, self.channel = self.connected()
            before = len(self.clock.getDelayedCalls())
            self.send(request)
            self.channel.connectionLost(Failure(ConnectionDone()))
            self.assertLess(len(self.clock.getDelayedCalls()), before)


class RateTests(SynchronousTestCase):
    def test_so_many_at_once_and_then_one_by_one(self) -> None:
        clock = Clock()
        limit = RateLimit(clock, 60)
        self.assertEqual(sum(limit.admit() for _ in range(100)), 60)
        clock.advance(0.5)
        self.assertFalse(limit.admit())
        clock.advance(0.5)
        self.assertTrue(limit.admit())
        self.assertFalse(limit.admit())

    def test_a_quiet_hour_saves_up_one_burst(self) -> None:
        clock = Clock()
        limit = RateLimit(clock, 3)
        clock.advance(3600)
        self.assertEqual([limit.admit() for _ in range(4)], [True, True, True, False])

    def test_less_than_one_a_minute_is_possible(self) -> None:
        clock = Clock()
        limit = RateLimit(clock, 0.5)
        self.assertEqual([limit.admit(), limit.admit()], [True, False])
        clock.advance(120)
        self.assertTrue(limit.admit())

    @given(st.integers(1, 500), st.lists(st.floats(0, 10), max_size=100))
    def test_never_more_than_a_burst_and_the_rate(self, rate: int, pauses: list[float]) -> None:
        clock = Clock()
        limit = RateLimit(clock, rate)
        admitted = 0
        for pause in pauses:
            clock.advance(pause)
            admitted += sum(limit.admit() for _ in range(20))
        self.assertLessEqual(admitted, rate + rate / 60 * sum(pauses) + 1e-6)

    def test_a_rate_of_nothing_is_refused(self) -> None:
        for rate in (0, -1):
            self.assertRaises(ValueError, RateLimit, Clock(), rate)
