"""One customer's conversation with the agent; neither knows of any crash."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.task import deferLater

from chatgw.config.channels import AgentNotices, Messages
from chatgw.sim.meta.thread import Thread
from chatgw.sim.socialminer.chat import CUSTOMER, Chat
from chatgw.test.crash.lives import PATIENCE, NeverError, reactor, until
from chatgw.test.crash.stage import AGENT, Stage

WARM_UP = 3
"""Texts each side writes before the daemon may be killed amid the talk."""

AFTERWARDS = 3
"""Texts each side writes once it is back."""

PAUSE = 0.3
"""Seconds between two texts of one person."""

NOTICE = AgentNotices().prefix
"""What begins what the gateway itself says to an agent."""

ENDINGS = (Messages().RATING_COMPLETE, Messages().CHAT_ENDED)
"""The last word of the page: thanks for the rating, or if it was lost merely for the chat."""


@define(eq=False)
class Talk:
    """A customer, from the first word to the rating."""

    stage: Stage
    name: str
    psid: str
    written: list[str] = field(factory=list)
    """What the customer has written."""
    said: list[str] = field(factory=list)
    """What the agent has said."""
    warm: bool = False
    """Whether both have talked for a while."""

    @property
    def chats(self) -> list[Chat]:
        """The desk's chats in which this customer was heard."""
        return [chat for chat in self.stage.desk.model.chats.values() if self._heard_in(chat)]

    @property
    def heard(self) -> list[str]:
        """What the agent has read of the customer's, in order."""
        return [text for text in self._told if not text.startswith(NOTICE)]

    @property
    def notices(self) -> list[str]:
        """What the agent has been told by the gateway itself."""
        return [text for text in self._told if text.startswith(NOTICE)]

    @property
    def read(self) -> list[str]:
        """What the customer has read of the page's, in order."""
        return [bubble.text for bubble in self._thread.bubbles if not bubble.mine]

    @property
    def ratings(self) -> list[int]:
        """The ratings that came to the desk."""
        return [rating for chat in self.chats for rating in chat.ratings]

    async def run(self) -> None:
        """Talks.

        Raises:
            NeverError: it comes to a halt.
        """
        self.stage.meta.model.customer(self.psid, self.name, "Kumar")
        self._write()
        await self._chips("Billing")
        self.stage.meta.model.tap(self.psid, "Billing")
        self._write()
        await until(lambda: self.chats, f"{self.name}'s first word at the agent")
        await self._exchange(WARM_UP)
        self.warm = True
        if self.stage.point.amid_the_talk:
            await self._talk_on()
        await self._exchange(AFTERWARDS)
        await until(lambda: self.written[-1] in self.heard, f"{self.name}'s last word at the agent")
        await until(lambda: self.said[-1] in self.read, f"the agent's last word to {self.name}")
        (chat,) = self.chats
        self.stage.desk.model.leave(chat.contact.id, AGENT)
        await self._chips("5")
        self.stage.meta.model.tap(self.psid, "5")
        await until(lambda: not chat.customer_present, f"{self.name}'s leave of the desk")
        await until(lambda: self.read[-1] in ENDINGS, f"a last word to {self.name}")

    async def _talk_on(self) -> None:
        """Talks until the daemon is back."""
        end = reactor.seconds() + PATIENCE
        while not self.stage.lives.survived:
            if reactor.seconds() > end:
                raise NeverError("the death that was due, or a life after it")
            await self._exchange(1)

    async def _chips(self, title: str) -> None:
        """Waits for a quick reply to be on offer."""
        await until(
            lambda: any(chip.title == title for chip in self._thread.chips),
            f"{title!r} on offer to {self.name}",
        )

    async def _exchange(self, times: int) -> None:
        for _ in range(times):
            self._write()
            await deferLater(reactor, PAUSE / 2)
            self._say()
            await deferLater(reactor, PAUSE / 2)

    def _write(self) -> None:
        self.written.append(f"{self.name} writes {len(self.written) + 1} 👋")
        self.stage.meta.model.write(self.psid, self.written[-1])

    def _say(self) -> None:
        self.said.append(f"To {self.name}, {len(self.said) + 1} 안녕")
        self.stage.desk.model.say(self.chats[0].contact.id, AGENT, self.said[-1])

    @property
    def _told(self) -> list[str]:
        return [text for chat in self.chats for text in self._heard_in(chat)]

    def _heard_in(self, chat: Chat) -> list[str]:
        """All the customer's side has said in a chat, if any of it is this customer's."""
        lines = [line.text for line in chat.lines if line.who == CUSTOMER]
        return lines if any(line.startswith(self.name) for line in lines) else []

    @property
    def _thread(self) -> Thread:
        return self.stage.meta.model.thread(self.psid)
