"""Tells the contact centre of each new contact, as SocialMiner's notification rule does."""

from __future__ import annotations

from attrs import define
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from chatgw.net.client import CallFailed, Client
from chatgw.sim.socialminer.chat import Chat
from chatgw.sim.socialminer.writing import notification

log = Logger()

PAUSES = (1.0, 5.0)
"""Seconds before the second and the third attempt, which is the last."""


@define(eq=False)
class Notification:
    """Posts ``<SocialContact>`` to a URL (the original guide: "CCX Chat Notification")."""

    client: Client
    clock: IReactorTime
    url: str
    host: str = "localhost"
    """SocialMiner's own name in the contact's URLs."""

    def post(self, chat: Chat) -> None:
        """Posts a chat's contact. What goes wrong is logged; the chat does not wait for it."""
        posting = Deferred.fromCoroutine(self._post(chat))
        posting.addErrback(lambda failure: log.failure("Notification broke.", failure))

    async def _post(self, chat: Chat) -> None:
        contact = chat.contact
        for pause in (*PAUSES, None):
            problem = await self._attempt(notification(self.host, contact))
            if not problem:
                log.info("Notification sent. [Contact={id}]", id=contact.id)
                return
            log.warn("Notification failed. [Contact={id}], [{why}]", id=contact.id, why=problem)
            if pause is not None:
                await deferLater(self.clock, pause)
        log.error("Notification given up. [Contact={id}]", id=contact.id)

    async def _attempt(self, body: bytes) -> str:
        headers = {"content-type": "application/xml"}
        try:
            answer = await self.client.call("POST", self.url, headers=headers, body=body)
        except CallFailed as failed:
            return failed.detail
        return "" if 200 <= answer.status < 300 else f"status {answer.status}"
