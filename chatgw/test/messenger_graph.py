"""A Graph API that answers as a test tells it, and a channel that calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

from attrs import Factory, define, frozen
from klein import Klein
from treq.testing import StubTreq
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers
from twisted.web.server import Request

from chatgw.channels.messenger import Messenger
from chatgw.net.client import Client
from chatgw.test.messenger_events import PAGE, PSID
from chatgw.values import (
    Address,
    Choice,
    Effect,
    LookUpName,
    MarkSeen,
    Origin,
    Outcome,
    Secret,
    SendChoices,
    SendText,
    SendTyping,
    Words,
)

ROOT = "https://graph.test"
TOKEN = "EAAB-page-token-1234"
APP_SECRET = "app-secret-of-the-tests"
VERIFICATION_TOKEN = "meatyhamhock"

ADDRESS = Address("FACEBOOK_MESSENGER", PAGE, PSID)
TEXT = SendText(
    id="e1",
    address=ADDRESS,
    session="s",
    at=0.0,
    text=Words("it's 5 < 6 & 👍"),
    origin=Origin.AGENT,
)
CHOICES = SendChoices(
    id="e2",
    address=ADDRESS,
    session="s",
    at=0.0,
    text=Words("Rate us"),
    choices=(Choice("1", "rating:1"), Choice("2", "rating:2")),
    purpose="rating",
)
TYPING = SendTyping(id="e3", address=ADDRESS, session="s", at=0.0, status="composing")
SEEN = MarkSeen(id="e4", address=ADDRESS, session="s", at=0.0)
NAME = LookUpName(id="e5", address=ADDRESS, session="s", at=0.0)


@frozen
class Asked:
    """A request as it came."""

    method: str
    url: str
    """Path and query."""
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body's value."""
        return json.loads(self.body)


@define(eq=False)
class FakeGraph:
    """Answers every request by ``reply``, and remembers it."""

    reply: Callable[[Request], Deferred[bytes]]
    asked: list[Asked] = Factory(list)
    app: ClassVar[Klein] = Klein()

    @app.route("/", branch=True)
    def _answer(self, request: Request) -> Deferred[bytes]:
        assert request.content is not None
        body = request.content.read()
        url = request.uri.decode("ascii")
        self.asked.append(Asked(request.method.decode(), url, request.requestHeaders, body))
        return self.reply(request)


def answer(body: object, status: int = 200, **headers: str) -> Callable[[Request], Deferred[bytes]]:
    """A reply: bytes as they are, anything else in JSON."""

    def reply(request: Request) -> Deferred[bytes]:
        request.setResponseCode(status)
        for name, value in headers.items():
            request.setHeader(name.replace("_", "-").encode(), value.encode())
        return succeed(body if isinstance(body, bytes) else json.dumps(body).encode())

    return reply


def error(
    code: object,
    subcode: object = None,
    status: int = 400,
    headers: dict[str, str] | None = None,
    **more: object,
) -> Callable[[Request], Deferred[bytes]]:
    """A refusal in the shape of the Graph API's."""
    members = {"message": "SAID", "type": "OAuthException", "fbtrace_id": "AbC-1"}
    refused = {**members, "code": code, "error_subcode": subcode, **more}
    return answer({"error": refused}, status, **(headers or {}))


SENT = answer({"recipient_id": PSID, "message_id": "m_AG5Hz2U"})


class MessengerCase(SynchronousTestCase):
    """A channel before a Graph API that says yes to everything."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.graph = FakeGraph(SENT)
        self.stub = StubTreq(self.graph.app.resource())
        self.messenger = self.channel()

    def channel(self, **members: Any) -> Messenger:
        """The channel; some of its members different from the usual."""
        usual: dict[str, Any] = {
            "clock": self.clock,
            "base_url": ROOT,
            "version": "v25.0",
            "page_access_token": Secret(TOKEN),
            "verification_token": Secret(VERIFICATION_TOKEN),
            "app_secret": Secret(APP_SECRET),
            "page_id": PAGE,
        }
        return Messenger(Client(self.stub, self.clock), **{**usual, **members})

    def perform(self, effect: Effect) -> Outcome:
        """What came of an effect that is answered at once."""
        performing = self.messenger.perform(effect)
        self.stub.flush()
        return self.successResultOf(performing)
