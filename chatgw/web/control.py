"""The control socket: a Unix socket in the state folder, for whoever may enter there.

No password is asked: the file's mode lets in the user that chatgw runs as, and root.
"""

# ruff: noqa: N802 -- the method names are Twisted's
# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.application.service import IService, Service
from twisted.internet import tcp, unix
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from twisted.web.server import Site

from chatgw.net.limits import IDLE, LeanRequest

NAME = "control.sock"
"""The socket's name in the state folder."""

LONGEST = 107
"""Bytes of a Unix socket's path, on Linux."""

_MODE = 0o600
_CREDENTIALS = struct.Struct("3i")
"""Process, user and group: unix(7), ``SO_PEERCRED``."""


def control_service(reactor: Any, path: Path, resource: IResource) -> IService:
    """Serves a resource on a Unix socket, from the service's start to its stop.

    What a former process has left at the path is removed.

    Args:
        reactor: Twisted's.
        path: the socket's, absolute; its folder is there.
        resource: the site's root.

    Raises:
        OSError: the socket cannot be had; the text says why.
    """
    _make_way(path)
    return _Control(reactor, path, resource)


def uid(request: IRequest) -> str:
    """The id of the user whose process has connected, for the audit; ``-`` if there is none."""
    connection = getattr(getattr(request, "channel", None), "transport", None)
    connected = getattr(connection, "socket", None)
    if not isinstance(connected, socket.socket):
        return "-"
    told = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return str(_CREDENTIALS.unpack(told)[1])


def _make_way(path: Path) -> None:
    """Makes sure that a socket can be made at a path: removes one that nobody listens on.

    Raises:
        OSError: it cannot be made; the text says why.
    """
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise OSError(f"there is something else in the control socket's place: {path}")
        if _is_listened_on(path):
            raise OSError(f"another process listens on the control socket: {path}")
        path.unlink()
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise OSError(f"the control socket is somebody else's: {path}") from error


def _is_listened_on(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.setblocking(False)
        try:
            with reachable(path) as name:
                caller.connect(name)
        except ConnectionRefusedError:
            return False
        except BlockingIOError:  # so many are waiting there already
            return True
        return True


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name of a socket that is short enough for the system: by way of its open folder."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class _Site(Site):
    """A site that keeps no access log: what matters is audited."""

    noisy = False

    def log(self, request: Request) -> None:
        pass


class _Port(unix.Port):
    """A port that leaves its file alone.

    Twisted's own removes it, whosever it is by then, and never ends if that fails: on a disk that
    is read-only now, say.
    """

    def connectionLost(self, reason: Failure) -> None:
        tcp.Port.connectionLost(self, reason)


@define(eq=False)
class _Control(Service):
    _reactor: Any
    _path: Path
    _resource: IResource
    _port: _Port | None = field(init=False, default=None)
    _file: tuple[int, int] = field(init=False, default=(0, 0))

    def startService(self) -> None:
        super().startService()
        site = _Site(
            self._resource, requestFactory=LeanRequest, timeout=IDLE, reactor=self._reactor
        )
        with reachable(self._path) as name:
            port = _Port(os.fsencode(name), site, mode=_MODE, reactor=self._reactor)
            port.startListening()
        self._port, self._file = port, _identity(self._path)

    def stopService(self) -> Deferred[None] | None:
        super().stopService()
        if self._port is None:
            return None
        port, self._port = self._port, None
        with suppress(OSError):
            if _identity(self._path) == self._file:
                self._path.unlink()
        return maybeDeferred(port.stopListening)


def _identity(path: Path) -> tuple[int, int]:
    """Which file it is, whatever its name."""
    found = path.lstat()
    return found.st_dev, found.st_ino
