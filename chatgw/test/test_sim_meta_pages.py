"""The customer's page and the control API, over HTTP."""

from __future__ import annotations

import json
from typing import Any

from chatgw.test.test_sim_meta_simulator import PSID, MetaSetting


class PagesSetting(MetaSetting):
    def get(self, path: str) -> Any:
        return self.successResultOf(self.asking("GET", path))

    def do(self, act: str, **given: object) -> int:
        return self.ask("POST", f"/api/{act}", {"psid": PSID, **given})[0]

    def control(self, act: str, given: object) -> int:
        return self.ask("POST", f"/control/{act}", given)[0]

    def thread(self) -> Any:
        return json.loads(self.get(f"/api/thread?psid={PSID}").body)


class CustomerPageTests(PagesSetting):
    def test_the_page_makes_its_customer_known(self) -> None:
        answer = self.get("/customer?psid=77&name=Jo%20van%20Dam")
        self.assertEqual(answer.status, 200)
        customer = self.sim.model.thread("77").customer
        self.assertEqual((customer.first_name, customer.last_name), ("Jo", "van Dam"))

    def test_without_a_psid_one_is_made_up(self) -> None:
        answer = self.get("/customer")
        self.assertEqual(answer.status, 302)
        place = (answer.headers.getRawHeaders("location") or [""])[0]
        self.assertEqual(self.get(place).status, 200)
        self.assertEqual(len(self.sim.model.threads), 2)

    def test_a_psid_that_is_none_is_refused(self) -> None:
        self.assertEqual(self.get("/customer?psid=%3Cb%3E").status, 400)

    def test_style_and_script_are_the_simulators_own(self) -> None:
        self.assertEqual(self.get("/customer/customer.css").status, 200)
        script = self.get("/customer/customer.js").body
        self.assertNotIn(b"innerHTML", script)
        self.assertNotIn(b"//", b"".join(line.split(b"// ")[0] for line in script.splitlines()))
        self.assertEqual(self.get("/customer/customer.py").status, 404)

    def test_each_act_of_the_customer_reaches_the_thread(self) -> None:
        self.assertEqual(self.do("start"), 200)
        for act in ("sticker", "photo", "like"):
            self.assertEqual(self.do(act), 200)
        self.assertEqual(self.do("write", text="Hi <b> 😕"), 200)
        kinds = [bubble["kind"] for bubble in self.thread()["bubbles"]]
        self.assertEqual(kinds, ["sticker", "photo", "like", "text"])
        self.assertEqual(self.thread()["bubbles"][-1]["text"], "Hi <b> 😕")

    def test_chips_are_on_offer_until_one_is_tapped(self) -> None:
        self.do("write", text="Hi")
        self.say("?", quick_replies=[{"content_type": "text", "title": "Yes", "payload": "Y"}])
        self.assertEqual(self.thread()["chips"], [{"title": "Yes", "payload": "Y"}])
        self.assertEqual(self.do("tap", choice="Y"), 200)
        self.assertEqual(self.thread()["chips"], [])
        self.assertEqual(self.do("tap", choice="Y"), 404)

    def test_typing_and_seen_are_shown(self) -> None:
        self.do("write", text="Hi")
        for action in ("typing_on", "mark_seen"):
            data = {"recipient": {"id": PSID}, "sender_action": action}
            self.ask("POST", "/me/messages", data)
        self.assertTrue(self.thread()["typing"])
        self.assertEqual(self.thread()["bubbles"][0]["mark"], "seen")

    def test_messages_are_reacted_to_edited_and_taken_back(self) -> None:
        self.do("write", text="Hi")
        mid = self.thread()["bubbles"][0]["mid"]
        self.do("react", mid=mid, emoji="❤")
        self.do("edit", mid=mid, text="Hello")
        bubble = self.thread()["bubbles"][0]
        self.assertEqual(
            (bubble["reaction"], bubble["text"], bubble["edited"]), ("❤", "Hello", True)
        )
        self.do("unsend", mid=mid)
        self.assertTrue(self.thread()["bubbles"][0]["unsent"])

    def test_looking_at_the_thread_is_told_as_read(self) -> None:
        self.do("write", text="Hi")
        self.say("Hello")
        self.do("seen")
        self.assertIn("read", self.items()[-1])

    def test_what_is_wrong_is_refused_and_does_nothing(self) -> None:
        for text in ("", "  ", 7, None, ["Hi"], "x" * 20_001):
            self.assertEqual(self.do("write", text=text), 400)
        self.assertEqual(self.do("dance"), 404)
        self.assertEqual(self.ask("POST", "/api/write", {"psid": "4711", "text": "Hi"})[0], 404)
        self.assertEqual(self.ask("POST", "/api/write", ["Hi"])[0], 400)
        self.assertEqual(self.get("/api/thread?psid=4711").status, 404)
        self.assertEqual(self.items(), [])


class ControlTests(PagesSetting):
    def test_faults_are_scripted_listed_and_forgotten(self) -> None:
        fault = {"operation": "message", "kind": "error", "code": 190, "subcode": 463}
        self.assertEqual(self.control("faults", fault), 200)
        self.assertEqual(self.ask("GET", "/control/faults")[1][0]["subcode"], 463)
        self.sim.model.write(PSID, "Hi")
        self.assertEqual(self.say("Hello")[1]["error"]["error_subcode"], 463)
        self.control("faults", fault)
        self.assertEqual(self.ask("DELETE", "/control/faults"), (200, []))

    def test_events_are_held_and_released(self) -> None:
        self.control("hold", {})
        self.do("write", text="1")
        self.do("write", text="2")
        self.assertEqual(self.posted, [])
        self.assertEqual(self.control("release", {"per_entry": 2}), 200)
        self.assertEqual((len(self.posted), self.texts()), (1, ["1", "2"]))

    def test_any_json_can_be_posted_to_the_webhook(self) -> None:
        self.control("post", {"object": "page", "entry": []})
        self.assertEqual(self.posted[0][0], b'{"object":"page","entry":[]}')

    def test_a_customer_is_made_known_blocks_and_is_written_to_from_the_inbox(self) -> None:
        self.control("customer", {"psid": "77", "first_name": "Jo", "last_name": ""})
        self.control("inbox", {"psid": "77", "text": "Hello Jo"})
        self.control("block", {"psid": "77"})
        self.assertTrue(self.sim.model.thread("77").blocked)
        threads = self.ask("GET", "/control/threads")[1]
        self.assertEqual([one["customer"]["name"] for one in threads], ["Mina Park", "Jo"])
        self.assertEqual(threads[1]["bubbles"][0]["text"], "Hello Jo")

    def test_usage_is_set(self) -> None:
        self.assertEqual(self.control("usage", {"call_count": 95}), 200)
        self.assertEqual(self.sim.account.usage.call_count, 95)

    def test_what_is_wrong_is_refused(self) -> None:
        wrong: list[tuple[str, object]] = [
            ("usage", {"calls": 1}),
            ("usage", {"call_count": "95"}),
            ("usage", []),
            ("release", {"per_entry": 0}),
            ("release", []),
            ("customer", {"psid": "77"}),
            ("inbox", {"psid": PSID}),
            ("block", {}),
        ]
        for act, given in wrong:
            self.assertEqual(self.control(act, given), 400, (act, given))
        self.assertEqual(self.control("dance", {}), 404)
        self.assertEqual(self.control("block", {"psid": "4711"}), 404)
