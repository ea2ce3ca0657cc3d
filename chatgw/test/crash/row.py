"""One row of the matrix: several talks at once, a death, a life after it, a verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from attrs import frozen
from twisted.internet.defer import CancelledError, Deferred, gatherResults, maybeDeferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from chatgw.journal.sqlite import SqliteJournal
from chatgw.test.crash.lives import NeverError, until
from chatgw.test.crash.points import Point
from chatgw.test.crash.stage import Stage
from chatgw.test.crash.talk import Talk
from chatgw.test.crash.verdict import complaints, repeats

NAMES = ("Amar", "Bo", "Chloé", "대한")
"""The customers of a row; all talk at once."""

TAIL = 25
"""Lines of the log that a failure is told with."""

POLLED = "No events from SocialMiner"
"""What lines say that tell nothing."""

_Result = TypeVar("_Result")


@frozen
class Row:
    """What came of one point."""

    point: Point
    deaths: int
    written: int
    """Texts of the customers."""
    heard: int
    """Those that the agents have read."""
    said: int
    """Texts of the agents."""
    read: int
    """Those that the customers have read, repeats not counted."""
    repeats: int
    """Messages that a customer has read twice."""
    orphans: int
    """Chats at the desk that nobody uses."""
    ratings: int
    complaints: tuple[str, ...]
    """What of the promise was not kept."""
    tail: str
    """The last lines of the log."""

    def told(self) -> str:
        """The complaints and the log's end, for people."""
        return "\n".join([f"{self.point.name}:", *self.complaints, "The log's end:", self.tail])


async def row(point: Point) -> Row:
    """Plays a point from the first word to the last, and judges. Leaves nothing behind."""
    stage = Stage(point)
    talks = [Talk(stage, name, f"770000{n}") for n, name in enumerate(NAMES[: point.customers])]
    try:
        troubles = await _played(stage, talks)
        return _judged(stage, talks, troubles)
    finally:
        await stage.close()


async def _played(stage: Stage, talks: list[Talk]) -> list[str]:
    """Lets all talk until they have said what they had to; gives what went wrong with that."""
    stage.lives.start()
    watching = Deferred.fromCoroutine(stage.lives.watch())
    talking: list[Deferred[str]] = []
    troubles: list[str] = []
    watching.addErrback(lambda broken: _watched(broken, troubles))
    try:
        await until(lambda: stage.lives.listening or troubles, "a daemon")
        if not stage.point.amid_the_talk:
            stage.lives.arm()
        talking += [Deferred.fromCoroutine(_talked(talk)) for talk in talks]
        if stage.point.amid_the_talk:
            await until(lambda: all(talk.warm for talk in talks), "a talk of all")
            stage.lives.arm()
        troubles += [trouble for trouble in await gatherResults(talking) if trouble]
        await until(lambda: stage.lives.survived, "the death that was due, or a life after it")
        await until(lambda: stage.quiet, "an end of the webhooks")
        watching.cancel()
        await stage.lives.end()
    except NeverError as never:
        return [*troubles, _trouble(never)]
    finally:
        watching.cancel()
        for under_way in talking:
            under_way.cancel()
    return [*troubles, *_kept(stage.folder / "state", stage.point.given_up)]


async def _talked(talk: Talk) -> str:
    """What kept a talk from its end, empty if nothing did."""
    try:
        await talk.run()
    except (NeverError, CancelledError) as never:
        return _trouble(never)
    return ""


def _watched(broken: Failure, troubles: list[str]) -> None:
    """Notes why the daemon is watched no more, unless all is over."""
    if broken.trap(NeverError, CancelledError) is NeverError:
        troubles.append(_trouble(broken.value))


def _trouble(never: object) -> str:
    return f"never came: {never}"


def _kept(state: Path, given_up: int) -> list[str]:
    """What the journal still holds of conversations that are all over, and should not."""
    journal = SqliteJournal(state, Clock(), _at_once)
    kept = journal.restore()
    found = [f"still in the journal: {session.address}" for session in kept.sessions]
    found += [f"still owed: {owed.effect.id}" for owed in kept.owed]
    dead = [f"{letter.kind}: {letter.reason}" for letter in journal.dead()]
    if len(dead) != given_up:
        found.append(f"{len(dead)} dead letters: {dead}")
    journal.close()
    return found


def _at_once(work: Callable[[], _Result]) -> Deferred[_Result]:
    return maybeDeferred(work)


def _judged(stage: Stage, talks: list[Talk], troubles: list[str]) -> Row:
    found = [*troubles, *(each for talk in talks for each in complaints(talk, stage.point))]
    chats = len(stage.desk.model.chats)
    orphans = chats - sum(len(talk.chats) for talk in talks)
    if orphans and not stage.point.orphans:
        found.append(f"{orphans} chats at the desk are of no use")
    lines = stage.lives.log().splitlines()
    if stage.lives.deaths != stage.point.deaths:
        found.append(
            f"the daemon has died {stage.lives.deaths} times instead of {stage.point.deaths}"
        )
    found += [f"in the log: {line}" for line in lines if line.startswith("Traceback")]
    return Row(
        stage.point,
        deaths=stage.lives.deaths,
        written=sum(len(talk.written) for talk in talks),
        heard=sum(len(talk.heard) for talk in talks),
        said=sum(len(talk.said) for talk in talks),
        read=sum(len(set(talk.read) & set(talk.said)) for talk in talks),
        repeats=sum(repeats(talk) for talk in talks),
        orphans=orphans,
        ratings=sum(len(talk.ratings) for talk in talks),
        complaints=tuple(found),
        tail="\n".join([line for line in lines if POLLED not in line][-TAIL:]),
    )
