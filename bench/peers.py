"""Meta's Graph API and the desk in one: at once they answer whatever the gateway asks."""

# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import json
import re
import time
from collections import Counter
from itertools import count
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory

from bench.wire import Messages, message

AGENT = "agent7901"
_CURSOR = re.compile(r"eventid=([0-9]+)")
_COOKIE = re.compile(r"JSESSIONID=([0-9]+)")
_XML = "Content-Type: application/xml"
_JSON = "Content-Type: application/json"


@define(eq=False)
class Chat:
    """A chat at the desk."""

    events: list[str] = field(factory=list)
    """The XML of each, without its id; their ids are their places, from 1 on."""

    def joined(self) -> None:
        """An agent comes."""
        self.events.append(_event("Presence", f"<from>{AGENT}</from><status>joined</status>"))

    def wrote(self, text: str) -> None:
        """The agent writes."""
        self.events.append(_event("Message", f"<body>{text}</body><from>{AGENT}</from>"))

    def left(self) -> None:
        """The agent goes."""
        self.events.append(_event("Presence", f"<from>{AGENT}</from><status>left</status>"))

    def after(self, cursor: int) -> str:
        """The answer to a poll."""
        new = enumerate(self.events[cursor:], cursor + 1)
        return f"<chatEvents>{''.join(each.format(id=id_) for id_, each in new)}</chatEvents>"


@define(eq=False)
class Peers(Factory):
    """Graph and desk."""

    staffed: bool = True
    """Whether an agent joins each new chat at once."""
    chats: list[Chat] = field(factory=list)
    """The desk's chats, in the order of their opening."""
    calls: Counter[str] = field(factory=Counter)
    """How many there were of each kind: the desk's ``opened``, ``polled``, ``said``, ``left``;
    Graph's ``named``, ``sent``, ``acted``."""
    _awaited: dict[bytes, Deferred[float]] = field(factory=dict)
    _numbers: Any = field(factory=count)

    def buildProtocol(self, addr: object) -> Messages:  # noqa: N802 - Twisted's name
        """One of the gateway's connections."""
        return _Served(self)

    def passing(self, text: str) -> Deferred[float]:
        """Fires with the time (`time.perf_counter`) when this text comes in or goes out next."""
        passing: Deferred[float] = Deferred()
        self._awaited[text.encode()] = passing
        return passing

    def answer(self, head: str, body: bytes) -> bytes:
        """The answer to a request."""
        now = time.perf_counter()
        answer = self._answer(head, body)
        for text in [each for each in self._awaited if each in body or each in answer]:
            self._awaited.pop(text).callback(now)
        return answer

    def _answer(self, head: str, body: bytes) -> bytes:
        method, path, _ = head.split(" ", 2)
        if not path.startswith("/ccp/chat"):
            return self._graph(method, body)
        if method == "POST":
            return self._opened()
        if method == "GET":
            self.calls["polled"] += 1
            chat = self.chats[_found(_COOKIE, head)]
            return message("HTTP/1.1 200 OK", chat.after(_found(_CURSOR, path)).encode(), _XML)
        self.calls["left" if path.endswith("/leaveChat") else "said"] += 1
        return message("HTTP/1.1 200 OK", b"")

    def _opened(self) -> bytes:
        self.calls["opened"] += 1
        number, chat = len(self.chats), Chat()
        self.chats.append(chat)
        if self.staffed:
            chat.joined()
        return message(
            "HTTP/1.1 201 Created",
            b"",
            f"Set-Cookie: JSESSIONID={number:032}; Path=/ccp; HttpOnly",
            f"Location: http://localhost/ccp-webapp/ccp/socialcontact/{number:032}",
        )

    def _graph(self, method: str, body: bytes) -> bytes:
        if method == "GET":
            self.calls["named"] += 1
            answer = {"first_name": "Amar", "last_name": "Kumar", "id": "1"}
        else:
            self.calls["acted" if b"sender_action" in body else "sent"] += 1
            answer = {"recipient_id": "1", "message_id": f"m_{next(self._numbers)}"}
        return message("HTTP/1.1 200 OK", json.dumps(answer).encode(), _JSON)


class _Served(Messages):
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    def received(self, head: bytes, body: bytes) -> None:
        self.transport.write(self._peers.answer(head.decode("latin-1"), body))


def _event(kind: str, content: str) -> str:
    return f"<{kind}Event><id>{{id}}</id>{content}</{kind}Event>"


def _found(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    if found is None:
        raise AssertionError(f"no {pattern.pattern} in a request")
    return int(found[1])
