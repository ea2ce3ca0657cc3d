"""Until when a customer may be written to, and how (wire reference, messaging channels 1.7).

Within 24 hours of what the customer last did everything may be said. After that, and within 7
days, only what a person typed, under the tag HUMAN_AGENT; Meta grants that tag to a page on
application, so the channel's configuration says whether it may be used.
"""

from __future__ import annotations

from chatgw.channels.loose_json import Record
from chatgw.failures import FailureKind
from chatgw.values import Failed, Origin, SendText, ToCustomer

DAY = 86_400.0
WEEK = 7 * DAY

RESPONSE: Record = {"messaging_type": "RESPONSE"}
TAGGED: Record = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}


def is_open(effect: ToCustomer, now: float) -> bool:
    """Whether anything may be sent to the customer, as far as we know."""
    return _silence(effect, now) < DAY


def ways(effect: ToCustomer, now: float, human_agent: bool) -> list[Record]:
    """The ways in which a message may be sent now; none if its window is closed.

    Meta measures for itself: where it refuses the first, the second may still do.

    Args:
        effect: the message.
        now: seconds since the epoch.
        human_agent: whether the tag may be used.
    """
    found = [RESPONSE] if is_open(effect, now) else []
    typed = isinstance(effect, SendText) and effect.origin is Origin.AGENT
    if human_agent and typed and _silence(effect, now) < WEEK:
        found.append(TAGGED)
    return found


def closed(effect: ToCustomer, now: float) -> Failed:
    """The refusal of a message for which there is no way."""
    limit = "24 hours" if _silence(effect, now) < WEEK else "7 days"
    return Failed(FailureKind.WINDOW_CLOSED, f"the customer did nothing for more than {limit}")


def _silence(effect: ToCustomer, now: float) -> float:
    """Seconds since the customer last did something; 0 if that is not known."""
    return now - effect.heard_at if effect.heard_at else 0.0
