"""What durability costs: ``python -m bench.durability``."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from bench import chats, machine, one_chat, webhooks
from bench.plan import QUICK, WHOLE, Plan
from bench.stage import Stage


def main(arguments: list[str]) -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser("python -m bench.durability", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only see whether it works")
    parser.add_argument("--state", help="the folder for the journals; a temporary one if not given")
    parser.add_argument("--chats", type=int, help="how many chats are under way together")
    parsed = parser.parse_args(arguments)
    plan = QUICK if parsed.quick else WHOLE
    if parsed.chats is not None:
        plan = evolve(plan, chats=parsed.chats)
    react(lambda reactor: Deferred.fromCoroutine(_measured(reactor, parsed.state, plan)))


async def _measured(reactor: Any, state: str | None, plan: Plan) -> None:
    began, others = time.perf_counter(), machine.Others()
    stage = Stage(reactor, state)
    # Also if somebody interrupts it.
    reactor.addSystemEventTrigger("after", "shutdown", stage.end)
    _say(machine.described(stage.folder, plan.syncs))
    for measured in (webhooks, one_chat, chats):
        _say(await measured.measure(stage, plan))
    _say(machine.disk(stage.folder, plan.syncs) + " at the end")
    _say(
        f"Measured in {time.perf_counter() - began:.0f} s,"
        f" while other programs took {others.share():.0%} of the processors."
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
