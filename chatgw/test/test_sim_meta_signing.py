"""Meta's spelling of JSON, and its signatures."""

from __future__ import annotations

import hashlib
import hmac
import json

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.sim.meta.signing import escaped, signatures
from chatgw.test.test_sim_meta_simulator import APP_SECRET, PSID, MetaSetting
from chatgw.values import Secret

TEXT = "Café 😕 1/2 <b> 100% me@example.org"
SPELT = rb'{"text":"Caf\u00e9 \ud83d\ude15 1\/2 \u003Cb> 100\u0025 me\u0040example.org"}'

SHA1 = "sha1=7ee35a7e1a86206961a1137aac1fe3f81006396b"
SHA256 = (
    "sha256=f19fc742713ce5e108ff4a5709f54ca7387c5d01b1994ef34c9f286eefd02d51"  # both by openssl
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class SpellingTests(SynchronousTestCase):
    def test_a_text_is_spelt_as_meta_does(self) -> None:
        self.assertEqual(escaped({"text": TEXT}), SPELT)

    @given(JSON)
    def test_the_spelling_is_ascii_and_means_the_same(self, value: object) -> None:
        spelt = escaped(value)
        self.assertEqual(json.loads(spelt), value)
        self.assertTrue(spelt.isascii())
        self.assertFalse(set(b"<%@") & set(spelt))

    def test_what_is_no_json_is_refused(self) -> None:
        self.assertRaises(ValueError, escaped, float("nan"))


class SignatureTests(MetaSetting):
    def test_the_signatures_of_known_bytes_are_known(self) -> None:
        signed = signatures(Secret("secret"), SPELT)
        self.assertEqual(signed, {"X-Hub-Signature": SHA1, "X-Hub-Signature-256": SHA256})

    def test_a_webhook_is_signed_over_exactly_the_bytes_posted(self) -> None:
        self.sim.model.write(PSID, TEXT)
        [(body, headers)] = self.posted
        wanted = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        self.assertEqual(headers["X-Hub-Signature-256"], f"sha256={wanted}")
        self.assertIn(SPELT[1:-1], body)

    def test_the_signature_does_not_hold_for_the_same_value_spelt_otherwise(self) -> None:
        self.sim.model.write(PSID, TEXT)
        [(body, headers)] = self.posted
        again = json.dumps(json.loads(body), separators=(",", ":")).encode()
        self.assertNotEqual(
            signatures(Secret(APP_SECRET), again)["X-Hub-Signature-256"],
            headers["X-Hub-Signature-256"],
        )
