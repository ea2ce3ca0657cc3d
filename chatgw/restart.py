"""What a new process makes of the sessions and effects that a former one has left."""

from __future__ import annotations

from attrs import evolve

from chatgw.values import Effect, LeaveChat, OpenChat, Say, Session, SubmitRating

REOPEN_WITHIN = 900.0
"""Seconds after which a chat that was to be opened is not opened any more."""

SAY_WITHIN = 60.0
"""Seconds that a customer's words get at least to reach the desk."""


def after_absence(session: Session, absence: float) -> Session:
    """A session as it is taken up after some seconds in which nobody could be heard.

    When the customer was heard last, by which the channel's window closes, stays what it was.
    """
    return evolve(
        session, touched_at=session.touched_at + absence, state_at=session.state_at + absence
    )


def with_time_left(effect: Effect, now: float) -> Effect:
    """An effect as it is taken up at the time ``now``.

    The time in which nobody could deliver it does not count against what a person waits for: a
    chat gets its full time to be opened, left or rated. Whether the customer's words still find
    their chat is for the desk to say.
    """
    match effect:
        case OpenChat() if now - effect.at < REOPEN_WITHIN:
            return evolve(effect, at=now)
        case LeaveChat() | SubmitRating():
            return evolve(effect, at=now)
        case Say():
            return evolve(effect, at=max(effect.at, now - effect.useful_for + SAY_WITHIN))
        case _:
            return effect
