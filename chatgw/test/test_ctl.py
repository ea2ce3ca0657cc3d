"""Tests for `chatgw.ctl`: the command as a process of its own, against a real control socket."""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, fail
from twisted.internet.threads import deferToThread
from twisted.internet.utils import getProcessOutputAndValue

from chatgw.ctl.asking import SOCKET
from chatgw.ctl.commands import KINDS
from chatgw.interfaces import NotTakenError
from chatgw.test.operators import CUSTOMER, ControlCase, letter, rating, reactor
from chatgw.web.control import NAME

REPORT = {"state": "CONFIGURED", "since": 0.0, "troubles": [], "channels": [], "owed": 3}


@frozen
class Ended:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str


class CtlCase(ControlCase):
    def setUp(self) -> None:
        super().setUp()
        self.gateway.report = REPORT
        self.gateway.letters = [
            letter("a:1", "안녕\n"),
            rating("a:2"),
            letter("b:1", kind="unknown"),
        ]

    async def run_ctl(self, *arguments: str, **environment: str) -> Ended:
        """Runs a command against the test's state folder."""
        command = ("-m", "chatgw.ctl", "--state", str(self.folder), *arguments)
        running: Deferred[tuple[bytes, bytes, int]] = getProcessOutputAndValue(
            sys.executable, command, {**os.environ, **environment}, reactor=reactor
        )
        out, err, status = await running
        return Ended(status, out.decode(), err.decode())

    def left(self) -> list[str]:
        """The ids of the dead letters that are still there."""
        return [each.effect.id for each in self.gateway.letters]


def _answer(listening: socket.socket, answer: bytes) -> None:
    """Answers one request, whatever it is."""
    with listening.accept()[0] as connected:
        connected.recv(65536)
        connected.sendall(answer)


class StatusCommand(CtlCase):
    async def test_its_exit_status_is_the_state(self) -> None:
        self.started()
        for status, state in enumerate(("CONFIGURED", "NOT_CONFIGURED", "ERROR")):
            self.gateway.report = {**REPORT, "state": state}
            ended = await self.run_ctl("status")
            self.assertEqual((ended.status, ended.err), (status, ""))
            self.assertTrue(ended.out.startswith(f"{state} since "), ended.out)
            self.assertIn("\nowed: 3\n", ended.out)

    async def test_scripts_get_the_whole_report(self) -> None:
        self.started()
        for arguments in (("--json", "status"), ("status", "--json")):
            self.assertEqual(json.loads((await self.run_ctl(*arguments)).out), REPORT)


class NotThere(CtlCase):
    def test_both_sides_mean_the_same_socket(self) -> None:
        self.assertEqual(SOCKET, NAME)

    async def unanswered(self) -> str:
        """What is said where nobody answers."""
        status, dead = await self.run_ctl("status"), await self.run_ctl("dead")
        self.assertEqual((status.status, dead.status), (3, 1))
        self.assertEqual((status.out, status.err), ("", dead.err))
        return status.err

    async def test_a_gateway_that_never_ran_is_not_running(self) -> None:
        told = f"chatgwctl: chatgw is not running: nobody listens on {self.path}\n"
        self.assertEqual(await self.unanswered(), told)

    async def test_a_gateway_that_was_killed_is_not_running(self) -> None:
        with socket.socket(socket.AF_UNIX) as former:
            former.bind(str(self.path))
        self.assertIn("chatgw is not running", await self.unanswered())

    async def test_a_folder_whose_path_is_too_long_for_a_socket_serves_all_the_same(self) -> None:
        self.folder = self.folder / ("x" * 107)
        self.folder.mkdir()
        self.path = self.folder / NAME
        self.started()
        self.assertEqual((await self.run_ctl("status")).status, 0)

    async def test_someone_elses_answer_is_not_taken_for_chatgws(self) -> None:
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            other.listen()
            other.settimeout(30)
            answered = deferToThread(_answer, other, b"SSH-2.0-OpenSSH\r\n")
            ended = await self.run_ctl("status")
            await answered
        self.assertEqual(ended.status, 3)
        self.assertEqual(ended.err, f"chatgwctl: what answers on {self.path} is not chatgw\n")

    async def test_who_may_not_enter_is_told_what_to_do(self) -> None:
        self.started()
        self.folder.chmod(0o000)
        self.addCleanup(self.folder.chmod, 0o700)
        if os.getuid():
            told = await self.unanswered()
        else:  # root may go everywhere: somebody without rights asks (`argparse` imports late)
            asking = (
                "import os, shutil, sys; from chatgw.ctl import main; os.setuid(65534);"
                f" sys.exit(main(['--state', {str(self.folder)!r}, 'status']))"
            )
            _, err, status = await getProcessOutputAndValue(
                sys.executable, ("-c", asking), dict(os.environ), reactor=reactor
            )
            self.assertEqual(status, 3)
            told = err.decode()
        self.assertIn(f"permission denied: {self.path}; run this as the user", told)


class DeadCommand(CtlCase):
    def setUp(self) -> None:
        super().setUp()
        self.started()

    async def told(self, *arguments: str) -> str:
        """What a command that succeeds says."""
        ended = await self.run_ctl("dead", *arguments)
        self.assertEqual((ended.status, ended.err), (0, ""))
        return ended.out

    async def test_lists_all_without_texts_and_whole_ids(self) -> None:
        for arguments in ((), ("list",)):
            told = await self.told(*arguments)
            self.assertEqual([line.split()[0] for line in told.splitlines()[1::2]], [*self.left()])
            self.assertIn("****0512", told)
            self.assertNotIn(CUSTOMER, told)
            self.assertNotIn("안녕", told)

    async def test_lists_texts_and_whole_ids_when_asked_to(self) -> None:
        told = await self.told("list", "--text", "--ids")
        self.assertIn('\n    "안녕\\n"\n', told)
        self.assertIn(CUSTOMER, told)

    async def test_lists_one_kind(self) -> None:
        told = json.loads(await self.told("list", "--kind", "window closed", "--json"))
        self.assertEqual([each["id"] for each in told["dead"]], ["a:1"])
        none = await self.told("list", "--kind", "policy")
        self.assertEqual(none, "There are no dead letters of this kind.\n")

    async def test_a_kind_that_does_not_exist_is_not_understood(self) -> None:
        for arguments in (("list",), ("redrive", "--all")):
            for kind in ("nonsense", "Unknown", ""):
                ended = await self.run_ctl("dead", *arguments, "--kind", kind)
                self.assertEqual((ended.status, ended.out), (64, ""))
                for known in KINDS:
                    self.assertIn(repr(known), ended.err)
        self.assertEqual(len(self.left()), 3)

    async def test_help_names_the_kinds(self) -> None:
        for order in ("list", "redrive"):
            told = " ".join((await self.told(order, "--help")).split())
            for known in KINDS:
                self.assertIn(repr(known), told)

    async def test_redrives_one(self) -> None:
        self.assertEqual(await self.told("redrive", "a:2"), "Redriven: 1\n")
        self.assertEqual((self.gateway.redriven, self.left()), (["a:2"], ["a:1", "b:1"]))

    async def test_redrives_all_or_one_kind(self) -> None:
        self.assertEqual(await self.told("redrive", "--all", "--kind", "unknown"), "Redriven: 1\n")
        self.assertEqual(self.gateway.redriven, ["b:1"])
        told: Any = json.loads(await self.told("redrive", "--all", "--json"))
        self.assertEqual((told, self.left()), ({"redriven": 2, "left": []}, []))

    async def test_drops_one(self) -> None:
        self.assertEqual(await self.told("drop", "a:1"), "Dropped: 1\n")
        self.assertEqual((self.gateway.dropped, self.left()), (["a:1"], ["a:2", "b:1"]))

    async def test_what_is_not_there_is_an_error(self) -> None:
        for arguments in (("redrive", "a/../redrive"), ("drop", "a:9"), ("redrive", "")):
            ended = await self.run_ctl("dead", *arguments)
            self.assertEqual((ended.status, ended.out), (1, ""))
            self.assertRegex(ended.err, "^chatgwctl: (there is no dead letter|not found)")
        self.assertEqual(len(self.left()), 3)

    async def test_what_could_not_be_redriven_is_an_error(self) -> None:
        self.gateway.outcome = lambda effect_id: fail(NotTakenError("stopping"))
        ended = await self.run_ctl("dead", "redrive", "--all")
        self.assertEqual(ended.status, 1)
        self.assertEqual(ended.out, "Redriven: 0\n" + "Not redriven: stopping\n" * 3)

    async def test_a_command_that_is_not_understood_orders_nothing(self) -> None:
        for arguments in (("redrive",), ("redrive", "a:1", "--all"), ("drop",), ("revive",)):
            ended = await self.run_ctl("dead", *arguments)
            self.assertEqual(ended.status, 64)
        ended = await self.run_ctl("dead", "redrive", "a:1", "--kind", "unknown")
        self.assertEqual((ended.status, ended.err), (1, "chatgwctl: --kind goes with --all\n"))
        self.assertEqual(len(self.left()), 3)


class Process(CtlCase):
    async def test_a_terminal_that_knows_ascii_only_is_no_obstacle(self) -> None:
        self.started()
        ended = await self.run_ctl("dead", "list", "--text", PYTHONIOENCODING="ascii")
        self.assertEqual((ended.status, ended.err), (0, ""))
        self.assertIn("\\uc548\\ub155\\n", ended.out)

    async def test_it_needs_nothing_but_the_standard_library(self) -> None:
        loaded = "import sys, chatgw.ctl; print(*{'twisted', 'attr', 'zope'} & {*sys.modules})"
        out, _, status = await getProcessOutputAndValue(
            sys.executable, ("-c", loaded), dict(os.environ), reactor=reactor
        )
        self.assertEqual((out, status), (b"\n", 0))
