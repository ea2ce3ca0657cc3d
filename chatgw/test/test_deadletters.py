"""What could not be delivered is kept with its reason, and an operator can send it after all."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatgw.failures import FailureKind
from chatgw.interfaces import NotTakenError
from chatgw.test.fakes import HOLD
from chatgw.test.world import CUSTOMER, World, address
from chatgw.values import Echoed, Failed, Say, SendText, SendTyping, Unknown

GONE = Failed(FailureKind.RECIPIENT_GONE, "Graph error 551")


class DeadLetterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)
        self.world.talk()
        self.letters = self.world.registry.dead_letters

    def lost(self, *outcomes: Failed | Unknown) -> str:
        """The agent writes in vain; the effect's id."""
        self.world.channel.will(SendText, *outcomes)
        self.world.said("Hello")
        self.world.advance(1000.0)
        (letter,) = self.letters()
        return letter.effect.id

    def test_a_refused_text_is_kept_with_its_reason(self) -> None:
        self.lost(GONE)
        (letter,) = self.letters()
        assert isinstance(letter.effect, SendText)
        self.assertEqual((letter.kind, letter.reason), ("recipient gone", "Graph error 551"))
        self.assertEqual(letter.effect.text, "Hello")
        (line,) = self.world.lines("Could not deliver")
        self.assertIn(f"SendText [{letter.effect.id}]. [ID={CUSTOMER}]", line)

    def test_redriven_it_is_delivered_and_is_a_dead_letter_no_more(self) -> None:
        effect_id = self.lost(GONE)
        self.successResultOf(Deferred.fromCoroutine(self.letters.redrive(effect_id)))
        self.assertEqual(self.world.read()[-1], "Hello")
        self.assertEqual(list(self.letters()), [])
        self.assertEqual(self.world.journal.owed, {})

    def test_redriven_in_vain_it_is_a_dead_letter_again(self) -> None:
        effect_id = self.lost(GONE)
        self.world.channel.will(SendText, GONE)
        self.successResultOf(Deferred.fromCoroutine(self.letters.redrive(effect_id)))
        self.assertEqual([letter.effect.id for letter in self.letters()], [effect_id])

    def test_dropped_it_is_gone(self) -> None:
        effect_id = self.lost(GONE)
        self.successResultOf(Deferred.fromCoroutine(self.letters.drop(effect_id)))
        self.assertEqual(list(self.letters()), [])
        self.assertNotIn("Hello", self.world.read())

    def test_what_is_no_dead_letter_cannot_be_redriven_or_dropped(self) -> None:
        for act in (self.letters.redrive, self.letters.drop):
            self.failureResultOf(Deferred.fromCoroutine(act("nonsense")), LookupError)

    def test_an_echo_that_comes_late_proves_that_it_was_delivered(self) -> None:
        effect_id = self.lost(Unknown("no answer"), Unknown("no answer"))
        self.assertEqual(self.letters()[0].kind, "unknown")
        echo = Echoed(address(), self.world.clock.seconds(), "echo", effect_id, "mid")
        self.successResultOf(self.world.registry.receive([echo]))
        self.assertEqual(list(self.letters()), [])

    def test_the_customer_s_words_are_kept_when_the_desk_will_not_have_them(self) -> None:
        self.world.desk.will(Say, Failed(FailureKind.BAD_REQUEST, "400"))
        self.world.wrote("Help!")
        (letter,) = self.letters()
        assert isinstance(letter.effect, Say)
        self.assertEqual(letter.effect.text, "Help!")

    def test_words_that_the_end_of_the_chat_has_overtaken_are_kept(self) -> None:
        self.world.desk.will(Say, HOLD)
        self.world.wrote("one")
        self.world.wrote("two")
        self.world.desk.held[0].answer(Failed(FailureKind.BAD_REQUEST, "400"))
        self.assertEqual([letter.kind for letter in self.letters()], ["bad request", "dropped"])

    def test_words_that_lead_the_next_conversation_are_no_loss(self) -> None:
        self.world.left()
        self.world.advance(5.0)
        self.world.desk.will(Say, HOLD)
        self.world.wrote("thanks")
        self.world.wrote("one more question")
        self.world.desk.held[0].answer(Failed(FailureKind.TRANSIENT, "503"))
        self.world.advance(30.0)
        self.assertEqual(self.world.waiting(), ("thanks", "one more question"))
        self.assertEqual(list(self.letters()), [])

    def test_what_a_channel_is_not_configured_for_is_not_redriven(self) -> None:
        effect_id = self.lost(GONE)
        self.world.registry.peers.parts = evolve(self.world.registry.parts, accounts={})
        redriven = Deferred.fromCoroutine(self.letters.redrive(effect_id))
        self.failureResultOf(redriven, NotTakenError)
        self.assertEqual([one.effect.id for one in self.letters()], [effect_id])

    def test_typing_is_no_loss(self) -> None:
        self.world.channel.will(SendTyping, Failed(FailureKind.BAD_REQUEST, "400"))
        self.world.typing("composing")
        self.world.advance(5)
        self.assertEqual(list(self.letters()), [])

    def test_a_notice_to_the_agent_is_no_loss(self) -> None:
        self.world.desk.will(Say, Failed(FailureKind.BAD_REQUEST, "400"))
        self.lost(GONE)
        self.assertEqual([type(letter.effect) for letter in self.letters()], [SendText])

    def test_what_a_journal_cannot_take_is_still_a_dead_letter(self) -> None:
        effect_id = self.lost(GONE)
        self.world.journal.holding = True
        redriven = Deferred.fromCoroutine(self.letters.redrive(effect_id))
        self.world.journal.refuse()
        self.failureResultOf(redriven, OSError)
        self.assertEqual([evolve(one).effect.id for one in self.letters()], [effect_id])
