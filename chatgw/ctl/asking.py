"""The client of the control socket (`chatgw.web.control`)."""

from __future__ import annotations

import http.client
import json
import os
import socket
from typing import Any

SOCKET = "control.sock"
"""The socket's name in the state folder."""

PATIENCE = 10.0
"""Seconds in which an answer has to begin."""


class NotAnsweredError(Exception):
    """There is no answer; the text says why."""


class RefusedError(Exception):
    """The gateway does not do it; the text says why."""


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        # By way of the open folder, for a socket's path must be short (unix(7): 107 bytes).
        folder = os.open(os.path.dirname(self._path), os.O_PATH | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{os.path.basename(self._path)}")
        finally:
            os.close(folder)


def ask(state: str, method: str, target: str, patience: float = PATIENCE) -> Any:
    """What the gateway answers.

    Args:
        state: its state folder.
        method: of HTTP.
        target: path and query.
        patience: seconds of silence that are borne.

    Raises:
        NotAnsweredError: it does not answer.
        RefusedError: it answers with an error.
    """
    path = os.path.join(state, SOCKET)
    connection = _Connection(path, patience)
    try:
        connection.request(method, target, headers={"Connection": "close"})
        response = connection.getresponse()
        answered = json.loads(response.read())
        refused = answered.get("error", response.reason) if response.status >= 400 else None
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NotAnsweredError(f"chatgw is not running: nobody listens on {path}") from error
    except PermissionError as error:
        told = f"permission denied: {path}; run this as the user that chatgw runs as, or as root"
        raise NotAnsweredError(told) from error
    except TimeoutError as error:
        raise NotAnsweredError(f"chatgw does not answer within {patience:g} s") from error
    except OSError as error:
        raise NotAnsweredError(f"chatgw cannot be asked: {error} ({path})") from error
    except (http.client.HTTPException, ValueError, AttributeError) as error:
        raise NotAnsweredError(f"what answers on {path} is not chatgw") from error
    finally:
        connection.close()
    if refused is not None:
        raise RefusedError(str(refused))
    return answered
