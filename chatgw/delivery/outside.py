"""What a delivery asks of the rest of chatgw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from chatgw.circuit import Circuit
from chatgw.values import Effect, Outcome


@frozen
class Unanswered:
    """What becomes of a text to a customer when no answer says whether it was delivered."""

    echo_wait: float = 60.0
    """Seconds for which the channel's echo is waited for."""
    resend: bool = True
    """Whether it is then sent again, once, or given up."""


@frozen(kw_only=True)
class Outside:
    """The parameters of `Delivery`, for its lanes."""

    clock: IReactorTime
    perform: Callable[[Effect], Deferred[Outcome]]
    settle: Callable[[Effect, Outcome], Awaitable[None]]
    is_stale: Callable[[Effect], bool]
    happened: Callable[[Effect], Deferred[bool | None]]
    mark: Callable[[str, int], Deferred[None]]
    circuit: Callable[[Effect], Circuit]
    unanswered: Callable[[], Unanswered]
    jitter: Callable[[], float]
