"""What an operator asks and orders: the status, and the fate of what could not be delivered.

Spoken in JSON over the control socket (`chatgw.web.control`); ``chatgwctl`` is its client.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar

from attrs import define, field, frozen
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from chatgw.interfaces import DeadLetter, NotTakenError
from chatgw.web.control import uid
from chatgw.web.gate import Gate, answer

log = Logger()


@frozen
class Operations:
    """What can be asked of the gateway.

    ``redrive`` and ``drop`` are given the id of a dead letter's effect. They raise `LookupError` if
    there is none, `NotTakenError` if it cannot be done as things are, and anything else if it
    could not be made lasting. Nothing has changed then.
    """

    report: Callable[[], Mapping[str, object]]
    """How the gateway is (`chatgw.status.Status.report`)."""
    dead: Callable[[], Sequence[DeadLetter]]
    """What could not be delivered, oldest first."""
    redrive: Callable[[str], Awaitable[None]]
    """Owes a dead letter's effect once more."""
    drop: Callable[[str], Awaitable[None]]
    """Forgets a dead letter."""


class _RefusedError(Exception):
    """An order that was not carried out.

    Args:
        status: the HTTP status that says so.
        reason: for the operator.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@define(eq=False)
class Operator:
    """The resource behind the control socket.

    Args:
        operations: carries out what is ordered.
        clock: tells the age of dead letters, in seconds since the epoch.
    """

    operations: Operations
    clock: IReactorTime
    app: ClassVar[Klein] = Klein()
    _under_way: set[str] = field(init=False, factory=set)

    def resource(self) -> IResource:
        """The resource for a site's root."""
        return Gate(self.app.resource(), lambda: True, self.clock)

    @app.route("/status", methods=["GET"])
    def status(self, request: IRequest) -> bytes:
        """How the gateway is."""
        return _json(request, 200, self.operations.report())

    @app.route("/dead", methods=["GET"])
    def dead(self, request: IRequest) -> bytes:
        """The dead letters, of one kind with ``?kind=``.

        Customers are masked without ``?ids=1``, texts left out without ``?text=1``.
        """
        letters, ids, text = self._letters(request), _asks(request, b"ids"), _asks(request, b"text")
        if text:
            told = "Operator reads the texts of {count} dead letters. [UID={uid}]"
            log.info(told, count=len(letters), uid=uid(request))
        now = self.clock.seconds()
        listed = [_told(letter, now, ids=ids, text=text) for letter in letters]
        return _json(request, 200, {"dead": listed})

    @app.route("/dead/redrive", methods=["POST"])
    def redrive_all(self, request: IRequest) -> Deferred[bytes]:
        """Redrives all dead letters, or those of one kind with ``?kind=``, oldest first.

        Answers how many were, and why the others were not. Ends at the first that could not be
        made lasting.
        """
        return _detached(self._redrive_all(request, self._letters(request)))

    @app.route("/dead/<effect_id>/redrive", methods=["POST"])
    def redrive(self, request: IRequest, effect_id: str) -> Deferred[bytes]:
        """Redrives one."""
        return _detached(self._one(request, "redriven", self.operations.redrive, effect_id))

    @app.route("/dead/<effect_id>", methods=["DELETE"])
    def drop(self, request: IRequest, effect_id: str) -> Deferred[bytes]:
        """Forgets one."""
        return _detached(self._one(request, "dropped", self.operations.drop, effect_id))

    @app.handle_errors(_RefusedError)
    def refuse(self, request: IRequest, failure: Failure) -> bytes:
        """Answers why an order was not carried out."""
        refused: _RefusedError = failure.value  # type: ignore[assignment]  # as registered above
        return _error(request, refused.status, str(refused))

    @app.handle_errors(HTTPException)
    def miss(self, request: IRequest, failure: Failure) -> bytes:
        """Answers what no route takes."""
        if isinstance(failure.value, MethodNotAllowed):
            return _error(request, 405, "method not allowed")
        return _error(request, 404, "not found")

    @app.handle_errors(Exception)
    def fail(self, request: IRequest, failure: Failure) -> bytes:
        """Answers after a mistake of our own, and logs it."""
        log.failure("Operator's request failed.", failure)
        return _error(request, 500, "internal error: see the log")

    def _dead(self) -> Sequence[DeadLetter]:
        try:
            return self.operations.dead()
        except Exception as error:
            log.failure("The dead letters could not be read.")
            reason = f"the dead letters cannot be read: {type(error).__name__}: see the log"
            raise _RefusedError(503, reason) from error

    def _letters(self, request: IRequest) -> list[DeadLetter]:
        kinds = {kind.decode("utf-8", "replace") for kind in request.args.get(b"kind", ())}
        return [letter for letter in self._dead() if not kinds or letter.kind in kinds]

    async def _one(
        self, request: IRequest, done: str, act: Callable[[str], Awaitable[None]], effect_id: str
    ) -> bytes:
        for letter in self._dead():
            if letter.effect.id == effect_id:
                await self._order(uid(request), done, act, letter)
                return _json(request, 200, {done: 1})
        raise _RefusedError(404, f"there is no dead letter {effect_id}")

    async def _redrive_all(self, request: IRequest, letters: Sequence[DeadLetter]) -> bytes:
        who, redriven, left = uid(request), 0, []
        for letter in letters:
            try:
                await self._order(who, "redriven", self.operations.redrive, letter)
                redriven += 1
            except _RefusedError as refused:
                if refused.status == 503:
                    return _json(request, 503, {"error": str(refused), "redriven": redriven})
                left.append({"id": letter.effect.id, "error": str(refused)})
        return _json(request, 200, {"redriven": redriven, "left": left})

    async def _order(
        self, who: str, done: str, act: Callable[[str], Awaitable[None]], letter: DeadLetter
    ) -> None:
        """Carries out one order, once at a time for each dead letter, and audits it."""
        effect = letter.effect
        if effect.id in self._under_way:
            raise _RefusedError(409, f"{effect.id} is being seen to already")
        self._under_way.add(effect.id)
        try:
            await act(effect.id)
        except LookupError as error:
            raise _RefusedError(404, f"there is no dead letter {effect.id} any more") from error
        except NotTakenError as error:
            raise _RefusedError(409, str(error)) from error
        except Exception as error:
            log.failure("Dead letter [{effect}] could not be {done}.", effect=effect.id, done=done)
            reason = f"{effect.id} could not be {done}: {type(error).__name__}: see the log"
            raise _RefusedError(503, reason) from error
        finally:
            self._under_way.discard(effect.id)
        told = "Operator has {done} dead letter [{effect}]. [ID={id}], [UID={uid}]"
        log.info(told, done=done, effect=effect.id, id=effect.address.customer, uid=who)


def _told(letter: DeadLetter, now: float, *, ids: bool, text: bool) -> dict[str, object]:
    """A dead letter for an operator's eyes."""
    effect, customer = letter.effect, letter.effect.address.customer
    words = getattr(effect, "text", None)
    told = {
        "id": effect.id,
        "kind": letter.kind,
        "reason": letter.reason,
        "at": letter.at,
        "age": max(0, round(now - letter.at)),
        "customer": customer if ids else _masked(customer),
        "what": type(effect).__name__,
        "length": None if words is None else len(words),
    }
    return {**told, "text": words} if text else told


def _masked(customer: str) -> str:
    return "****" + (customer[-4:] if len(customer) >= 8 else "")


def _asks(request: IRequest, name: bytes) -> bool:
    asked: bool = request.args.get(name) == [b"1"]
    return asked


def _json(request: IRequest, status: int, told: Mapping[str, object]) -> bytes:
    body = json.dumps(told).encode() + b"\n"
    return answer(request, status, body, Content_Type="application/json")


def _error(request: IRequest, status: int, reason: str) -> bytes:
    return _json(request, status, {"error": reason})


def _detached(order: Coroutine[Deferred[Any], Any, bytes]) -> Deferred[bytes]:
    """Carries out an order to its end, even if the client leaves.

    Klein cancels a route then: that is the Deferred given here alone. What fails has been logged.
    """
    promise: Deferred[bytes] = Deferred()
    Deferred.fromCoroutine(order).chainDeferred(promise)
    return promise
