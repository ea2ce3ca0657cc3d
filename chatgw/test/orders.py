"""Whole chats whose webhooks are mishandled on their way: again, together, in another order."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail

from chatgw.sim.meta.signing import escaped, signatures
from chatgw.sim.socialminer.chat import Chat
from chatgw.test.fakes import HeldJournal
from chatgw.test.whole import WholeTestCase

AGENT = "agent7901"
LINES = ("one", "two", "three", "four", "five", "six")
"""What each customer says to the agent: before the choice, while waiting, while talking."""

Act = Callable[[], None]


class BrokenJournal(HeldJournal):
    """A journal whose disk can be full."""

    full = False

    def _held(self, act: Callable[[], Deferred[None]]) -> Deferred[None]:
        return fail(OSError("no space left")) if self.full else super()._held(act)


class OrdersTestCase(WholeTestCase):
    """A gateway, and a post office between Meta and its webhook."""

    journal_class = BrokenJournal
    journal: BrokenJournal

    def setUp(self) -> None:
        self.posted: list[bytes] = []
        """All bodies, as they were posted."""
        self.aside: list[bytes] | None = None
        """What was not answered by 200 and will be repeated later, if that is so."""
        self.rearrange: Callable[[dict[str, Any]], None] | None = None
        """Changes an envelope before it is signed and posted."""
        self.around: Callable[[Act], None] = lambda act: act()
        """Does a part of a chat, and what else happens then."""
        super().setUp()
        self.desk.model.join_timeout = 1e6

    def tearDown(self) -> None:
        self.flushLoggedErrors(OSError)

    def _post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        if self.rearrange is not None:
            envelope = json.loads(body)
            self.rearrange(envelope)
            body = escaped(envelope)
            headers = {**headers, **signatures(self.meta.account.app_secret, body)}
        self.posted.append(body)
        aside = self.aside

        def answered(status: int) -> int:
            if aside is None or status == 200:
                return status
            aside.append(body)
            return 200  # or the simulator would repeat it before anything else

        return super()._post(body, headers).addCallback(answered)

    def repeat(self) -> None:
        """Meta posts again what was set aside."""
        aside, self.aside = self.aside or [], None
        for body in aside:
            self.meta.webhooks.send_body(body)
        self.settle()

    def refused(self, act: Callable[[], object]) -> None:
        """The webhooks of an act find the disk full, and are set aside."""
        self.aside = self.aside or []
        self.journal.full = True
        act()
        self.settle()
        self.journal.full = False

    # -- A chat ------------------------------------------------------------------------------

    def stage(self, act: Act) -> None:
        """Part of a chat, as far as its customers' webhooks go."""
        self.around(act)

    def texts(self, psids: tuple[str, ...], *texts: str) -> None:
        """Each customer writes in turn, a little later each time."""
        for text in texts:
            for psid in psids:
                self.write(psid, text)
                self.advance(0.01)

    def taps(self, psids: tuple[str, ...], choice: str) -> None:
        """Each customer taps a choice."""
        for psid in psids:
            self.tap(psid, choice)

    def whole_chats(self, *psids: str) -> None:
        """A chat of each customer at the same time, from the first word to the rating."""
        for psid in psids:
            self.person(psid, name=psid)
        self.stage(lambda: self.texts(psids, "one"))
        self.stage(lambda: self.taps(psids, "Billing"))
        self.stage(lambda: self.texts(psids, "two", "three"))
        for chat in self.desk.model.waiting():
            self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(self.interval)
        self.stage(lambda: self.texts(psids, "four", "five", "six"))
        for chat in self.desk.model.chats.values():
            self.desk.model.say(chat.contact.id, AGENT, "good-bye")
            self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(self.interval)
        self.stage(lambda: self.taps(psids, "5"))
        self.advance(self.interval)

    def chat(self, psid: str) -> Chat:
        """The desk's side of the customer's only chat."""
        chats = self.desk.model.chats.values()
        (chat,) = (one for one in chats if one.contact.request.author == f"{psid} Kumar")
        return chat

    def heard(self, psid: str) -> list[str]:
        """What the agent has read of the customer."""
        lines = self.desk.model.transcript(self.chat(psid).contact.id)
        return [text for who, text in lines if who == "customer"]

    def assert_each_once(self, *psids: str) -> None:
        """Everybody has read everything once and in order, and all is over."""
        self.assertEqual(self.registry.sessions, {})
        self.assertEqual(len(self.registry.delivery), 0)
        self.assertEqual(len(self.desk.model.chats), len(psids))
        for psid in psids:
            self.assertEqual(self.heard(psid), list(LINES), psid)
            self.assertEqual(self.chat(psid).ratings, [5])
            read = self.meta.model.thread(psid).texts(mine=False)
            self.assertEqual((len(read), read[3]), (6, "good-bye"))
