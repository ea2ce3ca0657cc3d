"""Whose token it is: the check an administrator asks for, and the page's id learnt from it."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatgw.channels.messenger import Messenger
from chatgw.failures import FailureKind
from chatgw.test.messenger_events import PAGE, message, post, told
from chatgw.test.messenger_graph import TOKEN, MessengerCase, answer, error
from chatgw.values import Done, Failed, Outcome

ME = answer({"id": PAGE, "name": "ABCD Customer Care"})


class TokenTests(MessengerCase):
    def check(self, messenger: Messenger) -> Outcome:
        checking = Deferred.fromCoroutine(messenger.check_token())
        self.stub.flush()
        return self.successResultOf(checking)

    def identify(self, messenger: Messenger) -> Outcome:
        identifying = Deferred.fromCoroutine(messenger.identify())
        self.stub.flush()
        return self.successResultOf(identifying)

    def failed(self, messenger: Messenger) -> Failed:
        outcome = self.check(messenger)
        assert isinstance(outcome, Failed)
        self.assertNotIn(TOKEN, outcome.detail)
        return outcome

    def test_a_valid_token_tells_its_page(self) -> None:
        self.graph.reply = ME
        self.assertEqual(self.check(self.messenger), Done(PAGE))
        [asked] = self.graph.asked
        self.assertEqual(asked.method, "GET")
        self.assertTrue(asked.url.startswith("/v25.0/me?fields=id,name&"))

    def test_an_ended_token_is_told_with_its_reason(self) -> None:
        """chatwoot#2037: a token expires and nobody sees it."""
        for subcode, reason in (
            (None, "is not accepted"),
            (458, "the app was removed"),
            (459, "checkpoint"),
            (460, "changed the password"),
            (463, "has expired"),
            (464, "not confirmed"),
            (467, "not valid any more"),
            (492, "lost the role"),
        ):
            self.graph.reply = error(190, subcode)
            failed = self.failed(self.messenger)
            self.assertIs(failed.kind, FailureKind.CREDENTIALS)
            self.assertIn(reason, failed.detail)
            self.assertIn("Graph error 190", failed.detail)

    def test_a_token_of_another_page_is_refused(self) -> None:
        self.graph.reply = answer({"id": "999", "name": "Another"})
        failed = self.failed(self.messenger)
        self.assertIs(failed.kind, FailureKind.CREDENTIALS)
        self.assertIn("999", failed.detail)
        self.assertIn(PAGE, failed.detail)

    def test_an_answer_without_an_id_proves_nothing(self) -> None:
        for reply in ({}, {"id": None}, {"id": ["1"]}, {"id": "a b"}, b"ok", b""):
            self.graph.reply = answer(reply)
            self.assertIs(self.failed(self.messenger).kind, FailureKind.TRANSIENT)

    def test_no_answer_ends_at_the_deadline(self) -> None:
        self.graph.reply = lambda _: Deferred()
        checking = Deferred.fromCoroutine(self.channel(deadline=4.0).check_token())
        self.stub.flush()
        self.clock.advance(4.0)
        failed = self.successResultOf(checking)
        assert isinstance(failed, Failed)
        self.assertIs(failed.kind, FailureKind.TRANSIENT)
        self.assertIn("no answer within 4 s", failed.detail)

    def test_the_page_is_learnt_and_others_are_left_alone_from_then_on(self) -> None:
        messenger = self.channel(page_id=None)
        other = post(message()).replace(PAGE.encode(), b"999")
        self.assertEqual(told(messenger.read(other, 0.0)[0]), ["text", "hi"])
        self.graph.reply = answer({"id": int(PAGE)})
        self.assertEqual(self.identify(messenger), Done(PAGE))
        self.assertEqual(messenger.page_id, PAGE)
        self.assertEqual(told(messenger.read(other, 0.0)[0])[1], "other page")
        self.assertEqual(told(messenger.read(post(message()), 0.0)[0]), ["text", "hi"])

    def test_what_is_not_learnt_stays_unknown(self) -> None:
        messenger = self.channel(page_id=None)
        self.graph.reply = error(190)
        self.assertIsInstance(self.identify(messenger), Failed)
        self.assertIsNone(messenger.page_id)

    def test_a_page_configured_is_not_replaced(self) -> None:
        self.graph.reply = answer({"id": "999"})
        self.assertIsInstance(self.identify(self.messenger), Failed)
        self.assertEqual(self.messenger.page_id, PAGE)
