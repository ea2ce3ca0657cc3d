"""A channel and a desk that do as a test tells them, and remember what was asked of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from attrs import define, evolve, field, frozen
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock, deferLater
from zope.interface import implementer

from chatgw.failures import FailureKind
from chatgw.interfaces import Batch, Entry, IChannel, IDesk, IJournal
from chatgw.journal.memory import MemoryJournal
from chatgw.values import (
    ChannelEvent,
    ChatHandle,
    DeskEvent,
    Done,
    Effect,
    Failed,
    LookUpName,
    OpenChat,
    Outcome,
    Say,
    Secret,
    SendChoices,
    Unknown,
)

Result = TypeVar("Result")

MOST_CHOICES = 13
"""What the fake channel takes in one question."""


@frozen
class Hold:
    """An answer that comes when the test gives it (`Held.answer`), or never."""


@frozen
class Late:
    """An answer that comes by itself, after some seconds."""

    seconds: float
    answer: object


HOLD = Hold()
Answer = Outcome | Batch | Failed | Hold | Late | Exception


@frozen
class Attempt:
    """One call that was begun, and when."""

    at: float
    effect: Effect


@define(eq=False)
class Held:
    """A call that waits for its answer."""

    effect: Effect | None
    waiting: Deferred[object]

    def answer(self, answer: object) -> None:
        """Answers it; too late for one that was cut off."""
        if not self.waiting.called:
            self.waiting.callback(answer)


@define(eq=False)
class _Answers:
    """Gives answers as scripted: at once, late, held back, or as an exception."""

    clock: Clock
    held: list[Held] = field(factory=list)

    def give(self, answer: object, effect: Effect | None = None) -> Deferred[object]:
        match answer:
            case Hold():
                self.held.append(Held(effect, Deferred()))
                return self.held[-1].waiting
            case Late(seconds=seconds, answer=inner):
                later = deferLater(self.clock, seconds, lambda: inner)
                return later.addCallback(self.give, effect)
            case Exception():
                return fail(answer)
            case _:
                return succeed(answer)


class Performer:
    """The half that channel and desk have in common: performing effects.

    Without a script everything succeeds at once.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.attempts: list[Attempt] = []
        self.reached: list[Effect] = []
        """What arrived, or may have, in order."""
        self.answers = _Answers(clock)
        self.usually: Callable[[Effect], Answer] = self._done
        self._scripted: dict[type[Effect], deque[Answer]] = {}

    @property
    def held(self) -> list[Held]:
        """The calls held back, in the order of their coming."""
        return self.answers.held

    def cut_off(self) -> None:
        """Whoever waits for an answer has gone."""
        self.answers.held.clear()

    def will(self, kind: type[Effect], *answers: Answer) -> None:
        """Scripts the answers to the next effects of a kind."""
        self._scripted.setdefault(kind, deque()).extend(answers)

    def attempted(self, kind: type[Effect] = Effect) -> list[Effect]:
        """The effects of a kind that were attempted, in order."""
        return [one.effect for one in self.attempts if isinstance(one.effect, kind)]

    def times(self, kind: type[Effect]) -> list[float]:
        """When effects of a kind were attempted."""
        return [one.at for one in self.attempts if isinstance(one.effect, kind)]

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """Performs an effect as scripted."""
        self.attempts.append(Attempt(self.clock.seconds(), effect))
        scripted = self._scripted.get(type(effect))
        answer = scripted.popleft() if scripted else self.usually(effect)

        def note(result: Outcome) -> Outcome:
            if isinstance(result, Done | Unknown):
                self.reached.append(effect)
            return result

        given: Deferred[Outcome] = self.answers.give(answer, effect)  # type: ignore[assignment]
        return given.addCallback(note)

    def _done(self, effect: Effect) -> Answer:
        return Done("Amar Kumar") if isinstance(effect, LookUpName) else Done()


@implementer(IChannel)
class FakeChannel(Performer):
    """A channel whose webhook bodies mean nothing, and whose calls go as the test tells."""

    type = "FACEBOOK_MESSENGER"

    def challenge(self, query: Mapping[bytes, Sequence[bytes]]) -> bytes | None:
        """Believes nobody."""
        return None

    def authentic(self, body: bytes, signature: bytes | None) -> bool:
        """Believes everybody."""
        return True

    def read(self, body: bytes, at: float) -> list[ChannelEvent]:
        """Finds nothing; tests hand their events to the registry."""
        return []

    def fit(self, effect: Effect) -> list[Effect]:
        """Cuts a question with too many choices into several."""
        if not isinstance(effect, SendChoices) or len(effect.choices) <= MOST_CHOICES:
            return [effect]
        starts = range(0, len(effect.choices), MOST_CHOICES)
        return [
            evolve(effect, id=f"{effect.id}.{n}", choices=effect.choices[at : at + MOST_CHOICES])
            for n, at in enumerate(starts, 1)
        ]


@implementer(IDesk)
class FakeDesk(Performer):
    """A desk that keeps each chat's events, and opens chats with cookies of its own."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.events: dict[ChatHandle, list[DeskEvent]] = {}
        """What there is to be polled; a chat without an entry is gone."""
        self.polls: list[tuple[float, ChatHandle, int]] = []
        """Each poll: when, of which chat, after which event."""
        self.poll_answers: deque[Answer] = deque()
        self.counts: list[tuple[float, ChatHandle]] = []
        """When it was asked which chat's texts of ours it has."""
        self.count_answers: deque[int | Answer] = deque()
        self._opened = 0

    def poll(self, chat: ChatHandle, after: int) -> Deferred[Batch | Failed]:
        """Answers as scripted, else with the chat's events after the cursor."""
        self.polls.append((self.clock.seconds(), chat, after))
        answer: object
        if self.poll_answers:
            answer = self.poll_answers.popleft()
        elif chat in self.events:
            answer = batch(event for event in self.events[chat] if event.id > after)
        else:
            answer = Failed(FailureKind.RECIPIENT_GONE, "404 notFound")
        given: Deferred[Batch | Failed] = self.answers.give(answer)  # type: ignore[assignment]
        return given

    def count_said(self, chat: ChatHandle) -> Deferred[int | Failed]:
        """Answers as scripted, else with the number of texts that have reached the chat."""
        self.counts.append((self.clock.seconds(), chat))
        answer: object = sum(isinstance(one, Say) and one.chat == chat for one in self.reached)
        if self.count_answers:
            answer = self.count_answers.popleft()
        given: Deferred[int | Failed] = self.answers.give(answer)  # type: ignore[assignment]
        return given

    def _done(self, effect: Effect) -> Answer:
        return Done(self.open()) if isinstance(effect, OpenChat) else Done()

    def open(self) -> ChatHandle:
        """A new chat."""
        self._opened += 1
        number = self._opened
        chat = ChatHandle(Secret(f"JSESSIONID={number:032X}"), f"http://desk/contact/{number}")
        self.events[chat] = []
        return chat


def batch(events: Iterable[DeskEvent]) -> Batch:
    """The answer to a poll."""
    told = tuple(events)
    shown = {type(event).__name__: {"id": str(event.id)} for event in told}
    return Batch(told, {"chatEvents": shown or ""})


@implementer(IJournal)
class HeldJournal(MemoryJournal):
    """A journal that commits when the test says so, or fails to."""

    def __init__(self) -> None:
        super().__init__()
        self.holding = False
        self.fails: Exception | None = None
        """What everything written fails with, if anything."""
        self.committing: list[Entry] = []
        """All that it was ever to commit."""
        self.waiting: deque[tuple[Callable[[], Deferred[None]], Deferred[None]]] = deque()

    def commit(self, entries: Iterable[Entry]) -> Deferred[None]:
        """Commits at once, unless it is holding."""
        listed = list(entries)
        self.committing.extend(listed)
        return self._held(lambda: MemoryJournal.commit(self, listed))

    def mark(self, effect_id: str, tried: int) -> Deferred[None]:
        """Marks at once, unless it is holding."""
        return self._held(lambda: MemoryJournal.mark(self, effect_id, tried))

    def bury(self, effect_id: str, owed: Iterable[Effect] = ()) -> Deferred[None]:
        """Buries at once, unless it is holding."""
        listed = list(owed)
        return self._held(lambda: MemoryJournal.bury(self, effect_id, listed))

    def _held(self, act: Callable[[], Deferred[None]]) -> Deferred[None]:
        if self.fails is not None:
            return fail(self.fails)
        if not self.holding:
            return act()
        self.waiting.append((act, Deferred()))
        return self.waiting[-1][1]

    def reopened(self) -> HeldJournal:
        """The journal as the next process finds it: without what was still to be committed."""
        successor = HeldJournal()
        successor.sessions, successor.owed = dict(self.sessions), dict(self.owed)
        successor._seen, successor._dead = self._seen, self._dead
        return successor

    def release(self) -> None:
        """Commits what has waited longest."""
        act, committed = self.waiting.popleft()
        act().chainDeferred(committed)

    def refuse(self) -> None:
        """Fails to commit what has waited longest."""
        self.waiting.popleft()[1].errback(OSError("no space left"))
