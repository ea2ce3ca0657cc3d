"""What a SIGHUP sets off."""

from __future__ import annotations

import os
import signal
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatgw.net.hangup import HangupService


@implementer(IReactorFromThreads)
class Turns(Clock):
    """A reactor that takes its turns when the test says so."""

    def callFromThread(self, callable: Any, *args: object, **kw: object) -> None:  # noqa: A002
        self.callLater(0, callable, *args, **kw)


class HangupTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.before = signal.getsignal(signal.SIGHUP)
        self.addCleanup(signal.signal, signal.SIGHUP, self.before)
        self.reactor = Turns()
        self.acts: list[Deferred[None]] = []
        self.service = HangupService(self.reactor, self.act)
        self.service.privilegedStartService()
        self.service.startService()

    def act(self) -> Deferred[None]:
        self.acts.append(Deferred())
        return self.acts[-1]

    def hang_up(self, times: int = 1) -> None:
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGHUP)

    def turn(self) -> None:
        """Runs what was handed to the reactor."""
        self.reactor.advance(0)

    def test_a_signal_acts_in_the_reactor(self) -> None:
        self.hang_up()
        self.assertEqual(len(self.acts), 0)
        self.turn()
        self.assertEqual(len(self.acts), 1)

    def test_each_signal_acts(self) -> None:
        for number in (1, 2, 3):
            self.hang_up()
            self.turn()
            self.assertEqual(len(self.acts), number)
            self.acts[-1].callback(None)

    def test_signals_meanwhile_act_once_more_and_never_at_the_same_time(self) -> None:
        self.hang_up()
        self.turn()
        for _ in range(3):
            self.hang_up()
            self.turn()
        self.assertEqual(len(self.acts), 1)
        self.acts[0].callback(None)
        self.assertEqual(len(self.acts), 2)
        self.acts[1].callback(None)
        self.assertEqual(len(self.acts), 2)

    def test_a_failure_is_logged_and_the_next_signal_acts(self) -> None:
        self.hang_up()
        self.turn()
        self.acts[0].errback(ZeroDivisionError())
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.hang_up()
        self.turn()
        self.assertEqual(len(self.acts), 2)

    def test_an_exception_is_logged_and_the_next_signal_acts(self) -> None:
        self.service.stopService()
        service = HangupService(self.reactor, lambda: 1 // 0)
        service.privilegedStartService()
        for _ in range(2):
            self.hang_up()
            self.turn()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        service.stopService()

    def test_stopping_puts_the_former_handler_back(self) -> None:
        self.assertNotEqual(signal.getsignal(signal.SIGHUP), self.before)
        self.service.stopService()
        self.assertEqual(signal.getsignal(signal.SIGHUP), self.before)

    def test_a_signal_just_before_the_stop_does_nothing_after_it(self) -> None:
        self.hang_up()
        self.service.stopService()
        self.turn()
        self.assertEqual(self.acts, [])

    def test_no_action_follows_the_one_under_way_at_the_stop(self) -> None:
        self.hang_up()
        self.turn()
        self.hang_up()
        self.turn()
        self.service.stopService()
        self.acts[0].callback(None)
        self.assertEqual(len(self.acts), 1)

    def test_it_starts_and_stops_with_its_parent(self) -> None:
        self.service.stopService()
        parent = MultiService()
        HangupService(self.reactor, self.act).setServiceParent(parent)
        parent.privilegedStartService()
        parent.startService()
        self.assertNotEqual(signal.getsignal(signal.SIGHUP), self.before)
        parent.stopService()
        self.assertEqual(signal.getsignal(signal.SIGHUP), self.before)
