"""Runs a simulator: ``python -m chatgw.sim socialminer`` or ``python -m chatgw.sim meta``.

Says on standard output where it listens, and what happens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)

from chatgw.sim.meta.main import main as meta
from chatgw.sim.socialminer.main import main as socialminer

SIMULATORS: dict[str, Callable[[Any, Sequence[str]], Deferred[None]]] = {
    "meta": meta,
    "socialminer": socialminer,
}


def run(argv: Sequence[str]) -> None:
    """Runs the simulator that the first word names, with the options that follow it."""
    if not argv or argv[0] not in SIMULATORS:
        raise SystemExit(f"expected one of {', '.join(SIMULATORS)}, then its options or --help")
    quiet = LogLevelFilterPredicate(LogLevel.warn)
    quiet.setLogLevelForNamespace("chatgw", LogLevel.info)
    observer = FilteringLogObserver(textFileLogObserver(sys.stdout), [quiet])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    react(SIMULATORS[argv[0]], (argv[1:],))


if __name__ == "__main__":
    run(sys.argv[1:])
