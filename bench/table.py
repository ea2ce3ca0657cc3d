"""Tables that read well on a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def milliseconds(seconds: float) -> str:
    """A time in milliseconds."""
    return f"{seconds * 1000:.1f}"


def table(title: str, heads: str, rows: Sequence[Sequence[str]]) -> str:
    """A table.

    Args:
        title: what stands above it.
        heads: the heads of its columns, with commas between them.
        rows: a text for each column.
    """
    lines = [heads.split(", "), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [
        _line([cell.rjust(width) for cell, width in zip(line, widths, strict=True)])
        for line in lines
    ]
    drawn.insert(1, _line(["-" * (width - 1) + ":" for width in widths]))
    return "\n".join([title, "", *drawn])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
