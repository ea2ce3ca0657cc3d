"""The chat that SocialMiner has just opened: by what it is addressed from now on."""

from __future__ import annotations

import re

from chatgw.desks.socialminer_xml import MalformedXMLError, document, one_line, readable, tag
from chatgw.failures import FailureKind
from chatgw.net.client import Answer
from chatgw.values import ChatHandle, Done, Failed, Secret

_COOKIE = re.compile(rb"\s*([\w!#$%&'*+.^`|~-]+)=([\x21-\x3a\x3c-\x7e]+)\s*(?:;|$)", re.ASCII)
# Tomcat writes the session into URLs when it was shown no cookie.
_SESSION_IN_URL = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)


def chat_opened(answer: Answer) -> Done | Failed:
    """The handle of a new chat, from the answer that opened it (SocialMiner 1.1 and 1.2).

    A chat without a cookie is out of reach, and asking again would queue a second one beside
    it: that is a final failure, unless the answer is not SocialMiner's own.
    """
    cookie = _cookie(answer)
    if not cookie:
        return Failed(
            FailureKind.BAD_REQUEST if readable(answer.body) else FailureKind.TRANSIENT,
            f"SocialMiner answered {answer.status} without the session cookie: "
            "the chat cannot be addressed",
        )
    return Done(ChatHandle(Secret(cookie), _ref_url(answer)))


def _cookie(answer: Answer) -> str:
    """Every cookie set, as one ``Cookie`` header; the last of a name counts."""
    cookies = {}
    for header in answer.headers.getRawHeaders(b"set-cookie") or []:
        if pair := _COOKIE.match(header):
            cookies[pair[1].decode("ascii")] = pair[2].decode("ascii")
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _ref_url(answer: Answer) -> str:
    locations = answer.headers.getRawHeaders(b"location") or []
    url = locations[0].decode("utf-8", "replace") if locations else _ref_url_in(answer.body)
    return one_line(_SESSION_IN_URL.sub("", url))


def _ref_url_in(body: bytes) -> str:
    try:
        root = document(body)
    except MalformedXMLError:
        return ""
    return next((child.text or "" for child in root if tag(child) == "refURL"), "")
