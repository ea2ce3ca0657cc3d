"""Scripted faults, shared by both simulators: what goes wrong, how often, and how it looks.

A simulator names its operations (``create``, ``events`` …); before performing one it takes the
next fault scripted for it and lets `answered` act it out. Faults are scripted from Python
(`Faults.script`) or over HTTP (`control_routes`)::

    POST   /control/faults   {"operation": "events", "kind": "error", "status": 503, "times": 2}
    GET    /control/faults   the faults still to come
    DELETE /control/faults   forgets them
"""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import asdict, define, evolve, field, frozen
from klein import Klein
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from chatgw.sim.reply import Reply, json_reply

KINDS = ("delay", "hang", "error", "lose", "duplicate", "reorder", "garbage")

EVERY = "*"
"""The operation of a fault that strikes whatever comes next."""

GARBAGE = b'\x00\xff<html><chatEvents>]]>{"id": \xc3\x28'
"""Neither XML, nor JSON, nor UTF-8."""

_TYPES: dict[str, tuple[type, ...]] = {
    "operation": (str,),
    "kind": (str,),
    "times": (int,),
    "seconds": (int, float),
    "status": (int,),
    "body": (str,),
    "code": (int,),
    "subcode": (int,),
}
_BOUNDS = {
    "times": (1, 1_000_000),
    "seconds": (0, 86_400),
    "status": (200, 599),
}
_AT_ONCE = 1_000


@frozen
class Fault:
    """One thing that goes wrong."""

    operation: str
    """The simulator's name of the operation, or ``*`` for any."""
    kind: str
    """``delay`` (done after ``seconds``), ``hang`` (not done, never answered), ``error`` (not
    done), ``lose`` (done, then the connection is closed without an answer), ``duplicate`` (done or
    sent twice), ``reorder`` (done or sent after the next one), ``garbage`` (not done, nonsense
    answered)."""
    times: int = 1
    """How many operations it strikes."""
    seconds: float = 0.0
    """How long a ``delay`` takes."""
    status: int = 500
    """The HTTP status of an ``error``."""
    body: str = ""
    """The body of an ``error``; empty for the simulator's own."""
    code: int = 0
    """The Graph API's error code, where the simulator is Meta's."""
    subcode: int = 0
    """The Graph API's error subcode."""


def fault_from_json(data: object) -> Fault:
    """The fault a JSON object describes, by the names of `Fault`'s fields.

    Raises:
        ValueError: it does not describe one; the text says why.
    """
    if not isinstance(data, dict):
        raise ValueError("a fault is a JSON object")
    for name, value in data.items():
        if name not in _TYPES:
            raise ValueError(f"unknown field {name!r}; known are {', '.join(_TYPES)}")
        if type(value) not in _TYPES[name]:
            raise ValueError(f"{name}: expected {_TYPES[name][-1].__name__}, found {value!r}")
        if type(value) is str:
            value.encode()  # half a surrogate pair is a ValueError too
        least, most = _BOUNDS.get(name, (None, None))
        if least is not None and not least <= value <= most:
            raise ValueError(f"{name}: expected {least} to {most}, found {value!r}")
    if not data.get("operation"):
        raise ValueError(f"operation: missing; the name of one, or {EVERY!r}")
    if data.get("kind") not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, found {data.get('kind')!r}")
    return Fault(**data)


@define(eq=False)
class Faults:
    """The faults still to come, in the order they were scripted."""

    _coming: list[Fault] = field(factory=list, init=False)

    def script(self, fault: Fault) -> None:
        """Adds a fault after those already scripted."""
        self._coming.append(fault)

    def take(self, operation: str) -> Fault | None:
        """The first fault scripted for an operation, struck once; None if it goes well."""
        for place, fault in enumerate(self._coming):
            if fault.operation in (operation, EVERY):
                if fault.times > 1:
                    self._coming[place] = evolve(fault, times=fault.times - 1)
                else:
                    del self._coming[place]
                return fault
        return None

    def clear(self) -> None:
        """Forgets all faults: from now on everything goes well."""
        self._coming.clear()

    def listing(self) -> list[dict[str, object]]:
        """The faults still to come, as JSON objects."""
        return [asdict(fault) for fault in self._coming]


async def answered(
    fault: Fault | None,
    request: IRequest,
    clock: IReactorTime,
    act: Callable[[], Reply],
    refusal: Callable[[Fault], Reply] | None = None,
) -> bytes:
    """Answers a request, with its fault acted out; gives the body for Klein to write.

    Args:
        fault: what `Faults.take` gave. ``reorder`` is left to the simulator and goes well here.
        request: the request, still unanswered.
        clock: for delays. A delayed operation happens even if the client has left by then.
        act: performs the operation and gives its answer; for a ``duplicate`` it is called twice.
        refusal: gives the answer of an error that has no body of its own.
    """
    match fault:
        case Fault(kind="delay"):
            late: Deferred[Reply] = Deferred()
            clock.callLater(fault.seconds, lambda: maybeDeferred(act).chainDeferred(late))
            reply = await late
        case Fault(kind="hang"):
            reply = await Deferred[Reply]()  # Klein cancels it when the client gives up
        case Fault(kind="error") if refusal and not fault.body:
            reply = refusal(fault)
        case Fault(kind="error"):
            reply = Reply(fault.status, fault.body.encode())
        case Fault(kind="lose"):
            act()
            request.loseConnection()  # type: ignore[attr-defined]  # not in the interface
            reply = await Deferred[Reply]()
        case Fault(kind="garbage"):
            reply = Reply(body=GARBAGE)
        case Fault(kind="duplicate"):
            act()
            reply = act()
        case _:
            reply = act()
    return reply.to(request)


def control_routes(app: Klein, faults: Faults) -> None:
    """Adds the control API to a simulator's application (see the module's text)."""

    @app.route("/control/faults", methods=["POST"])
    def script(request: IRequest) -> bytes:
        try:
            data = json.loads(request.content.read())
            described = data if isinstance(data, list) else [data]
            if len(described) > _AT_ONCE:
                raise ValueError(f"at most {_AT_ONCE} faults at once")
            scripted = [fault_from_json(one) for one in described]
        except (ValueError, RecursionError) as error:
            return json_reply({"error": str(error)}, 400).to(request)
        for fault in scripted:
            faults.script(fault)
        return json_reply(faults.listing()).to(request)

    @app.route("/control/faults", methods=["GET"])
    def listing(request: IRequest) -> bytes:
        return json_reply(faults.listing()).to(request)

    @app.route("/control/faults", methods=["DELETE"])
    def clear(request: IRequest) -> bytes:
        faults.clear()
        return json_reply(faults.listing()).to(request)
