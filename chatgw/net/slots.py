"""A bounded number of places, and a line of those who wait for one."""

# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

from collections import OrderedDict

from twisted.internet.defer import Deferred, succeed


class Slots:
    """A number of places; who finds none free waits in line.

    What Twisted's ``DeferredSemaphore`` is for, but in thousands: there who gives a place back
    runs the next in line on its own stack, and whoever leaves the line searches it.

    Args:
        most: how many places there are, one at least.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._line: OrderedDict[Deferred[None], None] = OrderedDict()
        self._admitting = False

    def take(self) -> Deferred[None]:
        """A place, which has to be given back.

        Returns:
            A Deferred that fires when its turn has come. Cancelled before, it leaves the line and
            has no place.
        """
        if self._free and not self._line:
            self._free -= 1
            return succeed(None)
        turn: Deferred[None] = Deferred(self._line.pop)
        self._line[turn] = None
        return turn

    def give_back(self) -> None:
        """Ends the use of a place: the next in line has it."""
        self._free += 1
        if self._admitting:
            return  # one that was just admitted has ended already: the loop below goes on
        self._admitting = True
        try:
            while self._free and self._line:
                turn, _ = self._line.popitem(last=False)
                self._free -= 1
                turn.callback(None)
        finally:
            self._admitting = False
