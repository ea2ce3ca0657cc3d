"""What came of an effect."""

from __future__ import annotations

from attrs import frozen

from chatgw.failures import FailureKind
from chatgw.values.identity import ChatHandle


@frozen
class Done:
    """It happened. ``result`` is the peer's id for it, the name found, or the chat opened."""

    result: str | ChatHandle = ""
    pause: float = 0.0
    """Seconds for which the peer is near its limits and should be left alone."""


@frozen
class Failed:
    """It did not happen."""

    kind: FailureKind
    detail: str
    """For operators: never a secret, never message text."""
    retry_after: float | None = None
    """Seconds the peer asked us to wait, if it did."""


@frozen
class Unknown:
    """It may have happened: the request left and no answer came."""

    detail: str


@frozen
class Dropped:
    """It was not tried (again) because it had lost its point."""

    reason: str


Outcome = Done | Failed | Unknown | Dropped
