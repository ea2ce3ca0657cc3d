"""Delivery of webhooks: signed, in order, again until they are taken.

A fault scripted for the operation ``webhook`` strikes the next POST:

=============  ======================================================================
``delay``      posted ``seconds`` later; what is behind it waits
``hang``       never posted: a notification missed
``error``      not posted; counts as refused, so it is posted again
``lose``       posted, the answer lost on the way back: posted again
``duplicate``  posted twice
``reorder``    posted after the one that follows it
``garbage``    posted after a body of nonsense, rightly signed
=============  ======================================================================
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatgw.sim.faults import GARBAGE, Faults
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.events import FIELDS, Event, milliseconds
from chatgw.sim.meta.signing import escaped, signatures

log = Logger()

Post = Callable[[bytes, dict[str, str]], Deferred[int]]
"""Posts a body with headers to the webhook's URL and gives the HTTP status."""

OPERATION = "webhook"
TAKEN = 200
ANSWER_WITHIN = 5.0
"""Seconds the receiver has for its answer (wire reference, messaging channels 1.5)."""
PATIENCE = 3600.0
"""Seconds of failing after which Meta switches the webhook off."""
PAUSES = (0.0, 0.0, 0.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before each new attempt, the last for all later ones: a few at once, then ever rarer.

How Meta spaces them is not known.
"""


@define(eq=False)
class _Parcel:
    body: bytes
    events: Sequence[Event] = ()
    attempts: int = 0
    since: float = 0.0


@define(eq=False)
class Webhooks:
    """The webhook of one page, towards one receiver: a queue of POSTs, one at a time."""

    clock: IReactorTime
    account: Account
    post: Post
    faults: Faults
    acknowledged: Callable[[Event], None]
    """Learns of each event that the receiver has taken."""
    fields: frozenset[str] = FIELDS
    """What the app has subscribed to; other events are not sent."""
    disabled: bool = field(init=False, default=False)
    """Whether Meta has switched the webhook off because it failed for too long."""
    _queue: deque[_Parcel] = field(init=False, factory=deque)
    _overtaken: list[_Parcel] = field(init=False, factory=list)
    _held: list[Event] | None = field(init=False, default=None)
    _busy: bool = field(init=False, default=False)
    _work: Deferred[None] | None = field(init=False, default=None)

    def send(self, event: Event) -> None:
        """Queues an event, in a POST of its own unless events are being held."""
        if event.field not in self.fields:
            return
        if self._held is not None:
            self._held.append(event)
        else:
            self._queue_events([event], 1)

    def hold(self) -> None:
        """From now on keeps events back, to send them together."""
        self._held = self._held or []

    def release(self, per_entry: int = 1) -> None:
        """Sends the events held in one POST, and each later one on its own again.

        Args:
            per_entry: how many events one ``entry`` holds at most, 1 or more.
        """
        held, self._held = self._held or [], None
        if held:
            self._queue_events(held, per_entry)

    def send_body(self, body: bytes) -> None:
        """Queues any body, signed over as it is."""
        self._queue_parcel(_Parcel(body))

    def enable(self) -> None:
        """Switches the webhook on again; what happened meanwhile is lost."""
        self.disabled = False

    def stop(self) -> None:
        """Forgets what is queued and lets go of a POST under way."""
        self.disabled = True
        self._queue.clear()
        self._overtaken.clear()
        if self._work is not None:
            self._work.cancel()

    def _queue_events(self, told: Sequence[Event], per_entry: int) -> None:
        items = [event.item for event in told]
        now = milliseconds(self.clock.seconds())
        entries = [
            {"id": self.account.page_id, "time": now, "messaging": items[at : at + per_entry]}
            for at in range(0, len(items), per_entry)
        ]
        self._queue_parcel(_Parcel(escaped({"object": "page", "entry": entries}), told))

    def _queue_parcel(self, parcel: _Parcel) -> None:
        if self.disabled:
            log.info("Webhook is off. Event lost. [EVENTS={events}]", events=len(parcel.events))
            return
        self._queue.append(parcel)
        if not self._busy:
            self._busy = True
            self._work = Deferred.fromCoroutine(self._deliver())
            self._work.addErrback(_report)

    async def _deliver(self) -> None:
        """Works the queue off. A single run of this is under way at any time."""
        try:
            while self._queue:
                await self._next(self._queue.popleft())
        finally:
            self._busy = False

    async def _next(self, parcel: _Parcel) -> None:
        fault = self.faults.take(OPERATION)
        kind = fault.kind if fault else ""
        if kind == "reorder":
            self._overtaken.append(parcel)
            return
        if fault and kind == "delay":
            await self._pause(fault.seconds)
        if kind == "hang":
            return
        if await self._attempt(parcel, kind):
            for event in parcel.events:
                self.acknowledged(event)
            self._queue.extendleft(reversed(self._overtaken))
            self._overtaken.clear()
            return
        await self._retry(parcel)

    async def _attempt(self, parcel: _Parcel, kind: str) -> bool:
        """Posts a parcel once, or as its fault will have it; whether it was taken."""
        if kind == "error":
            return False
        if kind == "garbage":
            await self._posted(GARBAGE)
        if kind == "duplicate":
            await self._posted(parcel.body)
        return await self._posted(parcel.body) == TAKEN and kind != "lose"

    async def _posted(self, body: bytes) -> int:
        """Posts bytes; the status answered, 0 for no answer in time."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            **signatures(self.account.app_secret, body),
        }
        try:
            return await self.post(body, headers).addTimeout(ANSWER_WITHIN, self.clock)
        except Exception as error:  # noqa: BLE001  # whatever it was, Meta has no 200
            log.info("Webhook got no answer. [{detail}]", detail=str(error))
            return 0

    async def _retry(self, parcel: _Parcel) -> None:
        """Puts a parcel that was not taken back to the front, and waits; or gives up."""
        if self.disabled:
            return
        now = self.clock.seconds()
        if not parcel.attempts:
            parcel.since = now
        if now - parcel.since >= PATIENCE:
            log.error("Webhooks disabled: not taken for {seconds} s.", seconds=now - parcel.since)
            self.disabled = True
            self._queue.clear()
            return
        self._queue.appendleft(parcel)
        pause = PAUSES[min(parcel.attempts, len(PAUSES) - 1)]
        parcel.attempts += 1
        await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            await deferLater(self.clock, seconds, lambda: None)


def _report(failure: Failure) -> None:
    if not isinstance(failure.value, CancelledError):
        log.failure("Webhooks failed.", failure)
