"""Faults scripted for SocialMiner's operations."""

from __future__ import annotations

from twisted.web.client import ResponseNeverReceived

from chatgw.sim.faults import Fault
from chatgw.test.socialminer_sim import AGENT, ORDER, SimulatorTestCase

OPERATIONS = (
    ("create", "POST", "/ccp/chat", ORDER),
    ("events", "GET", "/ccp/chat", ""),
    ("message", "PUT", "/ccp/chat", "<Message><body>Hi</body></Message>"),
    ("typing", "PUT", "/ccp/chat/event", "<TypingEvent><status>paused</status></TypingEvent>"),
    ("leaveChat", "PUT", "/ccp/chat/leaveChat", ""),
    ("rating", "PUT", "/ccp/chat/rating", "<r>5</r>"),
    ("delete", "DELETE", "/ccp/chat", ""),
)


class FaultTests(SimulatorTestCase):
    """Each operation can go wrong by its name."""

    def say(self, cookie: str, text: str) -> None:
        body = f"<Message><body>{text}</body></Message>"
        self.assertEqual(self.call("PUT", "/ccp/chat", body, cookie=cookie).status, 200)

    def test_every_operation_goes_by_its_name(self) -> None:
        _, cookie = self.opened()
        for name, method, path, body in OPERATIONS:
            with self.subTest(operation=name):
                self.sim.faults.script(Fault(name, "error", status=503))
                refused = self.call(method, path, body, cookie=cookie)
                self.assertEqual(refused.status, 503)
                self.assertEqual(refused.xml().tag, "apiErrors")
                self.assertIn(self.call(method, path, body, cookie=cookie).status, (200, 201))

    def test_a_scripted_404_looks_like_a_session_that_is_gone(self) -> None:
        _, cookie = self.opened()
        self.sim.faults.script(Fault("events", "error", status=404))
        answer = self.call("GET", "/ccp/chat", cookie=cookie)
        self.assertEqual(answer.xml().findtext("apiError/errorType"), "notFound")

    def test_a_chat_whose_answer_is_lost_is_open(self) -> None:
        self.sim.faults.script(Fault("create", "lose"))
        calling = self.calling("POST", "/ccp/chat", ORDER)
        self.stub.flush()
        self.failureResultOf(calling, ResponseNeverReceived)
        self.assertEqual(len(self.centre.waiting(AGENT)), 1)

    def test_a_duplicate_creation_opens_two_chats_and_names_the_second(self) -> None:
        self.sim.faults.script(Fault("create", "duplicate"))
        chat, _ = self.opened()
        self.assertEqual(self.centre.waiting(AGENT).index(chat), 1)

    def test_a_slow_creation_takes_its_time(self) -> None:
        self.sim.faults.script(Fault("create", "delay", seconds=2.8))
        calling = self.calling("POST", "/ccp/chat", ORDER)
        self.assertNoResult(calling)
        self.clock.advance(2.8)
        self.stub.flush()
        self.assertEqual(self.successResultOf(calling).status, 201)

    def test_events_come_twice_or_the_last_one_first(self) -> None:
        chat, cookie = self.opened()
        self.centre.accept(chat.contact.id, AGENT)
        for kind, ids in (("duplicate", "1122"), ("reorder", "21"), ("", "12")):
            if kind:
                self.sim.faults.script(Fault("events", kind))
            told = self.call("GET", "/ccp/chat", cookie=cookie).events()
            self.assertEqual("".join(event["id"] or "" for _, event in told), ids)

    def test_a_message_is_heard_twice_or_after_the_next(self) -> None:
        chat, cookie = self.opened()
        self.sim.faults.script(Fault("message", "duplicate"))
        self.say(cookie, "a")
        self.sim.faults.script(Fault("message", "reorder"))
        self.say(cookie, "b")
        self.assertEqual([line.text for line in chat.lines], ["a", "a"])
        self.say(cookie, "c")
        self.say(cookie, "d")
        self.assertEqual([line.text for line in chat.lines], ["a", "a", "c", "b", "d"])

    def test_faults_are_scripted_over_http(self) -> None:
        fault = '{"operation": "create", "kind": "error", "status": 500, "body": "<oops/>"}'
        self.assertEqual(self.call("POST", "/control/faults", fault).status, 200)
        answer = self.call("POST", "/ccp/chat", ORDER)
        self.assertEqual((answer.status, answer.body), (500, b"<oops/>"))
