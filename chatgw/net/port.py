"""A listening port that is taken before the daemon detaches, so that failure is seen."""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.application.internet import StreamServerEndpointService
from twisted.internet.endpoints import AdoptedStreamServerEndpoint
from twisted.internet.interfaces import IProtocolFactory

BACKLOG = 1024
"""Connections the system holds for us until we come to them."""


def listening(interface: str, wanted: int) -> socket.socket:
    """A listening TCP socket.

    Args:
        interface: the address to listen on; every IPv4 address if empty.
        wanted: the port; 0 takes any free one.

    Raises:
        OSError: it cannot be had; the text says which port, and why.
    """
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    port = socket.socket(family, socket.SOCK_STREAM)
    try:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind((interface, wanted))
        port.listen(BACKLOG)
        port.setblocking(False)
    except OSError as error:
        port.close()
        where = f"port {wanted}" + (f" of {interface}" if interface else "")
        raise OSError(
            error.errno, f"cannot listen on {where}: {os.strerror(error.errno or 0)}"
        ) from error
    return port


def number(port: socket.socket) -> int:
    """The number of a listening port."""
    found: int = port.getsockname()[1]
    return found


def port_service(
    reactor: Any, port: socket.socket, factory: IProtocolFactory
) -> StreamServerEndpointService:
    """Serves a factory on a listening socket, from the service's start to its stop.

    The connections made since `listening` was called are served too. The socket is used up.
    """
    family = port.family
    return StreamServerEndpointService(
        AdoptedStreamServerEndpoint(reactor, port.detach(), family), factory
    )
