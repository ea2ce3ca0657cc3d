"""The company's side at Meta: its page, its app, their secrets, the limits used."""

from __future__ import annotations

import hashlib
import hmac
import json

from attrs import define, frozen

from chatgw.values import Secret


@frozen
class Usage:
    """How much of the rate limits is used, in per cent (wire reference, messaging channels 1.8)."""

    call_count: int = 0
    total_time: int = 0
    total_cputime: int = 0
    estimated_time_to_regain_access: int = 0
    """Minutes until calls are taken again; 0 while they are."""


@define(eq=False)
class Account:
    """A page and the app that speaks for it.

    Its members may be replaced while the simulator runs: a new token is a token renewed.
    """

    page_id: str
    page_access_token: Secret
    app_secret: Secret
    page_name: str = "ABCD Customer Care"
    app_id: str = "1517776481860111"
    require_proof: bool = False
    """The app's setting "Require app secret": every call must prove that it knows it."""
    usage: Usage = Usage()

    def proves(self, proof: str) -> bool:
        """Whether an ``appsecret_proof`` is the one of this app and its page's token."""
        token = self.page_access_token.reveal().encode()
        wanted = hmac.new(self.app_secret.reveal().encode(), token, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted.encode(), proof.encode(errors="replace"))

    def usage_headers(self) -> dict[str, str]:
        """The headers by which each answer of the Graph API tells how much is used."""
        used = {
            "call_count": self.usage.call_count,
            "total_time": self.usage.total_time,
            "total_cputime": self.usage.total_cputime,
        }
        regained = self.usage.estimated_time_to_regain_access
        business = {"type": "messenger", **used, "estimated_time_to_regain_access": regained}
        return {
            "X-App-Usage": json.dumps(used),
            "X-Page-Usage": json.dumps(used),
            "X-Business-Use-Case-Usage": json.dumps({self.page_id: [business]}),
        }
