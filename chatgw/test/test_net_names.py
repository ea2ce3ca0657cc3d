"""Name look-ups that hold up nobody."""

from __future__ import annotations

import threading

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from twisted.trial.unittest import TestCase
from zope.interface import implementer

from chatgw.net.names import detached_resolver
from chatgw.test.waiting import reactor


@implementer(IResolutionReceiver)
class Found:
    """Takes what a look-up finds."""

    def __init__(self) -> None:
        self.addresses: list[IAddress] = []
        self.complete: Deferred[None] = Deferred()

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        pass

    def addressResolved(self, address: IAddress) -> None:
        self.addresses.append(address)

    def resolutionComplete(self) -> None:
        self.complete.callback(None)


class ResolverTests(TestCase):
    timeout = 30

    async def test_names_are_found_in_threads_that_end_with_the_process(self) -> None:
        before, found = set(threading.enumerate()), Found()
        detached_resolver(reactor).resolveHostName(found, "localhost", 80)
        (thread,) = set(threading.enumerate()) - before
        self.assertTrue(thread.daemon, "the process's end would wait for this thread")
        await found.complete
        self.assertTrue({getattr(each, "host", "") for each in found.addresses} & {"127.0.0.1"})
