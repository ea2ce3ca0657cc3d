"""The simulator on its own: its command line, its callback, a real port."""

from __future__ import annotations

import contextlib
import json
from io import StringIO
from pathlib import Path
from typing import Any

from klein import Klein
from treq.testing import StubTreq
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase, TestCase
from twisted.web.iweb import IRequest
from twisted.web.server import Site
from zope.interface import implementer

from chatgw.net.client import Client
from chatgw.net.outgoing import outgoing
from chatgw.sim.meta.callback import Callback
from chatgw.sim.meta.main import main, options
from chatgw.values import Secret

CHANNEL = {
    "type": "FACEBOOK_MESSENGER",
    "auth": {"pageAccessToken": "EAAB", "verificationToken": "verify", "appSecret": "secret"},
    "pageId": "4711",
}
SECRETS = ["--page-access-token", "EAAB", "--app-secret", "secret", "--verify-token", "verify"]


class Gateway:
    """The least of a webhook's receiver."""

    app = Klein()

    def __init__(self) -> None:
        self.taken: Deferred[bytes] = Deferred()

    @app.route("/fbm", methods=["GET"])
    def verify(self, request: IRequest) -> bytes:
        asked = {name: values[0] for name, values in (request.args or {}).items()}
        if (asked[b"hub.mode"], asked[b"hub.verify_token"]) != (b"subscribe", b"to ken&/"):
            request.setResponseCode(403)
            return b"no"
        return bytes(asked[b"hub.challenge"])

    @app.route("/fbm", methods=["POST"])
    def take(self, request: IRequest) -> bytes:
        self.taken.callback(request.content.read())
        return b""


class CallbackTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.gateway = Gateway()
        self.client = Client(StubTreq(self.gateway.app.resource()), Clock())

    def callback(self, token: str, path: str = "/fbm") -> Callback:
        return Callback(self.client, f"https://gateway.test{path}", Secret(token))

    def verified(self, callback: Callback) -> bool:
        return self.successResultOf(Deferred.fromCoroutine(callback.verify()))

    def test_a_receiver_that_answers_with_the_challenge_is_verified(self) -> None:
        self.assertTrue(self.verified(self.callback("to ken&/")))

    def test_another_answer_does_not_verify(self) -> None:
        self.assertFalse(self.verified(self.callback("wrong")))
        self.assertFalse(self.verified(self.callback("to ken&/", "/elsewhere")))

    def test_a_post_gives_the_status(self) -> None:
        posting = self.callback("").post(b"{}", {"Content-Type": "application/json"})
        self.assertEqual(self.successResultOf(posting), 200)
        self.assertEqual(self.successResultOf(self.gateway.taken), b"{}")


class OptionTests(SynchronousTestCase):
    def configured(self, content: object) -> str:
        directory = Path(self.mktemp())
        directory.mkdir()
        (directory / "channels.json").write_text(json.dumps(content))
        return str(directory)

    def test_secrets_come_from_the_gateways_configuration(self) -> None:
        directory = self.configured({"channels": [{"type": "OTHER"}, CHANNEL]})
        said = options(["--config", directory])
        self.assertEqual(said.page_id, "4711")
        self.assertEqual(said.page_access_token.reveal(), "EAAB")
        self.assertEqual(said.app_secret.reveal(), "secret")
        self.assertEqual(said.verify_token.reveal(), "verify")

    def test_the_command_line_goes_first(self) -> None:
        directory = self.configured({"channels": [CHANNEL]})
        said = options(["--config", directory, "--app-secret", "other", "--page-id", "12"])
        self.assertEqual((said.app_secret.reveal(), said.page_id), ("other", "12"))

    def test_a_missing_secret_or_configuration_ends_it_with_a_reason(self) -> None:
        contents: list[object] = [[], {}, {"channels": 7}, {"channels": [7]}, {"channels": []}]
        for content in contents:
            said = self.refusal(["--config", self.configured(content), *SECRETS])
            self.assertIn("channels.json: no Messenger channel found", said)
        self.assertIn("--verify-token is missing", self.refusal(SECRETS[:4]))

    def refusal(self, argv: list[str]) -> str:
        said = StringIO()
        with contextlib.redirect_stderr(said), self.assertRaises(SystemExit):
            options(argv)
        return said.getvalue()


class RunTests(TestCase):
    async def test_on_real_ports_it_verifies_the_webhook_posts_to_it_and_answers(self) -> None:
        gateway = Gateway()
        endpoint = serverFromString(reactor, "tcp:0:interface=127.0.0.1")
        port = await endpoint.listen(Site(gateway.app.resource()))
        self.addCleanup(port.stopListening)
        lines: list[LogEvent] = []
        verified: Deferred[str] = Deferred()

        @implementer(ILogObserver)
        def observe(event: LogEvent) -> None:
            if event["log_namespace"] == main.__module__:
                lines.append(event)
                if "outcome" in event:
                    verified.callback(event["outcome"])

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)

        host: Any = port.getHost()
        webhook = f"http://127.0.0.1:{host.port}/fbm"
        argv = ["--port", "0", "--webhook", webhook, *SECRETS[:4], "--verify-token", "to ken&/"]
        running = main(reactor, argv)
        self.assertEqual(await verified, "verified")

        client, here = outgoing(reactor), lines[0]["here"]
        headers = {"Authorization": "Bearer EAAB"}
        answer = await client.call("GET", f"{here}/v25.0/me", headers=headers)
        self.assertEqual(answer.status, 200)
        await client.call("GET", f"{here}/customer?psid=77&name=Jo")
        await client.call("POST", f"{here}/api/write", body=b'{"psid": "77", "text": "Hi"}')
        self.assertIn(b'"text":"Hi"', await gateway.taken)

        await client.close()
        running.cancel()
        with contextlib.suppress(CancelledError):
            await running
