"""Who waits for a circuit, and who is told of it."""

from __future__ import annotations

from chatgw.test.test_circuit import DOWN, EXPIRED_TOKEN, THROTTLED, CircuitTestCase
from chatgw.values import Done


class WaitingTests(CircuitTestCase):
    """Who waits goes in order."""

    def test_the_first_is_the_probe_and_the_others_follow_once_it_closes(self) -> None:
        gone: list[str] = []

        def go(_: bool, name: str) -> None:
            gone.append(name)

        self.circuit.told("x", THROTTLED)
        for name in "abc":
            self.wait().addCallback(go, name)
        self.clock.advance(59.9)
        self.assertEqual(gone, [])
        self.clock.advance(0.1)
        self.assertEqual(gone, ["a"])
        self.circuit.told("a", Done())
        self.assertEqual(gone, ["a", "b", "c"])

    def test_one_who_opens_it_again_keeps_the_others_waiting(self) -> None:
        gone: list[str] = []

        def go(_: bool, name: str) -> None:
            gone.append(name)
            self.circuit.told(name, Done() if name == "a" else THROTTLED)

        self.circuit.told("x", THROTTLED)
        for name in "abc":
            self.wait().addCallback(go, name)
        self.clock.advance(60.0)
        self.assertEqual(gone, ["a", "b"])

    def test_thousands_who_go_at_once_do_not_nest(self) -> None:
        gone: list[int] = []

        def go(_: bool, number: int) -> None:
            gone.append(number)
            self.circuit.told(number, Done())

        self.circuit.told("x", THROTTLED)
        for number in range(3000):
            self.wait().addCallback(go, number)
        self.clock.advance(60.0)
        self.assertEqual(gone, list(range(3000)))

    def test_nobody_waits_for_longer_than_wanted(self) -> None:
        self.circuit.told("a", THROTTLED)
        waiting, other = self.wait(within=30.0), self.wait()
        self.clock.advance(30.0)
        self.assertFalse(self.successResultOf(waiting))
        self.assertNoResult(other)

    def test_who_gives_up_waiting_is_passed_over(self) -> None:
        self.circuit.told("a", THROTTLED)
        waiting, other = self.wait(), self.wait()
        waiting.addErrback(lambda _: None)
        waiting.cancel()
        self.clock.advance(60.0)
        self.assertTrue(self.successResultOf(other))

    def test_when_nobody_waits_any_more_no_timer_is_left(self) -> None:
        self.circuit.told("a", THROTTLED)
        waiting = self.wait()
        waiting.addErrback(lambda _: None)
        waiting.cancel()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stopping_ends_the_waiting(self) -> None:
        self.circuit.told("a", THROTTLED)
        waiting = self.wait()
        self.circuit.stop()
        self.assertFalse(self.successResultOf(waiting))
        self.assertFalse(self.successResultOf(self.circuit.admitted(900.0)))
        self.assertEqual(self.clock.getDelayedCalls(), [])


class ResetTests(CircuitTestCase):
    """A new configuration may have mended it."""

    def test_it_is_probed_at_once(self) -> None:
        self.circuit.told("a", EXPIRED_TOKEN)
        waiting, other = self.wait(), self.wait()
        self.circuit.reset()
        self.assertTrue(self.successResultOf(waiting))
        self.circuit.told("a", Done())
        self.assertTrue(self.successResultOf(other))

    def test_if_it_has_not_the_schedule_begins_anew(self) -> None:
        self.circuit.told("a", EXPIRED_TOKEN)
        self.probes(EXPIRED_TOKEN, 900)
        self.circuit.reset()
        self.assertTrue(self.circuit.admits())
        self.circuit.told("a", EXPIRED_TOKEN)
        self.assertEqual(self.probes(EXPIRED_TOKEN, 130)[0], 60)

    def test_closed_it_stays_closed(self) -> None:
        self.circuit.reset()
        self.assertTrue(self.circuit.admits())
        self.assertTrue(self.circuit.admits())
        self.assertEqual(self.said, [])


class TellingTests(CircuitTestCase):
    """Operators learn of each change, and of nothing else."""

    def test_each_change_is_said_once(self) -> None:
        for outcome in (THROTTLED, THROTTLED, DOWN):
            self.circuit.told("a", outcome)
        self.probes(THROTTLED, 60)
        self.probes(Done(), 60)
        self.assertEqual(self.said, ["throttled: 613", ""])
