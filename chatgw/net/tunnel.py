"""The way to an HTTPS server through an HTTP proxy: RFC 9110, section 9.3.6 (CONNECT)."""

# ruff: noqa: N802, N803 -- the names are Twisted's

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

from attrs import define, field, frozen
from twisted.internet.abstract import isIPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
    ITCPTransport,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatgw.values import Secret

HEADERS_LIMIT = 16_384
"""The most bytes of a proxy's answer, status line and headers."""

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |$)")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")


@frozen
class Proxy:
    """An HTTP proxy, and the name and password for it if it asks for any (Basic)."""

    host: str
    port: int
    username: str = field(default="")
    password: Secret = field(factory=lambda: Secret(""))

    @username.validator
    def _no_colon(self, _: object, username: str) -> None:
        if ":" in username:
            raise ValueError("the proxy's user name has a colon, which Basic cannot carry")


class TunnelRefused(Exception):  # noqa: N818 -- reads as what happened
    """The proxy did not open the tunnel; nothing went through it.

    Attributes:
        status: the proxy's HTTP status, None where it gave none.
    """

    def __init__(self, detail: str, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


@implementer(IStreamClientEndpoint)
@frozen
class Tunnel:
    """An endpoint: a TCP connection to ``host`` and ``port``, through a proxy.

    Attributes:
        through: the endpoint of the proxy itself.
        proxy: for its user name and password.
        host: a name or an address; IPv6 without brackets.
        port: the server's.
    """

    through: IStreamClientEndpoint
    proxy: Proxy
    host: str
    port: int

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connects to the proxy and has it open the tunnel. Cancelling closes the connection.

        Returns:
            A Deferred that fails with `TunnelRefused`, or with the reason for which the proxy
            could not be reached.
        """
        if not _HOST.fullmatch(self.host):
            raise ValueError("the host has characters that no host has")
        asking = self.through.connect(_Askings(self._request(), protocolFactory))
        return asking.addCallback(_answered)

    def _request(self) -> bytes:
        host = f"[{self.host}]" if isIPv6Address(self.host) else self.host
        lines = [f"CONNECT {host}:{self.port} HTTP/1.1", f"Host: {host}:{self.port}"]
        if self.proxy.username:
            pair = f"{self.proxy.username}:{self.proxy.password.reveal()}".encode()
            lines.append(f"Proxy-Authorization: Basic {b64encode(pair).decode()}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")


def _answered(asking: IProtocol) -> Deferred[IProtocol]:
    assert isinstance(asking, _Asking)  # noqa: S101 -- built by our own factory
    return asking.done


@define(eq=False)
class _Askings(Factory[Protocol]):
    """Builds what asks a proxy for a tunnel."""

    request: bytes = field(repr=False)
    waiting: IProtocolFactory
    noisy = False

    def buildProtocol(self, addr: Any) -> Protocol:
        return _Asking(self.request, self.waiting, addr)


class _Asking(Protocol):
    """Asks for the tunnel; once it is there, passes everything on to the real protocol."""

    transport: ITCPTransport

    def __init__(self, request: bytes, waiting: IProtocolFactory, address: Any) -> None:
        self.done: Deferred[IProtocol] = Deferred(lambda _: self.transport.abortConnection())
        self._request = request
        self._waiting = waiting
        self._address = address
        self._answer = b""
        self._inner: IProtocol | None = None

    def connectionMade(self) -> None:
        self.transport.write(self._request)

    def dataReceived(self, data: bytes) -> None:
        if self._inner is not None:
            self._inner.dataReceived(data)
        elif not self.done.called:
            self._answer += data
            end = self._answer.find(b"\r\n\r\n", 0, HEADERS_LIMIT)
            if end >= 0:
                self._judge(self._answer[:end], self._answer[end + 4 :])
            elif len(self._answer) >= HEADERS_LIMIT:
                self._refuse(TunnelRefused("the proxy's answer is too long"))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._inner is not None:
            self._inner.connectionLost(reason)
        elif not self.done.called:
            self.done.errback(TunnelRefused("the proxy closed the connection without an answer"))

    def _judge(self, head: bytes, rest: bytes) -> None:
        match = _STATUS_LINE.match(head.split(b"\r\n", 1)[0])
        status = int(match[1]) if match else None
        if status is None:
            self._refuse(TunnelRefused("the proxy does not speak HTTP"))
        elif 200 <= status < 300:
            self._open(rest)
        else:
            self._refuse(TunnelRefused(_refusal(status), status))

    def _open(self, rest: bytes) -> None:
        self._answer = b""
        protocol = self._waiting.buildProtocol(self._address)
        assert protocol is not None  # noqa: S101 -- an agent's factory always builds one
        self._inner = protocol
        protocol.makeConnection(self.transport)
        self.done.callback(protocol)
        if rest:
            protocol.dataReceived(rest)

    def _refuse(self, error: TunnelRefused) -> None:
        self.transport.abortConnection()
        self.done.errback(error)


def _refusal(status: int) -> str:
    if status == 407:
        return "the proxy wants another user name or password (407)"
    return f"the proxy refused the connection ({status})"
