"""SocialMiner against its simulator: a whole chat, and what may go wrong on the way."""

from __future__ import annotations

from treq.testing import StubTreq
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.net.client import Client
from chatgw.sim.faults import Fault
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.test.test_socialminer_desk import OPEN, WHO, desk_on
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    ChatHandle,
    DeskEvent,
    DeskStatus,
    Done,
    Effect,
    Failed,
    LeaveChat,
    Outcome,
    Say,
    Secret,
    SubmitRating,
    Unknown,
    Words,
)

AGENT = "agent7901"


class SimulatedTestCase(SynchronousTestCase):
    """A desk that talks to the simulator."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1_535_396_381)
        self.sim = SocialMinerSim(self.clock)
        self.sim.model.login(AGENT)
        self.stub = StubTreq(self.sim.resource())
        self.desk = desk_on(Client(self.stub, self.clock))

    def perform(self, effect: Effect) -> Outcome:
        performing = self.desk.perform(effect)
        self.stub.flush()
        return self.successResultOf(performing)

    def events(self, chat: ChatHandle, after: int = 0) -> tuple[DeskEvent, ...]:
        batch = self.poll(chat, after)
        assert isinstance(batch, Batch)
        return batch.events

    def poll(self, chat: ChatHandle, after: int = 0) -> Batch | Failed:
        polling = self.desk.poll(chat, after)
        self.stub.flush()
        return self.successResultOf(polling)

    def opened(self) -> tuple[ChatHandle, str]:
        done = self.perform(OPEN)
        assert isinstance(done, Done)
        assert isinstance(done.result, ChatHandle)
        return done.result, done.result.ref_url.rpartition("/")[2]

    def say(self, chat: ChatHandle, text: str) -> Outcome:
        effect = Say(id="e", address=WHO, session="s1", at=0.0, chat=chat, text=Words(text))
        return self.perform(effect)

    def heard(self, contact: str) -> list[str]:
        return [line.text for line in self.sim.model.chat(contact).lines]


class SimulatedTests(SimulatedTestCase):
    """The desk and the simulator understand each other."""

    def test_a_chat_from_its_opening_to_its_rating(self) -> None:
        centre = self.sim.model
        chat, contact = self.opened()
        request = centre.chat(contact).contact.request
        self.assertEqual((request.feed_id, request.author), ("100029", "Amar Kumar"))
        self.assertEqual(
            list(request.fields.items()),
            [
                ("ccxqueuetag", "Chat_Csq4"),
                ("h_Name", "Amar Kumar"),
                ("h_chatOrigin", "FACEBOOK_MESSENGER"),
            ],
        )
        self.assertEqual(self.events(chat), (DeskStatus(1, "chat_ok"),))
        self.assertEqual(self.events(chat, 1), ())

        centre.accept(contact, AGENT)
        self.assertEqual(self.events(chat, 1), (AgentJoined(2, AGENT),))
        self.assertEqual(self.say(chat, "A & B <b>\x07, 100%+ 안녕 😀"), Done())
        self.assertEqual(self.heard(contact), ["A & B <b>, 100%+ 안녕 😀"])

        centre.typing(contact, AGENT, "composing")
        centre.say(contact, AGENT, "1+1=2, 100% & <sure>? 안녕 😀")
        self.assertEqual(
            self.events(chat, 2),
            (
                AgentTyping(4, AGENT, "composing"),
                AgentWrote(5, AGENT, Words("1+1=2, 100% & <sure>? 안녕 😀")),
            ),
        )

        centre.leave(contact, AGENT)
        self.assertEqual(self.events(chat, 5), (AgentLeft(6, AGENT),))
        rating = SubmitRating(id="e", address=WHO, session="s1", at=0.0, chat=chat, rating=5)
        self.assertEqual(self.perform(rating), Done())
        self.assertEqual(centre.chat(contact).ratings, [5])

    def test_leaving_takes_the_customer_out(self) -> None:
        chat, contact = self.opened()
        leave = LeaveChat(id="e", address=WHO, session="s1", at=0.0, chat=chat)
        self.assertEqual(self.perform(leave), Done())
        self.assertFalse(self.sim.model.chat(contact).customer_present)

    def test_an_unknown_chat_is_gone(self) -> None:
        nobody = ChatHandle(Secret("JSESSIONID=C0F5C76EE806FBA2F0B5CAE94D082440"), "")
        for outcome in (self.poll(nobody), self.say(nobody, "anybody there?")):
            assert isinstance(outcome, Failed)
            self.assertEqual(outcome.kind, FailureKind.RECIPIENT_GONE)
            self.assertNotIn("C0F5", outcome.detail)

    def test_two_chats_on_one_client_hear_their_own_agent_only(self) -> None:
        (first, one), (second, two) = self.opened(), self.opened()
        for contact, text in [(one, "to the first"), (two, "to the second")]:
            self.sim.model.accept(contact, AGENT)
            self.sim.model.say(contact, AGENT, text)
        self.assertEqual(self.events(first, 2), (AgentWrote(3, AGENT, Words("to the first")),))
        self.assertEqual(self.events(second, 2), (AgentWrote(3, AGENT, Words("to the second")),))
        self.say(first, "from the first")
        self.assertEqual(self.heard(one), ["to the first", "from the first"])
        self.assertEqual(self.heard(two), ["to the second"])

    def test_events_told_twice_or_out_of_order_come_out_once_and_in_order(self) -> None:
        chat, contact = self.opened()
        self.sim.model.accept(contact, AGENT)
        expected = (DeskStatus(1, "chat_ok"), AgentJoined(2, AGENT))
        for kind in ("duplicate", "reorder"):
            with self.subTest(kind=kind):
                self.sim.faults.script(Fault("events", kind))
                self.assertEqual(self.events(chat), expected)

    def test_no_fault_of_the_desk_is_taken_for_a_success(self) -> None:
        chat, contact = self.opened()
        for kind in ("error", "garbage", "lose"):
            with self.subTest(kind=kind):
                self.sim.faults.script(Fault("events", kind))
                failed = self.poll(chat)
                assert isinstance(failed, Failed)
                self.assertEqual(failed.kind, FailureKind.TRANSIENT)
                self.sim.faults.script(Fault("message", kind))
                self.assertIsInstance(self.say(chat, kind), Unknown)
        self.assertEqual(self.heard(contact), ["lose"])

    def test_a_chat_whose_opening_got_lost_is_of_unknown_outcome(self) -> None:
        self.sim.faults.script(Fault("create", "lose"))
        self.assertIsInstance(self.perform(OPEN), Unknown)
        self.assertEqual(len(self.sim.model.chats), 1)
