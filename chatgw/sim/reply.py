"""An HTTP answer as a value, so that a simulator can perform an operation before anyone answers."""

from __future__ import annotations

import json

from attrs import field, frozen
from twisted.web.iweb import IRequest


@frozen
class Reply:
    """What a simulator answers to one request."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(factory=dict)
    """Further headers."""

    def to(self, request: IRequest) -> bytes:
        """Sets the request's status and headers; gives the body for Klein to write."""
        request.setResponseCode(self.status)
        for name, value in {"content-type": self.content_type, **self.headers}.items():
            request.responseHeaders.setRawHeaders(name, [value])
        return self.body


def json_reply(data: object, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, json.dumps(data).encode(), "application/json")
