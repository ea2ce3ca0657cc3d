"""TLS connections that count as connected once the peer has proved who it is."""

# ruff: noqa: N802, N803 -- the names are Twisted's
# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

from typing import Any

from attrs import define, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import (
    IHandshakeListener,
    IOpenSSLClientConnectionCreator,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer


@implementer(IStreamClientEndpoint)
@frozen
class Handshaken:
    """An endpoint that connects another one and makes its TLS handshake before saying so.

    Twisted's own TLS endpoint is connected as soon as TCP is; the agent then writes its request,
    which waits inside for the handshake, and nobody can tell afterwards whether it ever left.
    Here an error until `connect` fires means: nothing was sent.

    Attributes:
        plain: where to connect.
        creator: makes the TLS connection, and verifies the peer.
        clock: for TLS's own small delays.
    """

    plain: IStreamClientEndpoint
    creator: IOpenSSLClientConnectionCreator
    clock: IReactorTime

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connects, and fires once the handshake is done. Cancelling closes the connection."""
        waiting = TLSMemoryBIOFactory(self.creator, True, _Handshakes(protocolFactory), self.clock)
        return self.plain.connect(waiting).addCallback(_finished)


def _finished(tls: IProtocol) -> Deferred[IProtocol]:
    assert isinstance(tls, TLSMemoryBIOProtocol)  # noqa: S101 -- built by our own factory
    inner = tls.wrappedProtocol
    return inner.done if isinstance(inner, _Handshake) else succeed(inner)


@define(eq=False)
class _Handshakes(Factory[Protocol]):
    """Builds what waits for a handshake."""

    waiting: IProtocolFactory
    noisy = False

    def buildProtocol(self, addr: Any) -> Protocol:
        return _Handshake(self.waiting, addr)


@implementer(IHandshakeListener)
class _Handshake(Protocol):
    """Stands in for the real protocol while the handshake lasts, then makes way for it."""

    transport: TLSMemoryBIOProtocol

    def __init__(self, waiting: IProtocolFactory, address: Any) -> None:
        self.done: Deferred[IProtocol] = Deferred(lambda _: self.transport.abortConnection())
        self._waiting = waiting
        self._address = address

    def handshakeCompleted(self) -> None:
        protocol = self._waiting.buildProtocol(self._address)
        assert protocol is not None  # noqa: S101 -- an agent's factory always builds one
        self.transport.wrappedProtocol = protocol
        protocol.makeConnection(self.transport)
        self.done.callback(protocol)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.done.called:
            self.done.errback(reason)
