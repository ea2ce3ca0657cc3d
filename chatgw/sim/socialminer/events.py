"""The events that a customer's side polls for (wire reference, SocialMiner 1.3 and 2)."""

from __future__ import annotations

from urllib.parse import quote_plus

from attrs import frozen


@frozen
class Event:
    """One event of a chat."""

    id: int
    """Counted from 1 in each chat, the customer's own messages included."""
    kind: str
    """The element's name: ``PresenceEvent``."""
    fields: tuple[tuple[str, str], ...]
    """The children after ``id``, in the order of the wire."""
    own: bool = False
    """Whether it is the customer's own message, left out unless ``all`` is asked for."""


def status(number: int, text: str, detail: str = "") -> Event:
    """SocialMiner tells how the chat stands."""
    more = (("detail", detail),) if detail else ()
    return Event(number, "StatusEvent", (("status", text), *more))


def presence(number: int, agent: str, text: str) -> Event:
    """An agent ``joined`` or ``left``. The customer's own coming and going is not told."""
    return Event(number, "PresenceEvent", (("from", agent), ("status", text)))


def typing(number: int, agent: str, text: str) -> Event:
    """An agent is ``composing`` or has ``paused``."""
    return Event(number, "TypingEvent", (("from", agent), ("status", text)))


def message(number: int, sender: str, text: str, own: bool = False) -> Event:
    """Somebody's text; ``body`` comes before ``from``, and is form-encoded."""
    return Event(number, "MessageEvent", (("body", form_encoded(text)), ("from", sender)), own)


def form_encoded(text: str) -> str:
    """A text as Java's ``URLEncoder`` writes it, which keeps ``*`` and escapes ``~``."""
    return quote_plus(text, safe="*", errors="replace").replace("~", "%7E")
