"""Facebook in trouble, one test for each complaint; threads as in the field notes.

Through the whole gateway, between both simulators.
"""

from __future__ import annotations

from chatgw.sim.faults import Fault
from chatgw.sim.meta.account import Usage
from chatgw.test.whole import INTERVAL, WholeTestCase

AGENT = "agent7901"


class OrderTests(WholeTestCase):
    """chatwoot#12661, #3608, PraisonAI#2909: a retry keeps its place."""

    def test_texts_arrive_in_order_through_a_spell_of_failures(self) -> None:
        chat = self.talk("1001")
        self.meta.faults.script(Fault("message", "error", 3, code=2))
        texts = [f"text {number}" for number in range(4)]
        for text in texts:
            self.desk.model.say(chat.contact.id, AGENT, text)
        self.advance(60.0)
        self.assertEqual(self.meta.model.thread("1001").texts(mine=False)[-4:], texts)

    def test_a_long_text_arrives_whole_through_a_failure_in_its_middle(self) -> None:
        chat = self.talk("1001")
        before = len(self.meta.model.thread("1001").texts(mine=False))
        long = " ".join(f"word{number}" for number in range(900))
        self.meta.faults.script(Fault("message", "delay", seconds=0.5))
        self.meta.faults.script(Fault("message", "error", code=1200))
        self.desk.model.say(chat.contact.id, AGENT, long)
        self.desk.model.say(chat.contact.id, AGENT, "after it")
        self.advance(60.0)
        *parts, last = self.meta.model.thread("1001").texts(mine=False)[before:]
        self.assertEqual((" ".join(parts), last), (long, "after it"))

    def test_a_throttled_text_waits_as_long_as_facebook_asks(self) -> None:
        chat = self.talk("1001")
        thread = self.meta.model.thread("1001")
        self.meta.account.usage = Usage(estimated_time_to_regain_access=2)
        self.meta.faults.script(Fault("message", "error", code=80006))
        self.desk.model.say(chat.contact.id, AGENT, "later")
        self.advance(INTERVAL + 110.0)
        self.assertNotIn("later", thread.texts(mine=False))
        self.advance(20.0)
        self.assertEqual(thread.texts(mine=False)[-1], "later")


class FinalTests(WholeTestCase):
    def test_what_cannot_be_sent_is_not_tried_again_and_holds_nothing_up(self) -> None:
        chat = self.talk("1001")
        finals = ((10, 2018278), (551, 1545041), (100, 0), (2018300, 0), (200, 2018028))
        for code, subcode in finals:
            self.meta.faults.script(Fault("message", "error", code=code, subcode=subcode))
            self.desk.model.say(chat.contact.id, AGENT, f"refused with {code}")
        self.desk.model.say(chat.contact.id, AGENT, "accepted")
        self.advance(INTERVAL)
        told = self.meta.model.thread("1001").texts(mine=False)
        self.assertEqual([text for text in told if "refused" in text], [])
        self.assertEqual(told[-1], "accepted")

    def test_a_customer_who_blocked_the_page_slows_nobody(self) -> None:
        one, other = self.talk("1001"), self.talk("1002")
        self.meta.model.block("1001")
        self.desk.model.say(one.contact.id, AGENT, "are you there?")
        self.desk.model.say(other.contact.id, AGENT, "hello")
        self.advance(INTERVAL)
        self.assertEqual(self.meta.model.thread("1002").texts(mine=False)[-1], "hello")


class TypingTests(WholeTestCase):
    """The predecessor: "paused" 21 s late, after the message; chatwoot#14296: stuck on."""

    def test_dots_that_cannot_be_shown_in_time_are_not_shown(self) -> None:
        chat = self.talk("1001")
        thread = self.meta.model.thread("1001")
        self.meta.faults.script(Fault("message", "delay", seconds=8.0))
        self.desk.model.say(chat.contact.id, AGENT, "slow")
        self.desk.model.typing(chat.contact.id, AGENT, "composing")
        shown = len(thread.actions)
        self.advance(INTERVAL + 20.0)
        self.assertEqual(thread.texts(mine=False)[-1], "slow")
        self.assertEqual(thread.actions[shown:], [])

    def test_dots_are_gone_when_the_text_is_there(self) -> None:
        chat = self.talk("1001")
        self.desk.model.typing(chat.contact.id, AGENT, "composing")
        self.advance(INTERVAL)
        thread = self.meta.model.thread("1001")
        self.assertGreater(thread.typing_until, self.clock.seconds())
        self.desk.model.typing(chat.contact.id, AGENT, "paused")
        self.desk.model.say(chat.contact.id, AGENT, "here")
        self.advance(INTERVAL)
        self.assertEqual(thread.texts(mine=False)[-1], "here")
        self.assertLessEqual(thread.typing_until, self.clock.seconds())


class WelcomeTests(WholeTestCase):
    """RocketChat#14013 and the predecessor's own "Hi"; the welcome came 19.7 s after it."""

    def test_all_words_before_the_agent_came_are_told_with_the_first(self) -> None:
        self.meta.faults.script(Fault("profile", "hang"))
        self.person("1001")
        self.write("1001", "Hi")
        self.assertEqual(len(self.meta.model.thread("1001").texts(mine=False)), 2)
        self.tap("1001", "Billing")
        self.write("1001", "my order is late")
        self.advance(2.0)
        (chat,) = self.desk.model.waiting()
        self.write("1001", "hello?")
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told, ["Hi", "my order is late", "hello?"])

    def test_finding_an_expert_is_not_said_after_the_expert_came(self) -> None:
        self.person("1001")
        self.write("1001", "Hi")
        self.meta.faults.script(Fault("message", "error", 1, code=2))
        self.meta.faults.script(Fault("message", "error", 4, code=2))
        self.tap("1001", "Billing")
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(200.0)
        told = self.meta.model.thread("1001").texts(mine=False)
        self.assertNotIn("Just a moment...finding an expert to chat with you.", told)
