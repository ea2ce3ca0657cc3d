"""The contact centre: queues, agents, timers."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.sim.socialminer.centre import ContactCentre
from chatgw.sim.socialminer.chat import Chat, NotPossibleError
from chatgw.sim.socialminer.contact import ChatRequest

A, B = "agent7901", "agent7902"


def told(chat: Chat) -> list[str]:
    """The events of a chat, each in a word or two."""
    return [" ".join(value for _, value in event.fields) for event in chat.events]


class CentreTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.centre = ContactCentre(self.clock)

    def open(self, queue: str = "4", author: str = "Amar Kumar") -> Chat:
        fields = {"ccxqueuetag": f"Chat_Csq{queue}"}
        return self.centre.open(ChatRequest("100029", author, "Chat", fields=fields))

    def served(self) -> tuple[Chat, str]:
        """A chat that agent A has accepted, and its contact's id."""
        self.centre.login(A)
        chat = self.open()
        self.centre.accept(chat.contact.id, A)
        return chat, chat.contact.id


class QueueTests(CentreTestCase):
    """Who is offered which chat."""

    def test_chats_wait_in_their_queue_in_the_order_they_came(self) -> None:
        self.centre.login(A, ["4", "5"])
        self.centre.login(B, ["6"])
        chats = [self.open(queue) for queue in "465"]
        self.assertEqual(self.centre.waiting(A), [chats[0], chats[2]])
        self.assertEqual(self.centre.waiting(B), [chats[1]])
        self.assertEqual(self.centre.waiting(), chats)
        self.assertEqual(self.centre.waiting("nobody"), [])

    def test_an_accepted_chat_waits_no_more(self) -> None:
        chat, contact = self.served()
        self.centre.login(B)
        self.assertEqual(self.centre.waiting(), [])
        self.assertRaises(NotPossibleError, self.centre.accept, contact, B)
        self.assertEqual(chat.agents, [A])

    def test_an_agent_cannot_accept_from_another_queue(self) -> None:
        self.centre.login(A, ["4"])
        self.centre.login(B, ["5"])
        contact = self.open("5").contact.id
        self.assertRaises(NotPossibleError, self.centre.accept, contact, A)

    def test_without_an_agent_for_its_queue_a_chat_is_rejected(self) -> None:
        self.centre.login(A, ["5"])
        for queue in ("4", "99", ""):
            chat = self.open(queue)
            self.assertEqual(told(chat), ["chat_ok", "chat_request_rejected_by_agent"])
        self.assertEqual(self.centre.waiting(), [])

    def test_an_agent_who_has_logged_out_does_not_count(self) -> None:
        self.centre.login(A)
        self.centre.logout(A)
        self.assertTrue(self.open().rejected)

    def test_names_that_are_none_and_unknown_queues_are_refused(self) -> None:
        for name in ("", " a", "a\nb", "a" * 65):
            self.assertRaises(NotPossibleError, self.centre.login, name)
        self.assertRaises(NotPossibleError, self.centre.login, A, ["4", "x"])
        self.assertEqual(self.centre.agents, {})


class TalkTests(CentreTestCase):
    """What agents do in a chat."""

    def test_the_transcript_has_every_text_in_order(self) -> None:
        chat, contact = self.served()
        self.centre.hear(chat, "I need help...")
        self.centre.say(contact, A, "Sure")
        self.centre.hear(chat, "Thanks")
        expected = [("customer", "I need help..."), (A, "Sure"), ("customer", "Thanks")]
        self.assertEqual(self.centre.transcript(contact), expected)

    def test_on_a_transfer_the_other_joins_before_the_first_leaves(self) -> None:
        chat, contact = self.served()
        self.centre.login(B)
        self.centre.transfer(contact, A, B)
        expected = ["chat_ok", f"{A} joined", f"{B} joined", f"{A} left"]
        self.assertEqual(told(chat), expected)
        self.assertRaises(NotPossibleError, self.centre.say, contact, A, "Still me")
        self.centre.say(contact, B, "Now me")

    def test_a_transfer_to_who_is_not_there_changes_nothing(self) -> None:
        chat, contact = self.served()
        for to in ("nobody", A):
            self.assertRaises(NotPossibleError, self.centre.transfer, contact, A, to)
        self.assertEqual(chat.agents, [A])
        self.assertEqual(told(chat), ["chat_ok", f"{A} joined"])

    def test_who_is_not_in_a_chat_cannot_act_in_it(self) -> None:
        _, contact = self.served()
        self.centre.login(B)
        self.assertRaises(NotPossibleError, self.centre.say, contact, B, "Hi")
        self.assertRaises(NotPossibleError, self.centre.typing, contact, B, "composing")
        self.assertRaises(NotPossibleError, self.centre.leave, contact, B)
        self.assertRaises(NotPossibleError, self.centre.transfer, contact, B, A)
        self.assertRaises(NotPossibleError, self.centre.say, "no such contact", A, "Hi")

    def test_typing_is_one_of_two_words(self) -> None:
        _, contact = self.served()
        self.assertRaises(NotPossibleError, self.centre.typing, contact, A, "Composing")


class TimerTests(CentreTestCase):
    """How long things last."""

    def test_after_a_minute_without_an_agent_the_customer_is_told_once_and_waits_on(self) -> None:
        self.centre.login(A)
        chat = self.open()
        self.clock.advance(59.9)
        self.assertEqual(told(chat), ["chat_ok"])
        self.clock.advance(0.2)
        self.clock.advance(200)
        self.assertEqual(told(chat), ["chat_ok", "chat_timedout_waiting_for_agent"])
        self.assertEqual(self.centre.waiting(A), [chat])

    def test_no_such_word_once_an_agent_has_joined_or_the_customer_left(self) -> None:
        chat, _ = self.served()
        other = self.open()
        self.centre.depart(other)
        self.clock.advance(61)
        self.assertNotIn("chat_timedout_waiting_for_agent", told(chat) + told(other))

    def test_each_message_of_either_side_starts_the_inactivity_over(self) -> None:
        chat, contact = self.served()
        for speak in (
            lambda: self.centre.hear(chat, "Hello?"),
            lambda: self.centre.say(contact, A, "Hi"),
        ):
            self.clock.advance(299)
            speak()
        self.clock.advance(299)
        self.assertIs(self.centre.session(chat.contact.session_id), chat)
        self.clock.advance(1)
        self.assertIsNone(self.centre.session(chat.contact.session_id))
        self.assertEqual(chat.ended, "inactivity")

    def test_a_chat_that_was_taken_down_lets_its_agent_only_leave(self) -> None:
        chat, contact = self.served()
        self.clock.advance(300)
        self.assertRaises(NotPossibleError, self.centre.say, contact, A, "Hi")
        self.centre.leave(contact, A)
        self.assertEqual(chat.agents, [])

    def test_an_ended_chat_leaves_no_timer_behind(self) -> None:
        self.centre.login(A)
        contact = self.open().contact.id
        self.centre.end(contact, "over")
        self.centre.end(contact, "over again")
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_only_so_many_finished_chats_are_remembered(self) -> None:
        self.centre.kept = 2
        contacts = [self.open().contact.id for _ in range(4)]
        for contact in contacts[:3]:
            self.centre.end(contact, "over")
        self.assertEqual(list(self.centre.chats), contacts[1:])
