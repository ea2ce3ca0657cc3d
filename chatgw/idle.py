"""Conversations that have gone on for too long without what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatgw import wording
from chatgw.accounts import Limits
from chatgw.interfaces import JournalError, NotTakenError
from chatgw.pollers import Pollers
from chatgw.values import Address, Limit, Session, State, WentStale

SWEEP_INTERVAL = 3600.0
"""Seconds between two sweeps of stale sessions."""

WATCH_INTERVAL = 15.0
"""Seconds between two looks at what each conversation waits for."""

log = Logger()


class Idle:
    """Ends the conversations that have reached a limit.

    Args:
        clock: the time.
        sessions: the conversations there are.
        pollers: know when the desk was last heard.
        limits: gives the limits as they are configured now.
        take: takes what follows.
    """

    def __init__(
        self,
        clock: IReactorTime,
        sessions: Mapping[Address, Session],
        pollers: Pollers,
        limits: Callable[[], Limits],
        take: Callable[[WentStale], Deferred[None]],
    ) -> None:
        self._clock = clock
        self._sessions = sessions
        self._pollers = pollers
        self._limits = limits
        self._take = take
        self._loops: list[LoopingCall] = []

    def start(self) -> None:
        """Looks from time to time, from now on; does nothing if it does so already."""
        if self._loops:
            return
        log.info(wording.SWEEP_SCHEDULED)
        for look, interval in ((self.sweep, SWEEP_INTERVAL), (self.watch, WATCH_INTERVAL)):
            # New ones each time: the last ones may still be ending their sessions.
            loop = LoopingCall(lambda look=look: Deferred.fromCoroutine(look()))
            loop.clock = self._clock
            loop.start(interval, now=False).addErrback(
                lambda broken: log.failure("The sweep broke.", failure=broken)
            )
            self._loops.append(loop)

    def stop(self) -> None:
        """Looks no more."""
        for loop in self._loops:
            loop.stop()
        self._loops.clear()

    async def sweep(self) -> None:
        """Ends the conversations of which nothing has been heard for too long."""
        log.info(wording.SWEEPING)
        limit = self._limits().idle
        stale = [s for s in self._sessions.values() if self._silence(s) > limit]
        log.info(wording.STALE, count=len(stale))
        ended = 0
        for session in stale:
            ended += await self._end(session, Limit.IDLE)
        log.info(wording.SWEPT, count=ended)

    async def watch(self) -> None:
        """Ends the conversations that wait in vain."""
        limits = self._limits()
        for session in list(self._sessions.values()):
            limit = self._reached(session, limits)
            if limit is not None:
                await self._end(session, limit)

    def _reached(self, session: Session, limits: Limits) -> Limit | None:
        match session.state:
            case State.CREATED | State.INFO_WAIT if self._since(session.touched_at) > limits.choice:
                return Limit.CHOICE
            case State.RATING_WAIT if self._since(session.touched_at) > limits.rating:
                return Limit.RATING
            case State.AGENT_WAIT if self._since(session.state_at) > limits.waiting:
                return Limit.WAITING
            case State.AGENT_WAIT | State.TALKING:
                answered_at = self._pollers.answered_at(session)
                if answered_at is not None and self._since(answered_at) > limits.desk:
                    return Limit.DESK
        return None

    def _silence(self, session: Session) -> float:
        """Seconds since anything was heard of a session.

        While an agent is awaited or there, a desk that answers is a sign of life.
        """
        heard = session.touched_at
        if session.state in (State.AGENT_WAIT, State.TALKING):
            heard = max(heard, self._pollers.answered_at(session) or 0.0)
        return self._since(heard)

    def _since(self, then: float) -> float:
        return self._clock.seconds() - then

    async def _end(self, session: Session, limit: Limit) -> bool:
        """Ends one; whether it is over. One that cannot be ended does not keep the others."""
        address = session.address
        if address not in self._sessions:
            return False  # over by itself, while others were being ended
        stale = WentStale(address, self._clock.seconds(), limit, session.state)
        try:
            await self._take(stale)
        except (JournalError, NotTakenError) as error:  # it is tried again at the next look
            log.debug(wording.NOT_ENDED, id=address.customer, reason=str(error))
        except Exception:  # noqa: BLE001 - so is this
            log.failure("A stale session could not be ended. [ID={id}]", id=address.customer)
        return address not in self._sessions
