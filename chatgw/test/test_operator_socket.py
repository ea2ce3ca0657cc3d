"""Tests for `chatgw.web.control`: the socket itself, in a folder of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from pathlib import Path

from twisted.application.service import IService
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import Agent, readBody
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from chatgw.test.operators import CUSTOMER, ControlCase, FakeGateway, audit, reactor, short_folder
from chatgw.web.control import NAME, control_service
from chatgw.web.operator import Operator


@implementer(IAgentEndpointFactory)
class _ToSocket:
    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def endpointForURI(self, uri: object) -> UNIXClientEndpoint:
        return UNIXClientEndpoint(reactor, self._path)


class SocketCase(ControlCase):
    async def ask(self, method: bytes, target: bytes) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        agent = Agent.usingEndpointFactory(reactor, _ToSocket(self.path))
        response = await agent.request(method, b"http://localhost" + target)
        return response.code, await readBody(response)


class Serving(SocketCase):
    def test_only_its_user_may_enter(self) -> None:
        self.started()
        found = self.path.lstat()
        self.assertTrue(stat.S_ISSOCK(found.st_mode))
        self.assertEqual(stat.S_IMODE(found.st_mode), 0o600)

    async def test_it_answers(self) -> None:
        self.started()
        self.assertEqual(await self.ask(b"GET", b"/status"), (200, b'{"state": "CONFIGURED"}\n'))

    async def test_the_audit_tells_whose_process_it_was(self) -> None:
        self.started()
        with capturedLogs() as events:
            self.assertEqual((await self.ask(b"DELETE", b"/dead/a:1"))[0], 200)
        told = f"Operator has dropped dead letter [a:1]. [ID={CUSTOMER}], [UID={os.getuid()}]"
        self.assertIn(told, audit([e for e in events if "uid" in e]))


class ComingAndGoing(SocketCase):
    async def test_the_file_is_gone_after_a_stop_and_can_be_made_again(self) -> None:
        for _ in range(2):
            service = self.started()
            self.assertTrue(self.path.exists())
            await _stopped(service)
            self.assertFalse(self.path.exists())

    async def test_what_a_killed_process_has_left_is_replaced(self) -> None:
        with socket.socket(socket.AF_UNIX) as former:
            former.bind(str(self.path))
            former.listen()
        self.started()
        self.assertEqual((await self.ask(b"GET", b"/status"))[0], 200)

    async def test_a_stop_ends_though_the_file_is_gone(self) -> None:
        service = self.started()
        self.path.unlink()
        await _stopped(service)

    async def test_a_stop_ends_though_the_folder_is_gone(self) -> None:
        service = self.started()
        shutil.rmtree(self.folder)
        await _stopped(service)

    async def test_a_stop_leaves_what_is_somebody_elses_by_now(self) -> None:
        service = self.started()
        self.path.unlink()
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            await _stopped(service)
            self.assertTrue(self.path.exists())

    async def test_a_service_that_was_never_started_stops(self) -> None:
        await _stopped(self.service())


async def _stopped(service: IService) -> None:
    stopping = service.stopService()
    if stopping is not None:
        await stopping.addTimeout(5, reactor)


class PathsThatCannotBe(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = short_folder(self)
        self.path = self.folder / NAME

    def refused(self, path: Path) -> str:
        """Why there can be no socket at a path."""
        operator = Operator(FakeGateway().operations(), Clock())
        with self.assertRaises(OSError) as caught:
            control_service(reactor, path, operator.resource())
        return str(caught.exception)

    def test_one_that_somebody_listens_on(self) -> None:
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            other.listen()
            told = self.refused(self.path)
        self.assertEqual(told, f"another process listens on the control socket: {self.path}")

    def test_one_that_so_many_wait_at_already(self) -> None:
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(str(self.path))
            other.listen(0)
            with socket.socket(socket.AF_UNIX) as first:
                first.connect(str(self.path))
                told = self.refused(self.path)
        self.assertEqual(told, f"another process listens on the control socket: {self.path}")

    def test_one_where_something_else_is(self) -> None:
        self.path.write_text("keep me")
        self.assertIn("something else", self.refused(self.path))
        self.assertEqual(self.path.read_text(), "keep me")

    def test_one_in_somebody_elses_folder(self) -> None:
        # Root may go everywhere: for the length of the attempt it is somebody without rights.
        self.folder.chmod(0o000)
        self.addCleanup(self.folder.chmod, 0o700)
        if not os.getuid():
            os.seteuid(65534)
            self.addCleanup(os.seteuid, 0)
        self.assertIn("somebody else's", self.refused(self.path))
