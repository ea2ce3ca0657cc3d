"""How much is measured."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Plan:
    """How much is measured."""

    rounds: int
    """How often each gateway has its turn; who begins, alternates."""
    seconds: float
    """How long a turn takes."""
    waiting: int
    """Customers who wait for an agent, and write."""
    lines: int
    """Lines that customer and agent write in the one chat that is timed."""
    chats: int
    """Chats that are under way together."""
    polling: float
    """Seconds between two polls of each of these."""
    syncs: int
    """How often the disk is tried."""


WHOLE = Plan(rounds=3, seconds=1.5, waiting=1000, lines=40, chats=10_000, polling=60.0, syncs=500)
QUICK = Plan(rounds=1, seconds=0.3, waiting=40, lines=3, chats=60, polling=1.0, syncs=50)
