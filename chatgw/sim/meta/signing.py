"""The bytes Meta posts to a webhook, and its signatures over exactly those bytes."""

from __future__ import annotations

import hashlib
import hmac
import json

from chatgw.values import Secret

_ESCAPES = ((b"/", rb"\/"), (b"<", rb"\u003C"), (b"%", rb"\u0025"), (b"@", rb"\u0040"))


def escaped(value: object) -> bytes:
    r"""A JSON value in Meta's spelling: ASCII only, ``é`` as ``\u00e9`` and ``/`` as ``\/``.

    Other programs spell the same value differently, which is why a signature holds for the bytes
    received and for nothing made from them (wire reference, messaging channels 1.4).

    Raises:
        ValueError: the value is no JSON.
    """
    body = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    # These four never occur in JSON outside of its strings.
    for plain, spelt in _ESCAPES:
        body = body.replace(plain, spelt)
    return body


def signatures(app_secret: Secret, body: bytes) -> dict[str, str]:
    """The two headers by which a webhook's receiver knows Meta: SHA-256, and SHA-1 of old."""
    key = app_secret.reveal().encode()
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
