"""The whole gateway with both simulators in one process, on one clock, without a socket."""

from __future__ import annotations

from collections.abc import Sequence

from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.accounts import Account, Parts
from chatgw.channels.messenger import Messenger
from chatgw.config.channels import Messages
from chatgw.delivery import GRACE
from chatgw.desks.socialminer import SocialMiner
from chatgw.net.client import Client
from chatgw.registry import Registry
from chatgw.sim.meta.account import Account as MetaAccount
from chatgw.sim.meta.callback import Callback
from chatgw.sim.meta.simulator import MetaSim
from chatgw.sim.meta.thread import Thread
from chatgw.sim.socialminer.chat import Chat
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.test.fakes import HeldJournal
from chatgw.test.world import FAR
from chatgw.values import ChannelEvent, ProblemStatement, Script, Secret
from chatgw.web.webhooks import Webhooks

NOW = 1_700_000_000.0
PAGE = "682498171943165"
INTERVAL = 5.0
"""Seconds between polls; a chat's first comes one interval after it was opened."""

SCRIPT = Script(
    feed_id="100029",
    statements=(ProblemStatement("Billing", "4"), ProblemStatement("Service", "5")),
    messages={name: getattr(Messages(), name) for name in Messages.__annotations__},
    rating_enabled=True,
)


class WholeTestCase(SynchronousTestCase):
    """A gateway between a simulated Meta and a simulated SocialMiner, and a few people."""

    clock_class: type[Clock] = Clock
    journal_class: type[HeldJournal] = HeldJournal
    interval = INTERVAL
    """Seconds between polls."""

    def setUp(self) -> None:
        self.clock = self.clock_class()
        self.clock.advance(NOW)
        self.statuses: list[int] = []
        """What the webhook answered, in order."""
        account = MetaAccount(PAGE, Secret("EAAB-page-token"), Secret("app-secret"))
        self.meta = MetaSim(self.clock, account, self._post)
        self.addCleanup(self.meta.stop)
        self.desk = SocialMinerSim(self.clock)
        self.desk.model.login("agent7901")
        self._graph_stub = StubTreq(self.meta.resource())
        self._desk_stub = StubTreq(self.desk.resource())
        self.messenger = self.channel(Client(self._graph_stub, self.clock))
        desk_client = Client(self._desk_stub, self.clock)
        self.socialminer = SocialMiner(
            desk_client,
            polls=desk_client,
            base_url="http://localhost/ccp/chat",
            public_host="localhost",
            rating_method="PUT",
            rating_path="/rating",
            rating_body="<ChatRating><rating>{rating}</rating></ChatRating>",
        )
        self.journal = self.journal_class()
        """Commits at once unless it is told otherwise."""
        self.registry = self._registry()
        webhooks = Webhooks(lambda: self.messenger, self._receive, self.clock, lambda: True)
        self._webhook_stub = StubTreq(webhooks.resource())
        self.callback = Callback(
            Client(self._webhook_stub, self.clock), "https://gateway/fbm", Secret("verify-me")
        )
        self._stubs = (self._graph_stub, self._desk_stub, self._webhook_stub)

    def channel(self, client: Client) -> Messenger:
        """The page's channel over a client."""
        return Messenger(
            client,
            base_url="https://graph.test",
            version="v25.0",
            page_access_token=Secret("EAAB-page-token"),
            verification_token=Secret("verify-me"),
            app_secret=Secret("app-secret"),
            page_id=PAGE,
            clock=self.clock,
        )

    def parts(self) -> Parts:
        """The registry's parts."""
        accounts = {self.messenger.type: Account(self.messenger, SCRIPT)}
        return Parts(accounts, self.socialminer, self.interval, FAR)

    def _registry(self) -> Registry:
        return Registry(
            self.clock, self.journal, self.parts(), spread=lambda: 1.0, jitter=lambda: 1.0
        )

    def _receive(self, events: Sequence[ChannelEvent]) -> Deferred[None]:
        return self.registry.receive(events)  # whichever it is by now

    def restart(self) -> None:
        """The gateway stops, and the next one takes up what its journal holds."""
        stopped = self.registry.stop()
        self.advance(GRACE)
        self.successResultOf(stopped)
        self.journal = self.journal.reopened()
        self.registry = self._registry()
        self.registry.restore()

    def use(self, messenger: Messenger) -> None:
        """Talks to Meta by this channel from now on."""
        self.messenger = messenger
        self.registry.use(self.parts())

    def _post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        def answered(status: int) -> int:
            self.statuses.append(status)
            return status

        return self.callback.post(body, headers).addCallback(answered)

    def settle(self) -> None:
        """Lets everything happen that takes no time."""
        for _ in range(12):
            for stub in self._stubs:
                stub.flush()
            self.clock.advance(0)

    def advance(self, seconds: float) -> None:
        """Lets time pass, each call made at its very time."""
        until = self.clock.seconds() + seconds
        self.settle()
        while calls := [c.getTime() for c in self.clock.getDelayedCalls() if c.getTime() <= until]:
            self.clock.rightNow = max(min(calls), self.clock.rightNow)
            self.settle()
        self.clock.rightNow = until
        self.settle()

    def person(self, psid: str, name: str = "Amar") -> Thread:
        """A customer; their thread."""
        self.meta.model.customer(psid, name, "Kumar")
        return self.meta.model.thread(psid)

    def write(self, psid: str, text: str) -> None:
        """The customer writes."""
        self.meta.model.write(psid, text)
        self.settle()

    def tap(self, psid: str, choice: str) -> None:
        """The customer taps a chip."""
        self.meta.model.tap(psid, choice)
        self.settle()

    def talk(self, psid: str, name: str = "Amar") -> Chat:
        """Brings a customer and the agent together; the desk's side of it."""
        self.person(psid, name)
        self.write(psid, f"Hi from {psid}")
        self.tap(psid, "Billing")
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, "agent7901")
        self.advance(self.interval)
        return chat
