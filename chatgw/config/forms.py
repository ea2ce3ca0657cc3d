"""The forms that values have to have, as annotations of the attributes that hold them.

``port: Port`` is an int to Python and to mypy; to `chatgw.config.structure` it is a whole number
from 1 to 65535. Nothing is converted from another type on the way: ``"80"`` is no port. The
predecessor's file has numbers there, and one way to write a thing leaves nothing to guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated

import hyperlink
from attrs import evolve, frozen

from chatgw.values import Secret

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
# No control characters (in prose: but tab and line feed), and no half of a surrogate pair: JSON can
# write one, UTF-8 cannot.
LINE = r"[^\x00-\x1f\x7f\ud800-\udfff]"
"""One character of text on one line, as a regular expression."""
_PROSE = r"[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]"


@frozen
class Form:
    """What a value must look like, and how it is kept."""

    expected: str
    """Completes "expected …"."""
    read: Callable[[object], object]
    """Gives the value as it is kept. Raises ValueError for one that has another form."""
    shown: tuple[type, ...] = ()
    """The types of values an error may quote, wrong as they are."""


def whole(low: int, high: int, unit: str = "") -> Form:
    """A whole number within limits, both included."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:  # True is an int to isinstance
            raise ValueError
        return value

    return Form(f"a whole number from {low} to {high}{unit}", read, (int, float))


def text(expected: str, pattern: str, *, shown: bool = False) -> Form:
    """A string that matches a regular expression from end to end."""
    compiled = re.compile(pattern, re.DOTALL)

    def read(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError
        return value

    return Form(expected, read, (str,) if shown else ())


def choice(*names: str, shown: bool = False) -> Form:
    """One of a few strings."""
    expected = " or ".join(f'"{name}"' for name in names)
    return text(expected, "|".join(map(re.escape, names)), shown=shown)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _number_or_digits(value: object) -> str:
    digits = str(value) if type(value) is int and 0 <= value < 10**20 else value
    if not isinstance(digits, str) or not re.fullmatch("[0-9]{1,20}", digits):
        raise ValueError
    return digits


def _host(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value if _HOST.fullmatch(value) else _address(value)


def _address(value: object) -> str:
    if not isinstance(value, str) or "%" in value:
        raise ValueError
    return str(ip_address(value))


def _url(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError
    url = hyperlink.URL.from_text(value)
    if url.scheme not in ("http", "https") or url.port not in range(1, 65536):
        raise ValueError
    if url.userinfo or set("?#") & set(value):
        raise ValueError
    _host(url.host)
    return value.rstrip("/")


def secret(form: Form) -> Form:
    """The same form, kept as a `Secret`."""
    return evolve(form, read=lambda value: Secret(str(form.read(value))), shown=())


def or_empty(form: Form) -> Form:
    """The same form, or the empty string."""
    return evolve(
        form,
        expected=f"{form.expected}, or an empty string",
        read=lambda value: value if value == "" else form.read(value),
    )


PROSE = text("a string that is not blank", rf"(?=.*\S){_PROSE}+")
TOKEN = text("a non-empty string of ASCII characters without spaces", r"[\x21-\x7e]+")
HOST = Form("a host name or an IP address", _host)
ADDRESS = Form("an IP address", _address, (str,))

Flag = Annotated[bool, Form("true or false", _flag)]
Number = Annotated[str, Form("a number or a string of digits", _number_or_digits)]
Text = Annotated[str, PROSE]
Host = Annotated[str, HOST]
Port = Annotated[int, whole(1, 65535)]
PortOrZero = Annotated[int, whole(0, 65535)]
Interface = Annotated[str, or_empty(ADDRESS)]
FileName = Annotated[str, text("a file's path", f"{LINE}+", shown=True)]
Url = Annotated[str, Form("an http or https URL without user, query and fragment", _url)]
UrlPath = Annotated[
    str,
    text('a URL path that begins with "/"', r"/[^?#\x00-\x20\x7f-\U0010ffff]*", shown=True),
]
Milliseconds = Annotated[int, whole(100, 120_000, " ms")]
Minutes = Annotated[int, whole(1, 10_080, " minutes")]
