"""The notification of new contacts."""

from __future__ import annotations

from defusedxml.ElementTree import fromstring
from klein import Klein
from treq.testing import StubTreq
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.iweb import IRequest

from chatgw.net.client import Client
from chatgw.sim.reply import Reply
from chatgw.sim.socialminer.notification import Notification
from chatgw.sim.socialminer.reading import read_chat_request
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.test.socialminer_sim import BEGIN, ORDER

ID = "7CC1846010000165000000007F000001"
GUIDE = [
    ("author", "Amar Kumar"),
    ("description", None),
    ("id", ID),
    ("integrationAuthTokenExpirationTimestamp", "1535417981792"),
    ("link", f"http://localhost/ccp/socialcontact/{ID}"),
    ("notificationTag", "ccx_chat_req"),
    ("publishedDate", "1535396381792"),
    ("refURL", f"http://sm-fqdn/ccp-webapp/ccp/socialcontact/{ID}"),
    ("replyTemplateURL", "http://sm-fqdn/multisession/ui/templates/reply/cisco_agent_ms_chat.jsp"),
    ("screenPopUrl", f"http://sm-fqdn/results.jsp?scID={ID}&campaignID=CCX_Chat_Campaign"),
    ("sourceType", "chat"),
    ("status", "unread"),
    ("statusReason", "unknown"),
    ("statusTimestamp", "1535396381792"),
    ("statusUserId", None),
    ("title", "Chat from Facebook Messenger"),
]
"""The leaves of the original guide's notification, with this server's address and times."""


class NotificationTests(SynchronousTestCase):
    """What the contact centre is posted."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(BEGIN)
        self.bodies: list[bytes] = []
        self.statuses: list[int] = []
        app = Klein()

        @app.route("/uccx-webservices/contact", methods=["POST"])
        def contact(request: IRequest) -> bytes:
            self.assertEqual(
                request.requestHeaders.getRawHeaders("content-type"), ["application/xml"]
            )
            self.bodies.append(request.content.read())
            return Reply(self.statuses.pop(0) if self.statuses else 202).to(request)

        client = Client(StubTreq(app.resource()), self.clock)
        url = "https://uccx-fqdn/uccx-webservices/contact"
        notification = Notification(client, self.clock, url, "sm-fqdn")
        self.sim = SocialMinerSim(self.clock, arrived=notification.post)

    def test_it_is_the_contact_of_the_original_guide(self) -> None:
        self.sim.model.open(read_chat_request(ORDER.encode()))
        (body,) = self.bodies
        beginning = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<SocialContact>\n'
            "    <author>Amar Kumar</author>\n    <description></description>\n"
            "    <extensionFields>\n        <extensionField>\n"
        )
        self.assertEqual(body.decode()[: len(beginning)], beginning)
        root = fromstring(body)
        leaves = [(child.tag, child.text) for child in root if not len(child)]
        self.assertEqual([leaf for leaf in leaves if leaf[0] != "integrationAuthTokenGUID"], GUIDE)
        names = [name.text for name in root.iterfind("extensionFields/extensionField/name")]
        self.assertEqual(names, ["ccxqueuetag", "h_Name", "h_chatOrigin", "h_chatRoom"])
        self.assertEqual([tag.text for tag in root.iterfind("tags/tag")], ["ccx_chat_req"])

    def test_it_is_posted_again_until_it_is_taken(self) -> None:
        self.statuses = [503, 500]
        self.sim.model.open(read_chat_request(ORDER.encode()))
        self.assertEqual(len(self.bodies), 1)
        self.clock.advance(1)
        self.clock.advance(5)
        self.clock.advance(60)
        self.assertEqual(len(self.bodies), 3)
        self.assertEqual(len(set(self.bodies)), 1)

    def test_after_three_attempts_it_is_given_up(self) -> None:
        self.statuses = [503] * 9
        chat = self.sim.model.open(read_chat_request(ORDER.encode()))
        for _ in range(9):
            self.clock.advance(5)
        self.assertEqual(len(self.bodies), 3)
        self.assertFalse(chat.ended)
