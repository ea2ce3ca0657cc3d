"""A gateway that is stopped: nobody is left waiting, and nothing is promised any more."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatgw.registry import FAREWELL
from chatgw.sim.faults import Fault
from chatgw.test.whole import INTERVAL, WholeTestCase


class StoppingTests(WholeTestCase):
    def ending(self) -> Deferred[None]:
        """The registry's farewell, begun."""
        ending = Deferred.fromCoroutine(self.registry.end_chats())
        self.settle()
        return ending

    def test_who_waits_or_talks_is_told_and_no_agent_is_left_with_nobody(self) -> None:
        talking = self.talk("1001")
        self.person("1002")
        self.write("1002", "Hi")
        self.tap("1002", "Billing")
        (waiting,) = self.desk.model.waiting()
        self.person("1003")
        self.write("1003", "Hi")
        told_before = len(self.meta.model.thread("1003").texts(mine=False))
        self.successResultOf(self.ending())
        for psid in ("1001", "1002"):
            last = self.meta.model.thread(psid).texts(mine=False)[-1]
            self.assertEqual(last, "Oops! An error occurred. Chat has ended. Try again later.")
        self.assertFalse(talking.customer_present)
        self.assertFalse(waiting.customer_present)
        told = self.meta.model.thread("1003").texts(mine=False)
        self.assertEqual(len(told), told_before, "who has chosen nothing yet is told nothing")
        self.assertEqual(self.registry.sessions, {})

    def test_a_side_that_hangs_does_not_hold_up_the_stop(self) -> None:
        self.talk("1001")
        self.meta.faults.script(Fault("message", "hang", 9))
        ending = self.ending()
        self.assertNoResult(ending)
        self.advance(FAREWELL)
        self.successResultOf(ending)

    def test_meta_is_asked_to_come_again(self) -> None:
        self.person("1001")
        self.successResultOf(self.ending())
        self.statuses.clear()
        self.write("1001", "Hi")
        self.assertEqual(set(self.statuses), {503})
        self.assertEqual(self.registry.sessions, {})

    def test_the_desk_is_no_longer_asked(self) -> None:
        self.talk("1001")
        self.successResultOf(self.ending())
        self.successResultOf(self.registry.stop())
        self.desk.faults.script(Fault("events", "error", 1))
        self.advance(3 * INTERVAL)
        self.assertEqual(len(self.desk.faults.listing()), 1)
