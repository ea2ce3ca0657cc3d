"""Tests for `chatgw.web.operator`."""

from __future__ import annotations

import json
from typing import Any

from treq.testing import StubTreq
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import NotTakenError
from chatgw.test.operators import CUSTOMER, REASON, FakeGateway, audit, letter, rating
from chatgw.web.operator import Operator


class OperatorCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.gateway = FakeGateway([letter("a:1"), rating("a:2"), letter("b:1", kind="unknown")])
        operator = Operator(self.gateway.operations(), self.clock)
        self.treq: Any = StubTreq(operator.resource())  # unknown to a type checker

    def ask(self, method: str, target: str) -> Deferred[tuple[int, Any]]:
        async def answer() -> tuple[int, Any]:
            response = await self.treq.request(method, "http://localhost" + target)
            return response.code, json.loads(await response.content())

        return Deferred.fromCoroutine(answer())

    def answered(self, method: str, target: str) -> tuple[int, Any]:
        """The status and the answer."""
        return self.successResultOf(self.ask(method, target))

    def left(self) -> list[str]:
        """The ids of the dead letters that are still there."""
        return [each.effect.id for each in self.gateway.letters]


class Reading(OperatorCase):
    def test_the_status_is_the_report(self) -> None:
        self.gateway.report = {"state": "ERROR", "owed": 3}
        self.assertEqual(self.answered("GET", "/status"), (200, {"state": "ERROR", "owed": 3}))

    def test_a_dead_letter_is_told_without_what_was_written_and_to_whom(self) -> None:
        status, told = self.answered("GET", "/dead")
        self.assertEqual((status, len(told["dead"])), (200, 3))
        self.assertEqual(
            told["dead"][0],
            {
                "id": "a:1",
                "kind": "window closed",
                "reason": REASON,
                "at": 900.0,
                "age": 100,
                "customer": "****0512",
                "what": "SendText",
                "length": 2,
            },
        )

    def test_what_has_no_text_has_no_length(self) -> None:
        told = self.answered("GET", "/dead?text=1")[1]["dead"][1]
        self.assertEqual((told["what"], told["length"], told["text"]), ("SubmitRating", None, None))

    def test_whole_ids_and_texts_are_told_when_asked_for(self) -> None:
        told = self.answered("GET", "/dead?ids=1")[1]["dead"][0]
        self.assertEqual((told["customer"], "text" in told), (CUSTOMER, False))
        told = self.answered("GET", "/dead?text=1")[1]["dead"][0]
        self.assertEqual((told["customer"], told["text"]), ("****0512", "Hi"))

    def test_asking_for_them_otherwise_is_not_asking(self) -> None:
        for query in ("text=0", "text", "text=", "ids=0", "text=1&text=0"):
            told = self.answered("GET", f"/dead?{query}")[1]["dead"][0]
            self.assertEqual((told["customer"], "text" in told), ("****0512", False), query)

    def test_reading_texts_is_audited_without_them(self) -> None:
        with capturedLogs() as events:
            self.answered("GET", "/dead?text=1")
        self.assertEqual(audit(events), ["Operator reads the texts of 3 dead letters. [UID=-]"])

    def test_one_kind_can_be_asked_for(self) -> None:
        for kind, ids in (("unknown", ["b:1"]), ("window%20closed", ["a:1"]), ("%ff", [])):
            told = self.answered("GET", f"/dead?kind={kind}")[1]["dead"]
            self.assertEqual([each["id"] for each in told], ids)

    def test_letters_that_cannot_be_read_are_no_empty_list(self) -> None:
        del self.gateway.letters
        for method, target in (("GET", "/dead"), ("POST", "/dead/redrive"), ("DELETE", "/dead/x")):
            status, told = self.answered(method, target)
            self.assertEqual(status, 503)
            self.assertIn("cannot be read", told["error"])
            self.assertEqual(len(self.flushLoggedErrors(AttributeError)), 1)

    def test_a_report_that_breaks_is_an_error_of_ours(self) -> None:
        self.gateway.report = {"state": object()}
        self.assertEqual(self.answered("GET", "/status")[0], 500)
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)


class Orders(OperatorCase):
    def test_one_is_redriven_and_audited(self) -> None:
        with capturedLogs() as events:
            self.assertEqual(self.answered("POST", "/dead/a%3A1/redrive"), (200, {"redriven": 1}))
        self.assertEqual((self.gateway.redriven, self.left()), (["a:1"], ["a:2", "b:1"]))
        told = f"Operator has redriven dead letter [a:1]. [ID={CUSTOMER}], [UID=-]"
        self.assertEqual(audit(events), [told])

    def test_one_is_dropped_and_audited(self) -> None:
        with capturedLogs() as events:
            self.assertEqual(self.answered("DELETE", "/dead/a:2"), (200, {"dropped": 1}))
        self.assertEqual((self.gateway.dropped, self.left()), (["a:2"], ["a:1", "b:1"]))
        told = f"Operator has dropped dead letter [a:2]. [ID={CUSTOMER}], [UID=-]"
        self.assertEqual(audit(events), [told])

    def test_all_are_redriven_oldest_first(self) -> None:
        answer = self.answered("POST", "/dead/redrive")
        self.assertEqual(answer, (200, {"redriven": 3, "left": []}))
        self.assertEqual((self.gateway.redriven, self.left()), (["a:1", "a:2", "b:1"], []))

    def test_one_kind_is_redriven(self) -> None:
        self.answered("POST", "/dead/redrive?kind=unknown")
        self.assertEqual((self.gateway.redriven, self.left()), (["b:1"], ["a:1", "a:2"]))

    def test_what_is_not_there_is_not_found(self) -> None:
        for method, target in (("POST", "/dead/x/redrive"), ("DELETE", "/dead/x")):
            self.assertEqual(
                self.answered(method, target), (404, {"error": "there is no dead letter x"})
            )

    def test_what_somebody_else_was_faster_with_is_not_found(self) -> None:
        self.gateway.outcome = lambda effect_id: fail(LookupError(effect_id))
        status, told = self.answered("DELETE", "/dead/a:1")
        self.assertEqual((status, told["error"]), (404, "there is no dead letter a:1 any more"))

    def test_what_cannot_be_done_now_is_a_conflict_that_says_why(self) -> None:
        self.gateway.outcome = lambda effect_id: fail(NotTakenError("stopping"))
        self.assertEqual(self.answered("DELETE", "/dead/a:1"), (409, {"error": "stopping"}))

    def test_what_could_not_be_made_lasting_is_unavailable_and_not_audited_as_done(self) -> None:
        self.gateway.outcome = lambda effect_id: fail(OSError("disk full"))
        with capturedLogs() as events:
            status, told = self.answered("POST", "/dead/a:1/redrive")
        self.assertEqual(status, 503)
        self.assertEqual(told, {"error": "a:1 could not be redriven: OSError: see the log"})
        self.assertEqual([event["log_level"] for event in events], [LogLevel.critical])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)


class AllAtOnce(OperatorCase):
    def refusing(self, effect_id: str, error: Exception) -> None:
        """Has one of them fail."""

        def outcome(each: str) -> Deferred[None]:
            done: Deferred[None] = Deferred()
            if each == effect_id:
                done.errback(error)
            else:
                done.callback(None)
            return done

        self.gateway.outcome = outcome

    def test_one_that_is_refused_keeps_back_no_other(self) -> None:
        self.refusing("a:2", NotTakenError("the chat is over"))
        _, told = self.answered("POST", "/dead/redrive")
        self.assertEqual(
            told, {"redriven": 2, "left": [{"id": "a:2", "error": "the chat is over"}]}
        )

    def test_a_journal_that_fails_ends_it(self) -> None:
        self.refusing("a:2", OSError("disk full"))
        status, told = self.answered("POST", "/dead/redrive")
        self.assertEqual((status, told["redriven"]), (503, 1))
        self.assertIn("a:2 could not be redriven", told["error"])
        self.assertEqual(self.left(), ["a:2", "b:1"])
        self.flushLoggedErrors(OSError)


class OrdersUnderWay(OperatorCase):
    def setUp(self) -> None:
        super().setUp()
        self.commit: Deferred[None] = Deferred(lambda _: self.fail("the commit was cancelled"))
        self.gateway.outcome = lambda effect_id: self.commit
        self.asked = self.ask("POST", "/dead/a:1/redrive")

    def test_the_same_letter_is_not_redriven_twice_at_a_time(self) -> None:
        for method, target in (("POST", "/dead/a:1/redrive"), ("DELETE", "/dead/a:1")):
            status, told = self.answered(method, target)
            self.assertEqual((status, told), (409, {"error": "a:1 is being seen to already"}))
        self.commit.callback(None)
        self.treq.flush()
        self.assertEqual(self.successResultOf(self.asked), (200, {"redriven": 1}))
        self.assertEqual((self.gateway.redriven, self.gateway.dropped), (["a:1"], []))

    def test_a_letter_that_could_not_be_redriven_can_be_again(self) -> None:
        self.commit.errback(OSError("disk full"))
        self.flushLoggedErrors(OSError)
        self.commit = Deferred()
        self.commit.callback(None)
        self.assertEqual(self.answered("POST", "/dead/a:1/redrive")[0], 200)

    def test_a_client_that_leaves_stops_nothing(self) -> None:
        self.asked.addErrback(lambda _: None)
        self.asked.cancel()
        self.treq.flush()
        with capturedLogs() as events:
            self.commit.callback(None)
        self.assertEqual(self.gateway.redriven, ["a:1"])
        self.assertEqual(len(audit(events)), 1)


class Elsewhere(OperatorCase):
    def test_other_methods_are_refused_in_json(self) -> None:
        for method, target in (
            ("POST", "/status"),
            ("DELETE", "/dead"),
            ("GET", "/dead/redrive"),
            ("GET", "/dead/a:1"),
            ("GET", "/dead/a:1/redrive"),
        ):
            self.assertEqual(self.answered(method, target), (405, {"error": "method not allowed"}))
        self.assertEqual(len(self.left()), 3)

    def test_other_paths_are_not_found_in_json(self) -> None:
        for target in ("/", "/stat", "/dead/", "/dead/a:1/revive", "/status/x"):
            self.assertEqual(self.answered("GET", target), (404, {"error": "not found"}), target)

    def test_a_letter_without_a_name_is_not_all_of_them(self) -> None:
        self.assertEqual(self.answered("POST", "/dead//redrive"), (404, {"error": "not found"}))
        self.assertEqual(self.answered("DELETE", "/dead//"), (404, {"error": "not found"}))
        self.assertEqual(len(self.left()), 3)
