"""Servers at their worst, for fakes of any peer: they hang, cut off, or are not there."""

from __future__ import annotations

from twisted.internet import error
from twisted.internet.defer import Deferred, fail
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from twisted.web.server import Request
from zope.interface import implementer


def hang(_: Request) -> Deferred[bytes]:
    """Never answers."""
    return Deferred()


def cut_off(request: Request) -> Deferred[bytes]:
    """Promises a body, and closes the connection after its beginning."""
    request.setHeader(b"Content-Length", b"1000")
    request.write(b"<beginning")
    return slam(request)


def slam(request: Request) -> Deferred[bytes]:
    """Closes the connection without a word."""
    assert request.transport is not None
    request.transport.loseConnection()
    return Deferred()


@implementer(IAgent)
class RefusingAgent:
    """Nobody listens where it connects to."""

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 -- the interface's name
    ) -> Deferred[IResponse]:
        return fail(error.ConnectionRefusedError())
