"""A journal in memory: what it holds lasts as long as the process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from attrs import evolve
from twisted.internet.defer import Deferred, fail, succeed
from zope.interface import implementer

from chatgw.interfaces import DeadLetter, Entry, IJournal, Kept, NotTakenError, Owed
from chatgw.journal.letters import DeadLetters
from chatgw.journal.trouble import CLOSED
from chatgw.values import Address, Effect, Session

SEEN_FOR = 36 * 3600.0
"""Seconds an event's id is remembered: Meta's longest span of repeated deliveries."""


@implementer(IJournal)
class MemoryJournal:
    """Keeps promises for one process."""

    def __init__(self) -> None:
        self.sessions: dict[Address, Session] = {}
        self.owed: dict[str, Owed] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._dead = DeadLetters()
        self._closed = False

    def restore(self) -> Kept:
        """See `IJournal.restore`: what was committed so far."""
        return Kept(tuple(self.sessions.values()), tuple(self.owed.values()))

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """See `IJournal.commit`."""
        if self._closed:
            return fail(NotTakenError(CLOSED))
        for entry in entries:
            if entry.session is None:
                self.sessions.pop(entry.address, None)
            else:
                self.sessions[entry.address] = entry.session
            self._owe(entry.owed)
            if entry.settled is not None:
                self.owed.pop(entry.settled, None)
            if entry.seen is not None:
                self._remember(entry.seen, entry.at)
            if entry.dead is not None:
                self._dead.add([entry.dead])
        return succeed(None)

    def mark(self, effect_id: str, tried: int) -> Deferred[None]:
        """See `IJournal.mark`."""
        if self._closed:
            return fail(NotTakenError(CLOSED))
        if effect_id in self.owed:
            self.owed[effect_id] = evolve(self.owed[effect_id], tried=tried)
        return succeed(None)

    def seen(self, event_id: str) -> bool:
        """See `IJournal.seen`."""
        return event_id in self._seen

    def dead(self) -> Sequence[DeadLetter]:
        """See `IJournal.dead`."""
        return self._dead.listed()

    def dead_letter(self, effect_id: str) -> DeadLetter | None:
        """See `IJournal.dead_letter`."""
        return self._dead.find(effect_id)

    def bury(self, effect_id: str, owed: Iterable[Effect] = ()) -> Deferred[None]:
        """See `IJournal.bury`."""
        if self._closed:
            return fail(NotTakenError(CLOSED))
        if self._dead.find(effect_id) is None:
            return fail(NotTakenError(f"there is no dead letter {effect_id}"))
        self._dead.remove(effect_id)
        self._owe(owed)
        return succeed(None)

    def close(self) -> Deferred[None]:
        """See `IJournal.close`."""
        self._closed = True
        return succeed(None)

    def _owe(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if not effect.fleeting:
                self.owed.setdefault(effect.id, Owed(effect, tried=0))

    def _remember(self, event_id: str, at: float) -> None:
        self._seen[event_id] = at
        while at - next(iter(self._seen.values())) > SEEN_FOR:
            self._seen.popitem(last=False)
