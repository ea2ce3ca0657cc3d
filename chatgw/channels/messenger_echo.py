"""The echoes of what was sent in the page's name: by chatgw, by a person, by another application.

Each message that chatgw sends carries a mark in its ``metadata``, which comes back in the echo: the
only proof that a message was sent whose answer was lost (wire reference, messaging channels 1.3).
"""

from __future__ import annotations

import re

from chatgw.channels.loose_json import Record, ident, scalar, words
from chatgw.channels.messenger_item import Item, message_id, told
from chatgw.values import ChannelEvent, Echoed, SomeoneAnswered, Words

INBOXES = frozenset({"26390203743090", "263902037430900"})
"""The app of the page's own inbox. Meta prints both; the wire reference knows no better."""

_OURS = "chatgw:"
_FORMERLY_OURS = re.compile(r"[0-9a-f]{18}-[0-9]+(\.[0-9]+)?")
"""An effect's id alone, by which messages were marked before."""


def mark(effect_id: str) -> str:
    """The ``metadata`` of a message sent for an effect."""
    return f"{_OURS}{effect_id}"


def echo_events(item: Item, message: Record) -> list[ChannelEvent]:
    """What an echo tells: that a message of ours was sent, or that someone else wrote."""
    address, mid = item.address, message.get("mid")
    if address is None:
        return [item.noticed("echo", told(message, "app_id", "metadata", "mid"))]
    if message.get("is_deleted"):
        return [item.noticed("is_deleted", told(message, "app_id", "mid"))]
    event_id = item.event_id("echo", mid)
    if effect_id := _effect_id(scalar(message.get("metadata"))):
        return [Echoed(address, item.at, event_id, effect_id, message_id(mid))]
    app = scalar(message.get("app_id"))
    text = Words(words(message.get("text")))
    return [SomeoneAnswered(address, item.at, event_id, text, inbox=not app or app in INBOXES)]


def _effect_id(metadata: str) -> str:
    """The id of the effect that a message was marked with; empty if the mark is not ours."""
    if metadata.startswith(_OURS):
        return ident(metadata.removeprefix(_OURS))
    return metadata if _FORMERLY_OURS.fullmatch(metadata) else ""
