"""Which kinds of event Messenger sends, and what each means for a gateway that carries text.

The member an item has besides sender, recipient and timestamp tells its kind (wire reference,
messaging channels 1.3). Members that say more about a message (``nlp``, ``tags``) are ignored.
"""

from __future__ import annotations

from collections.abc import Callable

from chatgw.channels.loose_json import digest, ident, record, scalar, words
from chatgw.channels.messenger_item import Item, message_id, names, told
from chatgw.channels.messenger_message import message_events
from chatgw.values import (
    ChannelEvent,
    CustomerActed,
    CustomerChose,
    CustomerEdited,
    CustomerOpened,
    CustomerSentUnsupported,
    ThreadTaken,
    Words,
)

GET_STARTED = frozenset({"GET_STARTED", "GET_STARTED_PAYLOAD"})
"""The payloads of the "Get started" button in use; a page may set another, which is a choice."""


def events_of(item: Item) -> list[ChannelEvent]:
    """What one item tells; at least one event, if only that it was noticed."""
    for kind, read in _READ.items():
        if item.value.get(kind) is not None:
            return read(item, item.value[kind])
    for kind, members in _NOTED.items():
        if item.value.get(kind) is not None:
            if kind in _ACTS and item.customer is not None:
                return [CustomerActed(item.customer, item.at, item.event_id(kind))]
            return [item.noticed(kind, told(record(item.value[kind]), *members))]
    unknown = names(item.value)
    return [item.noticed("unknown" if unknown else "empty", unknown)]


def _postback(item: Item, value: object) -> list[ChannelEvent]:
    """A button: of the conversation, of the page's menu, or "Get started"."""
    postback = record(value)
    payload = scalar(postback.get("payload"))
    address = item.customer
    if address is None or not payload:
        return [item.noticed("postback", "no address" if payload else "no payload")]
    # Buttons have a mid since Graph 11 only.
    mid = ident(postback.get("mid")) or digest([item.sender, item.value.get("timestamp"), payload])
    event_id = item.event_id("postback", mid)
    if payload in GET_STARTED:
        return [CustomerOpened(address, item.at, event_id)]
    title = Words(words(postback.get("title")))
    return [CustomerChose(address, item.at, event_id, payload, title)]


def _edited(item: Item, value: object) -> list[ChannelEvent]:
    """A message was changed. It can be changed five times, each of them an event of its own."""
    edit = record(value)
    mid, number = edit.get("mid"), ident(edit.get("num_edit"))
    name, text = message_id(mid), Words(words(edit.get("text")))
    if item.customer is None or not name or not text.strip():
        return [item.noticed("message_edit", told(edit, "mid", "num_edit"))]
    event_id = item.event_id(f"edit.{number}", mid) if number else item.event_id("edit")
    return [CustomerEdited(item.customer, item.at, event_id, name, text)]


def _taken(item: Item, value: object) -> list[ChannelEvent]:
    """Another application, or a person in the page's inbox, took the conversation."""
    if item.address is None:
        return [item.noticed("take_thread_control", told(record(value), *_OWNERS))]
    return [ThreadTaken(item.address, item.at, item.event_id("take_thread_control"))]


def _order(item: Item, _value: object) -> list[ChannelEvent]:
    """A shopping cart that was sent."""
    if item.address is None:
        return [item.noticed("order", "no address")]
    return [CustomerSentUnsupported(item.address, item.at, item.event_id("order"), "order")]


def _policy(item: Item, value: object) -> list[ChannelEvent]:
    """Meta has warned, blocked or unblocked the page."""
    detail = told(record(value), "action", "reason")
    return [item.noticed("policy_enforcement", detail, alarm=True)]


_READ: dict[str, Callable[[Item, object], list[ChannelEvent]]] = {
    "message": message_events,
    "postback": _postback,
    "message_edit": _edited,
    "take_thread_control": _taken,
    "order": _order,
    "policy_enforcement": _policy,
    "policy-enforcement": _policy,  # as older versions print it
}

_OWNERS = ("previous_owner_app_id", "new_owner_app_id")

_ACTS = frozenset({"reaction", "referral", "optin"})
"""What a customer does without saying anything. It lets us write to them (1.7)."""

_NOTED: dict[str, tuple[str, ...]] = {
    # kind: the members worth telling. An account_linking's code and a survey's text are not.
    "delivery": ("watermark",),
    "read": ("watermark",),
    "reaction": ("action", "reaction", "mid"),
    "referral": ("source", "type", "ref"),
    "optin": ("type", "ref"),
    "pass_thread_control": _OWNERS,
    "request_thread_control": ("requested_owner_app_id",),
    "app_roles": (),
    "account_linking": ("status",),
    "messaging_feedback": (),
    "response_feedback": ("mid",),
    "lead": (),
    "message_request": (),
    "game_play": (),
    "payment": (),
    "checkout_update": (),
    "pre_checkout": (),
    "branded_camera": (),
}
