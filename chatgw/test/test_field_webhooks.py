"""What went wrong in other gateways' webhooks, one test each; threads as in the field notes.

Through the whole gateway, between both simulators.
"""

from __future__ import annotations

from collections.abc import Callable

from chatgw.sim.faults import Fault
from chatgw.sim.meta.signing import escaped
from chatgw.test.whole import INTERVAL, PAGE, WholeTestCase

AGENT = "agent7901"
UNSUPPORTED = "Sorry, we support only text messages and emojis."


class DuplicateTests(WholeTestCase):
    """chatwoot PR#13359, #13523, #14058, #10798: one delivery more is nothing more."""

    def chat_is_as_it_should_be(self, fault: Callable[[], Fault]) -> None:
        """Runs a chat in which this befalls each of the customer's deliveries."""
        thread = self.person("1001")

        def befalls() -> None:
            self.meta.faults.script(fault())

        befalls()
        self.write("1001", "Hi")
        befalls()
        self.tap("1001", "Billing")
        self.advance(1.0)
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        befalls()
        self.write("1001", "I need help")
        self.advance(1.0)
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        befalls()
        self.tap("1001", "5")
        self.advance(1.0)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told, ["Hi", "I need help"])
        self.assertEqual(chat.ratings, [5])
        self.assertEqual(len(self.desk.model.chats), 1)
        self.assertEqual(len(thread.texts(mine=False)), 5)
        self.assertEqual(self.registry.sessions, {})

    def test_each_delivery_twice(self) -> None:
        self.chat_is_as_it_should_be(lambda: Fault("webhook", "duplicate"))

    def test_each_answer_lost_so_that_it_is_delivered_again(self) -> None:
        self.chat_is_as_it_should_be(lambda: Fault("webhook", "lose"))

    def test_nonsense_before_each_delivery(self) -> None:
        self.chat_is_as_it_should_be(lambda: Fault("webhook", "garbage"))

    def test_the_first_two_messages_in_the_wrong_order_open_one_chat(self) -> None:
        self.person("1001")
        self.meta.faults.script(Fault("webhook", "reorder"))
        self.write("1001", "one")
        self.write("1001", "two")
        self.assertEqual(len(self.registry.sessions), 1)
        self.tap("1001", "Billing")
        self.assertEqual(len(self.desk.model.chats), 1)


class BatchTests(WholeTestCase):
    """messenger-bot-rails#7, bottery#164: batched entries lost."""

    def test_three_entries_of_four_events_reach_the_agent_in_order(self) -> None:
        chat = self.talk("1001")
        self.meta.webhooks.hold()
        texts = [f"text {number}" for number in range(12)]
        for text in texts:
            self.write("1001", text)
        posted = len(self.statuses)
        self.meta.webhooks.release(4)
        self.settle()
        self.assertEqual(self.statuses[posted], 200)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told[1:], texts)

    def test_what_is_on_standby_is_for_somebody_else(self) -> None:
        """BotFramework-dotnet#1522, chatwoot#4489: one entry may hold both."""
        chat = self.talk("1001")

        def item(mid: str, text: str) -> dict[str, object]:
            ends = {"sender": {"id": "1001"}, "recipient": {"id": PAGE}}
            return {**ends, "timestamp": 1, "message": {"mid": mid, "text": text}}

        entry = {
            "id": PAGE,
            "time": 1,
            "standby": [item("m_a", "not for us")],
            "messaging": [item("m_b", "for us")],
        }
        self.meta.webhooks.send_body(escaped({"object": "page", "entry": [entry]}))
        self.settle()
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told, ["Hi from 1001", "for us"])

    def test_emoji_accents_and_slashes_pass_the_signature(self) -> None:
        """messenger4j#16, octokit/webhooks#1155, whatsapp-api-js#290 and #380."""
        chat = self.talk("1001")
        text = "é ä 👍🏽 https://x/?a=1%20&b=<@> \\u00e9"
        self.write("1001", text)
        self.assertEqual(set(self.statuses), {200})
        self.assertEqual(self.desk.model.transcript(chat.contact.id)[-1][1], text)


class EchoTests(WholeTestCase):
    """botframework-sdk#2260, botpress-messenger#69: an echo that is answered is a loop."""

    def test_neither_ours_nor_anybody_elses_is_answered(self) -> None:
        chat = self.talk("1001")
        thread = self.meta.model.thread("1001")
        self.desk.model.say(chat.contact.id, AGENT, "hello")
        self.advance(INTERVAL)
        self.meta.sending.write_from_inbox("1001", "typed in the page's inbox")
        before = len(thread.bubbles)
        self.advance(10 * INTERVAL)
        self.assertEqual(len(thread.bubbles), before)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        notice = "[chatgw] Someone answered the customer from the page's inbox: "
        self.assertEqual(told, ["Hi from 1001", "hello", f"{notice}typed in the page's inbox"])

    def test_an_echo_to_a_stranger_opens_no_chat(self) -> None:
        self.person("1001")
        self.meta.sending.write_from_inbox("1001", "we shall call you")
        self.settle()
        self.assertEqual(self.registry.sessions, {})

    def test_an_echo_whose_answer_is_lost_is_not_followed_by_the_text_again(self) -> None:
        """Hexabot#746, chatwoot PR#12032: the echo may be all that comes."""
        chat = self.talk("1001")
        self.meta.faults.script(Fault("message", "lose"))
        self.desk.model.say(chat.contact.id, AGENT, "once")
        self.desk.model.say(chat.contact.id, AGENT, "afterwards")
        self.advance(10 * INTERVAL)
        told = self.meta.model.thread("1001").texts(mine=False)
        self.assertEqual(told[-2:], ["once", "afterwards"])


class KindTests(WholeTestCase):
    def test_what_is_no_text_is_told_once_and_never_forwarded_empty(self) -> None:
        """chatwoot#10411, #8158, #8656: a like is an empty bubble."""
        chat = self.talk("1001")
        model, thread = self.meta.model, self.meta.model.thread("1001")
        for send in (
            model.send_sticker,
            model.send_like,
            model.send_photo,
            lambda psid: model.send_location(psid, 37.5, 127.0),
        ):
            notices = thread.texts(mine=False).count(UNSUPPORTED)
            send("1001")
            self.settle()
            self.assertEqual(thread.texts(mine=False).count(UNSUPPORTED), notices + 1)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)[1:]]
        self.assertEqual(
            [text.startswith("[chatgw] The customer sent") for text in told], [True] * 4
        )

    def test_reactions_receipts_and_changes_are_answered_by_nothing(self) -> None:
        chat = self.talk("1001")
        model, thread = self.meta.model, self.meta.model.thread("1001")
        before = len(thread.texts(mine=False))
        mid = model.write("1001", "helo").mid
        model.react("1001", thread.bubbles[0].mid, "👍")
        model.react("1001", thread.bubbles[0].mid, "")
        model.edit("1001", mid, "hello")
        model.unsend("1001", mid)
        model.read("1001")
        self.advance(INTERVAL)
        self.assertEqual(len(thread.texts(mine=False)), before)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told[:2], ["Hi from 1001", "helo"])
        self.assertEqual([text.partition(" ")[0] for text in told[2:]], ["[chatgw]"] * 2)

    def test_no_tag_is_on_anything_sent_in_a_chat(self) -> None:
        """chatwoot#15887, erxes PR#9177."""
        chat = self.talk("1001")
        self.desk.model.say(chat.contact.id, AGENT, "hello")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        sent = [one for one in self.meta.model.thread("1001").bubbles if not one.mine]
        self.assertEqual({(one.messaging_type, one.tag) for one in sent}, {("RESPONSE", "")})
