"""A delivery on its own, for the tests of its lanes."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.delivery import Delivery
from chatgw.failures import FailureKind
from chatgw.test.fakes import FakeChannel
from chatgw.test.world import address
from chatgw.values import (
    ChatHandle,
    Effect,
    Failed,
    LookUpName,
    OpenChat,
    Outcome,
    Say,
    Secret,
    SendText,
    SendTyping,
    Words,
)

DOWN = Failed(FailureKind.TRANSIENT, "503")
REFUSED = Failed(FailureKind.BAD_REQUEST, "400")
CHAT = ChatHandle(Secret("JSESSIONID=1"), "http://desk/contact/1")


class DeliveryTestCase(SynchronousTestCase):
    """A delivery whose peers are one fake, and which tells what it settled."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000.0)
        self.peer = FakeChannel(self.clock)
        self.settled: list[tuple[str, Outcome]] = []
        self.stale: set[str] = set()
        self.settling: Callable[[], None] = lambda: None
        self.jitter = 1.0
        self.delivery = Delivery(
            self.clock,
            self.peer.perform,
            self.settle,
            lambda effect: effect.id in self.stale,
            lambda: self.jitter,
        )
        self._named = 0

    async def settle(self, effect: Effect, outcome: Outcome) -> None:
        """Remembers an outcome, after whatever `settling` does."""
        self.settling()
        self.settled.append((effect.id, outcome))

    def text(self, name: str, customer: str = "1") -> None:
        """Owes a text to a customer."""
        self.delivery.owe(
            SendText(
                id=name,
                address=address(customer),
                session=f"s{customer}",
                at=self.clock.seconds(),
                text=Words(name),
            )
        )

    def say(self, name: str, session: str = "s1") -> None:
        """Owes a text to the desk."""
        self.delivery.owe(
            Say(
                id=name,
                address=address("1"),
                session=session,
                at=self.clock.seconds(),
                chat=CHAT,
                text=Words(name),
            )
        )

    def typing(self, name: str, status: str = "composing") -> None:
        """Owes typing dots to a customer."""
        self.delivery.owe(
            SendTyping(
                id=name, address=address("1"), session="s1", at=self.clock.seconds(), status=status
            )
        )

    def open(self, name: str = "open") -> None:
        """Owes the desk a chat."""
        self.delivery.owe(
            OpenChat(
                id=name,
                address=address("1"),
                session="s1",
                at=self.clock.seconds(),
                feed_id="1",
                queue_id="4",
                author="A",
                title="T",
                origin="O",
            )
        )

    def name(self, name: str) -> None:
        """Owes a customer's name."""
        self.delivery.owe(
            LookUpName(id=name, address=address("1"), session="s1", at=self.clock.seconds())
        )

    def attempts(self) -> list[str]:
        """The ids of all attempts, in order."""
        return [attempt.effect.id for attempt in self.peer.attempts]

    def times(self) -> list[float]:
        """When they were made, from the beginning."""
        return [attempt.at - 1000.0 for attempt in self.peer.attempts]

    def pass_time(self, seconds: float, step: float = 0.5) -> None:
        """Lets time pass in small steps."""
        self.clock.pump([step] * int(seconds / step))
