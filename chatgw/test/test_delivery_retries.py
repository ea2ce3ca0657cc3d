"""What lanes try again, when, and for how long."""

from __future__ import annotations

from chatgw.failures import FailureKind
from chatgw.test.deliveries import CHAT, DOWN, DeliveryTestCase
from chatgw.test.fakes import HOLD, Answer, Late
from chatgw.values import (
    Done,
    Failed,
    LookUpName,
    OpenChat,
    Say,
    SendText,
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
            [("a", Failed(FailureKind.EXPIRED, "613; given up after 1 attempts"))],
        )
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_text_is_given_up_within_a_quarter_of_an_hour(self) -> None:
        self.peer.usually = lambda effect: DOWN
        self.text("a")
        self.pass_time(900)
        [(name, outcome)] = self.settled
        self.assertEqual((name, outcome.kind), ("a", FailureKind.EXPIRED))  # type: ignore[union-attr]

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

    def test_a_text_that_may_have_arrived_is_not_repeated(self) -> None:
        for kind, owe in ((SendText, self.text), (Say, self.say)):
            self.peer.will(kind, Unknown("deadline"))
            owe("a")
            self.pass_time(900)
        self.assertEqual(self.attempts(), ["a", "a"])
        self.assertEqual(self.settled, [("a", Unknown("deadline"))] * 2)

    def test_a_name_is_waited_for_30_seconds_at_most(self) -> None:
        for answer in (HOLD, DOWN):
            answers: list[Answer] = [answer] * 9
            self.peer.will(LookUpName, *answers)
            self.name("name")
            self.pass_time(29.5)
            self.assertEqual(self.settled[1:], [])
            self.pass_time(0.5)
            self.assertEqual(len(self.settled), 1)
            self.settled.clear()
            self.peer._scripted.clear()
