"""The measurements that the documentation quotes can be repeated by anyone who has a clone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

import chatgw
from chatgw.test.daemon import environment

PROJECT = Path(chatgw.__file__).parent.parent


class DurabilityTests(TestCase):
    timeout = 240

    def setUp(self) -> None:
        self.state = Path(self.mktemp()).absolute()
        self.state.mkdir()

    def measured(self) -> str:
        """What the shortest measurement prints."""
        command = ["bench.durability", "--quick", "--state", str(self.state)]
        ended = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=PROJECT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""), ended.stdout)
        return ended.stdout

    def test_measures_each_number_of_clients_with_the_journal_off_and_on(self) -> object:
        def run() -> None:
            measured = self.measured()
            rows = re.findall(r"^\| +(\d+) \| +(off|on) \| +(\d+) \|", measured, re.MULTILINE)
            pairs = [(clients, journal) for clients, journal, _ in rows]
            each = [
                (clients, journal) for clients in ("1", "20", "100") for journal in ("off", "on")
            ]
            self.assertEqual(pairs, each + each, measured)
            self.assertNotIn("0", [rate for _, _, rate in rows])
            for when in ("before", "under way", "ended", "stopped"):
                self.assertRegex(measured, rf"(?m)^\| +{when} \|")
            for fact in ("Python", "SQLite", "filesystem", "fdatasync"):
                self.assertRegex(measured, rf"(?m)^{fact} +\S")
            self.assertEqual(list(self.state.iterdir()), [], "nothing is left behind")

        return deferToThread(run)
