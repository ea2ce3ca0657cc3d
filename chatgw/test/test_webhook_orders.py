"""Webhooks delivered twice, in batches, and unordered: the agent reads each line once."""

from __future__ import annotations

from typing import Any

from chatgw.sim.faults import Fault
from chatgw.test.orders import LINES, Act, OrdersTestCase

BOTH = ("1001", "1002")
FOR_EVER = 1_000_000


class TwiceTests(OrdersTestCase):
    def test_everything_twice(self) -> None:
        self.meta.faults.script(Fault("webhook", "duplicate", FOR_EVER))
        self.whole_chats(*BOTH)
        self.assert_each_once(*BOTH)
        self.assertEqual(len(self.posted), 2 * len(set(self.posted)))
        self.assertEqual(set(self.statuses), {200})

    def test_everything_again_after_the_end_begins_nothing(self) -> None:
        self.whole_chats(*BOTH)
        self.repeats_all()
        self.assert_each_once(*BOTH)

    def test_nor_does_it_in_the_next_process(self) -> None:
        self.whole_chats("1001")
        self.restart()
        self.repeats_all()
        self.assert_each_once("1001")

    def test_everything_again_in_the_middle_of_the_chat(self) -> None:
        def followed_by_all_before(act: Act) -> None:
            act()
            self.repeats_all()

        self.around = followed_by_all_before
        self.whole_chats("1001")
        self.assert_each_once("1001")

    def test_everything_again_after_a_restart_in_the_middle_of_the_chat(self) -> None:
        def followed_by_a_restart(act: Act) -> None:
            act()
            self.restart()
            self.repeats_all()

        self.around = followed_by_a_restart
        self.whole_chats("1001")
        self.assert_each_once("1001")

    def repeats_all(self) -> None:
        """Meta posts all that it ever has once more, the last first."""
        for body in reversed([*self.posted]):
            self.meta.webhooks.send_body(body)
        self.settle()


class TogetherTests(OrdersTestCase):
    """Meta may put many events into one POST (wire reference, messaging channels 1.5)."""

    per_entry = 1

    def stage(self, act: Act) -> None:
        """All webhooks of a stage in one POST."""
        self.meta.webhooks.hold()
        act()
        self.meta.webhooks.release(self.per_entry)
        self.advance(0.01)

    def test_an_entry_each(self) -> None:
        self.whole_chats(*BOTH)
        self.assert_each_once(*BOTH)

    def test_several_items_an_entry_of_two_customers(self) -> None:
        self.per_entry = 4
        self.whole_chats(*BOTH)
        self.assert_each_once(*BOTH)

    def test_in_batches_and_each_of_them_twice(self) -> None:
        self.per_entry = 2
        self.meta.faults.script(Fault("webhook", "duplicate", FOR_EVER))
        self.whole_chats(*BOTH)
        self.assert_each_once(*BOTH)

    def test_in_batches_told_backwards(self) -> None:
        """What counts is when it was sent."""

        def backwards(envelope: dict[str, Any]) -> None:
            envelope["entry"].reverse()
            for entry in envelope["entry"]:
                entry["messaging"].reverse()

        self.rearrange = backwards
        self.per_entry = 3
        self.whole_chats(*BOTH)
        self.assert_each_once(*BOTH)

    def test_the_same_event_several_times_in_one_batch(self) -> None:
        def trebled(envelope: dict[str, Any]) -> None:
            for entry in envelope["entry"]:
                entry["messaging"] *= 3

        self.rearrange = trebled
        self.whole_chats(*BOTH)
        self.assert_each_once(*BOTH)

    def test_all_that_was_said_before_the_choice_in_one(self) -> None:
        self.person("1001", name="1001")
        self.stage(lambda: self.texts(("1001",), *LINES))
        self.tap("1001", "Billing")
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, "agent7901")
        self.advance(self.interval)
        self.assertEqual(self.heard("1001"), list(LINES))


class OvertakenTests(OrdersTestCase):
    """A webhook that comes after the one behind it."""

    def test_what_is_kept_is_told_in_the_order_in_which_it_was_sent(self) -> None:
        self.person("1001", name="1001")
        self.meta.faults.script(Fault("webhook", "reorder"))
        self.texts(("1001",), "one", "two")
        self.tap("1001", "Billing")
        self.meta.faults.script(Fault("webhook", "reorder"))
        self.texts(("1001",), "three", "four")
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, "agent7901")
        self.advance(self.interval)
        self.assertEqual(self.heard("1001"), ["one", "two", "three", "four"])
