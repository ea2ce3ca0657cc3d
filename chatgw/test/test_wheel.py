"""A chat by chatgw as it is installed, between simulators that are processes of their own."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from chatgw.sim.authority import Authority
from chatgw.test.daemon import Daemon, line_with
from chatgw.test.installed import Installed
from chatgw.test.people import Agent, Customer, until
from chatgw.test.squid import free_port, squid_command

HERE = "127.0.0.1"


class WheelTests(TestCase):
    timeout = 180

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.authority = Authority.founded(str(self.folder / "tls"))

    def test_carries_a_chat_with_the_sample_configuration(self) -> object:
        return deferToThread(self.carries_a_chat, {})

    def test_carries_a_chat_through_a_proxy_that_asks_for_a_password(self) -> object:
        def run() -> None:
            port = free_port()
            access_log = self.squid(port)
            password = {"username": "gate", "password": "way-through"}
            self.carries_a_chat({"enabled": True, "host": HERE, "port": port, **password})
            self.assertIn("CONNECT 127.0.0.1:", line_with("TCP_TUNNEL/200", access_log.read_text))

        return deferToThread(run)

    def start(self, command: list[str], name: str) -> Daemon:
        """A process; ended with the test."""
        daemon = Daemon(command, self.folder / name)
        self.addCleanup(daemon.end)
        return daemon

    def squid(self, port: int) -> Path:
        """A squid that asks for a password; its access log."""
        command = squid_command(port, self.addCleanup, "way-through", "access.log")
        self.start(command, "squid").saying("Accepting HTTP Socket connections")
        return Path(command[-1]).with_name("access.log")

    def carries_a_chat(self, proxy: dict[str, object]) -> None:
        """Installs, starts everything, and chats from the first word to the rating."""
        installed = Installed(self.folder)
        self.assertTrue(installed.place.startswith(str(self.folder)), installed.place)
        config, pair = self.folder / "config", self.authority.pair(HERE)
        shutil.copytree(installed.samples, config)
        desk = self.start(installed.simulator("socialminer", "--port", "0"), "desk")
        desk_url = _url(desk.saying("Chat API:"))
        webhook_port = free_port()
        meta = self.start(
            installed.simulator(
                *("meta", "--port", "0", "--config", str(config)),
                *("--tls-key", pair.key, "--tls-cert", pair.cert),
                *("--ca-file", self.authority.file),
                *("--webhook", f"https://{HERE}:{webhook_port}/fbm"),
            ),
            "meta",
        )
        meta_url = _url(meta.saying("Graph API:"))

        settings, channels = _read(config / "settings.json"), _read(config / "channels.json")
        settings["server"] |= {"port": webhook_port, "interface": HERE}
        settings["server"] |= {"sslKeyPath": pair.key, "sslCertPath": pair.cert}
        settings["socialMiner"] |= {"host": HERE, "port": int(desk_url.rpartition(":")[2])}
        settings["socialMiner"]["pollingIntervalMS"] = 250
        settings["graph"] |= {"baseUrl": meta_url, "caFile": self.authority.file}
        channels["httpProxy"] |= proxy
        (config / "settings.json").write_text(json.dumps(settings))
        (config / "channels.json").write_text(json.dumps(channels))
        folders = [f"--{name}={self.folder / name}" for name in ("config", "state", "logs")]
        gateway = self.start(installed.twistd(*folders), "gateway")
        log = self.folder / "logs" / "log.log"
        line_with("Webhook server is listening", lambda: log.read_text() if log.exists() else "")

        agent = Agent(desk_url, "agent7901", ["4", "5", "6"])
        customer = Customer(meta_url, "2242240722460512", "Amar Kumar", self.authority.file)
        self.chat(customer, agent)

        self.assertEqual(gateway.end(), -signal.SIGTERM)
        said = log.read_text("utf-8") + gateway.said()
        secrets = [*channels["channels"][0]["auth"].values(), proxy.get("password", "way-through")]
        for secret in secrets:
            self.assertNotIn(secret, said)

    def chat(self, customer: Customer, agent: Agent) -> None:
        """From the first word to the rating."""
        customer.does("write", text="Hi, 안녕 👋")
        until(lambda: "Hello! Welcome to ABCD Customer Care." in customer.reads())
        until(lambda: customer.chips() == ["Sales", "Service", "Billing"])
        customer.does("tap", choice="Sales")
        (waiting,) = until(lambda: agent.sees()["waiting"])
        self.assertEqual(waiting["customer"], "Amar Kumar")
        contact = waiting["id"]
        agent.does(contact, "accept")
        until(
            lambda: [line["text"] for line in agent.sees()["chats"][0]["lines"]] == ["Hi, 안녕 👋"]
        )
        agent.does(contact, "say", text="How can I help you?")
        until(lambda: customer.reads()[-1] == "How can I help you?")
        agent.does(contact, "leave")
        until(lambda: customer.chips() == [*"12345"])
        customer.does("tap", choice="5")
        until(lambda: customer.reads()[-1] == "Thank you for the feedback.")
        (finished,) = agent.sees()["finished"]
        self.assertEqual(finished["rating"], 5)


def _url(line: str) -> str:
    found = re.search(r"https?://[0-9.]+:[0-9]+", line)
    assert found, line
    return found[0]


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
