"""Both simulators, in this process, and an agent, around a daemon that is killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
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
from chatgw.test.crash.lives import Lives, reactor, until
from chatgw.test.crash.points import Acknowledgement, Call, Commit, Point
from chatgw.test.squid import free_port
from chatgw.values import Secret

HERE = "127.0.0.1"

AGENT = "agent7901"
"""Talks with every customer."""

QUIET = 0.5
"""Seconds without a webhook after which none is taken to follow."""

log = Logger()


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
        self.lives = Lives(point, self.folder)
        self._posted_at = 0.0
        self._ports: list[IListeningPort] = []
        self._build(Tokens())
        self._accepting = LoopingCall(self._accept)
        self._accepting.start(0.1).addErrback(
            lambda broken: log.failure("The agent takes no more chats.", failure=broken)
        )

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
        return Trap(at if isinstance(at, Call) and at.peer == peer else None, self.lives.kill)

    def _listen(self, factory: IProtocolFactory) -> int:
        port = reactor.listenTCP(0, factory, interface=HERE)
        self._ports.append(port)
        return int(port.getHost().port)

    @property
    def quiet(self) -> bool:
        """Whether Meta has nothing more to tell."""
        return bool(reactor.seconds() - self._posted_at > QUIET)

    async def close(self) -> None:
        """Ends everything, and removes the folder."""
        self._accepting.stop()
        self.lives.close()
        self.meta.stop()
        for contact in list(self.desk.model.chats):
            self.desk.model.end(contact, "the end of the test")
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        await self._client.close()
        rmtree(self.folder)

    def _post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        return Deferred.fromCoroutine(self._posted(body, headers))

    async def _posted(self, body: bytes, headers: dict[str, str]) -> int:
        """Posts a webhook; while nobody listens it waits, as at a load balancer."""
        self._posted_at = reactor.seconds()
        await until(lambda: self.lives.listening, "a listening daemon")
        theirs = b'"text"' in body and b'"is_echo"' not in body
        if theirs and isinstance(self.point.at, Commit):
            self.lives.kill_while_committing()
        status = await self._callback.post(body, headers)
        if status == 200 and theirs and isinstance(self.point.at, Acknowledgement):
            self.lives.kill()
        return status

    def _accept(self) -> None:
        """The agent takes every chat at once."""
        for chat in self.desk.model.waiting(AGENT):
            self.desk.model.accept(chat.contact.id, AGENT)
