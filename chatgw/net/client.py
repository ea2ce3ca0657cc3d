"""One HTTP call: a deadline on the whole of it, a limit on the answer, nothing carried over."""

# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from attrs import frozen
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool
from twisted.web.http_headers import Headers

from chatgw.net.body import read_body
from chatgw.net.causes import arrived, explain
from chatgw.net.slots import Slots

if TYPE_CHECKING:  # it brings trial along
    from treq.testing import StubTreq

log = Logger()

CLOSING = 5.0
"""Seconds that closing idle connections may take."""

MOST = 64
"""Calls under way at a time: a peer that is slower than we call it is not helped by more."""


@frozen
class Answer:
    """The whole answer of a call."""

    status: int
    headers: Headers
    body: bytes


class CallFailed(Exception):  # noqa: N818 -- reads as what happened
    """No usable answer.

    Attributes:
        detail: what happened, for operators; no secret, no URL query.
        arrived: False if it is certain that the peer never got the request, True if it may have.
        ours: whether it never had its turn, which tells nothing about the peer.
    """

    def __init__(self, detail: str, arrived: bool, ours: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.arrived = arrived
        self.ours = ours


class Client:
    """Makes calls. Follows no redirect, keeps no cookie, tries nothing twice.

    Args:
        http: treq's client (`chatgw.net.outgoing`), or its stub in tests.
        clock: measures the deadlines.
        pool: the idle connections to be closed by `close`, if there are any.
        most: calls under way at a time, one at least; more wait their turn, in order.
    """

    def __init__(
        self,
        http: HTTPClient | StubTreq,
        clock: IReactorTime,
        pool: HTTPConnectionPool | None = None,
        most: int = MOST,
    ) -> None:
        # StubTreq has treq's functions, but not in the type checker's eyes.
        self._request: Callable[..., Deferred[Any]] = http.request  # type: ignore[union-attr]
        self._clock = clock
        self._pool = pool
        self._slots = Slots(most)

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float = 10.0,
        limit: int = 1_048_576,
    ) -> Answer:
        """Sends a request and takes the whole answer, whatever its status.

        If enough other calls are under way it waits for its turn before. Cancelling it closes the
        connection, or gives up its turn.

        Args:
            method: ``GET``, ``POST`` …
            url: absolute.
            headers: one value a name. A ``Cookie`` is sent only if it is among them.
            body: the request's body.
            deadline: seconds from its turn to the answer's last byte. It waits for its turn as
                long again at most: what it then has left would not do for an exchange.
            limit: the most bytes of body accepted, counted after decompression.

        Raises:
            CallFailed: there is no usable answer; nothing else is raised.
        """
        await self._turn(deadline)
        try:
            exchanging = self._exchange(method, url, headers or {}, body, limit)
            exchange = Deferred.fromCoroutine(exchanging)
            return await exchange.addTimeout(deadline, self._clock, _overdue)
        finally:
            self._slots.give_back()

    async def _turn(self, within: float) -> None:
        """Waits until it is among the calls under way.

        Raises:
            CallFailed: it is not, after so many seconds, or was cancelled before.
        """
        latest = self._clock.seconds() + within
        try:
            await self._slots.take().addTimeout(within, self._clock, _crowded_out)
        except CancelledError:
            raise CallFailed("cancelled", arrived=False, ours=True) from None
        if self._clock.seconds() >= latest:  # its turn came when its time was just up
            self._slots.give_back()
            _crowded_out(None, within)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, limit: int
    ) -> Answer:
        response = None
        try:
            response = await self._request(
                method,
                url,
                headers=_fields(headers),
                data=body,
                allow_redirects=False,
                unbuffered=True,
                reactor=self._clock,  # or treq imports the global one, though it needs none
            )
            content = await read_body(response.original, limit)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the caller gets CallFailed
            sent = response is not None or arrived(error)
            # Not chained: Twisted's texts quote URLs, and a URL may hold a token.
            raise CallFailed(explain(error, _host(url)), sent) from None
        return Answer(response.code, response.headers, content)

    def close(self) -> Deferred[None]:
        """Closes the idle connections; calls under way go on.

        Returns:
            A Deferred that never fails and fires within 5 s, whether or not the peers comply.
        """
        if self._pool is None:
            return succeed(None)
        closing: Deferred[None] = self._pool.closeCachedConnections()
        return closing.addTimeout(CLOSING, self._clock).addErrback(_unclosed)


def _fields(headers: Mapping[str, str]) -> Headers:
    fields = Headers()
    # A field without values: nothing is sent, and treq's jar, which remembers the cookies of
    # whoever used the client last, is not asked.
    fields.setRawHeaders("Cookie", [])
    for name, value in headers.items():
        fields.setRawHeaders(name, [value])
    return fields


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "no host"
    except ValueError:
        return "no host"


def _overdue(outcome: Answer | Failure, deadline: float) -> Answer:
    """Names the deadline as the cause; an answer that came all the same is kept."""
    if not isinstance(outcome, Failure):
        return outcome
    error = outcome.value
    sent = not isinstance(error, CallFailed) or error.arrived
    raise CallFailed(f"no {'answer' if sent else 'connection'} within {deadline:g} s", sent)


def _crowded_out(_: object, within: float) -> NoReturn:
    raise CallFailed(f"no free connection within {within:g} s", arrived=False, ours=True)


def _unclosed(failure: Failure) -> None:
    log.info(
        "Idle connections did not close in time. [{reason}]", reason=type(failure.value).__name__
    )
