"""Calls in flight: never more than wanted, in order, and no place is ever lost."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from treq.testing import StubTreq
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import NOT_DONE_YET, Request

from chatgw.net.client import Answer, CallFailed, Client
from chatgw.net.slots import Slots
from chatgw.test.test_net_client import URL, Page

Happenings = list[tuple[str, int]]

happenings: st.SearchStrategy[Happenings] = st.lists(
    st.tuples(st.sampled_from(["take", "take", "give back", "cancel"]), st.integers(0, 9)),
    max_size=60,
)


class SlotsTests(SynchronousTestCase):
    @given(st.integers(1, 4), happenings)
    def test_places_are_had_in_order_and_never_lost(self, most: int, events: Happenings) -> None:
        slots = Slots(most)
        admitted: list[int] = []
        waiting: dict[int, Deferred[None]] = {}
        in_use = taken = 0
        for what, which in events:
            if what == "take":
                turn = slots.take()
                waiting[taken] = turn
                turn.addCallbacks(
                    lambda _, number=taken: admitted.append(number),
                    lambda failure: failure.trap(CancelledError) and None,
                )
                taken += 1
            elif what == "give back" and in_use:
                in_use -= 1
                slots.give_back()
            elif what == "cancel" and waiting:
                waiting.pop(list(waiting)[which % len(waiting)]).cancel()
            # Who is to be admitted: the longest waiting, while there is room.
            expected = list(waiting)[: most - in_use]
            self.assertEqual(admitted, expected)
            in_use += len(admitted)
            for number in admitted:
                del waiting[number]
            admitted.clear()
        for turn in waiting.values():
            turn.cancel()
        for _ in range(in_use):
            slots.give_back()
        for _ in range(most):
            self.successResultOf(slots.take())
        self.assertNoResult(slots.take())

    def test_one_who_takes_a_place_while_places_are_given_out_waits_behind_the_others(self) -> None:
        slots, admitted = Slots(1), []
        self.successResultOf(slots.take())

        def again(_: object) -> None:
            slots.take().addCallback(lambda _: admitted.append("late"))
            slots.give_back()

        slots.take().addCallback(again)
        slots.take().addCallback(lambda _: admitted.append("early"))
        slots.give_back()
        self.assertEqual(admitted, ["early"])
        slots.give_back()
        self.assertEqual(admitted, ["early", "late"])


class InFlightTests(SynchronousTestCase):
    """A client with three places, towards a server that answers when the test says so."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.page = Page(lambda _: NOT_DONE_YET)
        self.treq = StubTreq(self.page)
        self.client = Client(self.treq, self.clock, most=3)

    def call(self, body: bytes = b"", deadline: float = 10.0, url: str = URL) -> Deferred[Answer]:
        call = self.client.call("POST", url, body=body, deadline=deadline)
        calling = Deferred.fromCoroutine(call)
        self.treq.flush()
        return calling

    def answer(self, request: Request) -> None:
        request.finish()
        self.treq.flush()

    def failed(self, call: Deferred[Answer]) -> tuple[str, bool]:
        error = self.failureResultOf(call, CallFailed).value
        assert isinstance(error, CallFailed)
        return error.detail, error.arrived

    def crowded_out(self, call: Deferred[Answer]) -> str:
        """Why a call failed that never had its turn."""
        error = self.failureResultOf(call, CallFailed).value
        assert isinstance(error, CallFailed)
        self.assertEqual((error.arrived, error.ours), (False, True))
        return error.detail

    def assert_all_places_free(self) -> None:
        before = len(self.page.requests)
        calls = [self.call() for _ in range(4)]
        self.assertEqual(len(self.page.requests) - before, 3)
        for call in reversed(calls):
            call.cancel()
            self.failed(call)

    def test_no_more_than_wanted_are_under_way_and_the_others_follow_in_order(self) -> None:
        calls = [self.call(b"%d" % number) for number in range(6)]
        self.assertEqual(self.page.bodies, [b"0", b"1", b"2"])
        self.answer(self.page.requests[1])
        self.assertEqual(self.page.bodies[3:], [b"3"])
        self.successResultOf(calls[1])
        for number in (0, 2, 3, 4, 5):
            self.answer(self.page.requests[number])
            self.successResultOf(calls[number])
        self.assertEqual(self.page.bodies[3:], [b"3", b"4", b"5"])
        self.assert_all_places_free()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_call_is_under_way_until_its_answer_is_whole(self) -> None:
        for _ in range(4):
            self.call().addErrback(lambda _: None)
        self.page.requests[0].write(b"half")
        self.treq.flush()
        self.assertEqual(len(self.page.requests), 3)
        self.answer(self.page.requests[0])
        self.assertEqual(len(self.page.requests), 4)

    def test_a_turn_is_waited_for_as_long_as_the_deadline_and_nothing_is_sent(self) -> None:
        busy = [self.call(deadline=100) for _ in range(3)]
        call = self.call(b"late", deadline=7.5)
        self.clock.advance(7.4)
        self.assertNoResult(call)
        self.clock.advance(0.2)
        self.assertEqual(self.crowded_out(call), "no free connection within 7.5 s")
        for request in self.page.requests[:3]:
            self.answer(request)
        self.assertEqual(len(self.page.requests), 3)
        for done in busy:
            self.successResultOf(done)
        self.assert_all_places_free()

    def test_a_call_that_has_waited_has_its_whole_deadline(self) -> None:
        for _ in range(3):
            self.call(deadline=9).addErrback(lambda _: None)
        call = self.call(deadline=10)
        self.clock.advance(9)
        self.treq.flush()
        self.assertEqual(len(self.page.requests), 4)
        self.clock.advance(9.9)
        self.assertNoResult(call)
        self.clock.advance(0.2)
        self.treq.flush()
        self.assertEqual(self.failed(call), ("no answer within 10 s", True))
        self.assert_all_places_free()

    def test_a_place_that_is_free_when_the_time_is_just_up_is_not_taken(self) -> None:
        busy = [self.call(deadline=10) for _ in range(3)]
        late = self.call(b"late", deadline=10)
        next_one = self.call(b"next", deadline=10.1)
        self.clock.advance(10)
        self.treq.flush()
        for call in busy:
            self.assertTrue(self.failed(call)[1])
        self.assertEqual(self.crowded_out(late), "no free connection within 10 s")
        self.assertEqual(self.page.bodies[3:], [b"next"])
        next_one.cancel()
        self.failed(next_one)
        self.assert_all_places_free()

    def test_a_slow_peer_that_answers_everything_is_never_taken_for_silent(self) -> None:
        calls = [self.call(b"%d" % number) for number in range(30)]
        for _ in range(5):  # three answers every two seconds
            self.clock.advance(2)
            for request in self.page.requests[-3:]:
                self.answer(request)
        for call in calls[:15]:
            self.successResultOf(call)
        for call in calls[15:]:
            self.assertEqual(self.crowded_out(call), "no free connection within 10 s")
        self.assertEqual(len(self.page.requests), 15)

    def test_a_call_cancelled_while_it_waits_is_never_made(self) -> None:
        busy = [self.call() for _ in range(3)]
        first, second = self.call(b"first"), self.call(b"second")
        first.cancel()
        self.assertEqual(self.crowded_out(first), "cancelled")
        self.answer(self.page.requests[0])
        self.successResultOf(busy[0])
        self.assertEqual(self.page.bodies[3:], [b"second"])
        for call in (*busy[1:], second):
            call.cancel()
            self.failed(call)
        self.assert_all_places_free()

    def test_however_a_call_ends_its_place_is_free_again(self) -> None:
        def lose(request: Request) -> None:
            request.channel.loseConnection()
            self.treq.flush()

        def cancel(_: Request) -> None:
            self.ending.cancel()

        def expire(_: Request) -> None:
            self.clock.advance(10)

        endings: list[Callable[[Request], None]] = [self.answer, lose, cancel, expire]
        for end in endings:
            with self.subTest(end=end):
                for _ in range(4):  # one more than there are places
                    self.ending = self.call()
                    self.ending.addErrback(lambda failure: failure.trap(CallFailed))
                    end(self.page.requests[-1])
                    self.treq.flush()
                    self.successResultOf(self.ending)
                self.assert_all_places_free()

    def test_thousands_that_wait_and_end_at_once_do_not_exhaust_the_stack(self) -> None:
        busy = [self.call() for _ in range(3)]
        waiting = [
            Deferred.fromCoroutine(self.client.call("GET", "no URL at all")) for _ in range(1500)
        ]
        self.answer(self.page.requests[0])
        for call in waiting:
            self.assertFalse(self.failed(call)[1])
        for call in busy[1:]:
            call.cancel()
            self.failed(call)
        self.successResultOf(busy[0])
        self.assert_all_places_free()

    def test_thousands_that_wait_can_expire_at_once(self) -> None:
        for _ in range(3):
            self.call(deadline=100).addErrback(lambda _: None)
        calls = [Deferred.fromCoroutine(self.client.call("GET", URL)) for _ in range(1500)]
        self.clock.advance(10)
        for call in calls:
            self.assertEqual(self.crowded_out(call), "no free connection within 10 s")
        self.assertEqual(len(self.page.requests), 3)
