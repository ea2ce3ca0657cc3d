"""Facebook Messenger, as a channel for one page.

Reading, cutting and error codes are in the modules beside this one; here they come together
behind `IChannel`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence

from attrs import define, evolve, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatgw.channels.graph import Graph, hmac_sha256, raw
from chatgw.channels.loose_json import Record, ident, scalar, words
from chatgw.channels.messenger_echo import mark
from chatgw.channels.messenger_envelope import read_webhook
from chatgw.channels.messenger_fit import fit
from chatgw.channels.messenger_item import CHANNEL
from chatgw.channels.messenger_window import closed, is_open, ways
from chatgw.channels.text import shorten
from chatgw.failures import FailureKind
from chatgw.interfaces import IChannel
from chatgw.net.client import Client
from chatgw.values import (
    ChannelEvent,
    Choice,
    Done,
    Dropped,
    Effect,
    Failed,
    LookUpName,
    MarkSeen,
    Outcome,
    Secret,
    SendChoices,
    SendText,
    SendTyping,
    ToCustomer,
    Unknown,
)

log = Logger()

ACTION_DEADLINE = 3.0
"""Seconds for typing dots and seen marks: later they are of no use."""

NAME_UNITS = 100
"""UTF-16 units of a customer's name that are used."""


@implementer(IChannel)
@define(eq=False)
class Messenger:
    """One page's conversations in Facebook Messenger.

    Without an app secret nobody can tell whether a webhook comes from Meta: `authentic` then
    believes everything. Without a page id the events of every page are taken, until `identify`
    has asked for it.
    """

    type = CHANNEL

    _client: Client = field(repr=False)
    _clock: IReactorTime = field(kw_only=True, repr=False)
    """Tells how long ago the customer was last heard of."""
    _base_url: str = field(kw_only=True)
    _version: str = field(kw_only=True)
    _page_access_token: Secret = field(kw_only=True)
    _verification_token: Secret = field(kw_only=True)
    _app_secret: Secret | None = field(kw_only=True)
    page_id: str | None = field(kw_only=True)
    """The page's id, None as long as it is not known."""
    _human_agent: bool = field(default=False, kw_only=True)
    """Whether Meta has granted the page the tag HUMAN_AGENT (`messenger_window`)."""
    _deadline: float = field(default=10.0, kw_only=True)
    """Seconds for a call that sends, and for checking the token."""
    _profile_deadline: float = field(default=2.0, kw_only=True)
    """Seconds for looking up a name: a customer waits for the welcome."""
    _graph: Graph = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._graph = Graph(
            self._client,
            self._base_url,
            self._version,
            self._page_access_token,
            self._app_secret,
        )

    def challenge(self, query: Mapping[bytes, Sequence[bytes]]) -> bytes | None:
        """The challenge of a verification request with the right token, else None.

        It is what the caller sent: answer it as plain text (wire reference, 1.1).
        """
        mode, token, challenge = (
            next(iter(query.get(name, ())), b"")
            for name in (b"hub.mode", b"hub.verify_token", b"hub.challenge")
        )
        if not self._verification_token or mode != b"subscribe":
            return None
        if not hmac.compare_digest(token, raw(self._verification_token)):
            return None
        return challenge or None

    def authentic(self, body: bytes, signature: bytes | None) -> bool:
        """Whether ``X-Hub-Signature-256`` fits the bytes received (wire reference, 1.4)."""
        if not self._app_secret:
            return True
        expected = f"sha256={hmac_sha256(self._app_secret, body)}".encode("ascii")
        return hmac.compare_digest(expected, signature or b"")

    def read(self, body: bytes, at: float) -> list[ChannelEvent]:
        """All that a webhook tells (`read_webhook`)."""
        return read_webhook(body, at, self.page_id)

    def fit(self, effect: Effect) -> list[Effect]:
        """The parts that Messenger takes in one call each (`chatgw.channels.messenger_fit`)."""
        return fit(effect)

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """Performs one effect; whatever goes wrong is an outcome.

        One call, or two for an agent's text that Meta takes only under the tag HUMAN_AGENT.
        """
        return Deferred.fromCoroutine(self._perform(effect)).addErrback(_unforeseen)

    async def check_token(self) -> Outcome:
        """Asks Meta whose token this is.

        Returns:
            ``Done`` with the page's id, or ``Failed`` with a reason that a person understands.
        """
        reply = await self._graph.get("me", "id,name", self._deadline)
        if isinstance(reply, Failed):
            return reply
        page = ident(reply.content.get("id"))
        if not page:
            return Failed(FailureKind.TRANSIENT, "Facebook did not say whose token this is")
        if self.page_id not in (None, page):
            detail = f"the page access token is for page {page}, not for page {self.page_id}"
            return Failed(FailureKind.CREDENTIALS, detail)
        return Done(page)

    async def identify(self) -> Outcome:
        """Checks the token, and learns the page's id from it if it is not configured."""
        outcome = await self.check_token()
        if isinstance(outcome, Done):
            self.page_id = str(outcome.result)
        return outcome

    async def _perform(self, effect: Effect) -> Outcome:
        match effect:
            case SendText(text=text) | SendChoices(text=text) if not text.strip():
                return Dropped("there is no text to send")
            case SendText():
                return await self._send(effect, {"text": effect.text})
            case SendChoices():
                message: Record = {"text": effect.text}
                if effect.choices:
                    message["quick_replies"] = [_chip(choice) for choice in effect.choices]
                return await self._send(effect, message)
            case SendTyping():
                return await self._act(
                    effect, "typing_on" if effect.status == "composing" else "typing_off"
                )
            case MarkSeen():
                return await self._act(effect, "mark_seen")
            case LookUpName():
                return await self._look_up_name(effect.address.customer)
        return Failed(FailureKind.BAD_REQUEST, f"Messenger has no {type(effect).__name__}")

    async def _send(self, effect: ToCustomer, message: Record) -> Outcome:
        """Sends a message, in the first way that Meta allows; a refusal is certain."""
        now = self._clock.seconds()
        outcome: Outcome = closed(effect, now)
        for way in ways(effect, now, self._human_agent):
            body = {
                "recipient": {"id": effect.address.customer},
                **way,
                "message": {**message, "metadata": mark(effect.id)},
            }
            outcome = await self._post(body)
            if not (isinstance(outcome, Failed) and outcome.kind is FailureKind.WINDOW_CLOSED):
                break
        return outcome

    async def _post(self, body: Record) -> Outcome:
        reply = await self._graph.post(self._messages, body, self._deadline)
        if isinstance(reply, Failed | Unknown):
            return reply
        message_id = scalar(reply.content.get("message_id"))
        if not message_id:
            return Unknown("Facebook gave no message id")
        return Done(message_id, reply.pause)

    async def _act(self, effect: ToCustomer, action: str) -> Outcome:
        """Shows something for a moment. It is sent without a message (wire reference, 1.7)."""
        if not is_open(effect, self._clock.seconds()):
            return Dropped("the customer may no longer be written to")
        body: Record = {"recipient": {"id": effect.address.customer}, "sender_action": action}
        deadline = min(ACTION_DEADLINE, self._deadline)
        reply = await self._graph.post(self._messages, body, deadline)
        return reply if isinstance(reply, Failed | Unknown) else Done(pause=reply.pause)

    async def _look_up_name(self, customer: str) -> Outcome:
        """The customer's first and last name.

        One attempt, for a chat waits for it to be opened; but what is wrong with the page has to
        be known.
        """
        reply = await self._graph.get(customer, "first_name,last_name", self._profile_deadline)
        if isinstance(reply, Failed):
            over = reply.kind.passing and not reply.kind.holds
            return evolve(reply, kind=FailureKind.EXPIRED) if over else reply
        names = (words(reply.content.get(name)) for name in ("first_name", "last_name"))
        name = " ".join(" ".join(names).split())
        if not name:
            return Failed(FailureKind.PERMISSION, "Facebook does not give the customer's name")
        return Done(shorten(name, NAME_UNITS), reply.pause)

    @property
    def _messages(self) -> str:
        return f"{self.page_id or 'me'}/messages"


def _chip(choice: Choice) -> Record:
    return {"content_type": "text", "title": choice.title, "payload": choice.payload}


def _unforeseen(failure: Failure) -> Outcome:
    """A mistake of ours is an outcome too: it may have happened after the message left."""
    log.failure("Performing an effect towards Messenger broke.", failure)
    return Unknown(f"an unforeseen {type(failure.value).__name__}")
