"""Sessions, effects and dead letters are read back as they were written down."""

from __future__ import annotations

import json
from inspect import isabstract

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import DeadLetter
from chatgw.journal.records import (
    KINDS,
    effect_of,
    effect_record,
    letter_of,
    letter_record,
    session_of,
    session_record,
)
from chatgw.test.journals import address, text
from chatgw.values import (
    Address,
    ChatHandle,
    Choice,
    Effect,
    Origin,
    Say,
    Secret,
    SendChoices,
    SendText,
    Session,
    State,
    ToCustomer,
    ToDesk,
    Unsaid,
    Words,
)

# Halves of characters too, which phones do send.
strings = st.text(st.characters(exclude_categories=()), max_size=30)
times = st.floats(allow_nan=False)
st.register_type_strategy(str, strings)
st.register_type_strategy(float, times)
st.register_type_strategy(Secret, strings.map(Secret))
st.register_type_strategy(Words, strings.map(Words))
effects = st.sampled_from(sorted(KINDS.values(), key=lambda kind: kind.__name__)).flatmap(
    st.from_type
)
COOKIE = "JSESSIONID=C0F5C76EE806FBA2"


def kinds_of(base: type[Effect]) -> set[type[Effect]]:
    """All classes of effects below one."""
    below = set(base.__subclasses__())
    return below.union(*map(kinds_of, below))


class RoundTripTests(SynchronousTestCase):
    """Nothing is lost on the way to the file and back."""

    @given(st.from_type(Session))
    def test_a_session(self, session: Session) -> None:
        again = session_of(session_record(session))
        self.assertEqual(again, session)
        for unsaid in again.waiting:
            self.assertIsInstance(unsaid.text, Words)

    @given(effects)
    def test_an_effect(self, effect: Effect) -> None:
        again = effect_of(effect_record(effect))
        self.assertEqual(again, effect)
        self.assertIs(type(again), type(effect))
        if isinstance(again, SendText | SendChoices | Say):
            self.assertIsInstance(again.text, Words)

    @given(effects, strings)
    def test_a_dead_letter(self, effect: Effect, reason: str) -> None:
        letter = DeadLetter(effect, "policy", reason, 1.0)
        again = letter_of(letter_record(letter))
        self.assertEqual(again, letter)
        self.assertIs(type(again.effect), type(effect))

    def test_every_kind_of_effect(self) -> None:
        concrete = kinds_of(Effect) - {ToCustomer, ToDesk}
        self.assertEqual(set(KINDS.values()), concrete)
        self.assertFalse(any(map(isabstract, concrete)))

    def test_the_cookie_by_which_the_desk_knows_a_chat(self) -> None:
        chat = ChatHandle(Secret(COOKIE), "http://desk/1", "http://desk")
        record = session_record(Session("s", address(), 1.0, chat=chat))
        read = session_of(record).chat
        assert read is not None
        self.assertEqual(read.cookie.reveal(), COOKIE)

    def test_a_number_in_the_shape_of_a_whole_one(self) -> None:
        at = effect_of(effect_record(text("a")).replace("1700000000.0", "1700000000")).at
        self.assertIsInstance(at, float)


class OtherVersionsTests(SynchronousTestCase):
    """Records of an older chatgw, and of a newer one."""

    def test_what_an_older_one_did_not_know_has_its_default(self) -> None:
        where = {"channel": "FACEBOOK_MESSENGER", "account": "page", "customer": "1"}
        old = {"id": "s", "address": where, "touched_at": 1.0}
        self.assertEqual(session_of(json.dumps(old)), Session("s", address(), 1.0))
        owed = {"kind": "SendText", "id": "a", "address": where, "session": "s", "at": 1.0}
        self.assertEqual(
            effect_of(json.dumps({**owed, "text": "Hello"})),
            SendText(id="a", address=address(), session="s", at=1.0, text=Words("Hello")),
        )

    def test_what_a_newer_one_added_is_ignored(self) -> None:
        record = json.loads(session_record(Session("s", address(), 1.0)))
        record["mood"] = "good"
        record["address"]["planet"] = "Earth"
        self.assertEqual(session_of(json.dumps(record)), Session("s", address(), 1.0))


class ReadableTests(SynchronousTestCase):
    """An operator with sqlite3 at hand can read a record."""

    def test_a_choice_and_states_are_told_by_their_names(self) -> None:
        question = SendChoices(
            id="q",
            address=Address("C", "page", "1"),
            session="s",
            at=2.0,
            only_in=frozenset({State.INFO_WAIT}),
            text=Words("How can we help?"),
            choices=(Choice("Billing", "statement:4"),),
            purpose="problem statement",
        )
        self.assertEqual(
            json.loads(effect_record(question)),
            {
                "kind": "SendChoices",
                "id": "q",
                "address": {"channel": "C", "account": "page", "customer": "1"},
                "session": "s",
                "at": 2.0,
                "useful_for": 900.0,
                "only_in": ["INFO_WAIT"],
                "heard_at": 0.0,
                "text": "How can we help?",
                "choices": [{"title": "Billing", "payload": "statement:4"}],
                "purpose": "problem statement",
            },
        )
        self.assertEqual(json.loads(effect_record(text("a")))["origin"], Origin.GATEWAY.value)

    def test_a_text_that_is_kept(self) -> None:
        session = Session("s", address(), 1.0, waiting=(Unsaid(Words("Hi"), 2.0, "m"),))
        (kept,) = json.loads(session_record(session))["waiting"]
        self.assertEqual((kept["text"], kept["sent_at"], kept["message_id"]), ("Hi", 2.0, "m"))
