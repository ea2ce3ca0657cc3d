"""The demo's configuration folder, as an administrator would have written it."""

from __future__ import annotations

import json
from pathlib import Path
from secrets import token_hex

from attrs import field, frozen

PAGE_ID = "682498171943165"

STATEMENTS = (("Billing", 4), ("Technical help", 5), ("Something else", 6))
"""What the customer can choose, and the queues it leads to."""


def _token(kind: str) -> str:
    return f"{kind}{token_hex(16)}"


@frozen
class Tokens:
    """The secrets that the gateway and the simulated Meta share, new at each start."""

    page_access_token: str = field(factory=lambda: _token("EAAV"), repr=False)
    verification_token: str = field(factory=lambda: _token("verify"), repr=False)
    app_secret: str = field(factory=lambda: token_hex(16), repr=False)


@frozen
class Places:
    """Where everything is."""

    webhook_port: int
    desk_port: int
    graph_port: int
    key: str
    cert: str
    ca_file: str


def write_configuration(folder: Path, places: Places, tokens: Tokens) -> None:
    """Writes ``settings.json`` and ``channels.json`` into a new folder."""
    folder.mkdir(mode=0o700)
    settings = {
        "server": {
            "port": places.webhook_port,
            "interface": "127.0.0.1",
            "sslKeyPath": places.key,
            "sslCertPath": places.cert,
        },
        "socialMiner": {
            "host": "127.0.0.1",
            "port": places.desk_port,
            "pollingIntervalMS": 1000,  # the product's is 5000; on one page that looks slow
        },
        "graph": {"baseUrl": f"https://127.0.0.1:{places.graph_port}", "caFile": places.ca_file},
        "log": {"level": "debug"},
    }
    channel = {
        "type": "FACEBOOK_MESSENGER",
        "enabled": True,
        "auth": {
            "pageAccessToken": tokens.page_access_token,
            "verificationToken": tokens.verification_token,
            "appSecret": tokens.app_secret,
        },
        "pageId": PAGE_ID,
        "chatFeedId": "100029",
        "problemStatements": [{"title": title, "queueId": queue} for title, queue in STATEMENTS],
        "ratingEnabled": True,
    }
    _write(folder / "settings.json", settings)
    _write(folder / "channels.json", {"version": "1.0", "channels": [channel]})


def _write(path: Path, content: object) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
