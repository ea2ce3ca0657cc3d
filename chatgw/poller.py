"""Asks the desk, at a steady pace, what is new in one chat."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatgw.failures import FailureKind
from chatgw.interfaces import Batch, JournalError, NotTakenError
from chatgw.values import Failed
from chatgw.wording import NOT_COMMITTED, POLL_FAILED, POLL_RESUMED

MOST_REFUSALS = 3
"""How many refusals in a row are taken for an answer."""

log = Logger()


class Poller:
    """Polls one chat until stopped. A slow answer delays the next poll; polls never overlap.

    Args:
        clock: paces it.
        interval: seconds between polls.
        customer: the customer's id, for the log.
        poll: asks once (`IDesk.poll`).
        heard: is given each batch.
        over: is told once when there is nothing more to be had: the chat is gone
            (``RECIPIENT_GONE``), or the desk has refused `MOST_REFUSALS` times in a row.
    """

    def __init__(
        self,
        clock: IReactorTime,
        interval: float,
        customer: str,
        poll: Callable[[], Deferred[Batch | Failed]],
        heard: Callable[[Batch], Deferred[None]],
        over: Callable[[Failed], Deferred[None]],
    ) -> None:
        self.clock = clock
        self.interval = interval
        self.answered_at = clock.seconds()
        """When the desk last answered."""
        self._customer = customer
        self._poll = poll
        self._heard = heard
        self._over = over
        self._refusals = 0
        self._failing = False
        self._uncommitted = False
        self._loop = LoopingCall(lambda: Deferred.fromCoroutine(self._once()))
        self._loop.clock = clock
        self._first: IDelayedCall | None = None

    def start(self, delay: float) -> None:
        """Polls for the first time in ``delay`` seconds, and every interval from then on."""
        self._first = self.clock.callLater(delay, self._begin)

    def _begin(self) -> None:
        self._first = None
        self._loop.start(self.interval).addErrback(
            lambda broken: log.failure("A poller broke.", failure=broken)
        )

    def stop(self) -> None:
        """Polls no more. The answer to a poll under way is not listened to."""
        if self._first is not None:
            self._first.cancel()
            self._first = None
        if self._loop.running:
            self._loop.stop()

    async def _once(self) -> None:
        try:
            answer = await self._poll()
            if not self._loop.running:
                return
            if isinstance(answer, Failed):
                await self._failed(answer)
            else:
                await self._answered(answer)
        except (JournalError, NotTakenError) as error:  # the cursor stays: the events come again
            if not self._uncommitted:
                log.debug(NOT_COMMITTED, id=self._customer, reason=str(error))
            self._uncommitted = True
        except Exception:  # noqa: BLE001 - a poller survives everything
            log.failure("A poll broke. [ID={id}]", id=self._customer)

    async def _answered(self, batch: Batch) -> None:
        if self._failing:
            log.info(POLL_RESUMED, id=self._customer)
        self._failing, self._refusals = False, 0
        self.answered_at = self.clock.seconds()
        await self._heard(batch)
        self._uncommitted = False

    async def _failed(self, failed: Failed) -> None:
        if failed.kind is FailureKind.RECIPIENT_GONE:
            await self._over(failed)
            return
        say = log.debug if self._failing else log.warn  # one warning a trouble, not one a poll
        say(POLL_FAILED, id=self._customer, reason=f"{failed.kind.value}: {failed.detail}")
        self._failing = True
        self._refusals = 0 if failed.kind.passing else self._refusals + 1
        if self._refusals >= MOST_REFUSALS:
            await self._over(failed)
