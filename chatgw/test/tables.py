"""Tables of what the conversation decides: each row is a test with a name of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from attrs import evolve, frozen
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import Decision, Session, decide
from chatgw.test.world import SCRIPT, address
from chatgw.values import (
    ChatHandle,
    Choice,
    CustomerActed,
    CustomerChose,
    CustomerEdited,
    CustomerOpened,
    CustomerSentUnsupported,
    CustomerUnsent,
    CustomerWrote,
    DeskEvent,
    DeskSpoke,
    Effect,
    Happening,
    LeaveChat,
    Limit,
    LookUpName,
    MarkSeen,
    OpenChat,
    Origin,
    Outcome,
    Say,
    Script,
    Secret,
    SendChoices,
    SendText,
    SendTyping,
    Settled,
    SomeoneAnswered,
    State,
    SubmitRating,
    ThreadTaken,
    Unsaid,
    WentStale,
    Words,
)

NOW = 1010.0
"""When things happen in these tables: ten seconds after choices were last offered again."""

CHAT = ChatHandle(Secret("JSESSIONID=C0F5C76EE806FBA2F0B5CAE94D082440"), "http://desk/contact/1")
AGENT = "agent7901"

CREATED, INFO_WAIT, INFO_CLOSED, AGENT_WAIT, TALKING, RATING_WAIT = State


def session(state: State, name: str = "Amar Kumar") -> Session:
    """A session as it is in a state."""
    new = Session(
        "s",
        address(),
        touched_at=1000.0,
        state=state,
        state_at=1000.0,
        heard_at=1000.0,
        name=name,
        offered_again_at=1000.0,
    )
    if state in (CREATED, INFO_WAIT):
        return new
    chosen = evolve(new, queue_id="4")
    if state is INFO_CLOSED:
        return chosen
    chatting = evolve(chosen, chat=CHAT, cursor=10)
    return evolve(chatting, agents=(AGENT,)) if state is TALKING else chatting


def kept(given: State, *texts: str) -> Session:
    """A session with texts that are kept; each text is the name of its message."""
    waiting = tuple(Unsaid(Words(text), 1000.0, message_id=text) for text in texts)
    return evolve(session(given), waiting=waiting)


def wrote(text: str, at: float = NOW, sent_at: float | None = None) -> Happening:
    """The customer writes; the text is the name of its message."""
    return CustomerWrote(address(), at, "event", Words(text), sent_at, message_id=text)


def chose(payload: str, title: str = "", at: float = NOW) -> Happening:
    """The customer taps."""
    return CustomerChose(address(), at, "event", payload, Words(title))


def sent(what: str, at: float = NOW) -> Happening:
    """The customer sends something that is not text."""
    return CustomerSentUnsupported(address(), at, "event", what)


def opened(at: float = NOW) -> Happening:
    """The customer taps "Get started"."""
    return CustomerOpened(address(), at, "event")


def acted(at: float = NOW) -> Happening:
    """The customer does something that says nothing."""
    return CustomerActed(address(), at, "event")


def edited(message: str, text: str) -> Happening:
    """The customer changes a message."""
    return CustomerEdited(address(), NOW, "event", message, Words(text))


def unsent(message: str) -> Happening:
    """The customer takes a message back."""
    return CustomerUnsent(address(), NOW, "event", message)


def answered(text: str, *, inbox: bool) -> Happening:
    """Somebody else answers."""
    return SomeoneAnswered(address(), NOW, "event", Words(text), inbox)


TAKEN = ThreadTaken(address(), NOW, "event")


def stale(limit: Limit, state: State) -> Happening:
    """A limit is found to have passed, in a state."""
    return WentStale(address(), NOW, limit, state)


def desk(*events: DeskEvent, at: float = NOW) -> Happening:
    """The desk answers a poll."""
    return DeskSpoke(address(), at, CHAT, events)


def came_of(kind: type[Effect], outcome: Outcome, **fields: object) -> Happening:
    """The outcome of an effect of the session's."""
    named = {"id": "s-1", "address": address(), "session": "s", "at": 1000.0}
    effect = kind(**{**_SOME[kind], **named, **fields})  # type: ignore[arg-type]  # by name
    return Settled(address(), NOW, effect, outcome)


_SOME: dict[type[Effect], dict[str, object]] = {
    SendText: {"text": Words("a text")},
    SendChoices: {"text": Words("?"), "choices": (Choice("1", "rating:1"),), "purpose": "rating"},
    SendTyping: {"status": "composing"},
    MarkSeen: {},
    LookUpName: {},
    OpenChat: {"feed_id": "1", "queue_id": "4", "author": "A", "title": "T", "origin": "O"},
    Say: {"chat": CHAT, "text": Words("a word")},
    LeaveChat: {"chat": CHAT},
    SubmitRating: {"chat": CHAT, "rating": 5},
}


@frozen
class Row:
    """One line of a table: given a session, something happens, this follows.

    ``then`` is the state it leads to, None if there is no conversation afterwards; ``owed`` is
    all that is owed, as `told` puts it.
    """

    given: Session | State | None
    happens: Happening
    then: State | None
    owed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    script: Script = SCRIPT

    def decision(self) -> Decision:
        """What is decided."""
        given = session(self.given) if isinstance(self.given, State) else self.given
        return decide(given, self.happens, self.script)


def told(effect: Effect) -> str:
    """An effect in a word or two; the gateway's texts by their keys."""
    match effect:
        case SendText(text=text, origin=Origin.GATEWAY):
            return str(text)
        case SendText(text=text):
            return f"agent: {text}"
        case SendChoices(purpose=purpose):
            return f"offer {purpose}"
        case SendTyping(status=status):
            return status
        case OpenChat(queue_id=queue_id):
            return f"open {queue_id}"
        case Say(text=text, notice=notice):
            return f"notice {text}" if notice else f"say {text}"
        case SubmitRating(rating=rating):
            return f"rate {rating}"
        case _:
            return type(effect).__name__


def waiting(session: Session | None) -> list[str]:
    """What is kept for the agent, in order."""
    return [str(unsaid.text) for unsaid in session.waiting] if session else []


def owed(decision: Decision) -> list[str]:
    """All that a decision owes."""
    return [told(effect) for effect in decision.effects]


def logged(decision: Decision) -> list[str]:
    """All that a decision logs, as ``level: text``."""
    return [f"{line.level}: {line.format.format(**line.data)}" for line in decision.lines]


def run(
    given: Session | None, happenings: Iterable[Happening], script: Script = SCRIPT
) -> tuple[Session | None, list[str], list[str]]:
    """Lets happenings follow one another: the session, all that was owed, all that was logged."""
    all_owed: list[str] = []
    all_logged: list[str] = []
    for happening in happenings:
        decision = decide(given, happening, script)
        given = decision.session
        all_owed += owed(decision)
        all_logged += logged(decision)
    return given, all_owed, all_logged


def rows(table: Mapping[str, Row]) -> Callable[[type], type]:
    """Gives a test case one test for each row, named by its key."""

    def adding(case: type) -> type:
        for title, row in table.items():
            name = "test_" + re.sub(r"\W+", "_", title)
            assert not hasattr(case, name), f"two rows are called {title}"
            setattr(case, name, _test(title, row))
        return case

    return adding


def _test(title: str, row: Row) -> Callable[[SynchronousTestCase], None]:
    def test(case: SynchronousTestCase) -> None:
        decision = row.decision()
        after = decision.session
        case.assertEqual(None if after is None else after.state, row.then)
        case.assertEqual(owed(decision), list(row.owed))
        case.assertEqual(waiting(after), list(row.waiting))
        again = row.decision()
        case.assertEqual((again.session, again.effects), (after, decision.effects))
        case.assertEqual(logged(again), logged(decision))

    test.__doc__ = title
    return test
