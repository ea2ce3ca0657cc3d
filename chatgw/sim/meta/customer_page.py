"""The customer's page: a Messenger thread in a browser, and the JSON behind it.

``GET /customer?psid=…&name=…`` makes the customer known and shows their thread; without a PSID a
new one is made up. The page asks ``GET /api/thread?psid=…`` for the thread several times a second,
and posts JSON objects with a ``psid`` and more to

=====================  ===========================  =============================================
``POST /api/write``    ``text``                     a text
``POST /api/tap``      ``choice``                   a quick reply, by payload or title
``POST /api/start``                                 the button "Get started"
``POST /api/sticker``                               a sticker
``POST /api/photo``                                 a photo
``POST /api/like``                                  the thumb
``POST /api/react``    ``mid``, ``emoji``           a reaction; empty takes it back
``POST /api/unsend``   ``mid``                      takes a message back
``POST /api/edit``     ``mid``, ``text``            changes a message
``POST /api/seen``                                  the customer looks at the thread
=====================  ===========================  =============================================

Selectors for browser tests: ``#text`` (where one writes), ``#send``, ``#like``, ``#sticker``,
``#photo``, ``#start``; ``.chip`` (a quick reply; gone when no longer on offer), ``.bubble.mine``
and ``.bubble.theirs``, ``.typing`` (there while the page types), ``.mark`` (its text: ``Sent``,
``Delivered`` or ``Seen``). ``data-mid`` names the message of a bubble.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from attrs import define
from klein import Klein
from twisted.web.iweb import IRequest

from chatgw.sim.meta.events import milliseconds
from chatgw.sim.meta.model import Model
from chatgw.sim.meta.thread import Bubble, Thread
from chatgw.sim.reply import Reply, json_reply

_FILES = Path(__file__).parent
_TYPES = {"css": "text/css", "js": "text/javascript"}
_PSID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_FIRST_PSID = 6_100_000_000_000_001
_LONGEST = 20_000
"""Characters of a text that Messenger lets a customer send."""


@define(eq=False)
class CustomerPage:
    """The page and its API as an application for Klein."""

    model: Model

    app = Klein()

    @app.route("/customer", methods=["GET"])
    def page(self, request: IRequest) -> bytes:
        """The page of one customer."""
        psid, name = _argument(request, "psid"), _argument(request, "name")
        if not psid:
            number = len(self.model.threads) + 1
            made_up = {
                "psid": str(_FIRST_PSID + len(self.model.threads)),
                "name": name or f"Guest {number}",
            }
            place = "/customer?" + urlencode(made_up)
            return Reply(302, headers={"location": place}).to(request)
        if not _PSID.fullmatch(psid):
            return Reply(400, b"psid: letters, digits, _ and - only").to(request)
        first, _, last = name.strip().partition(" ")
        self.model.customer(psid, first, last.strip())
        return _file("customer.html", "text/html").to(request)

    @app.route("/customer/customer.<kind>", methods=["GET"])
    def asset(self, request: IRequest, kind: str) -> bytes:
        """The page's style and script."""
        if kind not in _TYPES:
            return Reply(404).to(request)
        return _file(f"customer.{kind}", _TYPES[kind]).to(request)

    @app.route("/api/thread", methods=["GET"])
    def thread(self, request: IRequest) -> bytes:
        """A customer's thread as the page shows it."""
        try:
            thread = self.model.thread(_argument(request, "psid"))
        except LookupError as error:
            return json_reply({"error": str(error)}, 404).to(request)
        return json_reply(self.shown(thread)).to(request)

    @app.route("/api/<act>", methods=["POST"])
    def act(self, request: IRequest, act: str) -> bytes:
        """Something the customer does."""
        try:
            given = json.loads(request.content.read())
            if not isinstance(given, dict):
                raise ValueError("expected a JSON object")
            perform = self._acts(given).get(act)
            if perform is None:
                raise LookupError(f"nobody can {act}")
            perform(_text(given, "psid"))
        except LookupError as error:
            return json_reply({"error": str(error)}, 404).to(request)
        except (ValueError, RecursionError) as error:
            return json_reply({"error": str(error)}, 400).to(request)
        return json_reply({"ok": True}).to(request)

    def shown(self, thread: Thread) -> dict[str, object]:
        """A thread as JSON; times are milliseconds since the epoch."""
        name = f"{thread.customer.first_name} {thread.customer.last_name}".strip()
        return {
            "page": self.model.account.page_name,
            "customer": {"psid": thread.customer.psid, "name": name},
            "typing": self.model.clock.seconds() < thread.typing_until,
            "chips": [{"title": chip.title, "payload": chip.payload} for chip in thread.chips],
            "bubbles": [_bubble(bubble) for bubble in thread.bubbles],
        }

    def _acts(self, given: Mapping[str, object]) -> Mapping[str, Callable[[str], object]]:
        """What a customer can do, with what was given to do it."""
        model = self.model
        return {
            "write": lambda psid: model.write(psid, _text(given, "text")),
            "tap": lambda psid: model.tap(psid, _text(given, "choice")),
            "start": model.get_started,
            "sticker": model.send_sticker,
            "photo": model.send_photo,
            "like": model.send_like,
            "react": lambda psid: model.react(psid, _text(given, "mid"), str(given.get("emoji"))),
            "unsend": lambda psid: model.unsend(psid, _text(given, "mid")),
            "edit": lambda psid: model.edit(psid, _text(given, "mid"), _text(given, "text")),
            "seen": model.read,
        }


def _bubble(bubble: Bubble) -> dict[str, object]:
    return {
        "mid": bubble.mid,
        "mine": bubble.mine,
        "kind": bubble.kind,
        "text": bubble.text,
        "at": milliseconds(bubble.at),
        "mark": bubble.mark,
        "reaction": bubble.reaction,
        "edited": bubble.edits > 0,
        "unsent": bubble.unsent,
    }


def _file(name: str, content_type: str) -> Reply:
    headers = {
        "content-security-policy": "default-src 'self'; img-src 'self' data:",
        "cache-control": "no-store",
    }
    body = (_FILES / name).read_bytes()
    return Reply(200, body, f"{content_type}; charset=utf-8", headers)


def _argument(request: IRequest, name: str) -> str:
    values = (request.args or {}).get(name.encode(), [b""])
    return str(values[0].decode(errors="replace"))


def _text(given: Mapping[str, object], name: str) -> str:
    """A text that has to be given.

    Raises:
        ValueError: it is missing, blank, too long, or no text.
    """
    value = given.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise ValueError(f"{name}: expected a text of 1 to {_LONGEST} characters")
    return value
