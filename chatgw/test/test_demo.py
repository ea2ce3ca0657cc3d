"""The demo as a service in this process: its page, its log, its folder."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from treq.testing import StubTreq
from twisted.application.service import Application, IService
from twisted.logger import ILogObserver, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase, TestCase

from chatgw.demo.page import KEPT, Page
from chatgw.demo.service import Demo
from chatgw.net.outgoing import outgoing
from chatgw.test.waiting import disconnected, reactor, until


class PageTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.page = Page()
        self.treq: Any = StubTreq(self.page.app.resource())

    def get(self, path: str) -> tuple[int, bytes]:
        response = self.successResultOf(self.treq.get(f"http://demo{path}"))
        return response.code, self.successResultOf(response.content())

    def log(self, after: object) -> tuple[int, list[str]]:
        answer = json.loads(self.get(f"/demo/log?after={after}")[1])
        return answer["next"], answer["lines"]

    def test_the_log_goes_on_where_it_was_left(self) -> None:
        self.assertEqual(self.log(0), (0, []))
        for line in ("a", "b", "c"):
            self.page.heard(line)
        self.assertEqual(self.log(0), (3, ["a", "b", "c"]))
        self.assertEqual(self.log(2), (3, ["c"]))
        self.assertEqual(self.log(3), (3, []))

    def test_the_log_forgets_its_oldest_lines(self) -> None:
        for number in range(KEPT + 5):
            self.page.heard(str(number))
        position, lines = self.log(0)
        self.assertEqual((position, lines[0], len(lines)), (KEPT + 5, "5", KEPT))

    def test_a_page_of_an_earlier_demo_starts_again(self) -> None:
        self.page.heard("new")
        self.assertEqual(self.log(700), (1, ["new"]))
        self.assertEqual(self.log("rubbish"), (1, ["new"]))

    def test_has_its_style_and_its_script_and_nothing_else(self) -> None:
        for path in ("/", "/demo/page.css", "/demo/page.js"):
            self.assertEqual(self.get(path)[0], 200)
        self.assertEqual(self.get("/demo/page.py")[0], 404)


class DemoTests(TestCase):
    timeout = 30

    async def test_starts_is_verified_by_meta_and_leaves_nothing_behind(self) -> None:
        self.addCleanup(disconnected)
        console = StringIO()
        demo = Demo(reactor, console)
        lines: list[str] = []
        demo.gateway.logs.add(lines.append)
        application = Application("chatgw")
        demo.setServiceParent(application)
        self.assertIs(application.getComponent(ILogObserver), demo.gateway.logs)
        globalLogPublisher.addObserver(demo.gateway.logs)
        self.addCleanup(globalLogPublisher.removeObserver, demo.gateway.logs)
        service = IService(application)
        service.privilegedStartService()
        service.startService()
        self.assertTrue((demo.folder / "config" / "channels.json").exists())
        self.assertEqual(demo.folder.stat().st_mode & 0o077, 0)
        await until(lambda: any("Webhook verified" in line for line in lines))
        self.assertIn(demo.url, console.getvalue())
        client = outgoing(reactor)
        for path in ("", "customer?psid=1&name=A", "agent", "ccp/chat", "meta/control/faults"):
            answer = await client.call("GET", demo.url + path)
            expected = 404 if path == "ccp/chat" else 200  # there is no chat without a cookie
            self.assertEqual(answer.status, expected, path)
        await client.close()
        await service.stopService()
        self.assertFalse(demo.folder.exists())
