"""SocialMiner behind `IDesk`: how many of our texts a chat holds."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.web.server import Request

from chatgw.failures import FailureKind
from chatgw.sim.faults import Fault
from chatgw.test.test_socialminer_desk import CHAT, DeskTestCase, reply
from chatgw.test.test_socialminer_errors import SESSION, api_errors
from chatgw.test.test_socialminer_events import answer, presence, status, wrote
from chatgw.test.test_socialminer_simulated import AGENT, SimulatedTestCase
from chatgw.values import ChatHandle, Failed, Unknown


class CountTests(DeskTestCase):
    """Two answers compared (wire reference, SocialMiner 1.3)."""

    def count(self, chat: ChatHandle = CHAT) -> int | Failed:
        counting = self.desk.count_said(chat)
        self.stub.flush()
        return self.successResultOf(counting)

    def answers(self, every: bytes, others: bytes) -> None:
        """What is answered when all events are asked for, and when only the others' are."""

        def render(request: Request) -> bytes:
            return {b"true": every, b"false": others}[request.args[b"all"][0]]

        self.peer.reply = render

    def test_our_texts_are_those_that_are_told_only_on_demand(self) -> None:
        others = (status(1, "chat_ok"), presence(2, "a", "joined"), wrote(4, "a", "Hi"))
        self.answers(
            answer(*others, wrote(3, "Amar", "Hello"), wrote(5, "Amar", "Hello")), answer(*others)
        )
        self.assertEqual(self.count(), 2)
        self.assertEqual(
            [(each.method, each.uri, each.header("Cookie")) for each in self.peer.received],
            [
                (b"GET", b"/ccp/chat?all=true&eventid=0", [f"JSESSIONID={SESSION}"]),
                (b"GET", b"/ccp/chat?all=false&eventid=0", [f"JSESSIONID={SESSION}"]),
            ],
        )

    def test_an_agent_with_the_customers_name_is_not_the_customer(self) -> None:
        others = (wrote(2, "Amar", "I am Amar too"),)
        self.answers(answer(*others, wrote(3, "Amar", "Hello")), answer(*others))
        self.assertEqual(self.count(), 1)

    def test_what_an_agent_writes_between_the_two_calls_is_not_ours(self) -> None:
        before, between = wrote(2, "Amar", "Hello"), wrote(3, "a", "Hi")
        self.answers(answer(before), answer(between))
        self.assertEqual(self.count(), 1)

    def test_only_texts_count_each_once_and_empty_ones_too(self) -> None:
        own = (wrote(2, "Amar", ""), wrote(2, "Amar", ""), wrote("x", "Amar", "Hello"))
        self.answers(answer(presence(9, "Amar", "joined"), *own), answer())
        self.assertEqual(self.count(), 1)

    def test_a_chat_without_events_holds_none(self) -> None:
        self.answers(b"<chatEvents/>", b"<chatEvents/>")
        self.assertEqual(self.count(), 0)

    def test_a_long_chat_can_be_counted_and_an_endless_one_is_not_swallowed(self) -> None:
        long = answer(*(wrote(id_, "Amar", "x" * 2000) for id_ in range(1, 2001)))
        self.assertGreater(len(long), 4_000_000)
        self.answers(long, answer())
        self.assertEqual(self.count(), 2000)
        self.answers(long + b" " * 8_000_000, answer())
        self.assert_failed(FailureKind.TRANSIENT)

    def test_it_fails_as_a_poll_does_whichever_call_fails(self) -> None:
        good = answer(wrote(2, "Amar", "Hello"))
        bad: list[tuple[FailureKind, Callable[[Request], bytes | Deferred[bytes]]]] = [
            (FailureKind.RECIPIENT_GONE, reply(404, api_errors("notFound"))),
            (FailureKind.PERMISSION, reply(403)),
            (FailureKind.TRANSIENT, reply(404, b"<html>Not here</html>")),
            (FailureKind.TRANSIENT, reply(503)),
            (FailureKind.TRANSIENT, reply(200, b"<SocialContact/>")),
            (FailureKind.TRANSIENT, reply(200, b"")),
            (FailureKind.TRANSIENT, reply(200, b"<html><body>Please log in</body></html>")),
        ]
        for failing in (b"true", b"false"):
            for kind, fault in bad:
                with self.subTest(failing=failing, kind=kind):

                    def render(
                        request: Request, failing: bytes = failing, fault: object = fault
                    ) -> bytes:
                        if request.args[b"all"][0] != failing:
                            return good
                        assert callable(fault)
                        body: bytes = fault(request)
                        return body

                    self.peer.reply = render
                    self.assert_failed(kind)

    def test_a_silent_desk_is_given_up(self) -> None:
        self.peer.reply = lambda _: Deferred()
        counting = self.desk.count_said(CHAT)
        self.stub.flush()
        self.clock.advance(10.1)
        self.assertEqual(
            self.successResultOf(counting), Failed(FailureKind.TRANSIENT, "no answer within 10 s")
        )

    def assert_failed(self, kind: FailureKind) -> None:
        failed = self.count()
        assert isinstance(failed, Failed)
        self.assertEqual(failed.kind, kind)


class SimulatedCountTests(SimulatedTestCase):
    """Counting in a chat of the simulator."""

    def count(self, chat: ChatHandle) -> int | Failed:
        counting = self.desk.count_said(chat)
        self.stub.flush()
        return self.successResultOf(counting)

    def test_every_text_that_arrived_is_counted_whether_its_answer_did_or_not(self) -> None:
        chat, contact = self.opened()
        self.assertEqual(self.count(chat), 0)
        self.sim.model.accept(contact, AGENT)
        self.say(chat, "one")
        self.sim.model.say(contact, AGENT, "Hi")
        self.sim.model.typing(contact, AGENT, "composing")
        self.assertEqual(self.count(chat), 1)
        self.sim.faults.script(Fault("message", "lose"))
        self.assertIsInstance(self.say(chat, "two"), Unknown)
        self.assertEqual(self.count(chat), 2)
        self.sim.faults.script(Fault("message", "garbage"))
        self.assertIsInstance(self.say(chat, "never said"), Unknown)
        self.assertEqual(self.count(chat), 2)

    def test_two_chats_are_counted_apart(self) -> None:
        (first, _), (second, _) = self.opened(), self.opened()
        self.say(first, "one")
        self.assertEqual((self.count(first), self.count(second)), (1, 0))
