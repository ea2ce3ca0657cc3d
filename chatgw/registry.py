"""The sessions in memory, and the road of every happening: decide, commit, acknowledge, perform."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatgw import wording
from chatgw.accounts import Parts
from chatgw.conversation import Decision, Session, decide
from chatgw.delivery import Delivery
from chatgw.dump import Dump
from chatgw.failures import FailureKind
from chatgw.interfaces import Batch, Entry, IChannel, IJournal
from chatgw.logs import emit
from chatgw.poller import Poller
from chatgw.turns import Turns
from chatgw.values import (
    Address,
    ChannelEvent,
    ChatHandle,
    DeskChatGone,
    DeskRefused,
    DeskSpoke,
    Effect,
    Failed,
    Happening,
    Lane,
    Noticed,
    Outcome,
    Settled,
    State,
    WentStale,
)

SWEEP_INTERVAL = 3600.0
"""Seconds between two sweeps of stale sessions."""

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
        self._spread = spread
        self._turns: Turns[Address] = Turns()
        self._pollers: dict[str, Poller] = {}
        self._stopped = False
        self._sweep = LoopingCall(lambda: Deferred.fromCoroutine(self.sweep()))
        self._sweep.clock = clock

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
        """
        taken = []
        for event in events:
            if isinstance(event, Noticed):
                _log_notice(event)
            elif event.address.channel in self.parts.accounts:
                taken.append(self.take(event))
        return gatherResults(taken, consumeErrors=True).addCallback(lambda _: None)

    def take(self, happening: Happening) -> Deferred[None]:
        """Takes one happening; fires when what follows from it is committed."""
        return self._turns.take(happening.address, lambda: self._step(happening))

    def stop(self) -> Deferred[None]:
        """Polls, sweeps and begins nothing more; fires when what is under way has ended."""
        self._stopped = True
        for poller in self._pollers.values():
            poller.stop()
        self._pollers.clear()
        if self._sweep.running:
            self._sweep.stop()
        return self.delivery.stop()

    async def sweep(self) -> None:
        """Ends the conversations of which nothing has been heard for too long."""
        log.info(wording.SWEEPING)
        now = self.clock.seconds()
        stale = [s for s in self.sessions.values() if self._silence(s) > self.parts.stale_after]
        log.info(wording.STALE, count=len(stale))
        for session in stale:
            if session.address not in self.sessions:
                continue  # over by itself, while others were being ended
            try:
                await self.take(WentStale(session.address, now))
            except Exception:  # noqa: BLE001 - one that cannot be ended does not keep the others
                log.failure("A stale session could not be ended. [ID={id}]", id=session.id)
        log.info(wording.SWEPT, count=len(stale))

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
        try:
            decision = decide(before, happening, account.script)
            owed = [p for effect in decision.effects for p in _fitted(account.channel, effect)]
        except Exception:  # noqa: BLE001 - delivered again, it would break again
            log.failure("Could not decide. [ID={id}]", id=happening.address.customer)
            return
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
            self._follow(after)
        elif before is not None:
            self._destroy(before)

    def _create(self, session: Session) -> None:
        address = session.address
        log.info(wording.CREATING, type=address.channel, id=address.customer)
        self.sessions[address] = session
        log.debug(wording.CREATED, id=address.customer, count=len(self.sessions))
        if not self._sweep.running and not self._stopped:
            log.info(wording.SWEEP_SCHEDULED)
            self._sweep.start(SWEEP_INTERVAL, now=False).addErrback(
                lambda broken: log.failure("The sweep broke.", failure=broken)
            )

    def _destroy(self, session: Session) -> None:
        log.info(wording.DESTROYING, id=session.address.customer)
        del self.sessions[session.address]
        poller = self._pollers.pop(session.id, None)
        if poller is not None:
            poller.stop()
        log.debug(wording.DESTROYED, id=session.address.customer, count=len(self.sessions))
        if not self.sessions and self._sweep.running:
            self._sweep.stop()

    # -- Performing ------------------------------------------------------------------------

    def _perform(self, effect: Effect) -> Deferred[Outcome]:
        if effect.lane is Lane.DESK:
            return self.parts.desk.perform(effect)
        return self.parts.accounts[effect.address.channel].channel.perform(effect)

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        await self.take(Settled(effect.address, self.clock.seconds(), effect, outcome))

    def _is_stale(self, effect: Effect) -> bool:
        if effect.only_in is None:
            return False
        session = self.sessions.get(effect.address)
        return (
            session is None or session.id != effect.session or session.state not in effect.only_in
        )

    # -- Polling ---------------------------------------------------------------------------

    def _follow(self, session: Session) -> None:
        """Polls the session's chat from now on, if it has one."""
        chat = session.chat
        if chat is None or session.id in self._pollers or self._stopped:
            return
        address = session.address

        def heard(batch: Batch) -> Deferred[None]:
            log.debug(wording.EVENTS, id=address.customer, events=Dump(batch.raw))
            if not batch.events:
                log.debug(wording.NO_EVENTS, id=address.customer)
                return succeed(None)
            return self.take(DeskSpoke(address, self.clock.seconds(), chat, batch.events))

        interval = self.parts.polling_interval
        poller = self._pollers[session.id] = Poller(
            self.clock,
            interval,
            address.customer,
            lambda: self.parts.desk.poll(chat, self.sessions[address].cursor),
            heard,
            lambda failed: self.take(_over(address, self.clock.seconds(), chat, failed)),
        )
        poller.start(interval * self._spread())

    def _silence(self, session: Session) -> float:
        """Seconds since anything was heard of a session."""
        heard = session.touched_at
        if session.state in (State.AGENT_WAIT, State.TALKING) and session.id in self._pollers:
            heard = max(heard, self._pollers[session.id].answered_at)
        return self.clock.seconds() - heard


def _fitted(channel: IChannel, effect: Effect) -> list[Effect]:
    return channel.fit(effect) if effect.lane is Lane.CUSTOMER else [effect]


def _over(
    address: Address, at: float, chat: ChatHandle, failed: Failed
) -> DeskChatGone | DeskRefused:
    if failed.kind is FailureKind.RECIPIENT_GONE:
        return DeskChatGone(address, at, chat)
    return DeskRefused(address, at, chat, f"{failed.kind.value}: {failed.detail}")


def _log_notice(event: Noticed) -> None:
    say = log.error if event.alarm else log.debug
    customer = "-" if event.address is None else event.address.customer
    say(wording.NOTICED, kind=event.kind, id=customer, detail=event.detail)
