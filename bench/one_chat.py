"""How long a line takes through the gateway in a single chat, with the journal off and on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

from attrs import define, field

from bench import page
from bench.load import Sample
from bench.peers import Peers
from bench.plan import Plan
from bench.stage import Stage
from bench.table import milliseconds, table
from bench.wire import Connection

POLLING = 0.25
"""Seconds between two polls: the shortest that can be configured."""

TIMED = {
    "acknowledged": "webhook to its 200",
    "to the desk": "webhook to the desk's PUT",
    "to the customer": "poll's answer to the Graph call",
}


@define(eq=False)
class Talk:
    """A customer and an agent who talk through one gateway."""

    connection: Connection
    peers: Peers
    customer: str
    samples: dict[str, Sample] = field(factory=lambda: {name: Sample() for name in TIMED})

    async def exchange(self, number: int) -> None:
        """The customer writes a line, and then the agent."""
        text = f"line-{number}-of-{self.customer}"
        passing = self.peers.passing(text)
        request, began = page.wrote(self.customer, text), time.perf_counter()
        await self.connection.send(request)
        self._timed("acknowledged", began, time.perf_counter())
        self._timed("to the desk", began, await passing)
        text = f"answer-{number}-to-{self.customer}"
        read = self.peers.passing(text)
        self.peers.chats[0].wrote(text)
        began = await read
        self._timed("to the customer", began, await self.peers.passing(text))

    def _timed(self, what: str, began: float, ended: float) -> None:
        self.samples[what].latencies.append(ended - began)


async def measure(stage: Stage, plan: Plan) -> str:
    """The table of it."""
    talks: dict[str, Talk] = {}
    async with AsyncExitStack() as stack:
        for journal in ("off", "on"):
            daemon, peers = await stage.gateway(journal, POLLING)
            stack.callback(daemon.kill)
            (customer,) = await stage.open_chats(daemon, peers, 1)
            (connection,) = await stack.enter_async_context(daemon.connected(1))
            talks[journal] = Talk(connection, peers, customer)
        await stage.until(
            "two agents", lambda: all(talk.peers.calls["said"] for talk in talks.values())
        )
        for number in range(plan.lines):
            for journal in sorted(talks, reverse=bool(number % 2)):
                await talks[journal].exchange(number)
    return _table(talks)


def _table(talks: Mapping[str, Talk]) -> str:
    rows = []
    for name, what in TIMED.items():
        off, on = (talks[journal].samples[name] for journal in ("off", "on"))
        medians = off.percentile(50), on.percentile(50)
        rows.append(
            (
                what,
                *(milliseconds(each) for each in medians),
                f"{medians[1] / medians[0]:.1f}",
                *(milliseconds(each.percentile(99)) for each in (off, on)),
            )
        )
    return table(
        "One chat",
        "from … to …, p50 ms off, p50 ms on, on × off, p99 ms off, p99 ms on",
        rows,
    )
