"""The simulator of Meta as a whole; and the setting in which its other tests take place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from treq.testing import StubTreq
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.net.client import Answer, Client
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.simulator import MetaSim
from chatgw.values import Secret

NOW = 1_700_000_000.0
PAGE = "682498171943165"
TOKEN = "EAAB-page-token"
APP_SECRET = "app-secret-of-the-tests"
PSID = "1254459154682919"
ROOT = "http://meta.test"


class MetaSetting(SynchronousTestCase):
    """A simulator in process, a gateway that notes what is posted to it, one customer."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        self.posted: list[tuple[bytes, dict[str, str]]] = []
        self.answers: list[int] = []  # the next statuses of the webhook; 200 once they are used up
        account = Account(PAGE, Secret(TOKEN), Secret(APP_SECRET))
        self.sim = MetaSim(self.clock, account, self.post)
        self.stub = StubTreq(self.sim.resource())
        self.client = Client(self.stub, self.clock)
        self.sim.model.customer(PSID, "Mina", "Park")

    def post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        """The webhook: notes what comes."""
        self.posted.append((body, headers))
        return succeed(self.answers.pop(0) if self.answers else 200)

    def items(self) -> list[dict[str, Any]]:
        """All that was posted, POST by POST, entry by entry."""
        entries = [entry for body, _ in self.posted for entry in json.loads(body)["entry"]]
        return [item for entry in entries for item in entry["messaging"]]

    def texts(self) -> list[str]:
        """The customers' texts among what was posted."""
        messages = [item.get("message", {}) for item in self.items()]
        return [each["text"] for each in messages if "text" in each and "is_echo" not in each]

    def asking(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Deferred[Answer]:
        """A call to the simulator under way."""
        url = f"{ROOT}{path}" + (f"?{urlencode(query)}" if query else "")
        call = self.client.call(method, url, headers=headers, body=body)
        asking = Deferred.fromCoroutine(call)
        self.stub.flush()
        return asking

    def ask(self, method: str, path: str, data: object = None) -> tuple[int, Any]:
        """A call with a JSON body and the page's token: its status and JSON."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        body = b"" if data is None else json.dumps(data).encode()
        answer = self.successResultOf(self.asking(method, path, None, body, headers))
        return answer.status, json.loads(answer.body)

    def say(self, text: str, **message: object) -> tuple[int, Any]:
        """The page's app sends a text."""
        data = {"recipient": {"id": PSID}, "message": {"text": text, **message}}
        return self.ask("POST", "/v25.0/me/messages", data)


class WholeTests(MetaSetting):
    def test_two_runs_under_a_clock_are_the_same(self) -> None:
        def run() -> list[bytes]:
            self.setUp()
            self.sim.model.write(PSID, "Hi")
            self.say("Hello")
            self.sim.model.send_photo(PSID)
            return [body for body, _ in self.posted]

        self.assertEqual(run(), run())

    def test_a_later_run_gives_other_message_ids(self) -> None:
        first = self.sim.model.write(PSID, "Hi").mid
        self.setUp()
        self.clock.advance(60)
        self.assertNotEqual(self.sim.model.write(PSID, "Hi").mid, first)

    def test_a_conversation_passes_both_ways(self) -> None:
        self.sim.model.write(PSID, "Hi")
        self.say("Rate us", quick_replies=[{"content_type": "text", "title": "5", "payload": "R5"}])
        self.sim.model.tap(PSID, "R5")
        thread = self.sim.model.thread(PSID)
        self.assertEqual(thread.texts(mine=False), ["Rate us"])
        self.assertEqual(thread.texts(mine=True), ["Hi", "5"])
        self.assertEqual(self.items()[-1]["message"]["quick_reply"], {"payload": "R5"})

    def test_stopping_lets_go_of_a_post_under_way_and_of_what_is_queued(self) -> None:
        under_way: Deferred[int] = Deferred()
        self.sim.webhooks.post = lambda body, headers: under_way
        self.sim.model.write(PSID, "Hi")
        self.sim.model.write(PSID, "Are you there?")
        self.sim.stop()
        self.assertTrue(under_way.called)
        self.assertEqual(self.clock.getDelayedCalls(), [])
