"""What is kept for an agent who has not come: its order, changes to it, and its bounds."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation.kept import LONGEST_KEPT, MOST_KEPT, MOST_NOTICES
from chatgw.test.tables import (
    AGENT,
    AGENT_WAIT,
    CREATED,
    INFO_CLOSED,
    INFO_WAIT,
    RATING_WAIT,
    TALKING,
    Row,
    desk,
    edited,
    kept,
    rows,
    run,
    sent,
    session,
    unsent,
    waiting,
    wrote,
)
from chatgw.test.world import CUSTOMER
from chatgw.values import AgentJoined, Limit, Unsaid, WentStale, Words

PHOTO = "[chatgw] The customer sent a photo."


@rows(
    {
        "none: nothing is changed": Row(None, edited("a", "b"), None),
        "none: nothing is taken back": Row(None, unsent("a"), None),
        "CREATED: a text that is kept is changed in its place": Row(
            kept(CREATED, "a", "b"), edited("a", "x"), CREATED, waiting=("x", "b")
        ),
        "INFO_WAIT: a text that is kept is taken back": Row(
            kept(INFO_WAIT, "a", "b"), unsent("a"), INFO_WAIT, waiting=("b",)
        ),
        "INFO_CLOSED: a text that is kept is changed in its place": Row(
            kept(INFO_CLOSED, "a", "b"), edited("b", "x"), INFO_CLOSED, waiting=("a", "x")
        ),
        "AGENT_WAIT: the last text that is kept is taken back": Row(
            kept(AGENT_WAIT, "a"), unsent("a"), AGENT_WAIT
        ),
        "AGENT_WAIT: another message is changed": Row(
            kept(AGENT_WAIT, "a"), edited("b", "x"), AGENT_WAIT, waiting=("a",)
        ),
        "AGENT_WAIT: another message is taken back": Row(
            kept(AGENT_WAIT, "a"), unsent("b"), AGENT_WAIT, waiting=("a",)
        ),
        "AGENT_WAIT: what has no name is not taken for a notice": Row(
            evolve(session(AGENT_WAIT), waiting=(Unsaid(Words("n"), 1.0, notice=True),)),
            unsent(""),
            AGENT_WAIT,
            waiting=("n",),
        ),
        "TALKING: the agent who has read it is told of a change": Row(
            TALKING,
            edited("a", "x"),
            TALKING,
            ("notice [chatgw] The customer changed a message to: x",),
        ),
        "TALKING: the agent who has read it is told that it was taken back": Row(
            TALKING, unsent("a"), TALKING, ("notice [chatgw] The customer took back a message.",)
        ),
        "RATING_WAIT: nobody is told of a change": Row(RATING_WAIT, edited("a", "x"), RATING_WAIT),
        "RATING_WAIT: what is to lead the next conversation is changed": Row(
            kept(RATING_WAIT, "a"), edited("a", "x"), RATING_WAIT, waiting=("x",)
        ),
    }
)
class ChangeTests(SynchronousTestCase):
    """The customer changes messages and takes them back."""


class OrderTests(SynchronousTestCase):
    """Texts are kept in the order in which they were sent."""

    def test_a_late_webhook_takes_its_place(self) -> None:
        given, _, _ = run(
            session(AGENT_WAIT),
            [wrote("a", 1010.0, 1001.0), wrote("c", 1010.0, 1003.0), wrote("b", 1020.0, 1002.0)],
        )
        self.assertEqual(waiting(given), ["a", "b", "c"])

    def test_those_of_one_moment_stay_as_they_came(self) -> None:
        words = [wrote(text, 1010.0, 1001.0) for text in ("b", "a", "c")]
        self.assertEqual(waiting(run(session(AGENT_WAIT), words)[0]), ["b", "a", "c"])

    def test_without_a_time_of_sending_that_of_receipt_counts(self) -> None:
        words = [wrote("b", 1010.0), wrote("c", 1020.0, 1019.0), wrote("a", 1021.0, 1009.0)]
        self.assertEqual(waiting(run(session(AGENT_WAIT), words)[0]), ["a", "b", "c"])

    def test_a_clock_that_is_ahead_puts_nothing_behind_what_comes_later(self) -> None:
        words = [wrote("a", 1010.0, 9999.0), wrote("b", 1011.0)]
        self.assertEqual(waiting(run(session(AGENT_WAIT), words)[0]), ["a", "b"])

    def test_the_agent_reads_texts_and_notices_in_their_places(self) -> None:
        given, _, _ = run(
            session(AGENT_WAIT), [wrote("a", 1010.0), sent("image", 1011.0), wrote("b", 1012.0)]
        )
        _, told, _ = run(given, [desk(AgentJoined(11, AGENT), at=1020.0)])
        self.assertEqual(told, ["say a", f"notice {PHOTO}", "say b"])

    def test_the_next_conversation_is_led_by_what_was_kept(self) -> None:
        given = evolve(kept(RATING_WAIT, "a"), rating=5)
        after, _, _ = run(given, [wrote("b")])
        self.assertEqual(waiting(after), ["a", "b"])


class BoundsTests(SynchronousTestCase):
    """Not everything can be kept."""

    def test_notices_do_not_take_the_place_of_words(self) -> None:
        given, _, lines = run(session(AGENT_WAIT), [sent("image")] * 2 * MOST_KEPT)
        self.assertEqual(waiting(given), [PHOTO] * MOST_NOTICES)
        self.assertFalse([line for line in lines if "kept already" in line])

    def test_a_change_does_not_exceed_the_bound(self) -> None:
        given, _, lines = run(kept(AGENT_WAIT, "a", "b"), [edited("a", "x" * LONGEST_KEPT)])
        self.assertEqual(waiting(given), ["a", "b"])
        self.assertEqual(
            lines,
            [f"warn: Dropping message of session [ID={CUSTOMER}]: 2 messages are kept already."],
        )

    def test_notices_that_no_agent_got_are_no_loss(self) -> None:
        given, _, _ = run(session(AGENT_WAIT), [sent("image")])
        assert given is not None
        over = WentStale(given.address, 1020.0, Limit.WAITING, AGENT_WAIT)
        _, _, lines = run(given, [over])
        self.assertFalse([line for line in lines if "not delivered" in line])


class LinesTests(SynchronousTestCase):
    """What the log tells of changes."""

    def test_changed_and_taken_back(self) -> None:
        _, _, lines = run(kept(AGENT_WAIT, "a"), [edited("a", "x"), unsent("a")])
        kept_for = "debug: Message kept for the agent was"
        self.assertEqual(
            lines,
            [
                f"{kept_for} changed by the customer. [ID={CUSTOMER}], [Message=x]",
                f"{kept_for} taken back by the customer. [ID={CUSTOMER}]",
            ],
        )
