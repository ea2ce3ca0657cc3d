"""A listening port: taken before the daemon detaches, so that failure is seen, or handed over."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, MutableMapping
from typing import Any

from twisted.application.internet import StreamServerEndpointService
from twisted.internet.endpoints import AdoptedStreamServerEndpoint, serverFromString
from twisted.internet.interfaces import IProtocolFactory

BACKLOG = 1024
"""Connections the system holds for us until we come to them."""

NAMES = ("https", "webhook")
"""What a socket unit may call our socket (``FileDescriptorName=``), to tell it from others."""


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


def _handed(place: int) -> int:
    """The descriptor of a socket handed over, by its place among them, from 0 on.

    Twisted has taken the tidings out of the environment while it was imported, so it is asked.

    Raises:
        IndexError: there is none.
    """
    descriptor: int = serverFromString(None, f"systemd:domain=INET:index={place}").fileno
    return descriptor


def inherited(
    environ: MutableMapping[str, str], handed: Callable[[int], int] = _handed
) -> socket.socket | None:
    """The listening TCP socket that systemd has opened for us and keeps while we are away.

    Args:
        environ: the process's environment. Loses the variables that tell of sockets, so that no
            child takes them for its own.
        handed: gives the descriptor of each socket handed over, or raises IndexError.

    Returns:
        The socket called by one of `NAMES`, or else the only one; None if none was handed over, or
        none that has a name (systemd gives one to each).

    Raises:
        ValueError: there is not just one such socket; the text is for an operator.
    """
    names = environ.pop("LISTEN_FDNAMES", "").split(":")
    for variable in ("LISTEN_PID", "LISTEN_FDS"):
        environ.pop(variable, None)
    if names == [""]:
        return None
    try:
        given = [(handed(place), name) for place, name in enumerate(names)]
    except IndexError:  # meant for another process
        return None
    called = [each for each, name in given if name in NAMES] or [each for each, _ in given]
    ours = [each for each in called if _listens(each)]
    if len(ours) != 1:
        wanted = f"one listening TCP socket, or one called {' or '.join(NAMES)}"
        raise ValueError(f"sockets from systemd: expected {wanted}, found {len(ours)}")
    port = socket.socket(fileno=ours[0])
    port.setblocking(False)
    port.set_inheritable(False)
    return port


def _listens(descriptor: int) -> bool:
    """Whether it is a TCP socket that listens."""
    try:
        port = socket.socket(fileno=descriptor)
    except OSError:  # no socket, or nothing at all
        return False
    try:
        if port.family not in (socket.AF_INET, socket.AF_INET6) or port.type != socket.SOCK_STREAM:
            return False
        return bool(port.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    finally:
        port.detach()


def number(port: socket.socket) -> int:
    """The number of a listening port."""
    found: int = port.getsockname()[1]
    return found


def port_service(
    reactor: Any, port: socket.socket, factory: IProtocolFactory
) -> StreamServerEndpointService:
    """Serves a factory on a listening socket, from the service's start to its stop.

    The connections made since it began to listen are served too. The socket is used up: the stop
    closes our descriptor. One that was inherited listens on in its owner's hands, and what waits
    in it is not lost. Connections accepted before the stop are served on.
    """
    family = port.family
    return StreamServerEndpointService(
        AdoptedStreamServerEndpoint(reactor, port.detach(), family), factory
    )
