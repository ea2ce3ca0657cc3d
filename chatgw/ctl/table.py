"""Tables for a terminal. Needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category, east_asian_width

_UNSAFE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Format characters that emoji and Indic scripts are written with; the others move or hide text."""

_GAP = "  "


def plain(text: str) -> str:
    r"""Text that stays on its line and orders a terminal nothing: a new line becomes ``\n``."""
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if category(character) not in _UNSAFE or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    return sum(map(_width, text))


def _width(character: str) -> int:
    if category(character) in ("Cf", "Me", "Mn"):  # drawn upon their neighbour
        return 0
    return 2 if east_asian_width(character) in "FW" else 1


def table(head: Sequence[str], rows: Sequence[Sequence[str]], margin: str = "") -> list[str]:
    """The lines of a table, as wide as its contents; the last column may be of any length.

    Args:
        head: the names of the columns.
        rows: the cells, as many in each row; they are made `plain`.
        margin: begins each line.
    """
    lines = [[plain(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    return [
        margin
        + _GAP.join(
            cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
