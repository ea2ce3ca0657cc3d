"""How one effect is delivered: attempts, pauses and doubts, until there is an outcome."""

from __future__ import annotations

import math

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from chatgw import wording
from chatgw.circuit import Circuit
from chatgw.delivery.attempt import TEXTS, WORDS, attempt, mark
from chatgw.delivery.parcel import Parcel
from chatgw.delivery.schedule import JOURNAL_PAUSE, MOST_RESENT, MOST_UNCLEAR, pause
from chatgw.failures import FailureKind
from chatgw.values import Done, Dropped, Failed, LookUpName, Outcome, Say, Unknown

log = Logger()


@define(eq=False)
class Passage:
    """Takes one parcel to its outcome. Used once."""

    parcel: Parcel
    _until: float = field(init=False)  # when it is of no use any more
    _last: Failed | Unknown | None = field(default=None, init=False)
    _doubts: int = field(init=False)  # attempts that may have performed it, of all lives
    _absent: bool = field(default=False, init=False)  # the desk was asked since, and had not got it
    _hindrance: str = field(default="its turn came too late", init=False)
    _attempts: int = field(default=0, init=False)
    _pauses: int = field(default=0, init=False)
    _unclear: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._until = self.parcel.effect.at + self.parcel.effect.useful_for
        self._doubts = self.parcel.tried if isinstance(self.parcel.effect, WORDS) else 0

    async def deliver(self) -> Outcome | None:
        """The final outcome; None if the daemon stops before there is one."""
        outcome: Outcome | None = self.parcel.refusal
        if outcome is None and self._doubts:
            outcome = await self._weigh(Unknown("a former process got no answer"))
        while outcome is None and self.parcel.goes_on:
            outcome = self._over() or await self._step()
        return self.parcel.proof or outcome

    # -- One step ----------------------------------------------------------------------------

    @property
    def _circuit(self) -> Circuit:
        return self.parcel.outside.circuit(self.parcel.effect)

    @property
    def _hurried(self) -> bool:
        """Whether nobody waits for it: one attempt, now or never."""
        return self.parcel.effect.fleeting or isinstance(self.parcel.effect, LookUpName)

    def _over(self) -> Outcome | None:
        """The outcome of what has lost its point, or came to nothing in all its time."""
        if self.parcel.outside.is_stale(self.parcel.effect):
            return Dropped("the conversation has moved on")
        return self._given_up() if self._time_left() <= 0 else None

    async def _step(self) -> Outcome | None:
        """Makes an attempt if it can; the final outcome if that is one."""
        if not await self._admitted():
            return self._refused() if self._hurried else None
        if self._doubts and isinstance(self.parcel.effect, Say):
            if not await self._unsaid():
                await self._pause("whether the desk has it cannot be told")
        elif not await mark(self.parcel, self._doubts + 1):
            self._circuit.release()
            await self._pause("the journal takes nothing", at_most=JOURNAL_PAUSE)
        elif not self.parcel.goes_on:
            self._circuit.release()
            self._unmark()
        else:
            return await self._weigh(await self._answer())
        return None

    async def _admitted(self) -> bool:
        """Whether its peer may be called, after waiting for that as long as it makes sense."""
        circuit, effect = self._circuit, self.parcel.effect
        if circuit.admits():
            return True
        if self._hurried:
            return False
        self._hindrance = circuit.trouble
        what, id_ = type(effect).__name__, effect.address.customer
        log.info(wording.HELD, what=what, peer=circuit.name, id=id_, reason=circuit.trouble)
        admitted = await self.parcel.wait(circuit.admitted(self._time_left()))
        if admitted and self._over() is not None:
            circuit.release()
            return False
        return bool(admitted)

    async def _unsaid(self) -> bool:
        """Whether the desk certainly has not got a text that it may have got.

        It has to say so twice, with a pause in between, after which the request without an answer
        can no longer arrive.
        """
        try:
            happened = await self.parcel.outside.happened(self.parcel.effect)
        except Exception:  # noqa: BLE001 - a lane survives everything
            self.parcel.complain("The desk could not be asked about an effect. [{what}]")
            return False
        if happened:
            self.parcel.proof = Done()
        absent, self._absent = self._absent, self._absent or happened is False
        if happened is not False or not absent:
            return False
        self._doubts, self._last = 0, Failed(FailureKind.TRANSIENT, "it had not arrived")
        return True

    def _unmark(self) -> None:
        """Notes that an attempt certainly came to nothing; nothing waits for that."""
        Deferred.fromCoroutine(mark(self.parcel, self._doubts))  # which logs its own failure

    async def _answer(self) -> Outcome | None:
        """Makes an attempt; None if the echo came before its answer, which is left to come."""
        effect, answer = self.parcel.effect, Deferred[Outcome]()
        if self._doubts:
            what, n = type(effect).__name__, self.parcel.outside.unanswered().echo_wait
            log.warn(wording.RESENT, what=what, n=n, id=effect.address.customer)
        self._attempts += 1
        attempted = Deferred.fromCoroutine(attempt(self.parcel, self._time_left()))
        attempted.addCallbacks(answer.callback, answer.errback)
        outcome = await self.parcel.wait(answer, to_the_end=True)
        self._doubts += isinstance(outcome, Unknown) and isinstance(effect, WORDS)
        return outcome

    # -- What follows from it ----------------------------------------------------------------

    async def _weigh(self, outcome: Outcome | None) -> Outcome | None:
        """Waits for what may make an attempt's outcome better; the outcome if it is final."""
        effect = self.parcel.effect
        match outcome:
            case Unknown() if isinstance(effect, TEXTS):
                return await self._await_echo(outcome)
            case Unknown() if isinstance(effect, Say):
                self._last, self._absent = outcome, False
            case Unknown(detail=detail) if not self._hurried:
                self._last = outcome
                await self._pause(detail)
            case Failed(kind=kind) if kind.passing and not self._hurried:
                return await self._try_again(outcome)
            case Failed(detail=detail) if self._doubts:  # but an attempt before may have done it
                return Unknown(detail)
            case _:
                return outcome
        return None

    async def _await_echo(self, unknown: Unknown) -> Outcome | None:
        """Waits for the channel's echo; then the text is sent again once, or given up."""
        self._last = unknown
        policy, effect = self.parcel.outside.unanswered(), self.parcel.effect
        if self.parcel.goes_on:
            what, n = type(effect).__name__, policy.echo_wait
            log.info(wording.ECHO_AWAITED, what=what, n=n, id=effect.address.customer)
        await self.parcel.sleep(policy.echo_wait)
        again = policy.resend and self._doubts <= MOST_RESENT
        return None if again or not self.parcel.goes_on else unknown

    async def _try_again(self, failed: Failed) -> Outcome | None:
        """Waits for better times."""
        self._last = failed
        self._unclear += failed.kind is FailureKind.UNCLEAR
        after = failed.retry_after or 0.0
        if self._unclear >= MOST_UNCLEAR or after >= self._time_left():
            return self._given_up()
        self._unmark()
        if failed.kind.holds:
            self._hindrance = failed.detail  # the circuit knows when to try again
        else:
            await self._pause(failed.detail, at_least=after)
        return None

    async def _pause(
        self, reason: str, *, at_least: float = 0.0, at_most: float = math.inf
    ) -> None:
        outside, effect = self.parcel.outside, self.parcel.effect
        seconds = max(at_least, min(at_most, pause(self._pauses) * outside.jitter()))
        self._pauses += 1
        self._hindrance = reason
        if not self.parcel.goes_on:
            return
        if seconds >= self._time_left():
            self._until = outside.clock.seconds()  # the next attempt would come too late
            return
        what, id_ = type(effect).__name__, effect.address.customer
        log.info(wording.RETRY, what=what, id=id_, pause=round(seconds, 1), reason=reason)
        await self.parcel.sleep(seconds)

    # -- How it ends without success ---------------------------------------------------------

    def _refused(self) -> Outcome:
        circuit = self._circuit
        if self.parcel.effect.fleeting:
            return Dropped(f"{circuit.name} is not called for now")
        return Failed(FailureKind.TRANSIENT, f"not asked: {circuit.trouble}")

    def _given_up(self) -> Outcome:
        attempts = f"; given up after {self._attempts} attempts"
        match self._last:
            case None if self.parcel.effect.fleeting:
                return Dropped("of no use any more")
            case None:
                return Failed(FailureKind.EXPIRED, f"not attempted: {self._hindrance}")
            case Failed(detail=detail) if self._doubts:
                return Unknown(detail + attempts)
            case Failed(kind=kind, detail=detail):
                over = kind in (FailureKind.TRANSIENT, FailureKind.BUSY)
                return Failed(FailureKind.EXPIRED if over else kind, detail + attempts)
            case unknown:
                return unknown

    def _time_left(self) -> float:
        return self._until - self.parcel.outside.clock.seconds()
