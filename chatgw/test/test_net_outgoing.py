"""Calls over real sockets: what is certain when they fail, and whom they trust."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Site

from chatgw.net.outgoing import outgoing
from chatgw.net.tunnel import Proxy
from chatgw.sim.authority import Authority
from chatgw.test.loopback import LoopbackTestCase, reactor


class Mute(Protocol):
    """Takes what comes and says nothing."""


class Hasty(Protocol):
    """Hangs up at the first byte."""

    transport: ITCPTransport

    def dataReceived(self, data: bytes) -> None:
        self.transport.abortConnection()


class Babbling(Protocol):
    """Answers with something that is no HTTP."""

    transport: ITCPTransport

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"SSH-2.0-hello\r\n\r\n")
        self.transport.loseConnection()


class Fickle(Protocol):
    """Answers the first request of a connection, with a cookie that is no text, then hangs up."""

    transport: ITCPTransport
    answered = False

    def dataReceived(self, data: bytes) -> None:
        if self.answered:
            self.transport.abortConnection()
        self.answered = True
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: \xff=\xfe\r\nContent-Length: 0\r\n\r\n"
        )


class PlainTests(LoopbackTestCase):
    async def test_connections_are_used_again(self) -> None:
        client, port = self.client(), self.listen(Site(self.resource))
        for number in range(3):
            await client.call("POST", f"http://localhost:{port}/", body=b"%d" % number)
        self.assertEqual(self.resource.bodies, [b"0", b"1", b"2"])
        self.assertEqual(len(self.resource.peers), 1)

    async def test_closing_closes_idle_connections(self) -> None:
        client, port = self.client(), self.listen(Site(self.resource))
        await client.call("GET", f"http://localhost:{port}/")
        await client.close()
        await client.call("GET", f"http://localhost:{port}/")
        self.assertEqual(len(self.resource.peers), 2)

    async def test_no_cookie_is_kept(self) -> None:
        client, port = self.client(), self.listen(Site(self.resource))
        for _ in range(2):
            answer = await client.call("GET", f"http://localhost:{port}/")
            self.assertEqual(answer.body, b"None")

    async def test_nobody_listening_is_certain(self) -> None:
        port = reactor.listenTCP(0, Factory.forProtocol(Mute), interface="127.0.0.1")
        number = port.getHost().port
        await port.stopListening()
        error = await self.failed(self.client(), f"http://127.0.0.1:{number}/?t=hush", body=b"x")
        self.assertEqual((error.detail, error.arrived), ("connection refused", False))

    async def test_hanging_up_after_the_request_is_not_certain(self) -> None:
        port = self.listen(Factory.forProtocol(Hasty))
        for how in ({"body": b"x"}, {"method": "GET"}):
            error = await self.failed(self.client(), f"http://127.0.0.1:{port}/", **how)
            self.assertTrue(error.arrived)
            self.assertIn("closed", error.detail)

    async def test_nothing_is_tried_twice(self) -> None:
        client, port = self.client(), self.listen(Factory.forProtocol(Fickle))
        answer = await client.call("GET", f"http://127.0.0.1:{port}/")
        self.assertEqual(answer.status, 200)
        error = await self.failed(client, f"http://127.0.0.1:{port}/", method="GET")
        self.assertTrue(error.arrived)

    async def test_no_answer_is_not_certain(self) -> None:
        port = self.listen(Factory.forProtocol(Mute))
        error = await self.failed(
            self.client(), f"http://127.0.0.1:{port}/", body=b"x", deadline=0.5
        )
        self.assertEqual((error.detail, error.arrived), ("no answer within 0.5 s", True))

    async def test_what_is_no_http_is_no_answer(self) -> None:
        port = self.listen(Factory.forProtocol(Babbling))
        error = await self.failed(self.client(), f"http://127.0.0.1:{port}/", body=b"x")
        self.assertTrue(error.arrived)
        self.assertIn("no valid HTTP answer", error.detail)


class TLSTests(LoopbackTestCase):
    async def test_the_authority_given_is_trusted_and_connections_are_used_again(self) -> None:
        client, port = self.client(), self.listen_tls(self.authority.pair("localhost"))
        for _ in range(2):
            answer = await client.call("POST", f"https://localhost:{port}/", body=b"x")
            self.assertEqual(answer.status, 200)
        self.assertEqual(len(self.resource.peers), 1)

    async def test_an_address_can_have_a_certificate(self) -> None:
        port = self.listen_tls(self.authority.pair("127.0.0.1"))
        answer = await self.client().call("GET", f"https://127.0.0.1:{port}/")
        self.assertEqual(answer.status, 200)

    async def test_a_certificate_for_another_name_is_refused_before_anything_is_sent(self) -> None:
        port = self.listen_tls(self.authority.pair("elsewhere.example"))
        error = await self.failed(self.client(), f"https://localhost:{port}/?t=hush", body=b"x")
        self.assertEqual(
            (error.detail, error.arrived), ("the certificate is not for localhost", False)
        )
        self.assertEqual(self.resource.bodies, [])

    async def test_an_unknown_authority_is_refused_before_anything_is_sent(self) -> None:
        port = self.listen_tls(Authority.founded(self.mktemp()).pair("localhost"))
        client = self.client()
        for method in ("POST", "GET"):
            error = await self.failed(client, f"https://localhost:{port}/", method=method)
            self.assertEqual(
                (error.detail, error.arrived),
                ("the certificate of localhost is not trusted", False),
            )
        self.assertEqual(self.resource.bodies, [])

    async def test_a_given_authority_replaces_the_platforms(self) -> None:
        client = outgoing(reactor)
        self.addCleanup(client.close)
        port = self.listen_tls(self.authority.pair("localhost"))
        error = await self.failed(client, f"https://localhost:{port}/")
        self.assertIn("not trusted", error.detail)

    async def test_a_handshake_that_never_ends_is_certain(self) -> None:
        port = self.listen(Factory.forProtocol(Mute))
        error = await self.failed(
            self.client(), f"https://localhost:{port}/", body=b"x", deadline=0.05
        )
        self.assertEqual((error.detail, error.arrived), ("no connection within 0.05 s", False))

    async def test_a_handshake_cut_off_is_certain(self) -> None:
        port = self.listen(Factory.forProtocol(Hasty))
        error = await self.failed(self.client(), f"https://localhost:{port}/", body=b"x")
        self.assertFalse(error.arrived)
        self.assertIn("closed", error.detail)

    async def test_what_is_no_tls_is_certain(self) -> None:
        port = self.listen(Factory.forProtocol(Babbling))
        error = await self.failed(self.client(), f"https://localhost:{port}/", body=b"x")
        self.assertFalse(error.arrived)
        self.assertIn("TLS", error.detail)

    async def test_cancelling_during_the_handshake_closes_the_connection(self) -> None:
        gone: Deferred[None] = Deferred()

        class Patient(Protocol):
            def dataReceived(self, data: bytes) -> None:
                call.cancel()

            def connectionLost(self, reason: object = None) -> None:
                gone.callback(None)

        port = self.listen(Factory.forProtocol(Patient))
        call = Deferred.fromCoroutine(self.failed(self.client(), f"https://localhost:{port}/"))
        await gone
        self.assertFalse((await call).arrived)


class AuthoritiesTests(SynchronousTestCase):
    def refusal(self, content: bytes | None) -> str:
        path = self.mktemp()
        if content is not None:
            Path(path).write_bytes(content)
        text = str(self.assertRaises(ValueError, outgoing, reactor, ca_file=path))
        self.assertIn(path, text)
        return text

    def test_a_file_that_is_not_there_is_named(self) -> None:
        self.assertIn("cannot be read: No such file", self.refusal(None))

    def test_a_file_without_certificates_is_named(self) -> None:
        for content in (b"", b"certificates, perhaps\n", b"\xff\x00"):
            self.assertIn("no certificates", self.refusal(content))

    def test_a_file_with_a_damaged_certificate_is_named(self) -> None:
        damaged = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        self.assertIn("no certificates", self.refusal(damaged))


class SchemeTests(SynchronousTestCase):
    def test_only_https_goes_through_a_proxy(self) -> None:
        client = outgoing(reactor, proxy=Proxy("proxy.invalid", 3128))
        call = Deferred.fromCoroutine(client.call("GET", "http://graph.example/"))
        error = self.failureResultOf(call).value
        self.assertEqual(
            (error.detail, error.arrived), ("only https goes through the proxy", False)
        )
