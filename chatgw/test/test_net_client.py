"""A call: its deadline, its limits, and what it does not carry over."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable

from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from chatgw.net.client import Answer, CallFailed, Client

URL = "https://graph.example/me?access_token=hush"


class Page(Resource):
    """Renders whatever the test says, and remembers the requests."""

    isLeaf = True  # noqa: N815 -- IResource's name

    def __init__(self, answer: Callable[[Request], bytes | int]) -> None:
        super().__init__()
        self.answer = answer
        self.requests: list[Request] = []
        self.bodies: list[bytes] = []
        self.lost: list[object] = []

    def render(self, request: Request) -> bytes | int:
        self.requests.append(request)
        assert request.content is not None
        self.bodies.append(request.content.read())
        request.notifyFinish().addErrback(self.lost.append)
        return self.answer(request)


class Calls(SynchronousTestCase):
    """What the tests below have in common."""

    def page(self, answer: Callable[[Request], bytes | int]) -> Page:
        page = Page(answer)
        self.clock = Clock()
        self.treq = StubTreq(page)
        self.client = Client(self.treq, self.clock)
        return page

    def call(self, method: str = "GET", url: str = URL, **how: object) -> Deferred[Answer]:
        return Deferred.fromCoroutine(self.client.call(method, url, **how))  # type: ignore[arg-type]

    def failed(self, call: Deferred[Answer]) -> CallFailed:
        error = self.failureResultOf(call, CallFailed).value
        assert isinstance(error, CallFailed)
        self.assertEqual(str(error), error.detail)
        self.assertFalse(error.ours)
        self.assertNotIn("hush", repr(error))
        return error


class CallTests(Calls):
    def test_gives_the_whole_answer_whatever_its_status(self) -> None:
        def answer(request: Request) -> bytes:
            request.setResponseCode(418)
            request.setHeader("X-Kind", "short and stout")
            return b"teapot"

        page = self.page(answer)
        given = self.successResultOf(self.call("POST", headers={"X-A": "b"}, body=b"tea"))
        self.assertEqual((given.status, given.body), (418, b"teapot"))
        self.assertEqual(given.headers.getRawHeaders("x-kind"), ["short and stout"])
        self.assertEqual(page.bodies, [b"tea"])
        self.assertEqual(page.requests[0].getHeader("X-A"), "b")

    def test_the_deadline_ends_a_call_without_an_answer_and_its_connection(self) -> None:
        page = self.page(lambda _: NOT_DONE_YET)
        call = self.call(deadline=7.5)
        self.clock.advance(7.4)
        self.assertNoResult(call)
        self.clock.advance(0.2)
        error = self.failed(call)
        self.assertEqual((error.detail, error.arrived), ("no answer within 7.5 s", True))
        self.treq.flush()
        self.assertEqual(len(page.lost), 1)

    def test_the_deadline_covers_the_body(self) -> None:
        def begin(request: Request) -> int:
            request.write(b"one ")
            return NOT_DONE_YET

        page = self.page(begin)
        call = self.call()
        self.treq.flush()
        self.clock.advance(9)
        page.requests[0].write(b"two")
        self.treq.flush()
        self.clock.advance(0.9)
        self.assertNoResult(call)
        self.clock.advance(0.2)
        error = self.failed(call)
        self.assertEqual((error.detail, error.arrived), ("no answer within 10 s", True))
        self.treq.flush()
        self.assertEqual(len(page.lost), 1)

    def test_an_answer_in_time_leaves_no_timer(self) -> None:
        self.page(lambda _: b"")
        self.successResultOf(self.call())
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_cancelling_closes_the_connection(self) -> None:
        def begin(request: Request) -> int:
            request.write(b"begun")
            return NOT_DONE_YET

        for answer in (begin, lambda _: NOT_DONE_YET):
            page = self.page(answer)
            call = self.call()
            self.treq.flush()
            call.cancel()
            self.assertTrue(self.failed(call).arrived)
            self.treq.flush()
            self.assertEqual(len(page.lost), 1)
            self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_body_of_just_the_limit_is_taken(self) -> None:
        self.page(lambda _: b"x" * 100)
        self.assertEqual(len(self.successResultOf(self.call(limit=100)).body), 100)

    def test_a_body_over_the_limit_is_refused_and_its_connection_closed(self) -> None:
        def flood(request: Request) -> int:
            request.write(b"x" * 101)
            return NOT_DONE_YET

        page = self.page(flood)
        call = self.call(limit=100)
        self.treq.flush()
        error = self.failed(call)
        self.assertEqual(
            (error.detail, error.arrived), ("the answer is longer than 100 bytes", True)
        )
        self.assertEqual(len(page.lost), 1)

    def test_a_lost_connection_is_an_unknown_outcome(self) -> None:
        def lose(request: Request) -> int:
            request.write(b"half")
            request.channel.loseConnection()
            return NOT_DONE_YET

        self.page(lose)
        call = self.call("POST", body=b"once")
        self.treq.flush()
        error = self.failed(call)
        self.assertTrue(error.arrived)
        self.assertEqual(error.detail, "connection closed before the answer was whole")

    def test_redirects_are_answers(self) -> None:
        def redirect(request: Request) -> bytes:
            request.redirect(b"https://elsewhere.example/")
            return b""

        page = self.page(redirect)
        self.assertEqual(self.successResultOf(self.call()).status, 302)
        self.assertEqual(len(page.requests), 1)

    def test_a_cookie_set_by_one_answer_is_not_sent_by_the_next_call(self) -> None:
        def answer(request: Request) -> bytes:
            request.addCookie("JSESSIONID", "first", path="/")
            return b""

        page = self.page(answer)
        self.successResultOf(self.call())
        self.successResultOf(self.call())
        self.successResultOf(self.call(headers={"cookie": "JSESSIONID=mine"}))
        sent = [request.getHeader("Cookie") for request in page.requests]
        self.assertEqual(sent, [None, None, "JSESSIONID=mine"])

    def test_what_is_no_url_fails_before_anything_is_sent(self) -> None:
        self.page(lambda _: b"")
        for url in ("", "graph.example", "ftp://graph.example/?t=hush", "http://[::1?hush"):
            error = self.failed(self.call(url=url))
            self.assertFalse(error.arrived)

    def test_a_header_that_cannot_be_sent_fails_before_anything_is_sent(self) -> None:
        page = self.page(lambda _: b"")
        self.assertFalse(self.failed(self.call(headers={"a b": "hush"})).arrived)
        self.assertEqual(page.requests, [])

    def test_a_client_without_connections_of_its_own_is_closed_at_once(self) -> None:
        self.page(lambda _: b"")
        self.successResultOf(self.client.close())


class CompressionTests(Calls):
    def compressed(self, *layers: bytes, data: bytes) -> None:
        def answer(request: Request) -> bytes:
            request.setHeader(b"Content-Encoding", b", ".join(layers))
            return data

        self.page(answer)

    def test_a_compressed_body_is_decompressed(self) -> None:
        self.compressed(b"gzip", data=gzip.compress(b"plain"))
        self.assertEqual(self.successResultOf(self.call()).body, b"plain")

    def test_twice_compressed_is_decompressed_twice(self) -> None:
        self.compressed(b"gzip", b"gzip", data=gzip.compress(gzip.compress(b"plain")))
        self.assertEqual(self.successResultOf(self.call()).body, b"plain")

    def test_the_limit_counts_what_comes_out(self) -> None:
        for layers, data in [
            ((b"gzip",), gzip.compress(b"\0" * 5_000_000)),
            ((b"gzip", b"gzip"), gzip.compress(gzip.compress(b"\0" * 5_000_000))),
        ]:
            self.compressed(*layers, data=data)
            self.assertIn("longer than", self.failed(self.call()).detail)

    def test_no_more_is_decompressed_than_the_limit(self) -> None:
        self.compressed(b"gzip", data=gzip.compress(b"\0" * 20_000_000))
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.failed(self.call())
        self.assertLess(tracemalloc.get_traced_memory()[1], 10_000_000)

    def test_damaged_and_cut_compression_is_no_answer(self) -> None:
        for data in (b"not gzip", gzip.compress(b"plain" * 100)[:-9]):
            self.compressed(b"gzip", data=data)
            error = self.failed(self.call())
            self.assertEqual(
                (error.detail, error.arrived), ("the answer's compression is damaged", True)
            )

    def test_no_body_needs_no_compression(self) -> None:
        self.compressed(b"gzip", data=b"")
        self.assertEqual(self.successResultOf(self.call("HEAD")).body, b"")
