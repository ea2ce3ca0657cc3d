"""The agent's page, for people and for browser tests: ``/agent?name=agent7901``.

Opening it logs the agent in to all queues, closing it logs the agent out. This is what a test may
hold on to; each chat bears its contact's id as ``data-contact`` and its queue as ``data-queue``:

=============================  ==================================================================
``#agent``                     the agent's name; ``#status`` is ``online`` or ``offline``
``#waiting .contact``          a waiting chat, with ``.customer``, ``.age`` and ``button.accept``
``#chats .chat``               a chat of this agent; clicking it opens it
``#finished .chat``            a chat this agent has left, with ``.rating`` (``data-rating``)
``#conversation``              the open chat: ``data-contact``; ``#customer`` is the customer's name
``.bubble.customer``           a text of the customer; ``.bubble.agent`` one of an agent
``.bubble .text``              the text itself
``#typing``                    shown while the customer types
``#say``, ``#send``            what the agent writes, and the button that sends it (or Enter)
``#transfer-to``, ``#transfer``  another agent, and the button that hands the chat over
``#leave``                     leaves the chat
``#rating``                    the open chat's rating (``data-rating``, 1 to 5), once it is there
``#problem``                   the last error, in words
=============================  ==================================================================
"""

from __future__ import annotations

from klein import Klein
from twisted.python.filepath import FilePath
from twisted.web.iweb import IRequest

from chatgw.sim.reply import Reply

_HERE = FilePath(__file__).parent()

_TYPES = {
    "agent.html": "text/html; charset=utf-8",
    "agent.css": "text/css; charset=utf-8",
    "agent.js": "text/javascript; charset=utf-8",
    "view.js": "text/javascript; charset=utf-8",
}

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
}


def page_routes(app: Klein) -> None:
    """Adds the page and its files to an application."""

    @app.route("/agent", methods=["GET"], strict_slashes=False)
    @app.route("/agent/<name>", methods=["GET"])
    def file(request: IRequest, name: str = "agent.html") -> bytes:
        if name not in _TYPES:
            return Reply(404, b"There is no such file.").to(request)
        return Reply(200, _HERE.child(name).getContent(), _TYPES[name], _HEADERS).to(request)
