"""Memory and file size with many chats under way, and once they have ended."""

from __future__ import annotations

import time
from struct import unpack_from

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
    """Of the journal, by name."""
    free: int
    """Of its main file: what is used again."""

    @classmethod
    def of(cls, daemon: Daemon, memory: int | None = None) -> Sizes:
        """As it is now."""
        sizes = {path.name: path.stat().st_size for path in daemon.state.glob("journal.db*")}
        with (daemon.state / "journal.db").open("rb") as file:
            header = file.read(40)
        # SQLite's file format, 1.3: the size of a page, and how many are free.
        (page,), (free,) = unpack_from(">H", header, 16), unpack_from(">I", header, 36)
        return cls(daemon.memory if memory is None else memory, sizes, page * free)


async def measure(stage: Stage, plan: Plan) -> str:
    """The table of it."""
    daemon, peers = await stage.gateway("on", plan.polling)
    found = {"before": Sizes.of(daemon)}
    began = time.perf_counter()
    await stage.open_chats(daemon, peers, plan.chats)
    # What the customers have written first reaches their agents.
    await stage.until("agents everywhere", lambda: peers.calls["said"] >= plan.chats)
    opened = time.perf_counter()
    found["under way"] = Sizes.of(daemon)
    for chat in peers.chats:
        chat.left()
    await stage.until("all chats left", lambda: peers.calls["left"] >= plan.chats)
    ended = time.perf_counter()
    found["ended"] = Sizes.of(daemon)
    await daemon.stop()
    found["stopped"] = Sizes.of(daemon, memory=0)
    return table(
        f"{plan.chats} chats: opened and handed to agents in {opened - began:.0f} s,"
        f" ended in {ended - opened:.0f} s",
        "when, memory MB, kB a chat, journal.db MB, kB a chat, free in it MB, journal.db-wal MB",
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
        f"{sizes.free / _KILO**2:.1f}",
        f"{sizes.files.get('journal.db-wal', 0) / _KILO**2:.1f}",
    )
