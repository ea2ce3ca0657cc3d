"""Meta's error codes, translated into chatgw's kinds of failure.

The table is wire reference, messaging channels 1.9. Only code and subcode count: the message is
localised, and has been seen to name another code than the error itself.
"""

from __future__ import annotations

import re

from chatgw.channels.loose_json import Record, scalar
from chatgw.failures import FailureKind
from chatgw.values import Failed, Unknown

_TABLE = {
    # kind: code, code/subcode, or */subcode for one that means the same with every code. Meta
    # prints numbers of seven digits now as the one and now as the other: they count as either.
    FailureKind.TRANSIENT: "1 2 1200 2018321",
    FailureKind.THROTTLED: "4 17 32 613 80001 80002 80006 9/2018352",
    FailureKind.WINDOW_CLOSED: "10/2018278 10/2018065 10/2534022",
    FailureKind.RECIPIENT_GONE: "551 200/1545041 10/2018108 100/2018001 100/2534014",
    FailureKind.CREDENTIALS: "102 190",
    FailureKind.PERMISSION: "3 10 200 230 10/2534077 100/2534013 2018247",
    FailureKind.POLICY: "368 2022 */2022 10/1893063 100/2534029",
    FailureKind.NOT_OWNER: "2018300 2018171 100/2534037",
    FailureKind.UNCLEAR: "1/99",
    FailureKind.BAD_REQUEST: (
        "100 2018008 2018014 2018047 2018074 2018109 2018164 2018320 2534015 9000001"
    ),
}

_KINDS = {
    entry: kind
    for kind, row in _TABLE.items()
    for number in row.split()
    for entry in ((number, f"*/{number}") if re.fullmatch("[0-9]{7}", number) else (number,))
}

_MAYBE_SENT = ("1", "1357046")
"""Meta: the message was sent, but the call returned an error."""

_GATEWAY_TIMEOUT = 504
"""Without a code: who answers here has passed the call on, and has not heard what came of it."""

_REASONS = {
    FailureKind.TRANSIENT: "Facebook has a passing trouble",
    FailureKind.THROTTLED: "Facebook asks for fewer calls",
    FailureKind.WINDOW_CLOSED: "the customer wrote too long ago to be answered",
    FailureKind.RECIPIENT_GONE: "the customer cannot be reached any more",
    FailureKind.CREDENTIALS: "the page access token is not accepted",
    FailureKind.PERMISSION: "the app lacks a permission for the page",
    FailureKind.POLICY: "Facebook has blocked the page or app for a breach of its policies",
    FailureKind.NOT_OWNER: "another app has the conversation",
    FailureKind.BAD_REQUEST: "Facebook does not accept the request",
    FailureKind.UNCLEAR: "Facebook refuses, and it is not known why",
}

_REASONS_OF_PAIRS = {
    "1/99": "Facebook refuses without a reason; a permission may be missing",
    "190/458": "the app was removed from the page",
    "190/459": "the token's owner has to log in at facebook.com (checkpoint)",
    "190/460": "the page access token ended because its owner changed the password",
    "190/463": "the page access token has expired",
    "190/464": "the token's owner is not confirmed",
    "190/467": "the page access token is not valid any more",
    "190/492": "the token's owner lost the role on the page",
}

_NUMBER = re.compile(r"[0-9]{1,10}")
_TYPE = re.compile(r"[A-Za-z]{1,40}")
_TRACE = re.compile(r"[A-Za-z0-9_+/=-]{1,64}")


def failure(status: int, error: Record, regained: float = 0.0) -> Failed | Unknown:
    """What an error of the Graph API means.

    Args:
        status: the HTTP status; decides only where the codes do not.
        error: the ``error`` member of the answer; empty if there was none.
        regained: seconds until calls are taken again, 0 if Meta does not tell.
    """
    code, subcode = _if(_NUMBER, error.get("code")), _if(_NUMBER, error.get("error_subcode"))
    told = _told(status, error, code, subcode)
    if (code, subcode) == _MAYBE_SENT or (status == _GATEWAY_TIMEOUT and not code):
        return Unknown(f"it may have been sent ({told})")
    kind = _kind(status, error, code, subcode)
    reason = _REASONS_OF_PAIRS.get(f"{code}/{subcode}", _REASONS[kind])
    pause = regained if kind is FailureKind.THROTTLED and regained > 0 else None
    return Failed(kind, f"{reason} ({told})", pause)


def _kind(status: int, error: Record, code: str, subcode: str) -> FailureKind:
    """The first that knows: the pair, the subcode, the code, Meta's own word, the status.

    A refusal that none of them knows, or that has no readable code at all (a proxy's, a wrong
    address's), is as unclear as can be: it may pass, or want an operator.
    """
    for entry in (f"{code}/{subcode}", f"*/{subcode}", code):
        if entry in _KINDS:
            return _KINDS[entry]
    if error.get("is_transient") is True or status >= 500:
        return FailureKind.TRANSIENT
    return FailureKind.THROTTLED if status == 429 else FailureKind.UNCLEAR


def _told(status: int, error: Record, code: str, subcode: str) -> str:
    """An error for the operator, without its message: that can hold anything."""
    kind, trace = _if(_TYPE, error.get("type")), _if(_TRACE, error.get("fbtrace_id"))
    facts = [f"HTTP {status}"]
    if code:
        facts.append(f"Graph error {code}/{subcode}" if subcode else f"Graph error {code}")
    if kind:
        facts.append(kind)
    if trace:
        facts.append(f"fbtrace_id {trace}")
    return ", ".join(facts)


def _if(form: re.Pattern[str], value: object) -> str:
    """A string or number if it has the form expected, else an empty string."""
    text = scalar(value)
    return text if form.fullmatch(text) else ""
