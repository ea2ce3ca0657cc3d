"""What follows from several answers of the desk in a row."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.conversation import Decision, decide
from chatgw.test.tables import (
    AGENT,
    AGENT_WAIT,
    RATING_WAIT,
    TALKING,
    desk,
    run,
    session,
    wrote,
)
from chatgw.test.world import CUSTOMER, SCRIPT
from chatgw.values import AgentJoined, AgentLeft, DeskStatus


class TransferTests(SynchronousTestCase):
    """An agent who hands over is not an end."""

    def test_left_a_poll_before_joined(self) -> None:
        given, told, _ = run(
            session(TALKING),
            [
                desk(AgentLeft(11, AGENT)),
                wrote("are you there"),
                desk(AgentJoined(12, "agent2")),
                wrote("hello"),
            ],
        )
        assert given is not None
        self.assertIs(given.state, TALKING)
        self.assertEqual(given.agents, ("agent2",))
        self.assertEqual(told, ["offer rating", "say are you there", "offer rating", "say hello"])

    def test_joined_a_poll_before_left(self) -> None:
        given, told, _ = run(
            session(TALKING), [desk(AgentJoined(11, "agent2")), desk(AgentLeft(12, AGENT))]
        )
        assert given is not None
        self.assertEqual((given.state, given.agents, told), (TALKING, ("agent2",), []))

    def test_a_conference_ends_with_its_last_agent(self) -> None:
        given, told, _ = run(
            session(TALKING),
            [
                desk(AgentJoined(11, "b"), AgentJoined(12, "c")),
                desk(AgentLeft(13, "b")),
                desk(AgentLeft(14, AGENT)),
                desk(AgentLeft(15, "c")),
            ],
        )
        assert given is not None
        self.assertIs(given.state, RATING_WAIT)
        self.assertEqual(told, ["offer rating"])

    def test_an_agent_reported_twice_leaves_once(self) -> None:
        _, told, _ = run(
            session(TALKING), [desk(AgentJoined(11, AGENT)), desk(AgentLeft(12, AGENT))]
        )
        self.assertEqual(told, ["offer rating"])


class CursorTests(SynchronousTestCase):
    """The cursor is the highest id of a batch, and is logged once, first."""

    def test_it_is_logged_before_anything_else(self) -> None:
        given, _, lines = run(
            session(AGENT_WAIT), [desk(DeskStatus(11, "chat_ok"), AgentJoined(12, AGENT))]
        )
        assert given is not None
        self.assertEqual(given.cursor, 12)
        self.assertEqual(
            lines[0],
            f"debug: setLatestEventID: Setting latest event ID [12] in session [ID={CUSTOMER}] ...",
        )
        self.assertEqual(len([line for line in lines if "setLatestEventID" in line]), 1)

    def test_nothing_new_changes_and_logs_nothing(self) -> None:
        given = session(TALKING)
        self.assertEqual(decide(given, desk(AgentLeft(10, AGENT)), SCRIPT), Decision(given))
