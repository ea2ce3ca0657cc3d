"""The four steps: nothing is acknowledged or performed before it is committed."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatgw.failures import FailureKind
from chatgw.interfaces import IChannel, IDesk, IJournal, NotTakenError
from chatgw.registry import MOST_IN_LINE
from chatgw.test.fakes import HOLD
from chatgw.test.world import CUSTOMER, SCRIPT, World, address
from chatgw.values import (
    Address,
    CustomerWrote,
    Failed,
    LookUpName,
    Noticed,
    SendText,
    State,
    Words,
)


class FakesTests(SynchronousTestCase):
    """The fakes are what they stand for."""

    def test_they_provide_the_interfaces(self) -> None:
        world = World()
        verifyObject(IChannel, world.channel)
        verifyObject(IDesk, world.desk)
        verifyObject(IJournal, world.journal)


class CommitTests(SynchronousTestCase):
    """Commit before acknowledge, commit before perform."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)

    def test_nothing_happens_before_the_commit(self) -> None:
        world = self.world
        world.journal.holding = True
        received = world.wrote("Hi")
        self.assertNoResult(received)
        self.assertEqual(world.channel.attempts, [])
        self.assertEqual(world.registry.sessions, {})
        self.assertEqual(world.lines("Created session"), [])
        world.journal.holding = False
        world.journal.release()
        self.successResultOf(received)
        self.assertEqual(world.read(), ["WELCOME_MESSAGE", "PROBLEM_STATEMENT_CAPTION"])

    def test_what_is_committed_is_session_debts_and_event(self) -> None:
        world = self.world
        world.journal.holding = True
        world.wrote("Hi", event_id="e1")
        [entry] = world.journal.committing
        self.assertEqual((entry.address, entry.seen, entry.settled), (address(), "e1", None))
        self.assertEqual(len(entry.owed), 3)
        world.journal.holding = False
        world.journal.release()
        self.assertEqual(world.journal.sessions, {address(): world.session()})
        self.assertEqual(world.journal.owed, {})

    def test_a_failed_commit_fails_the_webhook_and_changes_nothing(self) -> None:
        world = self.world
        world.journal.holding = True
        received = world.wrote("Hi", event_id="e1")
        world.journal.refuse()
        self.failureResultOf(received)
        self.assertEqual(world.channel.attempts, [])
        self.assertEqual(world.registry.sessions, {})

    def test_a_journal_that_fails_is_an_error_until_it_works_again(self) -> None:
        world = self.world
        world.journal.holding = True
        received = world.wrote("Hi", event_id="e1")
        world.journal.refuse()
        self.failureResultOf(received)
        self.assertEqual(world.registry.status.state, "ERROR")
        for _ in range(3):  # it is tried though nobody writes
            world.advance(5.0)
            world.journal.refuse()
        self.assertEqual(world.registry.status.state, "ERROR")
        world.journal.holding = False
        world.advance(10.0)
        self.assertNotEqual(world.registry.status.state, "ERROR")
        self.assertEqual(world.clock.getDelayedCalls(), [])
        self.assertEqual(len(world.lines("Trouble with journal")), 1)

    def test_the_same_event_delivered_again_then_works(self) -> None:
        world = self.world
        world.journal.holding = True
        received = world.wrote("Hi", event_id="e1")
        world.journal.refuse()
        self.failureResultOf(received)
        world.journal.holding = False
        self.successResultOf(world.wrote("Hi", event_id="e1"))
        self.assertEqual(world.waiting(), ("Hi",))
        self.assertEqual(world.read(), ["WELCOME_MESSAGE", "PROBLEM_STATEMENT_CAPTION"])

    def test_what_follows_one_that_fails_is_not_taken_before_it(self) -> None:
        world = self.world
        world.talk()
        world.journal.holding = True
        events = [
            CustomerWrote(address(), 1000.0, f"event {text}", Words(text)) for text in ("A", "B")
        ]
        received = world.registry.receive(events)
        world.journal.refuse()
        self.failureResultOf(received)
        self.assertEqual(list(world.journal.waiting), [], "B is not even tried")
        world.journal.holding = False
        self.successResultOf(world.registry.receive(events))
        self.assertEqual(world.heard()[-2:], ["A", "B"])

    def test_a_disk_that_hangs_fills_no_memory(self) -> None:
        world = self.world
        world.journal.holding = True
        received = [world.wrote(f"text {number}") for number in range(300)]
        refused = [one for one in received if one.called]
        self.assertEqual(len(refused), 300 - MOST_IN_LINE - 1)
        for one in refused:
            self.failureResultOf(one, NotTakenError)
        world.journal.holding = False
        while world.journal.waiting:
            world.journal.release()
        self.assertEqual(len(world.waiting()), MOST_IN_LINE + 1)

    def test_a_webhook_with_one_event_that_fails_is_not_acknowledged(self) -> None:
        world = self.world
        world.journal.holding = True
        events = [
            CustomerWrote(address(customer), 1000.0, f"e{customer}", Words("Hi"))
            for customer in ("1", "2")
        ]
        received = world.registry.receive(events)
        world.journal.release()
        self.assertNoResult(received)
        world.journal.refuse()
        self.failureResultOf(received)
        world.journal.holding = False
        while world.journal.waiting:
            world.journal.release()
        self.successResultOf(world.registry.receive(events))
        for customer in ("1", "2"):
            self.assertEqual(len(world.read(customer)), 2)

    def test_the_desks_cursor_does_not_move_before_the_commit(self) -> None:
        world = self.world
        world.talk()
        world.said("Hello")
        world.journal.holding = True
        world.advance(5)
        self.assertEqual(world.session().cursor, 1)
        self.assertNotIn("Hello", world.read())
        world.journal.refuse()
        world.journal.holding = False
        world.advance(5)
        self.assertEqual(world.session().cursor, 2)
        self.assertEqual(world.read()[-1], "Hello")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)

    def test_an_outcome_whose_commit_fails_is_committed_later(self) -> None:
        world = self.world
        world.channel.will(LookUpName, HOLD)
        world.wrote("Hi")
        world.journal.holding = True
        world.channel.held[0].answer(Failed(FailureKind.PERMISSION, "no"))
        world.journal.refuse()
        world.journal.holding = False
        self.assertEqual(world.session().name, "")
        world.advance(1)
        self.assertEqual(world.session().name, "Customer")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)


class TurnTests(SynchronousTestCase):
    """One conversation's happenings are taken in turn, different ones' at once."""

    def setUp(self) -> None:
        self.world = World()
        self.world.journal.holding = True

    def test_one_customers_events_wait_for_one_another(self) -> None:
        world = self.world
        first, second = world.wrote("1st"), world.wrote("2nd")
        self.assertEqual(len(world.journal.waiting), 1)
        world.journal.release()
        self.successResultOf(first)
        self.assertNoResult(second)
        while world.journal.waiting:
            world.journal.release()
        self.successResultOf(second)
        self.assertEqual(world.waiting(), ("1st", "2nd"))

    def test_a_failure_lets_the_next_go(self) -> None:
        world = self.world
        first, second = world.wrote("1st"), world.wrote("2nd")
        world.journal.refuse()
        self.failureResultOf(first)
        world.journal.release()
        self.successResultOf(second)
        self.assertEqual(world.waiting(), ("2nd",))

    def test_customers_do_not_wait_for_one_another(self) -> None:
        self.world.wrote("Hi", "1")
        self.world.wrote("Hi", "2")
        self.assertEqual(len(self.world.journal.waiting), 2)

    def test_two_deliveries_of_one_event_at_once_are_one_event(self) -> None:
        world = self.world
        received = [world.wrote("Hi", event_id="e1") for _ in range(MOST_IN_LINE)]
        world.journal.holding = False
        world.journal.release()
        for one in received:
            self.successResultOf(one)
        self.assertEqual(world.waiting(), ("Hi",))


class DoorTests(SynchronousTestCase):
    """What is let in."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)

    def test_a_duplicate_is_acknowledged_logged_and_ignored(self) -> None:
        world = self.world
        world.talk()
        self.successResultOf(world.wrote("I need help", event_id="mid.1"))
        self.successResultOf(world.wrote("I need help", event_id="mid.1"))
        self.assertEqual(world.heard(), ["Hi", "I need help"])
        self.assertEqual(
            world.lines("Duplicate"),
            [f"debug: Duplicate delivery of event [mid.1] for [ID={CUSTOMER}]. Ignoring."],
        )

    def test_a_duplicate_after_the_end_opens_no_conversation(self) -> None:
        world = self.world
        world.talk()
        world.wrote("bye", event_id="mid.1")
        world.left()
        world.advance(5)
        world.chose("rating:5")
        self.successResultOf(world.wrote("bye", event_id="mid.1"))
        self.assertEqual(world.registry.sessions, {})

    def test_notices_move_nothing_and_alarms_are_errors(self) -> None:
        received = self.world.registry.receive(
            [
                Noticed(address(), 1000.0, "e1", "read", "watermark 1"),
                Noticed(None, 1000.0, "e2", "policy_enforcement", "block", alarm=True),
            ]
        )
        self.successResultOf(received)
        self.assertEqual(self.world.registry.sessions, {})
        self.assertEqual(
            self.world.lines("event."),
            [
                f"debug: Received read event. [ID={CUSTOMER}] [watermark 1]",
                "error: Received policy_enforcement event. [ID=-] [block]",
            ],
        )

    def test_an_event_of_no_channel_of_ours_is_acknowledged(self) -> None:
        elsewhere = Address("CARRIER_PIGEON", "page", "1")
        event = CustomerWrote(elsewhere, 1000.0, "e1", Words("coo"))
        self.successResultOf(self.world.registry.receive([event]))
        self.assertEqual(self.world.registry.sessions, {})

    def test_what_cannot_be_decided_is_acknowledged_and_logged(self) -> None:
        world = self.world
        world.registry.use(world.parts(evolve(SCRIPT, messages={})))
        self.successResultOf(world.wrote("Hi"))
        self.assertEqual(world.registry.sessions, {})
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
        world.registry.use(world.parts(SCRIPT))
        self.successResultOf(world.wrote("Hello?"))
        self.assertEqual(world.waiting(), ("Hello?",))

    def test_a_text_too_late_to_matter_is_dropped_as_the_state_says(self) -> None:
        world = self.world
        world.channel.will(SendText, HOLD)
        world.wrote("Hi")
        world.chose("statement:4")
        world.joined()
        world.advance(5)
        self.assertIs(world.session().state, State.TALKING)
        world.channel.held[0].answer(Failed(FailureKind.BAD_REQUEST, "400"))
        self.assertEqual(world.read(), [])
        self.assertEqual(len(world.lines("Dropped")), 2)
