"""A server's certificate that can be renewed while it serves."""

# ruff: noqa: N802, N803 -- the names are Twisted's

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from OpenSSL import SSL, crypto
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer


@implementer(IOpenSSLServerConnectionCreator)
class ReplaceableTLS:
    """The server's side of TLS, for ``TLSMemoryBIOFactory(tls, False, site, clock)``.

    TLS 1.2 and later. Clients may resume their sessions, which saves most of a handshake's cost.

    Args:
        key_path: the private key, PEM, without a password.
        cert_path: the certificate and then those that lead to its authority, PEM.
        now: the wall clock, in seconds since the epoch.

    Raises:
        ValueError: the files cannot be used; the text says which, and why.
    """

    def __init__(self, key_path: str, cert_path: str, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._options = self._load(key_path, cert_path)

    def replace(self, key_path: str, cert_path: str) -> None:
        """Uses another pair for the connections to come; those that exist go on.

        Raises:
            ValueError: as for the class; nothing has changed then.
        """
        self._options = self._load(key_path, cert_path)

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        """For Twisted: the OpenSSL side of a new connection."""
        return self._options.serverConnectionForTLS(tlsProtocol)

    def _load(self, key_path: str, cert_path: str) -> CertificateOptions:
        key = _key(key_path)
        chain = _chain(cert_path)
        self._check_dates(chain[0], cert_path)
        if _public(key.public_key()) != _public(chain[0].public_key()):
            raise ValueError(f"{key_path}: is not the key of the certificate in {cert_path}")
        certificate, *others = [crypto.X509.from_cryptography(each) for each in chain]
        try:
            options = CertificateOptions(
                privateKey=crypto.PKey.from_cryptography_key(key),
                certificate=certificate,
                extraCertChain=others,
                raiseMinimumTo=TLSVersion.TLSv1_2,
                enableSessions=True,
            )
            options.getContext()
        except SSL.Error as error:  # a key too short for it, for one
            raise ValueError(f"{key_path}: OpenSSL cannot use it: {error}") from error
        return options

    def _check_dates(self, certificate: x509.Certificate, path: str) -> None:
        now = datetime.fromtimestamp(self._now(), UTC)
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if now > end:
            raise ValueError(f"{path}: the certificate expired on {end:%Y-%m-%d}")
        if now < begin:
            raise ValueError(f"{path}: the certificate is not valid before {begin:%Y-%m-%d}")


def _key(path: str) -> RSAPrivateKey | EllipticCurvePrivateKey:
    data = _read(path)
    try:
        key = load_pem_private_key(data, password=None)
    except TypeError as error:
        raise ValueError(f"{path}: is protected by a password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"{path}: no private key in PEM form") from error
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise ValueError(f"{path}: neither an RSA nor an EC key")
    return key


def _chain(path: str) -> list[x509.Certificate]:
    data = _read(path)
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise ValueError(f"{path}: no certificate in PEM form") from error


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error


def _public(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
