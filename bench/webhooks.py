"""Webhooks a second, and how long each takes, with the journal off and on.

Customers who wait for an agent write: each webhook is checked, read, decided upon and committed,
and nothing follows from it that would be measured along.
"""

from __future__ import annotations

import random
import time
from itertools import cycle

from attrs import define, field

from bench import page
from bench.daemon import Daemon
from bench.load import Sample, closed_loop, open_loop
from bench.plan import Plan
from bench.stage import Stage
from bench.table import milliseconds, table

CLIENTS = (1, 20, 100)

SHARE = 0.5
"""The pace of the open loop, as a share of what the gateway takes with its journal on."""

SELDOM = 3600.0
"""Seconds between two polls of a chat: none falls into the measurement."""

_TEXT = "This is what a customer writes while no agent is there."


@define(eq=False)
class Gateway:
    """A gateway with customers who wait for an agent."""

    stage: Stage
    daemon: Daemon
    customers: cycle[str]

    def request(self) -> bytes:
        """The next webhook."""
        return page.wrote(next(self.customers), _TEXT)


@define
class Figures:
    """What was measured of one gateway with so many clients."""

    most: Sample = field(factory=Sample)
    """As fast as it answers."""
    paced: Sample = field(factory=Sample)
    """At a pace that it keeps up with."""
    gateway_busy: float = 0.0
    """Seconds of a processor that the gateway took in `most`."""
    bench_busy: float = 0.0
    """The same of the process that measures."""


async def measure(stage: Stage, plan: Plan) -> str:
    """The table of it."""
    gateways = {journal: await _gateway(stage, plan, journal) for journal in ("off", "on")}
    figures = {(count, journal): Figures() for count in CLIENTS for journal in gateways}
    chance = random.Random(3)  # noqa: S311 - the same in each run
    for turn in range(plan.rounds):
        for count in CLIENTS:
            order = sorted(gateways, reverse=bool(turn % 2))
            for journal in order:
                await _most(figures[count, journal], gateways[journal], count, plan.seconds)
            pace = SHARE * figures[count, "on"].most.rate
            for journal in order:
                gateway = gateways[journal]
                async with gateway.daemon.connected(count) as connections:
                    paced = await open_loop(
                        stage.reactor, connections, gateway.request, pace, plan.seconds, chance
                    )
                figures[count, journal].paced.add(paced)
    for gateway in gateways.values():
        gateway.daemon.kill()
    return _most_table(figures) + "\n\n" + _paced_table(figures)


async def _gateway(stage: Stage, plan: Plan, journal: str) -> Gateway:
    daemon, peers = await stage.gateway(journal, SELDOM)
    peers.staffed = False
    return Gateway(stage, daemon, cycle(await stage.open_chats(daemon, peers, plan.waiting)))


async def _most(figures: Figures, gateway: Gateway, count: int, seconds: float) -> None:
    async with gateway.daemon.connected(count) as connections:
        gateway_before, bench_before = gateway.daemon.processor_time, time.process_time()
        figures.most.add(await closed_loop(connections, gateway.request, seconds))
        figures.gateway_busy += gateway.daemon.processor_time - gateway_before
        figures.bench_busy += time.process_time() - bench_before


def _most_table(figures: dict[tuple[int, str], Figures]) -> str:
    rows = []
    for (count, journal), each in figures.items():
        most, off = each.most, figures[count, "off"].most
        rows.append(
            (
                str(count),
                journal,
                f"{most.rate:.0f}",
                f"{most.rate / off.rate:.2f}",
                milliseconds(most.percentile(50)),
                milliseconds(most.percentile(99)),
                f"{each.gateway_busy / len(most.latencies) * 1e6:.0f}",
                f"{each.gateway_busy / most.seconds:.0%}",
                f"{each.bench_busy / most.seconds:.0%}",
            )
        )
    return table(
        "As fast as they are answered",
        "clients, journal, webhooks/s, × off, p50 ms, p99 ms, gateway CPU µs each"
        ", gateway's core, bench's core",
        rows,
    )


def _paced_table(figures: dict[tuple[int, str], Figures]) -> str:
    rows = []
    for (count, journal), each in figures.items():
        paced, off = each.paced, figures[count, "off"].paced
        rows.append(
            (
                str(count),
                journal,
                f"{paced.rate:.0f}",
                milliseconds(paced.percentile(50)),
                milliseconds(paced.percentile(99)),
                f"{paced.percentile(50) / off.percentile(50):.1f}",
                f"{paced.percentile(99) / off.percentile(99):.1f}",
            )
        )
    return table(
        f"At {SHARE:.0%} of what the gateway takes with its journal on, at random",
        "clients, journal, webhooks/s, p50 ms, p99 ms, p50 × off, p99 × off",
        rows,
    )
