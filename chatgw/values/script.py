"""What a channel says, and a line for the log."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen


@frozen
class ProblemStatement:
    """One answer to "How can we help you?" and the queue it leads to."""

    title: str
    queue_id: str


class Notice(Enum):
    """What the agent is told of in the gateway's own words."""

    UNDELIVERED = "undelivered"
    UNSUPPORTED = "unsupported"
    EDITED = "edited"
    INBOX = "inbox"
    THREAD = "thread"


@frozen
class Notices:
    """Which notices the agent gets, and how they begin."""

    prefix: str = "[chatgw]"
    kinds: frozenset[Notice] = frozenset(Notice)


@frozen
class Script:
    """What one channel's configuration makes the conversation say and do."""

    feed_id: str
    statements: tuple[ProblemStatement, ...]
    messages: Mapping[str, str] = field(repr=False)
    """The eleven texts, by the seed's keys (``WELCOME_MESSAGE`` …)."""
    rating_enabled: bool
    desk_host: str = "localhost"
    """The desk's host, for the log."""
    notices: Notices = Notices()


@frozen
class LogLine:
    """One line for the operator's log: a constant format and its data."""

    level: str
    """``error``, ``warn``, ``info``, ``debug`` or ``silly``."""
    format: str
    data: Mapping[str, object] = field(factory=dict)
