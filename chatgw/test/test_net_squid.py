"""Calls through a real squid, which asks for a name and password."""

from __future__ import annotations

import contextlib
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.error import ConnectError, ProcessExitedAlready
from twisted.internet.protocol import Factory, ProcessProtocol, Protocol
from twisted.internet.task import deferLater

from chatgw.net.tunnel import Proxy
from chatgw.test.loopback import LoopbackTestCase, reactor
from chatgw.test.squid import free_port, squid_command
from chatgw.values import Secret


class Squid(ProcessProtocol):
    """The running squid."""

    def __init__(self) -> None:
        self.said = b""
        self.ended: Deferred[None] = Deferred()

    def errReceived(self, data: bytes) -> None:
        self.said += data

    def processEnded(self, reason: object) -> None:
        self.ended.callback(None)


class SquidTests(LoopbackTestCase):
    timeout = 60

    def spawned(self, port: int) -> Squid:
        """A squid of our own on this port; it ends with the test."""
        command = squid_command(port, self.addCleanup)
        squid = Squid()
        process = reactor.spawnProcess(squid, command[0], command, {})
        self.addCleanup(lambda: squid.ended)
        self.addCleanup(_end, process)
        return squid

    async def started(self) -> int:
        """The port on which a squid of our own listens."""
        port = free_port()
        squid = self.spawned(port)
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
        while True:
            assert not squid.ended.called, squid.said.decode(errors="replace")
            try:
                connection: Any = await endpoint.connect(Factory.forProtocol(Protocol))
            except ConnectError:
                await deferLater(reactor, 0.05)
            else:
                connection.transport.loseConnection()
                return port

    async def test_the_right_password_opens_one_tunnel_for_many_calls(self) -> None:
        proxy = Proxy("127.0.0.1", await self.started(), "gate", Secret("way"))
        client, port = self.client(proxy), self.listen_tls(self.authority.pair("localhost"))
        for _ in range(3):
            answer = await client.call("POST", f"https://localhost:{port}/", body=b"x")
            self.assertEqual(answer.status, 200)
        self.assertEqual(len(self.resource.peers), 1)

    async def test_a_wrong_password_a_closed_port_and_a_wrong_name_are_told_apart(self) -> None:
        port = await self.started()
        wrong = self.client(Proxy("127.0.0.1", port, "gate", Secret("crash")))
        error = await self.failed(wrong, "https://localhost/")
        self.assertIn("user name or password (407)", error.detail)
        self.assertFalse(error.arrived)

        right = self.client(Proxy("127.0.0.1", port, "gate", Secret("way")))
        error = await self.failed(right, f"https://127.0.0.1:{free_port()}/")
        self.assertIn("refused the connection (503)", error.detail)
        self.assertFalse(error.arrived)

        elsewhere = self.listen_tls(self.authority.pair("elsewhere.example"))
        error = await self.failed(right, f"https://localhost:{elsewhere}/")
        self.assertEqual(error.detail, "the certificate is not for localhost")
        self.assertFalse(error.arrived)


def _end(process: Any) -> None:
    # Not imported by name: trial takes a module's "suppress" for its own setting.
    with contextlib.suppress(ProcessExitedAlready):
        process.signalProcess("TERM")
