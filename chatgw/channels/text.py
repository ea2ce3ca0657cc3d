"""Text as messaging channels measure it: cleaned, counted in UTF-16 units, cut between graphemes.

A grapheme is what a reader takes for one character: a letter with its accents, a family emoji, a
flag. Cutting inside one would show two broken ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_GRAPHEME = regex.compile(r"\X")


def clean(text: str) -> str:
    """The text without what XML 1.0 and UTF-8 cannot carry.

    Control characters go; a lone half of a surrogate pair becomes U+FFFD.
    """
    return _SURROGATE.sub("\ufffd", _NOT_IN_XML.sub("", text))


def units(text: str) -> int:
    """The text's length in UTF-16 units, as JavaScript and (it seems) Meta count it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Cuts a text into parts of at most ``limit`` UTF-16 units, in order.

    Cuts are made at white space, which is left out there, or between graphemes where there is
    none. Only a grapheme longer than the limit is itself cut, between code points. Nothing but
    that white space is lost; a text that fits is given back as it is.

    Args:
        text: what is to be cut.
        limit: the most UTF-16 units in a part, at least 2.
    """
    if units(text) <= limit:
        return [text]
    parts: list[str] = []
    part: list[str] = []
    length = 0
    for piece in _pieces(text, limit):
        while length + units(piece) > limit:
            cut = len(part) if piece.isspace() else _last_space(part)
            parts.append("".join(_stripped(part[:cut])))
            part = part[cut:]
            length = sum(map(units, part))
        if parts and not part and piece.isspace():
            continue
        part.append(piece)
        length += units(piece)
    parts.append("".join(part))
    return [part for part in parts if part]


def shorten(text: str, limit: int) -> str:
    """The text, cut between graphemes and ended with "…" if it is over ``limit`` UTF-16 units."""
    if units(text) <= limit:
        return text
    kept: list[str] = []
    room = limit - 1
    for piece in _pieces(text, room):
        room -= units(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(_stripped(kept)) + "…"


def _pieces(text: str, limit: int) -> Iterator[str]:
    """The text's graphemes; those over the limit in code points."""
    for match in _GRAPHEME.finditer(text):
        grapheme = match.group()
        if units(grapheme) <= limit:
            yield grapheme
        else:
            yield from grapheme


def _last_space(part: list[str]) -> int:
    """The place after the last white space, or the end if there is none."""
    for place in range(len(part), 0, -1):
        if part[place - 1].isspace():
            return place
    return len(part)


def _stripped(part: list[str]) -> list[str]:
    """The part without white space at its end."""
    end = len(part)
    while end and part[end - 1].isspace():
        end -= 1
    return part[:end]
