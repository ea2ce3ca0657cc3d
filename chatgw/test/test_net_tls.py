"""The server's certificate: what is refused, what is replaced, what is resumed."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.trial.unittest import SynchronousTestCase

from chatgw.net.tls import ReplaceableTLS
from chatgw.sim.authority import Authority, Pair

HOST = "gateway.example"


class Greeting(Protocol):
    """Sends a byte, so that the client has read all that comes with the handshake."""

    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"x")


class TLSTestCase(SynchronousTestCase):
    """Shakes hands in memory with Python's own TLS client."""

    def setUp(self) -> None:
        self.authority = Authority.founded(self.mktemp())
        self.clock = Clock()
        self.context = ssl.create_default_context(cafile=self.authority.file)

    def shake(self, tls: ReplaceableTLS, session: ssl.SSLSession | None = None) -> ssl.SSLObject:
        server = TLSMemoryBIOFactory(
            tls, False, Factory.forProtocol(Greeting), self.clock
        ).buildProtocol(None)
        wire = StringTransport()
        assert server is not None
        server.makeConnection(wire)
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self.context.wrap_bio(to_client, to_server, server_hostname=HOST, session=session)
        while True:
            try:
                client.do_handshake()
                self.assertEqual(client.read(1), b"x")
                return client
            except ssl.SSLWantReadError:
                server.dataReceived(to_server.read())
                self.clock.advance(0)
                to_client.write(wire.value())
                wire.clear()

    def serial(self, client: ssl.SSLObject) -> int:
        certificate = client.getpeercert(binary_form=True)
        assert certificate is not None
        return load_der_x509_certificate(certificate).serial_number


class ServingTests(TLSTestCase):
    def test_serves_the_certificate_and_what_leads_to_its_authority(self) -> None:
        pair = self.authority.pair(HOST)
        client = self.shake(ReplaceableTLS(pair.key, pair.cert))
        self.assertIn("TLSv1.3", client.version() or "")

    def test_tls_1_2_is_spoken(self) -> None:
        pair = self.authority.pair(HOST)
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.shake(ReplaceableTLS(pair.key, pair.cert)).version(), "TLSv1.2")

    def test_what_is_older_is_refused(self) -> None:
        pair = self.authority.pair(HOST)
        self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.context.minimum_version = ssl.TLSVersion.TLSv1
        self.context.maximum_version = ssl.TLSVersion.TLSv1_1
        error = self.assertRaises(ssl.SSLError, self.shake, ReplaceableTLS(pair.key, pair.cert))
        self.assertIn("PROTOCOL_VERSION", str(error))

    def test_sessions_are_resumed(self) -> None:
        pair = self.authority.pair(HOST)
        tls = ReplaceableTLS(pair.key, pair.cert)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            self.context.maximum_version = version
            first = self.shake(tls)
            self.assertFalse(first.session_reused)
            self.assertTrue(self.shake(tls, first.session).session_reused)


class ReplacingTests(TLSTestCase):
    def test_new_connections_get_the_new_certificate(self) -> None:
        old, new = self.authority.pair(HOST), self.authority.pair(HOST)
        tls = ReplaceableTLS(old.key, old.cert)
        first = self.shake(tls)
        tls.replace(new.key, new.cert)
        second = self.shake(tls)
        self.assertNotEqual(self.serial(first), self.serial(second))

    def test_a_session_from_before_does_not_outlive_the_certificate(self) -> None:
        old, new = self.authority.pair(HOST), self.authority.pair(HOST)
        tls = ReplaceableTLS(old.key, old.cert)
        first = self.shake(tls)
        tls.replace(new.key, new.cert)
        self.assertFalse(self.shake(tls, first.session).session_reused)

    def test_a_refused_pair_changes_nothing(self) -> None:
        good, expired = self.authority.pair(HOST), self.authority.pair(HOST, days=-1)
        tls = ReplaceableTLS(good.key, good.cert)
        first = self.shake(tls)
        self.assertRaises(ValueError, tls.replace, expired.key, expired.cert)
        self.assertRaises(ValueError, tls.replace, expired.key, good.cert)
        self.assertEqual(self.serial(self.shake(tls)), self.serial(first))


class RefusalTests(TLSTestCase):
    def refusal(self, key: str, cert: str, at: float = 0.0) -> str:
        error = self.assertRaises(ValueError, ReplaceableTLS, key, cert, lambda: time.time() + at)
        return str(error)

    def written(self, content: bytes) -> str:
        path: str = self.mktemp()
        Path(path).write_bytes(content)
        return path

    def test_files_that_cannot_be_read_are_named(self) -> None:
        pair, missing = self.authority.pair(HOST), self.mktemp()
        for key, cert in ((missing, pair.cert), (pair.key, missing)):
            self.assertIn(f"{missing}: cannot be read: No such file", self.refusal(key, cert))

    def test_files_without_a_key_or_certificate_are_named(self) -> None:
        pair = self.authority.pair(HOST)
        for content in (b"", b"\xff\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n"):
            path = self.written(content)
            self.assertIn(f"{path}: no private key", self.refusal(path, pair.cert))
            self.assertIn(f"{path}: no certificate", self.refusal(pair.key, path))

    def test_files_in_each_others_place_are_named(self) -> None:
        pair = self.authority.pair(HOST)
        self.assertIn(f"{pair.cert}: no private key", self.refusal(pair.cert, pair.key))

    def test_a_key_with_a_password_is_refused(self) -> None:
        pair = self.authority.pair(HOST, password=b"geheim")
        self.assertIn(f"{pair.key}: is protected", self.refusal(pair.key, pair.cert))

    def test_the_key_of_another_certificate_is_refused(self) -> None:
        one, two = self.authority.pair(HOST), self.authority.pair(HOST)
        text = self.refusal(one.key, two.cert)
        self.assertIn(f"{one.key}: is not the key of the certificate in {two.cert}", text)

    def test_a_kind_of_key_that_clients_do_not_know_is_refused(self) -> None:
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        path = self.written(pem)
        text = self.refusal(path, self.authority.pair(HOST).cert)
        self.assertIn(f"{path}: neither an RSA nor an EC key", text)

    def test_a_certificate_out_of_its_time_is_refused(self) -> None:
        pair, expired = self.authority.pair(HOST), self.authority.pair(HOST, days=-1)
        self.assertIn(f"{expired.cert}: the certificate expired on", self.refusal(*paths(expired)))
        self.assertIn("expired on", self.refusal(*paths(pair), at=31 * 86_400))
        self.assertIn("not valid before", self.refusal(*paths(pair), at=-61 * 86_400))

    def test_a_key_too_short_for_openssl_is_refused(self) -> None:
        pair = self.authority.pair(HOST, key=generate_private_key(65537, 1024))
        self.assertIn(f"{pair.key}: OpenSSL cannot use it", self.refusal(*paths(pair)))


def paths(pair: Pair) -> tuple[str, str]:
    """The two files, as arguments."""
    return pair.key, pair.cert
