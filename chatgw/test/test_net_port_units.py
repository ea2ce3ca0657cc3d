"""The systemd units among the samples."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatgw.net.port import BACKLOG, NAMES
from chatgw.test.servers import binary

UNITS = Path(__file__).parents[2] / "etc" / "systemd"
TWISTD = "/opt/chatgw/bin/twistd"


class UnitTests(SynchronousTestCase):
    def setUp(self) -> None:
        if not UNITS.is_dir():
            raise SkipTest("the samples are not installed")

    def unit(self, name: str) -> ConfigParser:
        parser = ConfigParser(interpolation=None, delimiters=("=",))
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read(UNITS / name)
        return parser

    def test_systemd_finds_nothing_wrong_with_them(self) -> None:
        analyze = binary("systemd-analyze")
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        for path in UNITS.iterdir():
            # Where chatgw is installed is left to who installs it.
            text = path.read_text("utf-8").replace(TWISTD, binary("true"))
            (folder / path.name).write_text(text, "utf-8")
        command = [analyze, "verify", "--man=no", *map(str, folder.iterdir())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_socket_has_the_name_and_the_patience_that_chatgw_expects(self) -> None:
        opened = self.unit("chatgw.socket")["Socket"]
        self.assertIn(opened["FileDescriptorName"], NAMES)
        self.assertEqual(opened["Backlog"], str(BACKLOG))

    def test_a_stop_is_given_more_time_than_it_takes(self) -> None:
        service = self.unit("chatgw.service")["Service"]
        self.assertGreater(int(service["TimeoutStopSec"]), 5)
        self.assertTrue(service["ExecStart"].startswith(f"{TWISTD} -n --pidfile= chatgw "))
        self.assertEqual(service["StateDirectoryMode"], "0700")
