"""SocialMiner and the contact centre behind it, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource

from chatgw.sim.faults import Faults, control_routes
from chatgw.sim.socialminer.agent_api import AgentApi
from chatgw.sim.socialminer.centre import QUEUES, ContactCentre
from chatgw.sim.socialminer.chat import Chat
from chatgw.sim.socialminer.chat_api import ChatApi
from chatgw.sim.socialminer.page import page_routes


class SocialMinerSim:
    """A simulated SocialMiner: in tests behind a stub, in the demo behind a port.

    Args:
        clock: measures all timers and dates all contacts.
        queues: names of the queues by id.
        join_timeout: seconds after which a waiting customer is told that nobody has joined.
        inactivity_timeout: seconds without a message after which a chat is taken down.
        arrived: called with each new chat: `Notification.post`, or a test's own.

    Attributes:
        model: the contact centre: agents, chats, what was said.
        faults: what shall go wrong (operations: `chatgw.sim.socialminer.chat_api`).
    """

    def __init__(
        self,
        clock: IReactorTime,
        *,
        queues: Mapping[str, str] = QUEUES,
        join_timeout: float = 60.0,
        inactivity_timeout: float = 300.0,
        arrived: Callable[[Chat], None] | None = None,
    ) -> None:
        self.faults = Faults()
        self.model = ContactCentre(clock, queues, join_timeout, inactivity_timeout, arrived=arrived)
        self._clock = clock

    def resource(self) -> IResource:
        """The chat API, the agents' API and page, and the control API, at the site's root."""
        app = Klein()
        ChatApi(self.model, self.faults, self._clock).routes(app)
        AgentApi(self.model).routes(app)
        page_routes(app)
        control_routes(app, self.faults)
        return app.resource()
