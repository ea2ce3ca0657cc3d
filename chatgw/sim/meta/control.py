"""The control API, by which a test or a demo in another process moves the simulator.

=============================  ==================================================================
``…  /control/faults``         scripted faults (`chatgw.sim.faults`)
``GET  /control/threads``      all threads, as their customers see them
``POST /control/customer``     ``{"psid", "first_name", "last_name"}``: makes a customer known
``POST /control/usage``        the usage headers: members of `Usage`, in per cent (minutes)
``POST /control/hold``         keeps webhook events back
``POST /control/release``      ``{"per_entry": 1}``: sends those kept back, in one POST
``POST /control/post``         posts the JSON of the body to the webhook, as it is, signed
``POST /control/inbox``        ``{"psid", "text"}``: a person answers in the page's own inbox
``POST /control/block``        ``{"psid", "blocked": true}``: the customer blocks the page
=============================  ==================================================================

What a customer does is posted to `chatgw.sim.meta.customer_page`. Answers are JSON; what is
wrong with a request is said with status 400, an unknown customer with 404.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from attrs import define, fields
from klein import Klein
from twisted.web.iweb import IRequest

from chatgw.sim.faults import Faults, control_routes
from chatgw.sim.meta.account import Usage
from chatgw.sim.meta.customer_page import CustomerPage
from chatgw.sim.meta.sending import Sending
from chatgw.sim.meta.signing import escaped
from chatgw.sim.meta.webhooks import Webhooks
from chatgw.sim.reply import json_reply

_USAGE = frozenset(member.name for member in fields(Usage))
_ENTRIES = 1000


@define(eq=False)
class Control:
    """The control API of one simulator."""

    faults: Faults
    webhooks: Webhooks
    sending: Sending
    page: CustomerPage

    def app(self) -> Klein:
        """The API as an application for Klein."""
        app = Klein()
        control_routes(app, self.faults)

        @app.route("/control/threads", methods=["GET"])
        def threads(request: IRequest) -> bytes:
            known = self.sending.model.threads.values()
            return json_reply([self.page.shown(thread) for thread in known]).to(request)

        @app.route("/control/<act>", methods=["POST"])
        def act(request: IRequest, act: str) -> bytes:
            performed: Callable[[object], None] | None = {
                "customer": self._customer,
                "usage": self._usage,
                "hold": self._hold,
                "release": self._release,
                "post": self._post,
                "inbox": self._inbox,
                "block": self._block,
            }.get(act)
            try:
                if performed is None:
                    raise LookupError(f"no control {act!r}")
                performed(json.loads(request.content.read() or b"{}"))
            except LookupError as error:
                return json_reply({"error": str(error)}, 404).to(request)
            except (ValueError, RecursionError) as error:
                return json_reply({"error": str(error)}, 400).to(request)
            return json_reply({"ok": True}).to(request)

        return app

    def _customer(self, given: object) -> None:
        match given:
            case {"psid": str(psid), "first_name": str(first), "last_name": str(last)} if psid:
                self.sending.model.customer(psid, first, last)
            case _:
                raise ValueError("expected psid, first_name and last_name")

    def _usage(self, given: object) -> None:
        if not isinstance(given, dict) or not given.keys() <= _USAGE:
            raise ValueError(f"expected an object with members of {sorted(_USAGE)}")
        if not all(type(value) is int for value in given.values()):
            raise ValueError("usage is given in whole numbers")
        self.sending.model.account.usage = Usage(**given)

    def _hold(self, given: object) -> None:
        self.webhooks.hold()

    def _release(self, given: object) -> None:
        per_entry = given.get("per_entry", 1) if isinstance(given, dict) else 0
        if type(per_entry) is not int or not 1 <= per_entry <= _ENTRIES:
            raise ValueError(f"per_entry: expected 1 to {_ENTRIES}")
        self.webhooks.release(per_entry)

    def _post(self, given: object) -> None:
        self.webhooks.send_body(escaped(given))

    def _inbox(self, given: object) -> None:
        match given:
            case {"psid": str(psid), "text": str(text)} if text:
                self.sending.write_from_inbox(psid, text)
            case _:
                raise ValueError("expected psid and text")

    def _block(self, given: object) -> None:
        match given:
            case {"psid": str(psid), **rest}:
                self.sending.model.block(psid, rest.get("blocked") is not False)
            case _:
                raise ValueError("expected psid")
