"""Where it is measured: peers, a folder that is gone afterwards, and gateways between them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.task import deferLater

from bench import page
from bench.daemon import HERE, PAYLOAD, TITLE, Daemon
from bench.load import in_turn
from bench.peers import Peers

OPENERS = 20
"""Connections over which chats are opened."""

TOGETHER = 50
"""Customers who write at the same time: more would wait for their names longer than is waited."""

PATIENCE = 600.0
"""Seconds until what does not happen is taken never to happen."""


@define(eq=False)
class Stage:
    """Runs gateways, each with peers of its own.

    Args:
        reactor: Twisted's.
        state: the folder in which the journals are; that of temporary files if None.
    """

    reactor: Any
    state: str | None = None
    folder: Path = field(init=False)
    _daemons: list[Daemon] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="chatgw-bench-", dir=self.state))

    async def gateway(self, journal: str, polling: float) -> tuple[Daemon, Peers]:
        """Starts a gateway (`bench.daemon.Daemon`)."""
        peers = Peers()
        port = await TCP4ServerEndpoint(self.reactor, 0, interface=HERE).listen(peers)
        folder = self.folder / f"{len(self._daemons)}-{journal}"
        daemon = Daemon(
            self.reactor, folder, folder / "state", journal, port.getHost().port, polling
        )
        self._daemons.append(daemon)
        return daemon, peers

    def end(self) -> None:
        """Ends all gateways, and leaves nothing behind."""
        for daemon in self._daemons:
            daemon.kill()
        shutil.rmtree(self.folder)

    async def open_chats(self, daemon: Daemon, peers: Peers, count: int) -> list[str]:
        """Opens a new gateway's chats, from the first word to the desk; the customers."""
        customers = [page.customer() for _ in range(count)]
        async with daemon.connected(OPENERS) as connections:
            for done in range(0, count, TOGETHER):
                batch = customers[done : done + TOGETHER]
                so_far = done + len(batch)
                await in_turn(connections, [page.wrote(each, "Hi, I need help.") for each in batch])
                await self._sent(peers, 2 * so_far + done)  # the welcome, and the question
                await in_turn(connections, [page.chose(each, TITLE, PAYLOAD) for each in batch])
                await self._sent(peers, 3 * so_far)  # and "finding an expert"
        return customers

    async def _sent(self, peers: Peers, count: int) -> None:
        await self.until(f"{count} texts sent", lambda: peers.calls["sent"] >= count)

    async def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Waits until something holds; gives up, saying what, after `PATIENCE`."""
        patience = self.reactor.seconds() + PATIENCE
        while not holds():
            if self.reactor.seconds() > patience:
                raise SystemExit(f"waited in vain: {what}")
            await deferLater(self.reactor, 0.005)
