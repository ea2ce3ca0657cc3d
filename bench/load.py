"""Webhooks in numbers: as fast as they are answered, or at a pace of their own."""

# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredQueue, gatherResults
from twisted.internet.task import deferLater

from bench.wire import Connection

Request = Callable[[], bytes]
"""Makes the next request."""


@define
class Sample:
    """What was measured, perhaps in several rounds."""

    latencies: list[float] = field(factory=list)
    """Seconds, one for each webhook."""
    seconds: float = 0.0
    """How long it took."""

    @property
    def rate(self) -> float:
        """Webhooks a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """The latency, in seconds, that so many of a hundred do not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def add(self, other: Sample) -> None:
        """Adds another round."""
        self.latencies += other.latencies
        self.seconds += other.seconds


async def closed_loop(
    connections: Sequence[Connection], request: Request, seconds: float
) -> Sample:
    """Every client sends its next webhook as soon as the last one is answered."""
    sample, began = Sample(), time.perf_counter()

    async def client(connection: Connection) -> None:
        while (sent := time.perf_counter()) < began + seconds:
            await connection.send(request())
            sample.latencies.append(time.perf_counter() - sent)

    await _all(client(each) for each in connections)
    sample.seconds = time.perf_counter() - began
    return sample


async def open_loop(
    reactor: Any,
    connections: Sequence[Connection],
    request: Request,
    rate: float,
    seconds: float,
    chance: random.Random,
) -> Sample:
    """Webhooks come at random, so many a second, whether or not the last ones are answered.

    A latency counts from when the webhook was due: waiting for a free connection is part of it.
    """
    sample, began = Sample(), time.perf_counter()
    due: DeferredQueue[float | None] = DeferredQueue()

    async def client(connection: Connection) -> None:
        while (since := await due.get()) is not None:
            await connection.send(request())
            sample.latencies.append(time.perf_counter() - since)

    async def arrivals() -> None:
        upcoming = began
        while upcoming < began + seconds:
            await deferLater(reactor, max(0.0, upcoming - time.perf_counter()))
            while upcoming <= (now := time.perf_counter()):
                due.put(now)
                upcoming += chance.expovariate(rate)
        for _ in connections:
            due.put(None)

    await _all([arrivals(), *(client(each) for each in connections)])
    sample.seconds = time.perf_counter() - began
    return sample


async def in_turn(connections: Sequence[Connection], requests: Sequence[bytes]) -> None:
    """Sends all of them, each connection one after the other."""
    waiting = iter(requests)

    async def client(connection: Connection) -> None:
        for request in waiting:
            await connection.send(request)

    await _all(client(each) for each in connections)


async def _all(coroutines: Any) -> None:
    await gatherResults([Deferred.fromCoroutine(each) for each in coroutines], consumeErrors=True)
