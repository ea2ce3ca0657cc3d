"""What the agent is told in the gateway's own words, between those of the customer.

Each kind can be off (`Script.notices`). Nobody reads a notice once the last agent has left.
"""

from __future__ import annotations

from chatgw.conversation import scenes
from chatgw.conversation.kept import keep
from chatgw.conversation.session import Draft
from chatgw.failures import FailureKind
from chatgw.values import (
    Done,
    Failed,
    Notice,
    Outcome,
    Script,
    SendText,
    SomeoneAnswered,
    State,
    Unknown,
    Unsaid,
    Words,
)

EXCERPT = 60
"""How many characters of a text tell the agent which one is meant."""

NOT_DELIVERED = 'Not delivered: "{excerpt}" ({reason})'
UNCERTAIN = 'May not have been delivered: "{excerpt}"'
SENT = "The customer sent {what}."
CHANGED = "The customer changed a message to: {text}"
TAKEN_BACK = "The customer took back a message."
ANSWERED_IN_INBOX = "Someone answered the customer from the page's inbox: {text}"
ANSWERED_BY_APP = "Another app answered the customer: {text}"
MISSING = "The customer wrote more than could be kept: some of it is missing."
TAKEN = "Another app has taken over the conversation. What you write may not reach the customer."

IN_TIME = "it could not be delivered in time"
REASONS = {
    FailureKind.TRANSIENT: IN_TIME,
    FailureKind.BUSY: IN_TIME,
    FailureKind.THROTTLED: IN_TIME,
    FailureKind.EXPIRED: IN_TIME,
    FailureKind.WINDOW_CLOSED: "the customer has not written for too long to be answered now",
    FailureKind.RECIPIENT_GONE: "the customer cannot be reached any more or has blocked the page",
    FailureKind.CREDENTIALS: "the page's access to {service} is not accepted",
    FailureKind.PERMISSION: "the page may not write to this customer",
    FailureKind.POLICY: "{service} has blocked the page for what was sent",
    FailureKind.NOT_OWNER: "another app has the conversation",
    FailureKind.BAD_REQUEST: "{service} did not accept it: too long, or against its policy",
    FailureKind.UNCLEAR: "{service} refused it for a reason that is not known",
}
"""Why a text did not reach the customer, as a person understands it."""

THINGS = {
    "image": "a photo",
    "sticker": "a sticker",
    "video": "a video",
    "audio": "a voice message or sound",
    "location": "a location",
    "file": "a file",
    "like": "a thumbs-up",
}
"""What a customer sends that is not text, by the channel's word for it."""

OTHER = "something that is not text"


def undelivered(draft: Draft, script: Script, effect: SendText, outcome: Outcome) -> None:
    """An agent's text did not reach the customer, or perhaps not."""
    words = " ".join(effect.text.split())
    if isinstance(outcome, Done) or not words:
        return
    excerpt = words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"
    match outcome:
        case Unknown():
            text = UNCERTAIN.format(excerpt=excerpt)
        case _:
            kind = outcome.kind if isinstance(outcome, Failed) else FailureKind.EXPIRED
            reason = REASONS[kind].format(service=_service(draft))
            text = NOT_DELIVERED.format(excerpt=excerpt, reason=reason)
    _tell(draft, script, Notice.UNDELIVERED, text)


def unsupported(draft: Draft, script: Script, what: str) -> None:
    """The customer sent something that the agent cannot be shown."""
    thing = THINGS.get(what, OTHER)
    _tell(draft, script, Notice.UNSUPPORTED, SENT.format(what=thing))


def changed(draft: Draft, script: Script, text: Words) -> None:
    """The customer changed what the agent has read."""
    _tell(draft, script, Notice.EDITED, CHANGED.format(text=text))


def taken_back(draft: Draft, script: Script) -> None:
    """The customer took back what the agent has read."""
    _tell(draft, script, Notice.EDITED, TAKEN_BACK)


def answered(draft: Draft, script: Script, event: SomeoneAnswered) -> None:
    """Somebody else wrote to the customer in the company's name."""
    told = ANSWERED_IN_INBOX if event.inbox else ANSWERED_BY_APP
    _tell(draft, script, Notice.INBOX, told.format(text=event.text or f"({OTHER})"))


def missing(draft: Draft, script: Script) -> None:
    """A text that came before there was an agent could not be kept; told once."""
    told = f"{script.notices.prefix} {MISSING}".strip()
    if all(unsaid.text != told for unsaid in draft.session.waiting):
        _tell(draft, script, Notice.UNDELIVERED, MISSING)


def thread_taken(draft: Draft, script: Script) -> None:
    """Another application took the conversation over."""
    _tell(draft, script, Notice.THREAD, TAKEN)


def _tell(draft: Draft, script: Script, kind: Notice, text: str) -> None:
    """Tells the agent, who may still have to come."""
    if kind not in script.notices.kinds:
        return
    words = Words(f"{script.notices.prefix} {text}".strip())
    match draft.session.state:
        case State.TALKING:
            scenes.tell_desk(draft, words, notice=True)
        case State.RATING_WAIT:
            pass
        case _:
            keep(draft, Unsaid(words, draft.at, notice=True))


def _service(draft: Draft) -> str:
    """The channel's name as people know it."""
    return draft.session.address.channel.replace("_", " ").title()
