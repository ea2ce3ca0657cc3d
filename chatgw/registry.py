"""The sessions in memory, and the road of every happening: decide, commit, acknowledge, perform."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from attrs import evolve
from twisted.internet.defer import Deferred, DeferredList, FirstError, fail, gatherResults
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatgw import wording
from chatgw.accounts import Parts
from chatgw.conversation import Decision, Session, decide
from chatgw.delivery import Delivery
from chatgw.interfaces import Batch, Entry, IChannel, IJournal, NotTakenError
from chatgw.logs import emit
from chatgw.pollers import Pollers
from chatgw.turns import Turns
from chatgw.values import (
    Address,
    ChannelEvent,
    ChatHandle,
    DeskSpoke,
    Effect,
    Failed,
    Happening,
    Lane,
    LogLine,
    Noticed,
    Outcome,
    ServiceStopped,
    Settled,
    WentStale,
)

SWEEP_INTERVAL = 3600.0
"""Seconds between two sweeps of stale sessions."""

FAREWELL = 3.0
"""Seconds for telling everybody that the service stops."""

BOOKKEEPING = frozenset({"echo", "delivery", "read"})
"""What a channel tells of every single message, of interest to nobody as a rule."""

MOST_SESSIONS = 20_000
"""How many conversations are held at a time; Meta is asked to come again with one more."""

log = Logger()


class Registry:
    """Holds every conversation and takes each happening through the four steps.

    Happenings of one conversation are taken one at a time, in order; those of different
    conversations do not wait for one another.

    Args:
        clock: the time, for everything in here.
        journal: where decisions are committed.
        parts: the channels and the desk, as configured.
        spread: gives a fraction of the polling interval, for a chat's first poll.
        jitter: gives a factor for the pauses between attempts.
    """

    def __init__(
        self,
        clock: IReactorTime,
        journal: IJournal,
        parts: Parts,
        spread: Callable[[], float] = lambda: random.uniform(0.2, 1.0),  # noqa: S311 - no secret
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311 - no secret
    ) -> None:
        self.clock = clock
        self.journal = journal
        self.parts = parts
        self.sessions: dict[Address, Session] = {}
        self.delivery = Delivery(clock, self._perform, self._settle, self._is_stale, jitter)
        self._turns: Turns[Address] = Turns()
        self._pollers = Pollers(clock, self._poll, self.take, spread)
        self._stopped = False
        self._sweep: LoopingCall | None = None

    # -- What the outside calls ------------------------------------------------------------

    def use(self, parts: Parts) -> None:
        """Takes new parts. Chats of a channel that is no longer configured go on as they were."""
        self.parts = parts.following(self.parts)

    def channel(self, type_: str) -> IChannel | None:
        """The channel of a type, None if none was ever configured.

        One that is not enabled any more is still to be listened to: its last chats go on, and
        Meta takes the webhook from whom it does not reach.
        """
        account = self.parts.accounts.get(type_)
        return None if account is None else account.channel

    def receive(self, events: Sequence[ChannelEvent]) -> Deferred[None]:
        """Takes a webhook's events; fires when all that follows from them is committed.

        Fails if anything could not be committed: the webhook must then not be acknowledged.
        Takes nothing more once stopped, nor new customers over `MOST_SESSIONS`.
        """
        if self._stopped:
            return fail(NotTakenError("stopping"))
        taken = []
        for event in events:
            if isinstance(event, Noticed):
                _log_notice(event)
            elif event.address.channel in self.parts.accounts:
                taken.append(self.take(event))
        all_taken = gatherResults(taken, consumeErrors=True)
        return all_taken.addCallbacks(lambda _: None, _first)

    def take(self, happening: Happening) -> Deferred[None]:
        """Takes one happening; fires when what follows from it is committed."""
        return self._turns.take(happening.address, lambda: self._step(happening))

    async def end_chats(self) -> None:
        """Takes no more events, and ends every conversation: whoever waits is told, chats are left.

        Fires when all of this is delivered, or after `FAREWELL` seconds.
        """
        self._stopped = True
        log.info(wording.ENDING, count=len(self.sessions))
        now = self.clock.seconds()
        ending = [self.take(ServiceStopped(address, now)) for address in list(self.sessions)]
        await DeferredList(ending, consumeErrors=True)
        await self.delivery.drained(FAREWELL)

    def stop(self) -> Deferred[None]:
        """Polls, sweeps and begins nothing more; fires when what is under way has ended."""
        self._stopped = True
        self._pollers.stop()
        self._stop_sweep()
        return self.delivery.stop()

    async def sweep(self) -> None:
        """Ends the conversations of which nothing has been heard for too long."""
        log.info(wording.SWEEPING)
        now = self.clock.seconds()
        stale = [
            s for s in self.sessions.values() if self._pollers.silence(s) > self.parts.stale_after
        ]
        log.info(wording.STALE, count=len(stale))
        ended = 0
        for session in stale:
            if session.address not in self.sessions:
                continue  # over by itself, while others were being ended
            try:
                await self.take(WentStale(session.address, now))
            except Exception:  # noqa: BLE001 - one that cannot be ended does not keep the others
                log.failure(
                    "A stale session could not be ended. [ID={id}]", id=session.address.customer
                )
            ended += session.address not in self.sessions
        log.info(wording.SWEPT, count=ended)

    # -- The four steps --------------------------------------------------------------------

    async def _step(self, happening: Happening) -> None:
        event_id = getattr(happening, "event_id", None)
        if event_id is not None and self.journal.seen(event_id):
            log.debug(wording.DUPLICATE, event=event_id, id=happening.address.customer)
            return
        before = self.sessions.get(happening.address)
        account = self.parts.accounts[happening.address.channel]
        if before is None and event_id is not None and not account.open:
            log.info(wording.CLOSED, type=happening.address.channel, id=happening.address.customer)
            return
        if before is None and event_id is not None and len(self.sessions) >= MOST_SESSIONS:
            raise NotTakenError(f"there are {MOST_SESSIONS} sessions already")
        try:
            decision = decide(before, happening, account.script)
            owed = [p for effect in decision.effects for p in _fitted(account.channel, effect)]
        except Exception:  # noqa: BLE001 - delivered again, it would break again
            log.failure("Could not decide. [ID={id}]", id=happening.address.customer)
            decision, owed = _undecided(before, happening), []
        settled = happening.effect.id if isinstance(happening, Settled) else None
        await self.journal.commit(
            [
                Entry(
                    address=happening.address,
                    session=decision.session,
                    owed=tuple(owed),
                    settled=settled,
                    seen=event_id,
                    at=happening.at,
                )
            ]
        )
        self._become(happening.address, before, decision)
        for effect in owed:
            self.delivery.owe(effect)

    def _become(self, address: Address, before: Session | None, decision: Decision) -> None:
        """Makes the committed decision true in memory, and says so in the log."""
        after = decision.session
        goes_on = before is not None and after is not None and before.id == after.id
        if after is not None and not goes_on:
            if before is not None:
                self._destroy(before)
            self._create(after)
        for line in decision.lines:
            emit(log, line)
        if after is not None:
            self.sessions[address] = after
            if not self._stopped:
                self._pollers.follow(after, self.parts.polling_interval)
        elif before is not None:
            self._destroy(before)

    def _create(self, session: Session) -> None:
        address = session.address
        log.info(wording.CREATING, type=address.channel, id=address.customer)
        self.sessions[address] = session
        log.debug(wording.CREATED, id=address.customer, count=len(self.sessions))
        if self._sweep is None and not self._stopped:
            log.info(wording.SWEEP_SCHEDULED)
            # A new one each time: the last one may still be ending its sessions.
            self._sweep = LoopingCall(lambda: Deferred.fromCoroutine(self.sweep()))
            self._sweep.clock = self.clock
            self._sweep.start(SWEEP_INTERVAL, now=False).addErrback(
                lambda broken: log.failure("The sweep broke.", failure=broken)
            )

    def _destroy(self, session: Session) -> None:
        log.info(wording.DESTROYING, id=session.address.customer)
        del self.sessions[session.address]
        self._pollers.forget(session)
        log.debug(wording.DESTROYED, id=session.address.customer, count=len(self.sessions))
        if not self.sessions:
            self._stop_sweep()

    def _stop_sweep(self) -> None:
        if self._sweep is not None:
            self._sweep.stop()
            self._sweep = None

    # -- Performing ------------------------------------------------------------------------

    def _perform(self, effect: Effect) -> Deferred[Outcome]:
        if effect.lane is Lane.DESK:
            return self.parts.desk.perform(effect)
        return self.parts.accounts[effect.address.channel].channel.perform(effect)

    def _poll(self, session: Session, chat: ChatHandle) -> Deferred[Batch | Failed]:
        return self.parts.desk.poll(chat, self.sessions[session.address].cursor)

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        await self.take(Settled(effect.address, self.clock.seconds(), effect, outcome))

    def _is_stale(self, effect: Effect) -> bool:
        if effect.only_in is None:
            return False
        session = self.sessions.get(effect.address)
        return (
            session is None or session.id != effect.session or session.state not in effect.only_in
        )


def _first(failed: Failure) -> Failure:
    """The failure behind that of `gatherResults`."""
    return failed.value.subFailure if isinstance(failed.value, FirstError) else failed


def _undecided(before: Session | None, happening: Happening) -> Decision:
    """What becomes of a conversation when `decide` breaks: it goes on behind what broke it."""
    if before is not None and isinstance(happening, DeskSpoke):
        last = max(event.id for event in happening.events)
        return Decision(evolve(before, cursor=max(before.cursor, last)))
    return Decision(before)


def _fitted(channel: IChannel, effect: Effect) -> list[Effect]:
    return channel.fit(effect) if effect.lane is Lane.CUSTOMER else [effect]


def _log_notice(event: Noticed) -> None:
    level = "error" if event.alarm else "silly" if event.kind in BOOKKEEPING else "debug"
    customer = "-" if event.address is None else event.address.customer
    data = {"kind": event.kind, "id": customer, "detail": event.detail}
    emit(log, LogLine(level, wording.NOTICED, data))
