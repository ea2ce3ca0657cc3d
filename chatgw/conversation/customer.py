"""What follows from what the customer does."""

from __future__ import annotations

from attrs import evolve

from chatgw.conversation import kept, notices, scenes
from chatgw.conversation.session import Decision, Draft, session_id
from chatgw.values import (
    CustomerActed,
    CustomerChose,
    CustomerEdited,
    CustomerOpened,
    CustomerSentUnsupported,
    CustomerUnsent,
    CustomerWrote,
    FromCustomer,
    LookUpName,
    Script,
    Session,
    SomeoneAnswered,
    State,
    ThreadTaken,
    Unsaid,
    Words,
)
from chatgw.wording import IGNORED_CHOICE, LATE_RATING, UNSUPPORTED

Addressing = CustomerWrote | CustomerChose | CustomerSentUnsupported | CustomerOpened
"""What is meant for the company, and answered where there is no conversation yet."""


def from_customer(session: Session | None, event: FromCustomer, script: Script) -> Decision:
    """What follows from an event of the channel's."""
    event = _in_our_words(event)
    if session is None:
        return _first_word(event, script) if isinstance(event, Addressing) else Decision(None)
    draft = Draft(_heard(session, event), event)
    match event:
        case CustomerWrote(text=text):
            if _begins_anew(session, text):
                return _first_word(event, script, former=session)
            _wrote(draft, event, script)
        case CustomerChose(payload=payload):
            _tapped(draft, payload, script)
        case CustomerSentUnsupported(what=what):
            draft.log("info", UNSUPPORTED, what=what)
            scenes.say(draft, script, "UNSUPPORTED_MESSAGE")
            notices.unsupported(draft, script, what)
            if session.state in (State.INFO_WAIT, State.RATING_WAIT):
                scenes.offer_again(draft, script)
        case CustomerOpened():
            if session.state is State.INFO_WAIT:
                scenes.offer_again(draft, script)
        case CustomerEdited() | CustomerUnsent() | SomeoneAnswered() | ThreadTaken():
            _for_the_agent(draft, event, script)
        case CustomerActed():
            pass  # heard, and that is all
    return draft.decision()


def _for_the_agent(
    draft: Draft,
    event: CustomerEdited | CustomerUnsent | SomeoneAnswered | ThreadTaken,
    script: Script,
) -> None:
    """What needs no answer, but is to be known to the agent.

    What an agent has not read yet is changed or taken back without a word about it.
    """
    talking = draft.session.state is State.TALKING
    match event:
        case CustomerEdited(message_id=message_id, text=text):
            if not kept.change(draft, message_id, text) and talking:
                notices.changed(draft, script, text)
        case CustomerUnsent(message_id=message_id):
            if not kept.take_back(draft, message_id) and talking:
                notices.taken_back(draft, script)
        case SomeoneAnswered():
            notices.answered(draft, script, event)
        case ThreadTaken():
            notices.thread_taken(draft, script)


def _heard(session: Session, event: FromCustomer) -> Session:
    """The session once something was heard from its customer.

    To change a message, or to take it back, is a sign of life, but not named among what lets a
    page write for another 24 hours (wire reference, messaging channels 1.7).
    """
    match event:
        case SomeoneAnswered() | ThreadTaken():
            return session
        case CustomerEdited() | CustomerUnsent():
            return evolve(session, touched_at=event.at)
    return evolve(session, touched_at=event.at, heard_at=max(session.heard_at, _sent_at(event)))


def _sent_at(event: FromCustomer) -> float:
    """When the customer did it; not after we heard of it, though the channel's clock may say so."""
    if isinstance(event, CustomerWrote) and event.sent_at is not None:
        return min(event.sent_at, event.at)
    return event.at


def _in_our_words(event: FromCustomer) -> FromCustomer:
    """A tap on a button that is not chatgw's (the page's own menu) is a text, if it has any."""
    if not isinstance(event, CustomerChose) or event.payload.partition(":")[0] in (
        "statement",
        "rating",
    ):
        return event
    if event.title.strip():
        return CustomerWrote(event.address, event.at, event.event_id, event.title)
    return CustomerOpened(event.address, event.at, event.event_id)


def _first_word(event: Addressing, script: Script, former: Session | None = None) -> Decision:
    """A conversation begins: the welcome and the question, or with one statement the queue.

    What was kept in the former one, if it is replaced, leads the new one; its chat is left.
    """
    session = Session(
        session_id(event.address, event.event_id),
        event.address,
        touched_at=event.at,
        state_at=event.at,
        heard_at=max(_sent_at(event), former.heard_at if former else 0.0),
    )
    draft = Draft(session, event)
    queue_id = None
    match event:
        case CustomerSentUnsupported(what=what):
            # A thumb or a picture out of the blue is answered; it begins nothing.
            draft.log("info", UNSUPPORTED, what=what)
            scenes.say(draft, script, "UNSUPPORTED_MESSAGE")
            draft.ended = True
            return draft.decision()
        case CustomerChose(payload=payload):
            if payload.startswith("rating:"):
                draft.log("info", LATE_RATING)
                draft.ended = True
                return draft.decision()
            queue_id = _queue_of_payload(payload, script)
        case CustomerWrote():
            for each in (*(former.waiting if former else ()), _unsaid(event)):
                kept.keep(draft, each)
    if queue_id is None and len(script.statements) == 1:
        queue_id = script.statements[0].queue_id
    if former is not None:
        scenes.leave(draft, former.chat)
    draft.owe(LookUpName)  # nothing waits for it but the opening of the chat
    scenes.say(draft, script, "WELCOME_MESSAGE")
    if queue_id is None:
        scenes.offer_statements(draft, script)
    else:
        scenes.choose(draft, queue_id)
    return draft.decision()


def _unsaid(event: CustomerWrote) -> Unsaid:
    return Unsaid(event.text, _sent_at(event), event.message_id)


def _wrote(draft: Draft, event: CustomerWrote, script: Script) -> None:
    text = event.text
    match draft.session.state:
        case State.CREATED | State.INFO_WAIT:
            queue_id = _queue_of_text(text, script)
            if queue_id is not None:
                scenes.choose(draft, queue_id)
                scenes.open_chat(draft, script)
                return
            _keep(draft, event, script)
            if draft.session.state is State.INFO_WAIT:
                scenes.offer_again(draft, script)
        case State.INFO_CLOSED | State.AGENT_WAIT:
            _keep(draft, event, script)
        case State.TALKING:
            scenes.tell_desk(draft, text)
        case State.RATING_WAIT:
            rating = _rating_of_text(text)
            if rating is not None:
                scenes.rate(draft, rating)
                return
            # The agent is gone, the desk's chat is not: a last "thank you" still goes into its
            # transcript. It is kept too, and leads the next conversation if there is more.
            kept.keep(draft, _unsaid(event))
            scenes.tell_desk(draft, text, kept=True)
            scenes.offer_again(draft, script)


def _keep(draft: Draft, event: CustomerWrote, script: Script) -> None:
    if not kept.keep(draft, _unsaid(event)):
        notices.missing(draft, script)


def _begins_anew(session: Session, text: Words) -> bool:
    """Whether who should rate has more to say: a second text, or one after the rating."""
    if session.state is not State.RATING_WAIT or _rating_of_text(text) is not None:
        return False
    return bool(session.rating or session.waiting)


def _tapped(draft: Draft, payload: str, script: Script) -> None:
    state = draft.session.state
    kind, _, value = payload.partition(":")
    if kind == "rating" and state is State.RATING_WAIT and value in ("1", "2", "3", "4", "5"):
        scenes.rate(draft, int(value))
        return
    if kind == "statement" and state in (State.CREATED, State.INFO_WAIT):
        queue_id = _queue_of_payload(payload, script)
        if queue_id is None:  # chosen from a list that a new configuration has replaced
            scenes.offer_statements(draft, script)
            return
        scenes.choose(draft, queue_id)
        scenes.open_chat(draft, script)
        return
    draft.log("debug", IGNORED_CHOICE, state=state.value)


def _queue_of_payload(payload: str, script: Script) -> str | None:
    kind, _, queue_id = payload.partition(":")
    known = {statement.queue_id for statement in script.statements}
    return queue_id if kind == "statement" and queue_id in known else None


def _queue_of_text(text: Words, script: Script) -> str | None:
    """A typed title, or else a typed number of the list, counts as the choice."""
    said = text.strip().casefold()
    titles = {each.title.strip().casefold(): each.queue_id for each in script.statements}
    numbers = {str(n): each.queue_id for n, each in enumerate(script.statements, 1)}
    return titles.get(said) or numbers.get(said.rstrip(".)"))


def _rating_of_text(text: Words) -> int | None:
    said = text.strip()
    return int(said) if said in ("1", "2", "3", "4", "5") else None
