"""One at a time, in order, for each key."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatgw.turns import Turns


class TurnsTests(SynchronousTestCase):
    """Steps wait for those of the same key."""

    def setUp(self) -> None:
        self.turns: Turns[str] = Turns()
        self.done: list[str] = []
        self.gates: dict[str, Deferred[None]] = {}

    def take(self, key: str, name: str, *, hold: bool = False) -> Deferred[None]:
        """Takes a step, which waits at a gate if it is to be held."""

        async def step() -> None:
            if hold:
                self.gates[name] = Deferred()
                await self.gates[name]
            self.done.append(name)

        return self.turns.take(key, step)

    def test_of_one_key_in_order(self) -> None:
        first = self.take("k", "a", hold=True)
        second = self.take("k", "b")
        self.assertNoResult(second)
        self.gates["a"].callback(None)
        self.successResultOf(first)
        self.successResultOf(second)
        self.assertEqual(self.done, ["a", "b"])

    def test_of_different_keys_at_once(self) -> None:
        self.take("k", "a", hold=True)
        self.successResultOf(self.take("l", "b"))

    def test_a_step_that_fails_fails_its_own_and_lets_the_next_go(self) -> None:
        first = self.take("k", "a", hold=True)
        second = self.take("k", "b")
        self.gates["a"].errback(OSError("no space left"))
        self.failureResultOf(first, OSError)
        self.successResultOf(second)

    def test_a_step_taken_from_within_a_step_comes_after_it(self) -> None:
        async def step() -> None:
            self.take("k", "b")
            self.done.append("a")

        self.successResultOf(self.turns.take("k", step))
        self.assertEqual(self.done, ["a", "b"])

    def test_many_that_end_at_once_do_not_nest(self) -> None:
        self.take("k", "first", hold=True)
        taken = [self.take("k", str(number)) for number in range(5000)]
        self.gates["first"].callback(None)
        for one in taken:
            self.successResultOf(one)
        self.assertEqual(len(self.done), 5001)

    def test_a_key_is_forgotten_when_nobody_waits(self) -> None:
        self.take("k", "a", hold=True)
        self.assertEqual(len(self.turns), 1)
        self.gates["a"].callback(None)
        self.assertEqual(len(self.turns), 0)
