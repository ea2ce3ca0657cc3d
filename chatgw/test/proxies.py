"""A small CONNECT proxy for tests, with the manners the test wants."""

from __future__ import annotations

from typing import Any

from attrs import Factory as Default
from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

log = Logger()


@define(eq=False)
class ConnectProxy(Factory[Protocol]):
    """Counts what it is asked, and opens tunnels or does something worse.

    Attributes:
        answer: what it says instead of opening a tunnel, if anything.
        hangs: it never says anything.
        drops: it closes the connection at once.
        requests: the heads of the CONNECT requests so far.
        lost: fires when a client's connection has gone.
    """

    reactor: Any
    answer: bytes = b""
    hangs: bool = False
    drops: bool = False
    requests: list[bytes] = Default(list)
    lost: Deferred[None] = Default(Deferred)
    noisy = False

    def buildProtocol(self, addr: object) -> Protocol:
        return _Near(self)


class _Near(Protocol):
    """The client's side."""

    transport: ITCPTransport

    def __init__(self, proxy: ConnectProxy) -> None:
        self._proxy = proxy
        self._head = b""
        self._far: _Far | None = None

    def dataReceived(self, data: bytes) -> None:
        if self._far is not None:
            self._far.transport.write(data)
            return
        self._head += data
        if self._head.endswith(b"\r\n\r\n"):
            self._proxy.requests.append(self._head)
            self._react(self._head.split(b" ")[1].decode())

    def _react(self, place: str) -> None:
        if self._proxy.hangs:
            return
        if self._proxy.drops or self._proxy.answer:
            self.transport.write(self._proxy.answer)
            self.transport.loseConnection()
            return
        host, port = place.rsplit(":", 1)
        far = _Far(self.transport)
        connecting = HostnameEndpoint(self._proxy.reactor, host.strip("[]"), int(port)).connect(
            Factory.forProtocol(lambda: far)
        )
        connecting.addCallback(lambda _: self._opened(far))
        connecting.addErrback(lambda failure: log.failure("The test's proxy", failure))

    def _opened(self, far: _Far) -> None:
        self._far = far
        self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._far is not None:
            self._far.transport.loseConnection()
        if not self._proxy.lost.called:
            self._proxy.lost.callback(None)


class _Far(Protocol):
    """The server's side."""

    transport: ITCPTransport

    def __init__(self, near: ITCPTransport) -> None:
        self._near = near

    def dataReceived(self, data: bytes) -> None:
        self._near.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._near.loseConnection()
