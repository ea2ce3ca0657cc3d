"""What ``twistd chatgw`` does: reads its options, names the reactor, makes the service."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.python.usage import Options as TwistedOptions


class Options(TwistedOptions):
    """The options of ``twistd chatgw``."""

    synopsis = "[options]"
    longdesc = "A chat gateway between Facebook Messenger and Cisco SocialMiner (CCP)."
    optParameters = [
        ["config", "c", "/etc/chatgw", "Folder of settings.json and channels.json."],
        ["state", "s", "/var/lib/chatgw", "Folder for what outlives the process."],
        ["logs", "l", "/var/log/chatgw", "Folder of the log files."],
    ]
    optFlags = [
        ["demo", None, "Run with simulators of both sides and pages to chat on; needs nothing."],
    ]


def makeService(options: Options) -> IService:  # noqa: N802 - Twisted's name
    """The service that the options ask for.

    Raises:
        SystemExit: it cannot be started; standard error says why, a line for each reason.
    """
    # Before everything else is imported, which takes a moment: until the gateway listens for it,
    # a SIGHUP must not end the process, and a SIGTERM must let it clean up.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    from twisted.internet import reactor as twisteds

    from chatgw.config.problems import ConfigurationError
    from chatgw.gateway import Gateway, StartError
    from chatgw.net.names import detached_resolver

    reactor: Any = twisteds
    reactor.installNameResolver(detached_resolver(reactor))
    config, state, logs = (Path(options[name]).absolute() for name in ("config", "state", "logs"))
    try:
        if options["demo"]:
            from chatgw.demo.service import Demo

            return Demo(reactor, sys.__stdout__)
        return Gateway(reactor, config, state, logs)
    except ConfigurationError as error:
        reasons = [f"{config}/{problem}" for problem in error.problems]
    except StartError as error:
        reasons = [str(error)]
    raise SystemExit("\n".join(f"chatgw: {reason}" for reason in reasons))
