"""What Meta tells a page's app: the items of ``messaging`` (wire reference, channels 1.3)."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

FIELDS = frozenset(
    {
        "messages",
        "messaging_postbacks",
        "message_deliveries",
        "message_reads",
        "message_echoes",
        "message_reactions",
        "message_edits",
    }
)
"""The webhook fields a page's app can subscribe to here."""

LIKE_STICKER = 369239263222822
"""The small thumb; Meta has two larger ones."""

_CDN = "https://scontent.xx.fbcdn.net/v/t39.1997-6/"

_REACTIONS = {
    "❤": "love",
    "😆": "smile",
    "😮": "wow",
    "😢": "sad",
    "😠": "angry",
    "👍": "like",
    "👎": "dislike",
}


@frozen
class Event:
    """One item for the webhook."""

    field: str
    """The subscription it belongs to, one of `FIELDS`."""
    item: Mapping[str, object]
    psid: str
    """The customer of whose thread it tells."""
    mid: str = ""
    """The customer's message that is in it, if one is."""


def from_customer(
    psid: str, page_id: str, at: float, member: str, value: Mapping[str, object]
) -> dict[str, object]:
    """An item that the customer caused: ``value`` under the name ``member``, at ``at`` (s)."""
    return {
        "sender": {"id": psid},
        "recipient": {"id": page_id},
        "timestamp": milliseconds(at),
        member: value,
    }


def echo(
    page_id: str, psid: str, at: float, mid: str, app_id: str, message: Mapping[str, object]
) -> dict[str, object]:
    """An item that tells the page's app what was sent as the page, by itself or by another."""
    told = {"is_echo": True, "app_id": int(app_id), "mid": mid, **message}
    return from_customer(page_id, psid, at, "message", told)


def delivery(psid: str, page_id: str, at: float, mid: str) -> dict[str, object]:
    """An item that tells that a message reached the customer's device; it has no timestamp."""
    return {
        "sender": {"id": psid},
        "recipient": {"id": page_id},
        "delivery": {"mids": [mid], "watermark": milliseconds(at)},
    }


def sticker(sticker_id: int | str, *, twice: bool) -> list[dict[str, object]]:
    """A sticker's attachments: while Meta changes over, it comes as an image besides."""
    url = f"{_CDN}{sticker_id}.png"
    payload = {"sticker_id": sticker_id, "url": url}
    return [{"type": "sticker", "payload": payload}, *(photo(url) if twice else [])]


def photo(url: str) -> list[dict[str, object]]:
    """A photo's attachment."""
    return [{"type": "image", "payload": {"url": url}}]


def location(lat: float, long: float) -> list[dict[str, object]]:
    """A location's attachment."""
    return [{"type": "location", "payload": {"coordinates": {"lat": lat, "long": long}}}]


def reaction(mid: str, emoji: str) -> dict[str, object]:
    """A reaction to a message; an empty emoji takes it back."""
    if not emoji:
        return {"action": "unreact", "mid": mid}
    name = _REACTIONS.get(emoji.rstrip("\ufe0f"), "other")
    return {"action": "react", "reaction": name, "emoji": emoji, "mid": mid}


def milliseconds(seconds: float) -> int:
    """Meta's timestamps."""
    return int(seconds * 1000)
