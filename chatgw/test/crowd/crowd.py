"""All the pairs, and the agents' hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater

from chatgw.sim.socialminer.chat import CUSTOMER, Chat
from chatgw.test.crowd.pair import AGENT, Pair
from chatgw.test.crowd.sides import Sides

PATIENCE = 300.0
"""Seconds until what does not happen is taken never to."""

TICK = 0.05
"""Seconds between two looks at what is to be done."""

MOST_COMING = 20
"""Customers who have come and wait for an agent, at a time."""

reactor: Any = _reactor


class Crowd:
    """Customers who come one after the other, and agents who take each chat at once.

    Args:
        sides: where they are.
        count: of customers, 1000 at most.
        pace: seconds from one text of a person to the next, at least.
    """

    def __init__(self, sides: Sides, count: int, pace: float) -> None:
        self.sides = sides
        self.pairs = [Pair(sides, f"Amar{n:03}", f"770000{n:03}", pace) for n in range(count)]
        self._pace = pace
        self._talking = False
        self._by_name = {pair.name: pair for pair in self.pairs}
        self._silent: list[Chat] = []
        sides.desk.model.login(AGENT)
        self._acting = LoopingCall(self._act)
        self._acting.start(TICK).addErrback(lambda broken: broken.trap())

    def stop(self) -> None:
        """Nobody does anything any more."""
        self._acting.stop()

    @property
    def texts(self) -> int:
        """How many texts were written so far, by all."""
        return sum(len(pair.written) + len(pair.said) for pair in self.pairs)

    @property
    def repeats(self) -> int:
        """How many texts a customer has read twice."""
        return sum(pair.repeats for pair in self.pairs)

    @property
    def longest_way(self) -> float:
        """The most seconds that a text was on its way so far."""
        return max(pair.longest_way for pair in self.pairs)

    async def met(self) -> None:
        """Waits until all are in a chat."""
        await until(lambda: all(pair.chat for pair in self.pairs), "a chat for everyone")

    def talk(self) -> None:
        """All talk from now on."""
        self._talking = True
        for n, pair in enumerate(self.pairs):
            pair.next_at = reactor.seconds() + self._pace / 2 * n / len(self.pairs)

    async def talked(self, texts: int) -> None:
        """Waits until so many more texts are written."""
        wanted = self.texts + texts
        await until(lambda: self.texts >= wanted, f"{texts} more texts")

    async def settled(self) -> None:
        """Lets nobody say anything more, and waits until all that was said is read."""
        self._talking = False
        try:
            await until(lambda: not any(pair.unread for pair in self.pairs), "everyone's last word")
        except AssertionError as never:
            raise AssertionError("\n".join([str(never), *self.complaints()])) from None

    def complaints(self) -> list[str]:
        """What of the promise was not kept to anyone."""
        found = [each for pair in self.pairs for each in pair.complaints()]
        chats = len(self.sides.desk.model.chats)
        if chats != len(self.pairs):
            found.append(f"{len(self.pairs)} customers have {chats} chats")
        return found

    def _act(self) -> None:
        for chat in self.sides.desk.model.waiting(AGENT):
            self.sides.desk.model.accept(chat.contact.id, AGENT)
            self._silent.append(chat)
        for chat in [*self._silent]:
            if first := next((line for line in chat.lines if line.who == CUSTOMER), None):
                self._silent.remove(chat)
                self._by_name[first.text.partition(" ")[0]].chat = chat
        coming = [pair for pair in self.pairs if pair.chat is None]
        for pair in coming[:MOST_COMING]:
            pair.come()
        if self._talking:
            for pair in self.pairs:
                pair.talk()


def until(condition: Callable[[], object], what: str) -> Deferred[None]:
    """Waits for something to become true; fails with AssertionError if it does not."""

    async def wait() -> None:
        end = reactor.seconds() + PATIENCE
        while not condition():
            if reactor.seconds() > end:
                raise AssertionError(f"never came: {what}")
            await deferLater(reactor, TICK)

    return Deferred.fromCoroutine(wait())
