"""The daemon with a mine: the product's own gateway, which kills its process at a step."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from twisted.application.service import Application
from twisted.internet import reactor as _reactor

from chatgw.gateway import Gateway
from chatgw.net.names import detached_resolver

reactor: Any = _reactor

TAC = """\
from chatgw.test.crash.mined import mined
application = mined({folder!r}, {step!r})
"""
"""The file for ``twistd -y``."""

ARMED = "armed"
"""The file, in the folder, without which the mine does nothing."""


def mined(folder: str, step: str) -> Any:
    """The application of a gateway that dies as soon as it reaches a step.

    Args:
        folder: where ``config``, ``state`` and ``logs`` are, and `ARMED` will be.
        step: as `chatgw.registry.Registry` calls it; another name for a gateway that lives.
    """
    armed = Path(folder, ARMED)

    def reached(name: str) -> None:
        if name == step and armed.exists():
            os.kill(os.getpid(), signal.SIGKILL)

    reactor.installNameResolver(detached_resolver(reactor))
    folders = (Path(folder, name) for name in ("config", "state", "logs"))
    application = Application("chatgw")
    Gateway(reactor, *folders, reached=reached).setServiceParent(application)
    return application
