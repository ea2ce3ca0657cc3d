"""One at a time, in order, for each key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred, FirstError, gatherResults
from twisted.python.failure import Failure

Key = TypeVar("Key")
Step = Callable[[], Coroutine[Deferred[Any], Any, None]]


class Turns(Generic[Key]):
    """Has steps of one key wait for one another; those of different keys do not.

    Unlike a ``DeferredLock`` for each key, it forgets a key once nobody waits, and a long queue of
    steps that end at once does not nest: with a hundred and more of them the lock would exceed
    Python's recursion limit, and hold up the key for good.
    """

    def __init__(self) -> None:
        self._queues: dict[Key, deque[tuple[Step, Deferred[None]]]] = {}
        self.waiting = 0
        """How many steps wait, of all keys."""

    def __len__(self) -> int:
        """How many keys have a step under way."""
        return len(self._queues)

    def line(self, key: Key) -> int:
        """How many steps of a key wait."""
        return len(self._queues.get(key, ()))

    def take(self, key: Key, step: Step) -> Deferred[None]:
        """Takes a step when its turn comes; fires, or fails, as the step does."""
        taken: Deferred[None] = Deferred()
        queue = self._queues.get(key)
        if queue is not None:
            queue.append((step, taken))
            self.waiting += 1
            return taken
        self._queues[key] = queue = deque([(step, taken)])
        self.waiting += 1
        Deferred.fromCoroutine(self._run(key, queue))  # which cannot fail
        return taken

    async def _run(self, key: Key, queue: deque[tuple[Step, Deferred[None]]]) -> None:
        while queue:
            step, taken = queue.popleft()
            self.waiting -= 1
            try:
                await step()
            except Exception:  # noqa: BLE001 - it is the caller's
                taken.errback()
            else:
                taken.callback(None)
        del self._queues[key]


def together(taken: Iterable[Deferred[None]]) -> Deferred[None]:
    """Fires when all have, and fails as soon as one fails, in its own way."""
    gathered = gatherResults(list(taken), consumeErrors=True)
    return gathered.addCallbacks(lambda _: None, _own)


def _own(failed: Failure) -> Failure:
    return failed.value.subFailure if isinstance(failed.value, FirstError) else failed
