"""The receiver of the webhooks, as the app's dashboard holds it: a callback URL, a verify token."""

from __future__ import annotations

from urllib.parse import urlencode

from attrs import frozen
from twisted.internet.defer import Deferred

from chatgw.net.client import CallFailed, Client
from chatgw.values import Secret


@frozen
class Callback:
    """Where webhooks go."""

    client: Client
    url: str
    verify_token: Secret

    def post(self, body: bytes, headers: dict[str, str]) -> Deferred[int]:
        """Posts a webhook; fires with the HTTP status, or fails with `CallFailed`."""
        return Deferred.fromCoroutine(self._post(body, headers))

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        return (await self.client.call("POST", self.url, headers=headers, body=body)).status

    async def verify(self, challenge: str = "1158201444") -> bool:
        """Does what the dashboard does upon "Verify and save"; whether the receiver passes."""
        query = urlencode(
            {
                "hub.mode": "subscribe",
                "hub.challenge": challenge,
                "hub.verify_token": self.verify_token.reveal(),
            }
        )
        try:
            answer = await self.client.call("GET", f"{self.url}?{query}")
        except CallFailed:
            return False
        return answer.status == 200 and answer.body == challenge.encode()
