"""What the gateway itself was to say or ask, and what an operator does about dead letters."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatgw.sim.faults import Fault
from chatgw.test.failing import AGENT, CHANNEL, FOR_EVER, WHOLE_LIFE, FailingTestCase

GONE = "the customer cannot be reached any more or has blocked the page"


class OwnTextTests(FailingTestCase):
    """Nobody is told in the chat of what no person wrote; the log and the dead letters have it."""

    def test_a_welcome_that_fails_keeps_nobody_from_an_agent(self) -> None:
        self.person("1001")
        self.refuse(100, times=1)
        self.write("1001", "Hi")
        self.assertEqual(len(self.sent("1001")), 1, "the question")
        self.tap("1001", "Billing")
        self.assertEqual(len(self.desk.model.waiting()), 1)
        (dead,) = self.dead()
        self.assertEqual(dead[0], "bad request")

    def test_a_question_that_cannot_be_asked_is_answered_by_typing(self) -> None:
        self.person("1001")
        self.refuse(100, times=2)
        self.write("1001", "Hi")
        self.assertEqual(self.sent("1001"), [])
        self.write("1001", "billing")
        self.assertEqual(len(self.desk.model.waiting()), 1)

    def test_a_farewell_to_who_has_gone_is_a_dead_letter_and_the_chat_is_over(self) -> None:
        chat = self.talk("1001")
        self.begin()
        self.meta.model.block("1001")
        self.say(chat, "good-bye")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(self.interval)
        self.assertEqual([kind for kind, _ in self.dead()], ["recipient gone"] * 2)
        self.assertEqual(self.told(chat), [], "the agent has left: nobody would read it")
        self.assertEqual(self.troubles(), {})

    def test_typing_dots_that_fail_are_of_no_concern(self) -> None:
        chat = self.talk("1001")
        self.begin()
        self.meta.faults.script(Fault("sender_action", "error", FOR_EVER, code=100))
        self.desk.model.typing(chat.contact.id, AGENT, "composing")
        self.advance(self.interval)
        self.write("1001", "hello?")
        self.assertEqual((self.lines(), self.dead(), self.troubles()), ([], [], {}))
        self.assertEqual(self.told(chat), ["hello?"])


class NameTests(FailingTestCase):
    """botkit#1589, bootbot#164, chatwoot#2560, #5567, webexcc-digital-channels PR#10."""

    def test_a_name_that_is_not_given_is_no_trouble(self) -> None:
        self.begin()
        self.meta.faults.script(Fault("profile", "error", FOR_EVER, code=100, subcode=2018247))
        chat = self.talk("1001")
        self.assertEqual(chat.contact.request.author, "Customer")
        self.assertEqual([line for line in self.log if line.startswith("error")], [])
        self.assertEqual(self.registry.status.report()["state"], "CONFIGURED")

    def test_one_that_is_given_ends_no_trouble_with_messages(self) -> None:
        chat = self.talk("1001")
        self.begin()
        self.refuse(200, 2018028)
        self.say(chat, "one")
        self.advance(self.interval)
        self.person("1002")
        self.write("1002", "Hi")
        self.assertEqual(list(self.troubles()), [f"{CHANNEL} messages"])
        self.assertEqual(len([line for line in self.log if "No more trouble" in line]), 0)


class OperatorTests(FailingTestCase):
    """A dead letter is delivered once more, when its cause is mended."""

    def setUp(self) -> None:
        super().setUp()
        self.chat = self.talk("1001")
        self.begin()

    def redrive(self) -> None:
        """The operator redrives all there are, oldest first."""
        for letter in self.registry.dead_letters():
            redriven = self.registry.dead_letters.redrive(letter.effect.id)
            self.successResultOf(Deferred.fromCoroutine(redriven))
        self.settle()

    def test_what_failed_while_the_token_was_wrong_arrives_in_order(self) -> None:
        self.refuse(190, 463)
        self.say(self.chat, "one", "two")
        self.advance(self.interval + WHOLE_LIFE)
        self.assertEqual(self.dead(), [("credentials", "one"), ("expired", "two")])
        self.mend()
        self.registry.use(self.parts())
        self.redrive()
        self.assertEqual(self.read("1001"), ["one", "two"])
        self.assertEqual((self.dead(), self.troubles()), ([], {}))

    def test_it_can_fail_again(self) -> None:
        self.meta.model.block("1001")
        self.say(self.chat, "one")
        self.advance(self.interval)
        self.redrive()
        self.assertEqual(self.dead(), [("recipient gone", "one")])
        self.assertEqual(self.told(self.chat), [f'[chatgw] Not delivered: "one" ({GONE})'] * 2)

    def test_it_outlives_the_process(self) -> None:
        self.meta.model.block("1001")
        self.say(self.chat, "one")
        self.advance(self.interval)
        self.restart()
        self.meta.model.block("1001", blocked=False)
        self.redrive()
        self.assertEqual((self.read("1001"), self.dead()), (["one"], []))
