"""The demo as a service: simulators, certificates, configuration, gateway and page."""

from __future__ import annotations

import atexit
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TextIO

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.server import Site

from chatgw.demo.configuration import PAGE_ID, STATEMENTS, Places, Tokens, write_configuration
from chatgw.demo.page import Page
from chatgw.gateway import Gateway, observe
from chatgw.net.outgoing import outgoing
from chatgw.net.port import listening, number, port_service
from chatgw.net.tls import ReplaceableTLS
from chatgw.sim.authority import Authority
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.callback import Callback
from chatgw.sim.meta.simulator import MetaSim
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.sim.switch import Below, Switch
from chatgw.values import Secret

HERE = "127.0.0.1"
PAGE_PORT = 8765
WEBHOOK_PORT = 10443

BANNER = """
chatgw demo

  All side by side   {demo.url}
  A customer         {demo.url}customer
  An agent           {demo.url}agent?name=agent7901
  The webhook        {demo.webhook}
  Faults to script   {demo.url}meta/control/faults, {demo.url}socialminer/control/faults
  Files              {demo.folder}

Ctrl-C ends it and removes its files.
"""

log = Logger()


class Demo(MultiService):
    """The real gateway with real TLS between both simulators, in a folder that goes with it.

    Each port is the usual one if it is free, else any.

    Args:
        reactor: Twisted's.
        console: where the addresses are told.
    """

    def __init__(self, reactor: Any, console: TextIO | None) -> None:
        super().__init__()
        self._console = console
        self.folder = Path(mkdtemp(prefix="chatgw-demo-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)  # if it never starts
        self._build(reactor)

    def _build(self, reactor: Any) -> None:
        authority = Authority.founded(str(self.folder / "tls"))
        pair = authority.pair(HERE)
        tokens = Tokens()
        page_port, graph_port = listening(HERE, _free(PAGE_PORT)), listening(HERE, 0)
        self.url = f"http://{HERE}:{number(page_port)}/"
        places = Places(
            webhook_port=_free(WEBHOOK_PORT),
            desk_port=number(page_port),
            graph_port=number(graph_port),
            key=pair.key,
            cert=pair.cert,
            ca_file=authority.file,
        )
        write_configuration(self.folder / "config", places, tokens)
        folders = (self.folder / name for name in ("config", "state", "logs"))
        self.gateway = Gateway(reactor, *folders)
        self.gateway.setServiceParent(self)
        self.webhook = f"https://{HERE}:{self.gateway.port}/fbm"

        client = outgoing(reactor, ca_file=authority.file)
        self.callback = Callback(client, self.webhook, Secret(tokens.verification_token))
        account = Account(PAGE_ID, Secret(tokens.page_access_token), Secret(tokens.app_secret))
        self.meta = MetaSim(reactor, account, self.callback.post)
        queues = {str(queue): title for title, queue in STATEMENTS}
        self.desk = SocialMinerSim(reactor, queues=queues)
        page = Page()
        self.gateway.logs.add(page.heard)
        desk, meta = self.desk.resource(), self.meta.resource()
        named = {
            b"ccp": desk,
            b"agent": desk,
            b"socialminer": Below(desk),
            b"customer": meta,
            b"api": meta,
            b"meta": Below(meta),
        }
        site = Site(Switch(named, page.app.resource()), reactor=reactor)
        port_service(reactor, page_port, site).setServiceParent(self)
        tls = ReplaceableTLS(pair.key, pair.cert)
        graph = TLSMemoryBIOFactory(tls, False, Site(self.meta.graph(), reactor=reactor), reactor)
        port_service(reactor, graph_port, graph).setServiceParent(self)

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802 - Twisted's name
        """Becomes part of an application, and its log."""
        observe(parent, self.gateway.logs)
        super().setServiceParent(parent)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Starts everything, has Meta verify the webhook, and says where everything is."""
        super().startService()
        if self._console is not None:
            self._console.write(BANNER.format(demo=self))
            self._console.flush()
        self._verifying = Deferred.fromCoroutine(self._verify())
        self._verifying.addErrback(
            lambda broken: log.failure("The webhook could not be verified.", failure=broken)
        )

    async def _verify(self) -> None:
        if not await self.callback.verify():
            log.error("The webhook was not verified.")

    def stopService(self) -> Deferred[None]:  # noqa: N802 - Twisted's name
        """Stops the gateway, which takes its leave of both simulators, then these."""
        self._verifying.cancel()
        stopped = maybeDeferred(self.gateway.disownServiceParent)
        stopped.addBoth(lambda _: self.meta.stop())
        stopped.addBoth(lambda _: MultiService.stopService(self))
        stopped.addBoth(lambda _: self.callback.client.close())
        return stopped.addBoth(self._remove)

    def _remove(self, _: object) -> None:
        self.gateway.logs.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free(wanted: int) -> int:
    """The port if it is free, else 0, by which any is meant."""
    try:
        listening(HERE, wanted).close()
    except OSError:
        return 0
    return wanted
