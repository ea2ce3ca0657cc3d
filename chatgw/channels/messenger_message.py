"""What the ``message`` member of a Messenger event says: text, a choice, or something else.

Wire reference, messaging channels 1.3.
"""

from __future__ import annotations

from chatgw.channels.loose_json import Record, items, label, record, scalar, words
from chatgw.channels.messenger_echo import echo_events
from chatgw.channels.messenger_item import Item, message_id, names, told
from chatgw.values import (
    Address,
    ChannelEvent,
    CustomerChose,
    CustomerSentUnsupported,
    CustomerUnsent,
    CustomerWrote,
    Words,
)

LIKES = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""The stickers of the thumb-up button: small, medium, large."""

LINK = "fallback"
"""The attachment that a pasted link gets by itself: the text says the same."""


def message_events(item: Item, value: object) -> list[ChannelEvent]:
    """What a message tells: a text or a choice, something unsupported, both, or a note.

    Something unsupported is told once, however many attachments there are (until August 2026 a
    sticker comes as two).
    """
    if isinstance(value, str):
        return [item.noticed("test", "message is a string")]
    message = record(value)
    if item.echo:
        return echo_events(item, message)
    address, mid = item.address, message.get("mid")
    if address is None:
        return [item.noticed("no address", names(record(item.value.get("sender"))))]

    if message.get("is_deleted"):
        return [_unsent(item, address, mid)]

    events: list[ChannelEvent] = []
    text = Words(words(message.get("text")) or _link(message))
    payload = scalar(record(message.get("quick_reply")).get("payload"))
    if payload:
        event_id = item.event_id("choice", mid)
        events.append(CustomerChose(address, item.at, event_id, payload, text))
    elif text.strip():
        event_id = item.event_id("text", mid)
        events.append(
            CustomerWrote(address, item.at, event_id, text, item.sent_at, message_id(mid))
        )
    if what := _unsupported(message, with_text=bool(events)):
        event_id = item.event_id("unsupported", mid)
        events.append(CustomerSentUnsupported(address, item.at, event_id, what))
    return events or [item.noticed("empty", told(message, "mid"))]


def _unsent(item: Item, address: Address, mid: object) -> ChannelEvent:
    """A message was taken back; it is of use to know which."""
    if name := message_id(mid):
        return CustomerUnsent(address, item.at, item.event_id("is_deleted", mid), name)
    return item.noticed("is_deleted", "no mid")


def _link(message: Record) -> str:
    """Title and address of a link that was shared without a text of its own."""
    for attachment in map(record, items(message.get("attachments"))):
        if attachment.get("type") == LINK:
            payload = record(attachment.get("payload"))
            shown = (words(payload.get(name)).strip() for name in ("title", "url"))
            return " ".join(filter(None, shown))
    return ""


def _unsupported(message: Record, *, with_text: bool) -> str:
    """The kind of what cannot be carried as text; empty if there is nothing of the sort."""
    attached = message.get("attachments")
    attachments = [record(one) for one in items(attached)] or [{}] * bool(attached)
    stickers = [scalar(message.get("sticker_id"))]
    stickers += [scalar(one.get("sticker_id")) for one in attachments]
    stickers += [scalar(record(one.get("payload")).get("sticker_id")) for one in attachments]
    kinds = [label(one.get("type")) or "attachment" for one in attachments]
    if with_text:
        kinds = [kind for kind in kinds if kind != LINK]

    if not LIKES.isdisjoint(stickers):
        return "like"
    if any(stickers):
        return "sticker"
    if kinds:
        return kinds[0]
    return "unsupported" if message.get("is_unsupported") else ""
