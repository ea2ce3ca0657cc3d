"""What every request to a public port passes before it is looked at."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource

log = Logger()

_SECONDS_BETWEEN_WARNINGS = 60.0

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "text/plain; charset=utf-8",  # unless a route says otherwise
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def answer(request: IRequest, status: int, body: bytes, **headers: str) -> bytes:
    """Sets what a small answer needs; gives the body for a route to return.

    Args:
        request: the request answered, behind a `Gate`: it is plain text unless a header says
            otherwise.
        status: the HTTP status.
        body: the whole body.
        headers: further headers, with ``_`` for ``-``.
    """
    request.setResponseCode(status)
    request.responseHeaders.setRawHeaders("Content-Length", [str(len(body))])
    for name, value in headers.items():
        request.responseHeaders.setRawHeaders(name.replace("_", "-"), [value])
    return body


def peer(request: IRequest) -> str:
    """The address of whoever is connected, for the log: the proxy's if there is one."""
    address = request.getClientAddress()
    return str(getattr(address, "host", "-"))


class Spaced:
    """Spaces what could be said for every request of a flood.

    Args:
        clock: measures the time between.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._said: float | None = None

    def due(self) -> bool:
        """Whether it may be said now; if so, it counts as said."""
        now = self._clock.seconds()
        if self._said is not None and 0 <= now - self._said < _SECONDS_BETWEEN_WARNINGS:
            return False
        self._said = now
        return True


class Gate(Resource):
    """Stands before a resource: limits the rate, sets the headers that keep browsers safe.

    Nothing it answers tells what software is behind it. It also turns away what Klein cannot read,
    since Klein would log a traceback for each.
    """

    isLeaf = True  # noqa: N815 - Resource's name

    def __init__(self, inner: IResource, admit: Callable[[], bool], clock: IReactorTime) -> None:
        """A gate before a leaf.

        Args:
            inner: answers what is let through.
            admit: whether one more request may pass now (`chatgw.net.limits`).
            clock: spaces the warnings.
        """
        super().__init__()
        self._inner = inner
        self._admit = admit
        self._warnings = Spaced(clock)

    def render(self, request: IRequest) -> bytes | int:
        """Refuses the request, or has the inner resource answer it."""
        request.responseHeaders.removeHeader("Server")
        for name, value in _HEADERS.items():
            request.responseHeaders.setRawHeaders(name, [value])
        if not self._admit():
            self._warn(request)
            return answer(request, 429, b"Too many requests\n")
        if not _legible(request):
            return answer(request, 400, b"Bad request\n")
        rendered: bytes | int = self._inner.render(request)
        return rendered

    def _warn(self, request: IRequest) -> None:
        if self._warnings.due():
            log.warn("Too many requests, refusing with 429. [PEER={peer}]", peer=peer(request))


def _legible(request: IRequest) -> bool:
    """Whether the host is a name and the path is UTF-8, as Klein and Werkzeug expect."""
    host = request.getRequestHostname()
    try:
        host.decode("ascii").encode("idna")
        b"/".join(request.postpath).decode("utf-8")
    except UnicodeError:
        return False
    return True
