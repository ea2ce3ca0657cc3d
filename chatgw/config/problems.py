"""What is said about a configuration that cannot be used.

Operators put tokens into the wrong place. So a text that was found is never quoted unless the key
it was found under allows it, and no exception made here carries a value or the exception it came
from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_NAME = 31  # ours have up to 28 characters; what is longer may be a token out of place
_LONGEST_QUOTE = 40
_LARGEST_NUMBER = 10**15


class ConfigurationError(Exception):
    """The configuration cannot be used.

    Attributes:
        problems: all that is wrong, a line each: the file, the key's path, what was expected, what
            was found.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class MisfitError(ValueError):
    """A value is not what its key calls for.

    Attributes:
        at: the way from the key in hand to the one at fault: ``[2].title``; usually none.
    """

    def __init__(self, expected: str, found: str, at: str = "") -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.at = at


def describe(value: object, shown: tuple[type, ...] = ()) -> str:
    """A value out of a JSON document, in words for "found …".

    Args:
        value: what was found.
        shown: the types of values that may be quoted; any other is only described.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case dict():
            return "an object"
        case list():
            return "a list"
        case "":
            return "an empty string"
        case str() if isinstance(value, shown) and len(value) <= _LONGEST_QUOTE:
            return json.dumps(value)
        case str():
            return f"a string of {len(value)} character{'s' if len(value) > 1 else ''}"
        case int() | float() if isinstance(value, shown) and abs(value) < _LARGEST_NUMBER:
            return str(value)
        case _:
            return "a number"


def step(name: str) -> str:
    """One object key on the way to another, ready to be appended: ``.port``, ``["odd name"]``."""
    if len(name) > _LONGEST_NAME:
        return f"[a name of {len(name)} characters]"
    return f".{name}" if re.fullmatch(r"\w+", name, re.ASCII) else f"[{json.dumps(name)}]"


def unknown_key(name: str, known: Iterable[str]) -> str:
    """What is said of a key that means nothing, with the key that may have been meant."""
    names = {each.lower(): each for each in known}
    near = get_close_matches(name[:_LONGEST_NAME].lower(), names, n=1)
    if near:
        return f'unknown key; did you mean "{names[near[0]]}"?'
    return f"unknown key; the keys here are {', '.join(names.values())}"
