"""Whether the promise was kept to one customer."""

from __future__ import annotations

from itertools import groupby

from chatgw.test.crash.points import Point
from chatgw.test.crash.talk import ENDINGS, Talk


def complaints(talk: Talk, point: Point) -> list[str]:
    """What of the promise was not kept, each in a line for people; none if all was."""
    return [
        *_at_the_agent(talk, point.given_up),
        *_at_the_customer(talk, repeats=0 if point.echoes else point.repeats),
        *_at_the_end(talk, point),
    ]


def repeats(talk: Talk) -> int:
    """How many messages the customer got once more."""
    return sum(count - 1 for _, count in _runs(talk.read))


def _at_the_agent(talk: Talk, given_up: int) -> list[str]:
    """The agent has read each text exactly once, in order, and a notice of each text given up."""
    found = []
    if talk.heard != talk.written:
        found.append(f"{talk.name} wrote {talk.written}, the agent has read {talk.heard}")
    if len(talk.notices) != given_up:
        found.append(f"the agent was told of {talk.name}: {talk.notices}")
    return found


def _at_the_customer(talk: Talk, repeats: int) -> list[str]:
    """The customer has read each text in order, a few of all the page's messages twice at most."""
    runs = _runs(talk.read)
    read = [text for text, _ in runs if text in talk.said]
    found = []
    if read != talk.said:
        found.append(f"the agent said {talk.said}, {talk.name} has read {talk.read}")
    again = [text for text, count in runs if count > 1]
    if len(again) > repeats or any(count > 2 for _, count in runs):
        found.append(f"{talk.name} has read again: {again}")
    twice = {text for text, _ in runs if sum(text == other for other, _ in runs) > 1}
    if twice:
        found.append(f"{talk.name} has read again, and later: {sorted(twice)}")
    return found


def _at_the_end(talk: Talk, point: Point) -> list[str]:
    """It was rated once, or as often as the point allows, and ended once."""
    found = []
    if set(talk.ratings) != {5} or len(talk.ratings) > point.ratings:
        found.append(f"the ratings of {talk.name} were {talk.ratings}")
    if len(talk.chats) != 1:
        found.append(f"{talk.name} was heard in {len(talk.chats)} chats")
    endings = [text for text, _ in _runs(talk.read) if text in ENDINGS]
    if len(endings) != 1 or talk.read[-1] != endings[0]:
        found.append(f"{talk.name} was told at the end: {talk.read[-2:]}")
    return found


def _runs(texts: list[str]) -> list[tuple[str, int]]:
    """The texts, what is repeated at once told with its number."""
    return [(text, len(list(run))) for text, run in groupby(texts)]
