"""The points at which the daemon is killed, and what each may cost."""

from __future__ import annotations

from attrs import frozen


@frozen
class Step:
    """A step of the daemon's own (`chatgw.registry.Registry`, ``reached``)."""

    name: str


@frozen
class Call:
    """The arrival of a call at a simulator, before it is answered."""

    peer: str
    """``desk`` or ``meta``."""
    operation: str
    """As for scripted faults (docs/simulators.md)."""
    taken: bool
    """Whether the simulator still does what it was asked for."""


@frozen
class Commit:
    """A customer's text is here, and its commit waits for the disk."""


@frozen
class Acknowledgement:
    """The arrival, at the simulated Meta, of the 200 for a customer's text."""


@frozen
class Point:
    """A point, and the circumstances."""

    name: str
    at: Step | Call | Commit | Acknowledgement
    amid_the_talk: bool = True
    """Whether it is awaited only once all customers talk with their agents; else from the start."""
    echoes: bool = True
    """Whether the app is subscribed to the echoes of what it sends."""
    echo_wait: float = 30.0
    """Seconds that an echo is waited for: more than a restart takes, unless none can come."""
    deaths: int = 1
    """How often in a row the daemon is killed there."""
    customers: int = 4
    """How many talk at once. One alone has the same text under way at each death."""
    repeats: int = 1
    """How many messages may come to a customer once more, if there are no echoes."""
    given_up: int = 0
    """How many texts of an agent are given up in the end: agent and operator are told."""
    orphans: bool = False
    """Whether chats that nobody uses may be left at the desk."""
    ratings: int = 1
    """How often at most a rating may come to the desk."""


MATRIX = (
    Point("received", Step("received")),
    Point("decided", Step("decided")),
    Point("commit under way", Commit()),
    Point("committed", Step("committed")),
    Point("committed, three times in a row", Step("committed"), deaths=3),
    Point("acknowledged", Acknowledgement()),
    Point("desk PUT sent, taken", Call("desk", "message", taken=True)),
    Point("desk PUT sent, not taken", Call("desk", "message", taken=False)),
    Point("PUT answered", Step("answered Say")),
    Point("events read", Step("events read")),
    Point("cursor moved", Step("cursor moved")),
    Point("Graph request sent, done, echo follows", Call("meta", "message", taken=True)),
    Point(
        "Graph request sent, done, no echo",
        Call("meta", "message", taken=True),
        echoes=False,
        echo_wait=1.0,
    ),
    Point(
        "Graph request sent, done, no echo, three times in a row",
        Call("meta", "message", taken=True),
        echoes=False,
        echo_wait=1.0,
        deaths=3,
        customers=1,
        repeats=2,  # one text that is then given up, and the one after it
        given_up=1,
    ),
    Point(
        "Graph request sent, not done",
        Call("meta", "message", taken=False),
        echo_wait=10.0,
    ),
    Point("Graph answered, echo follows", Step("answered SendText")),
    Point("Graph answered, no echo", Step("answered SendText"), echoes=False, echo_wait=1.0),
    Point(
        "chat's opening sent, taken",
        Call("desk", "create", taken=True),
        amid_the_talk=False,
        orphans=True,
    ),
    Point(
        "chat's opening sent, not taken",
        Call("desk", "create", taken=False),
        amid_the_talk=False,
        orphans=True,
    ),
    Point(
        "chat's opening answered",
        Step("answered OpenChat"),
        amid_the_talk=False,
        orphans=True,
    ),
    Point(
        "rating sent, taken",
        Call("desk", "rating", taken=True),
        amid_the_talk=False,
        ratings=2,
    ),
    Point(
        "rating sent, not taken",
        Call("desk", "rating", taken=False),
        amid_the_talk=False,
        ratings=2,
    ),
    Point("rating answered", Step("answered SubmitRating"), amid_the_talk=False, ratings=2),
    Point("ended", Step("ended"), amid_the_talk=False, ratings=2),
)
"""All of them, in the order in which a conversation passes them."""
