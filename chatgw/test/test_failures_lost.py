"""Texts to a customer without a usable answer: the echo decides, else they are sent once more."""

from __future__ import annotations

from attrs import evolve

from chatgw.delivery import Unanswered
from chatgw.net.client import CallFailed
from chatgw.sim.faults import Fault
from chatgw.test.failing import FOR_EVER, FailingTestCase
from chatgw.test.failure_table import ECHO_AWAITED, TABLE

(UNKNOWN,) = (row for row in TABLE if row.kind == "unknown")
KEPT_BACK = frozenset({"messages", "message_deliveries"})
"""What the app has subscribed to, where it gets no echoes."""


class LostTests(FailingTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.chat = self.talk("1001")
        self.begin()

    def without_echoes(self) -> None:
        """The page is not subscribed to echoes."""
        self.meta.webhooks.fields = KEPT_BACK

    def test_an_echo_that_comes_before_the_answer_is_the_answer(self) -> None:
        """hexabot#746, chatwoot PR#12032."""
        self.meta.faults.script(Fault("message", "lose"))
        self.say(self.chat, "one", "two")
        self.advance(self.interval)
        self.assertEqual(self.read("1001"), ["one", "two"])
        self.assertEqual((self.told(self.chat), self.dead(), self.lines()), ([], [], []))

    def test_an_echo_within_a_minute_is_in_time(self) -> None:
        self.meta.faults.script(Fault("message", "lose"))
        self.meta.webhooks.hold()
        self.say(self.chat, "one", "two")
        self.advance(self.interval + 59.0)
        self.assertEqual(self.read("1001"), ["one"], "the second waits behind it")
        self.meta.webhooks.release()
        self.advance(1.0)
        self.assertEqual(self.read("1001"), ["one", "two"])
        self.assertEqual(self.lines(), [ECHO_AWAITED])

    def test_without_one_it_is_said_once_more_and_the_log_says_so(self) -> None:
        self.without_echoes()
        self.meta.faults.script(Fault("message", "lose"))
        self.say(self.chat, "one", "two")
        self.advance(self.interval + 60.0)
        self.assertEqual(self.read("1001"), ["one", "one", "two"])
        self.assertEqual(self.lines(), UNKNOWN.lines()[:2])
        self.assertEqual((self.told(self.chat), self.dead()), ([], []))

    def test_without_one_it_is_given_up_where_that_is_configured(self) -> None:
        self.registry.use(evolve(self.parts(), unanswered=Unanswered(resend=False)))
        self.without_echoes()
        self.meta.faults.script(Fault("message", "lose"))
        self.say(self.chat, "one", "two")
        self.advance(self.interval + 60.0)
        self.assertEqual(self.read("1001"), ["one", "two"])
        self.assertEqual(self.told(self.chat), [f"[chatgw] {UNKNOWN.notice.format(text='one')}"])
        self.assertEqual(self.dead(), [("unknown", "one")])

    def test_an_echo_that_comes_after_all_takes_the_dead_letter_away(self) -> None:
        self.registry.use(evolve(self.parts(), unanswered=Unanswered(resend=False)))
        self.meta.webhooks.hold()
        self.meta.faults.script(Fault("message", "lose"))
        self.say(self.chat, "one")
        self.advance(self.interval + 60.0)
        self.assertEqual(self.dead(), [("unknown", "one")])
        self.meta.webhooks.release()
        self.settle()
        self.assertEqual(self.dead(), [])
        self.assertEqual(
            self.lines()[-1], "info: SendText […] has been delivered after all. [ID=…]"
        )

    def test_whatever_is_no_answer_is_the_same(self) -> None:
        for fault in (
            Fault("message", "hang"),
            Fault("message", "garbage"),
            Fault("message", "error", status=504),
            Fault("message", "error", status=200, body="{}"),
        ):
            with self.subTest(fault):
                self.begin()
                self.meta.faults.script(evolve(fault, times=FOR_EVER))
                self.say(self.chat, f"text {fault}")
                self.advance(self.interval + 141.0)
                self.assertEqual(len(self.calls), 2)
                self.assertEqual(self.dead()[-1], ("unknown", f"text {fault}"))
                self.assertTrue(self.told(self.chat)[-1].startswith("[chatgw] May not have been"))
                self.assertTrue(str(self.last_failure()).startswith("unknown: "))
                self.mend()


class WithoutCodeTests(FailingTestCase):
    """Answers without a code of Meta's, and none at all."""

    def setUp(self) -> None:
        super().setUp()
        self.chat = self.talk("1001")
        self.begin()

    def taken_for(self, kind: str) -> None:
        """The next text is refused once, and arrives."""
        self.say(self.chat, kind)
        self.advance(self.interval)
        self.assertTrue(str(self.last_failure()).startswith(f"{kind}: "), self.last_failure())
        self.advance(60.0)
        self.assertEqual(self.read("1001")[-1], kind)
        self.assertEqual((self.told(self.chat), self.dead(), self.troubles()), ([], [], {}))

    def test_a_proxys_error_page_is_transient(self) -> None:
        self.meta.faults.script(Fault("message", "error", status=502))
        self.taken_for("transient")

    def test_too_many_requests_is_throttling(self) -> None:
        self.meta.faults.script(Fault("message", "error", status=429, body="slow down"))
        self.taken_for("throttled")

    def test_a_refusal_without_a_code_is_unclear(self) -> None:
        self.meta.faults.script(Fault("message", "error", status=403, body="<html>"))
        self.taken_for("unclear")

    def test_a_facebook_that_cannot_be_reached_is_transient(self) -> None:
        client = self.messenger._client
        call, failures = client.call, [CallFailed("connection refused", arrived=False)]

        async def refused(method: str, url: str, **how: object) -> object:
            if failures and url.endswith("/messages"):
                raise failures.pop()
            return await call(method, url, **how)  # type: ignore[arg-type]  # passed on as it is

        self.patch(client, "call", refused)
        self.taken_for("transient")
