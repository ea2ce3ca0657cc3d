"""Restarts amid many chats, on a port that stays open: what they cost, and whom."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.internet import reactor as _reactor

from chatgw.test.crowd.activated import Activated
from chatgw.test.crowd.crowd import Crowd, until
from chatgw.test.crowd.prober import OPEN, Prober
from chatgw.test.crowd.sides import HERE, REFUSED, TAKEN, Sides

CHATS = 200

PACE = 8.0
"""Seconds from one text of a person to the next."""

BETWEEN = 150
"""Texts written between two restarts."""

KINDS = (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL)
"""How the daemon ends, one time after the other."""

SETTINGS = {
    "server": {"maxRequestsPerMinute": 1_000_000},
    "socialMiner": {"pollingIntervalMS": 2000},
    "delivery": {"echoWaitMS": 10_000},
}
"""Of the daemon: an echo is waited for longer than a start takes."""

reactor: Any = _reactor


@frozen
class Restart:
    """What one restart took."""

    how: str
    stop: float
    """Seconds until the old process had ended."""
    start: float
    """Seconds from there until the new one served."""
    gap: float
    """Seconds from the signal to the first webhook that the new one has taken."""


@define
class Played:
    """What came of it all."""

    restarts: list[Restart] = field(factory=list)
    texts: int = 0
    repeats: int = 0
    """Texts that a customer has read twice, up to the last restart in good order."""
    longest_way: float = 0.0
    """The most seconds that a text was on its way up to then."""
    repeats_after_kill: int = 0
    longest_way_after_kill: float = 0.0
    """The same after the daemon was killed."""
    probes: int = 0
    """Connections that the prober has tried to make."""
    refused: int = 0
    """Those of them that were not made, and those of Meta's."""
    answers: dict[str, int] = field(factory=dict)
    """What Meta's webhooks were answered."""
    complaints: list[str] = field(factory=list)

    @property
    def broken(self) -> bool:
        """Whether anything was lost, out of order, refused, or repeated without need."""
        return bool(self.complaints or self.refused or self.repeats)

    def told(self) -> str:
        """All of it, for people."""
        answers = ", ".join(f"{how}: {count}" for how, count in sorted(self.answers.items()))
        lines = [f"chats: {CHATS}, texts: {self.texts}"]
        lines += [
            f"{each.how}: stop {each.stop:.1f} s, start {each.start:.1f} s,"
            f" {each.gap:.1f} s without a webhook taken"
            for each in self.restarts
        ]
        way, way_after = self.longest_way, self.longest_way_after_kill
        lines += [
            f"connections probed: {self.probes}, refused to anyone: {self.refused}",
            f"answers to webhooks: {answers}",
            f"texts twice at a customer: {self.repeats}, after the kill {self.repeats_after_kill}",
            f"longest way of a text: {way:.1f} s, after the kill {way_after:.1f} s",
        ]
        return "\n".join([*lines, *self.complaints])


async def played(folder: Path) -> Played:
    """Plays it. Leaves nothing running.

    Args:
        folder: an empty one.

    Raises:
        AssertionError: something never came.
    """
    activated = Activated(folder)
    sides = Sides(folder, activated.port, SETTINGS)
    crowd, prober = Crowd(sides, CHATS, PACE), Prober(HERE, activated.port)
    came = Played()
    try:
        await _restarted(activated, crowd, came)
    finally:
        crowd.stop()
        prober.stop()
        activated.close()
        await sides.close()
    came.texts = crowd.texts
    came.repeats_after_kill = crowd.repeats - came.repeats
    came.probes = prober.outcomes.total()
    came.refused = came.probes - prober.outcomes[OPEN] + sides.answers[REFUSED]
    came.answers = dict(sides.answers)
    came.longest_way_after_kill = crowd.longest_way
    came.complaints = crowd.complaints()
    return came


async def _restarted(activated: Activated, crowd: Crowd, came: Played) -> None:
    activated.start()
    await activated.up()
    await crowd.met()
    crowd.talk()
    for kind in KINDS:
        if kind is signal.SIGKILL:  # after which a repeat may come: none may have come before
            await crowd.settled()
            await activated.done()
            came.repeats, came.longest_way = crowd.repeats, crowd.longest_way
            crowd.talk()
        await crowd.talked(BETWEEN)
        came.restarts.append(await _restart(activated, crowd.sides, kind))
    await crowd.talked(BETWEEN)
    await crowd.settled()
    await activated.done()
    await activated.end()


async def _restart(activated: Activated, sides: Sides, kind: signal.Signals) -> Restart:
    began = reactor.seconds()
    stop = await activated.end(kind)
    taken = sides.answers[TAKEN]
    activated.start()
    start = await activated.up()
    await until(lambda: sides.answers[TAKEN] > taken, "a webhook taken after a restart")
    return Restart(kind.name, stop, start, reactor.seconds() - began)
