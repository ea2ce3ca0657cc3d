"""The daemon as an operator meets it: starting, refusing to start, reloading, stopping."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from chatgw.sim.authority import Authority
from chatgw.test.daemon import Daemon, line_with, twistd


class DaemonTests(TestCase):
    timeout = 120

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        authority = Authority.founded(str(self.folder / "tls"))
        pair = authority.pair("127.0.0.1")
        self.settings: dict[str, Any] = {
            "server": {
                "port": 0,
                "interface": "127.0.0.1",
                "sslKeyPath": pair.key,
                "sslCertPath": pair.cert,
            },
            "socialMiner": {"host": "localhost", "port": 9},
        }
        (self.folder / "config").mkdir()
        self.configure()

    def configure(self) -> None:
        """Writes the settings as they are now."""
        (self.folder / "config" / "settings.json").write_text(json.dumps(self.settings))

    def start(self) -> Daemon:
        """twistd with the configuration; ended with the test."""
        options = [f"--{name}={self.folder / name}" for name in ("config", "state", "logs")]
        daemon = Daemon(twistd(*options), self.folder / "daemon")
        self.addCleanup(daemon.end, signal.SIGKILL)
        return daemon

    def log(self) -> str:
        """The operator's log so far."""
        path = self.folder / "logs" / "log.log"
        return path.read_text("utf-8") if path.exists() else ""

    def lines(self) -> list[str]:
        """The log's lines before the one that says that the port is open."""
        return self.log().partition(self.logged("listening on port"))[0].splitlines()

    def logged(self, text: str) -> str:
        """The line of the log with this text, as soon as it is there."""
        return line_with(text, self.log)

    def refuses(self, why: str) -> None:
        """Starts the daemon, which says why it cannot, in one line, and exits with 1."""
        daemon = self.start()
        self.assertEqual(daemon.ended(), 1)
        said = daemon.said().strip()
        self.assertIn(why, said)
        self.assertTrue(said.startswith("chatgw: "), said)
        self.assertEqual(len(said.splitlines()), 1, said)

    def test_starts_and_sigterm_ends_it_within_5_s(self) -> object:
        def run() -> None:
            daemon = self.start()
            self.logged("Webhook server is listening on port")
            began = time.monotonic()
            status = daemon.end(signal.SIGTERM)
            self.assertLess(time.monotonic() - began, 5.0)
            self.assertIn(status, (0, -signal.SIGTERM))
            self.logged("**** STOPPED ****")
            self.assertEqual(daemon.said(), "", "the console is silent")
            self.assertEqual((self.folder / "state").stat().st_mode & 0o777, 0o700)

        return deferToThread(run)

    def test_the_log_begins_as_the_predecessors_did(self) -> object:
        def run() -> None:
            self.settings["server"] = {**self.settings["server"], "maxRequestsPerMinute": 3000}
            self.configure()
            self.start()
            self.logged("Webhook server is listening on port")
            begun = [re.sub("^[-0-9]{10} [:.0-9]{12} - ", "", line) for line in self.lines()]
            server = self.settings["server"]
            self.assertEqual(
                begun,
                [
                    "info: **** STARTUP ****",
                    "info: Clearing existing configuration from memory ...",
                    "info: Initializing config_manager, loading config from filesystem ...",
                    "info: Loaded service configuration: ",
                    "{ server:",
                    "   { port: 0,",
                    f"     sslKeyPath: '{server['sslKeyPath']}',",
                    f"     sslCertPath: '{server['sslCertPath']}',",
                    "     maxRequestsPerMinute: 3000,",
                    "     interface: '127.0.0.1' },",
                    "  socialMiner: { host: 'localhost', port: 9, pollingIntervalMS: 5000 },",
                    "  log: { maxSizeBytes: 20480000, maxFileCount: 20, level: 'debug' } }",
                    "warn: channels.json: not found, so there are no channels",
                    "info: Loaded configurations for 0 channels.",
                    "info: Setting current config state to NOT_CONFIGURED",
                    "info: Silencing logs on console. Refer log files for further logs",
                ],
            )

        return deferToThread(run)

    def test_sighup_reloads_and_never_kills(self) -> object:
        def run() -> None:
            daemon = self.start()
            self.logged("Webhook server is listening on port")
            self.settings["socialMiner"]["pollingIntervalMS"] = 1234
            self.configure()
            daemon.send(signal.SIGHUP)
            self.logged("pollingIntervalMS: 1234")
            self.settings["socialMiner"]["pollingInterval"] = 1
            self.configure()
            daemon.send(signal.SIGHUP)
            refusal = self.logged("Configuration refused")
            self.assertIn('did you mean "pollingIntervalMS"?', refusal)
            self.assertIsNone(daemon.process.poll())
            self.assertEqual(self.log().count("pollingIntervalMS: 1234"), 1)

        return deferToThread(run)

    def test_a_taken_port_is_one_line_and_exit_1(self) -> object:
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        self.settings["server"]["port"] = port
        self.configure()
        why = f"cannot listen on port {port} of 127.0.0.1: Address already in use"
        return deferToThread(self.refuses, why)

    def test_a_missing_key_is_one_line_and_exit_1(self) -> object:
        self.settings["server"]["sslKeyPath"] = "nowhere.pem"
        self.configure()
        return deferToThread(self.refuses, "nowhere.pem")

    def test_a_bad_configuration_is_one_line_and_exit_1(self) -> object:
        self.settings["server"]["prot"] = self.settings["server"].pop("port")
        self.configure()
        return deferToThread(
            self.refuses, 'settings.json: server.prot: unknown key; did you mean "port"?'
        )
