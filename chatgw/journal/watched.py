"""A journal whose troubles the status learns of, and whose recovery too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define, evolve
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import implementer

from chatgw.interfaces import DeadLetter, Entry, IJournal, Kept, NotTakenError
from chatgw.status import Status
from chatgw.values import Address, Effect

JOURNAL = "journal"
"""The journal's name in the status."""

PROBE_INTERVAL = 5.0
"""Seconds between two attempts to write while the journal cannot."""

_PROBED = "probe"
CALM = 10.0
"""Seconds without a failure after which the trouble is over: on a full disk, small things may still
be written between large ones that are not."""

_PROBE = Entry(Address("", "", ""), None, seen=_PROBED)


@implementer(IJournal)
@define(eq=False)
class WatchedJournal:
    """Hands everything on to a journal, and tells the status how it does.

    Once the journal has failed it is tried from time to time, so that the end of the trouble is
    seen though nothing happens. The trouble ends when something has been written and can be read.
    """

    journal: IJournal
    status: Status
    clock: IReactorTime
    _failing: bool = False
    _failed_at: float = 0.0
    _probing: IDelayedCall | None = None

    def restore(self) -> Kept:
        """See `IJournal.restore`."""
        return self.journal.restore()

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """See `IJournal.commit`."""
        return self._watched(self.journal.commit(entries))

    def mark(self, effect_id: str, tried: int) -> Deferred[None]:
        """See `IJournal.mark`."""
        return self._watched(self.journal.mark(effect_id, tried))

    def seen(self, event_id: str) -> bool:
        """See `IJournal.seen`."""
        try:
            return self.journal.seen(event_id)
        except NotTakenError:
            raise
        except Exception as problem:
            self._failed(problem)
            raise

    def dead(self) -> Sequence[DeadLetter]:
        """See `IJournal.dead`."""
        return self.journal.dead()

    def dead_letter(self, effect_id: str) -> DeadLetter | None:
        """See `IJournal.dead_letter`."""
        return self.journal.dead_letter(effect_id)

    def bury(self, effect_id: str, owed: Iterable[Effect] = ()) -> Deferred[None]:
        """See `IJournal.bury`."""
        return self._watched(self.journal.bury(effect_id, owed))

    def close(self) -> Deferred[None]:
        """See `IJournal.close`."""
        if self._probing is not None:
            self._probing.cancel()
            self._probing = None
        return self.journal.close()

    def _watched(self, promise: Deferred[None]) -> Deferred[None]:
        return Deferred.fromCoroutine(self._watch(promise))

    async def _watch(self, promise: Deferred[None]) -> None:
        try:
            await promise
        except NotTakenError:  # closed, which is no trouble
            raise
        except Exception as problem:
            self._failed(problem)
            raise
        if self._failing:
            self._written()

    def _failed(self, problem: Exception) -> None:
        self._failing, self._failed_at = True, self.clock.seconds()
        self.status.trouble(JOURNAL, str(problem))
        self._probe_later()

    def _probe_later(self) -> None:
        if self._probing is None:
            self._probing = self.clock.callLater(PROBE_INTERVAL, self._probe)

    def _written(self) -> None:
        """Ends the trouble, unless what was written cannot be read, or it is too early to say."""
        try:
            self.seen(_PROBED)
        except Exception:  # noqa: BLE001 - it has been told, and is followed by the next probe
            return
        if self.clock.seconds() - self._failed_at < CALM:
            self._probe_later()
            return
        self._failing = False
        self.status.clear(JOURNAL)

    def _probe(self) -> None:
        self._probing = None
        probe = evolve(_PROBE, at=self.clock.seconds())
        # A failure has been told, and is followed by the next probe.
        self._watched(self.journal.commit([probe])).addErrback(lambda _: None)
