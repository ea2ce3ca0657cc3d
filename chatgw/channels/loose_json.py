"""Reading JSON that may hold anything: every access gives something of the type asked for.

Meta leaves members out, prints ids as numbers here and as strings there, and anyone who finds the
webhook can post to it. These functions turn a wrong type into an empty value, so that the readers
say only what they look for.
"""

from __future__ import annotations

import hashlib
import json
import re

from chatgw.channels.text import clean, shorten

Record = dict[str, object]

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:$=+-]{0,254}")
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,20})?")
_LONGEST_INTEGER = 32
_LABEL_UNITS = 100


def parse(body: bytes) -> object:
    """The value of a JSON text; bytes that are not UTF-8 become U+FFFD, NaN and infinity null.

    Raises:
        ValueError: if it is not JSON or is nested too deeply to be read.
    """
    text = body.decode("utf-8-sig", "replace")
    try:
        return json.loads(text, parse_int=_integer, parse_constant=_nothing)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def digest(value: object) -> str:
    """Names a parsed value by its content; the order of its members does not matter."""
    try:
        text = json.dumps(value, sort_keys=True)
    except RecursionError:  # it was read with a little more of the stack to spare
        text = "nested too deeply"
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def record(value: object) -> Record:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def words(value: object) -> str:
    """The value if it is a string, cleaned (`chatgw.channels.text.clean`), else an empty one."""
    return clean(value) if isinstance(value, str) else ""


def scalar(value: object) -> str:
    """The value in words if it is a string or an integer, else an empty string."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return words(value)


def number(value: object) -> float:
    """A number, printed as one or as a string; 0 if it is none, negative, or too large."""
    text = str(value) if isinstance(value, float) else scalar(value)
    return float(text) if _NUMBER.fullmatch(text) else 0.0


def ident(value: object) -> str:
    """An id, printed as a string or a number; empty if it has a form that no id of Meta's has.

    What is accepted is safe as a segment of a URL's path.
    """
    text = scalar(value)
    return text if _ID.fullmatch(text) else ""


def label(value: object) -> str:
    """A string or integer for the log: cleaned, on one line, at most 100 UTF-16 units long."""
    return shorten(" ".join(scalar(value).split()), _LABEL_UNITS)


def _integer(digits: str) -> int | str:
    """Numbers too long to be meant stay text: Python refuses to read the longest of them."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _nothing(_constant: str) -> None:
    """What NaN and the infinities, which JSON does not have, are read as."""
