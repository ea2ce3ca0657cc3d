"""What the tests of the SocialMiner simulator share: one without sockets, and calls to it."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from attrs import frozen
from defusedxml.ElementTree import fromstring
from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from chatgw.sim.socialminer.chat import Chat
from chatgw.sim.socialminer.service import SocialMinerSim

AGENT = "agent7901"
BEGIN = 1_535_396_381.792
"""When the chat of the original guide was published."""

ORDER = """<SocialContact>
<feedRefURL>http://localhost/ccp-webapp/ccp/feed/100029</feedRefURL>
<author>Amar Kumar</author><title>Chat from Facebook Messenger</title>
<extensionFields>
<extensionField><name>ccxqueuetag</name><value>Chat_Csq4</value></extensionField>
<extensionField><name>h_Name</name><value>Amar Kumar</value></extensionField>
<extensionField><name>h_chatOrigin</name><value>FACEBOOK_MESSENGER</value></extensionField>
</extensionFields></SocialContact>"""


@frozen
class Answer:
    """One answer of the simulator."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        values = self.headers.getRawHeaders(name)
        return values[0] if values else None

    def xml(self) -> Element:
        root: Element = fromstring(self.body)
        return root

    def events(self) -> list[tuple[str, dict[str, str | None]]]:
        """The events told: each one's kind, and its children."""
        root = self.xml()
        assert root.tag == "chatEvents"
        return [(event.tag, {child.tag: child.text for child in event}) for event in root]


class SimulatorTestCase(SynchronousTestCase):
    """A simulator under a clock, with one agent logged in."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(BEGIN)
        self.sim = SocialMinerSim(self.clock)
        self.centre = self.sim.model
        self.centre.login(AGENT)
        self.stub: Any = StubTreq(self.sim.resource())

    def calling(
        self, method: str, path: str, body: str | bytes = b"", **headers: str
    ) -> Deferred[Answer]:
        """A call; ``content_type="…"`` is a header."""

        async def call() -> Answer:
            response = await self.stub.request(
                method,
                "http://localhost" + path,
                headers={name.replace("_", "-"): value for name, value in headers.items()},
                data=body if isinstance(body, bytes) else body.encode(),
                allow_redirects=False,
            )
            return Answer(response.code, response.headers, await response.content())

        calling = Deferred.fromCoroutine(call())
        self.stub.flush()
        return calling

    def call(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Answer:
        """A call that is answered at once."""
        return self.successResultOf(self.calling(method, path, body, **headers))

    def opened(self, order: str = ORDER) -> tuple[Chat, str]:
        """A new chat, and the cookie that its customer got."""
        answer = self.call("POST", "/ccp/chat", order)
        self.assertEqual(answer.status, 201)
        cookie = (answer.header("set-cookie") or "").partition(";")[0]
        return self.centre.chat((answer.header("location") or "").rpartition("/")[2]), cookie
