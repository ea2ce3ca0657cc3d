"""The gateway as one service: starts, reloads and stops all of its parts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.task import LoopingCall
from twisted.logger import ILogObserver, Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.components import Componentized

from chatgw import wording
from chatgw.config.channels import FACEBOOK_MESSENGER
from chatgw.config.load import load
from chatgw.config.problems import ConfigurationError
from chatgw.config.settings import Settings, as_logged
from chatgw.dump import Dump
from chatgw.interfaces import IChannel
from chatgw.journal.memory import MemoryJournal
from chatgw.logs import LogFiles
from chatgw.net.hangup import HangupService
from chatgw.net.limits import RateLimit
from chatgw.net.port import listening, number, port_service
from chatgw.net.tls import ReplaceableTLS
from chatgw.parts import build, secrets
from chatgw.registry import Registry
from chatgw.values import Done, Failed
from chatgw.web.access import AccessLog
from chatgw.web.webhooks import Webhooks, webhook_site

STOP_WITHIN = 4.5
"""Seconds a stop may take."""

log = Logger()


class StartError(Exception):
    """The gateway cannot start; the text is for the operator."""


def observe(application: object, logs: LogFiles) -> None:
    """Makes the log file the application's only log, if it is one.

    twistd's own log would show what people wrote.
    """
    if isinstance(application, Componentized):
        application.setComponent(ILogObserver, logs)


class Gateway(MultiService):
    """chatgw from the webhook's port to the log file.

    Everything that can fail for an operator's mistake fails here, before the daemon detaches.

    Args:
        reactor: Twisted's.
        config: the folder of ``settings.json`` and ``channels.json``.
        state: the folder for what must outlive the process; made if missing, closed to others.
        logs: the folder of the log files; made if missing.

    Raises:
        ConfigurationError: the configuration is bad.
        StartError: the port is taken, a key is missing, a folder cannot be written.
    """

    identify_interval = 60.0
    """Seconds between attempts to learn the page's id."""

    def __init__(self, reactor: Any, config: Path, state: Path, logs: Path) -> None:
        super().__init__()
        self.reactor = reactor
        self.config = config
        self.configuration = load(config)
        server, log_settings = self.configuration.settings.server, self.configuration.settings.log
        try:
            self.built = build(reactor, self.configuration)
            self.tls = ReplaceableTLS(server.ssl_key_path, server.ssl_cert_path)
            port = listening(server.interface, server.port)
            os.makedirs(state, mode=0o700, exist_ok=True)
            self.logs = LogFiles(
                logs, log_settings.max_size_bytes, log_settings.max_file_count, log_settings.level
            )
            access_log = AccessLog(logs / "http", reactor)
        except (ValueError, OSError) as error:
            raise StartError(_told(error)) from error
        self._secrets = secrets(self.configuration)
        self.logs.redact(self._secrets)
        self.port = number(port)
        self._clients = self.built.clients
        self.rate = RateLimit(reactor, server.max_requests_per_minute)
        self.registry = Registry(reactor, MemoryJournal(), self.built.parts)
        webhooks = Webhooks(self._messenger, self.registry.receive, reactor, self._admit)
        site = webhook_site(webhooks.resource(), access_log, reactor)
        self._identify = LoopingCall(lambda: Deferred.fromCoroutine(self._learn_page()))
        self._identify.clock = reactor
        HangupService(reactor, self.reload).setServiceParent(self)
        port_service(
            reactor, port, TLSMemoryBIOFactory(self.tls, False, site, reactor)
        ).setServiceParent(self)

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802 - Twisted's name
        """Becomes part of an application, and its log."""
        observe(parent, self.logs)
        super().setServiceParent(parent)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Begins to serve, and says with what."""
        log.info(wording.STARTUP)
        log.info(wording.CLEARING)
        log.info(wording.INITIALIZING)
        self._announce()
        log.info(wording.SILENCING)
        log.info(wording.LISTENING, port=self.port)
        super().startService()
        self._begin_to_learn()

    def stopService(self) -> Deferred[None]:  # noqa: N802 - Twisted's name
        """Lets what is under way end, for `STOP_WITHIN` seconds at most."""
        log.info(wording.STOPPING)
        if self._identify.running:
            self._identify.stop()
        services = maybeDeferred(super().stopService)
        ended = gatherResults([Deferred.fromCoroutine(self._end_chats()), services])
        ended.addTimeout(STOP_WITHIN, self.reactor, onTimeoutCancel=lambda *_: [])
        ended.addErrback(lambda broken: log.failure("Could not stop properly.", failure=broken))
        return ended.addCallback(self._stopped)

    async def _end_chats(self) -> None:
        await self.registry.end_chats()
        await self.registry.stop()
        await gatherResults([client.close() for client in self._clients])

    def _stopped(self, _: object) -> None:
        log.info(wording.STOPPED)

    def reload(self) -> None:
        """Takes the configuration as it is now, whole, or says why not and changes nothing."""
        log.info(wording.RELOADING)
        try:
            configuration = load(self.config)
            built = build(self.reactor, configuration)
            server = configuration.settings.server
            self.tls.replace(server.ssl_key_path, server.ssl_cert_path)
        except (ConfigurationError, ValueError, OSError) as error:
            log.error(wording.REFUSED, why=_told(error))
            return
        for client in self._clients:
            client.close()  # what is idle; calls under way go on
        self._clients = (*built.clients, *self.built.clients)
        for key in _kept(self.configuration.settings, configuration.settings):
            log.warn(wording.AT_NEXT_START, key=key)
        self.built, self.configuration = built, configuration
        self.registry.use(built.parts)
        self.rate = RateLimit(self.reactor, server.max_requests_per_minute)
        # Those of before too: chats under way still use them.
        self._secrets = list(dict.fromkeys([*secrets(configuration), *self._secrets]))
        self.logs.redact(self._secrets)
        self.logs.set_level(configuration.settings.log.level)
        self._announce()
        self._begin_to_learn()

    def _messenger(self) -> IChannel | None:
        return self.registry.channel(FACEBOOK_MESSENGER)

    def _admit(self) -> bool:
        return self.rate.admit()

    def _announce(self) -> None:
        settings, channels = self.configuration.settings, self.configuration.channels
        log.info(wording.SETTINGS, settings=Dump(as_logged(settings)))
        for warning in self.configuration.warnings:
            log.warn("{text}", text=warning)
        enabled = sum(channel.enabled for channel in channels.channels)
        log.info(wording.CHANNELS, count=enabled)
        if channels.http_proxy.enabled:
            proxy = channels.http_proxy
            log.info(wording.PROXY, host=proxy.host, port=proxy.port)
        state = "CONFIGURED" if enabled else "NOT_CONFIGURED"
        log.info(wording.CONFIG_STATE, state=state)

    def _begin_to_learn(self) -> None:
        """Without a page id in the configuration, Meta is asked for it until it answers."""
        messenger = self.built.messenger
        if messenger is not None and messenger.page_id is None and not self._identify.running:
            self._identify.start(self.identify_interval).addErrback(
                lambda broken: log.failure("Could not ask for the page's id.", failure=broken)
            )

    async def _learn_page(self) -> None:
        messenger = self.built.messenger
        if messenger is not None and messenger.page_id is None:
            outcome = await messenger.identify()
            if messenger is not self.built.messenger:
                return  # a reload has replaced it; its successor is asked for at the next turn
            match outcome:
                case Done(result=page):
                    log.info(wording.PAGE, page=page)
                case Failed(kind=kind, detail=detail):
                    log.warn(wording.NO_PAGE, reason=f"{kind.value}: {detail}")
                    return
        if self._identify.running:
            self._identify.stop()


def _kept(old: Settings, new: Settings) -> list[str]:
    """The keys whose change takes effect at the next start only."""
    kept = {
        "server.port": (old.server.port, new.server.port),
        "server.interface": (old.server.interface, new.server.interface),
        "log.maxSizeBytes": (old.log.max_size_bytes, new.log.max_size_bytes),
        "log.maxFileCount": (old.log.max_file_count, new.log.max_file_count),
    }
    return [key for key, (before, after) in kept.items() if before != after]


def _told(error: Exception) -> str:
    """What an operator is told: the system's own words and the file, without a number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)
