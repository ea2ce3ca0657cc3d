"""The agents' side over HTTP, in JSON, for the agent's page and for whoever plays an agent.

==================================  =============================================================
``POST /agent/api/login``           ``{"agent": "agent7901", "queues": ["4"]}``; all queues if none
``POST /agent/api/logout``          ``{"agent": …}``
``GET  /agent/api/state?agent=…``   all that the agent sees; 404 if the agent is not logged in
``POST /agent/api/contacts/ID/…``   ``accept``, ``leave``; ``say`` with ``"text"``; ``typing`` with
                                    ``"status"``; ``transfer`` with ``"to"``; all with ``"agent"``
==================================  =============================================================

Each ``POST`` answers ``{}``, or 400 and ``{"error": …}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import asdict, define
from klein import Klein
from twisted.web.iweb import IRequest

from chatgw.sim.reply import Reply, json_reply
from chatgw.sim.socialminer.centre import ContactCentre
from chatgw.sim.socialminer.chat import Chat, NotPossibleError
from chatgw.sim.socialminer.reading import legal

SHOWN = 20
"""How many finished chats an agent sees."""

LONGEST = 10_000
"""Characters in one text of an agent."""


@define(eq=False)
class AgentApi:
    """What agents see and do in a contact centre."""

    centre: ContactCentre

    def routes(self, app: Klein) -> None:
        """Adds the API to an application."""
        app.route("/agent/api/login", methods=["POST"])(self.login)
        app.route("/agent/api/logout", methods=["POST"])(self.logout)
        app.route("/agent/api/state", methods=["GET"])(self.state)
        app.route("/agent/api/contacts/<contact_id>/<action>", methods=["POST"])(self.act)

    def login(self, request: IRequest) -> bytes:
        """Logs an agent in."""

        def login(asked: _Asked) -> None:
            self.centre.login(asked.text("agent"), asked.texts("queues"))

        return _done(request, login)

    def logout(self, request: IRequest) -> bytes:
        """Logs an agent out."""
        return _done(request, lambda asked: self.centre.logout(asked.text("agent")))

    def act(self, request: IRequest, contact_id: str, action: str) -> bytes:
        """Does something in a chat."""

        def act(asked: _Asked) -> None:
            agent = asked.text("agent")
            match action:
                case "accept":
                    self.centre.accept(contact_id, agent)
                case "say":
                    self.centre.say(contact_id, agent, asked.text("text"))
                case "typing":
                    self.centre.typing(contact_id, agent, asked.text("status"))
                case "transfer":
                    self.centre.transfer(contact_id, agent, asked.text("to"))
                case "leave":
                    self.centre.leave(contact_id, agent)
                case _:
                    raise NotPossibleError(f"there is no action {action!r}")

        return _done(request, act)

    def state(self, request: IRequest) -> bytes:
        """All that one agent sees."""
        agent = request.args.get(b"agent", [b""])[0].decode(errors="replace")
        if agent not in self.centre.agents:
            return json_reply({"error": f"{agent!r} is not logged in"}, 404).to(request)
        served = [chat for chat in self.centre.chats.values() if agent in chat.served_by]
        finished = [chat for chat in reversed(served) if agent not in chat.agents]
        queues = self.centre.agents[agent]
        seen = {
            "agent": agent,
            "now": self.centre.clock.seconds(),
            "queues": [{"id": queue, "name": self.centre.queues[queue]} for queue in queues],
            "others": sorted(name for name in self.centre.agents if name != agent),
            "waiting": [self._shown(chat) for chat in self.centre.waiting(agent)],
            "chats": [self._shown(chat) for chat in served if agent in chat.agents],
            "finished": [self._shown(chat) for chat in finished[:SHOWN]],
        }
        return json_reply(seen).to(request)

    def _shown(self, chat: Chat) -> dict[str, object]:
        contact = chat.contact
        return {
            "id": contact.id,
            "customer": contact.request.author,
            "title": contact.request.title,
            "queue": contact.queue_id,
            "queueName": self.centre.queues.get(contact.queue_id, ""),
            "since": contact.published / 1000,
            "agents": chat.agents,
            "lines": [asdict(line) for line in chat.lines],
            "customerTyping": chat.customer_typing,
            "customerPresent": chat.customer_present,
            "ended": chat.ended,
            "rating": chat.ratings[-1] if chat.ratings else None,
        }


@define
class _Asked:
    """The JSON object of a request."""

    _values: dict[str, object]

    def text(self, name: str) -> str:
        value = self._values.get(name)
        if not isinstance(value, str) or not legal(value).strip():
            raise NotPossibleError(f"{name}: expected a text")
        if len(value) > LONGEST:
            raise NotPossibleError(f"{name}: longer than {LONGEST} characters")
        return legal(value)

    def texts(self, name: str) -> list[str] | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise NotPossibleError(f"{name}: expected a list of texts")
        return value


def _done(request: IRequest, act: Callable[[_Asked], None]) -> bytes:
    return _tried(request.content.read(), act).to(request)


def _tried(body: bytes, act: Callable[[_Asked], None]) -> Reply:
    try:
        data = json.loads(body)
        if not isinstance(data, dict):
            raise NotPossibleError("expected a JSON object")
        act(_Asked(data))
    except (ValueError, RecursionError) as error:
        return json_reply({"error": str(error)}, 400)
    return json_reply({})
