"""The bodies of a call: the request's, which is in memory, and the answer's, which is bounded."""

# ruff: noqa: N802 -- the method names are Twisted's
# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import zlib

from attrs import field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IConsumer, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import GzipDecoder, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer


@implementer(IBodyProducer)
@frozen
class Upload:
    """A request's body, written whole at once.

    treq's own producer goes through a cooperator of the global reactor.
    """

    _body: bytes
    length: int = field(init=False)

    @length.default
    def _length(self) -> int:
        return len(self._body)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        """Writes the whole body."""
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """Nothing is left to hold back: the body was written at once."""

    def resumeProducing(self) -> None:
        """Nothing was held back."""

    def stopProducing(self) -> None:
        """Nothing more would come."""


class BodyError(Exception):
    """The answer's body is not to be had: it is too long, or damaged."""


def read_body(response: IResponse, limit: int) -> Deferred[bytes]:
    """The whole body of a response that nobody has read from, decompressed.

    The connection is closed when the limit is passed and when the Deferred is cancelled, both of
    which Twisted's ``readBody`` cannot do (Twisted issue 12499).

    Args:
        response: the response as the agent gave it.
        limit: the most bytes wanted, counted after decompression.

    Returns:
        A Deferred that fails with `BodyError`, or with the reason for which the connection was
        lost.
    """
    layers = 0
    # Twisted's decoder inflates a chunk whatever becomes of it; ours stops at the limit.
    while isinstance(response, GzipDecoder):
        response = response.original
        layers += 1
    body = _Body(limit, layers)
    response.deliverBody(body)
    return body.whole


_DAMAGED = "the answer's compression is damaged"


class _Body(Protocol):
    def __init__(self, limit: int, layers: int) -> None:
        self.whole: Deferred[bytes] = Deferred(lambda _: self._close())
        self._limit = limit
        self._room = limit
        self._received: list[bytes] = []
        self._inflaters = [zlib.decompressobj(16 + zlib.MAX_WBITS) for _ in range(layers)]

    def dataReceived(self, data: bytes) -> None:
        if self.whole.called:
            return
        try:
            for inflater in self._inflaters:
                data = inflater.decompress(data, self._room + 1)
        except zlib.error:
            self._refuse(BodyError(_DAMAGED))
            return
        self._room -= len(data)
        if self._room < 0:
            self._refuse(BodyError(f"the answer is longer than {self._limit} bytes"))
        else:
            self._received.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.whole.called:
            return
        # A body without a length ends with its connection: PotentialDataLoss.
        if not reason.check(ResponseDone, PotentialDataLoss):
            self.whole.errback(reason)
        elif self._received and not all(inflater.eof for inflater in self._inflaters):
            self.whole.errback(BodyError(_DAMAGED))
        else:
            self.whole.callback(b"".join(self._received))

    def _refuse(self, error: Exception) -> None:
        self._close()
        self.whole.errback(error)

    def _close(self) -> None:
        # Not loseConnection: over TLS that waits for the peer's goodbye, reading all the while.
        IPushProducer(self.transport).stopProducing()
