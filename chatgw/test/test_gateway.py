"""The gateway as a service, in this process: what it builds, reloads and stops."""

from __future__ import annotations

import json
import signal
import ssl
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.threads import deferToThread
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import TestCase
from twisted.web.server import Site

from chatgw.config.problems import ConfigurationError
from chatgw.gateway import Gateway, StartError
from chatgw.sim.authority import Authority
from chatgw.sim.faults import Fault
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.simulator import MetaSim
from chatgw.test.waiting import disconnected, reactor, until
from chatgw.values import Address, CustomerWrote, Secret, Words

PAGE, TOKEN = "682498171943165", "EAAB-page-token"


class GatewayTests(TestCase):
    timeout = 30

    def setUp(self) -> None:
        self.addCleanup(disconnected)
        self.folder = Path(self.mktemp()).absolute()
        self.authority = Authority.founded(str(self.folder / "tls"))
        self.meta = MetaSim(
            reactor, Account(PAGE, Secret(TOKEN), Secret("secret")), lambda *_: succeed(200)
        )
        graph = reactor.listenTCP(0, Site(self.meta.resource()), interface="127.0.0.1")
        self.addCleanup(graph.stopListening)
        pair = self.authority.pair("127.0.0.1")
        self.settings: dict[str, Any] = {
            "server": {
                "port": 0,
                "interface": "127.0.0.1",
                "sslKeyPath": pair.key,
                "sslCertPath": pair.cert,
            },
            "socialMiner": {"host": "127.0.0.1", "port": 9},
            "graph": {"baseUrl": f"http://127.0.0.1:{graph.getHost().port}"},
        }
        self.channel: dict[str, Any] = {
            "type": "FACEBOOK_MESSENGER",
            "auth": {"pageAccessToken": TOKEN, "verificationToken": "verify-this"},
            "pageId": PAGE,
            "chatFeedId": "100029",
            "problemStatements": [
                {"title": "Sales", "queueId": 4},
                {"title": "Help", "queueId": 5},
            ],
        }
        self.configure()

    def configure(self) -> None:
        """Writes the configuration as it is now."""
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        (config / "settings.json").write_text(json.dumps(self.settings))
        channels = {"version": "1.0", "channels": [self.channel]}
        (config / "channels.json").write_text(json.dumps(channels))
        (config / "channels.json").chmod(0o600)

    def gateway(self) -> Gateway:
        """A gateway, not yet started."""
        folders = (self.folder / name for name in ("config", "state", "logs"))
        gateway = Gateway(reactor, *folders)
        self.addCleanup(gateway.logs.close)
        return gateway

    def started(self) -> Gateway:
        """A running gateway; stopped with the test."""
        gateway = self.gateway()
        gateway.privilegedStartService()
        gateway.startService()
        self.addCleanup(gateway.stopService)
        return gateway

    async def certificate(self, gateway: Gateway) -> str:
        """The certificate with which the webhook's port now greets."""
        address = ("127.0.0.1", gateway.port)
        return await deferToThread(ssl.get_server_certificate, address)

    async def test_while_it_stops_another_sigterm_changes_nothing(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        self.addCleanup(signal.signal, signal.SIGTERM, before)
        gateway = self.gateway()
        gateway.privilegedStartService()
        gateway.startService()
        told: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
        ours = signal.getsignal(signal.SIGTERM)
        stopped = gateway.stopService()
        signal.raise_signal(signal.SIGTERM)
        await stopped
        self.assertEqual(told, [])
        self.assertIs(signal.getsignal(signal.SIGTERM), ours)

    async def test_a_journal_that_was_set_aside_is_told_of_at_each_start(self) -> None:
        (self.folder / "state").mkdir(mode=0o700)
        (self.folder / "state" / "journal.db.damaged-20261122T000000").touch()
        with capturedLogs() as logged:
            self.started()
        told = [formatEvent(event) for event in logged if event["log_level"] is LogLevel.warn]
        self.assertTrue(any("of a damaged journal" in line for line in told), told)

    async def test_learns_the_page_from_meta_in_spite_of_a_first_failure(self) -> None:
        self.meta.faults.script(Fault("me", "error", status=500))
        del self.channel["pageId"]
        self.configure()
        self.patch(Gateway, "identify_interval", 0.05)
        gateway = self.started()
        messenger = gateway.built.messenger
        assert messenger is not None
        self.assertIsNone(messenger.page_id)
        await until(lambda: messenger.page_id is not None)
        self.assertEqual(messenger.page_id, PAGE)

    async def test_a_reload_replaces_certificate_channel_and_level(self) -> None:
        gateway = self.started()
        before, greeted = gateway.built, await self.certificate(gateway)
        pair = self.authority.pair("127.0.0.1")
        self.settings["server"] |= {"sslKeyPath": pair.key, "sslCertPath": pair.cert}
        self.channel["auth"]["pageAccessToken"] = "EAAB-another-token"
        self.configure()
        gateway.reload()
        self.assertNotEqual(await self.certificate(gateway), greeted)
        self.assertIsNot(gateway.registry.parts.channel("FACEBOOK_MESSENGER"), before.messenger)
        self.assertIs(gateway.registry.parts.channel("FACEBOOK_MESSENGER"), gateway.built.messenger)

    async def test_a_reload_while_the_page_is_asked_for_asks_for_the_new_channel(self) -> None:
        self.meta.faults.script(Fault("me", "delay", seconds=0.1))
        del self.channel["pageId"]
        self.configure()
        self.patch(Gateway, "identify_interval", 0.05)
        gateway = self.started()
        gateway.reload()
        messenger = gateway.built.messenger
        assert messenger is not None
        await until(lambda: messenger.page_id is not None)
        self.assertEqual(messenger.page_id, PAGE)

    async def test_a_reload_of_a_bad_file_changes_nothing(self) -> None:
        gateway = self.started()
        before = gateway.built, gateway.configuration
        for spoil in (
            lambda: self.settings.update(sever={}),
            lambda: self.settings["server"].update(sslKeyPath="nowhere.pem"),
        ):
            kept = json.dumps(self.settings)
            spoil()
            self.configure()
            gateway.reload()
            self.assertEqual((gateway.built, gateway.configuration), before)
            self.settings = json.loads(kept)
        await self.certificate(gateway)

    async def test_a_channel_disabled_by_a_reload_serves_only_the_chats_under_way(self) -> None:
        gateway = self.started()
        registry = gateway.registry

        def wrote(customer: str, number: int) -> Deferred[None]:
            address = Address("FACEBOOK_MESSENGER", PAGE, customer)
            event = CustomerWrote(address, reactor.seconds(), f"{customer}-{number}", Words("Hi"))
            return registry.receive([event])

        await wrote("1001", 1)
        self.channel["enabled"] = False
        self.configure()
        gateway.reload()
        self.assertIsNotNone(registry.parts.channel("FACEBOOK_MESSENGER"))
        await wrote("1001", 2)
        await wrote("1002", 1)
        (session,) = registry.sessions.values()
        self.assertEqual((session.address.customer, len(session.waiting)), ("1001", 2))

    def test_what_keeps_it_from_starting_is_said(self) -> None:
        (self.folder / "logs").write_text("a file where a folder should be")
        self.assertRaises(StartError, self.gateway)
        self.settings["server"]["port"] = "x"
        self.configure()
        self.assertRaises(ConfigurationError, self.gateway)
