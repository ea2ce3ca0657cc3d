"""Restarts amid many chats, on a port that stays open: what they cost, and whom."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

from chatgw.test.crowd.activated import Activated
from chatgw.test.crowd.crowd import Crowd
from chatgw.test.crowd.prober import Prober
from chatgw.test.crowd.sides import HERE, REFUSED, Sides

SETTINGS = {
    "server": {"maxRequestsPerMinute": 1_000_000},
    "socialMiner": {"pollingIntervalMS": 2000},
    "delivery": {"echoWaitMS": 10_000},
}
"""Of the daemon: an echo is waited for longer than any start takes."""

KINDS = (signal.SIGTERM, signal.SIGTERM, signal.SIGTERM, signal.SIGKILL)
"""How the daemon ends, one time after the other."""


@define
class Restart:
    """What one restart took."""

    how: str
    stop: float
    """Seconds until the old process had ended."""
    start: float
    """Seconds until the new one served."""


@define
class Played:
    """What came of it all."""

    chats: int
    restarts: list[Restart] = field(factory=list)
    texts: int = 0
    repeats: int = 0
    """Texts that a customer has read twice, after restarts in good order."""
    repeats_after_kill: int = 0
    """The same after the daemon was killed."""
    probes: int = 0
    """Connections made by the prober."""
    refused: int = 0
    """Connections refused, to it or to Meta."""
    answers: dict[str, int] = field(factory=dict)
    """What Meta's webhooks were answered."""
    longest_silence: float = 0.0
    """The most seconds between two webhooks that were taken."""
    longest_way: float = 0.0
    """The most seconds that a text was on its way."""
    complaints: list[str] = field(factory=list)

    def told(self) -> str:
        """All of it, for people."""
        lines = [f"{self.chats} chats, {self.texts} texts"]
        lines += [f"{r.how}: stop {r.stop:.1f} s, start {r.start:.1f} s" for r in self.restarts]
        lines += [
            f"connections probed: {self.probes}, refused to anyone: {self.refused}",
            f"answers to webhooks: {self.answers}",
            f"longest time without a webhook taken: {self.longest_silence:.1f} s",
            f"longest way of a text: {self.longest_way:.1f} s",
            f"repeats at customers: {self.repeats}, after the kill: {self.repeats_after_kill}",
            *self.complaints,
        ]
        return "\n".join(lines)


async def played(
    folder: Path, chats: int, pace: float, between: int, kinds: Sequence[signal.Signals] = KINDS
) -> Played:
    """Plays it. Leaves nothing running.

    Args:
        folder: an empty one.
        chats: how many.
        pace: seconds from one text of a person to the next.
        between: texts between two restarts.
        kinds: how the daemon ends each time; SIGKILL last.

    Raises:
        AssertionError: something never came.
    """
    activated = Activated(folder)
    sides = Sides(folder, activated.port, SETTINGS)
    crowd = Crowd(sides, chats, pace)
    prober = Prober(HERE, activated.port)
    came = Played(chats)
    try:
        activated.start()
        await activated.up()
        await crowd.met()
        crowd.talk()
        for kind in kinds:
            if kind is signal.SIGKILL:
                await crowd.settled()
                came.repeats = crowd.repeats
                crowd.talk()
            await crowd.talked(between)
            stop = await activated.end(kind)
            activated.start()
            came.restarts.append(Restart(kind.name, stop, await activated.up()))
        await crowd.talked(between)
        await crowd.settled()
        await activated.end()
    finally:
        crowd.stop()
        prober.stop()
        activated.close()
        await sides.close()
    came.texts = crowd.texts
    came.repeats_after_kill = crowd.repeats - came.repeats
    came.answers = dict(sides.answers)
    came.probes = prober.outcomes.total()
    failed = {how: n for how, n in prober.outcomes.items() if how != "open"}
    came.refused = sum(failed.values()) + sides.answers[REFUSED]
    came.longest_silence = sides.longest_silence
    came.longest_way = max(pair.longest_way for pair in crowd.pairs)
    came.complaints = crowd.complaints()
    return came
