"""Lanes: the ordered ways by which effects leave, with retries that keep their place.

There is one lane towards each customer and one towards the desk for each conversation;
within a lane one effect is under way at a time, between lanes nothing waits for anything.
"""

from __future__ import annotations

from chatgw.delivery.lane import MOST_QUEUED
from chatgw.delivery.lanes import GRACE, Delivery
from chatgw.delivery.outside import Unanswered
from chatgw.delivery.schedule import MOST_RESENT, MOST_UNCLEAR, PAUSES

__all__ = [
    "GRACE",
    "MOST_QUEUED",
    "MOST_RESENT",
    "MOST_UNCLEAR",
    "PAUSES",
    "Delivery",
    "Unanswered",
]
