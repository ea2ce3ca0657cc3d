"""The simulator on its own, on a real port."""

from __future__ import annotations

import re
import sys
from io import StringIO

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase

from chatgw.net.outgoing import outgoing
from chatgw.sim.socialminer.centre import QUEUES
from chatgw.sim.socialminer.main import options
from chatgw.test.socialminer_sim import ORDER


class Simulator(ProcessProtocol):
    """A simulator in a process of its own."""

    def __init__(self) -> None:
        self.ready: Deferred[str] = Deferred()
        self.ended: Deferred[None] = Deferred()
        self.said = ""

    def outReceived(self, data: bytes) -> None:
        self.said += data.decode()
        found = re.search(r"Chat API: (\S+)", self.said)
        if found and not self.ready.called:
            self.ready.callback(found[1])

    def errReceived(self, data: bytes) -> None:
        self.said += data.decode()

    def processEnded(self, reason: Failure) -> None:
        if not self.ready.called:
            self.ready.errback(AssertionError(self.said))
        reason.trap(ProcessTerminated)
        self.ended.callback(None)


class ProcessTests(TestCase):
    """``python -m chatgw.sim socialminer``."""

    async def test_it_says_where_it_is_and_opens_chats_there(self) -> None:
        simulator = Simulator()
        words = ["-m", "chatgw.sim", "socialminer", "--port", "0"]
        process = reactor.spawnProcess(
            simulator, sys.executable, [sys.executable, *words], env=None
        )

        def end() -> Deferred[None]:
            process.signalProcess("KILL")
            return simulator.ended

        self.addCleanup(end)
        url = await simulator.ready
        client = outgoing(reactor)
        self.addCleanup(client.close)
        answer = await client.call("POST", url, body=ORDER.encode())
        self.assertEqual(answer.status, 201)


class OptionTests(SynchronousTestCase):
    """The command line."""

    def test_without_a_word_it_is_the_original_guides_contact_centre(self) -> None:
        said = options([])
        self.assertEqual((said.interface, said.queues), ("127.0.0.1", QUEUES))
        self.assertEqual((said.join_timeout, said.inactivity_timeout), (60, 300))
        self.assertEqual(said.notification_url, "")

    def test_what_makes_no_sense_is_refused(self) -> None:
        self.patch(sys, "stderr", StringIO())
        for words in (["--queue", "x"], ["--queue", "x=y"], ["--join-timeout", "nan"]):
            self.assertRaises(SystemExit, options, words)

    def test_queues_are_named_one_by_one(self) -> None:
        said = options(["--queue", "7=Sales", "--queue", "8=A=B"])
        self.assertEqual(said.queues, {"7": "Sales", "8": "A=B"})
