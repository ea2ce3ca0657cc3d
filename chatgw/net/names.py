"""Looking up names without holding up the process's end."""

from __future__ import annotations

from threading import Thread
from typing import Any

from twisted.internet._resolver import GAIResolver
from twisted.internet.interfaces import IHostnameResolver
from twisted.python.threadpool import ThreadPool

MOST = 50
"""Look-ups at a time."""


class _Detached(Thread):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, daemon=True)


def detached_resolver(reactor: Any) -> IHostnameResolver:
    """The system's own resolver, in threads that nobody waits for.

    Twisted's shutdown joins the threads of the reactor's pool, and a look-up whose name server is
    silent takes many seconds. These threads end with the process.
    """
    pool = ThreadPool(0, MOST, "names")
    pool.threadFactory = _Detached
    pool.start()
    return GAIResolver(reactor, lambda: pool)
