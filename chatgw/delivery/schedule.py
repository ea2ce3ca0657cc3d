"""How often and after what pauses something is tried."""

from __future__ import annotations

PAUSES = (1.0, 3.0, 10.0, 30.0, 60.0, 120.0)
"""Seconds before each next attempt; the last one repeats while the effect is of use."""

JOURNAL_PAUSE = 10.0
"""Seconds between two requests to the journal, at most: it is ours, and near."""

MOST_UNCLEAR = 3
"""How many answers that are not understood are one too many."""

MOST_RESENT = 1
"""How often a text is sent again without knowing whether it was delivered."""


def pause(number: int) -> float:
    """Seconds before the next attempt, after ``number`` other pauses."""
    return PAUSES[min(number, len(PAUSES) - 1)]
