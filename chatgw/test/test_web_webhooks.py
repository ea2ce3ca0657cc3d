"""Tests for `chatgw.web.webhooks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field
from treq.testing import StubTreq
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from chatgw.interfaces import IChannel
from chatgw.values import (
    Address,
    ChannelEvent,
    CustomerWrote,
    Done,
    Effect,
    Noticed,
    Outcome,
    Words,
)
from chatgw.web.webhooks import Webhooks

ADDRESS = Address("FACEBOOK_MESSENGER", "1", "2")
WROTE = CustomerWrote(ADDRESS, 0.0, "mid.1", Words("Hi, it's me"))
READ = Noticed(ADDRESS, 0.0, "read.1", "read")
URL = "https://gateway.example:10443/fbm"
CHALLENGE = f"{URL}?hub.mode=subscribe&hub.challenge=<yar>%0A&hub.verify_token="


@implementer(IChannel)
@define(eq=False)
class FakeChannel:
    """Believes the signature ``good`` and the token ``token``; reads what it was told to."""

    events: list[ChannelEvent] = field(factory=lambda: [WROTE, READ])
    type: str = "FACEBOOK_MESSENGER"
    read_at: list[float] = field(factory=list)
    bodies: list[bytes] = field(factory=list)

    def challenge(self, query: Mapping[bytes, Sequence[bytes]]) -> bytes | None:
        return query[b"hub.challenge"][0] if query[b"hub.verify_token"] == [b"token"] else None

    def authentic(self, body: bytes, signature: bytes | None) -> bool:
        self.bodies.append(body)
        return signature == b"good"

    def read(self, body: bytes, at: float) -> list[ChannelEvent]:
        self.read_at.append(at)
        if body == b"poison":
            raise ValueError("a channel never should")
        return self.events

    def fit(self, effect: Effect) -> list[Effect]:
        return [effect]

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        return succeed(Done())


class WebhooksCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.channel: FakeChannel | None = FakeChannel()
        self.received: list[Sequence[ChannelEvent]] = []
        self.receive: Callable[[], Deferred[None]] = lambda: succeed(None)
        self.admitted = True
        webhooks = Webhooks(
            lambda: self.channel, self.take, self.clock, lambda: self.admitted
        ).resource()
        self.treq: Any = StubTreq(webhooks)  # has treq's functions, unknown to a type checker

    def take(self, events: Sequence[ChannelEvent]) -> Deferred[None]:
        self.received.append(events)
        return self.receive()

    def ask(
        self, method: str, url: str = URL, data: bytes = b"", signature: str | None = "good"
    ) -> Deferred[tuple[int, bytes]]:
        headers = {} if signature is None else {"X-Hub-Signature-256": signature}

        async def answer() -> tuple[int, bytes]:
            response = await self.treq.request(method, url, data=data, headers=headers)
            self.headers, self.length = response.headers, response.length
            return response.code, await response.content()

        return Deferred.fromCoroutine(answer())

    def assert_answered(
        self, status: int, body: bytes, method: str = "POST", url: str = URL
    ) -> None:
        self.assertEqual(self.successResultOf(self.ask(method, url)), (status, body))

    def test_the_fake_is_a_channel(self) -> None:
        verifyObject(IChannel, FakeChannel())


class Verification(WebhooksCase):
    def test_challenge_is_answered_exactly_and_as_plain_text(self) -> None:
        for url in (CHALLENGE, CHALLENGE.replace("fbm?", "fbm/?")):
            self.assert_answered(200, b"<yar>\n", "GET", url=url + "token")
            self.assertEqual(
                self.headers.getRawHeaders("Content-Type"), ["text/plain; charset=utf-8"]
            )
            self.assertEqual(self.headers.getRawHeaders("X-Content-Type-Options"), ["nosniff"])

    def test_it_is_answered_while_nothing_can_be_received(self) -> None:
        self.receive = lambda: fail(OSError("disk full"))
        self.assert_answered(200, b"<yar>\n", "GET", url=CHALLENGE + "token")

    def test_a_wrong_token_is_forbidden(self) -> None:
        self.assert_answered(403, b"Forbidden\n", "GET", url=CHALLENGE + "guess")

    def test_any_token_is_forbidden_without_a_channel(self) -> None:
        self.channel = None
        self.assert_answered(403, b"Forbidden\n", "GET", url=CHALLENGE + "token")

    def test_the_token_is_not_logged(self) -> None:
        with capturedLogs() as events:
            self.assert_answered(403, b"Forbidden\n", "GET", url=CHALLENGE + "guess")
        self.assertEqual([event["log_level"] for event in events], [LogLevel.warn])
        self.assertNotIn("guess", repr(events))


class Page(WebhooksCase):
    def test_a_browser_sees_that_the_webhook_is_up_and_nothing_more(self) -> None:
        pages = set()
        for self.channel in (FakeChannel(), None):
            for url in (URL, URL + "/", URL + "?utm_source=x"):
                status, body = self.successResultOf(self.ask("GET", url))
                self.assertEqual(status, 200)
                pages.add(body)
        (page,) = pages
        self.assertIn(b"The webhook is up", page)
        self.assertEqual(self.length, len(page))

    def test_the_page_may_load_and_be_embedded_nowhere(self) -> None:
        self.successResultOf(self.ask("GET"))
        self.assertEqual(self.headers.getRawHeaders("Content-Type"), ["text/html; charset=utf-8"])
        (policy,) = self.headers.getRawHeaders("Content-Security-Policy", [""])
        self.assertEqual(policy, "default-src 'none'; frame-ancestors 'none'")

    def test_head_is_answered_without_a_body(self) -> None:
        self.assert_answered(200, b"", "HEAD")


class Events(WebhooksCase):
    def test_all_events_are_handed_over_before_200(self) -> None:
        for url in (URL, URL + "/"):
            self.assert_answered(200, b"EVENT_RECEIVED", url=url)
        self.assertEqual(self.received, [[WROTE, READ]] * 2)
        assert self.channel is not None
        self.assertEqual(self.channel.read_at, [1000.0] * 2)

    def test_the_body_is_checked_as_it_came(self) -> None:
        body = b'{"a": "\\u00e4 \\/ \xf0\x9f\x99\x82"}'
        self.successResultOf(self.ask("POST", data=body))
        assert self.channel is not None
        self.assertEqual(self.channel.bodies, [body])

    def test_nothing_is_answered_before_the_commit(self) -> None:
        commit: Deferred[None] = Deferred()
        self.receive = lambda: commit
        asked = self.ask("POST")
        self.assertNoResult(asked)
        commit.callback(None)
        self.treq.flush()
        self.assertEqual(self.successResultOf(asked), (200, b"EVENT_RECEIVED"))

    def test_a_commit_that_fails_is_answered_503_and_logged(self) -> None:
        self.receive = lambda: fail(OSError("disk full"))
        self.assert_answered(503, b"Try again\n")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_a_receiver_that_raises_is_a_commit_that_fails(self) -> None:
        def broken() -> Deferred[None]:
            raise RuntimeError

        self.receive = broken
        self.assert_answered(503, b"Try again\n")
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    def test_a_commit_that_takes_for_ever_is_answered_503_but_not_stopped(self) -> None:
        commit: Deferred[None] = Deferred(lambda _: self.fail("the commit was cancelled"))
        self.receive = lambda: commit
        asked = self.ask("POST")
        self.clock.advance(10)
        self.treq.flush()
        self.assertEqual(self.successResultOf(asked), (503, b"Try again\n"))
        commit.callback(None)

    def test_a_wrong_or_missing_signature_is_forbidden_and_nothing_is_read(self) -> None:
        with capturedLogs() as events:
            for signature in ("bad", None):
                asked = self.ask("POST", data=b"secret words", signature=signature)
                self.assertEqual(self.successResultOf(asked), (403, b"Forbidden\n"))
        self.assertEqual([event["log_level"] for event in events], [LogLevel.warn], "once a minute")
        self.assertNotIn("secret words", repr(events))
        self.assertEqual(self.received, [])

    def test_content_without_events_is_accepted(self) -> None:
        self.channel = FakeChannel([])
        self.assert_answered(200, b"EVENT_RECEIVED")
        self.assertEqual(self.received, [])

    def test_content_that_breaks_the_channel_is_accepted_and_logged(self) -> None:
        asked = self.ask("POST", data=b"poison")
        self.assertEqual(self.successResultOf(asked), (200, b"EVENT_RECEIVED"))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_meta_is_asked_to_come_again_while_no_channel_is_configured(self) -> None:
        self.channel = None
        self.assert_answered(503, b"Not configured\n")

    def test_a_replaced_channel_is_used_from_the_next_request_on(self) -> None:
        self.channel = None
        self.assert_answered(503, b"Not configured\n")
        self.channel = FakeChannel()
        self.assert_answered(200, b"EVENT_RECEIVED")

    def test_the_payload_is_logged_as_words_at_silly_alone(self) -> None:
        with capturedLogs() as events:
            self.successResultOf(self.ask("POST", data=b'{"text": "\xff\xec\x95\x88"}'))
        payload, counted = events
        self.assertTrue(payload["silly"])
        self.assertIsInstance(payload["payload"], Words)
        self.assertEqual((counted["log_level"], counted["count"]), (LogLevel.debug, 2))


class ClientsThatLeave(WebhooksCase):
    def setUp(self) -> None:
        super().setUp()
        self.commit: Deferred[None] = Deferred(lambda _: self.fail("the commit was cancelled"))
        self.receive = lambda: self.commit
        asked = self.ask("POST")
        asked.addErrback(lambda _: None)
        asked.cancel()
        self.treq.flush()

    def test_the_commit_goes_on(self) -> None:
        self.commit.callback(None)
        self.assertEqual(self.received, [[WROTE, READ]])

    def test_a_commit_that_fails_later_is_logged(self) -> None:
        self.commit.errback(OSError("disk full"))
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_no_timer_is_left(self) -> None:
        self.assertEqual(self.clock.getDelayedCalls(), [])


class Elsewhere(WebhooksCase):
    def test_other_methods_are_refused_plainly(self) -> None:
        for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"):
            self.assert_answered(405, b"Method not allowed\n", method)
            self.assertEqual(self.headers.getRawHeaders("Allow"), ["GET, HEAD, POST"])

    def test_other_paths_are_not_found_plainly(self) -> None:
        root = "https://gateway.example:10443"
        for path in ("/", "/fbm//", "/fbm/x", "/FBM", "/..%2ffbm", "/favicon"):
            self.assert_answered(404, b"Not found\n", "GET", url=root + path)
            self.assertIsNone(self.headers.getRawHeaders("Location"))

    def test_a_channel_that_breaks_tells_the_client_nothing(self) -> None:
        self.assert_answered(500, b"Internal error\n", "GET", url=URL + "?hub.mode=subscribe")
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_no_answer_names_the_software(self) -> None:
        for method, url in (("GET", URL), ("PUT", URL), ("GET", URL + "/x")):
            _, body = self.successResultOf(self.ask(method, url))
            told = repr((body, list(self.headers.getAllRawHeaders()))).lower()
            for name in ("twisted", "klein", "werkzeug", "python", "server"):
                self.assertNotIn(name, told)

    def test_too_many_requests_are_refused_before_anything_is_read(self) -> None:
        self.admitted = False
        for method in ("GET", "POST", "PUT"):
            self.assert_answered(429, b"Too many requests\n", method)
        self.assertEqual(self.received, [])
