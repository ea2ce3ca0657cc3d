"""What a client of our own server may take: so many bytes, so many seconds, so many requests."""

# ruff: noqa: N802 -- the method names are Twisted's
# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

from io import BytesIO
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.server import Request

log = Logger()

BODY_LIMIT = 1_048_576
"""The most bytes of a request's body."""

RECEPTION = 20.0
"""Seconds in which a request has to arrive whole, from its first line on."""

IDLE = 60.0
"""Seconds a connection may be silent."""

_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class LeanRequest(Request):
    """A request whose body is taken as it is, up to a limit and within a time.

    Forms are not parsed, which takes a third of Twisted's time for a small POST: ``args`` holds
    the arguments of the URL, ``content`` the body. A body over the limit is answered with 413 as
    soon as that is known, and no resource is rendered.

    Args:
        channel: the connection; its site's ``timeOut`` bounds the silences on it (`IDLE`).
        body_limit: bytes.
        reception: seconds in which the request has to arrive whole, or its connection is closed.
    """

    def __init__(
        self,
        channel: HTTPChannel,
        _queued: object = None,
        *,
        body_limit: int = BODY_LIMIT,
        reception: float = RECEPTION,
    ) -> None:
        super().__init__(channel, parsePOSTFormSubmission=False)
        self._body = BytesIO()
        self._room = body_limit
        self._refused = False
        self._reception = channel.callLater(reception, self._give_up)

    def gotLength(self, length: int | None) -> None:
        """The headers are there; ``length`` is None for a chunked body."""
        self.content = self._body
        if length is not None and length > self._room:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """Takes a piece of the body."""
        if self._refused:
            return
        self._room -= len(data)
        if self._room < 0:
            self._refuse()
        else:
            self._body.write(data)

    def process(self) -> None:
        """The request is there whole; renders its resource, unless it was refused."""
        if self._refused:
            return
        self._reception.cancel()
        super().process()

    def finish(self) -> None:
        """Ends the answer; a connection that is now to close does so in bounded time."""
        channel: Any = self.channel  # its site is not in its type
        super().finish()
        if not channel.persistent:
            # TLS waits for the client's goodbye, and Twisted has put its own timer away by now.
            channel.setTimeout(channel.site.timeOut)

    def connectionLost(self, reason: Failure) -> None:
        """The client is gone."""
        if self._reception.active():
            self._reception.cancel()
        super().connectionLost(reason)

    def _refuse(self) -> None:
        self._refused = True
        # Or the channel would go on to answer "100 Continue".
        self.requestHeaders.removeHeader(b"Expect")
        log.info("Request refused, its body is too long. [PEER={peer}]", peer=self.client)
        self.channel.write(_TOO_LARGE)
        self.channel.loseConnection()

    def _give_up(self) -> None:
        log.info("Request did not arrive in time. [PEER={peer}]", peer=self.client)
        self.channel.forceAbortClient()


class RateLimit:
    """Admits so many things a minute, and that many at once after a quiet minute.

    Args:
        clock: measures the time.
        per_minute: how many; also the size of a burst.

    Raises:
        ValueError: ``per_minute`` is not positive.
    """

    def __init__(self, clock: IReactorTime, per_minute: float) -> None:
        if per_minute <= 0:
            raise ValueError(f"a rate limit has to be positive, not {per_minute}")
        self._clock = clock
        self._per_second = per_minute / 60.0
        self._size = max(1.0, per_minute)
        self._tokens = self._size
        self._counted = clock.seconds()

    def admit(self) -> bool:
        """Whether one more is admitted now; if so, it has been counted."""
        now = self._clock.seconds()
        gained = max(0.0, now - self._counted) * self._per_second  # clocks are set back
        self._tokens = min(self._size, self._tokens + gained)
        self._counted = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True
