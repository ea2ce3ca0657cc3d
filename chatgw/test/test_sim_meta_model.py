"""What customers do, and what the page's app is told of it."""

from __future__ import annotations

from typing import Any

from chatgw.test.test_sim_meta_simulator import NOW, PAGE, PSID, MetaSetting

AT = int(NOW * 1000)
CHIPS = [
    {"content_type": "text", "title": "Delivery", "payload": "Q1"},
    {"content_type": "text", "title": "Billing", "payload": "Q2"},
]


class CustomerTests(MetaSetting):
    def last(self) -> dict[str, Any]:
        return self.items()[-1]

    def test_a_text_is_told_with_both_ids_the_time_and_its_own_id(self) -> None:
        bubble = self.sim.model.write(PSID, "Hi")
        wanted = {
            "sender": {"id": PSID},
            "recipient": {"id": PAGE},
            "timestamp": AT,
            "message": {"mid": bubble.mid, "text": "Hi"},
        }
        self.assertEqual(self.items(), [wanted])

    def test_a_quick_reply_can_be_tapped_by_title_and_then_is_gone(self) -> None:
        self.sim.model.write(PSID, "Hi")
        self.say("How can we help you?", quick_replies=CHIPS)
        bubble = self.sim.model.tap(PSID, "Billing")
        told = {"mid": bubble.mid, "text": "Billing", "quick_reply": {"payload": "Q2"}}
        self.assertEqual(self.last()["message"], told)
        self.assertRaises(LookupError, self.sim.model.tap, PSID, "Q1")

    def test_a_newer_message_takes_the_quick_replies_away(self) -> None:
        self.sim.model.write(PSID, "Hi")
        self.say("How can we help you?", quick_replies=CHIPS)
        self.say("Still there?")
        self.assertRaises(LookupError, self.sim.model.tap, PSID, "Q1")

    def test_a_sticker_comes_twice_while_meta_changes_over(self) -> None:
        def kinds() -> list[str]:
            self.sim.model.send_sticker(PSID)
            return [one["type"] for one in self.last()["message"]["attachments"]]

        self.assertEqual(kinds(), ["sticker", "image"])
        self.sim.model.stickers_twice = False
        self.assertEqual(kinds(), ["sticker"])

    def test_a_like_is_the_sticker_of_the_thumb(self) -> None:
        self.sim.model.send_like(PSID)
        payload = self.last()["message"]["attachments"][0]["payload"]
        self.assertEqual(payload["sticker_id"], 369239263222822)

    def test_a_photo_is_an_image_at_an_address(self) -> None:
        self.sim.model.send_photo(PSID, "https://scontent.example/1.jpg")
        [attachment] = self.last()["message"]["attachments"]
        wanted = {"type": "image", "payload": {"url": "https://scontent.example/1.jpg"}}
        self.assertEqual(attachment, wanted)

    def test_a_location_has_coordinates(self) -> None:
        self.sim.model.send_location(PSID, 37.5, 127.0)
        [attachment] = self.last()["message"]["attachments"]
        self.assertEqual(attachment["payload"]["coordinates"], {"lat": 37.5, "long": 127.0})

    def test_a_reaction_names_the_message_and_can_be_taken_back(self) -> None:
        mid = self.sim.model.write(PSID, "Hi").mid
        self.sim.model.react(PSID, mid, "❤\ufe0f")
        wanted = {"action": "react", "reaction": "love", "emoji": "❤\ufe0f", "mid": mid}
        self.assertEqual(self.last()["reaction"], wanted)
        self.sim.model.react(PSID, mid, "")
        self.assertEqual(self.last()["reaction"], {"action": "unreact", "mid": mid})

    def test_an_unsent_message_is_told_by_its_id_alone(self) -> None:
        bubble = self.sim.model.write(PSID, "Hi")
        self.sim.model.unsend(PSID, bubble.mid)
        self.assertEqual(self.last()["message"], {"mid": bubble.mid, "is_deleted": True})
        self.assertEqual((bubble.unsent, bubble.text), (True, ""))

    def test_a_message_is_edited_five_times_and_no_more(self) -> None:
        mid = self.sim.model.write(PSID, "Hi").mid
        for number in range(1, 6):
            self.sim.model.edit(PSID, mid, f"Hi {number}")
        self.assertEqual(self.last()["message_edit"], {"mid": mid, "text": "Hi 5", "num_edit": 5})
        self.assertRaises(ValueError, self.sim.model.edit, PSID, mid, "Hi 6")

    def test_only_the_customers_own_message_can_be_unsent(self) -> None:
        self.sim.model.write(PSID, "Hi")
        mid = self.say("Hello")[1]["message_id"]
        self.assertRaises(LookupError, self.sim.model.unsend, PSID, mid)

    def test_the_button_get_started_is_a_postback(self) -> None:
        self.sim.model.get_started(PSID)
        self.assertEqual(self.last()["postback"]["payload"], "GET_STARTED")

    def test_reading_is_told_once(self) -> None:
        self.sim.model.write(PSID, "Hi")
        self.say("Hello")
        before = len(self.items())
        self.sim.model.read(PSID)
        self.sim.model.read(PSID)
        self.assertEqual([item["read"] for item in self.items()[before:]], [{"watermark": AT}])

    def test_nobody_unknown_can_write(self) -> None:
        self.assertRaises(LookupError, self.sim.model.write, "4711", "Hi")

    def test_a_message_is_delivered_once_the_app_has_taken_it(self) -> None:
        self.answers = [503] * 4
        bubble = self.sim.model.write(PSID, "Hi")
        self.assertEqual(bubble.mark, "sent")
        self.clock.advance(5)
        self.assertEqual(bubble.mark, "delivered")

    def test_any_other_item_can_be_caused(self) -> None:
        self.sim.model.causes(PSID, "referral", {"ref": "ad-7", "type": "OPEN_THREAD"})
        self.assertEqual(self.last()["referral"]["ref"], "ad-7")
