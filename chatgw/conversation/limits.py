"""What follows when a conversation has gone on for too long without what it waits for."""

from __future__ import annotations

from chatgw.conversation import scenes
from chatgw.conversation.session import Draft
from chatgw.values import Limit, Script, State, WentStale
from chatgw.wording import REACHED_LIMIT

LAST_WORDS = {
    Limit.CHOICE: "CHAT_ENDED_INACTIVITY",
    Limit.RATING: "CHAT_ENDED",
    Limit.WAITING: "CHAT_ENDED_AGENT_UNAVAILABLE",
    Limit.DESK: "CHAT_ENDED_UNKNOWN_ERROR",
    Limit.IDLE: "CHAT_ENDED_INACTIVITY",
}
"""What the customer is told."""

SILENCE = frozenset({Limit.CHOICE, Limit.RATING, Limit.IDLE})
"""The limits that a sign of life puts off."""


def reached(draft: Draft, stale: WentStale, script: Script) -> None:
    """A limit has passed: the conversation ends, unless it has moved on since that was seen."""
    session = draft.session
    if session.state is not stale.state:
        return
    if stale.limit in SILENCE and session.touched_at >= stale.at:
        return
    draft.log("info", REACHED_LIMIT, limit=stale.limit.value)
    rating = session.state is State.RATING_WAIT  # the chat itself has come to its end
    scenes.end(draft, script, "CHAT_ENDED" if rating else LAST_WORDS[stale.limit])
