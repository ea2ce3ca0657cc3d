"""One thing a Messenger webhook tells, before it is known what: who, where, and its name."""

from __future__ import annotations

from functools import cached_property

from attrs import field, frozen

from chatgw.channels.loose_json import Record, digest, ident, label, number, record
from chatgw.values import Address, Noticed

CHANNEL = "FACEBOOK_MESSENGER"

_OLDEST = 8 * 86_400.0
_AHEAD = 300.0
_MILLISECONDS = 1e12

_EVERYWHERE = frozenset({"sender", "recipient", "timestamp", "id", "time"})
_MOST_NAMES = 5


@frozen(slots=False)
class Item:
    """An item of ``entry[].messaging[]`` (wire reference, messaging channels 1.2)."""

    page: str
    """The id of the page it came to; empty if it does not say."""
    at: float
    """When it came, in seconds since the epoch."""
    value: Record = field(repr=False)

    @cached_property
    def sent_at(self) -> float | None:
        """When it happened by Meta's clock, in seconds since the epoch; None if that is not told.

        Meta counts milliseconds, and seconds in some kinds of event (wire reference, 1.2). Eight
        days ago, or five minutes ahead, is not believed.
        """
        stamp = number(self.value.get("timestamp"))
        if stamp >= _MILLISECONDS:
            stamp /= 1000
        believed = stamp and self.at - _OLDEST <= stamp <= self.at + _AHEAD
        return stamp if believed else None

    @cached_property
    def sender(self) -> str:
        """The id of who caused it; empty for a ``user_ref``, or where nobody did."""
        return ident(record(self.value.get("sender")).get("id"))

    @cached_property
    def recipient(self) -> str:
        """The id of the other side."""
        return ident(record(self.value.get("recipient")).get("id"))

    @cached_property
    def echo(self) -> bool:
        """Whether it tells what was sent in the page's name, by chatgw or by someone else."""
        marked = bool(record(self.value.get("message")).get("is_echo"))
        return marked or bool(self.page and self.sender == self.page)

    @property
    def page_side(self) -> str:
        """The id on the company's side; empty if it does not say."""
        return self.sender if self.echo else self.recipient

    @cached_property
    def address(self) -> Address | None:
        """The customer's address, None if the item names no customer or no page."""
        customer = self.recipient if self.echo else self.sender
        if not (self.page and customer):
            return None
        return Address(channel=CHANNEL, account=self.page, customer=customer)

    @property
    def customer(self) -> Address | None:
        """The address of the customer who did it; None if it was the page, or nobody."""
        return None if self.echo else self.address

    def event_id(self, kind: str, mid: object = None) -> str:
        """Names an event for good, so that it is known again when it is delivered again.

        Args:
            kind: the kind of event; one item can tell two.
            mid: the id of the message that the item brings. Without one, the content names the
                event.
        """
        name = message_id(mid) or digest(self.value)
        return f"{CHANNEL}/{self.page}/{name}/{kind}"

    def noticed(self, kind: str, detail: str = "", *, alarm: bool = False) -> Noticed:
        """The item as an event that moves no conversation."""
        return Noticed(
            address=self.address,
            at=self.at,
            event_id=self.event_id(kind),
            kind=kind,
            detail=detail,
            alarm=alarm,
        )


def message_id(mid: object) -> str:
    """The one name of a message; empty if it has none.

    Meta prints the same id with and without a leading ``m_`` (wire reference, messaging channels
    1.3).
    """
    return ident(mid).removeprefix("m_")


def names(value: Record) -> str:
    """The names of an object's members for the log, the first few that say what it is."""
    return ", ".join(label(name) for name in sorted(value.keys() - _EVERYWHERE)[:_MOST_NAMES])


def told(value: Record, *names: str) -> str:
    """Members of an object for the log, those that are there: ``action=block, reason=spam``."""
    labelled = ((name, label(value.get(name))) for name in names)
    return ", ".join(f"{name}={text}" for name, text in labelled if text)
