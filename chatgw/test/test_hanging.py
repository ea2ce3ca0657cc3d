"""One side hangs: the webhook answers at once, and other customers' chats are not slowed.

Time is simulated, so that "at once" is: without any time passing.
"""

from __future__ import annotations

from twisted.internet.testing import MemoryReactorClock

from chatgw.net.outgoing import Proxy, outgoing
from chatgw.sim.faults import Fault
from chatgw.test.whole import INTERVAL, WholeTestCase

SLOW, OTHER = "1001", "1002"
HANGS = 1000
"""More calls than are made."""


class HangingTests(WholeTestCase):
    def answered_at_once(self, psid: str, text: str) -> None:
        """The customer writes, and Meta has its 200 without any time passing."""
        before, answers = self.clock.seconds(), len(self.statuses)
        self.meta.model.write(psid, text)
        self.settle()
        self.assertEqual(set(self.statuses[answers:]), {200})
        self.assertEqual(self.clock.seconds(), before)

    def talks_undelayed(self, psid: str, contact_id: str) -> None:
        """Both ways at the pace of the poll, for a chat under way."""
        model, thread = self.desk.model, self.meta.model.thread(psid)
        self.write(psid, "quick question")
        self.assertEqual(model.transcript(contact_id)[-1][1], "quick question")
        model.say(contact_id, "agent7901", "quick answer")
        self.advance(INTERVAL)
        self.assertEqual(thread.texts(mine=False)[-1], "quick answer")

    def test_while_the_desk_hangs(self) -> None:
        other = self.talk(OTHER)
        self.person(SLOW)
        self.write(SLOW, "Hi")
        self.desk.faults.script(Fault("create", "hang", HANGS))
        self.tap(SLOW, "Billing")  # this chat's opening hangs
        self.answered_at_once(SLOW, "hello?")
        self.talks_undelayed(OTHER, other.contact.id)
        self.advance(20.0)
        told = self.meta.model.thread(SLOW).texts(mine=False)
        self.assertIn("Oops! An error occurred. Chat has ended. Try again later.", told)

    def test_while_the_desk_hangs_on_a_text(self) -> None:
        slow, other = self.talk(SLOW), self.talk(OTHER)
        self.desk.faults.script(Fault("message", "hang", 1))
        self.answered_at_once(SLOW, "this one hangs")
        self.answered_at_once(SLOW, "this one waits behind it")
        self.talks_undelayed(OTHER, other.contact.id)
        self.advance(10.0)
        self.assertEqual(
            self.desk.model.transcript(slow.contact.id)[-1][1], "this one waits behind it"
        )

    def test_while_a_graph_call_hangs(self) -> None:
        slow, other = self.talk(SLOW), self.talk(OTHER)
        self.meta.faults.script(Fault("message", "hang", 1))
        self.desk.model.say(slow.contact.id, "agent7901", "this hangs")
        self.advance(INTERVAL)
        self.answered_at_once(SLOW, "are you there?")
        self.talks_undelayed(OTHER, other.contact.id)

    def test_while_the_look_up_of_the_name_hangs(self) -> None:
        other = self.talk(OTHER)
        self.meta.faults.script(Fault("profile", "hang", HANGS))
        thread = self.person(SLOW)
        self.answered_at_once(SLOW, "Hi")
        self.assertEqual(
            thread.texts(mine=False)[0],
            "Hello! Welcome to ABCD Customer Care.",
            "the welcome does not wait for the name",
        )
        self.tap(SLOW, "Billing")
        self.talks_undelayed(OTHER, other.contact.id)
        (chat,) = self.desk.model.waiting()
        self.assertEqual(chat.contact.request.author, "Customer", "2 s were enough for the name")


class HangingProxyTests(WholeTestCase):
    """The proxy takes connections, and then says nothing."""

    clock_class = MemoryReactorClock

    def test_nobody_waits_for_anybodys_calls(self) -> None:
        other = self.talk(OTHER)
        reactor = self.clock
        assert isinstance(reactor, MemoryReactorClock)
        self.use(self.channel(outgoing(reactor, proxy=Proxy("127.0.0.1", 3128))))
        self.person(SLOW)
        before, answers = self.clock.seconds(), len(self.statuses)
        self.write(SLOW, "Hi")
        asked = len(reactor.tcpClients)
        self.assertGreater(asked, 0)
        self.assertEqual({client[:2] for client in reactor.tcpClients}, {("127.0.0.1", 3128)})

        self.write(OTHER, "still here?")
        self.assertEqual(
            self.desk.model.transcript(other.contact.id)[-1][1],
            "still here?",
            "the way to the desk does not lead through the proxy",
        )
        self.assertGreater(
            len(reactor.tcpClients), asked, "the seen mark is not queued behind the other's welcome"
        )
        self.assertEqual(self.clock.seconds(), before)
        self.assertEqual(set(self.statuses[answers:]), {200})

    def test_a_call_ends_at_its_deadline_and_is_made_again(self) -> None:
        self.talk(OTHER)
        reactor = self.clock
        assert isinstance(reactor, MemoryReactorClock)
        self.use(self.channel(outgoing(reactor, proxy=Proxy("127.0.0.1", 3128))))
        self.person(SLOW)
        self.write(SLOW, "Hi")
        asked = len(reactor.tcpClients)
        self.advance(12.0)  # its deadline of 10 s, and the first pause
        self.assertGreater(len(reactor.tcpClients), asked)
