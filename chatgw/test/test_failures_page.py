"""What concerns a page holds all its customers; what concerns a customer holds nobody else."""

from __future__ import annotations

from attrs import evolve

from chatgw.sim.meta.account import Usage
from chatgw.test.failing import CHANNEL, FailingTestCase
from chatgw.test.failure_table import TABLE
from chatgw.test.world import FAR
from chatgw.values import Secret

CUSTOMERS = ("1001", "1002", "1003")
TOKEN = Secret("EAAB-new-page-token")
WELL = [
    f"info: No more trouble with {CHANNEL}.",
    "info: Setting current config state to CONFIGURED",
]


class PageTestCase(FailingTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.chats = [self.talk(psid) for psid in CUSTOMERS]
        self.begin()

    def all_say(self, *texts: str) -> None:
        """The agent writes to each of the customers, and the gateway learns of it."""
        for chat in self.chats:
            self.say(chat, *texts)
        self.advance(self.interval)

    def assert_all_have(self, *texts: str) -> None:
        """Each customer has read these, in this order, and no agent was told of any trouble."""
        for psid, chat in zip(CUSTOMERS, self.chats, strict=True):
            self.assertEqual(self.read(psid), list(texts), psid)
            self.assertEqual(self.told(chat), [])
        self.assertEqual((self.dead(), self.troubles()), ([], {}))
        self.assertEqual(self.registry.status.report()["state"], "CONFIGURED")


class HoldingTests(PageTestCase):
    def test_one_refusal_holds_all_of_the_page_and_nothing_is_hammered(self) -> None:
        for row in TABLE:
            if not row.page:
                continue
            with self.subTest(row.kind):
                self.begin()
                self.refuse(*next(row.pairs()))
                self.all_say("one", "two")
                self.advance(self.interval - 1)
                self.assertEqual(len(self.calls), 1, self.calls)
                self.assertEqual([self.read(psid) for psid in CUSTOMERS], [[], [], []])
                self.assertEqual(list(self.troubles()), [CHANNEL])
                self.mend()
                self.advance(301.0)
                self.assert_all_have("one", "two")
                self.assertEqual(len(self.calls), 7)

    def test_while_it_lasts_one_call_a_probe_is_made(self) -> None:
        """However many customers wait; whose it is does not matter."""
        for kind, most in (("throttled", 15), ("credentials", 5), ("policy", 5)):
            with self.subTest(kind):
                (row,) = (row for row in TABLE if row.kind == kind)
                self.begin()
                self.refuse(*next(row.pairs()))
                self.all_say("one")
                self.advance(14 * 60.0 - 1)
                self.assertLessEqual(len(self.calls), most)
                self.assertGreater(len(self.calls), most - 3)
                self.mend()
                self.registry.use(self.parts())
                self.settle()
                self.assert_all_have("one")

    def test_a_page_that_does_not_answer_is_probed(self) -> None:
        """Three customers in a row without an answer are taken for the page."""
        self.refuse(2)
        self.all_say("one")
        self.advance(10 * 60.0)
        self.assertEqual(list(self.troubles()), [CHANNEL])
        minutes = sum(at > self.interval + 60.0 for at, _, _ in self.calls)
        self.assertLessEqual(minutes, 9 * 2)
        self.mend()
        self.advance(121.0)
        self.assert_all_have("one")

    def test_it_waits_as_long_as_facebook_asks(self) -> None:
        self.meta.account.usage = Usage(estimated_time_to_regain_access=7)
        self.refuse(80006, times=1)
        self.all_say("one")
        self.meta.account.usage = Usage()
        self.advance(7 * 60.0 - 1)
        self.assertEqual(len(self.calls), 1)
        self.advance(1.0)
        self.assert_all_have("one")

    def test_a_page_near_its_limits_is_left_alone_for_a_while(self) -> None:
        self.meta.account.usage = Usage(call_count=97)
        self.all_say("one")
        self.assertEqual(len(self.calls), 1)
        self.meta.account.usage = Usage()
        self.advance(60.0)
        self.assert_all_have("one")


class TokenTests(PageTestCase):
    """chatwoot#2037, #2038, #1046, #12989: a token expires, and nobody sees it."""

    def expires(self) -> None:
        """Facebook takes another token from now on."""
        self.meta.account.page_access_token = TOKEN

    def renew(self) -> None:
        """The configuration is loaded again, with the token that Facebook takes."""
        self.use(evolve(self.messenger, page_access_token=TOKEN))
        self.settle()

    def test_with_the_new_token_everything_arrives_at_once_in_order(self) -> None:
        self.expires()
        self.all_say("one")
        self.all_say("two", "three")
        self.assertEqual([self.read(psid) for psid in CUSTOMERS], [[], [], []])
        self.assertEqual(self.registry.status.report()["state"], "ERROR")
        self.renew()
        self.assert_all_have("one", "two", "three")
        self.assertEqual(self.log[-2:], WELL)

    def test_a_reload_that_renews_nothing_costs_one_call(self) -> None:
        self.expires()
        self.all_say("one")
        before = len(self.calls)
        self.registry.use(self.parts())
        self.settle()
        self.assertEqual(len(self.calls), before + 1)
        self.assertEqual(list(self.troubles()), [CHANNEL])

    def test_new_customers_are_welcomed_once_it_is_renewed(self) -> None:
        self.expires()
        self.all_say("one")
        self.person("1004")
        self.write("1004", "Hi")
        self.assertEqual(self.statuses[-1], 200)
        self.renew()
        self.assertEqual(len(self.read("1004")), 2, "the welcome and the question")
        self.tap("1004", "Billing")
        self.assertEqual(len(self.desk.model.waiting()), 1)


class CustomerTests(PageTestCase):
    def test_what_concerns_one_customer_holds_nobody_else(self) -> None:
        for row in TABLE:
            if row.page:
                continue
            with self.subTest(row.kind):
                self.begin()
                self.refuse(*next(row.pairs()), times=1)
                self.all_say("one", "two")
                self.assertEqual([self.read(psid) for psid in CUSTOMERS[1:]], [["one", "two"]] * 2)
                self.advance(2 * self.interval)
                self.assertEqual(self.read(CUSTOMERS[0])[-1:], ["two"])

    def test_a_customer_who_blocked_the_page_and_then_no_longer_does(self) -> None:
        self.meta.model.block("1001")
        self.all_say("are you there?")
        reason = "the customer cannot be reached any more or has blocked the page"
        notice = f'[chatgw] Not delivered: "are you there?" ({reason})'
        self.assertEqual([self.told(chat) for chat in self.chats], [[notice], [], []])
        self.meta.model.block("1001", blocked=False)
        self.all_say("hello")
        self.assertEqual(self.read("1001"), ["hello"])


class WindowTests(PageTestCase):
    """chatwoot#12332, #11564; 8x8: a chat of Friday evening is dead on Monday."""

    def setUp(self) -> None:
        super().setUp()
        self.registry.use(evolve(self.parts(), limits=evolve(FAR, idle=1e6)))
        self.clock.rightNow += 2 * 86_400.0
        self.advance(self.interval)
        self.begin()

    def test_the_agent_is_told_at_once_that_a_customer_cannot_be_answered_now(self) -> None:
        self.say(self.chats[0], "are you still there?")
        self.advance(self.interval)
        self.assertEqual(self.calls, [], "it is known without asking")
        reason = "the customer has not written for too long to be answered now"
        notice = f'[chatgw] Not delivered: "are you still there?" ({reason})'
        self.assertEqual(self.told(self.chats[0]), [notice])
        self.assertEqual(self.dead(), [("window closed", "are you still there?")])
        self.assertEqual(self.troubles(), {})

    def test_who_writes_again_is_answered_again(self) -> None:
        self.write("1001", "I am back")
        self.all_say("good")
        self.assertEqual([self.read(psid) for psid in CUSTOMERS], [["good"], [], []])

    def test_where_the_tag_is_granted_it_is_on_what_the_agent_typed_alone(self) -> None:
        """chatwoot#15887, fazer-ai/chatwoot#674: on a bot's messages it is refused."""
        self.use(evolve(self.messenger, human_agent=True))
        self.all_say("here is your answer")
        for chat in self.chats:
            self.desk.model.leave(chat.contact.id, "agent7901")
        self.advance(self.interval)
        tags = [(one.text, one.tag) for one in self.sent("1001")[-2:]]
        self.assertEqual(tags[-1], ("here is your answer", "HUMAN_AGENT"))
        self.assertEqual(tags[0][1], "")
        self.assertEqual({kind for kind, _ in self.dead()}, {"window closed"}, "the rating's offer")
