"""The answer to a poll, read into events (wire reference, SocialMiner 1.3, 1.4 and 2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element

from attrs import frozen

from chatgw.desks.socialminer_xml import MalformedXMLError, document, one_line, tag
from chatgw.interfaces import Batch
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    DeskEvent,
    DeskStatus,
    Words,
)

# Nearly every answer is empty; this spares the parser.
_EMPTY = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>)?\s*<chatEvents\s*(?:/>|>\s*</chatEvents\s*>)\s*", re.IGNORECASE
)
_EMPTY_LIMIT: Final = 200
# What a form encoder writes, with one escape at least.
_FORM_ENCODED = re.compile(r"(?=.*%)(?:[\w.*+-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
# Only the desk writes these; anything else may be a person's words.
_DESKS_OWN = frozenset({"id", "from", "status", "detail"})
_DEPTH: Final = 4


@frozen
class Reading:
    """An answer read: its events, and what was passed over."""

    batch: Batch
    skipped: tuple[str, ...] = ()
    """Kind and id of each event that could not be understood, for the log."""


NOTHING: Final = Reading(Batch((), {"chatEvents": ""}))


def read_events(body: bytes, after: int) -> Reading:
    """Reads the answer to a poll.

    An event that cannot be understood is passed over, and costs its neighbours nothing.

    Args:
        body: the bytes received.
        after: the id of the last event handled; events up to it are left out.

    Raises:
        MalformedXMLError: this is not a ``chatEvents`` document.
    """
    if len(body) < _EMPTY_LIMIT and _EMPTY.fullmatch(body):
        return NOTHING
    root = _chat_events(body)
    events: dict[int, DeskEvent] = {}
    skipped: list[str] = []
    for element in root:
        event = _event(element)
        if event is None:
            skipped.append(one_line(f"{tag(element)} {element.findtext('id', '')}", 60))
        elif event.id > after:
            events.setdefault(event.id, event)
    in_order = tuple(event for _, event in sorted(events.items()))
    return Reading(Batch(in_order, {"chatEvents": _raw(root)}), tuple(skipped))


def message_ids(body: bytes) -> frozenset[int]:
    """The ids of the texts in an answer to a poll, whoever wrote them.

    Raises:
        MalformedXMLError: this is not a ``chatEvents`` document.
    """
    texts = (_id(element) for element in _chat_events(body) if tag(element) == "MessageEvent")
    return frozenset(id_ for id_ in texts if id_ is not None)


def _chat_events(body: bytes) -> Element:
    root = document(body)
    if tag(root).lower() != "chatevents":
        raise MalformedXMLError("not a chatEvents document")
    return root


def _id(event: Element) -> int | None:
    number = next((child.text or "" for child in event if tag(child) == "id"), "").strip()
    return int(number) if _ID.fullmatch(number) else None


def _event(element: Element) -> DeskEvent | None:
    id_ = _id(element)
    if id_ is None:
        return None
    fields = {tag(child): child.text or "" for child in element}
    # A missing name loses no event: an agent who leaves unnamed has still left.
    agent = _name(one_line(fields.get("from")))
    match tag(element), fields.get("status", "").strip():
        case "StatusEvent", status if status:
            return DeskStatus(id_, one_line(status), one_line(fields.get("detail")))
        case "PresenceEvent", "joined":
            return AgentJoined(id_, agent)
        case "PresenceEvent", "left":
            return AgentLeft(id_, agent)
        case "TypingEvent", ("composing" | "paused") as status:
            return AgentTyping(id_, agent, status)
        case "MessageEvent", _ if fields.get("body"):
            return AgentWrote(id_, agent, Words(unquote_plus(fields["body"])))
        case kind, status:
            # Passed on, so that the cursor gets past it. The brackets keep it from being taken
            # for a status that means something.
            return DeskStatus(id_, one_line(f"{kind}[{status}]", 60))


def _name(name: str) -> str:
    """An agent's name, decoded if nothing but a form encoder can have written it so.

    Whether SocialMiner encodes names is not documented; ``C++ Support`` and ``100% Kim`` must
    stay what they are.
    """
    return unquote_plus(name) if _FORM_ENCODED.fullmatch(name) else name


def _raw(parent: Iterable[Element], depth: int = 1) -> object:
    """Elements in the shape the predecessor's log shows them in (its xml2js): a dict.

    An only child stands for itself, siblings of one name become a list; no children, no dict.
    """
    shape: dict[str, list[object]] = {}
    for child in parent:
        shape.setdefault(tag(child), []).append(_shown(child, depth))
    return {name: values if len(values) > 1 else values[0] for name, values in shape.items()} or ""


def _shown(element: Element, depth: int) -> object:
    if len(element):
        return _raw(element, depth + 1) if depth < _DEPTH else "[Object]"
    text = element.text or ""
    return text if tag(element) in _DESKS_OWN else Words(text)
