"""Calls through a proxy, over real sockets."""

from __future__ import annotations

from base64 import b64encode

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol

from chatgw.net.client import Client
from chatgw.net.tunnel import Proxy
from chatgw.sim.authority import Authority
from chatgw.test.loopback import LoopbackTestCase, reactor
from chatgw.test.proxies import ConnectProxy
from chatgw.values import Secret


class ProxyTests(LoopbackTestCase):
    def through(self, proxy: ConnectProxy) -> Client:
        return self.client(Proxy("127.0.0.1", self.listen(proxy), "gate", Secret("way")))

    async def test_one_tunnel_serves_many_calls(self) -> None:
        proxy = ConnectProxy(reactor)
        client, port = self.through(proxy), self.listen_tls(self.authority.pair("localhost"))
        for number in range(3):
            answer = await client.call(
                "POST", f"https://localhost:{port}/", body=b"x" * number * 100_000
            )
            self.assertEqual(answer.status, 200)
        self.assertEqual([len(body) for body in self.resource.bodies], [0, 100_000, 200_000])
        self.assertEqual(len(proxy.requests), 1)
        self.assertIn(b"Basic " + b64encode(b"gate:way"), proxy.requests[0])

    async def test_the_name_is_verified_inside_the_tunnel(self) -> None:
        port = self.listen_tls(self.authority.pair("elsewhere.example"))
        error = await self.failed(
            self.through(ConnectProxy(reactor)), f"https://localhost:{port}/", body=b"x"
        )
        self.assertEqual(
            (error.detail, error.arrived), ("the certificate is not for localhost", False)
        )
        self.assertEqual(self.resource.bodies, [])

    async def test_the_authority_is_verified_inside_the_tunnel(self) -> None:
        port = self.listen_tls(Authority.founded(self.mktemp()).pair("localhost"))
        error = await self.failed(
            self.through(ConnectProxy(reactor)), f"https://localhost:{port}/", body=b"x"
        )
        self.assertEqual(
            (error.detail, error.arrived), ("the certificate of localhost is not trusted", False)
        )

    async def test_a_wrong_password_is_named(self) -> None:
        proxy = ConnectProxy(reactor, b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        error = await self.failed(self.through(proxy), "https://localhost/", body=b"x")
        self.assertFalse(error.arrived)
        self.assertIn("user name or password (407)", error.detail)
        self.assertNotIn("way", error.detail)

    async def test_a_refused_or_failed_tunnel_is_certain(self) -> None:
        for status in (403, 502, 503):
            proxy = ConnectProxy(reactor, b"HTTP/1.1 %d No\r\n\r\n<html>" % status)
            error = await self.failed(self.through(proxy), "https://localhost/", body=b"x")
            self.assertFalse(error.arrived)
            self.assertIn(f"refused the connection ({status})", error.detail)

    async def test_a_proxy_that_hangs_up_is_certain(self) -> None:
        proxy = ConnectProxy(reactor, drops=True)
        error = await self.failed(self.through(proxy), "https://localhost/", method="GET")
        self.assertFalse(error.arrived)
        self.assertIn("the proxy closed the connection", error.detail)

    async def test_a_proxy_that_is_down_is_certain(self) -> None:
        port = reactor.listenTCP(0, Factory.forProtocol(Protocol), interface="127.0.0.1")
        number = port.getHost().port
        await port.stopListening()
        client = self.client(Proxy("127.0.0.1", number))
        error = await self.failed(client, "https://localhost/", method="GET")
        self.assertEqual((error.detail, error.arrived), ("connection refused", False))

    async def test_a_proxy_that_says_nothing_is_left_at_the_deadline(self) -> None:
        proxy = ConnectProxy(reactor, hangs=True)
        error = await self.failed(
            self.through(proxy), "https://localhost/", body=b"x", deadline=0.5
        )
        self.assertEqual((error.detail, error.arrived), ("no connection within 0.5 s", False))
        await proxy.lost

    async def test_a_proxy_that_lies_about_the_tunnel_gets_nothing(self) -> None:
        proxy = ConnectProxy(reactor, b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\nfine")
        error = await self.failed(self.through(proxy), "https://localhost/", body=b"x")
        self.assertFalse(error.arrived)

    async def test_cancelling_closes_the_connection_to_the_proxy(self) -> None:
        asked: Deferred[None] = Deferred()

        class Asked(ConnectProxy):
            def buildProtocol(self, addr: object) -> Protocol:
                reactor.callLater(0, asked.callback, None)
                return super().buildProtocol(addr)

        proxy = Asked(reactor, hangs=True)
        call = Deferred.fromCoroutine(self.failed(self.through(proxy), "https://localhost/"))
        await asked
        call.cancel()
        self.assertFalse((await call).arrived)
        await proxy.lost
