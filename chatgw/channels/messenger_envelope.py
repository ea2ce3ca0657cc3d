"""The envelope of a Messenger webhook: what it holds, and what of it is meant for this page.

Wire reference, messaging channels 1.2 (the envelope) and 1.6 (what Meta's Test button sends,
which must start no chat).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from math import inf
from operator import itemgetter

from chatgw.channels.loose_json import ident, items, label, parse, record
from chatgw.channels.messenger_events import events_of
from chatgw.channels.messenger_item import CHANNEL, Item, names
from chatgw.values import ChannelEvent, Noticed

MOST_EVENTS = 5_000
"""Events read of one POST. Meta puts at most 1,000 into one, and one or two in practice."""

_Dated = tuple[float | None, ChannelEvent]
"""An event and when it happened, if that is told."""

TEST_PAGE = "0"
"""The page id that the dashboard's Test button sends."""


def read_webhook(body: bytes, at: float, page: str | None) -> list[ChannelEvent]:
    """All that a POST tells, in the order in which it happened.

    Never raises: what cannot be read, or is not for us, becomes a `Noticed` with kind
    ``unreadable``, ``test``, ``other object``, ``other page``, ``standby``, ``changes``, ``no
    address``, ``empty`` or ``unknown``, and takes nothing beside it along.

    Args:
        body: the bytes received.
        at: now, in seconds since the epoch.
        page: the page's id; None to take the events of every page.
    """
    try:
        envelope = parse(body)
    except ValueError as error:
        return [_about(body, at, "unreadable", label(str(error)))]
    post = record(envelope)
    if "field" in post and "object" not in post:
        return [_about(body, at, "test", label(post["field"]))]
    if not post:
        return [_about(body, at, "unreadable", f"not an object: {type(envelope).__name__}")]
    if post.get("object") != "page":
        return [_about(body, at, "other object", label(post.get("object")))]

    told = chain.from_iterable(_entry(entry, at, page) for entry in items(post.get("entry")))
    events = _in_order(islice(told, MOST_EVENTS))
    if not events:
        return [_about(body, at, "empty", "no entry")]
    if next(told, None) is not None:
        events.append(_about(body, at, "unreadable", f"nothing read after {MOST_EVENTS} events"))
    return events


def _in_order(told: Iterable[_Dated]) -> list[ChannelEvent]:
    """The events by the time at which they happened; one without stays behind its neighbour.

    Meta does not keep the order where it had to deliver something again (wire reference, 1.5).
    """
    latest = -inf
    dated = []
    for sent_at, event in told:
        latest = latest if sent_at is None else sent_at
        dated.append((latest, event))
    return [event for _, event in sorted(dated, key=itemgetter(0))]


def _entry(entry: object, at: float, page: str | None) -> Iterator[_Dated]:
    """What one entry tells. It can hold events for us and on standby together."""
    members = record(entry)
    entry_page = ident(members.get("id"))
    messaging, standby, changes = (
        items(members.get(name)) for name in ("messaging", "standby", "changes")
    )
    for value in messaging:
        item = _item(entry_page, at, value)
        for event in _read(item, page):
            yield item.sent_at, event
    for value in standby:
        item = _item(entry_page, at, value)
        yield item.sent_at, item.noticed("standby", names(item.value))
    for change in changes:
        kind = "test" if entry_page == TEST_PAGE else "changes"
        detail = label(record(change).get("field"))
        yield None, Item(entry_page, at, record(change)).noticed(kind, detail)
    if not (messaging or standby or changes):
        detail = names(members)
        event = Item(entry_page, at, members).noticed("unknown" if detail else "empty", detail)
        yield None, event


def _item(entry_page: str, at: float, value: object) -> Item:
    """An item of an entry; where the entry names no page (surveys), the item itself may."""
    item = Item("", at, record(value))
    return Item(entry_page or item.page_side, at, item.value)


def _read(item: Item, page: str | None) -> list[ChannelEvent]:
    """What an item tells, if it is for this page."""
    if item.page == TEST_PAGE:
        return [item.noticed("test", names(item.value))]
    pages = {item.page, item.page_side, page or ""} - {""}
    if len(pages) > 1:
        return [item.noticed("other page", label(item.page))]
    return events_of(item)


def _about(body: bytes, at: float, kind: str, detail: str) -> Noticed:
    """Tells something of a POST as a whole."""
    event_id = "/".join((CHANNEL, "", hashlib.sha256(body).hexdigest(), kind))
    return Noticed(address=None, at=at, event_id=event_id, kind=kind, detail=detail)
