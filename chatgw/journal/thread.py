"""The thread in which the journal writes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

_Result = TypeVar("_Result")

log = Logger()


class _Unattended(Thread):
    """Ends with the process: a disk that hangs does not hold up its end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, daemon=True)


class JournalThread:
    """Does one piece of work after the other, aside.

    What is asked for before `start` is done then.

    Args:
        reactor: the one whose own thread gets the results.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(1, 1, "journal")
        self._pool.threadFactory = _Unattended
        self._under_way = 0

    def start(self) -> None:
        """Begins. Not before the daemon has detached: a thread does not survive that."""
        self._pool.start()

    def stop(self) -> None:
        """Ends, once the journal is closed."""
        if self._under_way:
            log.error("The journal is still being written: the disk hangs, or it was not closed.")
        else:
            self._pool.stop()

    def run(self, work: Callable[[], _Result]) -> Deferred[_Result]:
        """Does a piece of work; fires with its result in the reactor's thread."""
        self._under_way += 1
        return deferToThreadPool(self._reactor, self._pool, work).addBoth(self._ended)

    def _ended(self, result: Any) -> Any:
        self._under_way -= 1
        return result
