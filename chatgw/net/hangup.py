"""SIGHUP: an operator asks for the configuration to be read again."""

# ruff: noqa: N802 -- the method names are Twisted's
# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.logger import Logger
from twisted.python.failure import Failure

log = Logger()


class HangupService(Service):
    """Runs an action at each SIGHUP while the service runs, one at a time.

    A signal during the action has it run once more afterwards, however many signals there were:
    the last state of the files is always the one read. A failing action is logged, and the
    next signal runs it again.

    The signal is caught from `privilegedStartService` on, for a process without a handler dies of
    SIGHUP. What was there before is put back when the service stops.

    Args:
        reactor: the action runs in its thread.
        action: what to do; it may return a Deferred.
    """

    def __init__(self, reactor: IReactorFromThreads, action: Callable[[], object]) -> None:
        self._reactor = reactor
        self._action = action
        self._before: Any = None
        self._caught = False
        self._acting = False
        self._again = False

    def privilegedStartService(self) -> None:
        """Catches the signal from now on."""
        super().privilegedStartService()
        if not self._caught:
            self._before = signal.signal(signal.SIGHUP, self._hung_up)
            self._caught = True

    def stopService(self) -> Deferred[None] | None:
        """Puts back what was there before; an action under way goes on."""
        self._again = False
        if self._caught:
            signal.signal(signal.SIGHUP, self._before)
            self._caught = False
        super().stopService()
        return None

    def _hung_up(self, _signal: int, _frame: FrameType | None) -> None:
        # Between any two bytecodes of whatever runs; the reactor wakes up for it.
        self._reactor.callFromThread(self._act)

    def _act(self) -> None:
        if not self._caught:
            return
        if self._acting:
            self._again = True
            return
        self._acting = True
        done: Deferred[object] = maybeDeferred(self._action)
        done.addErrback(_log_failure).addBoth(self._acted)

    def _acted(self, _: object) -> None:
        self._acting = False
        if self._again:
            self._again = False
            self._act()


def _log_failure(failure: Failure) -> None:
    log.failure("The action at SIGHUP failed.", failure)
