"""One attempt at an effect: what the journal, the peer and the circuit see of it."""

from __future__ import annotations

from twisted.logger import Logger
from twisted.python.failure import Failure

from chatgw.delivery.parcel import Parcel
from chatgw.values import Lane, Outcome, Say, SendChoices, SendText, Unknown

TEXTS = (SendText, SendChoices)
"""What a channel echoes."""

WORDS = (*TEXTS, Say)
"""What nobody should read twice: each attempt at it is noted.

All else may be done twice. A chat that may have been opened has no cookie, so nobody can use it:
another is opened. A chat left twice is left, and the same figure once more changes no rating.
"""

log = Logger()


async def mark(parcel: Parcel, tried: int) -> bool:
    """Notes how many attempts may have performed it, if that matters; whether it is noted now.

    Before one begins it is counted: otherwise a crash would hide that there may be a copy more.
    """
    if not isinstance(parcel.effect, WORDS):
        return True
    try:
        await parcel.outside.mark(parcel.effect.id, tried)
    except Exception:  # noqa: BLE001 - a lane survives everything
        parcel.complain("An attempt could not be noted. [{what}]")
        return False
    return True


async def attempt(parcel: Parcel, within: float) -> Outcome:
    """Makes one attempt that the circuit has admitted, and tells it the outcome. Never fails.

    Args:
        parcel: what is delivered.
        within: seconds after which the attempt is cut off.
    """
    effect, outside = parcel.effect, parcel.outside
    circuit = outside.circuit(effect)
    outcome: Outcome
    try:
        answer = outside.perform(effect)
        outcome = await answer.addTimeout(within, outside.clock, onTimeoutCancel=_cut_off)
    except Exception as problem:  # noqa: BLE001 - a lane survives everything
        log.failure("An attempt broke. [{what}]", what=effect.id)
        outcome = Unknown(f"an unforeseen {type(problem).__name__}")
    circuit.told(effect.session if effect.lane is Lane.DESK else effect.address, outcome)
    return outcome


def _cut_off(result: Outcome | Failure, seconds: float) -> Outcome:
    """An attempt that outlived the effect's use: its own outcome if it has one, else unknown."""
    if isinstance(result, Failure):
        return Unknown(f"no answer within {seconds:.1f} s")
    return result
