"""Typing dots among texts."""

from __future__ import annotations

from chatgw.test.deliveries import DOWN, DeliveryTestCase
from chatgw.test.fakes import HOLD
from chatgw.test.world import address
from chatgw.values import Done, Dropped, MarkSeen, SendText, SendTyping, Unknown

NEWER = Dropped("something newer came")


class TypingTests(DeliveryTestCase):
    """Typing is of use at once or not at all."""

    def test_on_a_free_lane_it_goes_at_once(self) -> None:
        self.typing("dots")
        self.assertEqual(self.settled, [("dots", Done())])

    def test_a_text_makes_dots_that_wait_pointless(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("dots")
        self.text("b")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "b"])
        self.assertEqual(self.settled[0], ("dots", NEWER))

    def test_dots_after_a_text_follow_it(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("dots")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "dots"])

    def test_dots_never_go_between_texts_that_wait(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.text("b")
        self.typing("dots")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "b", "dots"])

    def test_only_the_last_dots_go(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("composing", "composing")
        self.typing("paused", "paused")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "paused"])
        self.assertEqual(self.settled[0], ("composing", NEWER))

    def test_dots_and_seen_marks_do_not_replace_each_other(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.delivery.owe(MarkSeen(id="seen", address=address("1"), session="s1", at=1000.0))
        self.typing("dots")
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a", "seen", "dots"])

    def test_dots_are_not_shown_late(self) -> None:
        self.peer.will(SendText, HOLD)
        self.text("a")
        self.typing("dots")
        self.pass_time(3)
        self.peer.held[0].answer(Done())
        self.assertEqual(self.attempts(), ["a"])
        self.assertEqual(self.settled[-1], ("dots", Dropped("of no use any more")))

    def test_dots_are_not_retried(self) -> None:
        self.peer.will(SendTyping, DOWN)
        self.typing("dots")
        self.assertEqual(self.settled, [("dots", DOWN)])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_dots_that_hang_delay_a_text_by_three_seconds_at_most(self) -> None:
        self.peer.will(SendTyping, HOLD)
        self.typing("dots")
        self.text("a")
        self.pass_time(2.5)
        self.assertEqual(self.attempts(), ["dots"])
        self.pass_time(0.5)
        self.assertEqual(self.settled, [("dots", Unknown("no answer within 3.0 s")), ("a", Done())])
