"""Delivery of webhooks: order, retries, batches, faults, switching off."""

from __future__ import annotations

import json

from twisted.internet.defer import Deferred, fail

from chatgw.sim.faults import Fault
from chatgw.sim.meta.signing import signatures
from chatgw.sim.meta.webhooks import ANSWER_WITHIN, PAUSES
from chatgw.test.test_sim_meta_simulator import APP_SECRET, PAGE, PSID, MetaSetting
from chatgw.values import Secret


class DeliveryTests(MetaSetting):
    def write(self, *texts: str) -> None:
        for text in texts:
            self.sim.model.write(PSID, text)

    def fault(self, kind: str, times: int = 1, seconds: float = 0.0) -> None:
        self.sim.faults.script(Fault("webhook", kind, times, seconds))

    def test_events_are_posted_one_by_one_in_order(self) -> None:
        self.write("1", "2", "3")
        self.assertEqual((self.texts(), len(self.posted)), (["1", "2", "3"], 3))

    def test_a_second_post_waits_for_the_answer_to_the_first(self) -> None:
        answers: list[Deferred[int]] = []

        def post(body: bytes, headers: dict[str, str]) -> Deferred[int]:
            answers.append(Deferred())
            return answers[-1]

        self.sim.webhooks.post = post
        self.write("1", "2")
        self.assertEqual(len(answers), 1)
        answers[0].callback(200)
        self.assertEqual(len(answers), 2)

    def test_a_refused_post_is_repeated_at_once_then_ever_rarer_and_keeps_its_place(self) -> None:
        self.answers = [500] * 5
        self.write("1", "2")
        self.assertEqual(self.texts(), ["1"] * 4)
        self.clock.advance(5)
        self.assertEqual(self.texts(), ["1"] * 5)
        self.clock.advance(15)
        self.assertEqual(self.texts(), ["1"] * 6 + ["2"])

    def test_a_repeated_post_has_the_same_bytes(self) -> None:
        self.answers = [500] * 4
        self.write("1")
        self.clock.advance(5)
        self.assertEqual(len({body for body, _ in self.posted}), 1)

    def test_an_answer_that_takes_longer_than_5_s_is_none(self) -> None:
        slow: list[Deferred[int]] = [Deferred()]
        usual = self.sim.webhooks.post
        self.sim.webhooks.post = lambda body, headers: slow.pop() if slow else usual(body, headers)
        self.write("1")
        self.clock.advance(ANSWER_WITHIN - 0.1)
        self.assertEqual(self.texts(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.texts(), ["1"])

    def test_a_connection_that_fails_is_a_refusal(self) -> None:
        broken = [fail(ConnectionError("no route"))]
        usual = self.sim.webhooks.post
        self.sim.webhooks.post = lambda body, headers: (
            broken.pop() if broken else usual(body, headers)
        )
        self.write("1")
        self.assertEqual(self.texts(), ["1"])

    def test_after_an_hour_of_failing_the_webhook_is_off_until_subscribed_again(self) -> None:
        self.answers = [500] * 1000
        self.write("lost")
        self.clock.pump([PAUSES[-1]] * 30)
        self.assertTrue(self.sim.webhooks.disabled)
        self.answers.clear()
        self.posted.clear()
        self.write("lost too")
        self.ask("POST", f"/v25.0/{PAGE}/subscribed_apps")
        self.write("back")
        self.assertEqual(self.texts(), ["back"])

    def test_events_held_are_released_in_one_post_of_several_entries(self) -> None:
        self.sim.webhooks.hold()
        self.write(*"abcdefghijkl")
        self.assertEqual(self.posted, [])
        self.sim.webhooks.release(per_entry=4)
        [(body, _)] = self.posted
        self.assertEqual([len(each["messaging"]) for each in json.loads(body)["entry"]], [4, 4, 4])
        self.assertEqual(self.texts(), list("abcdefghijkl"))
        self.write("m")
        self.assertEqual(len(self.posted), 2)

    def test_only_what_is_subscribed_to_is_sent(self) -> None:
        self.sim.webhooks.fields = frozenset({"messages"})
        self.write("Hi")
        self.say("Hello")
        self.assertEqual([item["message"]["text"] for item in self.items()], ["Hi"])

    def test_any_body_can_be_posted_signed(self) -> None:
        self.sim.webhooks.send_body(b'{"object":"page"}')
        [(body, headers)] = self.posted
        self.assertEqual(body, b'{"object":"page"}')
        signed = signatures(Secret(APP_SECRET), body)
        self.assertEqual(headers, {**headers, **signed})

    def test_fault_delay_keeps_the_order(self) -> None:
        self.fault("delay", seconds=3)
        self.write("1", "2")
        self.assertEqual(self.texts(), [])
        self.clock.advance(3)
        self.assertEqual(self.texts(), ["1", "2"])

    def test_fault_duplicate_posts_the_same_bytes_twice(self) -> None:
        self.fault("duplicate")
        self.write("1", "2")
        self.assertEqual(self.texts(), ["1", "1", "2"])
        self.assertEqual(self.posted[0], self.posted[1])

    def test_fault_reorder_posts_after_the_following_one(self) -> None:
        self.fault("reorder")
        self.write("1")
        self.assertEqual(self.texts(), [])
        self.write("2", "3")
        self.assertEqual(self.texts(), ["2", "1", "3"])

    def test_fault_lose_posts_again_though_it_was_taken(self) -> None:
        self.fault("lose")
        self.write("1")
        self.assertEqual(self.texts(), ["1", "1"])

    def test_fault_error_withholds_a_post_and_tries_again(self) -> None:
        self.fault("error", times=4)
        self.write("1")
        self.assertEqual(self.texts(), [])
        self.clock.advance(5)
        self.assertEqual(self.texts(), ["1"])

    def test_fault_hang_misses_an_event_for_good(self) -> None:
        self.fault("hang")
        self.write("1", "2")
        self.assertEqual(self.texts(), ["2"])

    def test_fault_garbage_comes_before_the_event_and_is_signed(self) -> None:
        self.fault("garbage")
        self.write("1")
        (nonsense, headers), (body, _) = self.posted
        self.assertRaises(ValueError, json.loads, nonsense)
        signed = signatures(Secret(APP_SECRET), nonsense)
        self.assertEqual(headers, {**headers, **signed})
        self.assertIn(b'"text":"1"', body)
