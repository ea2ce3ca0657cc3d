"""A gateway without its outside: registry, journal, fake channel and fake desk, on one clock."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import provider

from chatgw.accounts import Account, Limits, Parts
from chatgw.conversation import Session
from chatgw.registry import Registry
from chatgw.test.fakes import FakeChannel, FakeDesk, HeldJournal
from chatgw.values import (
    Address,
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    CustomerChose,
    CustomerOpened,
    CustomerSentUnsupported,
    CustomerWrote,
    DeskEvent,
    DeskStatus,
    ProblemStatement,
    Say,
    Script,
    SendChoices,
    SendText,
    Words,
)

CUSTOMER = "2242240722460512"
STATEMENTS = (ProblemStatement("1162FBM1", "4"), ProblemStatement("Billing", "7"))
KEYS = (
    "CHAT_ENDED",
    "RATING_OFFER",
    "UNSUPPORTED_MESSAGE",
    "PROBLEM_STATEMENT_CAPTION",
    "CHAT_ENDED_UNKNOWN_ERROR",
    "WAIT_FOR_AGENT",
    "AGENT_JOIN_TIMEOUT",
    "WELCOME_MESSAGE",
    "CHAT_ENDED_INACTIVITY",
    "RATING_COMPLETE",
    "CHAT_ENDED_AGENT_UNAVAILABLE",
)
SCRIPT = Script("100029", STATEMENTS, {key: key for key in KEYS}, rating_enabled=True)
"""Its texts are their keys, so that a test reads like the wire reference's table."""


@frozen
class LoggedLine:
    """A line as it was logged."""

    at: float
    level: str
    text: str


def address(customer: str = CUSTOMER) -> Address:
    """A customer's address."""
    return Address("FACEBOOK_MESSENGER", "page", customer)


FAR = Limits(choice=1e6, rating=1e6, waiting=1e6, desk=1e6)
"""Limits that only a test of limits reaches; what is idle is swept after an hour."""


class World:
    """What a test of more than one part needs.

    The first poll comes one interval after the chat is opened, and pauses are not spread.
    """

    interval = 5.0

    def __init__(
        self,
        script: Script = SCRIPT,
        *,
        start: float = 1000.0,
        spread: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self.clock = Clock()
        self.clock.advance(start)
        self.journal = HeldJournal()
        self.channel = FakeChannel(self.clock)
        self.desk = FakeDesk(self.clock)
        self.spread = spread
        self.registry = self._registry(self.parts(script))
        self.log: list[LoggedLine] = []
        self._events = 0

    def parts(self, script: Script, limits: Limits = FAR) -> Parts:
        """Parts that say what a script says."""
        accounts = {self.channel.type: Account(self.channel, script)}
        return Parts(accounts, self.desk, self.interval, limits)

    def _registry(self, parts: Parts) -> Registry:
        return Registry(self.clock, self.journal, parts, spread=self.spread, jitter=lambda: 1.0)

    def restart(self, after: float = 0.0) -> None:
        """Another process takes over, as after a kill: what is not in the journal is lost.

        Args:
            after: seconds that pass before it does.
        """
        parts = self.registry.parts
        for call in list(self.clock.getDelayedCalls()):
            call.cancel()
        self.channel.cut_off()
        self.desk.cut_off()
        self.journal = self.journal.reopened()
        self.clock.advance(after)
        self.registry = self._registry(parts)
        self.registry.restore(absence=after)

    def listen(self, case: SynchronousTestCase) -> None:
        """Writes chatgw's lines to `log` from now on until the test ends."""

        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            if str(event.get("log_namespace")).startswith("chatgw."):
                line = LoggedLine(self.clock.seconds(), event["log_level"].name, formatEvent(event))
                self.log.append(line)

        globalLogPublisher.addObserver(observe)
        case.addCleanup(globalLogPublisher.removeObserver, observe)

    def lines(self, part: str = "") -> list[str]:
        """What was logged, as ``level: text``, of the lines with some text in them."""
        return [f"{line.level}: {line.text}" for line in self.log if part in line.text]

    # -- The customer ----------------------------------------------------------------------

    def wrote(self, text: str, customer: str = CUSTOMER, event_id: str = "") -> Deferred[None]:
        """The customer writes; the same ``event_id`` is the same event again."""
        return self.registry.receive(
            [CustomerWrote(address(customer), self._at, event_id or self._id(), Words(text))]
        )

    def chose(self, payload: str, customer: str = CUSTOMER, event_id: str = "") -> Deferred[None]:
        """The customer taps a choice."""
        event_id = event_id or self._id()
        return self.registry.receive(
            [CustomerChose(address(customer), self._at, event_id, payload, Words(payload))]
        )

    def sent(self, what: str = "image", customer: str = CUSTOMER) -> Deferred[None]:
        """The customer sends something that is not text."""
        return self.registry.receive(
            [CustomerSentUnsupported(address(customer), self._at, self._id(), what)]
        )

    def opened(self, customer: str = CUSTOMER) -> Deferred[None]:
        """The customer taps "Get started"."""
        return self.registry.receive([CustomerOpened(address(customer), self._at, self._id())])

    # -- The agent -------------------------------------------------------------------------

    def joined(self, agent: str = "agent7901", customer: str = CUSTOMER) -> None:
        """An agent enters; the gateway learns of it at its next poll, as of what follows."""
        self._tell(customer, lambda number: AgentJoined(number, agent))

    def said(self, text: str, agent: str = "agent7901", customer: str = CUSTOMER) -> None:
        """An agent writes."""
        self._tell(customer, lambda number: AgentWrote(number, agent, Words(text)))

    def typing(self, status: str, agent: str = "agent7901", customer: str = CUSTOMER) -> None:
        """An agent begins or stops typing."""
        self._tell(customer, lambda number: AgentTyping(number, agent, status))

    def left(self, agent: str = "agent7901", customer: str = CUSTOMER) -> None:
        """An agent leaves."""
        self._tell(customer, lambda number: AgentLeft(number, agent))

    def status(self, status: str, customer: str = CUSTOMER) -> None:
        """The desk says how the chat stands."""
        self._tell(customer, lambda number: DeskStatus(number, status))

    def _tell(self, customer: str, event: Callable[[int], DeskEvent]) -> None:
        chat = self.session(customer).chat
        assert chat is not None, "there is no chat to speak in"
        events = self.desk.events[chat]
        events.append(event(len(events) + 1))

    # -- Short cuts ------------------------------------------------------------------------

    def talk(self, customer: str = CUSTOMER) -> None:
        """Brings a customer and an agent together."""
        self.wrote("Hi", customer)
        self.chose("statement:4", customer)
        self.joined(customer=customer)
        self.advance(self.interval)

    def advance(self, seconds: float) -> None:
        """Lets time pass, each call made at its very time."""
        until = self.clock.seconds() + seconds
        while calls := [c.getTime() for c in self.clock.getDelayedCalls() if c.getTime() <= until]:
            self.clock.rightNow = min(calls)
            self.clock.advance(0)
        self.clock.rightNow = until

    # -- What came of it -------------------------------------------------------------------

    def session(self, customer: str = CUSTOMER) -> Session:
        """The customer's session."""
        return self.registry.sessions[address(customer)]

    def waiting(self, customer: str = CUSTOMER) -> tuple[str, ...]:
        """What is kept for the agent who is to come, in order."""
        return tuple(kept.text for kept in self.session(customer).waiting)

    def read(self, customer: str = CUSTOMER) -> list[str]:
        """What the customer has been sent, in order."""
        return [
            effect.text
            for effect in self.channel.reached
            if isinstance(effect, SendText | SendChoices) and effect.address.customer == customer
        ]

    def heard(self, customer: str = CUSTOMER) -> list[str]:
        """What the desk has been told, in order."""
        return [
            effect.text
            for effect in self.desk.reached
            if isinstance(effect, Say) and effect.address.customer == customer
        ]

    @property
    def _at(self) -> float:
        return self.clock.seconds()

    def _id(self) -> str:
        self._events += 1
        return f"event-{self._events}"


WITHOUT_RATING = evolve(SCRIPT, rating_enabled=False)
ONE_STATEMENT = evolve(SCRIPT, statements=STATEMENTS[:1])
