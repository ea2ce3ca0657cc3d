"""What went wrong in a call, in an operator's words."""

from __future__ import annotations

from OpenSSL import SSL
from service_identity import CertificateError, VerificationError
from twisted.internet.defer import CancelledError
from twisted.internet.error import (
    ConnectError,
    ConnectingCancelledError,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,  # noqa: A004 -- this and TimeoutError are not the built-in ones
    DNSLookupError,
    NoRouteError,
    TCPTimedOutError,
    TimeoutError,  # noqa: A004
)
from twisted.web.client import (
    RequestGenerationFailed,
    RequestTransmissionFailed,
    ResponseFailed,
)
from twisted.web.error import SchemeNotSupported

from chatgw.net.body import BodyError
from chatgw.net.tunnel import TunnelRefused

_BEGUN = (RequestGenerationFailed, RequestTransmissionFailed, ResponseFailed)
"""How Twisted wraps whatever happens from the moment a connection is given a request."""

_TELLING = (TunnelRefused, BodyError, SchemeNotSupported)
"""Errors whose own text is for operators."""


def arrived(error: BaseException) -> bool:
    """Whether a request that failed with this error may have reached its peer.

    Twisted wraps what happens after the first byte of a request was written, and nothing
    before. A certificate refused means that TLS held the request back, however it is wrapped.
    """
    return isinstance(error, _BEGUN) and not _untrusted(root(error))


def root(error: BaseException) -> BaseException:
    """The error inside Twisted's wrappings."""
    while isinstance(error, _BEGUN) and error.reasons:
        error = error.reasons[0].value
    return error


def explain(error: BaseException, host: str) -> str:
    """One line about an error; it holds no secret and no URL.

    Args:
        error: what the agent raised.
        host: the host that was to be reached.
    """
    cause = root(error)
    match cause:
        case _ if isinstance(cause, _TELLING):
            return str(cause)
        case VerificationError() | CertificateError():
            return f"the certificate is not for {host}"
        case SSL.Error() if _untrusted(cause):
            return f"the certificate of {host} is not trusted"
        case SSL.Error():
            return f"TLS failed: {_tls_reason(cause) or 'no reason given'}"
        case CancelledError() | ConnectingCancelledError():
            return "cancelled"
        case ConnectionDone() | ConnectionLost():
            lost = "before the answer was whole" if arrived(error) else "before the request left"
            return f"connection closed {lost}"
        case _ if isinstance(error, _BEGUN):
            return f"no valid HTTP answer ({type(cause).__name__})"
        case _:
            return _unconnected(cause, host)


def _unconnected(cause: BaseException, host: str) -> str:
    match cause:
        case ConnectionRefusedError():
            return "connection refused"
        case DNSLookupError():
            return f"host {host} not found"
        case NoRouteError():
            return f"no route to {host}"
        case TCPTimedOutError() | TimeoutError():
            return f"no connection to {host}: timed out"
        case ConnectError():
            return f"no connection to {host} ({cause.osError or type(cause).__name__})"
        case _:
            # Its text may hold the URL, and the URL a token.
            return f"the request cannot be made ({type(cause).__name__})"


def _untrusted(cause: BaseException) -> bool:
    if isinstance(cause, VerificationError | CertificateError):
        return True
    return isinstance(cause, SSL.Error) and _tls_reason(cause) == "certificate verify failed"


def _tls_reason(error: SSL.Error) -> str:
    """OpenSSL's words: the last part of the last entry of its error queue."""
    queue = error.args[0] if error.args else None
    return str(queue[-1][-1]) if isinstance(queue, list) and queue else ""
