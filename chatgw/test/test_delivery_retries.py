"""What lanes try again, when, and for how long."""

from __future__ import annotations

from chatgw.failures import FailureKind
from chatgw.test.deliveries import CHAT, DOWN, LOST, THROTTLED, UNCLEAR, DeliveryTestCase
from chatgw.test.fakes import HOLD, Late
from chatgw.values import (
    Done,
    Failed,
    Lane,
    LeaveChat,
    LookUpName,
    OpenChat,
    SendText,
    SubmitRating,
    Unknown,
)


class RetryTests(DeliveryTestCase):
    """Pauses, and the end of patience."""

    def test_pauses_grow(self) -> None:
        self.peer.usually = lambda effect: DOWN
        self.text("a")
        self.pass_time(900)
        self.assertEqual(self.times()[:8], [0, 1, 4, 14, 44, 104, 224, 344])

    def test_jitter_stretches_them(self) -> None:
        self.jitter = 1.2
        self.peer.usually = lambda effect: DOWN
        self.text("a")
        self.pass_time(6, step=0.1)
        self.assertEqual([round(at, 1) for at in self.times()], [0, 1.2, 4.8])

    def test_the_peer_may_ask_for_more_patience(self) -> None:
        self.peer.will(SendText, Failed(FailureKind.THROTTLED, "613", retry_after=30.0))
        self.text("a")
        self.pass_time(29)
        self.assertEqual(self.attempts(), ["a"])
        self.pass_time(1)
        self.assertEqual(self.settled, [("a", Done())])

    def test_nobody_waits_longer_than_it_is_of_use(self) -> None:
        self.peer.will(SendText, Failed(FailureKind.THROTTLED, "613", retry_after=901.0))
        self.text("a")
        self.assertEqual(
            self.settled,
            [("a", Failed(FailureKind.THROTTLED, "613; given up after 1 attempts"))],
        )
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_text_is_given_up_within_a_quarter_of_an_hour(self) -> None:
        self.peer.usually = lambda effect: DOWN
        self.text("a")
        self.pass_time(900)
        [(name, outcome)] = self.settled
        self.assertEqual((name, outcome.kind), ("a", FailureKind.EXPIRED))  # type: ignore[union-attr]

    def test_so_is_one_for_which_our_own_line_was_full_all_the_time(self) -> None:
        self.peer.usually = lambda effect: Failed(FailureKind.BUSY, "no free connection")
        self.text("a")
        self.pass_time(900)
        [(name, outcome)] = self.settled
        self.assertEqual((name, outcome.kind), ("a", FailureKind.EXPIRED))  # type: ignore[union-attr]
        self.assertEqual(self.times()[:4], [0, 1, 4, 14])

    def test_a_chat_that_cannot_be_opened_is_given_up_within_20_s(self) -> None:
        self.peer.usually = lambda effect: DOWN
        self.open()
        self.pass_time(20)
        self.assertEqual(self.times(), [0, 1, 4, 14])
        self.assertEqual(len(self.settled), 1)

    def test_a_desk_that_hangs_is_given_up_after_20_s(self) -> None:
        self.peer.will(OpenChat, HOLD)
        self.open()
        self.pass_time(19.5)
        self.assertEqual(self.settled, [])
        self.pass_time(0.5)
        self.assertEqual(self.settled, [("open", Unknown("no answer within 20.0 s"))])

    def test_a_desk_that_fails_slowly_and_then_hangs_is_given_up_after_20_s(self) -> None:
        self.peer.will(OpenChat, Late(9.0, Unknown("deadline")), HOLD)
        self.open()
        self.pass_time(20)
        self.assertEqual(self.times(), [0, 10])
        self.assertEqual(self.settled, [("open", Unknown("no answer within 10.0 s"))])

    def test_a_chat_that_may_have_been_opened_is_opened_again(self) -> None:
        self.peer.will(OpenChat, Unknown("deadline"), Done(CHAT))
        self.open()
        self.pass_time(1)
        self.assertEqual(self.settled, [("open", Done(CHAT))])

    def test_nobody_waits_for_a_name(self) -> None:
        for answer in (DOWN, LOST, THROTTLED):
            self.peer.will(LookUpName, answer)
            self.name("name")
            self.assertEqual(self.settled.pop(), ("name", answer))
            self.circuits[Lane.CUSTOMER].told("somebody", Done())
            self.circuits[Lane.CUSTOMER].reset()
        self.assert_nothing_is_left()

    def test_a_name_that_does_not_come_is_given_up_after_30_s(self) -> None:
        self.peer.will(LookUpName, HOLD)
        self.name("name")
        self.pass_time(30)
        self.assertEqual(self.settled, [("name", Unknown("no answer within 30.0 s"))])

    def test_an_answer_that_is_not_understood_is_final_the_third_time(self) -> None:
        self.peer.will(SendText, UNCLEAR, DOWN, UNCLEAR, UNCLEAR)
        self.text("a")
        self.pass_time(44)
        self.assertEqual(self.times(), [0, 1, 4, 14])
        self.assertEqual(
            self.settled,
            [("a", Failed(FailureKind.UNCLEAR, "what?; given up after 4 attempts"))],
        )

    def test_what_may_be_done_twice_is_tried_again_by_the_schedule(self) -> None:
        for kind, owe in ((SubmitRating, self.rate), (LeaveChat, self.leave)):
            self.peer.will(kind, LOST, LOST, Done())
            owe()
            self.pass_time(4)
            self.assertEqual(self.settled.pop()[1], Done())
        self.assertEqual(self.times(), [0, 1, 4, 4, 5, 8])
        self.assertEqual(self.asked, [])

    def test_what_may_be_done_twice_may_stay_unknown(self) -> None:
        self.peer.usually = lambda effect: LOST
        self.rate()
        self.pass_time(900)
        self.assertEqual(self.times(), [0, 1, 4, 14, 44, 104, 224, 344, 464, 584, 704, 824])
        self.assertEqual(self.settled, [("rate", LOST)])
