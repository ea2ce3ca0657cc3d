"""A Messenger thread as its customer sees it: bubbles, quick replies, typing dots, marks."""

from __future__ import annotations

from attrs import Factory, define, frozen


@frozen
class Customer:
    """A person, by the id that only this page knows them by (the PSID)."""

    psid: str
    first_name: str = ""
    last_name: str = ""


@frozen
class QuickReply:
    """One chip: what it says, and what comes back when it is tapped."""

    title: str
    payload: str


@define(eq=False)
class Bubble:
    """One message of a thread."""

    mid: str
    mine: bool
    """Whether the customer sent it; else the page did."""
    kind: str
    """``text``, ``sticker``, ``like``, ``photo``, ``location``, or ``attachment`` (the page's)."""
    text: str
    at: float
    quick_replies: tuple[QuickReply, ...] = ()
    payload: str = ""
    """The payload of the quick reply that the customer tapped."""
    metadata: str = ""
    """What the page's app attached for its own use."""
    messaging_type: str = ""
    tag: str = ""
    reaction: str = ""
    edits: int = 0
    unsent: bool = False
    delivered: bool = False
    """The page's app has taken the event of it (the customer's bubbles only)."""
    seen: bool = False
    """The other side has read it."""

    @property
    def mark(self) -> str:
        """How far the bubble has come: ``sent``, ``delivered`` or ``seen``."""
        if self.seen:
            return "seen"
        return "delivered" if self.delivered else "sent"


@define(eq=False)
class Thread:
    """All that passed between one customer and the page."""

    customer: Customer
    bubbles: list[Bubble] = Factory(list)
    actions: list[tuple[float, str]] = Factory(list)
    """The page's sender actions, each with its time."""
    typing_until: float = 0.0
    """When the dots vanish by themselves."""
    active_at: float | None = None
    """When the customer last did what opens the 24 h window; None for never."""
    blocked: bool = False
    """Whether the customer has blocked the page."""

    @property
    def chips(self) -> tuple[QuickReply, ...]:
        """The quick replies on offer: those of the last message, and of no earlier one."""
        return self.bubbles[-1].quick_replies if self.bubbles else ()

    def texts(self, *, mine: bool) -> list[str]:
        """The texts of one side, in order."""
        return [bubble.text for bubble in self.bubbles if bubble.mine is mine and bubble.text]

    def bubble(self, mid: str) -> Bubble:
        """The bubble of an id.

        Raises:
            LookupError: there is none.
        """
        for bubble in self.bubbles:
            if bubble.mid == mid:
                return bubble
        raise LookupError(f"no message {mid} in this thread")
