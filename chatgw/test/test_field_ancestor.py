"""What went wrong in the predecessor's own ancestor, the public Cisco sample, one test each.

Through the whole gateway, between both simulators.
"""

from __future__ import annotations

from chatgw.sim.faults import Fault
from chatgw.test.whole import INTERVAL, WholeTestCase

AGENT = "agent7901"
HOSTILE = '<b>A &amp; B</b> ]]> it\'s 5 < 6 "100%" + 한국어 👨‍👩‍👧‍👦'


class AncestorTests(WholeTestCase):
    def test_a_customer_called_a_and_b_gets_a_chat(self) -> None:
        chat = self.talk("1001", name='A & B <Ltd> "x"')
        self.assertEqual(chat.contact.request.author, 'A & B <Ltd> "x" Kumar')
        self.assertEqual(chat.contact.request.fields["h_Name"], 'A & B <Ltd> "x" Kumar')

    def test_what_the_customer_writes_is_what_the_agent_reads(self) -> None:
        chat = self.talk("1001")
        self.write("1001", HOSTILE)
        self.assertEqual(self.desk.model.transcript(chat.contact.id)[-1][1], HOSTILE)

    def test_what_the_agent_writes_is_what_the_customer_reads(self) -> None:
        chat = self.talk("1001")
        self.desk.model.say(chat.contact.id, AGENT, HOSTILE)
        self.advance(INTERVAL)
        self.assertEqual(self.meta.model.thread("1001").texts(mine=False)[-1], HOSTILE)

    def test_kept_texts_are_told_in_order_by_a_slow_desk(self) -> None:
        self.person("1001")
        self.write("1001", "one")
        self.tap("1001", "Billing")
        for text in ("two", "three", "four", "five"):
            self.write("1001", text)
        (chat,) = self.desk.model.waiting()
        for seconds in (3.0, 0.5, 2.0, 0.0, 1.0):
            self.desk.faults.script(Fault("message", "delay", seconds=seconds))
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.write("1001", "six")
        self.advance(10.0)
        told = [text for _, text in self.desk.model.transcript(chat.contact.id)]
        self.assertEqual(told, ["one", "two", "three", "four", "five", "six"])

    def test_a_customer_whose_name_is_refused_is_not_ignored(self) -> None:
        refusals = ((100, 33), (100, 2018218), (100, 2018247), (230, 0), (10, 0))
        for number, (code, subcode) in enumerate(refusals):
            psid = str(1001 + number)
            self.meta.faults.script(Fault("profile", "error", code=code, subcode=subcode))
            self.person(psid)
            self.write(psid, "Hi")
            self.tap(psid, "Billing")
            self.assertEqual(self.desk.model.waiting()[-1].contact.request.author, "Customer")
        self.assertEqual(len(self.desk.model.waiting()), len(refusals))

    def test_no_single_failure_of_a_poll_ends_a_chat(self) -> None:
        chat = self.talk("1001")
        faults = (
            Fault("events", "error", status=500),
            Fault("events", "error", status=503),
            Fault("events", "error", status=400),
            Fault("events", "error", status=403),
            Fault("events", "garbage"),
            Fault("events", "hang"),
            Fault("events", "lose"),
        )
        for number, fault in enumerate(faults):
            self.desk.faults.script(fault)
            self.advance(4 * INTERVAL)
            self.desk.model.say(chat.contact.id, AGENT, f"still here {number}")
            self.advance(INTERVAL)
        told = self.meta.model.thread("1001").texts(mine=False)
        self.assertEqual(told[-len(faults) :], [f"still here {n}" for n in range(len(faults))])

    def test_each_rating_button_has_its_meaning(self) -> None:
        for number in range(1, 6):
            psid = str(1000 + number)
            chat = self.talk(psid)
            self.desk.model.leave(chat.contact.id, AGENT)
            self.advance(INTERVAL)
            chips = [chip.title for chip in self.meta.model.thread(psid).chips]
            self.assertEqual(chips, ["1", "2", "3", "4", "5"])
            self.tap(psid, str(number))
            self.assertEqual(chat.ratings, [number])
        self.assertEqual(self.registry.sessions, {})

    def test_two_customers_of_one_name_never_meet(self) -> None:
        """The chat is addressed by its cookie alone (socialminer-sample-code#19)."""
        one, other = self.talk("1001", name="Mina"), self.talk("1002", name="Mina")
        self.assertEqual(one.contact.request.author, other.contact.request.author)
        self.assertNotEqual(one.contact.session_id, other.contact.session_id)
        self.write("1001", "I am one")
        self.write("1002", "I am the other")
        self.desk.model.say(one.contact.id, AGENT, "to one")
        self.desk.model.say(other.contact.id, AGENT, "to the other")
        self.advance(INTERVAL)
        self.assertEqual(
            [self.desk.model.transcript(chat.contact.id)[1][1] for chat in (one, other)],
            ["I am one", "I am the other"],
        )
        self.assertEqual(
            [self.meta.model.thread(psid).texts(mine=False)[-1] for psid in ("1001", "1002")],
            ["to one", "to the other"],
        )
