"""The Graph API: ways to write a call down, tokens, profile, headers, faults."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from twisted.internet.defer import Deferred

from chatgw.net.client import Answer, CallFailed
from chatgw.sim.faults import Fault
from chatgw.sim.meta.account import Usage
from chatgw.sim.meta.errors import MESSAGES
from chatgw.test.test_sim_meta_simulator import APP_SECRET, PAGE, PSID, TOKEN, MetaSetting
from chatgw.values import Secret

BEARER = {"Authorization": f"Bearer {TOKEN}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
RECIPIENT = {"id": PSID}
MESSAGE = {"text": "Hello"}


class GraphSetting(MetaSetting):
    def setUp(self) -> None:
        super().setUp()
        self.sim.model.write(PSID, "Hi")

    def shown(self) -> list[str]:
        return self.sim.model.thread(PSID).texts(mine=False)

    def error(self, asking: Deferred[Answer]) -> tuple[int, int, int]:
        """The HTTP status, code and subcode of a refusal."""
        answer = self.successResultOf(asking)
        error = json.loads(answer.body)["error"]
        return answer.status, error["code"], error.get("error_subcode", 0)


class CallTests(GraphSetting):
    def send(self, path: str, query: Any = None, body: bytes = b"", headers: Any = None) -> None:
        answer = self.successResultOf(self.asking("POST", path, query, body, headers))
        self.assertEqual(answer.status, 200)
        self.assertEqual(json.loads(answer.body)["recipient_id"], PSID)
        self.assertEqual(self.shown(), ["Hello"])

    def test_any_version_or_none_and_me_or_the_id_is_taken(self) -> None:
        for path in ("/v25.0/me", f"/v2.6/{PAGE}", "/me", f"/{PAGE}"):
            answer = self.successResultOf(self.asking("GET", path, None, b"", BEARER))
            self.assertEqual(json.loads(answer.body), {"name": "ABCD Customer Care", "id": PAGE})

    def test_json_with_the_token_in_a_header(self) -> None:
        body = json.dumps({"recipient": RECIPIENT, "message": MESSAGE}).encode()
        self.send("/v25.0/me/messages", None, body, {**BEARER, **JSON})

    def test_json_with_the_token_in_it_and_with_nulls(self) -> None:
        message = {**MESSAGE, "quick_replies": None, "attachment": None}
        given = {"recipient": RECIPIENT, "message": message, "sender_action": None, "tag": None}
        body = json.dumps({**given, "access_token": TOKEN}).encode()
        self.send(f"/{PAGE}/messages", None, body, JSON)

    def test_a_form_with_nested_json_and_the_token_in_it(self) -> None:
        nested = {"recipient": json.dumps(RECIPIENT), "message": json.dumps(MESSAGE)}
        body = urlencode({**nested, "access_token": TOKEN}).encode()
        self.send("/v25.0/me/messages", None, body, FORM)

    def test_everything_in_the_query(self) -> None:
        nested = {"recipient": json.dumps(RECIPIENT), "message": json.dumps(MESSAGE)}
        self.send("/me/messages", {**nested, "access_token": TOKEN})

    def test_a_body_that_is_no_json_object_is_refused(self) -> None:
        for body in (b"{", b"[]", b"\xff", b"[" * 100_000):
            asking = self.asking("POST", "/me/messages", None, body, {**BEARER, **JSON})
            self.assertEqual(self.error(asking), (400, 100, 0))

    def test_what_does_not_exist_is_refused_in_graphs_own_shape(self) -> None:
        for method, path in (("GET", "/"), ("POST", "/4711/messages"), ("DELETE", "/me")):
            asking = self.asking(method, path, None, b"", BEARER)
            self.assertEqual(self.error(asking), (400, 100, 33))


class TokenTests(GraphSetting):
    def test_a_bad_token_is_190_and_none_is_2500(self) -> None:
        wrong = self.asking("GET", "/me", {"access_token": "EAAB-ünknown"})
        self.assertEqual(self.error(wrong), (400, 190, 0))
        self.assertEqual(self.error(self.asking("GET", "/me")), (400, 2500, 0))

    def test_a_renewed_token_is_the_one_that_counts(self) -> None:
        self.sim.account.page_access_token = Secret("EAAB-renewed")
        old = self.asking("GET", "/me", {"access_token": TOKEN})
        self.assertEqual(self.error(old), (400, 190, 0))
        new = self.successResultOf(self.asking("GET", "/me", {"access_token": "EAAB-renewed"}))
        self.assertEqual(new.status, 200)

    def test_a_proof_is_checked_when_given_or_required(self) -> None:
        proof = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        good = self.asking("GET", "/me", {"appsecret_proof": proof}, b"", BEARER)
        self.assertEqual(self.successResultOf(good).status, 200)
        bad = self.asking("GET", "/me", {"appsecret_proof": proof[::-1]}, b"", BEARER)
        self.assertEqual(self.error(bad), (400, 100, 0))
        self.sim.account.require_proof = True
        missing = self.asking("GET", "/me", None, b"", BEARER)
        self.assertEqual(self.error(missing), (400, 100, 0))

    def test_debug_token_tells_a_good_token_from_a_bad_one(self) -> None:
        app = f"{self.sim.account.app_id}|{APP_SECRET}"

        def debug(token: str) -> Any:
            query = {"input_token": token, "access_token": app}
            answer = self.successResultOf(self.asking("GET", "/debug_token", query))
            return json.loads(answer.body)["data"]

        self.assertTrue(debug(TOKEN)["is_valid"])
        self.assertIn(PAGE, debug(TOKEN)["granular_scopes"][0]["target_ids"])
        self.assertFalse(debug("EAAB-other")["is_valid"])


class ProfileTests(GraphSetting):
    def test_a_profile_has_the_fields_asked_for_and_the_id(self) -> None:
        self.assertEqual(
            self.ask("GET", f"/v25.0/{PSID}?fields=first_name,last_name,gender"),
            (200, {"first_name": "Mina", "last_name": "Park", "id": PSID}),
        )

    def test_a_name_that_is_empty_is_left_out(self) -> None:
        self.sim.model.customer("77")
        self.assertEqual(self.ask("GET", "/77?fields=name,first_name"), (200, {"id": "77"}))

    def test_an_unknown_person_has_none(self) -> None:
        asking = self.asking("GET", "/4711", None, b"", BEARER)
        self.assertEqual(self.error(asking), (400, 100, 33))

    def test_usage_is_told_with_every_answer(self) -> None:
        self.sim.account.usage = Usage(80, 25, 30, 7)
        answer = self.successResultOf(self.asking("GET", "/me", {"access_token": "wrong"}))
        app = json.loads((answer.headers.getRawHeaders("x-app-usage") or [""])[0])
        self.assertEqual(app, {"call_count": 80, "total_time": 25, "total_cputime": 30})
        told = (answer.headers.getRawHeaders("x-business-use-case-usage") or [""])[0]
        self.assertEqual(json.loads(told)[PAGE][0]["estimated_time_to_regain_access"], 7)


class FaultTests(GraphSetting):
    def fault(self, kind: str, operation: str = "message", **more: Any) -> None:
        self.sim.faults.script(Fault(operation, kind, **more))

    def sending(self, text: str = "Hello") -> Deferred[Answer]:
        body = json.dumps({"recipient": RECIPIENT, "message": {"text": text}}).encode()
        return self.asking("POST", "/me/messages", None, body, {**BEARER, **JSON})

    def test_every_error_of_the_table_comes_on_demand(self) -> None:
        for code, subcode in MESSAGES:
            self.fault("error", code=code, subcode=subcode)
            status, *pair = self.error(self.sending())
            self.assertEqual(pair, [code, subcode])
            expected = (
                500 if code in (1, 2, 1200) else 403 if code in (3, 10, 200, 230, 551) else 400
            )
            self.assertEqual(status, expected)
        self.assertEqual(self.shown(), [])

    def test_an_error_may_have_any_status_and_body(self) -> None:
        self.fault("error", status=404, code=100, subcode=33)
        self.assertEqual(self.error(self.sending()), (404, 100, 33))
        self.fault("error", status=502, body="<html>Bad gateway</html>")
        answer = self.successResultOf(self.sending())
        self.assertEqual((answer.status, answer.body), (502, b"<html>Bad gateway</html>"))

    def test_each_operation_has_its_own_faults(self) -> None:
        calls = {
            "profile": ("GET", f"/{PSID}", None),
            "me": ("GET", "/me", None),
            "debug_token": ("GET", f"/debug_token?input_token={TOKEN}", None),
            "sender_action": (
                "POST",
                "/me/messages",
                {"recipient": RECIPIENT, "sender_action": "typing_on"},
            ),
            "message": ("POST", "/me/messages", {"recipient": RECIPIENT, "message": MESSAGE}),
        }
        for operation in calls:
            self.fault("error", operation, code=2)
            statuses = {name: self.ask(*other)[0] for name, other in calls.items()}
            self.assertEqual([name for name in statuses if statuses[name] == 500], [operation])

    def test_a_delayed_answer_comes_later(self) -> None:
        self.fault("delay", seconds=9.0)
        asking = self.sending()
        self.clock.advance(8.9)
        self.stub.flush()
        self.assertNoResult(asking)
        self.clock.advance(0.1)
        self.stub.flush()
        self.assertEqual(self.successResultOf(asking).status, 200)

    def test_a_lost_answer_leaves_the_message_sent(self) -> None:
        self.fault("lose")
        failure = self.failureResultOf(self.sending(), CallFailed)
        self.assertTrue(failure.value.arrived)
        self.assertEqual(self.shown(), ["Hello"])

    def test_a_call_that_hangs_is_not_performed(self) -> None:
        self.fault("hang")
        asking = self.sending()
        self.clock.advance(10)
        self.failureResultOf(asking, CallFailed)
        self.assertEqual(self.shown(), [])

    def test_a_message_may_be_shown_twice(self) -> None:
        self.fault("duplicate")
        self.assertEqual(self.successResultOf(self.sending()).status, 200)
        self.assertEqual(self.shown(), ["Hello", "Hello"])

    def test_two_calls_at_a_time_may_be_performed_in_the_other_order(self) -> None:
        self.fault("reorder")
        first, second = self.sending("first"), self.sending("second")
        self.stub.flush()
        self.assertEqual(self.shown(), ["second", "first"])
        self.assertEqual(self.successResultOf(first).status, 200)
        self.assertEqual(self.successResultOf(second).status, 200)

    def test_an_answer_may_be_nonsense(self) -> None:
        self.fault("garbage")
        answer = self.successResultOf(self.sending())
        self.assertRaises(ValueError, json.loads, answer.body)
