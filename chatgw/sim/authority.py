"""A throw-away certificate authority, and servers that it vouches for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from attrs import define, frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

AnyKey = EllipticCurvePrivateKey | RSAPrivateKey


@frozen
class Pair:
    """The files of a private key and its certificate, followed by the authority's."""

    key: str
    cert: str


@define(eq=False)
class Authority:
    """A certificate authority that keeps its files in a directory."""

    directory: Path
    _key: EllipticCurvePrivateKey
    _certificate: x509.Certificate

    @classmethod
    def founded(cls, directory: str) -> Authority:
        """A new authority; the directory is made."""
        path = Path(directory)
        path.mkdir(parents=True)
        key = generate_private_key(SECP256R1())
        name = _name("chatgw throw-away authority")
        certificate = (
            _builder(key, name, name, days=365)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, SHA256())
        )
        (path / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        return cls(path, key, certificate)

    @property
    def file(self) -> str:
        """The PEM file of its certificate."""
        return str(self.directory / "ca.pem")

    def pair(
        self, host: str, *, days: int = 30, password: bytes = b"", key: AnyKey | None = None
    ) -> Pair:
        """A key and a certificate for a host name or address.

        Args:
            host: the only name the certificate is for.
            days: how long it is valid; negative if it has expired that many days ago.
            password: protects the key, if given.
            key: the private key, if it is not to be a new one.
        """
        key = key or generate_private_key(SECP256R1())
        certificate = (
            _builder(key, _name(host), self._certificate.subject, days)
            .add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
            .sign(self._key, SHA256())
        )
        stem = f"{host}-{certificate.serial_number:x}"
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        key_file, cert_file = self.directory / f"{stem}.key", self.directory / f"{stem}.pem"
        key_file.touch(mode=0o600)
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        cert_file.write_bytes(
            certificate.public_bytes(Encoding.PEM) + self._certificate.public_bytes(Encoding.PEM)
        )
        return Pair(str(key_file), str(cert_file))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    key: AnyKey, subject: x509.Name, issuer: x509.Name, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=60),
        not_valid_after=now + timedelta(days=days),
    )
