"""A customer and an agent who talk with one another; neither knows of any trouble."""

from __future__ import annotations

from itertools import groupby

from attrs import define, field

from chatgw.sim.socialminer.chat import CUSTOMER, Chat
from chatgw.test.crowd.sides import Sides

AGENT = "agent7901"

CHOICE = "Billing"


@define(eq=False)
class Pair:
    """Two people of a crowd, who write by turns.

    Args:
        sides: where they are.
        name: the customer's, which no other's begins with.
        psid: the customer's.
        pace: seconds from one text of a person to the next.
        next_at: when the customer writes for the first time, by the reactor's clock.
    """

    sides: Sides
    name: str
    psid: str
    pace: float
    next_at: float
    chat: Chat | None = None
    """The agent's side of it, once the two have met."""
    written: dict[str, float] = field(factory=dict)
    """The customer's texts, and when they were written."""
    said: dict[str, float] = field(factory=dict)
    """The agent's."""
    _tapped: bool = False

    def begin(self) -> None:
        """The customer comes."""
        self.sides.meta.model.customer(self.psid, self.name, "Kumar")
        self._write(self.next_at)

    def act(self, now: float, talking: bool) -> None:
        """Does what is due now.

        Args:
            now: by the reactor's clock.
            talking: whether anything new is to be said.
        """
        if not self.written:
            if now >= self.next_at:
                self.begin()
        elif self.chat is None:
            self._choose()
            self.next_at = now
        elif talking and now >= self.next_at:
            self.next_at = now + self.pace / 2
            if len(self.said) < len(self.written):
                self._say(now)
            else:
                self._write(now)

    @property
    def heard(self) -> list[str]:
        """What the agent has read, in order."""
        return list(self._heard)

    @property
    def read(self) -> list[str]:
        """What the customer has read of the agent's, in order."""
        return [text for text, _ in self._read if text in self.said]

    @property
    def repeats(self) -> int:
        """How many of the agent's texts the customer has read twice in a row."""
        return sum(len(list(run)) - 1 for _, run in groupby(self.read))

    @property
    def quiet(self) -> bool:
        """Whether each has read the other's last text."""
        return (
            self.chat is not None
            and [*self.written][-1:] == self.heard[-1:]
            and [*self.said][-1:] == self.read[-1:]
        )

    @property
    def longest_way(self) -> float:
        """The most seconds that a text has taken from one to the other."""
        ways = [at - self.written[text] for text, at in self._heard.items() if text in self.written]
        ways += [at - self.said[text] for text, at in reversed(self._read) if text in self.said]
        return max(ways, default=0.0)

    def complaints(self) -> list[str]:
        """What of the promise was not kept, each in a line for people; none if all was.

        A repeat, which is none of it in a case that docs/restart.md tells of, is for `repeats`.
        """
        found = []
        if self._lines != [*self.written]:
            found.append(f"{self.name} wrote {[*self.written]}, the agent has read {self._lines}")
        if [text for text, _ in groupby(self.read)] != [*self.said]:
            found.append(f"the agent said {[*self.said]}, {self.name} has read {self.read}")
        return found

    @property
    def _lines(self) -> list[str]:
        lines = [] if self.chat is None else self.chat.lines
        return [line.text for line in lines if line.who == CUSTOMER]

    @property
    def _heard(self) -> dict[str, float]:
        lines = [] if self.chat is None else self.chat.lines
        return {line.text: line.at for line in lines if line.who == CUSTOMER}

    @property
    def _read(self) -> list[tuple[str, float]]:
        bubbles = self.sides.meta.model.thread(self.psid).bubbles
        return [(bubble.text, bubble.at) for bubble in bubbles if not bubble.mine]
