"""One call of the Graph API, however it was written down.

Clients put the version into the path or not, and their arguments, the token among them, into the
query, a form (what is nested as JSON text), or a JSON body, where some spell out what they leave
empty as null. All of it is taken (wire reference, messaging channels 3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from attrs import frozen
from twisted.web.iweb import IRequest

from chatgw.sim.meta.errors import GraphError

_VERSION = re.compile(r"v\d+\.\d+")


@frozen
class Call:
    """What a client asks of the Graph API."""

    method: str
    path: tuple[str, ...]
    """The segments of the path, without the version."""
    arguments: Mapping[str, object]
    token: str
    """The access token given, empty for none."""

    @classmethod
    def of(cls, request: IRequest) -> Call:
        """Reads a request.

        Raises:
            GraphError: its body is not what it says it is.
        """
        path = [part for part in request.path.decode(errors="replace").split("/") if part]
        if path and _VERSION.fullmatch(path[0]):
            del path[0]
        arguments = {**_listed(request), **_posted(request)}
        return cls(request.method.decode(), tuple(path), arguments, _token(request, arguments))

    def text(self, name: str) -> str:
        """An argument that is a text, or an id written as a number; empty if it is not there."""
        value = self.arguments.get(name)
        return str(value) if isinstance(value, str | int) else ""


def _listed(request: IRequest) -> dict[str, object]:
    """The arguments in the query and, as Twisted adds them, in a form."""
    listed: dict[str, object] = {}
    for name, values in (request.args or {}).items():
        text = values[0].decode(errors="replace")
        nested = text.startswith(("{", "["))
        listed[name.decode(errors="replace")] = _parsed(text) if nested else text
    return listed


def _posted(request: IRequest) -> dict[str, object]:
    """The arguments in a JSON body."""
    kind = request.requestHeaders.getRawHeaders("content-type", [""])[0]
    if not kind.startswith("application/json"):
        return {}
    posted = _parsed(request.content.read() or b"{}")
    if not isinstance(posted, dict):
        raise GraphError(100, message="The body is not a JSON object")
    return posted


def _token(request: IRequest, arguments: Mapping[str, object]) -> str:
    header = request.requestHeaders.getRawHeaders("authorization", [""])[0]
    scheme, _, token = header.partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        return str(token.strip())
    given = arguments.get("access_token")
    return given if isinstance(given, str) else ""


def _parsed(text: str | bytes) -> object:
    try:
        return _filled(json.loads(text))
    except (ValueError, RecursionError):
        raise GraphError(100, message="Invalid JSON in the parameters") from None


def _filled(value: object) -> object:
    """A JSON value without the members that are null."""
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner is not None}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value
