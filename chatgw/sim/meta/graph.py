"""The Graph API of one page.

================================  ===================  ======================================
call, with or without a version   fault operation      what it does
================================  ===================  ======================================
``POST /{page}/messages``         ``message``          shows a message to the customer
``POST /{page}/messages``         ``sender_action``    typing dots, seen mark, reaction
``GET /{psid}``                   ``profile``          the customer's name
``GET /{page}``                   ``me``               the page's id and name
``GET /debug_token``              ``debug_token``      what a token is good for
``POST /{page}/subscribed_apps``  ``subscribed_apps``  switches the webhook on (again)
================================  ===================  ======================================

``{page}`` is the page's id or ``me``. The faults are those of `chatgw.sim.faults`; an ``error``
with a ``code`` is refused in the shape, and with the HTTP status, of that code (unless the fault
names another status than 500); ``reorder`` keeps a call until the next one of its operation has
been performed.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

from attrs import define, field
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.web.iweb import IRequest

from chatgw.sim.faults import Fault, Faults, answered
from chatgw.sim.meta.account import Account
from chatgw.sim.meta.call import Call
from chatgw.sim.meta.errors import GraphError
from chatgw.sim.meta.model import Model
from chatgw.sim.meta.sending import Sending
from chatgw.sim.reply import Reply, json_reply

_PROFILE = ("first_name", "last_name", "profile_pic")
_USUAL_STATUS = 500
_PICTURE = "https://platform-lookaside.fbsbx.com/platform/profilepic/?psid="


@define(eq=False)
class Graph:
    """The Graph API as an application for Klein."""

    account: Account
    model: Model
    sending: Sending
    faults: Faults
    subscribe: Callable[[], None]
    """Switches the webhook on."""
    _calls: int = field(init=False, default=0)
    _overtaken: dict[str, list[Deferred[None]]] = field(init=False, factory=dict)

    app = Klein()

    @app.route("/", branch=True)
    async def call(self, request: IRequest) -> bytes:
        """Answers any call."""
        self._calls += 1
        number = self._calls
        for name, value in self.account.usage_headers().items():
            request.responseHeaders.setRawHeaders(name, [value])
        try:
            call = Call.of(request)
            operation, perform = self._meant(call)
        except GraphError as error:
            return error.reply(number).to(request)

        def act() -> Reply:
            try:
                self._authorize(call)
                return json_reply(perform(call))
            except GraphError as error:
                return error.reply(number)
            finally:
                for waiting in self._overtaken.pop(operation, []):
                    waiting.callback(None)

        def refusal(fault: Fault) -> Reply:
            if not fault.code:
                return Reply(fault.status, b"<html><title>Error</title></html>", "text/html")
            status = None if fault.status == _USUAL_STATUS else fault.status
            return GraphError(fault.code, fault.subcode).reply(number, status)

        fault = self.faults.take(operation)
        if fault and fault.kind == "reorder":
            overtaken: Deferred[None] = Deferred()
            self._overtaken.setdefault(operation, []).append(overtaken)
            await overtaken
        return await answered(fault, request, self.model.clock, act, refusal)

    def _meant(self, call: Call) -> tuple[str, Callable[[Call], dict[str, object]]]:
        """What a call asks for: the name of the operation, and the operation."""
        ours = ("me", self.account.page_id)
        match call.method, call.path:
            case "POST", (page, "messages") if page in ours:
                acts = "sender_action" in call.arguments and "message" not in call.arguments
                return "sender_action" if acts else "message", self._send
            case "GET", ("debug_token",):
                return "debug_token", self._debug_token
            case "GET", (page,) if page in ours:
                return "me", self._me
            case "GET", (psid,) if psid.isdecimal() or psid in self.model.threads:
                return "profile", self._profile
            case "POST", (page, "subscribed_apps") if page in ours:
                return "subscribed_apps", self._subscribed_apps
        raise GraphError(100, 33)

    def _authorize(self, call: Call) -> None:
        """Checks the token, and the proof where one is given or required."""
        if not call.token:
            raise GraphError(2500)
        if call.path == ("debug_token",) and _same(call.token, self._app_token()):
            return
        if not _same(call.token, self.account.page_access_token.reveal()):
            raise GraphError(190)
        proof = call.text("appsecret_proof")
        if self.account.require_proof and not proof:
            raise GraphError(100, message="API calls require an appsecret_proof argument")
        if proof and not self.account.proves(proof):
            raise GraphError(100, message="Invalid appsecret_proof provided in the API argument")

    def _app_token(self) -> str:
        return f"{self.account.app_id}|{self.account.app_secret.reveal()}"

    def _send(self, call: Call) -> dict[str, object]:
        return self.sending.send(call.arguments)

    def _subscribed_apps(self, call: Call) -> dict[str, object]:
        self.subscribe()
        return {"success": True}

    def _me(self, call: Call) -> dict[str, object]:
        known = {"name": self.account.page_name, "id": self.account.page_id}
        return _chosen(call, known, ("name",))

    def _profile(self, call: Call) -> dict[str, object]:
        psid = call.path[0]
        if psid not in self.model.threads:
            raise GraphError(100, 33)
        customer = self.model.threads[psid].customer
        known = {
            "name": f"{customer.first_name} {customer.last_name}".strip(),
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "profile_pic": _PICTURE + psid,
            "id": psid,
        }
        return _chosen(call, known, _PROFILE)

    def _debug_token(self, call: Call) -> dict[str, object]:
        if not _same(call.text("input_token"), self.account.page_access_token.reveal()):
            error = {"code": 190, "message": "Invalid OAuth access token."}
            return {"data": {"error": error, "is_valid": False, "scopes": []}}
        scopes = ["pages_messaging", "pages_manage_metadata"]
        page = [self.account.page_id]
        return {
            "data": {
                "app_id": self.account.app_id,
                "type": "PAGE",
                "is_valid": True,
                "expires_at": 0,
                "data_access_expires_at": 0,
                "profile_id": self.account.page_id,
                "scopes": scopes,
                "granular_scopes": [{"scope": scope, "target_ids": page} for scope in scopes],
            }
        }


def _chosen(call: Call, known: dict[str, str], usual: tuple[str, ...]) -> dict[str, object]:
    """The fields a call asks for, or the usual ones; the id always, what is empty never."""
    asked = [name.strip() for name in call.text("fields").split(",") if name.strip()] or usual
    return {name: known[name] for name in (*asked, "id") if known.get(name)}


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())
