"""Plays and prints.

``python -m chatgw.test.crowd``: restarts amid 200 chats, and what was counted.
``python -m chatgw.test.crowd 200 5000``: starts with so many chats to take up.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from chatgw.test.crowd.restarts import played
from chatgw.test.crowd.taking_up import taken_up


def main(reactor: Any, *counts: str) -> Deferred[None]:
    """Plays and prints.

    Returns:
        A Deferred that fires when all is printed; fails with `SystemExit` if anything was lost.
    """
    return Deferred.fromCoroutine(_starts(counts) if counts else _restarts())


async def _restarts() -> None:
    with TemporaryDirectory(prefix="chatgw-crowd-") as folder:
        came = await played(Path(folder))
    print(came.told())  # noqa: T201 - what the command is for
    if came.broken:
        raise SystemExit(1)


async def _starts(counts: tuple[str, ...]) -> None:
    for count in counts:
        with TemporaryDirectory(prefix="chatgw-crowd-") as folder:
            print((await taken_up(Path(folder), int(count))).told())  # noqa: T201


if __name__ == "__main__":
    react(main, sys.argv[1:])
