"""SocialMiner behind `IDesk`: what is sent and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import Factory, define, evolve, frozen
from klein import Klein
from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers
from twisted.web.server import Request
from zope.interface.verify import verifyObject

from chatgw.desks.socialminer import SocialMiner
from chatgw.failures import FailureKind
from chatgw.interfaces import Batch, IDesk
from chatgw.net.client import Client
from chatgw.test.test_socialminer_errors import SESSION, api_errors
from chatgw.values import (
    Address,
    ChatHandle,
    Done,
    Effect,
    Failed,
    LeaveChat,
    OpenChat,
    Outcome,
    Say,
    Secret,
    SendTyping,
    SubmitRating,
    Unknown,
    Words,
)

BASE = "http://localhost:80/ccp/chat"
CONTACT = "http://localhost/ccp-webapp/ccp/socialcontact/7CC1846210000165000000000A5640DC"
WHO = Address("FACEBOOK_MESSENGER", "page", "2242240722460512")
CHAT = ChatHandle(Secret(f"JSESSIONID={SESSION}"), CONTACT)
OPEN = OpenChat(
    id="e1",
    address=WHO,
    session="s1",
    at=0.0,
    feed_id="100029",
    queue_id="4",
    author="Amar Kumar",
    title="Chat from Facebook Messenger",
    origin="FACEBOOK_MESSENGER",
)
SAY = Say(id="e2", address=WHO, session="s1", at=0.0, chat=CHAT, text=Words("Sure"))
LEAVE = LeaveChat(id="e3", address=WHO, session="s1", at=0.0, chat=CHAT)
RATE = SubmitRating(id="e4", address=WHO, session="s1", at=0.0, chat=CHAT, rating=5)

Reply = Callable[[Request], "bytes | Deferred[bytes]"]


def reply(code: int = 200, body: bytes = b"", **headers: str) -> Reply:
    def render(request: Request) -> bytes:
        request.setResponseCode(code)
        for name, value in headers.items():
            request.setHeader(name.replace("_", "-").encode(), value.encode())
        return body

    return render


CREATED = reply(201, Set_Cookie=f"JSESSIONID={SESSION}; Path=/ccp; HttpOnly", Location=CONTACT)


@frozen
class Received:
    method: bytes
    uri: bytes
    headers: Headers
    body: bytes

    def header(self, name: str) -> Sequence[str] | None:
        return self.headers.getRawHeaders(name)


@define(eq=False)
class FakeSocialMiner:
    """Notes what it receives; answers as told."""

    reply: Reply = Factory(reply)
    received: list[Received] = Factory(list)
    app = Klein()

    @app.route("/", branch=True)
    def any(self, request: Request) -> bytes | Deferred[bytes]:
        assert request.content is not None
        body = request.content.read()
        self.received.append(Received(request.method, request.uri, request.requestHeaders, body))
        return self.reply(request)


def desk_on(client: Client, base_url: str = BASE) -> SocialMiner:
    return SocialMiner(
        client,
        polls=client,
        base_url=base_url,
        public_host="localhost",
        rating_method="PUT",
        rating_path="/rating",
        rating_body="<ChatRating><rating>{rating}</rating></ChatRating>",
    )


class DeskTestCase(SynchronousTestCase):
    """A desk that talks to a fake SocialMiner."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.peer = FakeSocialMiner()
        self.stub = StubTreq(self.peer.app.resource())
        self.desk = desk_on(Client(self.stub, self.clock))

    def perform(self, effect: Effect) -> Outcome:
        performing = self.desk.perform(effect)
        self.stub.flush()
        return self.successResultOf(performing)

    def poll(self, chat: ChatHandle = CHAT, after: int = 0) -> Batch | Failed:
        polling = self.desk.poll(chat, after)
        self.stub.flush()
        return self.successResultOf(polling)

    def sent(self) -> Received:
        (received,) = self.peer.received
        return received


class OpenTests(DeskTestCase):
    """Opening a chat (wire reference, SocialMiner 1.2)."""

    def test_it_keeps_the_desks_contract(self) -> None:
        self.assertTrue(verifyObject(IDesk, self.desk))

    def test_the_contact_is_posted_and_the_handle_comes_back(self) -> None:
        self.peer.reply = CREATED
        self.assertEqual(self.perform(OPEN), Done(evolve(CHAT, base_url=BASE)))
        sent = self.sent()
        self.assertEqual((sent.method, sent.uri), (b"POST", b"/ccp/chat"))
        self.assertEqual(sent.header("Content-Type"), ["application/xml"])
        self.assertIsNone(sent.header("Cookie"))
        self.assertEqual(
            sent.body,
            b"<SocialContact>"
            b"<feedRefURL>http://localhost/ccp-webapp/ccp/feed/100029</feedRefURL>"
            b"<author>Amar Kumar</author><title>Chat from Facebook Messenger</title>"
            b"<extensionFields>"
            b"<extensionField><name>ccxqueuetag</name><value>Chat_Csq4</value></extensionField>"
            b"<extensionField><name>h_Name</name><value>Amar Kumar</value></extensionField>"
            b"<extensionField><name>h_chatOrigin</name><value>FACEBOOK_MESSENGER</value>"
            b"</extensionField></extensionFields></SocialContact>",
        )

    def test_any_success_is_accepted(self) -> None:
        for code in (200, 201, 202):
            with self.subTest(code=code):
                self.peer.reply = reply(code, Set_Cookie="JSESSIONID=1")
                self.assertEqual(
                    self.perform(OPEN), Done(ChatHandle(Secret("JSESSIONID=1"), "", BASE))
                )

    def test_a_refusal_is_final_at_once(self) -> None:
        for code, body in [
            (302, b""),
            (400, b""),
            (403, b""),
            (404, b""),
            (429, b""),
            (404, api_errors("notFound")),
            (200, api_errors("notFound")),
        ]:
            with self.subTest(code=code):
                self.peer.reply = reply(code, body, Set_Cookie="JSESSIONID=1", Retry_After="9")
                failed = self.perform(OPEN)
                assert isinstance(failed, Failed)
                self.assertEqual(failed.kind, FailureKind.BAD_REQUEST)
                self.assertIsNone(failed.retry_after)

    def test_a_server_in_trouble_may_be_asked_again(self) -> None:
        page = b"<html>Not here yet</html>"
        for code, body in [(500, b""), (503, b""), (500, api_errors("notFound")), (404, page)]:
            with self.subTest(code=code):
                self.peer.reply = reply(code, body, Retry_After="2")
                failed = self.perform(OPEN)
                assert isinstance(failed, Failed)
                self.assertEqual((failed.kind, failed.retry_after), (FailureKind.TRANSIENT, 2.0))

    def test_a_slash_at_the_end_of_the_prefix_changes_nothing(self) -> None:
        self.desk = desk_on(Client(self.stub, self.clock), f"{BASE}/")
        self.peer.reply = CREATED
        self.perform(OPEN)
        self.assertEqual(self.sent().uri, b"/ccp/chat")


class ChatTests(DeskTestCase):
    """Effects on an open chat (wire reference, SocialMiner 1.4, 1.6 and 3)."""

    def test_each_effect_is_one_call_with_the_chats_cookie(self) -> None:
        for effect, uri, body in [
            (SAY, b"/ccp/chat", b"<Message><body>Sure</body></Message>"),
            (LEAVE, b"/ccp/chat/leaveChat", b""),
            (RATE, b"/ccp/chat/rating", b"<ChatRating><rating>5</rating></ChatRating>"),
        ]:
            with self.subTest(effect=effect):
                self.peer.received.clear()
                self.assertEqual(self.perform(effect), Done())
                sent = self.sent()
                self.assertEqual((sent.method, sent.uri, sent.body), (b"PUT", uri, body))
                self.assertEqual(sent.header("Cookie"), [f"JSESSIONID={SESSION}"])
                self.assertEqual(sent.header("Content-Length"), [str(len(body))])
                self.assertEqual(sent.header("Content-Type"), ["application/xml"] if body else None)

    def test_the_rating_call_is_what_the_settings_say(self) -> None:
        self.desk = SocialMiner(
            Client(self.stub, self.clock),
            polls=Client(self.stub, self.clock),
            base_url=BASE,
            public_host="localhost",
            rating_method="POST",
            rating_path="/feedback?rating={rating}",
            rating_body="<f a='{{}}'>{rating}{rating}</f>",
        )
        self.perform(RATE)
        sent = self.sent()
        self.assertEqual((sent.method, sent.uri), (b"POST", b"/ccp/chat/feedback?rating=5"))
        self.assertEqual(sent.body, b"<f a='{}'>55</f>")

    def test_a_chat_that_is_gone_is_told_so(self) -> None:
        for effect in (SAY, LEAVE, RATE):
            for code, body in [(404, b""), (404, api_errors("notFound"))]:
                with self.subTest(effect=effect, code=code):
                    self.peer.reply = reply(code, body)
                    failed = self.perform(effect)
                    assert isinstance(failed, Failed)
                    self.assertEqual(failed.kind, FailureKind.RECIPIENT_GONE)

    def test_a_page_that_is_not_there_ends_no_chat_but_there_is_no_such_rating_call(self) -> None:
        self.peer.reply = reply(404, b"<html>Not here</html>")
        for effect, kind in [
            (LEAVE, FailureKind.TRANSIENT),
            (RATE, FailureKind.BAD_REQUEST),
        ]:
            with self.subTest(effect=effect):
                failed = self.perform(effect)
                assert isinstance(failed, Failed)
                self.assertEqual(failed.kind, kind)

    def test_a_refused_text_is_not_repeated_in_the_detail(self) -> None:
        self.peer.reply = reply(400, api_errors("badRequest", "not accepted: Sure"))
        self.assertEqual(
            self.perform(SAY),
            Failed(FailureKind.BAD_REQUEST, "SocialMiner answered 400 badRequest"),
        )

    def test_a_body_that_says_error_is_an_error_for_all_the_200(self) -> None:
        self.peer.reply = reply(200, api_errors("invalidInput", "no"))
        self.assertEqual(
            self.perform(RATE),
            Failed(FailureKind.BAD_REQUEST, "SocialMiner answered 200 invalidInput: no"),
        )

    def test_a_success_that_is_not_socialminers_proves_nothing(self) -> None:
        for body, outcome in [
            (b"<html>Please <br> sign in", Unknown),
            (b"<html>Please sign in</html>", Unknown),
            (b"\x00\xff", Unknown),
            (b"\n", Done),
            (b"<Message/>", Done),
            (b"<chatEvents/>", Done),
        ]:
            for effect in (SAY, LEAVE, RATE):
                with self.subTest(body=body, effect=effect):
                    self.peer.reply = reply(200, body)
                    self.assertIsInstance(self.perform(effect), outcome)

    def test_an_effect_for_the_customer_is_refused_unsent(self) -> None:
        typing = SendTyping(id="e9", address=WHO, session="s1", at=0.0, status="composing")
        failed = self.perform(typing)
        assert isinstance(failed, Failed)
        self.assertEqual(failed.kind, FailureKind.BAD_REQUEST)
        self.assertEqual(self.peer.received, [])
