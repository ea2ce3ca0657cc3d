"""The contact centre behind SocialMiner: queues, agents, chats, and the timers that end them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from attrs import define, field, frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatgw.sim.socialminer.chat import Chat, NotPossibleError
from chatgw.sim.socialminer.contact import ChatRequest, new_contact
from chatgw.sim.socialminer.countdown import Countdown

log = Logger()

QUEUES = {"4": "1162FBMQ1", "5": "1162FBMQ2", "6": "1162FBMQ3"}
"""The queues of the original guide: id and name."""


@frozen
class Timers:
    """The two timers of a chat whose session lasts."""

    join: Countdown
    idle: Countdown


@define(eq=False)
class ContactCentre:
    """Chats and the agents who take them.

    Whatever is not possible raises `NotPossibleError`, and changes nothing.
    """

    clock: IReactorTime
    queues: Mapping[str, str] = field(factory=QUEUES.copy)
    """Names of the queues by id."""
    join_timeout: float = 60.0
    """Seconds after which a waiting customer is told that nobody has joined."""
    inactivity_timeout: float = 300.0
    """Seconds without a message after which the chat is taken down. The wire reference leaves open
    whose messages count: here everyone's do, and an agent's arrival; polling does not."""
    server: str = "127.0.0.1"
    """SocialMiner's IPv4 address, part of each contact's id."""
    arrived: Callable[[Chat], None] | None = None
    """Called with each new chat."""
    kept: int = 10_000
    """How many chats are remembered after their end."""
    agents: dict[str, tuple[str, ...]] = field(factory=dict, init=False)
    """The agents logged in, and the ids of their queues."""
    chats: dict[str, Chat] = field(factory=dict, init=False)
    """By contact id, oldest first."""
    _sessions: dict[str, Chat] = field(factory=dict, init=False)
    _timers: dict[str, Timers] = field(factory=dict, init=False)
    _finished: deque[str] = field(factory=deque, init=False)
    _made: int = field(default=0, init=False)

    # -- agents ---------------------------------------------------------------------------------

    def login(self, agent: str, queues: Iterable[str] | None = None) -> None:
        """An agent is ready for chats of some queues (all, if none are named)."""
        if not 0 < len(agent) <= 64 or not agent.isprintable() or agent != agent.strip():
            raise NotPossibleError("an agent's name is 1 to 64 printable characters")
        chosen = tuple(self.queues) if queues is None else tuple(queues)
        for queue in chosen:
            if queue not in self.queues:
                raise NotPossibleError(f"there is no queue {queue!r}")
        self.agents[agent] = chosen
        log.info("Agent logged in. [Agent={agent}], [Queues={queues}]", agent=agent, queues=chosen)

    def logout(self, agent: str) -> None:
        """An agent takes no more chats; those under way go on."""
        self.agents.pop(agent, None)

    def chat(self, contact_id: str) -> Chat:
        """The chat of a contact."""
        try:
            return self.chats[contact_id]
        except KeyError:
            raise NotPossibleError(f"there is no contact {contact_id!r}") from None

    def waiting(self, agent: str | None = None) -> list[Chat]:
        """The chats no agent has joined, oldest first: all, or those an agent may accept."""
        queues = self.queues if agent is None else self.agents.get(agent, ())
        chats = self.chats.values()
        return [chat for chat in chats if chat.waiting and chat.contact.queue_id in queues]

    def accept(self, contact_id: str, agent: str) -> None:
        """An agent takes a waiting chat."""
        if self.chat(contact_id) not in self.waiting(agent):
            raise NotPossibleError(f"{contact_id} does not wait for {agent}")
        self._join(self.chat(contact_id), agent)

    def say(self, contact_id: str, agent: str, text: str) -> None:
        """An agent says something to the customer."""
        chat = self.chat(contact_id)
        chat.say(agent, text, self.clock.seconds())
        self._timers[contact_id].idle.start()

    def typing(self, contact_id: str, agent: str, status: str) -> None:
        """An agent is ``composing`` or has ``paused``."""
        self.chat(contact_id).type(agent, status)

    def transfer(self, contact_id: str, agent: str, to: str) -> None:
        """Hands a chat over: the other agent joins, then this one leaves."""
        chat = self.chat(contact_id)
        if agent not in chat.agents:
            raise NotPossibleError(f"{agent} is not in this chat")
        if to not in self.agents:
            raise NotPossibleError(f"{to} is not logged in")
        self._join(chat, to)
        chat.leave(agent)

    def leave(self, contact_id: str, agent: str) -> None:
        """An agent leaves a chat; the customer's session lasts until it is idle for too long."""
        self.chat(contact_id).leave(agent)

    def transcript(self, contact_id: str) -> list[tuple[str, str]]:
        """Who said what in a chat, in order: agents by their ids, the customer as ``customer``."""
        return [(line.who, line.text) for line in self.chat(contact_id).lines]

    # -- the customer ---------------------------------------------------------------------------

    def open(self, request: ChatRequest) -> Chat:
        """A customer asks for a chat. Its events begin with ``chat_ok``."""
        contact = new_contact(request, self.clock.seconds(), self._made, self.server)
        self._made += 1
        chat = Chat(contact)
        self.chats[contact.id] = self._sessions[contact.session_id] = chat
        chat.report("chat_ok")
        timers = self._timers[contact.id] = self._timers_of(chat)
        timers.idle.start()
        if any(contact.queue_id in queues for queues in self.agents.values()):
            timers.join.start()
        else:
            chat.rejected = True
            chat.report("chat_request_rejected_by_agent")
        log.info("Chat opened. [Contact={id}], [Queue={q}]", id=contact.id, q=contact.queue_id)
        if self.arrived is not None:
            self.arrived(chat)
        return chat

    def session(self, session_id: str) -> Chat | None:
        """The chat of a session cookie; None once the session is over."""
        return self._sessions.get(session_id)

    def hear(self, chat: Chat, text: str) -> None:
        """The customer says something."""
        if not chat.customer_present:
            raise NotPossibleError("the customer has left the chat")
        chat.hear(text, self.clock.seconds())
        self._timers[chat.contact.id].idle.start()

    def depart(self, chat: Chat) -> None:
        """The customer leaves the room; the session lasts until it is idle for too long."""
        chat.customer_present = chat.customer_typing = False
        self._timers[chat.contact.id].join.stop()

    def rate(self, chat: Chat, rating: int) -> None:
        """The customer rates the chat, 1 (worst) to 5 (best); a repetition is taken too."""
        if not 1 <= rating <= 5:
            raise NotPossibleError("a rating is 1 to 5")
        chat.ratings.append(rating)

    # -- either, or SocialMiner itself ------------------------------------------------------------

    def report(self, contact_id: str, status: str, detail: str = "") -> None:
        """Tells the customer's side how the chat stands: ``chat_issue``."""
        self.chat(contact_id).report(status, detail)

    def end(self, contact_id: str, why: str) -> None:
        """Takes a chat down: its session is not known any more."""
        chat = self.chat(contact_id)
        if chat.ended:
            return
        self.depart(chat)
        chat.ended = why
        self._timers.pop(contact_id).idle.stop()
        del self._sessions[chat.contact.session_id]
        log.info("Chat ended. [Contact={id}], [{why}]", id=contact_id, why=why)
        self._finished.append(contact_id)
        if len(self._finished) > self.kept:
            del self.chats[self._finished.popleft()]

    def _join(self, chat: Chat, agent: str) -> None:
        chat.join(agent)
        timers = self._timers[chat.contact.id]
        timers.join.stop()
        timers.idle.start()

    def _timers_of(self, chat: Chat) -> Timers:
        def nobody_joined() -> None:
            chat.report("chat_timedout_waiting_for_agent")

        def idle() -> None:
            self.end(chat.contact.id, "inactivity")

        return Timers(
            Countdown(self.clock, self.join_timeout, nobody_joined),
            Countdown(self.clock, self.inactivity_timeout, idle),
        )
