"""Chats towards a Facebook that refuses: what everybody concerned sees of it."""

from __future__ import annotations

import json
import re

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from zope.interface import provider

from chatgw.channels.messenger import Messenger
from chatgw.net.client import Client
from chatgw.sim.faults import Fault
from chatgw.sim.meta.thread import Bubble
from chatgw.sim.socialminer.chat import Chat
from chatgw.test.whole import WholeTestCase

AGENT = "agent7901"
CHANNEL = "FACEBOOK_MESSENGER"
FOR_EVER = 1_000_000
"""Times a fault strikes that does not pass."""

WHOLE_LIFE = 920.0
"""Seconds after which nothing decided before is still of use."""

_VARYING = (
    (re.compile(r"\[[0-9a-f]{18}-[0-9.]+\]"), "[…]"),
    (re.compile(r"ID=[0-9]+"), "ID=…"),
    (re.compile(r" \(HTTP [^)]*\)"), ""),
    (re.compile(r"again in [0-9.]+ s"), "again in … s"),
    (re.compile(r"after [0-9]+ attempts"), "after … attempts"),
)


def plain(text: str) -> str:
    """A text for operators without what differs from one failure to the next."""
    for varying, instead in _VARYING:
        text = varying.sub(instead, text)
    return text


class FailingTestCase(WholeTestCase):
    """The whole gateway, and notes of what it logs and of each message it sends to Facebook."""

    interval = 60.0  # so that a quarter of an hour is soon over

    def setUp(self) -> None:
        super().setUp()
        self.desk.model.inactivity_timeout = 1e6
        self.registry.status.configured({CHANNEL: True})
        self.began = 0.0
        """When the trouble began."""
        self._read: dict[str, int] = {}
        self.log: list[str] = []
        """What was logged since then at level info and above, as ``level: text``."""
        self.calls: list[tuple[float, str, str]] = []
        """The messages sent since then: seconds after its beginning, to whom, and which."""

        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            ours = str(event.get("log_namespace")).startswith("chatgw.")
            if ours and event["log_level"] >= LogLevel.info:
                self.log.append(f"{event['log_level'].name}: {formatEvent(event)}")

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)

    def channel(self, client: Client) -> Messenger:
        """A channel whose messages are noted."""
        call = client.call

        async def noted(method: str, url: str, **how: object) -> object:
            message = json.loads(how["body"]) if how["body"] else {}  # type: ignore[arg-type]
            if "message" in message:
                at = self.clock.seconds() - self.began
                self.calls.append((at, message["recipient"]["id"], message["message"]["text"]))
            return await call(method, url, **how)  # type: ignore[arg-type]  # passed on as it is

        self.patch(client, "call", noted)
        return super().channel(client)

    def begin(self) -> None:
        """What was noted so far is forgotten."""
        self.began = self.clock.seconds()
        self.log.clear()
        self.calls.clear()
        self._read = {psid: len(self.sent(psid)) for psid in self.meta.model.threads}

    def refuse(self, code: int, subcode: int = 0, times: int = FOR_EVER) -> None:
        """From now on Facebook answers messages with an error."""
        self.meta.faults.script(Fault("message", "error", times, code=code, subcode=subcode))

    def mend(self) -> None:
        """What was wrong is well again."""
        self.meta.faults.clear()

    def say(self, chat: Chat, *texts: str) -> None:
        """The agent writes, and the gateway learns of it at its next poll."""
        for text in texts:
            self.desk.model.say(chat.contact.id, AGENT, text)

    def read(self, psid: str) -> list[str]:
        """What the customer has read since the trouble began."""
        return [one.text for one in self.sent(psid)[self._read.get(psid, 0) :]]

    def sent(self, psid: str) -> list[Bubble]:
        """What the page has sent to the customer."""
        return [one for one in self.meta.model.thread(psid).bubbles if not one.mine]

    def told(self, chat: Chat) -> list[str]:
        """What the agent's chat shows of the customer's side, but for their first word."""
        lines = self.desk.model.transcript(chat.contact.id)
        return [text for who, text in lines if who == "customer"][1:]

    def lines(self) -> list[str]:
        """The log's lines, each kind of line once."""
        return list(dict.fromkeys(map(plain, self.log)))

    def times(self, text: str) -> list[float]:
        """When a text was sent, in seconds after the first time."""
        times = [at for at, _, sent in self.calls if sent == text]
        return [at - times[0] for at in times]

    def troubles(self) -> dict[str, str]:
        """What the status says is wrong, by its source."""
        listed = self.registry.status.report()["troubles"]
        return {one["source"]: plain(one["reason"]) for one in listed}  # type: ignore[attr-defined]

    def last_failure(self) -> str | None:
        """What the status says of the channel."""
        reason = self._channel()["lastFailure"]
        return None if reason is None else plain(str(reason))

    def last_failure_at(self) -> object:
        """When that was."""
        return self._channel()["lastFailureTimestamp"]

    def _channel(self) -> dict[str, object]:
        (channel,) = self.registry.status.report()["channels"]  # type: ignore[misc]
        return channel  # type: ignore[has-type,no-any-return]

    def dead(self) -> list[tuple[str, str]]:
        """The dead letters: kind and text."""
        letters = self.registry.dead_letters()
        return [(one.kind, one.effect.text) for one in letters]  # type: ignore[attr-defined]
