"""What the agent is told in the gateway's own words."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import decide
from chatgw.conversation.notices import REASONS
from chatgw.conversation.notices import TAKEN as TAKEN_OVER
from chatgw.failures import FailureKind
from chatgw.test.tables import (
    AGENT_WAIT,
    INFO_WAIT,
    RATING_WAIT,
    TAKEN,
    TALKING,
    Row,
    answered,
    came_of,
    edited,
    logged,
    owed,
    rows,
    run,
    sent,
    session,
    unsent,
)
from chatgw.test.world import CUSTOMER, SCRIPT
from chatgw.values import (
    Done,
    Dropped,
    Failed,
    Happening,
    Notice,
    Notices,
    Origin,
    Outcome,
    Say,
    SendText,
    Unknown,
    Words,
)

CLOSED = Failed(FailureKind.WINDOW_CLOSED, "10/2018278")
GONE = Failed(FailureKind.RECIPIENT_GONE, "551")
EXPIRED = Failed(FailureKind.EXPIRED, "503")
UNKNOWN = Unknown("no answer within 10.0 s")


def agents(outcome: Outcome, text: str = "Hello", effect_id: str = "s-1") -> Happening:
    """What came of an agent's text."""
    return came_of(SendText, outcome, text=Words(text), origin=Origin.AGENT, id=effect_id)


def lost(reason: str, text: str = "Hello") -> str:
    """The notice of a text that was not delivered."""
    return f'[chatgw] Not delivered: "{text}" ({reason})'


LATE = lost("it could not be delivered in time")
PERHAPS = '[chatgw] May not have been delivered: "Hello"'


@rows(
    {
        "TALKING: delivered, nothing is said": Row(TALKING, agents(Done("m_1")), TALKING),
        "TALKING: the window is closed": Row(
            TALKING,
            agents(CLOSED),
            TALKING,
            ("notice " + lost("the customer has not written for too long to be answered now"),),
        ),
        "TALKING: the customer is gone, and the chat goes on": Row(
            TALKING,
            agents(GONE),
            TALKING,
            ("notice " + lost("the customer cannot be reached any more or has blocked the page"),),
        ),
        "TALKING: given up": Row(TALKING, agents(EXPIRED), TALKING, (f"notice {LATE}",)),
        "TALKING: not tried in time": Row(
            TALKING, agents(Dropped("of no use any more")), TALKING, (f"notice {LATE}",)
        ),
        "TALKING: nobody knows": Row(TALKING, agents(UNKNOWN), TALKING, (f"notice {PERHAPS}",)),
        "TALKING: each failed part is told": Row(
            TALKING, agents(EXPIRED, effect_id="s-1.2"), TALKING, (f"notice {LATE}",)
        ),
        "TALKING: an empty text is no loss": Row(
            TALKING, agents(Dropped("there is no text to send"), " "), TALKING
        ),
        "TALKING: nothing is said of the gateway's own texts": Row(
            TALKING, came_of(SendText, CLOSED), TALKING
        ),
        "TALKING: nothing is said of an older conversation's": Row(
            TALKING, came_of(SendText, CLOSED, origin=Origin.AGENT, session="older"), TALKING
        ),
        "AGENT_WAIT: it is kept for who comes": Row(
            AGENT_WAIT, agents(EXPIRED), AGENT_WAIT, waiting=(LATE,)
        ),
        "RATING_WAIT: nobody is there to be told": Row(RATING_WAIT, agents(EXPIRED), RATING_WAIT),
        "none: nobody is there to be told": Row(None, agents(EXPIRED), None),
    }
)
class UndeliveredTests(SynchronousTestCase):
    """An agent's text did not reach the customer."""

    def test_every_kind_of_failure_has_a_reason_in_plain_words(self) -> None:
        self.assertEqual(set(REASONS), set(FailureKind))
        for kind in FailureKind:
            [notice] = owed(decide(session(TALKING), agents(Failed(kind, "190/463")), SCRIPT))
            self.assertNotIn("{", notice)
            self.assertNotIn("190", notice)

    def test_a_reason_names_the_service_as_people_know_it(self) -> None:
        bad = Failed(FailureKind.BAD_REQUEST, "100")
        [notice] = owed(decide(session(TALKING), agents(bad), SCRIPT))
        self.assertEqual(
            notice,
            "notice "
            + lost("Facebook Messenger did not accept it: too long, or against its policy"),
        )

    def test_a_long_text_is_known_by_its_beginning_on_one_line(self) -> None:
        text = "a line\n\tand " + "x" * 100
        [notice] = owed(decide(session(TALKING), agents(EXPIRED, text), SCRIPT))
        excerpt = "a line and " + "x" * 49 + "…"
        self.assertEqual(notice, "notice " + lost("it could not be delivered in time", excerpt))


@rows(
    {
        "none: it begins nothing": Row(None, answered("Hi", inbox=True), None),
        "TALKING: from the inbox": Row(
            TALKING,
            answered("Hi", inbox=True),
            TALKING,
            ("notice [chatgw] Someone answered the customer from the page's inbox: Hi",),
        ),
        "TALKING: by another app": Row(
            TALKING,
            answered("Hi", inbox=False),
            TALKING,
            ("notice [chatgw] Another app answered the customer: Hi",),
        ),
        "TALKING: with something that is not text": Row(
            TALKING,
            answered("", inbox=False),
            TALKING,
            ("notice [chatgw] Another app answered the customer: (something that is not text)",),
        ),
        "INFO_WAIT: it is kept, and answers no question": Row(
            INFO_WAIT,
            answered("1", inbox=False),
            INFO_WAIT,
            waiting=("[chatgw] Another app answered the customer: 1",),
        ),
        "RATING_WAIT: nobody is there to be told": Row(
            RATING_WAIT, answered("Hi", inbox=True), RATING_WAIT
        ),
        "none: a thread taken begins nothing": Row(None, TAKEN, None),
        "TALKING: the thread is taken": Row(
            TALKING,
            TAKEN,
            TALKING,
            (f"notice [chatgw] {TAKEN_OVER}",),
        ),
        "RATING_WAIT: the thread is taken": Row(RATING_WAIT, TAKEN, RATING_WAIT),
    }
)
class OthersTests(SynchronousTestCase):
    """Somebody else writes to the customer, or takes the conversation."""

    def test_they_are_no_sign_of_life_of_the_customers(self) -> None:
        for event in (answered("Hi", inbox=True), TAKEN):
            after = decide(session(TALKING), event, SCRIPT).session
            assert after is not None
            self.assertEqual((after.touched_at, after.heard_at), (1000.0, 1000.0))


class ThingsTests(SynchronousTestCase):
    """What the customer sent that is not text, in plain words."""

    def test_each_by_its_name(self) -> None:
        for what, thing in {
            "image": "a photo",
            "sticker": "a sticker",
            "video": "a video",
            "audio": "a voice message or sound",
            "location": "a location",
            "file": "a file",
            "like": "a thumbs-up",
            "ig_reel": "something that is not text",
        }.items():
            self.assertEqual(
                owed(decide(session(TALKING), sent(what), SCRIPT)),
                ["UNSUPPORTED_MESSAGE", f"notice [chatgw] The customer sent {thing}."],
            )


class KindsTests(SynchronousTestCase):
    """Each kind of notice can be off, and each begins as configured."""

    happenings = (
        (Notice.UNDELIVERED, agents(EXPIRED)),
        (Notice.UNSUPPORTED, sent("image")),
        (Notice.EDITED, edited("a", "x")),
        (Notice.EDITED, unsent("a")),
        (Notice.INBOX, answered("Hi", inbox=True)),
        (Notice.INBOX, answered("Hi", inbox=False)),
        (Notice.THREAD, TAKEN),
    )

    def test_one_that_is_off_is_not_given(self) -> None:
        for kind, happening in self.happenings:
            for off in Notice:
                script = evolve(SCRIPT, notices=Notices("!", frozenset(Notice) - {off}))
                _, told, _ = run(session(TALKING), [happening], script)
                given = [line for line in told if line.startswith("notice ! ")]
                self.assertEqual(len(given), 0 if kind is off else 1, (kind, off))

    def test_none_needs_a_prefix(self) -> None:
        script = evolve(SCRIPT, notices=Notices(""))
        _, told, _ = run(session(TALKING), [unsent("a")], script)
        self.assertEqual(told, ["notice The customer took back a message."])

    def test_what_people_wrote_stays_marked_as_such(self) -> None:
        for _, happening in self.happenings:
            decision = decide(session(TALKING), happening, SCRIPT)
            for effect in decision.effects:
                if isinstance(effect, Say):
                    self.assertIsInstance(effect.text, Words)


def noticed(outcome: Outcome) -> Happening:
    """What came of a notice."""
    return came_of(Say, outcome, notice=True)


@rows(
    {
        f"{state.value}: a notice that comes to {outcome} changes nothing": Row(
            state, noticed(outcome), state
        )
        for state in (TALKING, RATING_WAIT)
        for outcome in (Done(), GONE, EXPIRED, UNKNOWN, Dropped("the conversation has moved on"))
    }
)
class OutcomeTests(SynchronousTestCase):
    """A notice ends no chat, and makes no notice about itself."""

    def test_a_notice_that_the_desk_has_taken_counts_as_said(self) -> None:
        after = decide(session(TALKING), noticed(Done()), SCRIPT).session
        assert after is not None
        self.assertEqual(after.said, 1)

    def test_the_log_tells_it_from_the_customers_words(self) -> None:
        lines: dict[Outcome, str] = {
            Done(): f"debug: Told the agent of session [ID={CUSTOMER}]: [a word]",
            EXPIRED: f"warn: Failed to perform Say. [ID={CUSTOMER}], [expired: 503]",
            Dropped("why"): f"debug: Dropped Say. [ID={CUSTOMER}], [why]",
        }
        for outcome, line in lines.items():
            self.assertEqual(logged(decide(session(TALKING), noticed(outcome), SCRIPT)), [line])
