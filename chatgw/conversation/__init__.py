"""The conversation: what follows from each thing that can happen to it.

`decide` is pure. It is given the session as it stands, what happened, and the channel's
script; it gives back the session as it will stand, the effects owed, and the lines to log.
"""

from __future__ import annotations

from attrs import evolve

from chatgw.conversation import limits
from chatgw.conversation.customer import from_customer
from chatgw.conversation.desk import chat_gone, chat_refused, from_desk
from chatgw.conversation.outcomes import settled
from chatgw.conversation.session import Decision, Draft
from chatgw.values import (
    DeskChatGone,
    DeskRefused,
    DeskSpoke,
    Happening,
    Script,
    Session,
    Settled,
    WentStale,
)

__all__ = ["Decision", "Session", "decide", "undecided"]


def decide(session: Session | None, happening: Happening, script: Script) -> Decision:
    """What follows from a happening.

    Args:
        session: the conversation with this customer, None if there is none.
        happening: what happened; its address is the session's.
        script: what the channel's configuration makes the conversation say.

    Returns:
        The decision. Its session is None when the conversation is over, and has another id
        than the one given when the customer began anew.
    """
    match happening:
        case Settled():
            return settled(session, happening, script)
        case DeskSpoke() | DeskChatGone() | DeskRefused():
            if session is None or session.chat != happening.chat:
                return Decision(session)  # said about a chat that is no longer ours
            draft = Draft(session, happening)
            match happening:
                case DeskSpoke(events=events):
                    from_desk(draft, events, script)
                case DeskChatGone():
                    chat_gone(draft, script)
                case DeskRefused(detail=detail):
                    chat_refused(draft, detail, script)
            return draft.decision()
        case WentStale():
            if session is None:
                return Decision(None)  # over, while this waited for its turn
            draft = Draft(session, happening)
            limits.reached(draft, happening, script)
            return draft.decision()
        case _:
            return from_customer(session, happening, script)


def undecided(before: Session | None, happening: Happening) -> Decision:
    """What becomes of a conversation when `decide` breaks: it goes on behind what broke it."""
    if before is not None and isinstance(happening, DeskSpoke):
        last = max(event.id for event in happening.events)
        return Decision(evolve(before, cursor=max(before.cursor, last)))
    return Decision(before)
