"""The sessions in memory, and the road of every happening: decide, commit, acknowledge, perform."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from attrs import evolve
from twisted.internet.defer import Deferred, FirstError, gatherResults, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatgw import wording
from chatgw.accounts import Parts
from chatgw.conversation import Decision, decide
from chatgw.deadletters import DeadLetters, dead_letter
from chatgw.delivery import Delivery
from chatgw.idle import Idle
from chatgw.interfaces import Entry, IChannel, IJournal, NotTakenError
from chatgw.journal.watched import WatchedJournal
from chatgw.logs import emit
from chatgw.noticed import log_notice
from chatgw.peers import Peers
from chatgw.pollers import Pollers
from chatgw.restart import with_time_left
from chatgw.status import Status
from chatgw.turns import Turns
from chatgw.values import (
    Address,
    ChannelEvent,
    DeskSpoke,
    Echoed,
    Effect,
    Happening,
    Lane,
    Noticed,
    Outcome,
    Session,
    Settled,
)

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
        self.dead_letters = DeadLetters(clock, self.journal, self.delivery)
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

    def restore(self) -> None:
        """Takes up every conversation where a former process has left it. Called once, first."""
        kept = self.journal.restore()
        for session in kept.sessions:
            if session.address.channel in self.parts.accounts:
                self.sessions[session.address] = session
                self._pollers.follow(session, self.parts.polling_interval)
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
        Takes no new customers over `MOST_SESSIONS`.
        """
        self._reached("received")
        taken = []
        for event in events:
            log_notice(event)
            match event:
                case Noticed():
                    pass
                case Echoed():
                    taken.append(self._echoed(event))
                case _ if event.address.channel in self.parts.accounts:
                    taken.append(self.take(event))
        all_taken = gatherResults(taken, consumeErrors=True)
        return all_taken.addCallbacks(lambda _: None, _first)

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
        if before is None and event_id is not None and len(self.sessions) >= MOST_SESSIONS:
            raise NotTakenError(f"there are {MOST_SESSIONS} sessions already")
        try:
            decision = decide(before, happening, account.script)
            owed = [p for effect in decision.effects for p in _fitted(account.channel, effect)]
        except Exception:  # noqa: BLE001 - delivered again, it would break again
            log.failure("Could not decide. [ID={id}]", id=happening.address.customer)
            decision, owed = _undecided(before, happening), []
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
        dead = None if settled is None else dead_letter(settled)
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
