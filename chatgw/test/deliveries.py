"""A delivery on its own, for the tests of its lanes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw.circuit import Circuit
from chatgw.delivery import Delivery, Unanswered
from chatgw.failures import FailureKind
from chatgw.test.fakes import FakeChannel
from chatgw.test.world import address
from chatgw.values import (
    ChatHandle,
    Choice,
    Effect,
    Failed,
    Lane,
    LeaveChat,
    LookUpName,
    OpenChat,
    Outcome,
    Say,
    Secret,
    SendChoices,
    SendText,
    SendTyping,
    SubmitRating,
    Unknown,
    Words,
)

START = 1000.0
DOWN = Failed(FailureKind.TRANSIENT, "503")
REFUSED = Failed(FailureKind.BAD_REQUEST, "400")
THROTTLED = Failed(FailureKind.THROTTLED, "613")
EXPIRED_TOKEN = Failed(FailureKind.CREDENTIALS, "190/463")
UNCLEAR = Failed(FailureKind.UNCLEAR, "what?")
LOST = Unknown("deadline")
CHAT = ChatHandle(Secret("JSESSIONID=1"), "http://desk/contact/1")


class DeliveryTestCase(SynchronousTestCase):
    """A delivery whose peers are one fake, and which tells what it settled.

    The desk and the channel have a circuit each.
    """

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(START)
        self.peer = FakeChannel(self.clock)
        self.settled: list[tuple[str, Outcome]] = []
        self.stale: set[str] = set()
        self.settling: Callable[[], Deferred[None] | None] = lambda: None
        self.marks: list[tuple[str, int]] = []
        self.marking: Callable[[], Deferred[None]] = lambda: succeed(None)
        self.record: deque[bool | Exception | None] = deque()
        """What the desk's record of the chat will say."""
        self.asked: list[float] = []
        self.policy = Unanswered()
        self.jitter = 1.0
        self.circuits = {side: Circuit(self.clock, side.value) for side in Lane}
        self.circuits[Lane.ASIDE] = self.circuits[Lane.CUSTOMER]
        self.delivery = Delivery(
            self.clock,
            self.peer.perform,
            self.settle,
            is_stale=lambda effect: effect.id in self.stale,
            happened=self.happened,
            mark=self.mark,
            circuit=lambda effect: self.circuits[effect.lane],
            unanswered=lambda: self.policy,
            jitter=lambda: self.jitter,
        )

    async def settle(self, effect: Effect, outcome: Outcome) -> None:
        """Remembers an outcome, after whatever `settling` does."""
        taken = self.settling()
        if taken is not None:
            await taken
        self.settled.append((effect.id, outcome))

    def mark(self, effect_id: str, tried: int) -> Deferred[None]:
        """Remembers a mark, and notes it as `marking` gives."""
        self.marks.append((effect_id, tried))
        return self.marking()

    def happened(self, effect: Effect) -> Deferred[bool | None]:
        """Answers as `record` says, and tells the circuit so; nothing was to be had for a None."""
        self.asked.append(self.clock.seconds() - START)
        answer = self.record.popleft()
        told = answer if isinstance(answer, bool) else DOWN
        self.circuits[Lane.DESK].told(effect.session, told)
        return fail(answer) if isinstance(answer, Exception) else succeed(answer)

    def text(self, name: str, customer: str = "1", tried: int | None = None) -> None:
        """Owes a text to a customer."""
        effect = SendText(
            id=name,
            address=address(customer),
            session=f"s{customer}",
            at=self.clock.seconds(),
            text=Words(name),
        )
        self.delivery.owe(effect, tried)

    def choices(self, name: str, tried: int | None = None) -> None:
        """Owes a question to a customer."""
        effect = SendChoices(
            id=name,
            address=address("1"),
            session="s1",
            at=self.clock.seconds(),
            text=Words(name),
            choices=(Choice("A", "a"),),
            purpose="rating",
        )
        self.delivery.owe(effect, tried)

    def say(self, name: str, session: str = "s1", tried: int | None = None) -> None:
        """Owes a text to the desk."""
        effect = Say(
            id=name,
            address=address("1"),
            session=session,
            at=self.clock.seconds(),
            chat=CHAT,
            text=Words(name),
        )
        self.delivery.owe(effect, tried)

    def typing(self, name: str, status: str = "composing") -> None:
        """Owes typing dots to a customer."""
        self.delivery.owe(
            SendTyping(
                id=name, address=address("1"), session="s1", at=self.clock.seconds(), status=status
            )
        )

    def open(self, name: str = "open", tried: int | None = None) -> None:
        """Owes the desk a chat."""
        effect = OpenChat(
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
        self.delivery.owe(effect, tried)

    def rate(self, name: str = "rate", tried: int | None = None) -> None:
        """Owes the desk a rating."""
        at = self.clock.seconds()
        effect = SubmitRating(
            id=name, address=address("1"), session="s1", at=at, chat=CHAT, rating=5
        )
        self.delivery.owe(effect, tried)

    def leave(self, name: str = "leave", tried: int | None = None) -> None:
        """Owes the desk a farewell."""
        at = self.clock.seconds()
        effect = LeaveChat(id=name, address=address("1"), session="s1", at=at, chat=CHAT)
        self.delivery.owe(effect, tried)

    def name(self, name: str, customer: str = "1") -> None:
        """Owes a customer's name."""
        at = self.clock.seconds()
        self.delivery.owe(LookUpName(id=name, address=address(customer), session="s1", at=at))

    def hold_settling(self) -> Deferred[None]:
        """Outcomes are taken in when this is fired."""
        taken: Deferred[None] = Deferred()
        self.settling = lambda: taken
        return taken

    def echo(self, name: str, message_id: str = "m_1") -> Deferred[None] | None:
        """The channel tells that it has a text for the first customer."""
        return self.delivery.confirm(name, address("1"), message_id)

    def attempts(self) -> list[str]:
        """The ids of all attempts, in order."""
        return [attempt.effect.id for attempt in self.peer.attempts]

    def times(self) -> list[float]:
        """When they were made, from the beginning."""
        return [attempt.at - START for attempt in self.peer.attempts]

    def pass_time(self, seconds: float, step: float = 0.5) -> None:
        """Lets time pass in small steps."""
        self.clock.pump([step] * int(seconds / step))

    def assert_nothing_is_left(self) -> None:
        """Asserts that nobody waits for anything."""
        for circuit in self.circuits.values():
            circuit.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
