"""Both simulators in this process, and the daemon in its own, killed at a point and restarted."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.task import LoopingCall, deferLater
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.server import Site

from chatgw.demo.configuration import PAGE_ID, STATEMENTS, Places, Tokens, write_configuration
from chatgw.net.outgoing import outgoing
from chatgw.net.tls import ReplaceableTLS
from chatgw.sim.authority import Authority
from chatgw.sim.faults import Fault, Faults
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.callback import Callback
from chatgw.sim.meta.events import FIELDS
from chatgw.sim.meta.simulator import MetaSim
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.test.crash.mined import ARMED, TAC
from chatgw.test.crash.points import Acknowledgement, Call, Point, Step
from chatgw.test.daemon import Daemon, twistd
from chatgw.test.squid import free_port
from chatgw.values import Secret

HERE = "127.0.0.1"

AGENT = "agent7901"

QUIET = 0.5
"""Seconds without a webhook after which none is taken to follow."""

PATIENCE = 60.0
"""Seconds until what does not happen is taken never to."""

reactor: Any = _reactor


class NeverError(Exception):
    """Something has not happened; the text says what."""


async def until(condition: Callable[[], object], what: str) -> None:
    """Waits for something to become true.

    Raises:
        NeverError: it does not for `PATIENCE` seconds.
    """
    end = reactor.seconds() + PATIENCE
    while not condition():
        if reactor.seconds() > end:
            raise NeverError(what)
        await deferLater(reactor, 0.02)


class Trap(Faults):
    """A simulator's faults, with one more: whose call it was is killed."""

    def __init__(self, call: Call | None, kill: Callable[[], bool]) -> None:
        super().__init__()
        self._call = call
        self._kill = kill

    def take(self, operation: str) -> Fault | None:
        """As `Faults.take`."""
        if self._call is None or self._call.operation != operation or not self._kill():
            return super().take(operation)
        return None if self._call.taken else Fault(operation, "hang")


class Stage:
    """The simulators, and the daemon between them.

    Args:
        point: where the daemon is killed.
    """

    def __init__(self, point: Point) -> None:
        self.point = point
        self.folder = Path(mkdtemp(prefix="chatgw-crash-"))
        self.deaths = 0
        self._armed = self.folder / ARMED
        self._daemon: Daemon | None = None
        self._starts = 0
        self._listens = False
        self._logged = 0
        self._posted_at = 0.0
        self._ports: list[IListeningPort] = []
        self._build(Tokens())
        self._accepting = LoopingCall(self._accept)
        self._accepting.start(0.1).addErrback(lambda broken: broken.trap())

    def _build(self, tokens: Tokens) -> None:
        point = self.point
        authority = Authority.founded(str(self.folder / "tls"))
        pair = authority.pair(HERE)
        queues = {str(queue): title for title, queue in STATEMENTS}
        self.desk = SocialMinerSim(reactor, queues=queues)
        self.desk.faults = self._trap("desk")
        self.desk.model.login(AGENT)
        self._client = outgoing(reactor, ca_file=authority.file)
        port = free_port()
        self._callback = Callback(
            self._client, f"https://{HERE}:{port}/fbm", Secret(tokens.verification_token)
        )
        account = Account(PAGE_ID, Secret(tokens.page_access_token), Secret(tokens.app_secret))
        self.meta = MetaSim(reactor, account, self._post)
        self.meta.faults = self._trap("meta")
        self.meta.webhooks.fields = FIELDS if point.echoes else FIELDS - {"message_echoes"}
        tls = ReplaceableTLS(pair.key, pair.cert)
        places = Places(
            webhook_port=port,
            desk_port=self._listen(Site(self.desk.resource())),
            graph_port=self._listen(TLSMemoryBIOFactory(tls, False, Site(self.meta.graph()))),
            key=pair.key,
            cert=pair.cert,
            ca_file=authority.file,
        )
        config = self.folder / "config"
        write_configuration(config, places, tokens)
        settings = json.loads((config / "settings.json").read_text("utf-8"))
        settings["socialMiner"]["pollingIntervalMS"] = 250
        settings["delivery"] = {"echoWaitMS": int(point.echo_wait * 1000)}
        (config / "settings.json").write_text(json.dumps(settings), "utf-8")

    def _trap(self, peer: str) -> Trap:
        at = self.point.at
        return Trap(at if isinstance(at, Call) and at.peer == peer else None, self._kill)

    def _listen(self, factory: IProtocolFactory) -> int:
        port = reactor.listenTCP(0, factory, interface=HERE)
        self._ports.append(port)
        return int(port.getHost().port)

    # -- The daemon ------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the daemon: one with a mine as long as it is to die at a step, else as it is."""
        folders = [f"--{name}={self.folder / name}" for name in ("config", "state", "logs")]
        command = twistd(*folders)
        if isinstance(self.point.at, Step) and self.deaths < self.point.deaths:
            tac = self.folder / "mined.tac"
            tac.write_text(TAC.format(folder=str(self.folder), step=self.point.at.name))
            command = [*twistd()[:-1], "-y", str(tac)]
        self._starts += 1
        self._listens, self._logged = False, len(self.log())
        self._daemon = Daemon(command, self.folder / f"daemon-{self._starts}")

    def arm(self) -> None:
        """From now on the daemon is killed when it comes to the point."""
        self._armed.touch()

    @property
    def survived(self) -> bool:
        """Whether all killing is done, and the daemon is back."""
        return self.deaths == self.point.deaths and self.listening

    @property
    def listening(self) -> bool:
        """Whether the daemon lives and listens."""
        if self._daemon is None or self._daemon.process.poll() is not None:
            return False
        if not self._listens:
            self._listens = "Webhook server is listening" in self.log()[self._logged :]
        return self._listens

    @property
    def quiet(self) -> bool:
        """Whether Meta has nothing more to tell."""
        return bool(reactor.seconds() - self._posted_at > QUIET)

    async def watch(self) -> None:
        """Starts the daemon again whenever it was killed. Ends only by being cancelled.

        Raises:
            NeverError: it has ended in another way.
        """
        while True:
            if self._daemon is not None and (status := self._daemon.process.poll()) is not None:
                if status != -signal.SIGKILL:
                    raise NeverError(f"a life after {status}: {self._daemon.said()}")
                self.deaths += 1
                self.start()
            await deferLater(reactor, 0.02)

    async def end(self) -> int:
        """Ends the daemon as an operator does; its exit status."""
        assert self._daemon is not None
        self._daemon.send(signal.SIGTERM)
        process = self._daemon.process
        await until(lambda: process.poll() is not None, "an end after SIGTERM")
        return process.returncode

    def log(self) -> str:
        """What the operator's log holds, of all of the daemon's lives."""
        file = self.folder / "logs" / "log.log"
        return file.read_text("utf-8") if file.exists() else ""

    async def close(self) -> None:
        """Ends everything, and removes the folder."""
        self._accepting.stop()
        if self._daemon is not None:
            self._daemon.end(signal.SIGKILL)
        self.meta.stop()
        for contact in list(self.desk.model.chats):
            self.desk.model.end(contact, "the end of the test")
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        await self._client.close()
        rmtree(self.folder)

    def _kill(self) -> bool:
        """Kills the daemon with -9 if that is due; whether it was."""
        daemon = self._daemon
        if self.deaths or daemon is None or not self._armed.exists():
            return False
        if daemon.process.poll() is not None:
            return False
        self._armed.unlink()
        daemon.send(signal.SIGKILL)
        return True

    # -- Those around it -------------------------------------------------------------------

    def _post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        return Deferred.fromCoroutine(self._posted(body, headers))

    async def _posted(self, body: bytes, headers: dict[str, str]) -> int:
        """Posts a webhook; while nobody listens it waits, as at a load balancer."""
        self._posted_at = reactor.seconds()
        await until(lambda: self.listening, "a listening daemon")
        status = await self._callback.post(body, headers)
        theirs = b'"text"' in body and b'"is_echo"' not in body
        if status == 200 and theirs and isinstance(self.point.at, Acknowledgement):
            self._kill()
        return status

    def _accept(self) -> None:
        """The agent takes every chat at once."""
        for chat in self.desk.model.waiting(AGENT):
            self.desk.model.accept(chat.contact.id, AGENT)
