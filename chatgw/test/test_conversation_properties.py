"""What holds of decide, whatever happens in whatever order."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import Session, decide
from chatgw.failures import FailureKind
from chatgw.test.tables import CHAT, logged
from chatgw.test.world import ONE_STATEMENT, SCRIPT, WITHOUT_RATING, address
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    CustomerChose,
    CustomerOpened,
    CustomerSentUnsupported,
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
    LookUpName,
    OpenChat,
    Outcome,
    Settled,
    Unknown,
    WentStale,
    Words,
)

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


def wrote(text: Words) -> Happen:
    """The customer writes."""
    return lambda now: CustomerWrote(address(), now.at, now.event_id, text)


def chose(payload: str) -> Happen:
    """The customer taps."""
    return lambda now: CustomerChose(address(), now.at, now.event_id, payload, Words("Title"))


def spoke(events: list[DeskEvent]) -> Happen:
    """The desk answers a poll."""
    return lambda now: DeskSpoke(address(), now.at, CHAT, tuple(events))


def joined(number: int) -> Happen:
    """An agent joins: more often than chance would have it."""
    return spoke([AgentJoined(number, "a")])


happenings: st.SearchStrategy[Happen] = st.one_of(
    st.builds(wrote, texts),
    st.builds(chose, payloads),
    st.builds(settles, st.integers(0, 5), outcomes),
    st.builds(settles, st.integers(0, 5), st.just(Done())),
    st.builds(spoke, batches),
    st.builds(joined, ids),
    st.just(lambda now: CustomerSentUnsupported(address(), now.at, now.event_id, "image")),
    st.just(lambda now: CustomerOpened(address(), now.at, now.event_id)),
    st.just(lambda now: DeskChatGone(address(), now.at, CHAT)),
    st.just(lambda now: DeskRefused(address(), now.at, CHAT, "401")),
    st.just(lambda now: WentStale(address(), now.at)),
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
        self, script: object, happen: list[Happen], pause: float
    ) -> None:
        session: Session | None = None
        owed: list[Effect] = []
        named: set[str] = set()
        for number, make in enumerate(happen):
            happening = make(Moment(1000.0 + pause * number, number, owed))
            first, second = (decide(session, happening, script) for _ in range(2))  # type: ignore[arg-type]
            self.assertEqual(first.session, second.session)
            self.assertEqual(first.effects, second.effects)
            self.assertEqual(logged(first), logged(second))
            for effect in first.effects:
                self.assertNotIn(effect.id, named, "two effects share an id")
                self.assertEqual(effect.at, happening.at)
                named.add(effect.id)
            if first.session and session and first.session.id == session.id:
                self.assertGreaterEqual(first.session.cursor, session.cursor)
                self.assertGreaterEqual(first.session.rating, session.rating)
            session = first.session
            owed += first.effects
