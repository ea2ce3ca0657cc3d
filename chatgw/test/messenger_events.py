"""What Messenger sends, as a table: wire reference, messaging channels 1.3 and 1.6."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from chatgw.channels.messenger_envelope import read_webhook
from chatgw.values import (
    ChannelEvent,
    CustomerActed,
    CustomerChose,
    CustomerEdited,
    CustomerOpened,
    CustomerSentUnsupported,
    CustomerUnsent,
    CustomerWrote,
    Echoed,
    Noticed,
    SomeoneAnswered,
    ThreadTaken,
)

PAGE = "682498171943165"
PSID = "1254459154682919"
NOW = 1_700_000_000.0

CASES: list[dict[str, Any]] = json.loads(
    files("chatgw.test").joinpath("messenger_events.json").read_text("utf-8")
)
"""``item`` as it comes (sender and recipient are the customer and the page where not given),
``tells`` as `told` puts it."""

ITEMS: list[dict[str, Any]] = [
    {"sender": {"id": PSID}, "recipient": {"id": PAGE}, **case["item"]} for case in CASES
]


def encoded(value: object) -> bytes:
    """A value as JSON."""
    return json.dumps(value).encode("ascii")


def post(*items: object, **more: object) -> bytes:
    """The body of a POST with one entry."""
    entry = {"id": PAGE, "time": 1458692752478, "messaging": items, **more}
    return encoded({"object": "page", "entry": [entry]})


def echo(**more: object) -> dict[str, Any]:
    """The echo of a message, as the page's app gets it."""
    told = {"is_echo": True, "mid": "m_e", "text": "hello", **more}
    return {"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": told}


def message(text: str = "hi", mid: str = "m_1", **more: object) -> dict[str, Any]:
    """An item with a text."""
    return {
        "sender": {"id": PSID},
        "recipient": {"id": PAGE},
        "timestamp": 1458692752478,
        "message": {"mid": mid, "text": text, **more},
    }


def read(body: bytes, page: str | None = PAGE) -> list[ChannelEvent]:
    """What the webhook's reader makes of a body that comes at `NOW`."""
    return read_webhook(body, NOW, page)


def told(event: ChannelEvent) -> list[str]:
    """An event without its circumstances: ``["text", "hi"]``."""
    match event:
        case CustomerWrote():
            return ["text", event.text]
        case CustomerChose():
            return ["choice", event.payload, event.title]
        case CustomerSentUnsupported():
            return ["unsupported", event.what]
        case CustomerOpened():
            return ["opened"]
        case CustomerActed():
            return ["acted"]
        case CustomerEdited():
            return ["edited", event.message_id, event.text]
        case CustomerUnsent():
            return ["unsent", event.message_id]
        case SomeoneAnswered():
            return ["answered", "inbox" if event.inbox else "elsewhere", event.text]
        case ThreadTaken():
            return ["thread taken"]
        case Echoed():
            return ["echoed", event.effect_id, event.message_id]
        case Noticed():
            return ["alarm" if event.alarm else "noticed", event.kind, event.detail]
