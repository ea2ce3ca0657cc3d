"""What an agent is told besides the customer's words: on the agent's page, through the whole stack.

The customer acts on their page, somebody else in the page's inbox; threads as in the field notes.
"""

from __future__ import annotations

import json
from typing import Any

from attrs import evolve
from treq.testing import StubTreq

from chatgw.accounts import Account
from chatgw.sim.socialminer.chat import Chat
from chatgw.test.whole import INTERVAL, SCRIPT, WholeTestCase
from chatgw.values import Notice, Notices

AGENT = "agent7901"
PSID = "1001"
UNSUPPORTED = "Sorry, we support only text messages and emojis."


class NoticesTestCase(WholeTestCase):
    def posts(self, path: str, **given: str) -> None:
        """Somebody does something on a page of Meta's, or its control API is told."""
        self._json(self._graph_stub, "POST", f"https://meta{path}", json={"psid": PSID, **given})

    def seen(self) -> list[str]:
        """What the agent's page shows of the customer's side, but for the first word."""
        state = self._json(self._desk_stub, "GET", f"https://desk/agent/api/state?agent={AGENT}")
        (chat,) = state["chats"]
        return [line["text"] for line in chat["lines"] if line["who"] == "customer"][1:]

    def _json(self, stub: StubTreq, method: str, url: str, **how: object) -> Any:
        answering = stub.request(method, url, reactor=self.clock, **how)  # type: ignore[attr-defined]
        self.settle()
        answer = self.successResultOf(answering)
        body = self.successResultOf(answer.content())
        self.assertEqual(answer.code, 200, body)
        return json.loads(body)


class TalkingTests(NoticesTestCase):
    """An agent is there."""

    def setUp(self) -> None:
        super().setUp()
        self.chat = self.talk(PSID)

    def test_a_photo_a_sticker_and_a_thumb_are_told_once_each(self) -> None:
        """chatwoot#10411: a like is an empty bubble; a sticker comes as two attachments."""
        for act in ("photo", "sticker", "like"):
            self.posts(f"/api/{act}")
        self.assertEqual(
            self.seen(),
            [
                f"[chatgw] The customer sent {what}."
                for what in ("a photo", "a sticker", "a thumbs-up")
            ],
        )

    def test_what_is_changed_or_taken_back_after_it_was_read(self) -> None:
        mid = self.meta.model.write(PSID, "my number is 123").mid
        self.settle()
        self.posts("/api/edit", mid=mid, text="my number is 1234")
        self.posts("/api/unsend", mid=mid)
        self.assertEqual(
            self.seen(),
            [
                "my number is 123",
                "[chatgw] The customer changed a message to: my number is 1234",
                "[chatgw] The customer took back a message.",
            ],
        )

    def test_an_answer_from_the_pages_inbox(self) -> None:
        """botframework-sdk#2260, botpress-messenger#69: a person in the inbox is unseen."""
        self.posts("/control/inbox", text="we have called you")
        told = "Someone answered the customer from the page's inbox: we have called you"
        self.assertEqual(self.seen(), [f"[chatgw] {told}"])

    def test_another_app_takes_the_thread(self) -> None:
        """BotFramework-dotnet#1522, chatwoot#4489."""
        owners = {"previous_owner_app_id": "1", "new_owner_app_id": "263902037430900"}
        self.meta.model.causes(PSID, "take_thread_control", owners)
        self.settle()
        (notice,) = self.seen()
        self.assertTrue(notice.startswith("[chatgw] Another app has taken over"), notice)

    def test_one_that_comes_twice_is_told_once(self) -> None:
        self.meta.webhooks.hold()
        self.posts("/api/photo")
        self.posts("/control/inbox", text="hello")
        events = [*(self.meta.webhooks._held or [])]
        self.meta.webhooks.release()
        for event in events:
            self.meta.webhooks.send(event)
        self.settle()
        self.assertEqual(len(self.seen()), 2)

    def test_those_that_are_off_are_not_told_and_the_others_begin_as_configured(self) -> None:
        notices = Notices("(gateway)", frozenset({Notice.INBOX}))
        account = Account(self.messenger, evolve(SCRIPT, notices=notices))
        self.registry.use(evolve(self.parts(), accounts={self.messenger.type: account}))
        self.posts("/api/photo")
        self.posts("/control/inbox", text="hello")
        told = "(gateway) Someone answered the customer from the page's inbox: hello"
        self.assertEqual(self.seen(), [told])
        read = self.meta.model.thread(PSID).texts(mine=False)
        self.assertIn(UNSUPPORTED, read, "the customer learns that it was not understood")

    def test_our_own_echoes_are_nobodys_answer(self) -> None:
        self.desk.model.say(self.chat.contact.id, AGENT, "hello")
        self.advance(INTERVAL)
        self.assertEqual(self.seen(), [])


class WaitingTests(NoticesTestCase):
    """No agent is there yet."""

    def waits(self) -> Chat:
        """The customer has written twice and waits."""
        self.person(PSID)
        self.write(PSID, "Hi")
        self.tap(PSID, "Billing")
        (chat,) = self.desk.model.waiting()
        return chat

    def meet(self, chat: Chat) -> None:
        """An agent takes the chat."""
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(INTERVAL)

    def test_what_is_changed_or_taken_back_is_read_as_it_then_stands(self) -> None:
        chat = self.waits()
        one, two = (self.meta.model.write(PSID, text).mid for text in ("one", "two"))
        self.settle()
        self.posts("/api/edit", mid=one, text="one, corrected")
        self.posts("/api/unsend", mid=two)
        self.write(PSID, "three")
        self.meet(chat)
        self.assertEqual(self.seen(), ["one, corrected", "three"])

    def test_the_rest_is_told_in_its_place_when_one_comes(self) -> None:
        chat = self.waits()
        self.posts("/api/photo")
        self.advance(1.0)
        self.write(PSID, "this is my bill")
        self.advance(1.0)
        self.posts("/control/inbox", text="we have seen it")
        self.meet(chat)
        photo, text, inbox = self.seen()
        self.assertEqual((photo, text), ("[chatgw] The customer sent a photo.", "this is my bill"))
        self.assertTrue(inbox.endswith("inbox: we have seen it"), inbox)

    def test_it_outlives_the_process(self) -> None:
        chat = self.waits()
        self.posts("/api/photo")
        self.restart()
        self.meet(chat)
        self.assertEqual(self.seen(), ["[chatgw] The customer sent a photo."])
