"""Each kind of error of the Graph API, and what everybody concerned sees of it.

The table of docs/failures.md is made from this one, and the tests hold the gateway to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import frozen

from chatgw.test.failing import CHANNEL

CALLED = f"info: SendText waits: {CHANNEL} is not called for now. [ID=…], [{{why}}]"
TROUBLE = "error: Trouble with {source}: {why}"
STATE = "info: Setting current config state to ERROR"
AGAIN = "info: Trying SendText again in … s. [ID=…], [{reason}]"
ECHO_AWAITED = "info: No answer to SendText: waiting 60 s for its echo. [ID=…]"
RESENT = (
    "warn: Sending SendText again without knowing whether it was delivered: no answer, and no"
    " echo within 60 s. [ID=…]"
)
DEAD = "error: Could not deliver SendText […]. [ID=…], [{reason}]"
FAILED = "error: Failed to perform SendText. [ID=…], [{kind}: {reason}]"
UNCERTAIN = "warn: No answer to SendText: it may have been delivered. [ID=…], [{reason}]"


@frozen
class Row:
    """What follows when each call that sends an agent's text is answered with such an error."""

    kind: str
    codes: str
    """Meta's codes, ``code`` or ``code/subcode``, with blanks between; the first is tried out."""
    reason: str
    """For operators."""
    does: str
    customer: str
    """What the customer sees."""
    notice: str
    """What the agent's chat shows; ``{text}`` is what was not delivered."""
    also: str = ""
    """What is taken for the same and has no code."""
    calls: tuple[int, ...] = (0,)
    """When the text is sent, in seconds after the first time."""
    dead: str = ""
    """The dead letter's kind, if it is another one."""
    log: tuple[str, ...] = (DEAD, FAILED)
    """The kinds of line, in order."""
    source: str = ""
    """What the status names as the trouble, if there is one."""
    given_up: bool = False
    """Whether the number of attempts is told at the end."""
    page: bool = False
    """Whether everything for the page waits."""

    @property
    def why(self) -> str:
        """Kind and reason, as in the status."""
        return f"{self.kind}: {self.reason}"

    @property
    def letter(self) -> str:
        """The dead letter's kind."""
        return self.dead or self.kind

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Code and subcode of each error; 0 for no subcode."""
        for words in self.codes.split():
            code, _, subcode = words.partition("/")
            yield int(code), int(subcode or 0)

    def lines(self) -> list[str]:
        """The lines of the log, each kind once."""
        facts = {"kind": self.letter, "source": self.source, "why": self.why}
        end = self.reason + ("; given up after … attempts" if self.given_up else "")
        return [
            line.format(reason=end if line in (DEAD, FAILED) else self.reason, **facts)
            for line in self.log
        ]

    def cells(self) -> Iterator[str]:
        """The row of the document."""
        yield f"**{self.kind}**"
        yield self.codes.replace(" ", ", ") + (f"; {self.also}" if self.also else "")
        yield f"{self.does}. Calls: {_listed(self.calls)} s." if self.calls[1:] else f"{self.does}."
        yield self.customer
        yield f"`[chatgw] {self.notice.format(text='…')}`"
        yield "<br>".join(f"`{line}`" for line in self.lines())
        yield f"`ERROR`, trouble with `{self.source}`" if self.source else "no change"


def _listed(times: tuple[int, ...]) -> str:
    """Times for a reader: a long row at one pace is told by its beginning and its end."""
    paces = {after - before for before, after in pairwise(times)}
    if len(times) > 4 and len(paces) == 1:
        return f"{times[0]}, {times[1]}, {times[2]} … {times[-1]}"
    return ", ".join(map(str, times))


PASSING = "Facebook has a passing trouble"
IN_TIME = 'Not delivered: "{text}" (it could not be delivered in time)'
HELD = (TROUBLE, STATE, CALLED, DEAD, FAILED)
BEHIND = "all texts, late and in order, if it passes within 15 minutes; else nothing"

TABLE = (
    Row(
        "transient",
        "2 1 1200 2018321",
        PASSING,
        "Sends it again, ever more rarely, for 15 minutes; what is behind it waits",
        BEHIND,
        IN_TIME,
        also="HTTP 5xx, no connection",
        calls=(0, 1, 4, 14, 44, 104, 224, 344, 464, 584, 704, 824),
        dead="expired",
        log=(AGAIN, DEAD, FAILED),
        given_up=True,
    ),
    Row(
        "unclear",
        "1/99 2500",
        "Facebook refuses without a reason; a permission may be missing",
        "Sends it twice more",
        "nothing",
        'Not delivered: "{text}" (Facebook Messenger refused it for a reason that is not known)',
        also="any that is not in this table",
        calls=(0, 1, 4),
        log=(TROUBLE, STATE, AGAIN, DEAD, FAILED),
        source=f"{CHANNEL} messages",
        given_up=True,
    ),
    Row(
        "unknown",
        "1/1357046",
        "it may have been sent",
        "Waits 60 s for the echo, sends it once more, waits again",
        "the text, perhaps twice",
        'May not have been delivered: "{text}"',
        also="no answer within 10 s, connection lost, HTTP 504, an answer that cannot be read",
        calls=(0, 60),
        log=(ECHO_AWAITED, RESENT, DEAD, UNCERTAIN),
    ),
    Row(
        "throttled",
        "613 613/2534040 613/2018338 4 17 32 80001 80002 80006 9/2018352",
        "Facebook asks for fewer calls",
        "Holds everything for the page, 60 s or as long as Meta says; then one call tries",
        BEHIND,
        IN_TIME,
        also="HTTP 429",
        calls=tuple(range(0, 900, 60)),
        log=HELD,
        source=CHANNEL,
        given_up=True,
        page=True,
    ),
    Row(
        "credentials",
        "190/463 190 190/458 190/459 190/460 190/464 190/467 190/492 102",
        "the page access token has expired",
        "Holds everything for the page; one call tries after 1, 3, 7, 15 min and so on,"
        " and at once after a reload",
        BEHIND,
        'Not delivered: "{text}" (the page\'s access to Facebook Messenger is not accepted)',
        calls=(0, 60, 180, 420),
        log=HELD,
        source=CHANNEL,
        given_up=True,
        page=True,
    ),
    Row(
        "policy",
        "368 2022 10/1893063 100/2534029",
        "Facebook has blocked the page or app for a breach of its policies",
        "As for credentials",
        BEHIND,
        'Not delivered: "{text}" (Facebook Messenger has blocked the page for what was sent)',
        calls=(0, 60, 180, 420),
        log=HELD,
        source=CHANNEL,
        given_up=True,
        page=True,
    ),
    Row(
        "permission",
        "200/2018028 200 200/2018021 200/2018027 200/2534041 3 10 10/2534077 100/2534013"
        " 100/2018247 230",
        "the app lacks a permission for the page",
        "Gives it up; the next text is sent all the same",
        "nothing",
        'Not delivered: "{text}" (the page may not write to this customer)',
        log=(TROUBLE, STATE, DEAD, FAILED),
        source=f"{CHANNEL} messages",
    ),
    Row(
        "window closed",
        "10/2018278 10/2018065 10/2534022",
        "the customer wrote too long ago to be answered",
        "Tries it under the tag where `humanAgentTag` allows that; gives it up",
        "nothing",
        'Not delivered: "{text}" (the customer has not written for too long to be answered now)',
    ),
    Row(
        "recipient gone",
        "551/1545041 551 200/1545041 10/2018108 100/2018001 100/2534014",
        "the customer cannot be reached any more",
        "Gives it up",
        "nothing: they have blocked the page, or are no longer at Facebook",
        'Not delivered: "{text}" (the customer cannot be reached any more or has blocked the page)',
    ),
    Row(
        "not owner",
        "2018300 100/2018300 2018171 100/2534037",
        "another app has the conversation",
        "Gives it up",
        "nothing",
        'Not delivered: "{text}" (another app has the conversation)',
    ),
    Row(
        "bad request",
        "100 100/33 100/2018008 100/2018014 100/2018047 100/2018074 100/2018109 100/2018164"
        " 100/2018218 100/2018320 100/2534015 9000001",
        "Facebook does not accept the request",
        "Gives it up",
        "nothing",
        'Not delivered: "{text}" (Facebook Messenger did not accept it: too long, or against its'
        " policy)",
    ),
)

HEADINGS = (
    "kind",
    "Meta's codes",
    "what chatgw does",
    "the customer sees",
    "the agent sees",
    "log",
    "status",
)


def markdown() -> str:
    """The table of the document."""
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(tuple(row.cells()) for row in TABLE)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
