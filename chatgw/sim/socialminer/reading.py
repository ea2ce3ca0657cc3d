"""Reads what customers' clients send: XML, and the fields of forms and redirects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from chatgw.sim.socialminer.contact import ChatRequest

MOST_FIELDS = 100
MOST_BYTES = 1_048_576
"""Limits of a contact's extension fields (wire reference, SocialMiner 1.2)."""

NOT_STORED = ("chatLogo", "chatWaiting", "chatAgentJoinTimeOut", "chatError")
"""Fields of the chat form that serve its page only."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnreadableError(ValueError):
    """A client sent what SocialMiner does not take; the text says why."""


def read_chat_request(body: bytes) -> ChatRequest:
    """The chat a ``<SocialContact>`` asks for.

    Raises:
        UnreadableError: it is not one, or it lacks something.
    """
    root = _root(body, "SocialContact")
    fields = {
        field.findtext("name", ""): field.findtext("value", "")
        for field in root.iterfind("extensionFields/extensionField")
    }
    feed = re.search(r"/feed/(\d+)/?$", root.findtext("feedRefURL", "").strip())
    if feed is None:
        raise UnreadableError("feedRefURL does not name a feed")
    return _checked(
        ChatRequest(
            feed[1],
            root.findtext("author", ""),
            root.findtext("title", ""),
            root.findtext("description", ""),
            fields,
        )
    )


def read_chat_form(feed_id: str, arguments: Mapping[bytes, Sequence[bytes]]) -> ChatRequest:
    """The chat asked for by a form or a redirect's query.

    Raises:
        UnreadableError: it lacks something.
    """
    given = {
        name.decode(errors="replace"): legal(values[0].decode(errors="replace"))
        for name, values in arguments.items()
    }
    prefix = "extensionField_"
    fields = {
        legal(name.removeprefix(prefix)): value
        for name, value in given.items()
        if name.startswith(prefix) and name.removeprefix(prefix) not in NOT_STORED
    }
    author, title = given.get("author", ""), given.get("title", "")
    return _checked(ChatRequest(feed_id, author, title, given.get("description", ""), fields))


def read_message(body: bytes) -> str:
    """The text of a ``<Message>``, which is plain and not form-encoded.

    Raises:
        UnreadableError: it is not one.
    """
    text = _root(body, "Message").findtext("body")
    if text is None:
        raise UnreadableError("Message has no body")
    return text


def read_typing(body: bytes) -> str:
    """The status of a ``<TypingEvent>``: ``composing`` or ``paused``.

    Raises:
        UnreadableError: it is not one.
    """
    status = _root(body, "TypingEvent").findtext("status", "")
    if status not in ("composing", "paused"):
        raise UnreadableError("status is composing or paused")
    return status


def read_rating(body: bytes) -> int:
    """The number in any XML.

    The real call's body is not known (wire reference, SocialMiner 3), so any element will do.

    Raises:
        UnreadableError: there is no number in it.
    """
    for element in _root(body).iter():
        if re.fullmatch(r"\s*[0-9]{1,3}\s*", element.text or "", re.ASCII):
            return int(element.text or "")
    raise UnreadableError("no rating found")


def legal(text: str) -> str:
    """A text without the characters that XML 1.0 does not allow."""
    return _ILLEGAL.sub("", text)


def _root(body: bytes, name: str | None = None) -> Element:
    if len(body) > MOST_BYTES:
        raise UnreadableError("the body is too long")
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise UnreadableError(f"not well-formed XML: {error}") from None
    if name is not None and root.tag != name:
        raise UnreadableError(f"expected {name}, found {legal(root.tag)}")
    return root


def _checked(request: ChatRequest) -> ChatRequest:
    if not request.author or not request.title:
        raise UnreadableError("author and title are required")
    size = sum(len(name) + len(value) for name, value in request.fields.items())
    if len(request.fields) > MOST_FIELDS or size > MOST_BYTES:
        raise UnreadableError("too many extension fields")
    return request
