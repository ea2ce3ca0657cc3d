"""Cisco SocialMiner, later named Customer Collaboration Platform, behind `IDesk`.

A chat is known to SocialMiner by its session cookie alone (wire reference, SocialMiner 1.1), so
the cookie travels as a header with each request and no jar is kept: one jar for all would send
one customer's words into another's chat.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from attrs import define, evolve, field
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatgw.desks.socialminer_chat import chat_opened
from chatgw.desks.socialminer_errors import is_certain, refusal
from chatgw.desks.socialminer_events import message_ids, read_events
from chatgw.desks.socialminer_xml import MalformedXMLError, contact, message, readable
from chatgw.failures import FailureKind
from chatgw.interfaces import Batch, IDesk
from chatgw.net.client import Answer, CallFailed, Client
from chatgw.values import (
    ChatHandle,
    Done,
    Effect,
    Failed,
    LeaveChat,
    OpenChat,
    Outcome,
    Say,
    SubmitRating,
    Unknown,
)

log = Logger()

_T = TypeVar("_T")

_MOST_NEW: Final = 1_048_576
"""Bytes of events since the last poll."""

_MOST_EVER: Final = 8_388_608
"""Bytes of all the events of a chat."""


def _without_slash(url: str) -> str:
    return url.rstrip("/")


@implementer(IDesk)
@define(eq=False)
class SocialMiner:
    """SocialMiner's chat API."""

    _client: Client
    _polls: Client = field(kw_only=True)
    """The client for polls: however many there are, what people wrote does not wait for them."""
    base_url: str = field(kw_only=True, converter=_without_slash)
    """Scheme, host, port and prefix of the chat API: ``http://localhost:80/ccp/chat``."""
    public_host: str = field(kw_only=True)
    """The host by which SocialMiner knows its own feeds."""
    rating_method: str = field(kw_only=True)
    """Method, path and body of the rating call are settings, for no public source tells them
    (wire reference, SocialMiner 3)."""
    rating_path: str = field(kw_only=True)
    """Under the prefix: ``/rating``; ``{rating}`` in it stands for the figure."""
    rating_body: str = field(kw_only=True)
    """A template for `str.format`: ``<ChatRating><rating>{rating}</rating></ChatRating>``."""
    deadline: float = field(kw_only=True, default=10.0)
    """Seconds for a whole exchange, but for the opening of a chat: that has its effect's."""

    def perform(self, effect: Effect) -> Deferred[Outcome]:
        """Performs an effect towards the desk, in one call. See `IDesk`."""
        return Deferred.fromCoroutine(self._perform(effect)).addErrback(_own_mistake)

    def poll(self, chat: ChatHandle, after: int) -> Deferred[Batch | Failed]:
        """The events of a chat after the id ``after``. See `IDesk`."""
        return Deferred.fromCoroutine(self._poll(chat, after)).addErrback(_own_mistake_in_poll)

    def count_said(self, chat: ChatHandle) -> Deferred[int | Failed]:
        """How many texts of ours the chat holds. See `IDesk`.

        In two calls, each with the desk's deadline.
        """
        return Deferred.fromCoroutine(self._count_said(chat)).addErrback(_own_mistake_in_poll)

    async def _perform(self, effect: Effect) -> Outcome:
        try:
            match effect:
                case OpenChat():
                    return await self._open(effect)
                case Say(chat=chat, text=text):
                    return _said(await self._call("PUT", "", message(text), chat))
                case LeaveChat(chat=chat):
                    return _outcome(await self._call("PUT", "/leaveChat", b"", chat))
                case SubmitRating(chat=chat, rating=rating):
                    body = self.rating_body.format(rating=rating).encode()
                    path = self.rating_path.replace("{rating}", str(rating))
                    answer = await self._call(self.rating_method, path, body, chat)
                    if answer.status == 404 and not readable(answer.body):
                        # The address is a guess: it is rather wrong than away for a moment.
                        absent = f"SocialMiner answered 404: there is no {path}"
                        return Failed(FailureKind.BAD_REQUEST, absent)
                    return _outcome(answer)
        except CallFailed as failed:
            return Unknown(failed.detail) if failed.arrived else _unasked(failed)
        return Failed(FailureKind.BAD_REQUEST, f"{type(effect).__name__} is not for a desk")

    async def _open(self, effect: OpenChat) -> Outcome:
        body = contact(
            feed_url=f"http://{self.public_host}/ccp-webapp/ccp/feed/{effect.feed_id}",
            author=effect.author,
            title=effect.title,
            fields={
                "ccxqueuetag": f"Chat_Csq{effect.queue_id}",
                # The agent's gadget shows this one, and breaks without it.
                "h_Name": effect.author,
                "h_chatOrigin": effect.origin,
            },
        )
        # Given up early, a slow one would still put a contact into the queue, and nobody would
        # have its cookie: an opening may take all the time that it is of use.
        answer = await self._call("POST", "", body, deadline=effect.useful_for)
        refused = refusal(answer)
        if refused is None:
            opened = chat_opened(answer)
            match opened:
                case Done(result=ChatHandle() as chat):
                    return Done(evolve(chat, base_url=self.base_url))
            return opened
        if answer.status >= 500 or refused.kind is FailureKind.TRANSIENT:
            return evolve(refused, kind=FailureKind.TRANSIENT)
        # There is no chat yet that could be gone, and a person is waiting: final at once.
        return evolve(refused, kind=FailureKind.BAD_REQUEST, retry_after=None)

    async def _poll(self, chat: ChatHandle, after: int) -> Batch | Failed:
        query = f"?all=false&eventid={after}"
        reading = await self._ask(
            self._polls, chat, query, lambda body: read_events(body, after), _MOST_NEW
        )
        if isinstance(reading, Failed):
            return reading
        if reading.skipped:
            log.warn(
                "Events not understood. Ignoring {count}. [SC RefURL={url}], [Events={events}]",
                count=len(reading.skipped),
                url=chat.ref_url,
                events=", ".join(reading.skipped[:5]),
            )
        return reading.batch

    async def _count_said(self, chat: ChatHandle) -> int | Failed:
        # How SocialMiner names the author of a customer's text is not documented; what it leaves
        # out unless asked for "all" is (wire reference, SocialMiner 1.3). All come first: what an
        # agent writes between the two calls is then in the second alone, where nobody counts it.
        client = self._client
        every = await self._ask(client, chat, "?all=true&eventid=0", message_ids, _MOST_EVER)
        if isinstance(every, Failed):
            return every
        others = await self._ask(client, chat, "?all=false&eventid=0", message_ids, _MOST_EVER)
        return others if isinstance(others, Failed) else len(every - others)

    async def _ask(
        self,
        client: Client,
        chat: ChatHandle,
        query: str,
        read: Callable[[bytes], _T],
        limit: int,
    ) -> _T | Failed:
        """Asks for a chat's events, and reads the answer."""
        try:
            answer = await self._call("GET", query, b"", chat, limit=limit, client=client)
        except CallFailed as failed:
            return _unasked(failed)
        if refused := refusal(answer):
            return refused
        try:
            return read(answer.body)
        except MalformedXMLError as error:
            return Failed(FailureKind.TRANSIENT, f"SocialMiner's events are unreadable: {error}")

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes,
        chat: ChatHandle | None = None,
        deadline: float | None = None,
        limit: int = _MOST_NEW,
        client: Client | None = None,
    ) -> Answer:
        headers = {"Accept": "application/xml"}
        if body:
            headers["Content-Type"] = "application/xml"
        if chat:
            headers["Cookie"] = chat.cookie.reveal()
        return await (client or self._client).call(
            method,
            ((chat and chat.base_url) or self.base_url) + path,
            headers=headers,
            body=body,
            deadline=self.deadline if deadline is None else deadline,
            limit=limit,
        )


def _unasked(failed: CallFailed) -> Failed:
    kind = FailureKind.BUSY if failed.ours else FailureKind.TRANSIENT
    return Failed(kind, failed.detail)


def _said(answer: Answer) -> Outcome:
    """What became of a text: an agent who reads it twice has been told more than was said."""
    # An error message may quote what the customer wrote.
    refused = refusal(answer, quotes=False)
    if refused is None:
        return _outcome(answer)
    return refused if is_certain(answer, refused) else Unknown(refused.detail)


def _outcome(answer: Answer) -> Outcome:
    if refused := refusal(answer):
        return refused
    if not readable(answer.body):
        # A sign-in page, a proxy's notice: SocialMiner may never have been asked.
        return Unknown(f"an answer with status {answer.status} that is not SocialMiner's")
    return Done()


def _own_mistake(failure: Failure) -> Outcome:
    log.failure("An effect towards SocialMiner failed by a mistake of chatgw's.", failure)
    return Unknown(f"mistake in chatgw: {type(failure.value).__name__}")


def _own_mistake_in_poll(failure: Failure) -> Failed:
    log.failure("SocialMiner could not be asked for events by a mistake of chatgw's.", failure)
    return Failed(FailureKind.TRANSIENT, f"mistake in chatgw: {type(failure.value).__name__}")
