"""A peer whose calls go as it is told: taken or not, answered or not."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from attrs import define, evolve, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatgw.failures import FailureKind
from chatgw.values import Done, Failed

DEADLINE = 10.0
"""Seconds after which a caller waits no more."""

LINGER = 0.5
"""Seconds for which a request may still be on its way when its caller has given it up."""


class Fate(Enum):
    """How a call goes."""

    GOOD = "taken, and answered"
    SLOW = "taken at once, answered after 3 s"
    HELD = "under way until it is told how it ends; taken, without an answer, at the deadline"
    LOST = "taken, and the answer is lost"
    VAIN = "not taken, and no answer either"
    LATE = "taken a little after its caller has given it up"
    DOWN = "refused for now"
    TIRED = "taken, and answered with the wish to be left alone for 5 s"
    BUSY = "not even asked: our own line is full"
    THROTTLED = "refused for 30 s, to all"
    LOCKED = "refused to all until an operator has acted"
    UNCLEAR = "refused without a reason that is understood"
    REFUSED = "refused for good"


REFUSALS = {
    Fate.DOWN: Failed(FailureKind.TRANSIENT, "503"),
    Fate.BUSY: Failed(FailureKind.BUSY, "the line is full"),
    Fate.THROTTLED: Failed(FailureKind.THROTTLED, "613", retry_after=30.0),
    Fate.LOCKED: Failed(FailureKind.CREDENTIALS, "190"),
    Fate.UNCLEAR: Failed(FailureKind.UNCLEAR, "?"),
    Fate.REFUSED: Failed(FailureKind.BAD_REQUEST, "100"),
}


@define(eq=False)
class Call:
    """One call to a peer."""

    take: Callable[[], object]
    """Makes it happen at the peer, and gives the answer."""
    silence: object
    """What its caller makes of no answer."""
    waiting: Deferred[Any] = field(factory=Deferred)
    cut: bool = False
    """Whether its caller is no more."""

    def answer(self, answer: object) -> None:
        """Answers it, if anybody still waits for that."""
        if not self.cut and not self.waiting.called:
            self.waiting.callback(answer)


class Peer:
    """Takes calls; each goes in the way that is next, or else as calls usually do."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.usually = Fate.GOOD
        self.next: deque[Fate] = deque()
        self.held: list[Call] = []
        self.gone: set[Fate] = set()
        """How calls went, so far."""
        self._calls: list[Call] = []

    def will(self, fates: Iterable[Fate]) -> None:
        """Says how the next calls go."""
        self.next.extend(fates)

    def heal(self) -> None:
        """All goes well from now on, and what is under way ends well."""
        self.usually = Fate.GOOD
        self.next.clear()
        while self.held:
            self.end(Fate.GOOD)

    def call(self, take: Callable[[], object], silence: object) -> Deferred[Any]:
        """Takes a call."""
        call = Call(take, silence)
        self._calls.append(call)
        self._go(call, self.next.popleft() if self.next else self.usually)
        return call.waiting

    def end(self, fate: Fate) -> None:
        """Ends the oldest of the calls that are held."""
        self._go(self.held.pop(0), fate)

    def hang_up(self, arrive: bool) -> None:
        """Whoever has called is no more; what was on its way to here still arrives, or not."""
        for call in self._calls:
            call.cut = True
        if arrive:
            for call in self.held:
                self.clock.callLater(LINGER, call.take)
        self._calls.clear()
        self.held.clear()

    def _go(self, call: Call, fate: Fate) -> None:
        self.gone.add(fate)
        match fate:
            case Fate.GOOD:
                call.answer(call.take())
            case Fate.TIRED:
                answer = call.take()
                call.answer(evolve(answer, pause=5.0) if isinstance(answer, Done) else answer)
            case Fate.SLOW:
                self.clock.callLater(3.0, call.answer, call.take())
            case Fate.HELD:
                self.held.append(call)
                self.clock.callLater(DEADLINE, self._expire, call)
            case Fate.LOST:
                call.take()
                call.answer(call.silence)
            case Fate.VAIN:
                call.answer(call.silence)
            case Fate.LATE:
                self.clock.callLater(LINGER, call.take)
                call.answer(call.silence)
            case _:
                call.answer(REFUSALS[fate])

    def _expire(self, call: Call) -> None:
        if call in self.held:
            self.held.remove(call)
            self._go(call, Fate.LOST)
