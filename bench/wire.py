"""HTTP/1.1 as far as both ends of a measurement need it: messages whose length is told."""

# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import re

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


def message(start: str, body: bytes, *headers: str) -> bytes:
    """A request or an answer, by its first line."""
    lines = (start, *headers, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode("ascii") + body


class Messages(Protocol):
    """Cuts what it receives into requests, or into answers."""

    transport: ITransport
    _rest = b""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Takes a piece, and hands on every message that is whole by now."""
        self._rest += data
        while True:
            head, blank, rest = self._rest.partition(b"\r\n\r\n")
            told = _LENGTH.search(head)
            length = int(told[1]) if told else 0
            if not blank or len(rest) < length:
                return
            self._rest = rest[length:]
            self.received(head, rest[:length])

    def received(self, head: bytes, body: bytes) -> None:
        """Is handed each message."""
        raise NotImplementedError


class Connection(Messages):
    """A client's connection, for one request after the other."""

    def __init__(self) -> None:
        self._answered: Deferred[None] | None = None
        self.closed: Deferred[None] = Deferred()
        """Fires when the connection is gone."""

    def send(self, request: bytes) -> Deferred[None]:
        """Sends a request; fires when its answer is there, and fails unless that is a 200."""
        answered: Deferred[None] = Deferred()
        self._answered = answered
        self.transport.write(request)
        return answered

    def close(self) -> Deferred[None]:
        """Closes it; fires when it is gone."""
        self.transport.loseConnection()
        return self.closed

    def received(self, head: bytes, body: bytes) -> None:
        """The answer is there."""
        answered, self._answered = self._answered, None
        if answered is None:
            raise AssertionError(f"nobody asked for {head!r}")
        if head.startswith(b"HTTP/1.1 200 "):
            answered.callback(None)
        else:
            answered.errback(AssertionError(f"refused: {head.splitlines()[0]!r}"))

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        """It is gone, with whatever was under way."""
        if self._answered is not None:
            self._answered.errback(reason)
        self.closed.callback(None)
