"""The service's own settings, the content of ``settings.json``.

The predecessor's keys keep their names and meaning, so that its file loads unchanged; everything
chatgw adds has a default. docs/configuration.md tells all of it to operators.
"""

from __future__ import annotations

import os
from pathlib import Path
from string import Formatter
from typing import Annotated

from attrs import AttrsInstance, evolve, fields, frozen, has

from chatgw.config.forms import (
    PROSE,
    FileName,
    Form,
    Host,
    Interface,
    Milliseconds,
    Minutes,
    Port,
    PortOrZero,
    Url,
    UrlPath,
    choice,
    text,
    whole,
)
from chatgw.config.problems import MisfitError
from chatgw.config.structure import json_name, structure

_DEFAULT_PORTS = {"http": 80, "https": 443}


def _rating_body(value: object) -> str:
    template = str(PROSE.read(value))
    replaced = [part[1:] for part in Formatter().parse(template) if part[1] is not None]
    if set(replaced) != {("rating", "", None)}:
        raise ValueError
    return template


RATING_BODY = Form("a string with {rating} in it, any other brace doubled", _rating_body)


@frozen(kw_only=True)
class Server:
    """The public port, where the channels call."""

    port: PortOrZero = 10443
    """0 takes any free port, which is for tests."""
    ssl_key_path: FileName
    """PEM file of the private key. Whether it is there and usable is found when it is used."""
    ssl_cert_path: FileName
    """PEM file of the certificate and its chain."""
    max_requests_per_minute: Annotated[int, whole(1, 1_000_000)] = 3000
    interface: Interface = ""
    """The address to listen on; all of them if empty."""


@frozen(kw_only=True)
class Rating:
    """The call that submits a customer's rating.

    An unverified reconstruction (wire reference, SocialMiner section 3): no public document tells
    this call, so every part of it can be set.
    """

    method: Annotated[str, choice("PUT", "POST", shown=True)] = "PUT"
    path: UrlPath = "/rating"
    """Under the desk's path prefix."""
    body: Annotated[str, RATING_BODY] = "<ChatRating><rating>{rating}</rating></ChatRating>"
    """A template for `str.format`; ``{rating}`` is 1 to 5."""


@frozen(kw_only=True)
class SocialMiner:
    """The desk: where its chat API is and how often it is asked."""

    host: Host
    port: Port
    polling_interval_ms: Annotated[int, whole(250, 3_600_000, " ms")] = 5000
    scheme: Annotated[str, choice("http", "https", shown=True)] = "http"
    path_prefix: UrlPath = "/ccp/chat"
    ca_file: FileName | None = None
    """PEM file of the authorities trusted instead of the platform's."""
    rating: Rating = Rating()
    deadline_ms: Milliseconds = 10_000
    """How long one call may take, answer included."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, the latter only if it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def base_url(self) -> str:
        """The chat API's URL, without a slash at the end: ``http://localhost/ccp/chat``."""
        return self.origin + self.path_prefix.rstrip("/")


@frozen(kw_only=True)
class Log:
    """The service's log file."""

    max_size_bytes: Annotated[int, whole(1024, 10**12, " bytes")] = 20_480_000
    max_file_count: Annotated[int, whole(1, 1000)] = 20
    level: Annotated[str, choice("silly", "debug", "info", "warn", "error", shown=True)] = "debug"


@frozen(kw_only=True)
class Graph:
    """Meta's Graph API."""

    base_url: Url = "https://graph.facebook.com"
    version: Annotated[
        str, text('a version such as "v25.0"', r"v[0-9]{1,3}\.[0-9]{1,2}", shown=True)
    ] = "v25.0"
    ca_file: FileName | None = None
    """PEM file of the authorities trusted instead of the platform's."""
    deadline_ms: Milliseconds = 10_000
    """How long one call may take, answer included."""
    profile_deadline_ms: Milliseconds = 2000
    """How long the look-up of a customer's name may take: nobody waits for it longer."""


@frozen(kw_only=True)
class Admin:
    """Where the administration API will listen. Reserved: nothing uses it yet."""

    interface: Interface = "127.0.0.1"
    port: PortOrZero = 8443


@frozen(kw_only=True)
class Sessions:
    """How long a conversation may go on without what it waits for."""

    stale_after_minutes: Minutes = 60
    """Without anything at all, in any state; looked at once an hour, the others every 15 s."""
    choice_minutes: Minutes = 30
    """Without a choice of problem statement."""
    rating_minutes: Minutes = 10
    """Without a rating."""
    waiting_minutes: Minutes = 60
    """Without an agent."""
    desk_silence_minutes: Minutes = 5
    """Without an answer from the desk, while an agent is awaited or there."""


@frozen(kw_only=True)
class Delivery:
    """How calls are made, and what becomes of those without an answer."""

    unanswered: Annotated[str, choice("resend", "giveUp", shown=True)] = "resend"
    """What is done with a message to a customer of which nobody can tell whether it was sent."""
    echo_wait_ms: Annotated[int, whole(100, 600_000, " ms")] = 60_000
    """How long the channel has to tell by an echo that such a message was sent after all."""
    most_in_flight: Annotated[int, whole(1, 1000, " calls")] = 64
    """Calls to one peer at a time; more wait their turn."""


@frozen(kw_only=True)
class Settings:
    """All of ``settings.json``."""

    server: Server
    social_miner: SocialMiner
    log: Log = Log()
    graph: Graph = Graph()
    admin: Admin = Admin()
    sessions: Sessions = Sessions()
    delivery: Delivery = Delivery()

    def __attrs_post_init__(self) -> None:
        polling, silence = self.social_miner.polling_interval_ms, self.sessions.desk_silence_minutes
        # Or every chat would end between two polls.
        if silence * 60_000 < 2 * polling:
            expected = "at least twice socialMiner.pollingIntervalMS"
            raise MisfitError(expected, f"{silence} minutes", ".sessions.deskSilenceMinutes")

    def beside(self, directory: Path) -> Settings:
        """The same settings with every relative file name taken from a directory on."""

        def here(name: str) -> str:
            return os.path.join(directory, name)

        def here_if_any(name: str | None) -> str | None:
            return None if name is None else here(name)

        server, desk, graph = self.server, self.social_miner, self.graph
        return evolve(
            self,
            server=evolve(
                server,
                ssl_key_path=here(server.ssl_key_path),
                ssl_cert_path=here(server.ssl_cert_path),
            ),
            social_miner=evolve(desk, ca_file=here_if_any(desk.ca_file)),
            graph=evolve(graph, ca_file=here_if_any(graph.ca_file)),
        )


def read_settings(data: object, source: str = "settings.json") -> Settings:
    """The settings in a JSON document.

    Raises:
        ConfigurationError: it holds something else.
    """
    return structure(source, data, Settings)


_PREDECESSORS = {
    Server: ("port", "ssl_key_path", "ssl_cert_path", "max_requests_per_minute"),
    SocialMiner: ("host", "port", "polling_interval_ms"),
    Log: ("max_size_bytes", "max_file_count", "level"),
}


def as_logged(settings: AttrsInstance) -> dict[str, object]:
    """Settings as the predecessor's startup log prints them, by the names in the file.

    The predecessor's own keys are always there, in its order; chatgw's additions follow where they
    differ from their defaults.
    """
    logged: dict[str, object] = {}
    always = _PREDECESSORS.get(type(settings), ())
    for attribute in fields(type(settings)):
        value = getattr(settings, attribute.name)
        if has(type(value)):
            value = as_logged(value)
            wanted = bool(value)
        else:
            wanted = attribute.name in always or value != attribute.default
        if wanted:
            logged[json_name(attribute.name)] = value
    return logged
