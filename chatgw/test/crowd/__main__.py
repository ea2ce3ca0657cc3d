"""``python -m chatgw.test.crowd``: restarts amid 200 chats, and what was counted."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from chatgw.test.crowd.restarts import played


def main(reactor: Any) -> Deferred[None]:
    """Plays it once and prints the counts.

    Returns:
        A Deferred that fires when all is printed; fails with `SystemExit` if anything was lost.
    """
    return Deferred.fromCoroutine(_main())


async def _main() -> None:
    with TemporaryDirectory(prefix="chatgw-crowd-") as folder:
        came = await played(Path(folder))
    print(came.told())  # noqa: T201 - what the command is for
    if came.broken:
        raise SystemExit(1)


if __name__ == "__main__":
    react(main)
