"""Webhooks that could not be committed, and come again when others have come before them."""

from __future__ import annotations

from chatgw.sim.socialminer.chat import Chat
from chatgw.test.orders import AGENT, Act, OrdersTestCase

ONE = ("1001",)


class RefusedTests(OrdersTestCase):
    """The disk is full for one webhook; Meta delivers others before it repeats it."""

    def setUp(self) -> None:
        super().setUp()
        self.person("1001", name="1001")

    def meet(self) -> Chat:
        """The agent takes the chat, and reads what was kept."""
        (chat,) = self.desk.model.waiting()
        self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(self.interval)
        return chat

    def test_a_first_word_leads_all_the_same(self) -> None:
        self.refused(lambda: self.texts(ONE, "one"))
        self.assertEqual((self.statuses, self.registry.sessions), ([503], {}))
        self.texts(ONE, "two", "three")
        self.repeat()
        self.tap("1001", "Billing")
        self.meet()
        self.assertEqual(self.heard("1001"), ["one", "two", "three"])

    def test_a_choice_comes_late_and_counts(self) -> None:
        self.texts(ONE, "one")
        self.refused(lambda: self.tap("1001", "Billing"))
        self.texts(ONE, "two")
        self.assertEqual(self.desk.model.waiting(), [])
        self.repeat()
        self.meet()
        self.assertEqual(self.heard("1001"), ["one", "two"])

    def test_a_text_that_is_kept_goes_to_its_place(self) -> None:
        self.texts(ONE, "one")
        self.tap("1001", "Billing")
        self.refused(lambda: self.texts(ONE, "two"))
        self.texts(ONE, "three")
        self.refused(lambda: self.texts(ONE, "four"))
        self.texts(ONE, "five")
        self.repeat()
        self.meet()
        self.assertEqual(self.heard("1001"), ["one", "two", "three", "four", "five"])

    def test_a_text_to_an_agent_is_read_late_and_once(self) -> None:
        self.texts(ONE, "one")
        self.tap("1001", "Billing")
        self.meet()
        self.refused(lambda: self.texts(ONE, "two"))
        self.texts(ONE, "three")
        self.repeat()
        self.repeats_everything()
        self.assertEqual(self.heard("1001"), ["one", "three", "two"])

    def test_a_rating_is_given_once(self) -> None:
        self.texts(ONE, "one")
        self.tap("1001", "Billing")
        chat = self.meet()
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(self.interval)
        self.refused(lambda: self.tap("1001", "4"))
        self.texts(ONE, "thank you")
        self.repeat()
        self.repeats_everything()
        self.assertEqual((chat.ratings, self.registry.sessions), ([4], {}))
        self.assertEqual(self.heard("1001"), ["one", "thank you"])

    def test_the_first_word_may_come_last_of_all(self) -> None:
        """The chat is under way by then: it is told to the agent, and begins nothing."""
        self.refused(lambda: self.texts(ONE, "one"))
        self.texts(ONE, "two")
        self.tap("1001", "Billing")
        self.meet()
        self.repeat()
        self.assertEqual(self.heard("1001"), ["two", "one"])
        self.assertEqual(len(self.desk.model.chats), 1)

    def repeats_everything(self) -> None:
        """Meta repeats all that it ever posted."""
        for body in [*self.posted]:
            self.meta.webhooks.send_body(body)
        self.settle()


class BrokenJournalTests(OrdersTestCase):
    """Meta repeats in order, as long as it takes; the gateway recovers by itself."""

    def commits_all(self) -> None:
        """What was held back is committed, and all that follows."""
        self.journal.holding = False
        while self.journal.waiting:
            self.journal.release()
            self.settle()

    def test_a_full_disk_at_each_stage_loses_nothing(self) -> None:
        def on_a_full_disk(act: Act) -> None:
            self.journal.full = True
            act()
            self.advance(30.0)
            self.assertEqual(self.registry.status.report()["state"], "ERROR")
            self.journal.full = False
            self.advance(60.0)

        self.registry.status.configured({"FACEBOOK_MESSENGER": True})
        self.around = on_a_full_disk
        self.whole_chats("1001", "1002")
        self.assert_each_once("1001", "1002")
        self.assertIn(503, self.statuses)
        self.assertEqual(self.registry.status.report()["state"], "CONFIGURED")

    def test_a_disk_too_slow_for_meta_makes_nothing_twice(self) -> None:
        """Meta gives up after 5 s and repeats, while the first commit still goes on."""

        def on_a_slow_disk(act: Act) -> None:
            self.journal.holding = True
            act()
            self.advance(12.0)
            self.commits_all()
            self.advance(60.0)

        self.around = on_a_slow_disk
        self.whole_chats("1001")
        self.assert_each_once("1001")
        self.assertGreater(len(self.posted), len(set(self.posted)))

    def test_half_a_batch_that_failed_comes_again_whole(self) -> None:
        both = ("1001", "1002")
        for psid in both:
            self.person(psid, name=psid)
        self.journal.holding = True
        self.meta.webhooks.hold()
        self.texts(both, "one")
        self.meta.webhooks.release()
        self.settle()
        self.journal.release()
        self.journal.refuse()
        self.commits_all()
        self.advance(1.0)
        self.assertEqual(self.statuses[:2], [503, 200])
        self.assertEqual(len(self.registry.sessions), 2)
        self.taps(both, "Billing")
        for chat in self.desk.model.waiting():
            self.desk.model.accept(chat.contact.id, AGENT)
        self.advance(self.interval)
        self.assertEqual([self.heard(psid) for psid in both], [["one"], ["one"]])
