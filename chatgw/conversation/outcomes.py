"""What follows from the outcome of an effect.

The line about it is logged whether or not its conversation goes on; what follows from it
concerns only the conversation that owed it.
"""

from __future__ import annotations

from chatgw.conversation import notices, scenes
from chatgw.conversation.desk import chat_gone
from chatgw.conversation.session import Decision, Draft
from chatgw.failures import FailureKind
from chatgw.values import (
    ChatHandle,
    Done,
    Dropped,
    Effect,
    Failed,
    LeaveChat,
    LogLine,
    LookUpName,
    MarkSeen,
    OpenChat,
    Origin,
    Outcome,
    Say,
    Script,
    SendChoices,
    SendText,
    SendTyping,
    Session,
    Settled,
    State,
    SubmitRating,
    Unknown,
    Words,
)
from chatgw.wording import (
    CHAT_CREATED,
    CHAT_NOT_CREATED,
    DROPPED,
    FAILED,
    LEFT_CHAT,
    NAMED,
    NO_NAME,
    NOTIFIED,
    POLLER,
    RATED,
    SAID,
    SEEN,
    SENT_CHOICES,
    SENT_TEXT,
    SENT_TYPING,
    UNCERTAIN,
)


def settled(session: Session | None, happening: Settled, script: Script) -> Decision:
    """What follows from the outcome of an effect, for its conversation if that still goes on."""
    effect, outcome = happening.effect, happening.outcome
    if session is None or session.id != effect.session:
        return _belated(session, happening, script)
    draft = Draft(session, happening)
    _log_outcome(draft, effect, outcome)
    match effect:
        case LookUpName():
            _named(draft, outcome, script)
        case SendChoices() if session.state is State.CREATED:
            draft.enter(State.INFO_WAIT)
        case OpenChat():
            _opened(draft, outcome, script)
        case SendText(origin=Origin.AGENT):
            notices.undelivered(draft, script, effect, outcome)
        case Say(notice=notice):
            draft.change(said=_said_now(session.said, outcome))
            if not notice:
                _said(draft, outcome, script)
        case SubmitRating():
            _rated(draft, outcome, script)
    return draft.decision()


def _said_now(said: int | None, outcome: Outcome) -> int | None:
    """How many texts the desk certainly has, after one more."""
    match outcome:
        case Done() if said is not None:
            return said + 1
        case Unknown():
            return None  # and so the desk's count proves nothing any more
    return said


def _belated(session: Session | None, happening: Settled, script: Script) -> Decision:
    """An effect of a conversation that is over.

    A chat opened too late is left at once; who wrote on before the rating had arrived is thanked
    for it all the same. Without a newer conversation, a last word was said already.
    """
    effect, outcome = happening.effect, happening.outcome
    heard_at = session.heard_at if session else 0.0
    former = Session(effect.session, effect.address, happening.at, heard_at=heard_at)
    draft = Draft(former, happening)
    _log_outcome(draft, effect, outcome)
    match outcome:
        case Done(result=ChatHandle() as chat):
            draft.owe_named(f"{effect.id}-leave", LeaveChat, chat=chat)
        case Done() if session is not None and isinstance(effect, SubmitRating):
            thanks = Words(script.messages["RATING_COMPLETE"])
            draft.owe_named(f"{effect.id}-thanks", SendText, text=thanks)
    return Decision(session, *draft.consequences())


def _named(draft: Draft, outcome: Outcome, script: Script) -> None:
    match outcome:
        case Done(result=str() as name) if name:
            draft.change(name=name)
        case _:
            draft.change(name=scenes.FALLBACK_NAME)
    draft.log("debug", NAMED, name=draft.session.name)
    scenes.open_chat(draft, script)


def _opened(draft: Draft, outcome: Outcome, script: Script) -> None:
    match outcome:
        case Done(result=ChatHandle() as chat):
            draft.change(chat=chat)
            draft.log("info", CHAT_CREATED, url=chat.ref_url)
            draft.enter(State.AGENT_WAIT)
            draft.log("debug", POLLER)
            scenes.say(draft, script, "WAIT_FOR_AGENT", only_in=[State.AGENT_WAIT])
        case _:
            scenes.end(draft, script, "CHAT_ENDED_UNKNOWN_ERROR")


def _rated(draft: Draft, outcome: Outcome, script: Script) -> None:
    match outcome:
        case Done():
            scenes.end(draft, script, "RATING_COMPLETE")
        case Failed(kind=FailureKind.RECIPIENT_GONE):
            scenes.end(draft, script, "CHAT_ENDED", gone=True)
        case _:
            scenes.end(draft, script, "CHAT_ENDED")


def _said(draft: Draft, outcome: Outcome, script: Script) -> None:
    match outcome:
        case Done():
            if draft.session.state is State.TALKING:
                draft.owe(MarkSeen)
        case Failed(kind=FailureKind.RECIPIENT_GONE):
            chat_gone(draft, script)
        case Failed() | Unknown() | Dropped():
            if draft.session.state is State.TALKING:
                # The agent does not have the customer's words: going on would be a pretence.
                scenes.end(draft, script, "CHAT_ENDED_UNKNOWN_ERROR")


def _log_outcome(draft: Draft, effect: Effect, outcome: Outcome) -> None:
    notice = isinstance(effect, Say) and effect.notice
    match outcome:
        case Done():
            line = _done_line(effect)
            if line is not None:
                draft.log(line.level, line.format, **line.data)
        case Failed(kind=kind, detail=detail):
            reason = f"{kind.value}: {detail}"
            if isinstance(effect, LookUpName):
                draft.log("info", NO_NAME, reason=reason)
            elif isinstance(effect, OpenChat):
                draft.log("error", CHAT_NOT_CREATED, reason=reason)
            else:
                level = "debug" if effect.fleeting else "warn" if notice else "error"
                draft.log(level, FAILED, what=type(effect).__name__, reason=reason)
        case Unknown(detail=detail):
            draft.log("warn", UNCERTAIN, what=type(effect).__name__, reason=detail)
        case Dropped(reason=reason):
            level = "warn" if isinstance(effect, Say) and not notice else "debug"
            draft.log(level, DROPPED, what=type(effect).__name__, reason=reason)


def _done_line(effect: Effect) -> LogLine | None:
    channel = effect.address.channel.replace("_", " ").lower()
    match effect:
        case SendText(text=text):
            return LogLine("debug", SENT_TEXT, {"channel": channel, "text": text})
        case SendChoices(purpose=purpose):
            return LogLine("debug", SENT_CHOICES, {"channel": channel, "purpose": purpose})
        case SendTyping(status=status):
            return LogLine("debug", SENT_TYPING, {"channel": channel, "status": status})
        case MarkSeen():
            return LogLine("debug", SEEN, {"channel": channel})
        case Say(text=text, notice=True):
            return LogLine("debug", NOTIFIED, {"text": text})
        case Say(text=text):
            return LogLine("debug", SAID, {"text": text})
        case SubmitRating():
            return LogLine("debug", RATED)
        case LeaveChat():
            return LogLine("debug", LEFT_CHAT)
    return None
