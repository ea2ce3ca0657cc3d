"""XML as SocialMiner's chat API speaks it: written with care, read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A parser turns a bare carriage return into a line feed; a reference survives.
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})

_DECLARATION = re.compile(
    rb"\s{0,99}<\?xml[^>]{0,99}?\sencoding\s{0,9}=\s{0,9}[\"']([\w.-]{1,40})[\"']"
)
_SIGNATURES = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}
# Named one by one: a codec that a stranger may choose must take linear time (`idna` does not).
_WESTERN = ("us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252")
_EASTERN = ("euc-kr", "ks_c_5601-1987", "cp949", "ms949", "shift_jis", "euc-jp", "big5", "gb18030")
_CODECS = frozenset((*_WESTERN, *_EASTERN))


class MalformedXMLError(Exception):
    """What was read is not XML, or is XML that nobody has a reason to send (a DTD, entities)."""


def cleaned(text: str) -> str:
    """The text without the characters that XML 1.0 cannot carry (controls, lone surrogates)."""
    return _ILLEGAL.sub("", text)


def contact(*, feed_url: str, author: str, title: str, fields: Mapping[str, str]) -> bytes:
    """A ``SocialContact``, which opens a chat (wire reference, SocialMiner 1.2).

    Args:
        feed_url: the chat feed's address, as SocialMiner knows it.
        author: the customer's name.
        title: the contact's title.
        fields: the extension fields, in the order in which they are written.
    """
    extensions = "".join(
        f"<extensionField>{_element('name', name)}{_element('value', value)}</extensionField>"
        for name, value in fields.items()
    )
    return (
        f"<SocialContact>{_element('feedRefURL', feed_url)}{_element('author', author)}"
        f"{_element('title', title)}<extensionFields>{extensions}</extensionFields>"
        "</SocialContact>"
    ).encode()


def message(text: str) -> bytes:
    """A ``Message``: plain text, not form-encoded in this direction (SocialMiner 1.4)."""
    return f"<Message>{_element('body', text)}</Message>".encode()


def _element(tag: str, text: str) -> str:
    return f"<{tag}>{cleaned(text).translate(_ESCAPES)}</{tag}>"


def document(body: bytes) -> Element:
    """The root element of an XML document, whatever its encoding.

    Bytes that its encoding does not have are replaced, and characters that XML does not allow
    are left out: for a broken character in an agent's name no event may be lost.

    Raises:
        MalformedXMLError: the bytes are not XML, or have a document type.
    """
    text = cleaned(body.decode(_codec(body), "replace").removeprefix("\ufeff")).strip()
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, ValueError) as error:
        # Of the parser's own words only the kind is kept: they may quote what was read.
        raise MalformedXMLError(type(error).__name__) from None
    return root


def readable(body: bytes) -> bool:
    """Whether an answer is of the kind that the chat API gives: XML, or nothing at all.

    A page of HTML is neither, even if it is well-formed: a proxy's, or that of the server in which
    SocialMiner is just being started.
    """
    try:
        return not body.strip() or tag(document(body)).lower() != "html"
    except MalformedXMLError:
        return False


def _codec(body: bytes) -> str:
    for signature, codec in _SIGNATURES.items():
        if body.startswith(signature):
            return codec
    declared = _DECLARATION.match(body)
    name = declared[1].decode("ascii").lower() if declared else ""
    return name if name in _CODECS else "utf-8"


def tag(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def one_line(text: str | None, limit: int = 200) -> str:
    """A peer's text made fit for a log line: no line breaks, at most ``limit`` characters."""
    return " ".join((text or "").split())[:limit]
