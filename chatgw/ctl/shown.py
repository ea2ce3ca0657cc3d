"""What chatgw answers, as lines for people."""

from __future__ import annotations

import time
from datetime import datetime
from textwrap import wrap
from typing import Any

from chatgw.ctl.table import plain, table

_COLUMNS = 80
_INDENT = " " * 4


def status_lines(report: Any) -> list[str]:
    """A report: the state, the troubles, the channels, and one line for each further fact."""
    report = dict(report)
    lines = [f"{plain(report.pop('state'))} since {_when(report.pop('since'))}"]
    if troubles := report.pop("troubles"):
        rows = [[each["source"], _when(each["since"])] for each in troubles]
        below = [_wrapped(each["reason"]) for each in troubles]
        lines += ["", *_lines(["TROUBLE WITH", "SINCE"], rows, below)]
    if channels := report.pop("channels"):
        rows = [
            [each["type"], "yes" if each["enabled"] else "no", _when(each["lastFailureTimestamp"])]
            for each in channels
        ]
        below = [_wrapped(each["lastFailure"] or "") for each in channels]
        lines += ["", *_lines(["CHANNEL", "ENABLED", "LAST FAILURE"], rows, below)]
    facts = [f"{_words(name)}: {_fact(value)}" for name, value in report.items()]
    return [*lines, "", *facts] if facts else lines


def _words(name: str) -> str:
    """A name in camel case as people write it: ``dead letters``."""
    return plain("".join(f" {c.lower()}" if c.isupper() else c for c in name))


def _fact(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{plain(name)} {_fact(each)}" for name, each in value.items()) or "none"
    return plain(str(value))


def _when(at: float | None) -> str:
    if at is None:
        return "-"
    return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M:%S} ({_age(time.time() - at)} ago)"


def _age(seconds: float) -> str:
    """A length of time in its largest unit: ``3 min``."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def dead_lines(answered: Any, kind: str | None = None) -> list[str]:
    """The dead letters: a line for each, its reason below, and its text if it was asked for.

    Args:
        answered: the gateway's answer.
        kind: the one that was asked for; None for all.
    """
    letters = answered["dead"]
    if not letters:
        return ["There are no dead letters" + (" of this kind." if kind else ".")]
    rows = [
        [
            each["id"],
            each["kind"],
            _age(each["age"]),
            each["customer"],
            each["what"],
            "-" if each["length"] is None else str(each["length"]),
        ]
        for each in letters
    ]
    head = ["ID", "KIND", "AGE", "CUSTOMER", "WHAT", "LENGTH"]
    return _lines(head, rows, [_wrapped(each["reason"]) + _quoted(each) for each in letters])


def _lines(head: list[str], rows: list[list[str]], below: list[list[str]]) -> list[str]:
    """A table with what a terminal has no room for beside a row as lines below it."""
    first, *others = table(head, rows)
    lines = [first]
    for line, more in zip(others, below, strict=True):
        lines += [line, *more]
    return lines


def _wrapped(reason: str) -> list[str]:
    return wrap(plain(reason), _COLUMNS, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _quoted(letter: Any) -> list[str]:
    text = letter.get("text")
    return [] if text is None else [f'{_INDENT}"{plain(text)}"']


def redriven_lines(answered: Any) -> list[str]:
    """How many are owed once more, and why others are not."""
    left = [f"Not redriven: {plain(each['error'])}" for each in answered.get("left", ())]
    return [f"Redriven: {answered['redriven']}", *left]
