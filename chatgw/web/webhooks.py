"""The webhook: what Meta calls. A 200 from here is a promise that nothing told is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from attrs import define, field
from klein import Klein
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from twisted.web.server import Site
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from chatgw.interfaces import IChannel, JournalError, NotTakenError
from chatgw.net.limits import IDLE, LeanRequest
from chatgw.values import ChannelEvent, Words
from chatgw.web.access import AccessLog
from chatgw.web.gate import Gate, Spaced, answer, peer

log = Logger()

_COMMIT_DEADLINE = 4.5
"""Seconds. Meta waits 5 for an answer (wire reference, messaging channels 1.5)."""

_PAGE = b"""\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>chatgw</title></head>
<body><h1>chatgw webhook</h1><p>The webhook is up. Messenger posts here.</p></body>
</html>
"""


@define(eq=False)
class Webhooks:
    """The webhook of Messenger at ``/fbm``.

    Args:
        channel: gives the channel as it is configured now, None if it is not.
        receive: takes a POST's events; fires once all that follows from them is committed.
        clock: tells when a POST arrived, in seconds since the epoch, and limits the commit.
        admit: whether one more request may pass now (`chatgw.net.limits`).
    """

    channel: Callable[[], IChannel | None]
    receive: Callable[[Sequence[ChannelEvent]], Deferred[None]]
    clock: IReactorTime
    admit: Callable[[], bool]
    app: ClassVar[Klein] = Klein()
    _warnings: Spaced = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._warnings = Spaced(self.clock)

    def resource(self) -> IResource:
        """The resource for a site's root."""
        return Gate(self.app.resource(), self.admit, self.clock)

    @app.route("/fbm", methods=["GET"])
    @app.route("/fbm/", methods=["GET"])
    def get(self, request: IRequest) -> bytes:
        """Answers Meta's verification; tells a browser that the webhook is up.

        Wire reference, messaging channels 1.1.
        """
        if not any(name.startswith(b"hub.") for name in request.args):
            return answer(request, 200, _PAGE, Content_Type="text/html; charset=utf-8")
        channel = self.channel()
        challenge = None if channel is None else channel.challenge(request.args)
        if challenge is None:
            log.warn("Webhook verification refused. [PEER={peer}]", peer=peer(request))
            return answer(request, 403, b"Forbidden\n")
        log.info("Webhook verified. [PEER={peer}]", peer=peer(request))
        return answer(request, 200, challenge)

    @app.route("/fbm", methods=["POST"])
    @app.route("/fbm/", methods=["POST"])
    async def post(self, request: IRequest) -> bytes:
        """Takes events, and answers when they are committed.

        Content we cannot use is accepted: Meta would repeat it and then unsubscribe the page (wire
        reference, messaging channels 1.5). Without a channel nothing can be promised, so Meta is
        asked to come again.
        """
        channel = self.channel()
        if channel is None:
            log.warn("Webhook events refused: not configured. [PEER={peer}]", peer=peer(request))
            return answer(request, 503, b"Not configured\n")
        body = request.content.read()
        signature = request.requestHeaders.getRawHeaders(b"X-Hub-Signature-256", [None])[0]
        if not channel.authentic(body, signature):
            if self._warnings.due():
                log.warn(
                    "Webhook events refused: signature wrong or missing. [PEER={peer}]",
                    peer=peer(request),
                )
            return answer(request, 403, b"Forbidden\n")
        payload = Words(body.decode("utf-8", "backslashreplace"))
        log.debug("Received webhook payload [{payload}]", payload=payload, silly=True)
        events = self._read(channel, body)
        log.debug("Received webhook with [{count}] events.", count=len(events), silly=True)
        if events:
            try:
                await self._committed(events)
            except CancelledError:  # the client has left; the commit goes on
                raise
            except Exception as problem:  # noqa: BLE001 - whatever it is, Meta must come again
                if isinstance(problem, TimeoutError):  # what else it may be has been told
                    log.error("Webhook events not committed in time.")
                return answer(request, 503, b"Try again\n")
        return answer(request, 200, b"EVENT_RECEIVED")

    def _read(self, channel: IChannel, body: bytes) -> list[ChannelEvent]:
        try:
            return channel.read(body, self.clock.seconds())
        except Exception:  # noqa: BLE001 - what breaks us once would break us at each repetition
            log.failure(
                "Webhook payload not understood, ignoring it. [{size} bytes]", size=len(body)
            )
            return []

    def _committed(self, events: Sequence[ChannelEvent]) -> Deferred[None]:
        """Fires as the commit does, or fails at its deadline.

        Klein cancels a route whose client leaves. What is cancelled then is this Deferred alone:
        the commit behind it goes on, and its failure is logged in any case.
        """
        promise: Deferred[None] = Deferred()
        commit = maybeDeferred(self.receive, events)
        commit.addErrback(_tell, len(events))
        commit.chainDeferred(promise)
        return promise.addTimeout(_COMMIT_DEADLINE, self.clock)

    @app.handle_errors(HTTPException)
    def refuse(self, request: IRequest, failure: Failure) -> bytes:
        """Answers what no route takes, without Werkzeug's pages and redirections."""
        if isinstance(failure.value, MethodNotAllowed):
            return answer(request, 405, b"Method not allowed\n", Allow="GET, HEAD, POST")
        return answer(request, 404, b"Not found\n")

    @app.handle_errors(Exception)
    def fail(self, request: IRequest, failure: Failure) -> bytes:
        """Answers after a mistake of our own, and logs it."""
        log.failure("Webhook request failed.", failure)
        return answer(request, 500, b"Internal error\n")


def _tell(failure: Failure, count: int) -> Failure:
    if failure.check(NotTakenError):
        log.info("Webhook events not taken. [{reason}]", reason=str(failure.value))
        return failure
    if failure.check(JournalError):
        log.error("Webhook events not committed. [{reason}]", reason=str(failure.value))
        return failure
    log.failure("Could not commit {count} webhook events.", failure, count=count)
    return failure


class _RecordedSite(Site):
    """A site that records its requests in an `AccessLog`, and leaves no client behind.

    Once its port is closed each answer ends its connection: what the client has to say next goes
    to the next process, which may have the port already, instead of to one that is about to end.
    """

    noisy = False

    def __init__(self, resource: IResource, access_log: AccessLog, **options: object) -> None:
        super().__init__(resource, **options)
        self._access_log = access_log
        self._leaving = False

    def stopFactory(self) -> None:  # noqa: N802 - Factory's name
        self._leaving = True
        super().stopFactory()

    def getResourceFor(self, request: Request) -> IResource:  # noqa: N802 - Site's name
        if self._leaving:
            request.channel.persistent = False
            request.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        found: IResource = super().getResourceFor(request)
        return found

    def log(self, request: Request) -> None:
        self._access_log.record(request)


def webhook_site(
    resource: IResource,
    access_log: AccessLog,
    reactor: IReactorTime,
    request_factory: Callable[..., Request] = LeanRequest,
) -> Site:
    """The site for the public port.

    Args:
        resource: `Webhooks.resource`.
        access_log: takes a line for each request.
        reactor: closes connections that have fallen silent.
        request_factory: makes the requests, and limits their size.
    """
    return _RecordedSite(
        resource,
        access_log,
        requestFactory=request_factory,
        timeout=IDLE,
        reactor=reactor,
    )
