"""What holds of decide, whatever happens in whatever order."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import Decision, Session, decide
from chatgw.failures import FailureKind
from chatgw.test.tables import CHAT, logged
from chatgw.test.world import ONE_STATEMENT, SCRIPT, WITHOUT_RATING, address
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    CustomerActed,
    CustomerChose,
    CustomerEdited,
    CustomerOpened,
    CustomerSentUnsupported,
    CustomerUnsent,
    CustomerWrote,
    DeskChatGone,
    DeskEvent,
    DeskRefused,
    DeskSpoke,
    DeskStatus,
    Done,
    Dropped,
    Effect,
    Failed,
    Happening,
    Limit,
    LookUpName,
    Notices,
    OpenChat,
    Outcome,
    Say,
    Script,
    Settled,
    SomeoneAnswered,
    State,
    ThreadTaken,
    ToCustomer,
    Unknown,
    WentStale,
    Words,
)

PREFIX = Notices().prefix
texts = st.sampled_from(["Hi", "1", "2.", "billing", "5", "thank you", " ", "😀"]).map(Words)
payloads = st.sampled_from(["statement:4", "statement:99", "rating:5", "rating:9", "x", ":", ""])
agents = st.sampled_from(["a", "b"])
statuses = st.sampled_from(
    [
        "chat_ok",
        "chat_issue",
        "chat_finished",
        "chat_finished_error",
        "chat_request_rejected_by_agent",
        "chat_timedout_waiting_for_agent",
        "chat_of_tomorrow",
    ]
)
ids = st.integers(0, 40)
desk_events: st.SearchStrategy[DeskEvent] = st.one_of(
    st.builds(AgentJoined, ids, agents),
    st.builds(AgentLeft, ids, agents),
    st.builds(AgentWrote, ids, agents, texts),
    st.builds(AgentTyping, ids, agents, st.sampled_from(["composing", "paused"])),
    st.builds(DeskStatus, ids, statuses, st.just("")),
)
batches = st.lists(desk_events, max_size=5).map(lambda events: sorted(events, key=lambda e: e.id))


@frozen
class Moment:
    """When something happens, and what came before: enough to make it happen."""

    at: float
    number: int
    owed: list[Effect]

    @property
    def event_id(self) -> str:
        """An id of its own for an event."""
        return f"event-{self.number}"


Happen = Callable[[Moment], Happening]
outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.just(Done()),
    st.sampled_from(list(FailureKind)).map(lambda kind: Failed(kind, "why")),
    st.just(Unknown("why")),
    st.just(Dropped("why")),
)


def settles(which: int, outcome: Outcome) -> Happen:
    """The outcome of something owed, often a good one; of nothing of ours if nothing is owed."""

    def happen(moment: Moment) -> Happening:
        if not moment.owed:
            stray = LookUpName(id="x", address=address(), session="other", at=0.0)
            return Settled(address(), moment.at, stray, outcome)
        effect = moment.owed.pop(which % len(moment.owed))
        good = Done(CHAT) if isinstance(effect, OpenChat) else Done("Amar Kumar")
        return Settled(address(), moment.at, effect, good if isinstance(outcome, Done) else outcome)

    return happen


def wrote(text: Words, delay: float | None, message: str) -> Happen:
    """The customer writes; the webhook may be late, or the channel's clock ahead."""

    def happen(now: Moment) -> Happening:
        sent_at = None if delay is None else now.at - delay
        return CustomerWrote(address(), now.at, now.event_id, text, sent_at, message)

    return happen


def edited(text: Words, message: str) -> Happen:
    """The customer changes a message."""
    return lambda now: CustomerEdited(address(), now.at, now.event_id, message, text)


def unsent(message: str) -> Happen:
    """The customer takes a message back."""
    return lambda now: CustomerUnsent(address(), now.at, now.event_id, message)


def answered(text: Words, inbox: bool) -> Happen:
    """Somebody else answers."""
    return lambda now: SomeoneAnswered(address(), now.at, now.event_id, text, inbox)


def went_stale(limit: Limit, state: State, late: float) -> Happen:
    """A limit was found to have passed, a moment ago."""
    return lambda now: WentStale(address(), now.at - late, limit, state)


def chose(payload: str) -> Happen:
    """The customer taps."""
    return lambda now: CustomerChose(address(), now.at, now.event_id, payload, Words("Title"))


def spoke(events: list[DeskEvent]) -> Happen:
    """The desk answers a poll."""
    return lambda now: DeskSpoke(address(), now.at, CHAT, tuple(events))


def joined(number: int) -> Happen:
    """An agent joins: more often than chance would have it."""
    return spoke([AgentJoined(number, "a")])


messages = st.sampled_from(["", "m1", "m2"])
happenings: st.SearchStrategy[Happen] = st.one_of(
    st.builds(wrote, texts, st.sampled_from([None, 0.0, 2.0, 500.0, -3.0]), messages),
    st.builds(edited, texts, messages),
    st.builds(unsent, messages),
    st.builds(answered, texts, st.booleans()),
    st.builds(went_stale, *map(st.sampled_from, (Limit, State)), st.sampled_from([0.0, 0.5])),
    st.just(lambda now: CustomerActed(address(), now.at, now.event_id)),
    st.just(lambda now: ThreadTaken(address(), now.at, now.event_id)),
    st.builds(chose, payloads),
    st.builds(settles, st.integers(0, 5), outcomes),
    st.builds(settles, st.integers(0, 5), st.just(Done())),
    st.builds(spoke, batches),
    st.builds(joined, ids),
    st.just(lambda now: CustomerSentUnsupported(address(), now.at, now.event_id, "image")),
    st.just(lambda now: CustomerOpened(address(), now.at, now.event_id)),
    st.just(lambda now: DeskChatGone(address(), now.at, CHAT)),
    st.just(lambda now: DeskRefused(address(), now.at, CHAT, "401")),
)


class DecideTests(SynchronousTestCase):
    """decide, fed with anything."""

    @settings(max_examples=100, deadline=None)
    @given(
        script=st.sampled_from([SCRIPT, WITHOUT_RATING, ONE_STATEMENT]),
        happen=st.lists(happenings, max_size=40),
        pause=st.sampled_from([1.0, 30.0, 70.0]),
    )
    def test_it_is_pure_and_its_effects_are_sound(
        self, script: Script, happen: list[Happen], pause: float
    ) -> None:
        session: Session | None = None
        owed: list[Effect] = []
        named: set[str] = set()
        for number, make in enumerate(happen):
            happening = make(Moment(1000.0 + pause * number, number, owed))
            first, second = (decide(session, happening, script) for _ in range(2))
            self.assertEqual(first.session, second.session)
            self.assertEqual(first.effects, second.effects)
            self.assertEqual(logged(first), logged(second))
            for effect in first.effects:
                self.assertNotIn(effect.id, named, "two effects share an id")
                self.assertEqual(effect.at, happening.at)
                named.add(effect.id)
            if first.session and session:
                self.assertGreaterEqual(first.session.heard_at, session.heard_at)
            if first.session and session and first.session.id == session.id:
                self.assertGreaterEqual(first.session.cursor, session.cursor)
                self.assertGreaterEqual(first.session.rating, session.rating)
                if first.session.said is not None and session.said is not None:
                    self.assertGreaterEqual(first.session.said, session.said)
                if session.said is None:
                    self.assertIsNone(first.session.said, "what is not known stays so")
                moved = first.session.state is not session.state
                self.assertTrue(moved or first.session.state_at == session.state_at)
            self.check_what_is_kept(first.session)
            self.check_effects(first)
            session = first.session
            owed += first.effects

    def check_what_is_kept(self, session: Session | None) -> None:
        """In the order of sending, and only while no agent is there."""
        if session is None:
            return
        times = [unsaid.sent_at for unsaid in session.waiting]
        self.assertEqual(times, sorted(times))
        self.assertLessEqual(session.heard_at, session.touched_at)
        if session.state is State.TALKING:
            self.assertEqual(session.waiting, ())
        if session.state is State.RATING_WAIT:
            self.assertFalse([unsaid for unsaid in session.waiting if unsaid.notice])

    def check_effects(self, decision: Decision) -> None:
        """The customer's carry when that was last heard; notices are marked as such."""
        for effect in decision.effects:
            if isinstance(effect, ToCustomer):
                self.assertLessEqual(effect.heard_at, effect.at)
                if decision.session is not None:
                    self.assertEqual(effect.heard_at, decision.session.heard_at)
            if isinstance(effect, Say):
                self.assertEqual(effect.notice, effect.text.startswith(PREFIX))
