"""How near Meta's limits we are, as the headers of each of its answers tell.

Wire reference, messaging channels 1.8: JSON, with percentages of what is allowed, and minutes
until calls are taken again.
"""

from __future__ import annotations

from twisted.web.http_headers import Headers

from chatgw.channels.loose_json import Record, items, number, parse, record

FULL = 95.0
"""Per cent of a limit from which on nothing more should be asked."""

UNTOLD = 60.0
"""Seconds to wait where Meta does not say how long."""

LONGEST = 86_400.0
"""Seconds; nobody is believed who asks for a longer pause."""

_PERCENTAGES = ("call_count", "total_time", "total_cputime")


def regained(headers: Headers) -> float:
    """Seconds until Meta takes calls again; 0 if it does not say so."""
    minutes = (number(use.get("estimated_time_to_regain_access")) for use in _business(headers))
    return min(max(minutes, default=0.0) * 60.0, LONGEST)


def pause(headers: Headers) -> float:
    """Seconds for which Meta should be left alone after a call that succeeded; mostly 0."""
    uses = (_json(headers, "X-App-Usage"), _json(headers, "X-Page-Usage"), *_business(headers))
    fullest = max(number(use.get(name)) for use in uses for name in _PERCENTAGES)
    return (regained(headers) or UNTOLD) if fullest >= FULL else 0.0


def _business(headers: Headers) -> list[Record]:
    """What is told for each page and kind of call."""
    pages = _json(headers, "X-Business-Use-Case-Usage").values()
    return [record(use) for uses in pages for use in items(uses)]


def _json(headers: Headers, name: str) -> Record:
    """A header's object; an empty one if there is none."""
    try:
        return record(parse(headers.getRawHeaders(name.encode("ascii"), [b""])[0]))
    except ValueError:
        return {}
