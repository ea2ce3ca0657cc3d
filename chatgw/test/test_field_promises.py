"""Texts lost, doubled or forgotten by other gateways, at a restart above all; one test each.

Through the whole gateway, between both simulators; threads as in the field notes.
"""

from __future__ import annotations

from chatgw.sim.faults import Fault
from chatgw.test.failing import FailingTestCase
from chatgw.test.whole import INTERVAL, WholeTestCase

AGENT = "agent7901"


class RestartTests(WholeTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.chat = self.talk("1001")

    def agent_says(self, *texts: str) -> None:
        """The agent writes."""
        for text in texts:
            self.desk.model.say(self.chat.contact.id, AGENT, text)

    def read(self) -> list[str]:
        """What the customer has read from the agent."""
        return self.meta.model.thread("1001").texts(mine=False)[3:]

    def heard(self) -> list[str]:
        """What the agent has read, but for the first word."""
        lines = self.desk.model.transcript(self.chat.contact.id)
        return [text for who, text in lines if who == "customer"][1:]

    def test_a_chat_goes_on_by_its_cookie_and_its_last_event(self) -> None:
        """The public Cisco sample, socialminer-sample-code#19: nothing else addresses a chat."""
        self.agent_says("before")
        self.advance(INTERVAL)
        self.restart()
        self.agent_says("after")
        self.write("1001", "still here")
        self.advance(INTERVAL)
        self.assertEqual((self.read(), self.heard()), (["before", "after"], ["still here"]))

    def test_what_was_queued_leaves_without_anything_new_being_said(self) -> None:
        """vumi-messenger: the queue's length began at 0, so that it waited for the next text."""
        self.meta.faults.script(Fault("message", "error", 1, code=613))
        self.agent_says("one", "two", "three")
        self.advance(INTERVAL)
        self.assertEqual(self.read(), [])
        self.restart()
        self.advance(INTERVAL)
        self.assertEqual(self.read(), ["one", "two", "three"])

    def test_the_cursor_and_what_it_passed_are_committed_together(self) -> None:
        """The predecessor: latestEventID moved on 10.6 s before the text was confirmed."""
        self.meta.faults.script(Fault("message", "hang"))
        self.agent_says("one", "two")
        self.advance(INTERVAL)
        self.assertEqual(self.read(), [])
        self.restart()
        self.advance(60.0)
        self.assertEqual(self.read(), ["one", "two"])

    def test_a_cursor_that_was_not_committed_has_not_moved(self) -> None:
        self.journal.holding = True
        self.agent_says("one")
        self.advance(INTERVAL)
        self.assertEqual(self.read(), [], "nothing leaves before it is committed")
        self.restart()
        self.advance(INTERVAL)
        self.assertEqual(self.read(), ["one"])

    def test_a_customers_text_read_from_the_queue_is_not_gone(self) -> None:
        """vumi-messenger's destructive LPOP."""
        self.desk.faults.script(Fault("message", "error", 2, status=503))
        self.write("1001", "one")
        self.write("1001", "two")
        self.assertEqual(self.heard(), [])
        self.restart()
        self.advance(INTERVAL)
        self.assertEqual(self.heard(), ["one", "two"])

    def test_who_waits_for_an_agent_goes_on_waiting(self) -> None:
        self.person("1002")
        self.write("1002", "Hi")
        self.tap("1002", "Billing")
        self.write("1002", "hello?")
        self.restart()
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told, ["Hi", "hello?"])
        self.assertEqual(len(self.desk.model.chats), 2)


class LostAnswerTests(WholeTestCase):
    """twisted#7843: a request on a pooled connection that the server had just closed."""

    def test_each_text_is_at_the_desk_once_whether_or_not_it_arrived(self) -> None:
        chat = self.talk("1001")
        for number, kind in enumerate(("lose", "hang", "lose", "garbage")):
            self.desk.faults.script(Fault("message", kind))
            self.write("1001", f"text {number}")
            self.advance(30.0)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)[1:]]
        self.assertEqual(told, [f"text {number}" for number in range(4)])

    def test_a_rating_whose_answer_is_lost_ends_the_chat_as_it_should(self) -> None:
        chat = self.talk("1001")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.desk.faults.script(Fault("rating", "lose"))
        self.tap("1001", "4")
        self.advance(INTERVAL)
        self.assertEqual(set(chat.ratings), {4}, "the same figure once more changes nothing")
        read = self.meta.model.thread("1001").texts(mine=False)
        self.assertEqual(read[-1], "Thank you for the feedback.")


class OnceTests(FailingTestCase):
    def test_a_rating_tapped_and_typed_is_one(self) -> None:
        """The predecessor sent it twice, and destroyed the session twice."""
        chat = self.talk("1001")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(self.interval)
        self.begin()
        self.desk.faults.script(Fault("rating", "delay", seconds=3.0))
        self.tap("1001", "5")
        self.write("1001", "5")
        self.write("1001", "4")
        self.advance(5.0)
        self.assertEqual(chat.ratings, [5])
        self.assertEqual(sum("Destroying session" in line for line in self.log), 1)
        self.assertEqual(self.registry.sessions, {})

    def test_the_agent_is_told_of_a_text_that_was_refused_and_reads_the_next(self) -> None:
        chat = self.talk("1001")
        self.refuse(100, times=1)
        self.say(chat, "refused", "accepted")
        self.advance(self.interval)
        self.assertEqual(self.read("1001")[-1], "accepted")
        self.assertEqual(len([one for one in self.told(chat) if '"refused"' in one]), 1)
