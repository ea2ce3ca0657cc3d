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


def listening(interface: str, number: int) -> socket.socket:
    """A listening TCP socket.

    Args:
        interface: the address to listen on; every IPv4 address if empty.
        number: the port; 0 takes any free one.

    Raises:
        OSError: it cannot be had; the text says which port, and why.
    """
    family = socket.AF_INET6 if ":" in interface else socket.AF_INET
    port = socket.socket(family, socket.SOCK_STREAM)
    try:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind((interface, number))
        port.listen(BACKLOG)
        port.setblocking(False)
    except OSError as error:
        port.close()
        where = f"port {number}" + (f" of {interface}" if interface else "")
        raise OSError(
            error.errno, f"cannot listen on {where}: {os.strerror(error.errno or 0)}"
        ) from error
    return port


def port_service(
    reactor: Any, port: socket.socket, factory: IProtocolFactory
) -> StreamServerEndpointService:
    """Serves a factory on a listening socket, from the service's start to its stop.

    The connections made since `listening` was called are served too.
    """
    endpoint = AdoptedStreamServerEndpoint(reactor, port.fileno(), port.family)
    return _PortService(endpoint, factory, port)


class _PortService(StreamServerEndpointService):
    """Holds on to the socket, which closes when it is forgotten."""

    def __init__(
        self, endpoint: AdoptedStreamServerEndpoint, factory: IProtocolFactory, port: socket.socket
    ) -> None:
        super().__init__(endpoint, factory)
        self._port = port
