"""The demo's page at ``/``, and the live log behind it at ``/demo/log``.

For browser tests: ``#customer`` and ``#agent`` are the frames of the two simulators' pages (see
there for what is inside), ``#log .line`` are the lines of the gateway's log, and ``#polls`` is the
box that shows the polls without news.
"""

from __future__ import annotations

from collections import deque
from pathlib import Path

from attrs import define, field
from klein import Klein
from twisted.web.iweb import IRequest

from chatgw.sim.reply import Reply, json_reply

KEPT = 2000
"""Log entries that a page opened later still gets."""

_FILES = Path(__file__).parent
_TYPES = {"css": "text/css", "js": "text/javascript"}


@define(eq=False)
class Page:
    """The page and its API as an application for Klein."""

    _lines: deque[str] = field(factory=lambda: deque(maxlen=KEPT))
    _count: int = 0

    app = Klein()

    def heard(self, line: str) -> None:
        """Takes a line of the gateway's log."""
        self._lines.append(line)
        self._count += 1

    @app.route("/", methods=["GET"])
    def index(self, request: IRequest) -> bytes:
        """The page."""
        html = (_FILES / "page.html").read_bytes()
        return Reply(200, html, "text/html; charset=utf-8").to(request)

    @app.route("/demo/page.<kind>", methods=["GET"])
    def file(self, request: IRequest, kind: str) -> bytes:
        """Its style and its script."""
        if kind not in _TYPES:
            return Reply(404, b"Not found\n").to(request)
        return Reply(200, (_FILES / f"page.{kind}").read_bytes(), _TYPES[kind]).to(request)

    @app.route("/demo/log", methods=["GET"])
    def log(self, request: IRequest) -> bytes:
        """The log from the line with number ``after`` on, as JSON."""
        given = request.args.get(b"after", [b"0"])[0]
        after = int(given) if given.isdigit() and len(given) < 12 else 0
        if after > self._count:
            after = 0  # counted by a demo that is no more
        lines = list(self._lines)[max(after - self._count + len(self._lines), 0) :]
        return json_reply({"next": self._count, "lines": lines}).to(request)
