"""The threads of one page: what its customers do, and what of it the page's app is told.

Times are the clock's, taken as seconds since the epoch: advance a test's `Clock` to a date
before anything else, or Meta's timestamps lie in 1970.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping

from attrs import define, evolve, field
from twisted.internet.interfaces import IReactorTime

from chatgw.sim.meta import events
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.events import Event
from chatgw.sim.meta.thread import Bubble, Customer, Thread

_MOST_EDITS = 5
_OPENING = ("message", "postback", "reaction", "referral", "optin")
"""What opens the window in which the page may write (wire reference, channels 1.7)."""


@define(eq=False)
class Model:
    """All threads of a page. What a customer does is told as events, in order.

    A customer is known from `customer` on; the other methods raise `LookupError` for a PSID, or
    a message, that is not.
    """

    clock: IReactorTime
    account: Account
    tell: Callable[[Event], None]
    """Takes each event for the webhook."""
    stickers_twice: bool = True
    """Stickers come as an image besides (Meta did so until 30 August 2026)."""
    threads: dict[str, Thread] = field(init=False, factory=dict)
    _mids: int = field(init=False, default=0)

    def customer(self, psid: str, first_name: str = "", last_name: str = "") -> Customer:
        """Makes a person known, or gives a known one another name where one is given."""
        thread = self.threads.setdefault(psid, Thread(Customer(psid, first_name, last_name)))
        if first_name or last_name:
            thread.customer = evolve(thread.customer, first_name=first_name, last_name=last_name)
        return thread.customer

    def thread(self, psid: str) -> Thread:
        """A customer's thread."""
        try:
            return self.threads[psid]
        except KeyError:
            raise LookupError(f"no customer {psid}") from None

    def next_mid(self) -> str:
        """A message's id: the same at each run under a `Clock`, and never the same again later."""
        self._mids += 1
        seed = f"{self.account.page_id}/{self.clock.seconds():.6f}/{self._mids}"
        return "m_" + base64.urlsafe_b64encode(hashlib.sha512(seed.encode()).digest()).decode()[:86]

    # What customers do

    def write(self, psid: str, text: str) -> Bubble:
        """The customer writes."""
        return self._message(psid, "text", text, {"text": text})

    def tap(self, psid: str, choice: str) -> Bubble:
        """The customer taps the quick reply of this payload or title.

        Raises:
            LookupError: it is not, or no longer, on offer.
        """
        for chip in self.thread(psid).chips:
            if choice in (chip.payload, chip.title):
                told = {"text": chip.title, "quick_reply": {"payload": chip.payload}}
                bubble = self._message(psid, "text", chip.title, told)
                bubble.payload = chip.payload
                return bubble
        raise LookupError(f"no quick reply {choice!r} on offer")

    def get_started(self, psid: str) -> None:
        """The customer opens the conversation by its button, without writing."""
        told = {"title": "Get started", "payload": "GET_STARTED", "mid": self.next_mid()}
        self._happens(psid, "messaging_postbacks", "postback", told)

    def send_sticker(self, psid: str, sticker_id: int | str = "842488328414943") -> Bubble:
        """The customer sends a sticker."""
        attachments = events.sticker(sticker_id, twice=self.stickers_twice)
        return self._message(psid, "sticker", "", {"attachments": attachments})

    def send_like(self, psid: str) -> Bubble:
        """The customer taps the thumb."""
        attachments = events.sticker(events.LIKE_STICKER, twice=self.stickers_twice)
        return self._message(psid, "like", "", {"attachments": attachments})

    def send_photo(self, psid: str, url: str = "https://scontent.xx.fbcdn.net/v/p.jpg") -> Bubble:
        """The customer sends a photo."""
        return self._message(psid, "photo", "", {"attachments": events.photo(url)})

    def send_location(self, psid: str, lat: float, long: float) -> Bubble:
        """The customer sends where they are, in degrees."""
        return self._message(psid, "location", "", {"attachments": events.location(lat, long)})

    def react(self, psid: str, mid: str, emoji: str) -> None:
        """The customer reacts to a message; an empty emoji takes the reaction back."""
        self.thread(psid).bubble(mid).reaction = emoji
        self._happens(psid, "message_reactions", "reaction", events.reaction(mid, emoji))

    def unsend(self, psid: str, mid: str) -> None:
        """The customer takes back a message of theirs."""
        bubble = self._own(psid, mid)
        bubble.unsent, bubble.text = True, ""
        self._happens(psid, "messages", "message", {"mid": mid, "is_deleted": True})

    def edit(self, psid: str, mid: str, text: str) -> None:
        """The customer changes a text of theirs.

        Raises:
            ValueError: five times already, which is the most Meta allows.
        """
        bubble = self._own(psid, mid)
        if bubble.edits >= _MOST_EDITS:
            raise ValueError(f"a message can be edited {_MOST_EDITS} times")
        bubble.edits, bubble.text = bubble.edits + 1, text
        told = {"mid": mid, "text": text, "num_edit": bubble.edits}
        self._happens(psid, "message_edits", "message_edit", told)

    def read(self, psid: str) -> None:
        """The customer looks at the thread; the app is told if there was something new."""
        unseen = [one for one in self.thread(psid).bubbles if not one.mine and not one.seen]
        if unseen:
            for bubble in unseen:
                bubble.seen = True
            told = {"watermark": events.milliseconds(unseen[-1].at)}
            self._happens(psid, "message_reads", "read", told)

    def causes(self, psid: str, member: str, value: Mapping[str, object]) -> None:
        """The customer causes any other item: ``value`` under the name ``member``."""
        self._happens(psid, "messages", member, value)

    def block(self, psid: str, blocked: bool = True) -> None:
        """The customer blocks the page, or no longer does; nobody is told."""
        self.thread(psid).blocked = blocked

    def acknowledged(self, event: Event) -> None:
        """The page's app has taken an event: the customer sees their message delivered."""
        if event.mid:
            self.thread(event.psid).bubble(event.mid).delivered = True

    def _message(self, psid: str, kind: str, text: str, message: Mapping[str, object]) -> Bubble:
        thread, now, mid = self.thread(psid), self.clock.seconds(), self.next_mid()
        bubble = Bubble(mid, mine=True, kind=kind, text=text, at=now)
        thread.bubbles.append(bubble)
        self._happens(psid, "messages", "message", {"mid": mid, **message}, mid)
        return bubble

    def _own(self, psid: str, mid: str) -> Bubble:
        bubble = self.thread(psid).bubble(mid)
        if not bubble.mine:
            raise LookupError(f"message {mid} is not the customer's")
        return bubble

    def _happens(
        self, psid: str, subscription: str, member: str, value: Mapping[str, object], mid: str = ""
    ) -> None:
        thread, now = self.thread(psid), self.clock.seconds()
        if member in _OPENING:
            thread.active_at = now
        item = events.from_customer(psid, self.account.page_id, now, member, value)
        self.tell(Event(subscription, item, psid, mid))
