"""The pollers of all chats: who is polled, and what the desk's answers become."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatgw import wording
from chatgw.dump import Dump
from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.poller import Poller
from chatgw.values import (
    Address,
    ChatHandle,
    DeskChatGone,
    DeskRefused,
    DeskSpoke,
    Failed,
    Happening,
    Session,
)

log = Logger()


class Pollers:
    """Polls the chat of each session that has one.

    Args:
        clock: paces the polls.
        poll: asks the desk what is new in a session's chat.
        take: takes what the answers become.
        spread: gives a fraction of the interval, for a chat's first poll: a thousand chats opened
            in the same moment are not polled in the same moment.
    """

    def __init__(
        self,
        clock: IReactorTime,
        poll: Callable[[Session, ChatHandle], Deferred[Batch | Failed]],
        take: Callable[[Happening], Deferred[None]],
        spread: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._poll = poll
        self._take = take
        self._spread = spread
        self._pollers: dict[str, Poller] = {}

    def follow(self, session: Session, interval: float) -> None:
        """Polls the session's chat from now on, every ``interval`` seconds, if it has one."""
        chat = session.chat
        if chat is None or session.id in self._pollers:
            return
        address = session.address
        shown: Batch | None = None

        def heard(batch: Batch) -> Deferred[None]:
            nonlocal shown
            if not batch.events or batch != shown:  # or it is read again, for want of a journal
                log.debug(wording.EVENTS, id=address.customer, events=Dump(batch.raw))
            shown = batch
            if not batch.events:
                log.debug(wording.NO_EVENTS, id=address.customer)
                return succeed(None)
            return self._take(DeskSpoke(address, self._clock.seconds(), chat, batch.events))

        poller = self._pollers[session.id] = Poller(
            self._clock,
            interval,
            address.customer,
            lambda: self._poll(session, chat),
            heard,
            lambda failed: self._take(_over(address, self._clock.seconds(), chat, failed)),
        )
        poller.start(interval * self._spread())

    def forget(self, session: Session) -> None:
        """Polls for a session no more."""
        poller = self._pollers.pop(session.id, None)
        if poller is not None:
            poller.stop()

    def stop(self) -> None:
        """Polls no more at all."""
        for poller in self._pollers.values():
            poller.stop()
        self._pollers.clear()

    def answered_at(self, session: Session) -> float | None:
        """When the desk was last heard about a session; None if it is not polled for it."""
        poller = self._pollers.get(session.id)
        return None if poller is None else poller.answered_at


def _over(
    address: Address, at: float, chat: ChatHandle, failed: Failed
) -> DeskChatGone | DeskRefused:
    if failed.kind is FailureKind.RECIPIENT_GONE:
        return DeskChatGone(address, at, chat)
    return DeskRefused(address, at, chat, f"{failed.kind.value}: {failed.detail}")
