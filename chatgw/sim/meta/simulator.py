"""The simulator of Meta, put together."""

from __future__ import annotations

from klein.resource import KleinResource
from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource

from chatgw.sim.faults import Faults
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.control import Control
from chatgw.sim.meta.customer_page import CustomerPage
from chatgw.sim.meta.events import Event
from chatgw.sim.meta.graph import Graph
from chatgw.sim.meta.model import Model
from chatgw.sim.meta.sending import Sending
from chatgw.sim.meta.webhooks import Post, Webhooks
from chatgw.sim.switch import Switch


class MetaSim:
    """Meta, as one page, its app and its customers see it.

    ``model`` is the customers' side, ``sending`` the page's, ``webhooks`` what the app is told,
    ``faults`` what goes wrong; `resource` serves the Graph API, the customers' page and the
    control API. Deterministic under a `Clock`.

    Args:
        clock: time; its seconds are taken as seconds since the epoch.
        account: the page and its app.
        post: posts to the app's webhook: `Callback.post`, or a test's own.
    """

    def __init__(self, clock: IReactorTime, account: Account, post: Post) -> None:
        self.account = account
        self.faults = Faults()
        self.webhooks = Webhooks(clock, account, post, self.faults, self._acknowledged)
        self.model = Model(clock, account, self.webhooks.send)
        self.sending = Sending(self.model)
        self._page = CustomerPage(self.model)

    def _acknowledged(self, event: Event) -> None:
        self.model.acknowledged(event)

    def graph(self) -> KleinResource:
        """The Graph API alone."""
        enable = self.webhooks.enable
        return Graph(self.account, self.model, self.sending, self.faults, enable).app.resource()

    def resource(self) -> IResource:
        """All of the simulator: the Graph API at the root, the rest beside it."""
        page = self._page.app.resource()
        control = Control(self.faults, self.webhooks, self.sending, self._page).app().resource()
        return Switch({b"customer": page, b"api": page, b"control": control}, self.graph())

    def stop(self) -> None:
        """Ends the delivery of webhooks for good."""
        self.webhooks.stop()
