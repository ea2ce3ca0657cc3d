"""The webhooks of a page's customers, signed and spelt as Meta does."""

from __future__ import annotations

import time
from itertools import count

from bench.wire import message
from chatgw.sim.meta.signing import escaped, signatures
from chatgw.values import Secret

PAGE = "682498171943165"
APP_SECRET = "of-the-measured-app"  # noqa: S105 - nobody else's

_numbers = count(1)


def customer() -> str:
    """The id of a customer who has never been heard of."""
    return f"{24_000_000_000_000 + next(_numbers)}"


def wrote(customer: str, text: str) -> bytes:
    """The request by which Meta tells that a customer has written."""
    return _request(customer, {"text": text})


def chose(customer: str, title: str, payload: str) -> bytes:
    """The request by which Meta tells that a customer has tapped a choice."""
    return _request(customer, {"text": title, "quick_reply": {"payload": payload}})


def _request(customer: str, content: dict[str, object]) -> bytes:
    now = int(time.time() * 1000)
    body = escaped(
        {
            "object": "page",
            "entry": [
                {
                    "id": PAGE,
                    "time": now,
                    "messaging": [
                        {
                            "sender": {"id": customer},
                            "recipient": {"id": PAGE},
                            "timestamp": now,
                            "message": {"mid": f"m_{next(_numbers):0>80}", **content},
                        }
                    ],
                }
            ],
        }
    )
    return message(
        "POST /fbm HTTP/1.1",
        body,
        "Host: chatgw.example.com:10443",
        "Accept: */*",
        "Content-Type: application/json",
        "User-Agent: facebookexternalua",
        *(f"{name}: {value}" for name, value in signatures(Secret(APP_SECRET), body).items()),
    )
