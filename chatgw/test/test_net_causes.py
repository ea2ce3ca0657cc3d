"""What operators read when a call fails, and what may be certain then."""

from __future__ import annotations

from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.internet import error as net
from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import (
    RequestGenerationFailed,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.error import SchemeNotSupported

from chatgw.net.body import BodyError
from chatgw.net.causes import arrived, explain
from chatgw.net.tunnel import TunnelRefused

UNTRUSTED = SSL.Error([("SSL routines", "", "certificate verify failed")])

UNSENT = [
    (net.ConnectionRefusedError(), "connection refused"),
    (net.DNSLookupError(), "host h.example not found"),
    (net.NoRouteError(), "no route to h.example"),
    (net.TimeoutError(), "no connection to h.example: timed out"),
    (net.TCPTimedOutError(), "no connection to h.example: timed out"),
    (net.ConnectError(99), "no connection to h.example (99)"),
    (net.ConnectionLost(), "connection closed before the request left"),
    (net.ConnectingCancelledError(None), "cancelled"),
    (CancelledError(), "cancelled"),
    (TunnelRefused("the proxy said no", 403), "the proxy said no"),
    (SchemeNotSupported("only https"), "only https"),
    (VerificationError([]), "the certificate is not for h.example"),
    (CertificateError("none"), "the certificate is not for h.example"),
    (UNTRUSTED, "the certificate of h.example is not trusted"),
    (SSL.Error([("SSL routines", "", "wrong version number")]), "TLS failed: wrong version number"),
    (SSL.Error([]), "TLS failed: no reason given"),
    (SSL.Error(), "TLS failed: no reason given"),
    (ValueError("https://h.example/?t=hush"), "the request cannot be made (ValueError)"),
]

WRAPPINGS = (
    RequestGenerationFailed,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)


class CausesTests(SynchronousTestCase):
    def test_what_is_not_wrapped_was_not_sent(self) -> None:
        for error, text in UNSENT:
            self.assertEqual((explain(error, "h.example"), arrived(error)), (text, False))

    def test_what_is_wrapped_may_have_arrived(self) -> None:
        for wrapping in WRAPPINGS:
            error = wrapping([Failure(net.ConnectionLost())])
            self.assertTrue(arrived(error))
            self.assertEqual(
                explain(error, "h.example"), "connection closed before the answer was whole"
            )

    def test_however_deep_it_is_wrapped(self) -> None:
        error = ResponseFailed([Failure(ResponseFailed([Failure(CancelledError())]))])
        self.assertEqual((explain(error, "h"), arrived(error)), ("cancelled", True))

    def test_a_certificate_refused_held_the_request_back(self) -> None:
        for cause in (UNTRUSTED, VerificationError([]), CertificateError("none")):
            self.assertFalse(arrived(ResponseNeverReceived([Failure(cause)])))

    def test_a_nonsensical_answer_is_named_and_not_quoted(self) -> None:
        error = ResponseFailed([Failure(ValueError("hush"))])
        self.assertEqual(explain(error, "h"), "no valid HTTP answer (ValueError)")

    def test_a_wrapping_around_nothing_is_still_explained(self) -> None:
        self.assertIn("no valid HTTP answer", explain(ResponseFailed([]), "h"))

    def test_a_refused_body_speaks_for_itself(self) -> None:
        self.assertEqual(explain(BodyError("too long"), "h"), "too long")
