"""The way out: pooled connections, verified certificates, directly or through a proxy."""

# ruff: noqa: N802 -- the method names are Twisted's
# Much of Twisted is not annotated.
# mypy: allow-untyped-calls

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.ssl import Certificate, trustRootFromCertificates
from twisted.web.client import URI, Agent, BrowserLikePolicyForHTTPS, HTTPConnectionPool
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory, IPolicyForHTTPS
from zope.interface import implementer

from chatgw.net.body import Upload
from chatgw.net.client import MOST, Client
from chatgw.net.handshake import Handshaken
from chatgw.net.tunnel import Proxy, Tunnel

__all__ = ["Proxy", "outgoing"]

IDLE = 15
"""Seconds an idle connection is kept: less than a Tomcat keeps it (20), for a POST on a connection
that the server has just closed is a POST of unknown outcome."""

ENDPOINTS = 64
"""Endpoints remembered; a gateway talks to a handful of hosts."""


def outgoing(
    reactor: Any, *, ca_file: str | None = None, proxy: Proxy | None = None, most: int = MOST
) -> Client:
    """A client for calls to the outside; its idle connections are kept and used again.

    Args:
        reactor: Twisted's: TCP, names and time.
        ca_file: a PEM file of the certificate authorities to be trusted *instead of* the
            platform's; None for the platform's.
        proxy: the proxy to go through. Only ``https`` URLs can be called through one.
        most: calls under way at a time; more wait their turn, in order.

    Raises:
        ValueError: the file cannot be read or holds no certificate; the text names it.
    """
    pool = HTTPConnectionPool(reactor)
    pool.maxPersistentPerHost = most  # a connection fewer would be made anew for each call
    pool.cachedConnectionTimeout = IDLE
    # Twisted would silently repeat what it takes for idempotent, DELETE included. Whether to try
    # again is for those who know what the call does, and `CallFailed.arrived` must tell of all
    # that was sent.
    pool.retryAutomatically = False
    policy = BrowserLikePolicyForHTTPS(None if ca_file is None else _authorities(ca_file))
    agent = Agent.usingEndpointFactory(reactor, _Endpoints(reactor, policy, proxy), pool)
    return Client(HTTPClient(agent, _NoCookies(), Upload), reactor, pool, most)


@implementer(IAgentEndpointFactory)
@define(eq=False)
class _Endpoints:
    """Makes one endpoint for each place, and keeps it.

    Twisted's own factory makes one a request, which for https reads the trusted certificates
    anew each time, even if a pooled connection is then used.
    """

    _reactor: Any
    _policy: IPolicyForHTTPS
    _proxy: Proxy | None
    _known: dict[tuple[bytes, bytes, int], IStreamClientEndpoint] = field(factory=dict)

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        place = (uri.scheme, uri.host, uri.port)
        endpoint = self._known.get(place)
        if endpoint is None:
            if len(self._known) >= ENDPOINTS:
                self._known.clear()
            endpoint = self._known[place] = self._endpoint(uri)
        return endpoint

    def _endpoint(self, uri: URI) -> IStreamClientEndpoint:
        if uri.scheme == b"https":
            creator = self._policy.creatorForNetloc(uri.host, uri.port)
            return Handshaken(self._plain(uri), creator, self._reactor)
        if uri.scheme != b"http":
            raise SchemeNotSupported("the URL is neither http nor https")
        if self._proxy is not None:
            raise SchemeNotSupported("only https goes through the proxy")
        return self._plain(uri)

    def _plain(self, uri: URI) -> IStreamClientEndpoint:
        host, port = uri.host.decode("ascii"), uri.port
        if self._proxy is None:
            return HostnameEndpoint(self._reactor, host, port)
        through = HostnameEndpoint(self._reactor, self._proxy.host, self._proxy.port)
        return Tunnel(through, self._proxy, host, port)


class _NoCookies(IndexableCookieJar):
    """A jar that takes nothing: treq shares one among all who use a client."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leaves the cookies to the caller, who finds them in the answer's headers."""


def _authorities(ca_file: str) -> Any:
    try:
        found = x509.load_pem_x509_certificates(Path(ca_file).read_bytes())
    except OSError as error:
        raise ValueError(f"{ca_file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{ca_file}: no certificates in PEM form") from error
    return trustRootFromCertificates(
        [Certificate.loadPEM(each.public_bytes(Encoding.PEM)) for each in found]
    )
