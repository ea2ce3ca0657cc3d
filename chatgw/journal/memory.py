"""A journal in memory: what it holds lasts as long as the process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from twisted.internet.defer import Deferred, succeed
from zope.interface import implementer

from chatgw.interfaces import Entry, IJournal
from chatgw.values import Address, Effect

SEEN_FOR = 36 * 3600.0
"""Seconds an event's id is remembered: Meta's longest span of repeated deliveries."""


@implementer(IJournal)
class MemoryJournal:
    """Keeps promises for one process."""

    def __init__(self) -> None:
        self.sessions: dict[Address, object] = {}
        self.owed: dict[str, Effect] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """See `IJournal.commit`."""
        for entry in entries:
            if entry.session is None:
                self.sessions.pop(entry.address, None)
            else:
                self.sessions[entry.address] = entry.session
            for effect in entry.owed:
                self.owed[effect.id] = effect
            if entry.settled is not None:
                self.owed.pop(entry.settled, None)
            if entry.seen is not None:
                self._remember(entry.seen, entry.at)
        return succeed(None)

    def seen(self, event_id: str) -> bool:
        """See `IJournal.seen`."""
        return event_id in self._seen

    def _remember(self, event_id: str, at: float) -> None:
        self._seen[event_id] = at
        while at - next(iter(self._seen.values())) > SEEN_FOR:
            self._seen.popitem(last=False)
