"""How SocialMiner says no, in the words of `chatgw.failures` (wire reference, SocialMiner 1.7)."""

from __future__ import annotations

import re

from chatgw.desks.socialminer_xml import MalformedXMLError, document, one_line, readable, tag
from chatgw.failures import FailureKind
from chatgw.net.client import Answer
from chatgw.values import Failed, Secret

# An errorMessage quotes the session id, and who has that has the chat.
_SESSION_ID = re.compile(r"[0-9A-Fa-f]{32,}")
_SECONDS = re.compile(rb"\s*([0-9]{1,5})\s*")

_BY_STATUS = {
    401: FailureKind.PERMISSION,
    403: FailureKind.PERMISSION,
    404: FailureKind.RECIPIENT_GONE,
    429: FailureKind.THROTTLED,
}


def refusal(answer: Answer, *, quotes: bool = True) -> Failed | None:
    """What an answer refuses, or None if it is a success.

    An ``apiErrors`` body is a refusal whatever the status is. A 404 means that the chat is gone
    only where it is SocialMiner's: with another's page for a body it is transient.

    Args:
        answer: the whole answer.
        quotes: whether the error message may be quoted; not where it may repeat what a customer
            wrote.
    """
    errors = _api_errors(answer.body)
    if 200 <= answer.status < 300 and errors is None:
        return None
    said = errors or []
    told = [f"{type_}: {message}" if quotes else type_ for type_, message in said]
    return Failed(
        _kind(answer, [type_ for type_, _ in said]),
        one_line(f"SocialMiner answered {answer.status} {'; '.join(told)}"),
        _retry_after(answer),
    )


def is_certain(answer: Answer, refused: Failed) -> bool:
    """Whether a refusal proves that what was asked for was not done.

    It does if the chat is gone, if fewer requests are asked for, or if SocialMiner itself finds
    fault with the request. From 500 on the mishap may have come after the deed, or be that of a
    proxy which did not wait for the answer; a redirection, and another's page, prove nothing.
    """
    if refused.kind in (FailureKind.RECIPIENT_GONE, FailureKind.THROTTLED):
        return True
    return not 300 <= answer.status < 400 and answer.status < 500 and readable(answer.body)


def without_session_ids(text: str) -> str:
    """The text with whatever looks like a session id masked."""
    return _SESSION_ID.sub(lambda found: str(Secret(found[0])), text)


def _kind(answer: Answer, types: list[str]) -> FailureKind:
    if "notfound" in (type_.lower() for type_ in types):
        return FailureKind.RECIPIENT_GONE
    if answer.status >= 500 or (answer.status == 404 and not readable(answer.body)):
        return FailureKind.TRANSIENT
    return _BY_STATUS.get(answer.status, FailureKind.BAD_REQUEST)


def _api_errors(body: bytes) -> list[tuple[str, str]] | None:
    """Type and message of each ``apiError``; None if the body is anything else."""
    if b"apierrors" not in body.lower():
        return None
    try:
        root = document(body)
    except MalformedXMLError:
        return None
    if tag(root).lower() != "apierrors":
        return None
    errors = []
    for error in root:
        fields = {tag(child).lower(): child.text for child in error}
        # Masked before it is cut: half an id must not slip through.
        message = without_session_ids(fields.get("errormessage") or "")
        type_ = without_session_ids(fields.get("errortype") or "")
        errors.append((one_line(type_, 40), one_line(message)))
    return errors


def _retry_after(answer: Answer) -> float | None:
    """Seconds, if the header is given as such; a date would need the peer's clock to be right."""
    values = answer.headers.getRawHeaders(b"retry-after") or [b""]
    seconds = _SECONDS.fullmatch(values[0])
    return float(seconds[1]) if seconds else None
