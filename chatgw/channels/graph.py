"""Calls of Meta's Graph API: the token in a header, and an answer or a failure from each."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

from attrs import frozen

from chatgw.channels.graph_errors import failure
from chatgw.channels.graph_usage import pause, regained
from chatgw.channels.loose_json import Record, parse, record
from chatgw.failures import FailureKind
from chatgw.net.client import Answer, CallFailed, Client
from chatgw.values import Failed, Secret, Unknown

ANSWER_LIMIT = 65_536
"""Bytes. The answers asked for here take a few hundred."""


@frozen
class Reply:
    """What Meta answered to a call that succeeded."""

    content: Record
    pause: float
    """Seconds for which it should be left alone (`chatgw.channels.graph_usage`)."""


@frozen
class Graph:
    """The Graph API for one page access token."""

    client: Client
    base_url: str
    """``https://graph.facebook.com``."""
    version: str
    """``v25.0``."""
    token: Secret
    app_secret: Secret | None
    """If set, each call proves that it comes from the app (``appsecret_proof``)."""

    async def get(self, path: str, fields: str, deadline: float) -> Reply | Failed:
        """Reads fields of an object.

        Args:
            path: the object's id, or ``me``.
            fields: the fields, with commas between them.
            deadline: seconds for the whole call.
        """
        query = urlencode({"fields": fields, **self._proof()}, safe=",")
        reply = await self._call("GET", f"{self._url(path)}?{query}", b"", deadline)
        if isinstance(reply, Unknown):  # a look-up whose answer is lost can be made again
            return Failed(FailureKind.TRANSIENT, reply.detail)
        return reply

    async def post(self, path: str, body: Record, deadline: float) -> Reply | Failed | Unknown:
        """Posts a JSON body.

        Args:
            path: an object's id and edge: ``me/messages``.
            body: the parameters.
            deadline: seconds for the whole call.
        """
        content = json.dumps({**body, **self._proof()}).encode("ascii")
        return await self._call("POST", self._url(path), content, deadline)

    async def _call(
        self, method: str, url: str, body: bytes, deadline: float
    ) -> Reply | Failed | Unknown:
        headers = {"Authorization": f"Bearer {self.token.reveal()}", "Accept": "application/json"}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            answer = await self.client.call(
                method, url, headers=headers, body=body, deadline=deadline, limit=ANSWER_LIMIT
            )
        except CallFailed as failed:
            if failed.arrived:
                return Unknown(f"no answer from Facebook: {failed.detail}")
            kind = FailureKind.BUSY if failed.ours else FailureKind.TRANSIENT
            return Failed(kind, f"Facebook was not reached: {failed.detail}")
        return _understood(answer)

    def _url(self, path: str) -> str:
        parts = (self.base_url.rstrip("/"), self.version, quote(path))
        return "/".join(part for part in parts if part)

    def _proof(self) -> dict[str, str]:
        if not self.app_secret:
            return {}
        return {"appsecret_proof": hmac_sha256(self.app_secret, raw(self.token))}


def hmac_sha256(app_secret: Secret, message: bytes) -> str:
    """HMAC-SHA256 with the app's secret, in lower-case hexadecimal digits."""
    return hmac.new(raw(app_secret), message, hashlib.sha256).hexdigest()


def raw(secret: Secret) -> bytes:
    """A secret's bytes, whatever characters an operator has put into it."""
    return secret.reveal().encode("utf-8", "surrogatepass")


def _understood(answer: Answer) -> Reply | Failed | Unknown:
    """The object answered, or what the answer means otherwise."""
    try:
        content = record(parse(answer.body))
    except ValueError:
        content = {}
    succeeded = 200 <= answer.status < 300
    if "error" in content or not succeeded:
        return failure(answer.status, record(content.get("error")), regained(answer.headers))
    if not content:
        return Unknown(f"unreadable answer from Facebook (HTTP {answer.status})")
    return Reply(content, pause(answer.headers))
