"""Messenger against the simulator of Meta: each understands the other."""

from __future__ import annotations

from attrs import evolve

from chatgw.channels.messenger import Messenger
from chatgw.channels.messenger_fit import TEXT_UNITS
from chatgw.failures import FailureKind
from chatgw.sim.faults import Fault
from chatgw.sim.meta.account import Usage
from chatgw.test.messenger_graph import CHOICES, NAME, SEEN, TEXT, TYPING
from chatgw.test.test_messenger_failures import ROWS
from chatgw.test.test_sim_meta_simulator import APP_SECRET, PAGE, PSID, ROOT, TOKEN, MetaSetting
from chatgw.values import (
    ChannelEvent,
    Choice,
    CustomerWrote,
    Done,
    Echoed,
    Effect,
    Failed,
    Outcome,
    Secret,
    SomeoneAnswered,
    Unknown,
    Words,
)


class SimulatedTests(MetaSetting):
    def setUp(self) -> None:
        super().setUp()
        self.sim.account.require_proof = True
        self.messenger = self.channel()
        self.sim.model.write(PSID, "hello ä 👍 https://x/@")

    def channel(self, human_agent: bool = False) -> Messenger:
        return Messenger(
            self.client,
            clock=self.clock,
            human_agent=human_agent,
            base_url=ROOT,
            version="v25.0",
            page_access_token=Secret(TOKEN),
            verification_token=Secret("v"),
            app_secret=Secret(APP_SECRET),
            page_id=PAGE,
        )

    def perform(self, effect: Effect) -> Outcome:
        performing = self.messenger.perform(effect)
        self.stub.flush()
        return self.successResultOf(performing)

    def told(self) -> list[ChannelEvent]:
        """All that was posted so far."""
        now = self.clock.seconds()
        return [event for body, _ in self.posted for event in self.messenger.read(body, now)]

    def shown(self) -> list[str]:
        """What the customer sees of the page."""
        return [each.text for each in self.sim.model.thread(PSID).bubbles if not each.mine]

    def test_what_the_customer_writes_is_authentic_and_read(self) -> None:
        [(body, headers)] = self.posted
        signature = headers["X-Hub-Signature-256"].encode()
        self.assertTrue(self.messenger.authentic(body, signature))
        self.assertFalse(self.messenger.authentic(body + b" ", signature))
        [event] = self.messenger.read(body, 5.0)
        assert isinstance(event, CustomerWrote)
        self.assertEqual((event.address.customer, event.text), (PSID, "hello ä 👍 https://x/@"))

    def test_everything_that_is_sent_arrives(self) -> None:
        for effect in (TEXT, CHOICES, TYPING, SEEN):
            self.assertIsInstance(self.perform(effect), Done)
        self.assertEqual(self.shown(), [TEXT.text, CHOICES.text])
        self.assertEqual(self.perform(NAME), Done("Mina Park"))

    def test_long_texts_and_lists_are_taken_after_fitting(self) -> None:
        words = " ".join(["가나다👨‍👩‍👧‍👦"] * TEXT_UNITS)
        choices = tuple(Choice(f"Statement number {n} of many", str(n)) for n in range(20))
        for effect in (evolve(TEXT, text=Words(words)), evolve(CHOICES, choices=choices)):
            for part in self.messenger.fit(effect):
                self.assertIsInstance(self.perform(part), Done)
        *texts, question = self.shown()
        self.assertEqual(" ".join(texts), words)
        self.assertIn("20. Statement number 19 of many", question)

    def test_the_echo_of_what_was_sent_names_the_effect(self) -> None:
        self.perform(TEXT)
        [echo] = [event for event in self.told() if isinstance(event, Echoed)]
        self.assertEqual((echo.effect_id, echo.address.customer), (TEXT.id, PSID))

    def test_what_a_person_answers_in_the_inbox_is_told(self) -> None:
        self.sim.sending.write_from_inbox(PSID, "I am on it")
        [answered] = [event for event in self.told() if isinstance(event, SomeoneAnswered)]
        self.assertEqual((answered.text, answered.inbox), ("I am on it", True))

    def test_when_the_customer_wrote_is_told(self) -> None:
        [wrote] = [event for event in self.told() if isinstance(event, CustomerWrote)]
        self.assertEqual(wrote.sent_at, self.clock.seconds())

    def test_every_refusal_has_its_kind(self) -> None:
        for kind, pairs in ROWS.items():
            for code, subcode in pairs:
                fault = Fault("message", "error", code=code, subcode=subcode or 0, status=400)
                self.sim.faults.script(fault)
                outcome = self.perform(TEXT)
                assert isinstance(outcome, Failed)
                self.assertIs(outcome.kind, kind, (code, subcode))
        self.assertEqual(self.shown(), [])

    def test_a_message_sent_and_refused_is_unknown(self) -> None:
        self.sim.faults.script(Fault("message", "error", code=1, subcode=1357046))
        self.assertIsInstance(self.perform(TEXT), Unknown)

    def test_an_answer_lost_is_unknown_though_the_message_arrived(self) -> None:
        self.sim.faults.script(Fault("message", "lose"))
        self.assertIsInstance(self.perform(TEXT), Unknown)
        self.assertEqual(self.shown(), [TEXT.text])

    def test_throttling_tells_its_pause(self) -> None:
        self.sim.account.usage = Usage(estimated_time_to_regain_access=2)
        self.sim.faults.script(Fault("message", "error", code=80006))
        outcome = self.perform(TEXT)
        assert isinstance(outcome, Failed)
        self.assertEqual((outcome.kind, outcome.retry_after), (FailureKind.THROTTLED, 120.0))

    def test_after_a_day_the_window_is_closed(self) -> None:
        self.clock.advance(24 * 3600 + 1)
        outcome = self.perform(TEXT)
        assert isinstance(outcome, Failed)
        self.assertIs(outcome.kind, FailureKind.WINDOW_CLOSED)

    def test_an_agents_late_word_is_taken_under_the_tag_for_seven_days(self) -> None:
        heard_at = self.clock.seconds()
        self.messenger = self.channel(human_agent=True)
        for known in (0.0, heard_at, heard_at + 3600):
            self.clock.pump([0.0, 24 * 3600 + 1])
            self.assertIsInstance(self.perform(evolve(TEXT, heard_at=known)), Done)
        tags = [each.tag for each in self.sim.model.thread(PSID).bubbles if not each.mine]
        self.assertEqual(tags, ["HUMAN_AGENT"] * 3)
        self.clock.advance(6 * 24 * 3600)
        for known in (0.0, heard_at):
            outcome = self.perform(evolve(TEXT, heard_at=known))
            assert isinstance(outcome, Failed)
            self.assertIs(outcome.kind, FailureKind.WINDOW_CLOSED)

    def test_a_limit_nearly_reached_is_told_with_each_answer(self) -> None:
        self.sim.account.usage = Usage(call_count=96, estimated_time_to_regain_access=3)
        outcome = self.perform(TEXT)
        assert isinstance(outcome, Done)
        self.assertEqual(outcome.pause, 180.0)

    def test_a_token_replaced_is_refused_as_credentials(self) -> None:
        self.sim.account.page_access_token = Secret("EAAB-another-token")
        outcome = self.perform(TEXT)
        assert isinstance(outcome, Failed)
        self.assertIs(outcome.kind, FailureKind.CREDENTIALS)
