"""The gateway as one service: starts, reloads and stops all of its parts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger, globalLogPublisher
from twisted.protocols.tls import TLSMemoryBIOFactory

from chatgw.channels.messenger import Messenger
from chatgw.config.load import Configuration, load
from chatgw.config.problems import ConfigurationError
from chatgw.config.settings import as_logged
from chatgw.dump import Dump
from chatgw.journal.memory import MemoryJournal
from chatgw.logs import LogFiles
from chatgw.net.hangup import HangupService
from chatgw.net.limits import RateLimit, request_factory
from chatgw.net.port import listening, port_service
from chatgw.net.tls import ReplaceableTLS
from chatgw.parts import Built, build, secrets
from chatgw.registry import Registry
from chatgw.values import Done
from chatgw.web.access import AccessLog
from chatgw.web.webhooks import Webhooks, webhook_site

STOP_WITHIN = 4.5
"""Seconds a stop may take."""

IDENTIFY_INTERVAL = 60.0
"""Seconds between attempts to learn the page's id."""

log = Logger()


class StartError(Exception):
    """The gateway cannot start; the text is for the operator."""


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

    def __init__(self, reactor: Any, config: Path, state: Path, logs: Path) -> None:
        super().__init__()
        self.reactor = reactor
        self.config = config
        self.configuration = load(config)
        server, log_settings = self.configuration.settings.server, self.configuration.settings.log
        try:
            self.built = build(reactor, self.configuration)
            self.tls = ReplaceableTLS(server.ssl_key_path, server.ssl_cert_path)
            self.port = listening(server.interface, server.port)
            os.makedirs(state, mode=0o700, exist_ok=True)
            self.logs = LogFiles(
                logs, log_settings.max_size_bytes, log_settings.max_file_count, log_settings.level
            )
            access_log = AccessLog(logs / "http", reactor)
        except (ValueError, OSError) as error:
            raise StartError(_told(error)) from error
        self.rate = RateLimit(reactor, server.max_requests_per_minute)
        self.registry = Registry(reactor, MemoryJournal(), self.built.parts)
        webhooks = Webhooks(
            lambda: self.built.messenger, self.registry.receive, reactor, lambda: self.rate.admit()
        )
        site = webhook_site(webhooks.resource(), access_log, request_factory(), reactor)
        self._identify = LoopingCall(lambda: Deferred.fromCoroutine(self._learn_page()))
        self._identify.clock = reactor
        HangupService(reactor, self.reload).setServiceParent(self)
        port_service(
            reactor, self.port, TLSMemoryBIOFactory(self.tls, False, site, reactor)
        ).setServiceParent(self)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Begins to serve, and says with what."""
        self.logs.redact(secrets(self.configuration))
        globalLogPublisher.addObserver(self.logs)
        log.info("**** STARTUP ****")
        log.info("Clearing existing configuration from memory ...")
        log.info("Initializing config_manager, loading config from filesystem ...")
        self._announce()
        log.info("Webhook server is listening on port {port}.", port=self.port.getsockname()[1])
        super().startService()
        self._begin_to_learn()

    def stopService(self) -> Deferred[None]:  # noqa: N802 - Twisted's name
        """Lets what is under way end, for `STOP_WITHIN` seconds at most."""
        log.info("Stopping ...")
        if self._identify.running:
            self._identify.stop()
        ended = gatherResults(
            [
                self.registry.stop(),
                maybeDeferred(super().stopService),
                *(client.close() for client in self.built.clients),
            ],
            consumeErrors=True,
        )
        ended.addTimeout(STOP_WITHIN, self.reactor, onTimeoutCancel=lambda *_: [])
        ended.addErrback(lambda broken: log.failure("Could not stop properly.", failure=broken))
        return ended.addCallback(self._stopped)

    def _stopped(self, _: object) -> None:
        log.info("**** STOPPED ****")
        globalLogPublisher.removeObserver(self.logs)
        self.logs.close()

    def reload(self) -> None:
        """Takes the configuration as it is now, whole, or says why not and changes nothing."""
        log.info("Reloading configuration ...")
        try:
            configuration = load(self.config)
            built = build(self.reactor, configuration)
            server = configuration.settings.server
            self.tls.replace(server.ssl_key_path, server.ssl_cert_path)
        except (ConfigurationError, ValueError, OSError) as error:
            log.error("Configuration refused, the old one stays: {why}", why=str(error))
            return
        replaced, self.built, self.configuration = self.built, built, configuration
        self.registry.use(built.parts)
        self.rate = RateLimit(self.reactor, server.max_requests_per_minute)
        self.logs.redact(secrets(configuration))
        self.logs.set_level(configuration.settings.log.level)
        self._announce()
        self._begin_to_learn()

    def _announce(self) -> None:
        settings, channels = self.configuration.settings, self.configuration.channels
        log.info("Loaded service configuration: \n{settings}", settings=Dump(as_logged(settings)))
        for warning in self.configuration.warnings:
            log.warn("{warning}", warning=warning)
        enabled = sum(channel.enabled for channel in channels.channels)
        log.info("Loaded configurations for {count} channels.", count=enabled)
        if channels.http_proxy.enabled:
            log.info(
                "Setting HTTP proxy [{host}:{port}] for calls to the Graph API ...",
                host=channels.http_proxy.host,
                port=channels.http_proxy.port,
            )
        state = "CONFIGURED" if enabled else "NOT_CONFIGURED"
        log.info("Setting current config state to {state}", state=state)

