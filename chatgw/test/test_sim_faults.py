"""Scripted faults: how they are described, taken, and acted out."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from klein import Klein
from treq.testing import StubTreq
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseNeverReceived
from twisted.web.iweb import IRequest

from chatgw.sim.faults import (
    GARBAGE,
    KINDS,
    Fault,
    Faults,
    answered,
    control_routes,
    fault_from_json,
)
from chatgw.sim.reply import Reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
FIELDS = {"operation": "events", "kind": "error", "times": 3, "status": 503, "seconds": 1.5}


class DescriptionTests(SynchronousTestCase):
    """A fault as JSON."""

    def test_every_field_is_taken(self) -> None:
        fault = fault_from_json({**FIELDS, "body": "no", "code": 613, "subcode": 7})
        self.assertEqual(fault, Fault("events", "error", 3, 1.5, 503, "no", 613, 7))

    def test_what_is_wrong_is_said(self) -> None:
        for change, complaint in (
            ({"operation": ""}, "operation: missing"),
            ({"kind": "explode"}, "kind: expected one of delay, hang"),
            ({"times": 0}, "times: expected 1 to"),
            ({"times": True}, "times: expected int, found True"),
            ({"seconds": float("nan")}, "seconds: expected 0 to"),
            ({"status": 42}, "status: expected 200 to 599"),
            ({"body": "\ud800"}, "surrogates not allowed"),
            ({"oops": 1}, "unknown field 'oops'"),
        ):
            with self.subTest(change=change):
                error = self.assertRaises(ValueError, fault_from_json, {**FIELDS, **change})
                self.assertIn(complaint, str(error))

    @given(
        JSON | st.dictionaries(st.sampled_from([*FIELDS, "body"]), JSON | st.sampled_from(KINDS))
    )
    def test_anything_is_a_fault_or_a_value_error(self, data: object) -> None:
        try:
            fault = fault_from_json(data)
        except ValueError as error:
            self.assertTrue(str(error))
        else:
            self.assertIn(fault.kind, KINDS)


class TakingTests(SynchronousTestCase):
    """Which operation a fault strikes."""

    def test_a_fault_strikes_its_own_operation_as_often_as_it_says(self) -> None:
        faults = Faults()
        faults.script(Fault("events", "hang", times=2))
        self.assertIsNone(faults.take("message"))
        taken = [faults.take("events") for _ in range(3)]
        self.assertEqual([fault and fault.kind for fault in taken], ["hang", "hang", None])

    def test_faults_strike_in_the_order_scripted_any_operation_included(self) -> None:
        faults = Faults()
        for fault in (Fault("events", "hang"), Fault("*", "lose"), Fault("events", "error")):
            faults.script(fault)
        taken = [faults.take("events") for _ in range(3)]
        self.assertEqual([fault and fault.kind for fault in taken], ["hang", "lose", "error"])

    def test_cleared_faults_strike_no_more(self) -> None:
        faults = Faults()
        faults.script(Fault("*", "hang"))
        faults.clear()
        self.assertIsNone(faults.take("events"))


class ActingTests(SynchronousTestCase):
    """What a fault does to a request."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.acts = 0
        self.failures: list[object] = []

    def act(self) -> Reply:
        self.acts += 1
        return Reply(201, b"done")

    def call(self, fault: Fault | None) -> Deferred[tuple[int, bytes]]:
        app = Klein()

        @app.route("/")
        async def route(request: IRequest) -> bytes:
            return await answered(fault, request, self.clock, self.act)

        self.stub: Any = StubTreq(app.resource())

        async def call() -> tuple[int, bytes]:
            response = await self.stub.get("http://localhost/")
            return response.code, await response.content()

        calling = Deferred.fromCoroutine(call())
        self.stub.flush()
        return calling

    def test_without_a_fault_it_is_done_and_answered(self) -> None:
        self.assertEqual(self.successResultOf(self.call(None)), (201, b"done"))

    def test_a_delay_is_done_and_answered_later(self) -> None:
        calling = self.call(Fault("x", "delay", seconds=5))
        self.clock.advance(4.9)
        self.stub.flush()
        self.assertNoResult(calling)
        self.assertEqual(self.acts, 0)
        self.clock.advance(0.2)
        self.stub.flush()
        self.assertEqual(self.successResultOf(calling), (201, b"done"))

    def test_a_delayed_operation_is_done_though_the_client_has_left(self) -> None:
        calling = self.call(Fault("x", "delay", seconds=5))
        calling.addErrback(self.failures.append)
        calling.cancel()
        self.stub.flush()
        self.assertEqual((len(self.failures), self.acts), (1, 0))
        self.clock.advance(5)
        self.assertEqual(self.acts, 1)

    def test_a_hanging_operation_is_neither_done_nor_answered(self) -> None:
        calling = self.call(Fault("x", "hang"))
        self.clock.advance(86_400)
        self.stub.flush()
        self.assertNoResult(calling)
        self.assertEqual(self.acts, 0)

    def test_an_error_is_answered_and_not_done(self) -> None:
        calling = self.call(Fault("x", "error", status=503, body="not now"))
        self.assertEqual(self.successResultOf(calling), (503, b"not now"))
        self.assertEqual(self.acts, 0)

    def test_a_lost_answer_was_done(self) -> None:
        calling = self.call(Fault("x", "lose"))
        self.stub.flush()
        self.failureResultOf(calling, ResponseNeverReceived)
        self.assertEqual(self.acts, 1)

    def test_garbage_is_answered_and_nothing_done(self) -> None:
        calling = self.call(Fault("x", "garbage"))
        self.assertEqual(self.successResultOf(calling), (200, GARBAGE))
        self.assertEqual(self.acts, 0)

    def test_a_duplicate_is_done_twice_and_answered_once(self) -> None:
        calling = self.call(Fault("x", "duplicate"))
        self.assertEqual(self.successResultOf(calling), (201, b"done"))
        self.assertEqual(self.acts, 2)


class ControlTests(SynchronousTestCase):
    """Faults scripted over HTTP."""

    def setUp(self) -> None:
        app, self.faults = Klein(), Faults()
        control_routes(app, self.faults)
        self.stub: Any = StubTreq(app.resource())

    def call(self, method: str, body: bytes = b"") -> tuple[int, object]:
        async def call() -> tuple[int, object]:
            url = "http://localhost/control/faults"
            response = await self.stub.request(method, url, data=body)
            return response.code, json.loads(await response.content())

        return self.successResultOf(Deferred.fromCoroutine(call()))

    def test_scripted_listed_and_forgotten(self) -> None:
        self.assertEqual(self.call("POST", json.dumps(FIELDS).encode())[0], 200)
        self.assertEqual(self.call("POST", json.dumps([FIELDS, FIELDS]).encode())[0], 200)
        status, listed = self.call("GET")
        assert isinstance(listed, list)
        self.assertEqual((status, len(listed)), (200, 3))
        self.assertEqual(listed[0], {**FIELDS, "body": "", "code": 0, "subcode": 0})
        self.assertEqual(self.call("DELETE"), (200, []))
        self.assertEqual(self.faults.listing(), [])

    def test_of_a_list_with_one_bad_fault_none_is_taken(self) -> None:
        status, answer = self.call("POST", json.dumps([FIELDS, {"kind": "hang"}]).encode())
        self.assertEqual(status, 400)
        self.assertIn("operation", str(answer))
        self.assertEqual(self.faults.listing(), [])

    def test_what_is_no_json_is_refused(self) -> None:
        for body in (b"", b"\xff", b"{", b"[" * 100_000, b"[%s]" % (b"{}," * 1000 + b"{}")):
            with self.subTest(body=body[:10]):
                self.assertEqual(self.call("POST", body)[0], 400)
