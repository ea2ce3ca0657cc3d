"""What follows when a conversation has reached a limit, in each state."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import decide
from chatgw.test.tables import (
    AGENT_WAIT,
    CREATED,
    INFO_CLOSED,
    INFO_WAIT,
    NOW,
    RATING_WAIT,
    TALKING,
    Row,
    kept,
    logged,
    rows,
    session,
    stale,
)
from chatgw.test.world import CUSTOMER, SCRIPT
from chatgw.values import Limit, State

INACTIVITY = ("CHAT_ENDED_INACTIVITY",)
ERROR = ("CHAT_ENDED_UNKNOWN_ERROR", "LeaveChat")
NOBODY = ("CHAT_ENDED_AGENT_UNAVAILABLE", "LeaveChat")
ENDED = ("CHAT_ENDED", "LeaveChat")


@rows(
    {
        "none: nothing goes stale": Row(None, stale(Limit.IDLE, TALKING), None),
        "CREATED: no choice": Row(CREATED, stale(Limit.CHOICE, CREATED), None, INACTIVITY),
        "INFO_WAIT: no choice": Row(INFO_WAIT, stale(Limit.CHOICE, INFO_WAIT), None, INACTIVITY),
        "RATING_WAIT: no rating": Row(RATING_WAIT, stale(Limit.RATING, RATING_WAIT), None, ENDED),
        "INFO_CLOSED: no agent": Row(
            INFO_CLOSED,
            stale(Limit.WAITING, INFO_CLOSED),
            None,
            ("CHAT_ENDED_AGENT_UNAVAILABLE",),
        ),
        "AGENT_WAIT: no agent": Row(AGENT_WAIT, stale(Limit.WAITING, AGENT_WAIT), None, NOBODY),
        "AGENT_WAIT: desk silent": Row(AGENT_WAIT, stale(Limit.DESK, AGENT_WAIT), None, ERROR),
        "TALKING: desk silent": Row(TALKING, stale(Limit.DESK, TALKING), None, ERROR),
        "CREATED: idle": Row(CREATED, stale(Limit.IDLE, CREATED), None, INACTIVITY),
        "INFO_WAIT: idle": Row(INFO_WAIT, stale(Limit.IDLE, INFO_WAIT), None, INACTIVITY),
        "INFO_CLOSED: idle": Row(INFO_CLOSED, stale(Limit.IDLE, INFO_CLOSED), None, INACTIVITY),
        "AGENT_WAIT: idle": Row(
            AGENT_WAIT, stale(Limit.IDLE, AGENT_WAIT), None, (*INACTIVITY, "LeaveChat")
        ),
        "TALKING: idle": Row(TALKING, stale(Limit.IDLE, TALKING), None, (*INACTIVITY, "LeaveChat")),
        "RATING_WAIT: idle": Row(RATING_WAIT, stale(Limit.IDLE, RATING_WAIT), None, ENDED),
    }
)
class ReachedTests(SynchronousTestCase):
    """Each limit ends the conversation with its message, once, and leaves the desk's chat."""


class PutOffTests(SynchronousTestCase):
    """What happened while a limit waited for its turn."""

    def test_a_conversation_that_has_moved_on_goes_on(self) -> None:
        for limit in Limit:
            for found in State:
                for now in set(State) - {found}:
                    given = session(now)
                    decision = decide(given, stale(limit, found), SCRIPT)
                    self.assertEqual(decision.session, given)
                    self.assertEqual((decision.effects, decision.lines), ((), ()))

    def test_a_sign_of_life_puts_off_what_waits_for_one(self) -> None:
        for limit in (Limit.CHOICE, Limit.RATING, Limit.IDLE):
            for state in State:
                given = evolve(session(state), touched_at=NOW)
                decision = decide(given, stale(limit, state), SCRIPT)
                self.assertEqual((decision.session, decision.effects), (given, ()))

    def test_who_writes_on_gets_no_agent_by_that(self) -> None:
        for limit in (Limit.WAITING, Limit.DESK):
            given = evolve(session(AGENT_WAIT), touched_at=NOW)
            self.assertIsNone(decide(given, stale(limit, AGENT_WAIT), SCRIPT).session)


class LinesTests(SynchronousTestCase):
    """What the operator reads of a limit."""

    def test_the_limit_is_named(self) -> None:
        for limit in Limit:
            [line] = logged(decide(session(TALKING), stale(limit, TALKING), SCRIPT))
            self.assertEqual(
                line,
                f"info: Session [ID={CUSTOMER}] has reached a limit: {limit.value}. Ending it.",
            )

    def test_what_was_kept_in_vain_is_told(self) -> None:
        given = kept(AGENT_WAIT, "a", "b")
        self.assertIn(
            f"warn: 2 messages of session [ID={CUSTOMER}] were not delivered to an agent.",
            logged(decide(given, stale(Limit.WAITING, AGENT_WAIT), SCRIPT)),
        )
