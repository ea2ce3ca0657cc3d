"""The agents' API and the files of their page."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatgw.test.socialminer_sim import AGENT, SimulatorTestCase

OTHER = "agent7902"


class AgentApiTestCase(SimulatorTestCase):
    def act(self, path: str, **values: object) -> int:
        """Does something as the agent; gives the status."""
        body = json.dumps({"agent": AGENT, **values})
        return self.call("POST", f"/agent/api/{path}", body).status

    def state(self, agent: str = AGENT) -> dict[str, Any]:
        """What an agent sees."""
        answer = self.call("GET", f"/agent/api/state?agent={agent}")
        self.assertEqual(answer.status, 200)
        state: dict[str, Any] = json.loads(answer.body)
        return state


class ChatTests(AgentApiTestCase):
    """A chat from the agent's side."""

    def test_a_chat_goes_from_waiting_to_finished_with_its_rating(self) -> None:
        chat, cookie = self.opened()
        self.clock.advance(7)
        contact = chat.contact.id
        state = self.state()
        shown = state["waiting"][0]
        self.assertEqual((shown["id"], shown["customer"]), (contact, "Amar Kumar"))
        self.assertEqual((shown["queue"], shown["queueName"]), ("4", "1162FBMQ1"))
        self.assertAlmostEqual(state["now"] - shown["since"], 7)

        self.assertEqual(self.act(f"contacts/{contact}/accept"), 200)
        self.call("PUT", "/ccp/chat", "<Message><body>Hi</body></Message>", cookie=cookie)
        self.assertEqual(self.act(f"contacts/{contact}/typing", status="composing"), 200)
        self.assertEqual(self.act(f"contacts/{contact}/say", text="Hello <b>& 안녕 😀"), 200)
        state = self.state()
        self.assertEqual((state["waiting"], len(state["chats"])), ([], 1))
        lines = [(line["who"], line["text"]) for line in state["chats"][0]["lines"]]
        self.assertEqual(lines, [("customer", "Hi"), (AGENT, "Hello <b>& 안녕 😀")])

        self.assertEqual(self.act(f"contacts/{contact}/leave"), 200)
        self.assertIsNone(self.state()["finished"][0]["rating"])
        self.call("PUT", "/ccp/chat/rating", "<r>4</r>", cookie=cookie)
        state = self.state()
        self.assertEqual((state["chats"], state["finished"][0]["rating"]), ([], 4))

    def test_a_transfer_moves_the_chat_to_the_other_agent(self) -> None:
        chat, _ = self.opened()
        contact = chat.contact.id
        self.assertEqual(self.act("login", agent=OTHER, queues=["5"]), 200)
        self.assertEqual(self.state()["others"], [OTHER])
        self.assertEqual(self.state(OTHER)["waiting"], [])
        self.act(f"contacts/{contact}/accept")
        self.assertEqual(self.act(f"contacts/{contact}/transfer", to=OTHER), 200)
        self.assertEqual([shown["id"] for shown in self.state(OTHER)["chats"]], [contact])
        self.assertEqual(self.state()["finished"][0]["agents"], [OTHER])

    def test_a_customer_who_types_leaves_or_is_gone_is_seen_to(self) -> None:
        chat, cookie = self.opened()
        self.act(f"contacts/{chat.contact.id}/accept")
        typing = "<TypingEvent><status>composing</status></TypingEvent>"
        self.call("PUT", "/ccp/chat/event", typing, cookie=cookie)
        self.assertTrue(self.state()["chats"][0]["customerTyping"])
        self.call("PUT", "/ccp/chat/leaveChat", cookie=cookie)
        self.assertFalse(self.state()["chats"][0]["customerPresent"])
        self.clock.advance(300)
        self.assertEqual(self.state()["chats"][0]["ended"], "inactivity")


class RefusalTests(AgentApiTestCase):
    """What agents cannot do."""

    def test_who_is_not_logged_in_has_no_state(self) -> None:
        self.assertEqual(self.act("logout"), 200)
        for agent in (AGENT, "nobody", ""):
            self.assertEqual(self.call("GET", f"/agent/api/state?agent={agent}").status, 404)
        self.assertEqual(self.call("GET", "/agent/api/state").status, 404)

    def test_what_is_not_possible_is_refused_in_words(self) -> None:
        chat, _ = self.opened()
        path = f"/agent/api/contacts/{chat.contact.id}"
        for action, values, complaint in (
            ("say", {"agent": AGENT, "text": "Hi"}, "agent7901 is not in this chat"),
            ("accept", {"agent": "nobody"}, "does not wait for nobody"),
            ("accept", {}, "agent: expected a text"),
            ("say", {"agent": AGENT, "text": " "}, "text: expected a text"),
            ("say", {"agent": AGENT, "text": "x" * 10_001}, "longer than 10000 characters"),
            ("dance", {"agent": AGENT}, "there is no action 'dance'"),
        ):
            with self.subTest(action=action, values=values):
                answer = self.call("POST", f"{path}/{action}", json.dumps(values))
                self.assertEqual(answer.status, 400)
                self.assertIn(complaint, json.loads(answer.body)["error"])
        self.assertEqual(self.act("login", queues="4"), 400)
        self.assertEqual(self.act("login", queues=["99"]), 400)

    @given(st.binary() | st.text() | st.dictionaries(st.text(), st.text()).map(json.dumps))
    def test_no_body_breaks_it(self, body: str | bytes) -> None:
        for path in ("login", "logout", "contacts/x/say"):
            self.assertIn(self.call("POST", f"/agent/api/{path}", body).status, (200, 400))

    def test_a_text_loses_what_xml_cannot_carry(self) -> None:
        chat, cookie = self.opened()
        contact = chat.contact.id
        self.act(f"contacts/{contact}/accept")
        self.assertEqual(self.act(f"contacts/{contact}/say", text="a\x00\ud800b"), 200)
        told = self.call("GET", "/ccp/chat", cookie=cookie).events()
        self.assertEqual(told[-1][1]["body"], "ab")


class PageTests(SimulatorTestCase):
    """The page's files."""

    def test_the_page_comes_with_all_it_asks_for_and_nothing_from_elsewhere(self) -> None:
        page = self.call("GET", "/agent?name=agent7901")
        self.assertEqual(page.header("content-type"), "text/html; charset=utf-8")
        self.assertIn("default-src 'self'", page.header("content-security-policy") or "")
        for path in ("/agent/agent.css", "/agent/agent.js"):
            self.assertIn(path.encode(), page.body)
        for path in ("/agent/agent.css", "/agent/agent.js", "/agent/view.js"):
            file = self.call("GET", path)
            self.assertEqual(file.status, 200)
            self.assertNotIn(b"://", file.body)
            self.assertNotIn(b"innerHTML", file.body)

    def test_no_other_file_can_be_read(self) -> None:
        for name in ("page.py", "..%2Fservice.py", "%2e%2e/faults.py", "nothing"):
            self.assertEqual(self.call("GET", f"/agent/{name}").status, 404)
