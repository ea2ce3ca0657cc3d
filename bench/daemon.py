"""The gateway under measurement: a process of its own, as an operator would run it."""

# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates
from twisted.internet.threads import deferToThread

from bench.page import APP_SECRET, PAGE
from bench.wire import Connection
from chatgw.sim.authority import Authority

HERE = "127.0.0.1"
PATIENCE = 20.0
"""Seconds for a start, and for an end."""

TITLE, PAYLOAD = "Billing", "statement:4"
"""The problem statement that every customer chooses."""

_TICKS = os.sysconf("SC_CLK_TCK")
_LISTENING = re.compile(r"listening on port \[?([0-9]+)")


class Daemon:
    """A gateway in a process of its own. Blocks for a moment while it starts and ends.

    Args:
        reactor: Twisted's.
        folder: for its configuration and its logs; made.
        state: for its journal; made.
        journal: ``on``, or ``off`` for one in memory that forgets.
        peers: the port of `bench.peers.Peers`.
        polling: seconds between two polls of a chat.
    """

    def __init__(
        self, reactor: Any, folder: Path, state: Path, journal: str, peers: int, polling: float
    ) -> None:
        self._reactor = reactor
        self.state = state
        authority = Authority.founded(str(folder / "tls"))
        pair = authority.pair(HERE)
        config, logs = folder / "config", folder / "logs"
        config.mkdir()
        (config / "settings.json").write_text(json.dumps(_settings(pair, peers, polling)))
        (config / "channels.json").write_text(json.dumps(_CHANNELS))
        (config / "channels.json").chmod(0o600)
        with (folder / "said").open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603 - our own twistd
                [
                    str(Path(sys.executable).parent / "twistd"),
                    *("-n", "--pidfile=", "-y", str(Path(__file__).parent / "application.py")),
                ],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={
                    **os.environ,
                    "BENCH_CONFIG": str(config),
                    "BENCH_STATE": str(state),
                    "BENCH_LOGS": str(logs),
                    "BENCH_JOURNAL": journal,
                },
            )
        certificate = Certificate.loadPEM(Path(authority.file).read_bytes())
        self._trust = optionsForClientTLS(HERE, trustRootFromCertificates([certificate]))
        self._port = self._listening(logs / "log.log", folder / "said")

    def _listening(self, log: Path, said: Path) -> int:
        until = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < until:
            if log.exists() and (found := _LISTENING.search(log.read_text("utf-8"))):
                return int(found[1])
            time.sleep(0.05)
        self.kill()
        raise SystemExit(f"the gateway does not start:\n{said.read_text('utf-8')}")

    @asynccontextmanager
    async def connected(self, count: int) -> AsyncIterator[list[Connection]]:
        """Connections to its webhook, with TLS, that are kept alive."""
        endpoint = wrapClientTLS(self._trust, HostnameEndpoint(self._reactor, HERE, self._port))
        made = [connectProtocol(endpoint, Connection()) for _ in range(count)]
        connections = await gatherResults(made, consumeErrors=True)
        try:
            yield connections
        finally:
            await gatherResults([each.close() for each in connections])

    @property
    def memory(self) -> int:
        """Bytes of its memory that are in use (resident)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        kilobytes = re.search(r"VmRSS:\s+([0-9]+) kB", status)
        return int(kilobytes[1]) * 1024 if kilobytes else 0

    @property
    def processor_time(self) -> float:
        """Seconds of the processor that it has used so far, all threads together."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(") ")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / _TICKS

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> Deferred[int]:
        """Ends it as an operator would; fires when it has ended."""
        self._process.send_signal(signal.SIGTERM)
        return deferToThread(self._process.wait, PATIENCE)


def _settings(pair: Any, peers: int, polling: float) -> dict[str, object]:
    return {
        "server": {
            "port": 0,
            "interface": HERE,
            "sslKeyPath": pair.key,
            "sslCertPath": pair.cert,
            "maxRequestsPerMinute": 1_000_000,
        },
        "socialMiner": {
            "host": HERE,
            "port": peers,
            "pollingIntervalMS": round(polling * 1000),
        },
        "graph": {"baseUrl": f"http://{HERE}:{peers}"},
        "sessions": {"deskSilenceMinutes": 1440},
    }


_CHANNELS = {
    "version": "1.0",
    "channels": [
        {
            "type": "FACEBOOK_MESSENGER",
            "auth": {
                "pageAccessToken": "EAAB-of-the-measured-page",
                "verificationToken": "measure-me",
                "appSecret": APP_SECRET,
            },
            "pageId": PAGE,
            "chatFeedId": 100029,
            "problemStatements": [
                {"title": TITLE, "queueId": 4},
                {"title": "Service", "queueId": 5},
            ],
        }
    ],
}
