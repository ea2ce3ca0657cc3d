"""The whole of the promise: Meta, the desk, a disk, and one process of chatgw's after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from zope.interface import implementer

from chatgw.accounts import Account, Limits, Parts
from chatgw.gateway import STOP_WITHIN
from chatgw.interfaces import Batch, IDesk, IJournal
from chatgw.registry import Registry
from chatgw.test.fakes import FakeChannel
from chatgw.test.promise_desk import Chat, Desk
from chatgw.test.promise_disk import Disk, DiskJournal
from chatgw.test.promise_meta import Meta
from chatgw.test.world import SCRIPT, address
from chatgw.values import (
    ChannelEvent,
    ChatHandle,
    DeskStatus,
    Effect,
    Failed,
    Outcome,
    Script,
    Session,
    State,
)

INTERVAL = 5.0
"""Seconds between polls."""

FAR = Limits(choice=1e6, rating=1e6, waiting=1e6, desk=1e6, idle=1e6)
"""Nobody is idle: a conversation ends because somebody or something ends it."""


@define(eq=False)
class Life:
    """One process. When it is dead nothing that still runs of it is heard by anybody."""

    clock: Clock
    registry: Registry
    journal: DiskJournal
    stopping: bool = False
    """Whether it was asked to end."""
    steps_left: int | None = None
    """How many more steps (`Registry.reached`) it lives for, if that is known."""

    @property
    def dead(self) -> bool:
        """Whether it is no more."""
        return self.journal.cut


class MetaLine(FakeChannel):
    """A process's way to Meta."""

    def __init__(self, world: World, journal: DiskJournal) -> None:
        super().__init__(world.clock)
        self._meta = world.meta
        self._journal = journal

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """See `IChannel.perform`."""
        return Deferred() if self._journal.cut else self._meta.perform(effect)


@implementer(IDesk)
@define(eq=False)
class DeskLine:
    """A process's way to the desk."""

    desk: Desk
    journal: DiskJournal

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """See `IDesk.perform`."""
        return Deferred() if self.journal.cut else self.desk.perform(effect)

    def poll(self, chat: ChatHandle, after: int) -> Deferred[Batch | Failed]:
        """See `IDesk.poll`."""
        return Deferred() if self.journal.cut else self.desk.poll(chat, after)

    def count_said(self, chat: ChatHandle) -> Deferred[int | Failed]:
        """See `IDesk.count_said`."""
        return Deferred() if self.journal.cut else self.desk.count_said(chat)


@define
class Death:
    """How a process dies."""

    written: int = 0
    """How much of what it had asked the disk for is written by then."""
    arrive: bool = False
    """Whether the calls under way still arrive."""


class World:
    """What the promise is about.

    Args:
        opened: opens the journal on the disk, as each process does.
    """

    def __init__(self, opened: Callable[[Clock], IJournal]) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        self.meta = Meta(self.clock)
        self.desk = Desk(self.clock)
        self.disk = Disk(opened)
        self.life: Life | None = None
        self.death = Death()
        self.script = SCRIPT
        self.spoken: dict[str, list[str]] = {}
        """What agents said to each customer, in order."""
        self.start()

    # -- Processes -------------------------------------------------------------------------

    def start(self) -> None:
        """The next process starts."""
        clock = Clock()
        clock.advance(self.clock.seconds())
        journal = DiskJournal(self.disk, clock)
        parts = self._parts(journal)
        registry = Registry(
            clock,
            journal,
            parts,
            spread=lambda: 1.0,
            jitter=lambda: 1.0,
            reached=lambda step: self._reached(life),
        )
        self.life = life = Life(clock, registry, journal)
        registry.status.configured(dict.fromkeys(parts.accounts, True))
        registry.restore()
        self.meta.gateway = lambda events: self._receive(life, events)

    def _parts(self, journal: DiskJournal) -> Parts:
        channel = MetaLine(self, journal)
        accounts = {channel.type: Account(channel, self.script)}
        return Parts(accounts, DeskLine(self.desk, journal), INTERVAL, FAR)

    def reload(self, script: Script) -> None:
        """The process, if there is one, takes a new configuration, as will those to come."""
        self.script = script
        if self.life is not None:
            self.life.registry.use(self._parts(self.life.journal))

    def kill(self, death: Death) -> None:
        """The process is killed."""
        self.death = death
        assert self.life is not None
        self._end(self.life)

    def doom(self, steps: int, death: Death) -> None:
        """The process is killed at a step that it is yet to reach."""
        assert self.life is not None
        self.death, self.life.steps_left = death, steps

    def stop(self) -> None:
        """The process is asked to end, and does in its time."""
        life = self.life
        assert life is not None
        life.stopping = True
        ended = life.registry.stop()
        ended.addTimeout(STOP_WITHIN, life.clock, onTimeoutCancel=lambda *_: None)
        ended.addCallback(lambda _: life.registry.journal.close())
        ended.addCallback(lambda _: self._end(life))

    def _end(self, life: Life) -> None:
        if life.dead:
            return
        life.journal.cut = True
        self.life = self.meta.gateway = None
        self.disk.cut(self.death.written)
        for peer in (self.meta, self.desk.acts, self.desk.tells):
            peer.hang_up(self.death.arrive)

    def _reached(self, life: Life) -> None:
        if life.steps_left is not None:
            life.steps_left -= 1
            if life.steps_left <= 0:
                self._end(life)

    def _receive(self, life: Life, events: list[ChannelEvent]) -> Deferred[None]:
        answer: Deferred[None] = Deferred()

        def give(result: Failure | None) -> None:
            if not life.dead:
                answer.callback(result)

        life.registry.receive(events).addBoth(give)
        return answer

    # -- Time ------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Lets time pass, each call made at its very time."""
        until = self.clock.seconds() + seconds
        while due := [at for at in self._due() if at <= until]:
            self._set(min(due))
        self._set(until)

    def _due(self) -> list[float]:
        return [call.getTime() for clock in self._clocks() for call in clock.getDelayedCalls()]

    def _set(self, at: float) -> None:
        for clock in self._clocks():
            clock.rightNow = max(clock.rightNow, at)
        for clock in self._clocks():
            clock.advance(0)

    def _clocks(self) -> list[Clock]:
        return [self.clock] if self.life is None else [self.clock, self.life.clock]

    # -- What there is ---------------------------------------------------------------------

    def session(self, who: str) -> Session | None:
        """A customer's conversation, as the process has it."""
        return None if self.life is None else self.life.registry.sessions.get(address(who))

    def state(self, who: str) -> State | None:
        """How far a customer's conversation has come."""
        session = self.session(who)
        return None if session is None else session.state

    def chat(self, who: str) -> Chat | None:
        """The chat of a customer's conversation, if there is one that goes on."""
        session = self.session(who)
        chat = None if session is None or session.chat is None else self.desk.chats[session.chat]
        return None if chat is None or chat.left or chat.gone else chat

    def owed(self) -> list[Effect]:
        """What the journal says is owed."""
        assert self.life is not None
        return [owed.effect for owed in self.life.journal.kept().owed]

    def unread(self) -> list[Session]:
        """The conversations in whose chats there is something that was not read yet."""
        assert self.life is not None
        sessions = self.life.registry.sessions.values()
        return [one for one in sessions if one.chat is not None and self._has_news(one, one.chat)]

    def _has_news(self, session: Session, handle: ChatHandle) -> bool:
        chat = self.desk.chats[handle]
        return chat.gone or session.cursor < len(chat.events)

    def read(self, who: str) -> list[str]:
        """What a customer has read, in order."""
        return [one.text for one in self.meta.taken if one.address.customer == who]

    def attended(self, customers: Iterable[str]) -> list[Chat]:
        """The chats of some customers in which there is an agent."""
        chats = [self.chat(who) for who in customers]
        return [chat for chat in chats if chat is not None and chat.attended]

    # -- What people do --------------------------------------------------------------------

    def write(self, who: str) -> None:
        """A customer writes something new; no two texts are sent in the same millisecond."""
        self.advance(0.001)
        self.meta.write(who, f"text {len(self.meta.wrote) + 1}")

    def speak(self, who: str) -> None:
        """The agent says something new to a customer."""
        chat = self.chat(who)
        assert chat is not None
        said = self.spoken.setdefault(who, [])
        said.append(f"answer {len(said) + 1} to {who}")
        self.desk.say(chat, said[-1])

    def tell(self, who: str, status: str) -> None:
        """The desk says how a customer's chat stands, if there is one."""
        chat = self.chat(who)
        if chat is not None:
            chat.tell(lambda number: DeskStatus(number, status))
