"""The log's lines about what a channel tells besides texts: receipts, echoes, edits, alarms."""

from __future__ import annotations

from twisted.logger import Logger

from chatgw import wording
from chatgw.logs import emit
from chatgw.values import (
    ChannelEvent,
    CustomerActed,
    CustomerEdited,
    CustomerUnsent,
    Echoed,
    LogLine,
    Noticed,
    SomeoneAnswered,
    ThreadTaken,
)

BOOKKEEPING = frozenset({"echo", "delivery", "read"})
"""What a channel tells of every single message, of interest to nobody as a rule."""

log = Logger()


def log_notice(event: ChannelEvent) -> None:
    """Logs an event at the level that it is worth; texts and choices have lines of their own."""
    customer = "-" if event.address is None else event.address.customer
    match event:
        case Noticed(kind=kind, detail=detail, alarm=alarm):
            level = "error" if alarm else "silly" if kind in BOOKKEEPING else "debug"
        case Echoed(effect_id=effect_id):
            level, kind, detail = "silly", "echo", f"effect={effect_id}"
        case SomeoneAnswered(inbox=inbox):
            level, kind, detail = "debug", "echo", "page inbox" if inbox else "another app"
        case CustomerEdited(message_id=message_id):
            level, kind, detail = "debug", "message_edit", f"mid={message_id}"
        case CustomerUnsent(message_id=message_id):
            level, kind, detail = "debug", "is_deleted", f"mid={message_id}"
        case ThreadTaken():
            level, kind, detail = "warn", "take_thread_control", "another app has the conversation"
        case CustomerActed():
            level, kind, detail = "debug", "activity", ""
        case _:
            return
    emit(log, LogLine(level, wording.NOTICED, {"kind": kind, "id": customer, "detail": detail}))
