"""Circuits: when they open, how they probe, and who goes when."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.circuit import PROBE_LIMIT, Circuit
from chatgw.failures import FailureKind
from chatgw.values import Done, Dropped, Failed, Unknown

DOWN = Failed(FailureKind.TRANSIENT, "503")
LOST = Unknown("deadline")
THROTTLED = Failed(FailureKind.THROTTLED, "613")
EXPIRED_TOKEN = Failed(FailureKind.CREDENTIALS, "190")
BLOCKED = Failed(FailureKind.POLICY, "368")


class CircuitTestCase(SynchronousTestCase):
    """A circuit, and what it says."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        self.said: list[str] = []
        self.circuit = Circuit(
            self.clock, "Messenger", lambda circuit: self.said.append(circuit.trouble)
        )

    def tearDown(self) -> None:
        self.circuit.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def fall_silent(self) -> None:
        """Three callers get no answer."""
        for caller in "abc":
            self.circuit.told(caller, DOWN)

    def probes(self, outcome: object, seconds: int) -> list[int]:
        """When a probe is let through within some time, each of which has this outcome."""
        times = []
        for second in range(1, seconds + 1):
            self.clock.advance(1.0)
            if self.circuit.admits():
                times.append(second)
                self.circuit.told("probe", outcome)
        return times

    def wait(self, within: float = 900.0) -> Deferred[bool]:
        """Somebody waits, and does not go at once."""
        waiting = self.circuit.admitted(within)
        self.assertNoResult(waiting)
        return waiting


class OpeningTests(CircuitTestCase):
    """What opens a circuit, and what does not."""

    def test_closed_it_lets_everybody_pass(self) -> None:
        self.assertTrue(self.circuit.admits())
        self.assertTrue(self.circuit.admits())
        self.assertTrue(self.successResultOf(self.circuit.admitted(1.0)))
        self.assertEqual((self.circuit.trouble, self.circuit.resting), ("", False))

    def test_what_concerns_everybody_opens_it_at_once(self) -> None:
        for outcome in (THROTTLED, EXPIRED_TOKEN, BLOCKED):
            circuit = Circuit(self.clock, "Messenger")
            circuit.told("a", outcome)
            self.assertFalse(circuit.admits())
            self.assertEqual(circuit.trouble, f"{outcome.kind.value}: {outcome.detail}")
            self.assertFalse(circuit.resting)

    def test_three_callers_in_a_row_without_an_answer_open_it(self) -> None:
        for caller, outcome in (("a", DOWN), ("b", LOST)):
            self.circuit.told(caller, outcome)
            self.assertTrue(self.circuit.admits())
        self.circuit.told("c", DOWN)
        self.assertFalse(self.circuit.admits())
        self.assertEqual(self.circuit.trouble, "does not answer: 503")

    def test_one_caller_counts_once(self) -> None:
        for caller in "aaaabbbb":
            self.circuit.told(caller, DOWN)
        self.assertTrue(self.circuit.admits())

    def test_any_answer_between_them_begins_the_count_anew(self) -> None:
        for answer in (Done(), Failed(FailureKind.BAD_REQUEST, "100"), object()):
            for caller in "ab":
                self.circuit.told(caller, DOWN)
            self.circuit.told("c", answer)
        self.assertEqual(self.said, [])

    def test_what_was_decided_without_the_peer_proves_nothing(self) -> None:
        for kind in (FailureKind.WINDOW_CLOSED, FailureKind.EXPIRED):
            self.circuit.told("x", Failed(kind, "too long ago"))
            self.circuit.told(kind, DOWN)
        self.circuit.told("y", Dropped("the conversation has moved on"))
        self.circuit.told("c", DOWN)
        self.assertFalse(self.circuit.admits())

    def test_a_peer_near_its_limits_is_left_alone_for_a_while(self) -> None:
        self.circuit.told("a", Done("m", pause=20.0))
        self.assertFalse(self.circuit.admits())
        self.clock.advance(20.0)
        self.assertTrue(self.circuit.admits())

    def test_that_is_over_by_itself(self) -> None:
        self.circuit.told("a", Done("m", pause=20.0))
        self.clock.advance(20.0)
        self.assertEqual(self.said[1:], [""])

    def test_that_is_over_even_if_the_probe_after_it_never_ends(self) -> None:
        self.circuit.told("a", Done("m", pause=20.0))
        waiting = self.wait()
        self.clock.advance(20.0)
        self.assertTrue(self.successResultOf(waiting))
        self.clock.advance(PROBE_LIMIT)
        self.assertEqual(self.circuit.trouble, "")

    def test_being_throttled_in_that_time_is_not(self) -> None:
        self.circuit.told("a", Done("m", pause=20.0))
        self.circuit.told("b", THROTTLED)
        self.clock.advance(20.0)
        self.assertNotEqual(self.circuit.trouble, "")


class ProbeTests(CircuitTestCase):
    """Who is let through while it is open, and what that tells."""

    def test_a_silent_peer_is_probed_after_1_3_10_30_30_seconds(self) -> None:
        self.fall_silent()
        self.assertEqual(self.probes(LOST, 80), [1, 4, 14, 44, 74])

    def test_a_throttled_page_is_probed_once_a_minute(self) -> None:
        self.circuit.told("a", THROTTLED)
        self.assertEqual(self.probes(THROTTLED, 200), [60, 120, 180])

    def test_what_an_operator_must_mend_is_probed_ever_less(self) -> None:
        self.circuit.told("a", EXPIRED_TOKEN)
        self.assertEqual(self.probes(EXPIRED_TOKEN, 2200), [60, 180, 420, 900, 1500, 2100])

    def test_the_peer_may_say_for_how_long(self) -> None:
        for asked, after in ((7.0, 7), (0.0, 1), (-5.0, 1), (1e9, 3600)):
            circuit = self.circuit = Circuit(self.clock, "Messenger")
            circuit.told("a", Failed(FailureKind.THROTTLED, "613", retry_after=asked))
            self.assertEqual(self.probes(Done(), 3600), list(range(after, 3601)))

    def test_jitter_stretches_its_own_schedule_only(self) -> None:
        for outcome, after in ((THROTTLED, 90), (Failed(FailureKind.THROTTLED, "", 10.0), 10)):
            self.circuit = Circuit(self.clock, "Messenger", jitter=lambda: 1.5)
            self.circuit.told("a", outcome)
            self.assertEqual(self.probes(outcome, 99)[0], after)

    def test_there_is_one_at_a_time(self) -> None:
        self.fall_silent()
        self.clock.advance(1.0)
        self.assertTrue(self.circuit.admits())
        self.assertFalse(self.circuit.admits())

    def test_any_answer_to_it_closes(self) -> None:
        for answer in (Done(), Failed(FailureKind.BAD_REQUEST, "100"), object()):
            self.fall_silent()
            self.clock.advance(1.0)
            self.assertTrue(self.circuit.admits())
            self.circuit.told("probe", answer)
            self.assertEqual(self.circuit.trouble, "")
            self.assertTrue(self.circuit.admits())

    def test_the_schedule_begins_anew_after_that(self) -> None:
        self.fall_silent()
        self.assertEqual(self.probes(DOWN, 4), [1, 4])
        self.probes(Done(), 10)
        self.fall_silent()
        self.assertEqual(self.probes(DOWN, 4), [1, 4])

    def test_one_that_never_ends_does_not_block_for_ever(self) -> None:
        self.fall_silent()
        self.clock.advance(1.0)
        self.assertTrue(self.circuit.admits())
        waiting = self.wait()
        self.clock.advance(PROBE_LIMIT - 0.1)
        self.assertNoResult(waiting)
        self.clock.advance(0.1)
        self.assertTrue(self.successResultOf(waiting))

    def test_one_that_was_not_made_leaves_its_turn_to_the_next(self) -> None:
        self.fall_silent()
        self.clock.advance(1.0)
        self.assertTrue(self.circuit.admits())
        waiting = self.wait()
        self.circuit.release()
        self.assertTrue(self.successResultOf(waiting))
        self.assertFalse(self.circuit.admits())

    def test_one_decided_without_the_peer_leaves_its_turn_as_well(self) -> None:
        self.circuit.told("a", EXPIRED_TOKEN)
        self.clock.advance(60.0)
        for outcome in (Failed(FailureKind.WINDOW_CLOSED, "too long ago"), Dropped("typing")):
            self.assertTrue(self.circuit.admits())
            self.circuit.told("a", outcome)
            self.assertEqual(self.circuit.trouble, "credentials: 190")
        self.assertTrue(self.circuit.admits())

    def test_no_answer_to_it_does_not_hide_what_the_peer_said(self) -> None:
        self.circuit.told("a", EXPIRED_TOKEN)
        self.assertEqual(self.probes(DOWN, 180), [60, 180])
        self.assertEqual(self.said, ["credentials: 190"])

    def test_another_answer_begins_another_schedule(self) -> None:
        self.fall_silent()
        self.assertEqual(self.probes(THROTTLED, 61), [1, 61])
        self.assertEqual(self.probes(EXPIRED_TOKEN, 180), [60, 120])


class StragglerTests(CircuitTestCase):
    """Calls that were under way when it opened."""

    def test_more_of_the_same_does_not_make_it_worse(self) -> None:
        for caller in "abcdef":
            self.circuit.told(caller, EXPIRED_TOKEN)
        self.assertEqual(self.probes(Done(), 60), [60])
        for caller in "abcdef":
            self.circuit.told(caller, DOWN)
        self.assertEqual(self.probes(Done(), 1), [1])

    def test_a_longer_time_asked_for_is_kept(self) -> None:
        self.circuit.told("a", Done(pause=10.0))
        self.circuit.told("b", Done(pause=30.0))
        self.circuit.told("c", Done(pause=20.0))
        self.assertEqual(self.probes(THROTTLED, 30), [30])

    def test_a_success_does_not_undo_throttling(self) -> None:
        self.circuit.told("a", THROTTLED)
        self.circuit.told("b", Done())
        self.assertFalse(self.circuit.admits())

    def test_a_success_shows_that_a_silent_peer_is_alive(self) -> None:
        self.fall_silent()
        self.circuit.told("d", Done())
        self.assertTrue(self.circuit.admits())

    def test_a_refusal_says_more_than_silence(self) -> None:
        self.fall_silent()
        self.circuit.told("d", EXPIRED_TOKEN)
        self.assertEqual(self.circuit.trouble, "credentials: 190")
        self.circuit.told("e", THROTTLED)
        self.circuit.told("f", DOWN)
        self.assertEqual(self.circuit.trouble, "credentials: 190")
