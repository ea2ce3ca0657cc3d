"""matrix-org/sygnal#304: a gateway that does not recover after its HTTP proxy failed."""

from __future__ import annotations

from chatgw.net.tunnel import Proxy
from chatgw.test.loopback import LoopbackTestCase, reactor
from chatgw.test.proxies import ConnectProxy
from chatgw.values import Secret

REFUSAL = b"HTTP/1.1 502 Bad Gateway\r\n\r\n"
RESET_IN_HANDSHAKE = b"HTTP/1.1 200 OK\r\n\r\n"


class RecoveryTests(LoopbackTestCase):
    async def test_each_failure_is_followed_by_success_on_the_same_client(self) -> None:
        proxy = ConnectProxy(reactor)
        client = self.client(Proxy("127.0.0.1", self.listen(proxy), "gate", Secret("way")))
        url = f"https://localhost:{self.listen_tls(self.authority.pair('localhost'))}/"
        for trouble in (
            {"answer": REFUSAL},
            {"answer": b"HTTP/1.1 407 No\r\n\r\n"},
            {"answer": RESET_IN_HANDSHAKE},
            {"drops": True},
            {"hangs": True},
        ):
            for name, value in trouble.items():
                setattr(proxy, name, value)
            failure = await self.failed(client, url, body=b"lost", deadline=1.0)
            self.assertFalse(failure.arrived, trouble)
            proxy.answer, proxy.drops, proxy.hangs = b"", False, False
            answer = await client.call("POST", url, body=b"arrives")
            self.assertEqual(answer.status, 200)
            await client.close()  # the next one needs a tunnel of its own
        self.assertEqual(self.resource.bodies, [b"arrives"] * 5)
