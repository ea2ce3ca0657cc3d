"""The sessions in memory, and the road of every happening: decide, commit, acknowledge, perform."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatgw import wording
from chatgw.accounts import Parts
from chatgw.conversation import Decision, decide, undecided
from chatgw.deadletters import DeadLetters, dead_letter
from chatgw.delivery import Delivery
from chatgw.idle import Idle
from chatgw.interfaces import Entry, IChannel, IJournal, NotTakenError
from chatgw.journal.watched import WatchedJournal
from chatgw.logs import emit
from chatgw.noticed import log_notice
from chatgw.peers import Peers
from chatgw.pollers import Pollers
from chatgw.restart import after_absence, with_time_left
from chatgw.status import Status
from chatgw.turns import Turns, together
from chatgw.values import (
    Address,
    ChannelEvent,
    DeskSpoke,
    Echoed,
    Effect,
    FromCustomer,
    Happening,
    Lane,
    Noticed,
    Outcome,
    Session,
    Settled,
)

MOST_IN_LINE = 100
"""How many webhooks of one customer wait for the journal; Meta is asked to come again."""

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
        reached: is told the name of each step as it is reached: ``received``, ``decided``,
            ``committed``, ``ended``, ``events read``, ``cursor moved``, ``calling …`` and
            ``answered …`` with an effect's name. A test may stop the process there.
    """

    def __init__(
        self,
        clock: IReactorTime,
        journal: IJournal,
        parts: Parts,
        spread: Callable[[], float] = lambda: random.uniform(0.2, 1.0),  # noqa: S311 - no secret
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311 - no secret
        reached: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.clock = clock
        self.sessions: dict[Address, Session] = {}
        self.status = Status(clock, self._facts)
        self.journal: IJournal = WatchedJournal(journal, self.status, clock)
        self.peers = Peers(clock, parts, self.sessions, self.status, jitter, reached)
        self.delivery = Delivery(
            clock,
            self.peers.perform,
            self._settle,
            is_stale=self._is_stale,
            happened=self.peers.happened,
            mark=self.journal.mark,
            circuit=self.peers.circuit,
            unanswered=lambda: self.parts.unanswered,
            jitter=jitter,
        )
        self.dead_letters = DeadLetters(
            clock, self.journal, self.delivery, lambda channel: channel in self.parts.accounts
        )
        self._reached = reached
        self._turns: Turns[Address] = Turns()
        self._pollers = Pollers(clock, self.peers.poll, self.take, spread)
        self.idle = Idle(clock, self.sessions, self._pollers, lambda: self.parts.limits, self.take)
        self._stopped = False

    @property
    def parts(self) -> Parts:
        """The channels and the desk, as configured now."""
        return self.peers.parts

    # -- What the outside calls ------------------------------------------------------------

    def restore(self, absence: float = 0.0) -> None:
        """Takes up every conversation where a former process has left it. Called once, first.

        Args:
            absence: seconds for which there was none: these make nobody idle.
        """
        kept = self.journal.restore()
        for session in (after_absence(each, absence) for each in kept.sessions):
            if session.address.channel in self.parts.accounts:
                self.sessions[session.address] = session
                self._pollers.follow(session, self.parts.polling_interval)
        # So that the next absence comes on top. What cannot be written now is told by the status.
        taken_up = [Entry(address, session) for address, session in self.sessions.items()]
        self.journal.commit(taken_up).addErrback(lambda _: None)
        for owed in kept.owed:
            if owed.effect.address.channel in self.parts.accounts:
                self.delivery.owe(with_time_left(owed.effect, self.clock.seconds()), owed.tried)
        if kept.sessions or kept.owed:
            log.info(wording.RESTORED, count=len(self.sessions), owed=len(kept.owed))
        if left := len(kept.sessions) - len(self.sessions):
            log.warn(wording.NOT_RESTORED, count=left)
        if self.sessions:
            self.idle.start()

    def use(self, parts: Parts) -> None:
        """Takes new parts. Chats of a channel that is no longer configured go on as they were."""
        self.peers.use(parts)

    def receive(self, events: Sequence[ChannelEvent]) -> Deferred[None]:
        """Takes a webhook's events; fires when all that follows from them is committed.

        Fails if anything could not be committed: the webhook must then not be acknowledged, and
        what followed that from the same customer is not taken either, so that their order is kept
        when it comes again. Takes nothing from a customer of whom `MOST_IN_LINE` webhooks wait,
        nothing at all with `MOST_SESSIONS` waiting, and no new customers over `MOST_SESSIONS`.
        """
        self._reached("received")
        taken = []
        theirs: dict[Address, list[FromCustomer]] = {}
        for event in events:
            log_notice(event)
            match event:
                case Noticed():
                    pass
                case Echoed():
                    taken.append(self._echoed(event))
                case _ if event.address.channel in self.parts.accounts:
                    theirs.setdefault(event.address, []).append(event)
        taken += [self._take_all(address, several) for address, several in theirs.items()]
        return together(taken)

    def _take_all(self, address: Address, events: Sequence[FromCustomer]) -> Deferred[None]:
        """Takes a customer's events in one turn; the first that fails is the last."""
        if self._turns.line(address) >= MOST_IN_LINE or self._turns.waiting >= MOST_SESSIONS:
            return fail(NotTakenError(f"{self._turns.waiting} events wait already"))

        async def steps() -> None:
            for event in events:
                await self._step(event)

        return self._turns.take(address, steps)

    def take(self, happening: Happening) -> Deferred[None]:
        """Takes one happening; fires when what follows from it is committed."""
        return self._turns.take(happening.address, lambda: self._step(happening))

    def stop(self) -> Deferred[None]:
        """Polls and begins nothing more; fires when what is under way has ended.

        What is received meanwhile is committed, and left to the next process.
        """
        self._stopped = True
        self._pollers.stop()
        self.idle.stop()
        return self.delivery.stop().addBoth(lambda _: self.peers.stop())

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
            decision, owed = undecided(before, happening), []
        if before is None and decision.session and len(self.sessions) >= MOST_SESSIONS:
            raise NotTakenError(f"there are {MOST_SESSIONS} sessions already")
        self._reached("decided")
        await self._commit(happening, before, decision.session, owed)
        self._become(happening.address, before, decision)
        for effect in owed:
            self.delivery.owe(effect)

    async def _commit(
        self,
        happening: Happening,
        before: Session | None,
        after: Session | None,
        owed: Sequence[Effect],
    ) -> None:
        """Commits what has changed, if anything that must last has."""
        event_id = getattr(happening, "event_id", None)
        settled = happening if isinstance(happening, Settled) else None
        lasting = tuple(effect for effect in owed if not effect.fleeting)
        done = None if settled is None or settled.effect.fleeting else settled.effect.id
        if before == after and not lasting and done is None and event_id is None:
            return
        dead = None if settled is None else dead_letter(settled, before)
        entry = Entry(happening.address, after, lasting, done, event_id, happening.at, dead)
        await self.journal.commit([entry])
        self._reached("committed")
        if isinstance(happening, DeskSpoke):
            self._reached("cursor moved")
        if before is not None and after is None:
            self._reached("ended")
        if dead is not None:
            what, id_ = type(dead.effect).__name__, dead.effect.address.customer
            log.error(wording.DEAD, what=what, effect=dead.effect.id, id=id_, reason=dead.reason)

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
        if not self._stopped:
            self.idle.start()

    def _destroy(self, session: Session) -> None:
        log.info(wording.DESTROYING, id=session.address.customer)
        del self.sessions[session.address]
        self._pollers.forget(session)
        log.debug(wording.DESTROYED, id=session.address.customer, count=len(self.sessions))
        if not self.sessions:
            self.idle.stop()

    # -- Performing ------------------------------------------------------------------------

    def _echoed(self, event: Echoed) -> Deferred[None]:
        """Settles what an echo proves to have been sent; fires when that is committed."""
        settled = self.delivery.confirm(event.effect_id, event.address, event.message_id)
        return settled or self.dead_letters.arrived(event.effect_id) or succeed(None)

    def _facts(self) -> dict[str, object]:
        """What an operator wants to know of the conversations."""
        return {
            "sessions": Counter(session.state.value for session in self.sessions.values()),
            "owed": len(self.delivery),
            "deadLetters": len(self.dead_letters()),
        }

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        await self.take(Settled(effect.address, self.clock.seconds(), effect, outcome))

    def _is_stale(self, effect: Effect) -> bool:
        if effect.only_in is None:
            return False
        session = self.sessions.get(effect.address)
        return (
            session is None or session.id != effect.session or session.state not in effect.only_in
        )


def _fitted(channel: IChannel, effect: Effect) -> list[Effect]:
    return channel.fit(effect) if effect.lane is Lane.CUSTOMER else [effect]
