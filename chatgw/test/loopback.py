"""What the tests on loopback sockets share: a server with TLS, a client, and clearing up."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.interfaces import IProtocolFactory
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from chatgw.net.client import CallFailed, Client
from chatgw.net.outgoing import Proxy, outgoing
from chatgw.net.tls import ReplaceableTLS
from chatgw.sim.authority import Authority, Pair

reactor: Any = _reactor


class Counting(Resource):
    """Says how many requests it has had, and over how many connections."""

    isLeaf = True  # noqa: N815 -- IResource's name

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []
        self.peers: set[int] = set()

    def render(self, request: Request) -> bytes:
        assert request.content is not None
        self.bodies.append(request.content.read())
        self.peers.add(request.client.port)
        request.addCookie("JSESSIONID", "first", path="/")
        return repr(request.getHeader("Cookie")).encode()


class LoopbackTestCase(TestCase):
    """Listens and calls on 127.0.0.1, and closes everything afterwards."""

    def setUp(self) -> None:
        self.authority = Authority.founded(self.mktemp())
        self.resource = Counting()

    def listen(self, factory: IProtocolFactory) -> int:
        """The port on which this factory now listens."""
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        return int(port.getHost().port)

    def listen_tls(self, pair: Pair, **site: Any) -> int:
        """The port of an https site with the counting resource."""
        tls = ReplaceableTLS(pair.key, pair.cert)
        return self.listen(TLSMemoryBIOFactory(tls, False, Site(self.resource, **site)))

    def client(self, proxy: Proxy | None = None, ca_file: str | None = None) -> Client:
        """A client that trusts the test's authority."""
        client = outgoing(reactor, ca_file=ca_file or self.authority.file, proxy=proxy)
        self.addCleanup(client.close)
        return client

    async def failed(self, client: Client, url: str, **how: Any) -> CallFailed:
        """How a call fails."""
        try:
            answer = await client.call(how.pop("method", "POST"), url, **how)
        except CallFailed as error:
            return error
        raise AssertionError(f"{url} answered {answer}")
