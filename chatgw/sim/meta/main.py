"""The simulator of Meta on its own: ``python -m chatgw.sim meta``."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.server import Site

from chatgw.net.outgoing import outgoing
from chatgw.net.tls import ReplaceableTLS
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.callback import Callback
from chatgw.sim.meta.simulator import MetaSim
from chatgw.values import Secret

log = Logger()

_PAGE_ID = "682498171943165"


_SECRETS = ("page_access_token", "app_secret", "verify_token")


def main(reactor: Any, argv: Sequence[str]) -> Deferred[None]:
    """Runs the simulator until the reactor stops.

    Args:
        reactor: Twisted's.
        argv: the command line after the word ``meta``.

    Returns:
        A Deferred that does not fire while the simulator runs; it fails if it cannot start.
        Cancelling it ends the simulator.

    Raises:
        SystemExit: the command line asks for help or is wrong; which, has been printed.
        ValueError: the file of authorities, of the key or of the certificate cannot be used.
    """
    return Deferred.fromCoroutine(_run(reactor, options(argv)))


def options(argv: Sequence[str]) -> Namespace:
    """What the command line says, its gaps filled from the gateway's configuration.

    Raises:
        SystemExit: it asks for help or is wrong; which, has been printed.
    """
    parser = ArgumentParser("meta", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=8090, help="of the Graph API and the customers' page; 0: any")
    add("--interface", default="127.0.0.1", help="address to listen on")
    add("--webhook", default="https://localhost:10443/fbm", help="URL of the gateway's webhook")
    add("--ca-file", help="PEM file of the authorities that the webhook's host is trusted by")
    add("--tls-key", help="PEM file of a key, to be reached by https; with --tls-cert")
    add("--tls-cert", help="PEM file of its certificate and chain")
    add("--config", type=Path, help="directory of the gateway's channels.json, for what follows")
    add("--page-id", help="the page's id")
    add("--page-name", default="ABCD Customer Care", help="the page's name")
    add("--page-access-token", help="the page's access token")
    add("--app-secret", help="the app's secret, with which webhooks are signed")
    add("--verify-token", help="the webhook's verification token")
    said = parser.parse_args(argv)
    try:
        found = _configured(said.config / "channels.json") if said.config else {}
    except ValueError as error:
        parser.error(str(error))
    if bool(said.tls_key) != bool(said.tls_cert):
        parser.error("--tls-key and --tls-cert go together")
    said.page_id = said.page_id or found.get("page_id") or _PAGE_ID
    for name in _SECRETS:
        value = getattr(said, name) or found.get(name)
        if not value:
            parser.error(f"--{name.replace('_', '-')} is missing, and no --config has it")
        setattr(said, name, Secret(value))
    return said


async def _run(reactor: Any, said: Namespace) -> None:
    client = outgoing(reactor, ca_file=said.ca_file)
    callback = Callback(client, said.webhook, said.verify_token)
    account = Account(said.page_id, said.page_access_token, said.app_secret, said.page_name)
    sim = MetaSim(reactor, account, callback.post)
    endpoint = serverFromString(reactor, f"tcp:{said.port}:interface={said.interface}")
    factory: IProtocolFactory = Site(sim.resource(), reactor=reactor)
    if said.tls_key:
        tls = ReplaceableTLS(said.tls_key, said.tls_cert)
        factory = TLSMemoryBIOFactory(tls, False, factory, reactor)
    port = await endpoint.listen(factory)
    scheme = "https" if said.tls_key else "http"
    here = f"{scheme}://{port.getHost().host}:{port.getHost().port}"
    log.info("Graph API: {here}   a customer: {here}/customer", here=here)
    outcome = "verified" if await callback.verify() else "not verified (is the gateway up?)"
    log.info("Webhook {url}: {outcome}.", url=said.webhook, outcome=outcome)
    try:
        await Deferred[None]()
    except CancelledError:
        sim.stop()
        await port.stopListening()
        await client.close()
        raise


def _configured(file: Path) -> dict[str, str]:
    """What the first Messenger channel of a ``channels.json`` says.

    Raises:
        ValueError: it cannot be read, or has no such channel.
    """
    try:
        channels = json.loads(file.read_bytes())["channels"]
        channel = next(one for one in channels if one["type"] == "FACEBOOK_MESSENGER")
        found = {
            "page_id": channel.get("pageId"),
            "page_access_token": channel["auth"].get("pageAccessToken"),
            "app_secret": channel["auth"].get("appSecret"),
            "verify_token": channel["auth"].get("verificationToken"),
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
        raise ValueError(f"{file}: no Messenger channel found ({type(error).__name__})") from None
    return {name: value for name, value in found.items() if isinstance(value, str)}
