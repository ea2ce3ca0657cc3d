"""What a new process makes of the effects that a former one has left owed."""

from __future__ import annotations

from attrs import evolve

from chatgw.values import Effect, OpenChat, Say

REOPEN_WITHIN = 900.0
"""Seconds after which a chat that was to be opened is not opened any more."""

SAY_WITHIN = 60.0
"""Seconds that a customer's words get at least to reach the desk."""


def with_time_left(effect: Effect, now: float) -> Effect:
    """An effect as it is taken up at the time ``now``.

    The time in which nobody could deliver it does not count against what a person waits for: a
    chat gets its full time to be opened. Whether the customer's words still find their chat is for
    the desk to say.
    """
    match effect:
        case OpenChat() if now - effect.at < REOPEN_WITHIN:
            return evolve(effect, at=now)
        case Say():
            return evolve(effect, at=max(effect.at, now - effect.useful_for + SAY_WITHIN))
        case _:
            return effect
