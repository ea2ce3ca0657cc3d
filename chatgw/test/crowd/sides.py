"""Both simulators in this process, and the configuration that leads a daemon to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.server import Site

from chatgw.demo.configuration import PAGE_ID, STATEMENTS, Places, Tokens, write_configuration
from chatgw.net.client import CallFailed
from chatgw.net.outgoing import outgoing
from chatgw.net.tls import ReplaceableTLS
from chatgw.sim.authority import Authority
from chatgw.sim.faults import Faults
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.callback import Callback
from chatgw.sim.meta.events import Event
from chatgw.sim.meta.simulator import MetaSim
from chatgw.sim.meta.webhooks import Webhooks
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.values import Secret

HERE = "127.0.0.1"

AT_ONCE = 8
"""Webhooks that Meta has under way at a time; those of one customer keep their order."""

TAKEN = "200"
REFUSED = "connection refused"
"""Two of the answers to a webhook. Others are a status, or why there was none."""

CANCELLED = "cancelled"
"""Why there is none if Meta has waited long enough."""

reactor: Any = _reactor


class Sides:
    """Meta and SocialMiner, for a daemon whose folder this is.

    Args:
        folder: gets ``config`` with the configuration, and the keys.
        port: where the daemon listens.
        settings: what ``settings.json`` says besides, section by section.
    """

    def __init__(
        self, folder: Path, port: int, settings: Mapping[str, Mapping[str, object]]
    ) -> None:
        self.answers: Counter[str] = Counter()
        """What Meta's webhooks were answered, counted."""
        self._ports: list[IListeningPort] = []
        authority = Authority.founded(str(folder / "tls"))
        pair = authority.pair(HERE)
        tokens = Tokens()
        queues = {str(queue): title for title, queue in STATEMENTS}
        self.desk = SocialMinerSim(reactor, queues=queues)
        self._client = outgoing(reactor, ca_file=authority.file)
        self._callback = Callback(
            self._client, f"https://{HERE}:{port}/fbm", Secret(tokens.verification_token)
        )
        account = Account(PAGE_ID, Secret(tokens.page_access_token), Secret(tokens.app_secret))
        self.meta = MetaSim(reactor, account, self._post)
        self._webhooks = [
            Webhooks(reactor, account, self._post, Faults(), self.meta.model.acknowledged)
            for _ in range(AT_ONCE)
        ]
        self.meta.model.tell = self._tell
        tls = ReplaceableTLS(pair.key, pair.cert)
        places = Places(
            webhook_port=port,
            desk_port=self._listen(Site(self.desk.resource())),
            graph_port=self._listen(TLSMemoryBIOFactory(tls, False, Site(self.meta.graph()))),
            key=pair.key,
            cert=pair.cert,
            ca_file=authority.file,
        )
        write_configuration(folder / "config", places, tokens)
        file = folder / "config" / "settings.json"
        written = json.loads(file.read_text("utf-8"))
        for name, section in settings.items():
            written[name] = {**written.get(name, {}), **section}
        file.write_text(json.dumps(written), "utf-8")

    @property
    def untaken(self) -> int:
        """How often a webhook was not taken."""
        return self.answers.total() - self.answers[TAKEN]

    async def close(self) -> None:
        """Ends both; nothing is left of them."""
        for webhooks in self._webhooks:
            webhooks.stop()
        self.meta.stop()
        for contact in list(self.desk.model.chats):
            self.desk.model.end(contact, "the end of the test")
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        await self._client.close()

    def _listen(self, factory: IProtocolFactory) -> int:
        port = reactor.listenTCP(0, factory, interface=HERE)
        self._ports.append(port)
        return int(port.getHost().port)

    def _tell(self, event: Event) -> None:
        self._webhooks[hash(event.psid) % AT_ONCE].send(event)

    def _post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        return Deferred.fromCoroutine(self._posted(body, headers))

    async def _posted(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            status = await self._callback.post(body, headers)
        except CallFailed as error:
            self.answers["none in time" if error.detail == CANCELLED else error.detail] += 1
            raise
        self.answers[str(status)] += 1
        return status
