"""One chat: who is in the room, what was said, and the events the customer's side may ask for.

A chat knows no time but the one it is told, and no timers: those are the contact centre's.
"""

from __future__ import annotations

from attrs import define, field, frozen

from chatgw.sim.socialminer import events
from chatgw.sim.socialminer.contact import Contact
from chatgw.sim.socialminer.events import Event

CUSTOMER = "customer"
"""Who speaks in a transcript's line, where it is not an agent."""


class NotPossibleError(ValueError):
    """The contact centre does not allow it; the text says why."""


@frozen
class Line:
    """One text said in a chat."""

    who: str
    """The agent's id, or `CUSTOMER`."""
    text: str
    at: float
    """Seconds since the epoch."""


@define(eq=False)
class Chat:
    """A chat between a customer and the agents who joined it."""

    contact: Contact
    events: list[Event] = field(factory=list)
    lines: list[Line] = field(factory=list)
    agents: list[str] = field(factory=list)
    """Those in the room now."""
    served_by: list[str] = field(factory=list)
    """All who ever joined, in their order."""
    ratings: list[int] = field(factory=list)
    """The ratings received; more than one if it was submitted more than once."""
    customer_present: bool = True
    customer_typing: bool = False
    rejected: bool = False
    """Whether no agent was logged in when it came: it is offered to nobody."""
    ended: str = ""
    """Why the customer's session is over; empty while it lasts."""

    @property
    def waiting(self) -> bool:
        """Whether an agent may accept it."""
        return not (self.served_by or self.ended or self.rejected) and self.customer_present

    def events_after(self, number: int, everything: bool) -> list[Event]:
        """The events after one, the customer's own messages only if ``everything`` is asked for."""
        return [event for event in self.events[number:] if everything or not event.own]

    def report(self, text: str, detail: str = "") -> None:
        """Adds a status event."""
        self.events.append(events.status(self._next, text, detail))

    def join(self, agent: str) -> None:
        """An agent enters.

        Raises:
            NotPossibleError: the agent is in it already, or the chat is over for the customer.
        """
        if agent in self.agents:
            raise NotPossibleError(f"{agent} is in this chat already")
        if self.ended or not self.customer_present:
            raise NotPossibleError("the customer has gone")
        self.agents.append(agent)
        self.served_by.append(agent)
        self.events.append(events.presence(self._next, agent, "joined"))

    def leave(self, agent: str) -> None:
        """An agent leaves.

        Raises:
            NotPossibleError: the agent is not in it.
        """
        self._require_presence(agent)
        self.agents.remove(agent)
        self.events.append(events.presence(self._next, agent, "left"))

    def say(self, agent: str, text: str, at: float) -> None:
        """An agent says something.

        Raises:
            NotPossibleError: the agent is not in it, or the session is over.
        """
        self._require_speech(agent)
        self.lines.append(Line(agent, text, at))
        self.events.append(events.message(self._next, agent, text))

    def type(self, agent: str, text: str) -> None:
        """An agent is ``composing`` or has ``paused``.

        Raises:
            NotPossibleError: as for `say`, or it is some other word.
        """
        self._require_speech(agent)
        if text not in ("composing", "paused"):
            raise NotPossibleError("typing is composing or paused")
        self.events.append(events.typing(self._next, agent, text))

    def hear(self, text: str, at: float) -> None:
        """The customer says something; it takes an event's number too."""
        self.customer_typing = False
        self.lines.append(Line(CUSTOMER, text, at))
        self.events.append(events.message(self._next, self.contact.request.author, text, own=True))

    @property
    def _next(self) -> int:
        return len(self.events) + 1

    def _require_presence(self, agent: str) -> None:
        if agent not in self.agents:
            raise NotPossibleError(f"{agent} is not in this chat")

    def _require_speech(self, agent: str) -> None:
        self._require_presence(agent)
        if self.ended:
            raise NotPossibleError(f"the chat has ended: {self.ended}")
