"""A customer and an agent who talk with one another; neither knows of any trouble."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from attrs import define, field
from twisted.internet import reactor as _reactor

from chatgw.sim.socialminer.chat import CUSTOMER, Chat
from chatgw.test.crowd.sides import Sides

AGENT = "agent7901"
"""Whoever answers: all agents of the crowd share a page."""

CHOICE = "Billing"

MOST_UNREAD = 2
"""Texts on their way between two people, at which they wait: so do people, and so a slow machine
has fewer texts to carry and not ever more."""

reactor: Any = _reactor


@define(eq=False)
class Pair:
    """Two people of a crowd, who write by turns.

    Args:
        sides: where they are.
        name: the customer's; no other's begins with it.
        psid: the customer's.
        pace: seconds from one text of a person to the next, at least.
    """

    sides: Sides
    name: str
    psid: str
    pace: float
    chat: Chat | None = None
    """The desk's side, from the first word that the agent reads."""
    next_at: float = 0.0
    """When the next text is due, by the reactor's clock."""
    written: dict[str, float] = field(factory=dict)
    """The customer's texts, and when they were written."""
    said: dict[str, float] = field(factory=dict)
    """The agent's."""
    _chosen: bool = False

    def come(self) -> None:
        """The customer comes, or if they are there chooses what is on offer."""
        if not self.written:
            self.sides.meta.model.customer(self.psid, self.name, "Kumar")
            self._write()
        elif not self._chosen:
            self._choose()

    def talk(self) -> None:
        """Says what is due."""
        now = reactor.seconds()
        if now >= self.next_at and self.unread < MOST_UNREAD:
            self.next_at = now + self.pace / 2
            if len(self.said) < len(self.written):
                self._say()
            else:
                self._write()

    # -- What came of it -------------------------------------------------------------------

    @property
    def heard(self) -> list[tuple[str, float]]:
        """What the agent has read, and when it came."""
        lines = [] if self.chat is None else self.chat.lines
        return [(line.text, line.at) for line in lines if line.who == CUSTOMER]

    @property
    def read(self) -> list[tuple[str, float]]:
        """What the customer has read of the agent's, and when it came."""
        bubbles = self.sides.meta.model.thread(self.psid).bubbles
        return [(bubble.text, bubble.at) for bubble in bubbles if bubble.text in self.said]

    @property
    def repeats(self) -> int:
        """How many of the agent's texts the customer has read once more, right after another."""
        return len(self.read) - len(_without_repeats(self.read))

    @property
    def unread(self) -> int:
        """How many texts have not come to the other side."""
        arrived = len({text for text, _ in [*self.heard, *self.read]})
        return len(self.written) + len(self.said) - arrived

    @property
    def longest_way(self) -> float:
        """The most seconds that it took a text to come from one to the other."""
        sent = {**self.written, **self.said}
        first = dict(reversed([*self.heard, *self.read]))
        return max((at - sent[text] for text, at in first.items() if text in sent), default=0.0)

    def complaints(self) -> list[str]:
        """What of the promise was not kept, each in a line for people; none if all was.

        Repeats are left to `repeats`: whether there may be any is for others to say.
        """
        found, heard = [], [text for text, _ in self.heard]
        if heard != [*self.written]:
            found.append(f"{self.name} wrote {[*self.written]}, the agent has read {heard}")
        if _without_repeats(self.read) != [*self.said]:
            read = [text for text, _ in self.read]
            found.append(f"the agent said {[*self.said]}, {self.name} has read {read}")
        return found

    # -- What they do ----------------------------------------------------------------------

    def _write(self) -> None:
        text = f"{self.name} writes {len(self.written) + 1} 👋"
        self.written[text] = reactor.seconds()
        self.sides.meta.model.write(self.psid, text)

    def _choose(self) -> None:
        if any(chip.title == CHOICE for chip in self.sides.meta.model.thread(self.psid).chips):
            self.sides.meta.model.tap(self.psid, CHOICE)
            self._chosen = True

    def _say(self) -> None:
        assert self.chat is not None
        text = f"To {self.name}, {len(self.said) + 1} 안녕"
        self.said[text] = reactor.seconds()
        self.sides.desk.model.say(self.chat.contact.id, AGENT, text)


def _without_repeats(read: list[tuple[str, float]]) -> list[str]:
    return [text for text, _ in groupby(text for text, _ in read)]
