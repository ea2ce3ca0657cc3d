"""Memory and file size with many chats under way, and once they have ended."""

from __future__ import annotations

import time

from attrs import frozen

from bench.daemon import Daemon
from bench.plan import Plan
from bench.stage import Stage
from bench.table import table

_KILO = 1024


@frozen
class Sizes:
    """How large everything was at one moment, in bytes."""

    memory: int
    files: dict[str, int]

    @classmethod
    def of(cls, daemon: Daemon) -> Sizes:
        """As it is now."""
        return cls(daemon.memory, daemon.file_sizes())


async def measure(stage: Stage, plan: Plan) -> str:
    """The table of it."""
    daemon, peers = await stage.gateway("on", plan.polling)
    found = {"before": Sizes.of(daemon)}
    began = time.perf_counter()
    await stage.open_chats(daemon, peers, plan.chats)
    # What the customers have written first reaches their agents.
    await stage.until(lambda: peers.calls["said"] >= plan.chats)
    opened = time.perf_counter()
    found["under way"] = Sizes.of(daemon)
    for chat in peers.chats.values():
        chat.left()
    await stage.until(lambda: peers.calls["left"] >= plan.chats)
    ended = time.perf_counter()
    found["ended"] = Sizes.of(daemon)
    await daemon.stop()
    found["stopped"] = Sizes(0, daemon.file_sizes())
    return table(
        f"{plan.chats} chats: opened and handed to agents in {opened - began:.0f} s,"
        f" ended in {ended - opened:.0f} s",
        "when, memory MB, kB a chat, journal.db MB, kB a chat, journal.db-wal MB",
        [_row(when, sizes, found["before"], plan.chats) for when, sizes in found.items()],
    )


def _row(when: str, sizes: Sizes, before: Sizes, chats: int) -> tuple[str, ...]:
    file, before_file = sizes.files.get("journal.db", 0), before.files.get("journal.db", 0)
    return (
        when,
        f"{sizes.memory / _KILO**2:.1f}" if sizes.memory else "",
        f"{(sizes.memory - before.memory) / chats / _KILO:.1f}" if sizes.memory else "",
        f"{file / _KILO**2:.1f}",
        f"{(file - before_file) / chats / _KILO:.2f}",
        f"{sizes.files.get('journal.db-wal', 0) / _KILO**2:.1f}",
    )
