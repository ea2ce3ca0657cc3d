"""The simulator of SocialMiner on its own: ``python -m chatgw.sim socialminer``."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.logger import Logger
from twisted.web.server import Site

from chatgw.net.outgoing import outgoing
from chatgw.sim.socialminer.centre import QUEUES
from chatgw.sim.socialminer.notification import Notification
from chatgw.sim.socialminer.service import SocialMinerSim

log = Logger()


def main(reactor: Any, argv: Sequence[str]) -> Deferred[None]:
    """Runs the simulator until the reactor stops.

    Args:
        reactor: Twisted's.
        argv: the command line after the word ``socialminer``.

    Returns:
        A Deferred that does not fire while the simulator runs; it fails if it cannot start.

    Raises:
        SystemExit: the command line asks for help or is wrong; which, has been printed.
        ValueError: the file of authorities cannot be read.
    """
    return Deferred.fromCoroutine(_run(reactor, options(argv)))


def options(argv: Sequence[str]) -> Namespace:
    """What the command line says.

    Raises:
        SystemExit: it asks for help or is wrong; which, has been printed.
    """
    parser = ArgumentParser("socialminer", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=8080, help="of the chat API and the agents' page; 0: any")
    add("--interface", default="127.0.0.1", help="address to listen on")
    add("--queue", type=_queue, action="append", metavar="ID=NAME", help="a queue; may be repeated")
    add("--join-timeout", type=_seconds, default=60.0, help="seconds until nobody has joined")
    add(
        "--inactivity-timeout",
        type=_seconds,
        default=300.0,
        help="seconds of silence that end a chat",
    )
    add("--notification-url", default="", help="where each new contact is posted to")
    add("--ca-file", help="PEM file of the authorities that the URL's host is trusted by")
    said = parser.parse_args(argv)
    said.queues = dict(said.queue) if said.queue else QUEUES
    return said


async def _run(reactor: Any, said: Namespace) -> None:
    arrived = None
    if said.notification_url:
        client = outgoing(reactor, ca_file=said.ca_file)
        arrived = Notification(client, reactor, said.notification_url).post
    sim = SocialMinerSim(
        reactor,
        queues=said.queues,
        join_timeout=said.join_timeout,
        inactivity_timeout=said.inactivity_timeout,
        arrived=arrived,
    )
    endpoint = TCP4ServerEndpoint(reactor, said.port, interface=said.interface)
    port = await endpoint.listen(Site(sim.resource(), reactor=reactor))
    here = f"http://{port.getHost().host}:{port.getHost().port}"
    log.info("Chat API: {here}/ccp/chat   an agent: {here}/agent?name=agent7901", here=here)
    await Deferred[None]()


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 86_400:
        raise ArgumentTypeError(f"expected more than 0 and at most 86400 seconds, found {text!r}")
    return seconds


def _queue(text: str) -> tuple[str, str]:
    number, separator, name = text.partition("=")
    if not (number.isascii() and number.isdigit() and separator and name):
        raise ArgumentTypeError(f"expected ID=NAME as in 4=1162FBMQ1, found {text!r}")
    return number, name
