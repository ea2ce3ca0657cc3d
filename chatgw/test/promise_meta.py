"""Meta as the promise needs it: webhooks until there is a 200, texts taken, echoes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from chatgw.delivery import MOST_RESENT, Unanswered
from chatgw.test.promise_peer import Peer
from chatgw.test.world import address
from chatgw.values import (
    ChannelEvent,
    CustomerChose,
    CustomerSentUnsupported,
    CustomerWrote,
    Done,
    Echoed,
    Effect,
    LookUpName,
    Outcome,
    SendChoices,
    SendText,
    Unknown,
    Words,
)

ECHO_WAIT = Unanswered().echo_wait - 0.01  # clocks count in fractions

Gateway = Callable[[list[ChannelEvent]], Deferred[None]]
"""Takes a webhook; fires when it is to have its 200, fails when it is not."""


class Meta(Peer):
    """Messenger with its customers, its webhooks, and what it has been sent."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.gateway: Gateway | None = None
        """Who gets the webhooks; None while nobody listens."""
        self.prompt = True
        """Whether an event is delivered as soon as there is one; if not, when `post` says so."""
        self.echo_after: float | None = 0.0
        """Seconds from a text to its echo; None: there are no echoes."""
        self.wrote: list[CustomerWrote] = []
        """All that the customers wrote, in order."""
        self.pending: list[ChannelEvent] = []
        """What has no 200 that Meta knows of, in order."""
        self.acknowledged: set[str] = set()
        """The events that had their 200, whether or not that arrived."""
        self.unanswered: list[Deferred[None]] = []
        """Webhooks to the process there is."""
        self.refusals: list[Failure] = []
        """Why there was no 200."""
        self.taken: list[SendText | SendChoices] = []
        """The texts that the customers have read, in order."""
        self._events = 0
        self.wrongs: list[str] = []
        """What it should not have been asked."""
        self._sent: dict[str, float] = {}  # when what was taken was sent
        self._proved: set[str] = set()  # whose echo had its 200

    def hang_up(self, arrive: bool) -> None:
        """Whoever has called, or was called, is no more."""
        super().hang_up(arrive)
        self.unanswered.clear()

    # -- What customers do -----------------------------------------------------------------

    def write(self, who: str, text: str) -> None:
        """A customer writes."""
        now, name = self.clock.seconds(), self._name("text")
        self.wrote.append(CustomerWrote(address(who), now, name, Words(text), now, name))
        self._happened(self.wrote[-1])

    def choose(self, who: str, payload: str) -> None:
        """A customer taps a choice."""
        now = self.clock.seconds()
        self._happened(CustomerChose(address(who), now, self._name("tap"), payload, Words(payload)))

    def send(self, who: str, what: str) -> None:
        """A customer sends something that is not text."""
        now = self.clock.seconds()
        self._happened(CustomerSentUnsupported(address(who), now, self._name("thing"), what))

    # -- Webhooks --------------------------------------------------------------------------

    def post(self, events: Sequence[ChannelEvent], heard: bool = True) -> None:
        """Delivers events in one webhook.

        Args:
            events: some that are pending.
            heard: whether Meta gets to know of the 200; it will deliver them again if not.
        """
        if self.gateway is None:
            return
        now = self.clock.seconds()
        answer = self.gateway([evolve(event, at=now) for event in events])
        if self.gateway is not None:  # it has not died of it
            self.unanswered.append(answer)
        answer.addBoth(self._hear, answer)
        answer.addCallbacks(lambda _: self._acknowledge(events, heard), self.refusals.append)

    def _hear(self, result: object, answer: Deferred[None]) -> object:
        self.unanswered = [other for other in self.unanswered if other is not answer]
        return result

    def _happened(self, event: ChannelEvent) -> None:
        self.pending.append(event)
        if self.prompt:
            self.clock.callLater(0.0, self.post, [event])

    def _acknowledge(self, events: Sequence[ChannelEvent], heard: bool) -> None:
        for event in events:
            self.acknowledged.add(event.event_id)
            if isinstance(event, Echoed):
                self._proved.add(event.effect_id)
            if heard and event in self.pending:
                self.pending.remove(event)

    def _name(self, kind: str) -> str:
        self._events += 1
        return f"{kind} {self._events}"

    # -- What it is asked to do ------------------------------------------------------------

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """Performs an effect: texts go as calls go, all else goes well."""
        if isinstance(effect, SendText | SendChoices):
            self._weigh(effect)
            now = self.clock.seconds()
            return self.call(lambda: self._take(effect, now), Unknown("no answer"))
        return succeed(Done("Amar Kumar" if isinstance(effect, LookUpName) else ""))

    def _weigh(self, effect: SendText | SendChoices) -> None:
        """Whether it may be sent: if it was taken before, only for want of an echo."""
        if effect.id in self._proved:
            self.wrongs.append(f"{effect} again, though its echo had its 200")
        if effect.id in self._sent:
            waited = self.clock.seconds() - self._sent[effect.id]
            if waited < ECHO_WAIT:
                self.wrongs.append(f"{effect} again after {waited} s, too soon for its echo")

    def _take(self, effect: SendText | SendChoices, sent_at: float) -> Outcome:
        self._sent[effect.id] = sent_at
        self.taken.append(effect)
        mid = f"mid {len(self.taken)}"
        if sum(one.id == effect.id for one in self.taken) > 1 + MOST_RESENT:
            self.wrongs.append(f"{effect} was sent too often")
        if self.echo_after is not None:
            echo = Echoed(effect.address, sent_at, self._name("echo"), effect.id, mid)
            self.clock.callLater(self.echo_after, self._happened, echo)
        return Done(mid)
