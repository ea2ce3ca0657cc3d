"""Dead letters, and a gateway on its control socket that only remembers what is ordered of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.application.service import IService
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase, TestCase

from chatgw.interfaces import DeadLetter
from chatgw.values import Address, ChatHandle, Effect, Secret, SendText, SubmitRating, Words
from chatgw.web.control import NAME, control_service
from chatgw.web.operator import Operations, Operator

reactor: Any = _reactor

CUSTOMER = "2242240722460512"
ADDRESS = Address("FACEBOOK_MESSENGER", "1", CUSTOMER)
REASON = "error 10, subcode 2018278"


def letter(
    effect_id: str, text: str = "Hi", kind: str = "window closed", at: float = 900.0
) -> DeadLetter:
    """A text that could not be delivered."""
    effect = SendText(id=effect_id, address=ADDRESS, session="s", at=at - 1, text=Words(text))
    return DeadLetter(effect, kind, REASON, at)


def rating(effect_id: str) -> DeadLetter:
    """A rating that could not be submitted: it has no text."""
    chat = ChatHandle(Secret("JSESSIONID=C0F5"), "")
    effect: Effect = SubmitRating(
        id=effect_id, address=ADDRESS, session="s", at=0.0, chat=chat, rating=5
    )
    return DeadLetter(effect, "transient", "no answer within 10 s", 900.0)


def _at_once(effect_id: str) -> Deferred[None]:
    return succeed(None)


@define(eq=False)
class FakeGateway:
    """Carries out what is ordered as ``outcome`` says, and notes it."""

    letters: list[DeadLetter] = field(factory=list)
    report: Mapping[str, object] = field(factory=lambda: {"state": "CONFIGURED"})
    outcome: Callable[[str], Deferred[None]] = _at_once
    redriven: list[str] = field(factory=list)
    dropped: list[str] = field(factory=list)

    def operations(self) -> Operations:
        """What the resource is given."""
        return Operations(lambda: self.report, lambda: self.letters, self._redrive, self._drop)

    async def _redrive(self, effect_id: str) -> None:
        await self.outcome(effect_id)
        self._forget(effect_id)
        self.redriven.append(effect_id)

    async def _drop(self, effect_id: str) -> None:
        await self.outcome(effect_id)
        self._forget(effect_id)
        self.dropped.append(effect_id)

    def _forget(self, effect_id: str) -> None:
        (found,) = [each for each in self.letters if each.effect.id == effect_id]
        self.letters = [each for each in self.letters if each is not found]


def audit(events: Sequence[Any]) -> list[str]:
    """What was logged, without times and levels."""
    return [event["log_format"].format(**event) for event in events]


def short_folder(case: SynchronousTestCase) -> Path:
    """A folder with a short path, which a Unix socket needs; it goes with the test."""
    folder = Path(tempfile.mkdtemp(prefix="chatgw"))
    case.addCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


class ControlCase(TestCase):
    """Has a gateway's control socket in a state folder."""

    def setUp(self) -> None:
        self.folder = short_folder(self)
        self.path = self.folder / NAME
        self.gateway = FakeGateway([letter("a:1")])
        self.clock = Clock()
        self.clock.advance(1000)

    def service(self) -> IService:
        """The service of the socket."""
        operator = Operator(self.gateway.operations(), self.clock)
        return control_service(reactor, self.path, operator.resource())

    def started(self) -> IService:
        """The same; it runs until the test is over."""
        service = self.service()
        service.startService()
        self.addCleanup(service.stopService)
        return service
