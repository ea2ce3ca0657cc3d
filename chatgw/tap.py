"""What ``twistd chatgw`` does: reads its options, names the reactor, makes the service."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from twisted.application.service import IService
from twisted.python.usage import Options as TwistedOptions

from chatgw.config.problems import ConfigurationError
from chatgw.gateway import Gateway, StartError


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
        SystemExit: it cannot be started; one line on standard error says why.
    """
    from twisted.internet import reactor

    # Until the gateway listens for it, a SIGHUP must not end the process.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        if options["demo"]:
            from chatgw.demo.service import Demo

            return Demo(reactor, sys.__stdout__)
        folders = (Path(options[name]).absolute() for name in ("config", "state", "logs"))
        return Gateway(reactor, *folders)
    except (ConfigurationError, StartError) as error:
        raise SystemExit(f"chatgw: {error}") from None
