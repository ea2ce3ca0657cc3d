"""Objects and hostile strings as the log shows them.

Operators know the predecessor's log, which printed objects as Node's ``util.inspect`` did (wire
reference, SocialMiner section 7). `Dump` prints them the same, but shows neither what people wrote
nor a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Set
from enum import Enum
from math import inf

import attrs

from chatgw.values import Words

_BREAK_LENGTH = 60
"""Characters an object may take on one line, each entry counted with its comma."""
_DEPTH = 20
"""Levels shown of nested objects: a peer chooses how deep its answers are."""
_ITEMS = 100
"""Elements shown of an array, as in Node."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
# All that ends a line, moves a terminal's cursor, turns the direction of reading, or is not text
# at all. The joiners inside emoji and Indic scripts are none of these.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SHORT = {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r"}


def escape(text: str) -> str:
    r"""Text that stays on its line: control characters become ``\n`` or ``\u001b``.

    Every script and emoji stays as it is.
    """
    return _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def quote(text: str) -> str:
    """A string as Node prints it inside an object: quoted, on one line."""
    return "'" + escape(text.replace("\\", r"\\").replace("'", r"\'")) + "'"


def mask(words: str) -> str:
    """What stands for a text that is not shown: ``(22 characters)``."""
    return f"({len(words)} characters)"


class Dump:
    """One object for the log, over as many lines as Node would take.

    Mappings, lists, tuples, sets, attrs instances and plain values are shown, anything else by its
    ``str()``. `Words` are masked; a `Secret` prints as it always does.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        return _Inspection(mask, _BREAK_LENGTH).show(self._value)

    def whole(self) -> str:
        """The same with what people wrote: for level ``silly`` alone."""
        return _Inspection(quote, _BREAK_LENGTH).show(self._value)


def one_line(value: object, words: Callable[[str], str] = mask) -> str:
    """Any object in the form of `Dump`, but on a single line.

    Args:
        value: what to show.
        words: shows what people wrote; masks it unless told otherwise.
    """
    return _Inspection(words, inf).show(value)


@attrs.frozen
class _Inspection:
    """Node 8's ``util.inspect``, but for its way with attrs instances, which it cannot know.

    An object that breaks into lines starts a line of its own if it stands under a key (``keyed``),
    three columns further in than the object around it; an element of an array two.
    """

    words: Callable[[str], str]
    width: float

    def show(self, value: object, indent: int = 0, depth: int = 0, *, keyed: bool = False) -> str:
        match value:
            case Words():
                return self.words(value)
            case None:
                return "null"
            case bool():
                return str(value).lower()
            case int() | float():
                return str(value)
            case Mapping():
                opening, closing = "{", "}"
                entries = self._members(value.items(), indent, depth)
            case list() | tuple() | Set():
                opening, closing = "[", "]"
                entries = self._elements(list(value), indent, depth)
            case _ if attrs.has(type(value)):
                opening, closing = f"{type(value).__name__} {{", "}"
                entries = self._members(_fields(value), indent, depth)
            case Enum():
                return quote(str(value.value))
            case _:
                return quote(str(value))
        if not entries:
            return opening + closing
        if sum(len(entry) + 1 for entry in entries) <= self.width:
            return f"{opening} {', '.join(entries)} {closing}"
        margin = "\n" + " " * indent
        first = " " if len(opening) == 1 else f"{margin}  "
        text = f"{opening}{first}{f',{margin}  '.join(entries)} {closing}"
        return margin + text if keyed else text

    def _members(
        self, pairs: Iterable[tuple[object, object]], indent: int, depth: int
    ) -> list[str]:
        if depth > _DEPTH:
            return ["..."]
        entries = []
        for key, value in pairs:
            name = str(key) if _IDENTIFIER.match(str(key)) else quote(str(key))
            shown = self.show(value, indent + 3, depth + 1, keyed=True)
            entries.append(f"{name}:{'' if shown.startswith(chr(10)) else ' '}{shown}")
        return entries

    def _elements(self, values: list[object], indent: int, depth: int) -> list[str]:
        if depth > _DEPTH:
            return ["..."]
        entries = [self.show(value, indent + 2, depth + 1) for value in values[:_ITEMS]]
        if (left := len(values) - _ITEMS) > 0:
            entries.append(f"... {left} more item{'s' if left > 1 else ''}")
        return entries


def _fields(value: object) -> list[tuple[object, object]]:
    """The fields of an attrs instance, without those its ``repr`` leaves out."""
    fields = attrs.fields(type(value))  # type: ignore[arg-type]  # `show` has made sure
    return [(field.name, getattr(value, field.name)) for field in fields if field.repr]
