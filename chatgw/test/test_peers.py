"""The peers behind their circuits: one that is unwell is left alone, and the status says so."""

from __future__ import annotations

from attrs import evolve
from twisted.trial.unittest import SynchronousTestCase

from chatgw.failures import FailureKind
from chatgw.test.fakes import HOLD
from chatgw.test.world import World
from chatgw.values import Done, Failed, OpenChat, Say, SendText, State, Unknown

DOWN = Failed(FailureKind.TRANSIENT, "connection refused")
BAD_TOKEN = Failed(FailureKind.CREDENTIALS, "Graph error 190")
CUSTOMERS = "abcdef"


class DeskTests(SynchronousTestCase):
    """Everybody talks, and the desk does not answer any more."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)
        for customer in CUSTOMERS:
            self.world.talk(customer)
        self.world.advance(60.0)
        self.world.desk.poll_answers.extend([DOWN] * 10_000)
        self.world.desk.polls.clear()

    def test_a_dead_desk_is_probed_not_hammered(self) -> None:
        self.world.advance(60.0)
        usual = len(CUSTOMERS) * 60 / self.world.interval
        self.assertLess(len(self.world.desk.polls), usual / 4)
        self.assertGreater(len(self.world.desk.polls), 3)

    def test_the_status_says_so_until_it_answers(self) -> None:
        status = self.world.registry.status
        self.world.advance(30.0)
        self.assertEqual(status.state, "ERROR")
        (line,) = self.world.lines("Trouble with SocialMiner")
        self.assertIn("connection refused", line)
        self.world.desk.poll_answers.clear()
        self.world.advance(60.0)
        self.assertNotEqual(status.state, "ERROR")

    def test_all_chats_are_polled_again_once_it_answers(self) -> None:
        self.world.advance(30.0)
        self.world.desk.poll_answers.clear()
        self.world.advance(60.0)
        self.world.desk.polls.clear()
        self.world.advance(self.world.interval)
        self.assertEqual(len({chat for _, chat, _ in self.world.desk.polls}), len(CUSTOMERS))

    def test_words_wait_meanwhile_and_arrive_in_order(self) -> None:
        self.world.desk.usually = lambda effect: DOWN
        for number in range(3):
            for customer in CUSTOMERS:
                self.world.wrote(f"text {number}", customer)
        self.world.advance(30.0)
        self.world.desk.poll_answers.clear()
        self.world.desk.usually = self.world.desk._done
        self.world.advance(60.0)
        for customer in CUSTOMERS:
            self.assertEqual(self.world.heard(customer)[-3:], ["text 0", "text 1", "text 2"])

    def test_a_chat_is_not_opened_meanwhile_and_who_waits_is_told_in_time(self) -> None:
        self.world.desk.usually = lambda effect: DOWN
        self.world.advance(30.0)
        self.world.wrote("Hi", "new")
        self.world.chose("statement:4", "new")
        self.world.advance(25.0)
        self.assertEqual(self.world.read("new")[-1], "CHAT_ENDED_UNKNOWN_ERROR")
        self.assertLess(len(self.world.desk.attempted(OpenChat)) - len(CUSTOMERS), 4)


class PageTests(SynchronousTestCase):
    """What concerns the page concerns everybody on it."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)
        for customer in CUSTOMERS:
            self.world.talk(customer)

    def speak(self, text: str) -> None:
        """Every agent says something."""
        for customer in CUSTOMERS:
            self.world.said(text, customer=customer)
        self.world.advance(self.world.interval)

    def test_with_a_token_that_is_refused_nobody_is_written_to_until_there_is_a_new_one(
        self,
    ) -> None:
        self.world.channel.usually = lambda effect: BAD_TOKEN
        before = len(self.world.channel.attempted(SendText))
        self.speak("one")
        self.speak("two")
        self.assertEqual(len(self.world.channel.attempted(SendText)) - before, 1)
        self.assertEqual(self.world.registry.status.state, "ERROR")
        self.world.channel.usually = self.world.channel._done
        self.world.registry.use(self.world.registry.parts)
        self.world.advance(1.0)
        for customer in CUSTOMERS:
            self.assertEqual(self.world.read(customer)[-2:], ["one", "two"])
        self.assertNotEqual(self.world.registry.status.state, "ERROR")

    def test_a_customer_who_is_gone_holds_nobody_else_up(self) -> None:
        self.world.channel.will(SendText, Failed(FailureKind.RECIPIENT_GONE, "Graph error 551"))
        self.speak("one")
        read = [self.world.read(customer)[-1] for customer in CUSTOMERS]
        self.assertEqual(read.count("one"), len(CUSTOMERS) - 1)
        self.assertNotEqual(self.world.registry.status.state, "ERROR")

    def test_near_its_limits_a_page_is_left_alone_for_a_while(self) -> None:
        self.world.channel.will(SendText, Done("mid", pause=30.0))
        before = len(self.world.channel.attempted(SendText))
        self.speak("one")
        self.speak("two")
        self.assertLess(len(self.world.channel.attempted(SendText)) - before, 2 * len(CUSTOMERS))
        self.assertNotEqual(self.world.registry.status.state, "ERROR", "nothing is the matter")
        self.world.advance(60.0)
        for customer in CUSTOMERS:
            self.assertEqual(self.world.read(customer)[-2:], ["one", "two"])

    def test_that_is_no_trouble_any_more_once_it_answers_so(self) -> None:
        self.world.channel.will(SendText, BAD_TOKEN)
        self.world.said("one", customer="a")
        self.world.advance(self.world.interval)
        self.assertEqual(self.world.registry.status.state, "ERROR")
        self.world.channel.will(SendText, Done("mid", pause=30.0))
        self.world.advance(60.0)
        self.assertEqual(self.world.read("a")[-1], "one")
        self.assertNotEqual(self.world.registry.status.state, "ERROR")

    def test_a_missing_permission_is_an_error_until_a_message_gets_through(self) -> None:
        self.world.channel.will(SendText, Failed(FailureKind.PERMISSION, "Graph error 10"))
        self.world.said("one", customer="a")
        self.world.advance(self.world.interval)
        self.assertEqual(self.world.registry.status.state, "ERROR")
        self.world.said("two", customer="a")
        self.world.advance(self.world.interval)
        self.assertNotEqual(self.world.registry.status.state, "ERROR")

    def test_the_window_is_that_of_the_last_word_when_the_text_leaves(self) -> None:
        self.world.channel.will(SendText, DOWN)
        self.world.said("late", customer="a")
        self.world.advance(self.world.interval)
        self.world.wrote("still here", "a")
        heard_at = self.world.session("a").heard_at
        self.world.advance(30.0)
        (sent,) = self.world.channel.attempted(SendText)[-1:]
        assert isinstance(sent, SendText)
        self.assertEqual((sent.text, sent.heard_at), ("late", heard_at))


class CountTests(SynchronousTestCase):
    """What the desk holds decides whether words are said again."""

    def setUp(self) -> None:
        self.world = World()
        self.world.listen(self)
        self.world.talk()

    def test_a_desk_that_shows_fewer_than_it_took_proves_nothing(self) -> None:
        self.world.desk.will(Say, HOLD)
        self.world.wrote("one")
        self.world.desk.count_answers.extend([0] * 3)
        self.world.restart()
        self.world.advance(3.0)
        self.assertEqual(self.world.heard().count("one"), 0)
        self.assertGreaterEqual(len(self.world.lines("shows 0 of 1")), 1)
        self.world.advance(60.0)  # it shows them after all, and this one is not among them
        self.assertEqual(self.world.heard().count("one"), 1)
        self.assertIs(self.world.session().state, State.TALKING)

    def test_a_desk_of_which_is_not_known_what_it_took_is_not_asked(self) -> None:
        self.world.desk.will(Say, HOLD)
        self.world.wrote("one")
        where = self.world.session().address
        self.world.journal.sessions[where] = evolve(self.world.session(), said=None)
        self.world.restart()
        self.world.advance(900.0)
        self.assertEqual(self.world.desk.counts, [])
        self.assertEqual(self.world.heard().count("one"), 0)

    def test_a_dead_desk_is_probed_though_much_is_in_doubt(self) -> None:
        for number in range(50):
            self.world.talk(str(number))
        self.world.desk.usually = lambda effect: Unknown("deadline")
        self.world.desk.poll_answers.extend([DOWN] * 10_000)
        self.world.desk.count_answers.extend([DOWN] * 10_000)
        self.world.desk.will(Say, *[HOLD] * 50)
        for number in range(50):
            self.world.wrote("one", str(number))
        for held in [*self.world.desk.held]:
            held.answer(Unknown("deadline"))
        self.world.advance(60.0)
        self.assertLess(len(self.world.desk.counts), 20)
