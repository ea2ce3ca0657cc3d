"""``python -m chatgw.test.crash``: runs the crash matrix and prints it as a Markdown table."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred, DeferredSemaphore, gatherResults
from twisted.internet.task import react

from chatgw.test.crash.points import MATRIX, Point
from chatgw.test.crash.row import Row, row

AT_ONCE = 3
"""Rows played at a time: most of each is waiting."""

HEAD = (
    "killed when",
    "deaths",
    "customers wrote",
    "agents read",
    "agents wrote",
    "customers read",
    "repeats",
    "ratings",
    "chats unused",
    "promise kept",
)


def main(reactor: Any, *names: str) -> Deferred[None]:
    """Plays all points, or those whose names contain one of the words given.

    Returns:
        A Deferred that fires when all is printed; fails with `SystemExit` if a row has.
    """
    played = Deferred.fromCoroutine(_main(names))

    def interrupted() -> Deferred[None]:
        played.cancel()  # which ends the daemons and removes the folders
        return played

    reactor.addSystemEventTrigger("before", "shutdown", interrupted)
    return played


async def _main(names: tuple[str, ...]) -> None:
    points = [p for p in MATRIX if not names or any(name in p.name for name in names)]
    turns = DeferredSemaphore(AT_ONCE)

    def play(point: Point) -> Deferred[Row]:
        return turns.run(lambda: Deferred.fromCoroutine(row(point)))

    rows = await gatherResults([play(point) for point in points])
    print(_line(HEAD))  # noqa: T201 - what the command is for
    print(_line(["---"] * len(HEAD)))  # noqa: T201
    for each in rows:
        print(_line(_cells(each)))  # noqa: T201
    failed = [each for each in rows if each.complaints]
    if failed:
        print(*(each.told() for each in failed), sep="\n\n", file=sys.stderr)  # noqa: T201
        raise SystemExit(1)


def _cells(row: Row) -> list[str]:
    return [
        row.point.name,
        *map(str, (row.deaths, row.written, row.heard, row.said, row.read)),
        *map(str, (row.repeats, row.ratings, row.orphans)),
        "**no**" if row.complaints else "yes",
    ]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    react(main, sys.argv[1:])
