"""The Send API: Meta's limits, windows, sender actions, echoes and receipts."""

from __future__ import annotations

from typing import Any

from chatgw.sim.meta.sending import PAGE_INBOX
from chatgw.test.test_sim_meta_simulator import NOW, PAGE, PSID, MetaSetting

DAY = 24 * 3600.0


def chips(count: int, title: str = "yes", payload: str = "Y") -> list[dict[str, str]]:
    return [{"content_type": "text", "title": title, "payload": payload}] * count


class SendingSetting(MetaSetting):
    def setUp(self) -> None:
        super().setUp()
        self.sim.model.write(PSID, "Hi")
        self.thread = self.sim.model.thread(PSID)

    def send(self, **members: Any) -> tuple[int, int, int]:
        """The page's app sends: HTTP status, code and subcode (0 and 0 if it was taken)."""
        data = {"recipient": {"id": PSID}, **members}
        status, answer = self.ask("POST", "/v25.0/me/messages", data)
        error = answer.get("error", {})
        return status, error.get("code", 0), error.get("error_subcode", 0)

    def act(self, action: str, **payload: str) -> tuple[int, int, int]:
        return self.send(sender_action=action, payload=payload or None)


class LimitTests(SendingSetting):
    TAKEN = (200, 0, 0)
    REFUSED = (400, 100, 0)

    def test_a_text_has_2000_utf16_units_at_most(self) -> None:
        self.assertEqual(self.send(message={"text": "é" * 2000}), self.TAKEN)
        self.assertEqual(self.send(message={"text": "é" * 2001}), self.REFUSED)
        self.assertEqual(self.send(message={"text": "😕" * 1000}), self.TAKEN)
        self.assertEqual(self.send(message={"text": "😕" * 1001}), self.REFUSED)

    def test_there_are_13_quick_replies_at_most(self) -> None:
        self.assertEqual(self.send(message={"text": "?", "quick_replies": chips(13)}), self.TAKEN)
        self.assertEqual(self.send(message={"text": "?", "quick_replies": chips(14)}), self.REFUSED)

    def test_a_title_is_cut_at_20_characters_and_a_long_payload_refused(self) -> None:
        self.send(
            message={"text": "?", "quick_replies": chips(1, title="Delivery and returns too")}
        )
        self.assertEqual(self.thread.chips[0].title, "Delivery and returns")
        offered = chips(1, payload="x" * 1001)
        self.assertEqual(self.send(message={"text": "?", "quick_replies": offered}), self.REFUSED)

    def test_a_quick_reply_needs_its_members(self) -> None:
        wrongs: list[Any] = ["yes", [1], [{}], [{"content_type": "text", "title": ""}]]
        for wrong in [*wrongs, [chips(1)]]:
            refused = self.send(message={"text": "?", "quick_replies": wrong})
            self.assertEqual(refused, self.REFUSED)

    def test_a_message_is_a_text_or_an_attachment(self) -> None:
        attachment = {"type": "image", "payload": {"url": "https://a.example/1.jpg"}}
        self.assertEqual(self.send(message={"attachment": attachment}), self.TAKEN)
        wrongs: list[Any] = [{}, {"text": ""}, {"text": 1}, "Hello", [], 7]
        for wrong in [*wrongs, {"text": "a", "attachment": attachment}]:
            self.assertEqual(self.send(message=wrong), self.REFUSED)
        self.assertEqual(self.send(), self.REFUSED)

    def test_metadata_has_fewer_than_1000_characters(self) -> None:
        self.assertEqual(self.send(message={"text": "a", "metadata": "m" * 999}), self.TAKEN)
        self.assertEqual(self.send(message={"text": "a", "metadata": "m" * 1000}), self.REFUSED)

    def test_a_sender_action_is_sent_alone(self) -> None:
        both = self.send(message={"text": "a"}, sender_action="typing_on")
        self.assertEqual(both, (400, 100, 2018014))

    def test_an_unknown_customer_and_one_who_blocked_the_page_are_not_reached(self) -> None:
        status, answer = self.ask("POST", "/me/messages", {"recipient": {"id": "4711"}})
        self.assertEqual((status, answer["error"]["error_subcode"]), (400, 2018001))
        self.sim.model.block(PSID)
        self.assertEqual(self.send(message={"text": "a"}), (403, 551, 1545041))

    def test_a_recipient_is_needed(self) -> None:
        status, answer = self.ask("POST", "/me/messages", {"message": {"text": "a"}})
        self.assertEqual((status, answer["error"]["code"]), (400, 100))

    def test_the_messaging_type_may_be_missing_but_not_made_up(self) -> None:
        self.assertEqual(self.send(message={"text": "a"}, messaging_type="RESPONSE"), self.TAKEN)
        self.assertEqual(self.send(message={"text": "a"}, messaging_type="HELLO"), self.REFUSED)

    def test_only_the_tag_of_human_agents_is_left(self) -> None:
        tagged = {"message": {"text": "a"}, "messaging_type": "MESSAGE_TAG"}
        self.assertEqual(self.send(**tagged, tag="HUMAN_AGENT"), self.TAKEN)
        self.assertEqual(self.send(**tagged, tag="ACCOUNT_UPDATE"), self.REFUSED)

    def test_the_window_closes_after_a_day_and_for_agents_after_a_week(self) -> None:
        tagged = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        self.clock.advance(DAY + 1)
        self.assertEqual(self.send(message={"text": "a"}), (403, 10, 2018278))
        self.assertEqual(self.send(message={"text": "a"}, **tagged), self.TAKEN)
        self.clock.advance(6 * DAY)
        self.assertEqual(self.send(message={"text": "a"}, **tagged), (403, 10, 2018278))
        self.sim.model.write(PSID, "Me again")
        self.assertEqual(self.send(message={"text": "a"}), self.TAKEN)


class ActionTests(SendingSetting):
    def typing(self) -> bool:
        return self.clock.seconds() < self.thread.typing_until

    def test_typing_ends_when_told_at_a_message_and_after_20_s(self) -> None:
        self.act("typing_on")
        self.assertTrue(self.typing())
        self.act("typing_off")
        self.assertFalse(self.typing())
        self.act("typing_on")
        self.say("Hello")
        self.assertFalse(self.typing())
        self.act("typing_on")
        self.clock.advance(19.9)
        self.assertTrue(self.typing())
        self.clock.advance(0.1)
        self.assertFalse(self.typing())

    def test_mark_seen_marks_what_the_customer_wrote_so_far(self) -> None:
        self.act("mark_seen")
        self.sim.model.write(PSID, "And?")
        self.assertEqual([bubble.mark for bubble in self.thread.bubbles], ["seen", "delivered"])

    def test_actions_are_noted_with_their_times_and_answered_without_a_message_id(self) -> None:
        data = {"recipient": {"id": PSID}, "sender_action": "typing_on"}
        self.assertEqual(self.ask("POST", "/me/messages", data), (200, {"recipient_id": PSID}))
        self.assertEqual(self.thread.actions, [(NOW, "typing_on")])

    def test_the_page_reacts_and_takes_it_back(self) -> None:
        mid = self.thread.bubbles[0].mid
        self.act("react", message_id=mid, reaction="👍")
        self.assertEqual(self.thread.bubbles[0].reaction, "👍")
        self.act("unreact", message_id=mid)
        self.assertEqual(self.thread.bubbles[0].reaction, "")

    def test_an_unknown_action_or_message_is_refused(self) -> None:
        self.assertEqual(self.act("dance"), (400, 100, 0))
        self.assertEqual(self.act("react", message_id="m_none", reaction="👍"), (400, 100, 0))
        self.assertEqual(self.act("react"), (400, 100, 0))
        self.assertEqual(self.send(sender_action=["typing_on"]), (400, 100, 0))


class ReceiptTests(SendingSetting):
    def test_what_the_page_sends_is_echoed_with_app_id_and_metadata_and_delivered(self) -> None:
        mid = self.say("Hello", metadata="gw:7")[1]["message_id"]
        echo, delivery = self.items()[1:]
        self.assertEqual((echo["sender"], echo["recipient"]), ({"id": PAGE}, {"id": PSID}))
        wanted = {
            "is_echo": True,
            "app_id": int(self.sim.account.app_id),
            "mid": mid,
            "text": "Hello",
            "metadata": "gw:7",
        }
        self.assertEqual(echo["message"], wanted)
        self.assertEqual(delivery["delivery"], {"mids": [mid], "watermark": int(NOW * 1000)})
        self.assertNotIn("timestamp", delivery)

    def test_what_a_person_types_in_the_pages_inbox_is_echoed_as_another_apps(self) -> None:
        self.sim.sending.write_from_inbox(PSID, "I take over")
        self.assertEqual(self.items()[1]["message"]["app_id"], int(PAGE_INBOX))
        self.assertEqual(self.thread.texts(mine=False), ["I take over"])
