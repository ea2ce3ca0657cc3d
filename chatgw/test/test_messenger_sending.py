"""What is sent to the Graph API, to the letter of wire reference, messaging channels 1.7."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

from attrs import evolve
from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from chatgw.failures import FailureKind
from chatgw.interfaces import IChannel
from chatgw.test.messenger_events import PAGE, PSID
from chatgw.test.messenger_graph import (
    APP_SECRET,
    CHOICES,
    NAME,
    ROOT,
    SEEN,
    TEXT,
    TOKEN,
    TYPING,
    MessengerCase,
    answer,
)
from chatgw.values import ChatHandle, Done, Dropped, Failed, LeaveChat, Outcome, Secret, Words

PROOF = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()


class SendingTests(MessengerCase):
    def test_it_is_a_channel(self) -> None:
        self.assertTrue(verifyObject(IChannel, self.messenger))
        self.assertEqual(self.messenger.type, "FACEBOOK_MESSENGER")

    def test_a_text(self) -> None:
        self.assertEqual(self.perform(TEXT), Done("m_AG5Hz2U"))
        [asked] = self.graph.asked
        self.assertEqual((asked.method, asked.url), ("POST", f"/v25.0/{PAGE}/messages"))
        self.assertEqual(asked.headers.getRawHeaders("Content-Type"), ["application/json"])
        self.assertEqual(
            asked.json,
            {
                "recipient": {"id": PSID},
                "messaging_type": "RESPONSE",
                "message": {"text": "it's 5 < 6 & 👍", "metadata": "chatgw:e1"},
                "appsecret_proof": PROOF,
            },
        )

    def test_a_question(self) -> None:
        self.assertEqual(self.perform(CHOICES), Done("m_AG5Hz2U"))
        self.assertEqual(
            self.graph.asked[0].json["message"],
            {
                "text": "Rate us",
                "metadata": "chatgw:e2",
                "quick_replies": [
                    {"content_type": "text", "title": "1", "payload": "rating:1"},
                    {"content_type": "text", "title": "2", "payload": "rating:2"},
                ],
            },
        )

    def test_a_question_without_choices_is_a_text(self) -> None:
        """Messenger refuses an empty list of quick replies."""
        self.perform(evolve(CHOICES, choices=()))
        self.assertNotIn("quick_replies", self.graph.asked[0].json["message"])

    def test_typing_and_seen_are_sent_without_a_message(self) -> None:
        self.graph.reply = answer({"recipient_id": PSID})
        for effect in (TYPING, evolve(TYPING, status="paused"), SEEN):
            self.assertEqual(self.perform(effect), Done())
        for asked, action in zip(
            self.graph.asked, ("typing_on", "typing_off", "mark_seen"), strict=True
        ):
            expected = {"recipient": {"id": PSID}, "sender_action": action}
            self.assertEqual(asked.json, {**expected, "appsecret_proof": PROOF})

    def test_a_blank_text_is_not_sent(self) -> None:
        """chatwoot#10411: nothing empty is ever forwarded."""
        for effect in (evolve(TEXT, text=Words(" ")), evolve(CHOICES, text=Words(""))):
            self.assertIsInstance(self.perform(effect), Dropped)
        self.assertEqual(self.graph.asked, [])

    def test_what_belongs_to_the_desk_is_refused(self) -> None:
        handle = ChatHandle(Secret("JSESSIONID=1"), "http://x/")
        leave = LeaveChat(id="e", address=TEXT.address, session="s", at=0.0, chat=handle)
        outcome = self.perform(leave)
        assert isinstance(outcome, Failed)
        self.assertIs(outcome.kind, FailureKind.BAD_REQUEST)


class SecrecyTests(MessengerCase):
    """facebook-for-woocommerce PR#4029, koala PR#655: tokens in URLs end up in logs."""

    def test_the_token_is_in_the_authorization_header_and_nowhere_else(self) -> None:
        for effect in (TEXT, TYPING, NAME):
            self.perform(effect)
        for asked in self.graph.asked:
            self.assertEqual(asked.headers.getRawHeaders("Authorization"), [f"Bearer {TOKEN}"])
            self.assertNotIn(TOKEN, asked.url)
            self.assertNotIn(TOKEN.encode(), asked.body)

    def test_the_channel_shows_no_secret(self) -> None:
        shown = repr(self.messenger)
        self.assertNotIn(TOKEN, shown)
        self.assertNotIn(APP_SECRET, shown)
        self.assertNotIn("meatyhamhock", shown)

    def test_without_an_app_secret_nothing_is_proved(self) -> None:
        for secret in (None, Secret("")):
            self.messenger = self.channel(app_secret=secret)
            self.perform(TEXT)
            self.perform(NAME)
        for asked in self.graph.asked:
            self.assertNotIn("appsecret_proof", asked.url + asked.body.decode())


class AddressTests(MessengerCase):
    def test_the_page_is_me_until_it_is_known(self) -> None:
        self.messenger = self.channel(page_id=None)
        self.perform(TEXT)
        self.assertEqual(self.graph.asked[0].url, "/v25.0/me/messages")

    def test_the_base_may_end_with_a_slash_and_the_version_be_left_out(self) -> None:
        self.messenger = self.channel(base_url=f"{ROOT}/proxy/", version="")
        self.perform(TEXT)
        self.assertEqual(self.graph.asked[0].url, f"/proxy/{PAGE}/messages")


class NameTests(MessengerCase):
    def _look_up(self, reply: object, status: int = 200) -> Outcome:
        self.graph.reply = answer(reply, status)
        return self.perform(NAME)

    def test_first_and_last_name_are_asked_for_by_the_customers_id(self) -> None:
        outcome = self._look_up({"first_name": "Amar", "last_name": "Kumar", "id": PSID})
        self.assertEqual(outcome, Done("Amar Kumar"))
        [asked] = self.graph.asked
        url = urlsplit(asked.url)
        self.assertEqual((asked.method, url.path), ("GET", f"/v25.0/{PSID}"))
        self.assertEqual(
            parse_qs(url.query),
            {"fields": ["first_name,last_name"], "appsecret_proof": [PROOF]},
        )

    def test_a_name_is_tidied(self) -> None:
        for reply, name in (
            ({"first_name": " Amar\n", "last_name": ""}, "Amar"),
            ({"last_name": "A & B <Ltd>"}, "A & B <Ltd>"),
            ({"first_name": "Am\u0000ar\ud83d", "last_name": "  K  umar "}, "Amar\ufffd K umar"),
            ({"first_name": ["x"], "last_name": "민아"}, "민아"),
            ({"first_name": "x" * 5_000}, "x" * 99 + "…"),
        ):
            self.assertEqual(self._look_up(reply), Done(name))

    def test_no_name_is_a_failure(self) -> None:
        """chatwoot#2560 ("John Doe"); wire reference 1.7: ``{}`` with 200 happens."""
        blank = {"first_name": " ", "last_name": None}
        replies: list[object] = [{}, {"id": PSID}, blank, [], b"", b"<html>"]
        for reply in replies:
            self.assertIsInstance(self._look_up(reply), Failed, reply)

    def test_a_refusal_is_a_failure_and_none_is_tried_again(self) -> None:
        """botkit#1589: look-ups are denied, and a chat waits for the name to be opened."""
        for code, subcode in (
            (100, 33),
            (100, 2018218),
            (230, None),
            (10, 2018247),
            (2, None),
            (1, 99),
            (7777, None),
        ):
            reply = {"error": {"code": code, "error_subcode": subcode}}
            for status in (400, 404, 500):
                outcome = self._look_up(reply, status)
                assert isinstance(outcome, Failed)
                self.assertFalse(outcome.kind.passing)

    def test_what_is_wrong_with_the_page_is_told_as_it_is(self) -> None:
        for code, kind in (
            (190, FailureKind.CREDENTIALS),
            (368, FailureKind.POLICY),
            (4, FailureKind.THROTTLED),
        ):
            outcome = self._look_up({"error": {"code": code}}, 400)
            assert isinstance(outcome, Failed)
            self.assertIs(outcome.kind, kind)

    def test_a_look_up_ends_after_its_own_deadline(self) -> None:
        self.messenger = self.channel(profile_deadline=1.5)
        self.graph.reply = lambda _: Deferred()
        performing = self.messenger.perform(NAME)
        self.stub.flush()
        self.clock.advance(1.4)
        self.assertNoResult(performing)
        self.clock.advance(0.1)
        self.assertIsInstance(self.successResultOf(performing), Failed)
