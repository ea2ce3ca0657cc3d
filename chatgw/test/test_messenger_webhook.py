"""Whom the webhook believes: verification and signatures (wire reference, channels 1.1, 1.4)."""

from __future__ import annotations

import hashlib
import hmac
import json

from hypothesis import given
from hypothesis import strategies as st

from chatgw.test.messenger_events import message, post
from chatgw.test.messenger_graph import APP_SECRET, VERIFICATION_TOKEN, MessengerCase
from chatgw.values import CustomerWrote, Secret

QUERY = {
    b"hub.mode": [b"subscribe"],
    b"hub.challenge": [b"1158201444"],
    b"hub.verify_token": [VERIFICATION_TOKEN.encode()],
}


class ChallengeTests(MessengerCase):
    def test_the_right_token_gets_the_challenge_as_it_came(self) -> None:
        for challenge in (b"1158201444", b"yarchallenge", b"<b>\xff"):
            query = QUERY | {b"hub.challenge": [challenge]}
            self.assertEqual(self.messenger.challenge(query), challenge)

    def test_everything_else_gets_nothing(self) -> None:
        """vumi-messenger answered the challenge without looking at the token."""
        for name, right in QUERY.items():
            some = {other: values for other, values in QUERY.items() if other != name}
            self.assertIsNone(self.messenger.challenge(some), name)
            for values in ([], [b""], [b"", *right]):
                self.assertIsNone(self.messenger.challenge(QUERY | {name: values}), name)
        for name in (b"hub.mode", b"hub.verify_token"):
            for value in (b"wrong", b"\xff\xfe", b"subscribe ", VERIFICATION_TOKEN.encode()[:-1]):
                self.assertIsNone(self.messenger.challenge(QUERY | {name: [value]}), value)

    def test_without_a_verification_token_nobody_is_believed(self) -> None:
        channel = self.channel(verification_token=Secret(""))
        self.assertIsNone(channel.challenge(QUERY | {b"hub.verify_token": [b""]}))

    def test_a_token_of_any_characters_is_compared(self) -> None:
        channel = self.channel(verification_token=Secret("토큰 \ud83d"))
        self.assertIsNone(channel.challenge(QUERY))
        token = "토큰 \ud83d".encode("utf-8", "surrogatepass")
        self.assertEqual(channel.challenge(QUERY | {b"hub.verify_token": [token]}), b"1158201444")


def sign(body: bytes, secret: str = APP_SECRET) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


class SignatureTests(MessengerCase):
    """messenger4j#16, octokit/webhooks#1155: an HMAC over re-encoded JSON fails."""

    def test_the_bytes_that_came_are_what_was_signed(self) -> None:
        escaped = rb'{"object":"page","x":"\u00e4\ud83d\ude00 https:\/\/x \u0040 \u003C \u0025"}'
        for body in (escaped, json.dumps(json.loads(escaped)).encode(), post(message("ä👍")), b""):
            self.assertTrue(self.messenger.authentic(body, sign(body)))
        self.assertFalse(
            self.messenger.authentic(json.dumps(json.loads(escaped)).encode(), sign(escaped))
        )

    def test_an_escaped_body_is_read_after_its_check(self) -> None:
        body = post(message("hello")).replace(b"hello", rb"\u00e4 \ud83d\ude00 \/ \u0040")
        self.assertTrue(self.messenger.authentic(body, sign(body)))
        [event] = self.messenger.read(body, 5.0)
        assert isinstance(event, CustomerWrote)
        self.assertEqual(event.text, "ä 😀 / @")

    def test_a_known_signature_is_accepted(self) -> None:
        channel = self.channel(app_secret=Secret("key"))
        signature = b"sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        body = b"The quick brown fox jumps over the lazy dog"
        self.assertTrue(channel.authentic(body, signature))

    def test_a_wrong_or_missing_signature_is_refused(self) -> None:
        body = post(message())
        right = sign(body)
        for wrong in (
            None,
            b"",
            b"sha256=",
            right[7:],
            right[:-1],
            right + b"0",
            right.upper(),
            b"sha1=" + right[7:],
            sign(body + b" "),
            sign(body, "another"),
            b"\xff\xe9",
            b"sha256=\xc3",
        ):
            self.assertFalse(self.messenger.authentic(body, wrong), wrong)

    @given(st.binary(), st.binary())
    def test_no_header_is_more_than_wrong(self, body: bytes, signature: bytes) -> None:
        self.assertFalse(self.messenger.authentic(body, signature))

    def test_without_an_app_secret_everything_is_believed(self) -> None:
        for secret in (None, Secret("")):
            self.assertTrue(self.channel(app_secret=secret).authentic(b"{}", None))
