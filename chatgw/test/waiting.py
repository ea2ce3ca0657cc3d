"""Waiting, in tests with the real reactor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.tcp import Connection

reactor: Any = _reactor


def until(condition: Callable[[], bool]) -> Deferred[None]:
    """Fires when something has become true. The test's own timeout is the limit."""

    async def wait() -> None:
        while not condition():
            await deferLater(reactor, 0.01)

    return Deferred.fromCoroutine(wait())


def disconnected() -> Deferred[None]:
    """Fires when there is no connection left."""
    return until(lambda: not any(isinstance(each, Connection) for each in reactor.getReaders()))
