"""A customer and an agent, by the HTTP APIs behind the simulators' pages. All calls block."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

PATIENCE = 20.0
"""Seconds until what does not happen is taken never to."""


class Person:
    """Someone with a page.

    Args:
        url: of the simulator that has the page.
        ca_file: the authority of the simulator's certificate, if it has one.
    """

    def __init__(self, url: str, ca_file: str | None = None) -> None:
        self.url = url
        self._tls = ssl.create_default_context(cafile=ca_file)

    def get(self, path: str, **query: str) -> Any:
        """The answer to a GET, as JSON if it is."""
        return self._ask(Request(f"{self.url}{path}?{urlencode(query)}"))

    def post(self, path: str, **given: object) -> Any:
        """The answer to a POST of a JSON object."""
        return self._ask(Request(self.url + path, json.dumps(given).encode(), method="POST"))

    def _ask(self, request: Request) -> Any:
        tls = self._tls if request.type == "https" else None
        with urlopen(request, timeout=PATIENCE, context=tls) as answer:
            body = answer.read()
            return json.loads(body) if "json" in answer.headers["content-type"] else body


class Customer(Person):
    """A customer in Messenger."""

    def __init__(self, url: str, psid: str, name: str, ca_file: str | None = None) -> None:
        super().__init__(url, ca_file)
        self.psid = psid
        self.get("/customer", psid=psid, name=name)

    def does(self, act: str, **given: object) -> None:
        """Writes, taps, sends a sticker."""
        self.post(f"/api/{act}", psid=self.psid, **given)

    def chips(self) -> list[str]:
        """The titles of the quick replies on offer."""
        return [chip["title"] for chip in self._thread()["chips"]]

    def reads(self) -> list[str]:
        """The texts the page has sent, in order."""
        return [bubble["text"] for bubble in self._thread()["bubbles"] if not bubble["mine"]]

    def _thread(self) -> Any:
        return self.get("/api/thread", psid=self.psid)


class Agent(Person):
    """An agent at the contact centre, logged in to the queues given."""

    def __init__(self, url: str, name: str, queues: list[str]) -> None:
        super().__init__(url)
        self.name = name
        self.post("/agent/api/login", agent=name, queues=queues)

    def sees(self) -> Any:
        """What the agent's page shows."""
        return self.get("/agent/api/state", agent=self.name)

    def does(self, contact: str, action: str, **given: object) -> None:
        """Accepts, says, leaves."""
        self.post(f"/agent/api/contacts/{contact}/{action}", agent=self.name, **given)


def until(condition: Callable[[], Any]) -> Any:
    """What a condition gives as soon as it gives something.

    Raises:
        AssertionError: it does not for `PATIENCE` seconds.
    """
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.05)
    return found
