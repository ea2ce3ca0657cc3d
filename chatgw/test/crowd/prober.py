"""Someone who knocks at a port all the time, to see whether it is ever closed."""

from __future__ import annotations

import socket
from collections import Counter
from threading import Event, Thread

OPEN = "open"
"""The outcome of a connection that was made; others are what the system says."""

PAUSE = 0.01
"""Seconds between two connections."""

PATIENCE = 10.0
"""Seconds for one connection."""


class Prober:
    """Opens connections, one after the other, in a thread of its own.

    Args:
        host: whose port it is.
        port: the port.
    """

    def __init__(self, host: str, port: int) -> None:
        self.outcomes: Counter[str] = Counter()
        """What became of each connection, counted."""
        self._place = (host, port)
        self._over = Event()
        self._thread = Thread(target=self._probe, name="prober", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Opens no more; waits for the last one."""
        self._over.set()
        self._thread.join()

    def _probe(self) -> None:
        while not self._over.wait(PAUSE):
            try:
                socket.create_connection(self._place, PATIENCE).close()
                outcome = OPEN
            except OSError as error:
                outcome = str(error)
            self.outcomes[outcome] += 1
