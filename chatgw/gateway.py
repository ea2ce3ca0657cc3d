"""The gateway as one service: starts, reloads and stops all of its parts."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from signal import SIGINT, SIGTERM
from types import FrameType
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
from chatgw.heartbeat import Heartbeat
from chatgw.interfaces import IChannel, IJournal
from chatgw.journal import JournalError, JournalThread, SqliteJournal, prepare
from chatgw.logs import LogFiles
from chatgw.net.hangup import HangupService
from chatgw.net.limits import RateLimit
from chatgw.net.port import inherited, listening, number, port_service
from chatgw.net.tls import ReplaceableTLS
from chatgw.parts import build, secrets
from chatgw.registry import Registry
from chatgw.values import Done, Failed
from chatgw.web.access import AccessLog
from chatgw.web.control import NAME, control_service
from chatgw.web.operator import Operations, Operator
from chatgw.web.webhooks import Webhooks, webhook_site

STOP_WITHIN = 4.2
"""Seconds that what is under way gets to end."""

CLOSE_WITHIN = 0.3
"""Seconds that the journal gets to close, and then idle connections."""

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
        journal: where promises are kept, if not in a file in the state folder.
        reached: is told each step as it is reached (`chatgw.registry.Registry`).

    Raises:
        ConfigurationError: the configuration is bad.
        StartError: the port is taken, a key is missing, a folder cannot be written.
    """

    identify_interval = 60.0
    """Seconds between attempts to learn the page's id."""

    def __init__(
        self,
        reactor: Any,
        config: Path,
        state: Path,
        logs: Path,
        *,
        journal: IJournal | None = None,
        reached: Callable[[str], None] = lambda step: None,
    ) -> None:
        super().__init__()
        self.reactor = reactor
        self.config = config
        self.configuration = load(config)
        server, log_settings = self.configuration.settings.server, self.configuration.settings.log
        try:
            self.built = build(reactor, self.configuration)
            self.tls = ReplaceableTLS(server.ssl_key_path, server.ssl_cert_path)
            port = inherited(os.environ) or listening(server.interface, server.port)
            self._hold = prepare(state)
            self.logs = LogFiles(
                logs, log_settings.max_size_bytes, log_settings.max_file_count, log_settings.level
            )
            access_log = AccessLog(logs / "http", reactor)
        except (ValueError, OSError, JournalError) as error:
            raise StartError(_told(error)) from error
        self._secrets = secrets(self.configuration)
        self.logs.redact(self._secrets)
        self.port = number(port)
        self._clients = self.built.clients
        self.rate = RateLimit(reactor, server.max_requests_per_minute)
        self._writer = JournalThread(reactor)
        self._state = state
        self._heartbeat = Heartbeat(state, reactor, self._writer.run)
        self.registry = Registry(
            reactor,
            journal or SqliteJournal(state, reactor, self._writer.run),
            self.built.parts,
            reached=reached,
        )
        webhooks = Webhooks(self._messenger, self.registry.receive, reactor, self._admit)
        site = webhook_site(webhooks.resource(), access_log, reactor)
        self._identify = LoopingCall(lambda: Deferred.fromCoroutine(self._learn_page()))
        self._identify.clock = reactor
        HangupService(reactor, self.reload).setServiceParent(self)
        port_service(
            reactor, port, TLSMemoryBIOFactory(self.tls, False, site, reactor)
        ).setServiceParent(self)
        self._open_to_operators(state)

    def _open_to_operators(self, state: Path) -> None:
        """Customers come first: what keeps operators out does not keep the service down."""
        letters = self.registry.dead_letters
        operations = Operations(self.registry.status.report, letters, letters.redrive, letters.drop)
        resource = Operator(operations, self.reactor).resource()
        try:
            control = control_service(self.reactor, state / NAME, resource)
        except OSError as error:
            log.warn(wording.NO_CONTROL, why=_told(error))
        else:
            control.setServiceParent(self)

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802 - Twisted's name
        """Becomes part of an application, and its log."""
        observe(parent, self.logs)
        super().setServiceParent(parent)

    def startService(self) -> None:  # noqa: N802 - Twisted's name
        """Takes up what a former process has left, then serves, and says with what."""
        log.info(wording.STARTUP)
        log.info(wording.CLEARING)
        log.info(wording.INITIALIZING)
        self._announce()
        self._writer.start()
        self.registry.restore(self._heartbeat.absence())
        self._heartbeat.start()
        for damaged in sorted(self._state.glob("journal.db.damaged-*")):
            log.warn(wording.SET_ASIDE, path=str(damaged))
        log.info(wording.SILENCING)
        log.info(wording.LISTENING, port=self.port)
        if (wanted := self.configuration.settings.server.port) not in (0, self.port):
            log.warn(wording.HANDED_OVER, port=wanted)
        super().startService()
        self._begin_to_learn()

    def stopService(self) -> Deferred[None]:  # noqa: N802 - Twisted's name
        """Lets what is under way end, for `STOP_WITHIN` seconds at most; chats outlive it."""
        log.info(wording.STOPPING)
        signals = {each: signal.signal(each, _already_stopping) for each in (SIGTERM, SIGINT)}
        if self._identify.running:
            self._identify.stop()
        self._heartbeat.stop()
        services = maybeDeferred(super().stopService)
        ended = gatherResults([services, self.registry.stop()])
        ended.addTimeout(STOP_WITHIN, self.reactor, onTimeoutCancel=lambda *_: [])
        ended.addErrback(lambda broken: log.failure("Could not stop properly.", failure=broken))
        stopped = ended.addCallback(lambda _: Deferred.fromCoroutine(self._close()))
        return stopped.addBoth(_restored, signals)

    async def _close(self) -> None:
        """Closes the journal, which takes in the last outcomes, and then the ways out."""
        await self._within(self.registry.journal.close())
        self._writer.stop()
        await self._within(gatherResults([client.close() for client in self._clients]))
        self._hold.release()
        log.info(wording.STOPPED)

    def _within(self, closing: Deferred[Any]) -> Deferred[Any]:
        return closing.addTimeout(CLOSE_WITHIN, self.reactor, onTimeoutCancel=lambda *_: None)

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
        return self.registry.parts.channel(FACEBOOK_MESSENGER)

    def _admit(self) -> bool:
        return self.rate.admit()

    def _announce(self) -> None:
        settings, channels = self.configuration.settings, self.configuration.channels
        log.info(wording.SETTINGS, settings=Dump(as_logged(settings)))
        for warning in self.configuration.warnings:
            log.warn("{text}", text=warning)
        by_use = sorted(channels.channels, key=lambda each: each.enabled)
        enabled = {channel.type: channel.enabled for channel in by_use}
        log.info(wording.CHANNELS, count=sum(enabled.values()))
        if channels.http_proxy.enabled:
            proxy = channels.http_proxy
            log.info(wording.PROXY, host=proxy.host, port=proxy.port)
        self.registry.status.configured(enabled)

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


def _already_stopping(_signal: int, _frame: FrameType | None) -> None:
    """What else an impatient operator may send; Twisted would complain of it."""


def _restored(result: Any, signals: dict[signal.Signals, Any]) -> Any:
    for each, handler in signals.items():
        signal.signal(each, handler)
    return result


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
