"""SocialMiner's public chat API, for customers' clients (wire reference, SocialMiner 1 and 3).

Served under both known prefixes, with and without a closing slash. The names of the operations
for scripted faults: ``create``, ``events``, ``message``, ``typing``, ``leaveChat``, ``delete``,
``rating``. ``duplicate`` and ``reorder`` mean: ``events`` tells each event twice, or the last one
first; ``message`` is said twice, or after the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from weakref import WeakKeyDictionary

from attrs import define, field
from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from chatgw.sim.faults import Fault, Faults, answered
from chatgw.sim.reply import Reply
from chatgw.sim.socialminer.centre import ContactCentre
from chatgw.sim.socialminer.chat import Chat, NotPossibleError
from chatgw.sim.socialminer.contact import Contact
from chatgw.sim.socialminer.reading import (
    UnreadableError,
    read_chat_form,
    read_chat_request,
    read_message,
    read_rating,
    read_typing,
)
from chatgw.sim.socialminer.writing import api_errors, chat_events, ref_url, social_contact

PREFIXES = ("/ccp/chat", "/ccp/rest/chat")
"""The chat API's places: in 11.x, and in the later documentation."""

COOKIE = b"JSESSIONID"
XML = "application/xml"


@define(eq=False)
class ChatApi:
    """The chat API over a contact centre."""

    centre: ContactCentre
    faults: Faults
    clock: IReactorTime
    _held: WeakKeyDictionary[Chat, list[str]] = field(factory=WeakKeyDictionary, init=False)
    """Texts to be said after the next one."""

    def routes(self, app: Klein) -> None:
        """Adds the API to an application."""
        for prefix in PREFIXES:
            for method, path, answer in (
                ("POST", "", self.create),
                ("GET", "", self.events),
                ("PUT", "", self.message),
                ("DELETE", "", self.delete),
                ("PUT", "/event", self.typing),
                ("PUT", "/leaveChat", self.leave),
                ("PUT", "/rating", self.rating),
                ("POST", "/rating", self.rating),
                ("PUT", "/feedback", self.rating),
                ("POST", "/feedback", self.rating),
                ("GET", "/<int:feed_id>/redirect", self.form),
                ("POST", "/form/<int:feed_id>", self.form),
                ("POST", "/<int:feed_id>", self.form),
            ):
                app.route(prefix + path, methods=[method], strict_slashes=False)(answer)

    async def create(self, request: IRequest) -> bytes:
        """Opens a chat from XML: 201, its URL, and the cookie that is its only name."""
        body, host = request.content.read(), _host(request)

        def act() -> Reply:
            contact = self.centre.open(read_chat_request(body)).contact
            headers = {"location": ref_url(host, contact), "set-cookie": _cookie(contact)}
            return Reply(201, social_contact(host, contact), XML, headers)

        return await self._answer(self.faults.take("create"), request, act)

    async def form(self, request: IRequest, feed_id: int) -> bytes:
        """Opens a chat from a form or a link: the cookie, and the way to the customer's page."""
        host = _host(request)

        def act() -> Reply:
            contact = self.centre.open(read_chat_form(str(feed_id), request.args)).contact
            page = f"http://{host}/ccp/ui/chat.jsp"
            return Reply(302, headers={"location": page, "set-cookie": _cookie(contact)})

        return await self._answer(self.faults.take("create"), request, act)

    async def events(self, request: IRequest) -> bytes:
        """The events after ``eventid``: the same ones again if they are asked for again."""
        fault = self.faults.take("events")
        everything = _argument(request, b"all", "false") == "true"
        after = _argument(request, b"eventid", "0") or "0"

        def act(chat: Chat) -> Reply:
            if not re.fullmatch(r"[0-9]{1,9}", after, re.ASCII):
                raise UnreadableError("eventid is a number")
            told = chat.events_after(int(after), everything)
            if fault is not None and fault.kind == "duplicate":
                told = [event for event in told for _ in range(2)]
            if fault is not None and fault.kind == "reorder":
                told.reverse()
            return Reply(200, chat_events(told), XML)

        return await self._answer_in_session(fault, request, act)

    async def message(self, request: IRequest) -> bytes:
        """The customer says something."""
        fault, body = self.faults.take("message"), request.content.read()

        def act(chat: Chat) -> Reply:
            held = self._held.setdefault(chat, [])
            held.insert(0, read_message(body))
            if fault is None or fault.kind != "reorder":
                while held:
                    self.centre.hear(chat, held.pop(0))
            return Reply()

        return await self._answer_in_session(fault, request, act)

    async def typing(self, request: IRequest) -> bytes:
        """The customer types, or has paused."""
        body = request.content.read()

        def act(chat: Chat) -> Reply:
            chat.customer_typing = read_typing(body) == "composing"
            return Reply()

        return await self._answer_in_session(self.faults.take("typing"), request, act)

    async def leave(self, request: IRequest) -> bytes:
        """The customer leaves the room; the session can still be used."""

        def act(chat: Chat) -> Reply:
            self.centre.depart(chat)
            return Reply()

        return await self._answer_in_session(self.faults.take("leaveChat"), request, act)

    async def delete(self, request: IRequest) -> bytes:
        """The customer ends the session."""

        def act(chat: Chat) -> Reply:
            self.centre.end(chat.contact.id, "ended by the customer")
            return Reply()

        return await self._answer_in_session(self.faults.take("delete"), request, act)

    async def rating(self, request: IRequest) -> bytes:
        """The customer rates the chat; taken again if it is submitted again."""
        body = request.content.read()

        def act(chat: Chat) -> Reply:
            self.centre.rate(chat, read_rating(body))
            return Reply()

        return await self._answer_in_session(self.faults.take("rating"), request, act)

    async def _answer_in_session(
        self, fault: Fault | None, request: IRequest, act: Callable[[Chat], Reply]
    ) -> bytes:
        cookie = request.getCookie(COOKIE)
        session_id = cookie.decode(errors="replace") if cookie else "null"

        def found() -> Reply:
            chat = self.centre.session(session_id)
            if chat is None:
                text = f"no user found for the current session id: {session_id}"
                return _refusal(404, text, "notFound")
            return act(chat)

        return await self._answer(fault, request, found)

    async def _answer(
        self, fault: Fault | None, request: IRequest, act: Callable[[], Reply]
    ) -> bytes:
        def checked() -> Reply:
            try:
                return act()
            except (UnreadableError, NotPossibleError) as error:
                return _refusal(400, str(error), "invalidInput")

        return await answered(fault, request, self.clock, checked, _scripted)


def _refusal(status: int, text: str, kind: str) -> Reply:
    return Reply(status, api_errors(text, kind), XML)


def _scripted(fault: Fault) -> Reply:
    return _refusal(
        fault.status, "a scripted fault", "notFound" if fault.status == 404 else "error"
    )


def _cookie(contact: Contact) -> str:
    return f"{COOKIE.decode()}={contact.session_id}; Path=/ccp; HttpOnly"


def _host(request: IRequest) -> str:
    name: bytes = request.requestHeaders.getRawHeaders(b"host", [b"localhost"])[0]
    return name.decode(errors="replace")


def _argument(request: IRequest, name: bytes, default: str) -> str:
    values: list[bytes] = request.args.get(name, [default.encode()])
    return values[0].decode(errors="replace")
