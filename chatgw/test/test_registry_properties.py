"""What holds of the whole middle, whatever happens in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatgw.failures import FailureKind
from chatgw.test.fakes import HOLD, Answer, Late, Performer
from chatgw.test.world import KEYS, ONE_STATEMENT, SCRIPT, WITHOUT_RATING, World
from chatgw.values import Effect, Failed, OpenChat, Origin, Say, SendText, Unknown

CUSTOMERS = ("1", "2")
SCRIPTS = (SCRIPT, WITHOUT_RATING, ONE_STATEMENT)
STATUSES = (
    "chat_ok",
    "chat_timedout_waiting_for_agent",
    "chat_finished",
    "chat_issue",
    "chat_request_rejected_by_agent",
    "chat_finished_error",
)

# How calls go: at once, late, not now, not at all, perhaps, never.
GOOD = ("good", "good", "late", "later")
ANY = (*GOOD, "down", "refused", "unknown", "hang")


def answering(performer: Performer, ways: list[str]) -> Callable[[Effect], Answer]:
    """Answers every call in the next of these ways."""
    coming = cycle(ways)

    def answer(effect: Effect) -> Answer:
        good = performer._done(effect)
        answers: dict[str, Answer] = {
            "good": good,
            "late": Late(0.3, good),
            "later": Late(10.6, good),
            "down": Failed(FailureKind.TRANSIENT, "503"),
            "refused": Failed(FailureKind.BAD_REQUEST, "400"),
            "unknown": Unknown("deadline"),
            "hang": HOLD,
        }
        return answers[next(coming)]

    return answer


class Play:
    """A world in which customers and agents do what they are drawn to do."""

    def __init__(self, script: int, ways: list[str]) -> None:
        self.world = World(SCRIPTS[script])
        self.world.channel.usually = answering(self.world.channel, ways)
        self.world.desk.usually = answering(self.world.desk, ways[::-1])
        self.written: dict[str, list[str]] = {customer: [] for customer in CUSTOMERS}
        self.spoken: list[str] = []
        self._delivered: list[Callable[[], object]] = []

    def act(self, what: str, customer: str, number: int) -> None:
        """One thing happens."""
        getattr(self, what)(customer, number)
        assert self.world.journal.sessions == self.world.registry.sessions

    def write(self, customer: str, _: int) -> None:
        """The customer writes a text like no other."""
        texts = self.written[customer]
        texts.append(f"text {len(texts):04}")
        self._deliver(self.world.wrote, texts[-1], customer)

    def again(self, _: str, number: int) -> None:
        """The webhook delivers an event again."""
        if self._delivered:
            self._delivered[number % len(self._delivered)]()

    def choose(self, customer: str, number: int) -> None:
        """The customer taps a statement."""
        self._deliver(self.world.chose, "statement:4" if number else "statement:7", customer)

    def rate(self, customer: str, number: int) -> None:
        """The customer taps a rating."""
        self._deliver(self.world.chose, f"rating:{number % 5 + 1}", customer)

    def send(self, customer: str, _: int) -> None:
        """The customer sends a sticker."""
        self.world.sent("sticker", customer)

    def join(self, customer: str, number: int) -> None:
        """An agent joins, if there is a chat to join."""
        if self._has_chat(customer):
            self.world.joined("ab"[number % 2], customer)

    def leave(self, customer: str, number: int) -> None:
        """An agent leaves."""
        if self._has_chat(customer):
            self.world.left("ab"[number % 2], customer)

    def say(self, customer: str, number: int) -> None:
        """An agent writes, typing before and after."""
        if self._has_chat(customer):
            self.world.typing("composing", customer=customer)
            self.spoken.append(f"word {len(self.spoken):04}")
            self.world.said(self.spoken[-1], customer=customer)
            if number % 2:
                self.world.typing("paused", customer=customer)

    def tell(self, customer: str, number: int) -> None:
        """The desk tells a status."""
        if self._has_chat(customer):
            self.world.status(STATUSES[number % len(STATUSES)], customer)

    def trouble(self, _: str, number: int) -> None:
        """The desk cannot be polled for a while."""
        down = Failed(FailureKind.TRANSIENT, "503")
        self.world.desk.poll_answers.extend([HOLD if number == 0 else down])

    def wait(self, _: str, number: int) -> None:
        """Time passes."""
        self.world.advance((0.1, 1.0, 5.0, 20.0, 70.0, 300.0)[number])

    def reload(self, _: str, number: int) -> None:
        """A new configuration is taken."""
        self.world.registry.use(self.world.parts(SCRIPTS[number % len(SCRIPTS)]))

    def sweep(self, _: str, number: int) -> None:
        """A sweep, as if an hour had passed."""
        Deferred.fromCoroutine(self.world.registry.idle.sweep())

    def end(self) -> None:
        """The desk takes all chats down, everything works, and a long time passes."""
        self.world.channel.usually = self.world.channel._done
        self.world.desk.usually = self.world.desk._done
        self.world.desk.poll_answers.clear()
        for seconds in (30.0, 8000.0):  # time for what is under way to open its chat as well
            self.world.desk.events.clear()
            self.world.advance(seconds)

    def _deliver(self, how: Callable[..., object], what: str, customer: str) -> None:
        event_id = f"event of play {len(self._delivered)}"
        deliver = lambda: how(what, customer, event_id)  # noqa: E731 - kept to be repeated
        self._delivered.append(deliver)
        deliver()

    def _has_chat(self, customer: str) -> bool:
        sessions = self.world.journal.sessions
        return any(
            address.customer == customer and self.world.session(customer).chat
            for address in sessions
        )


def acts(*kinds: str) -> st.SearchStrategy[list[tuple[str, str, int]]]:
    """What happens: of these kinds, to some customer, somehow."""
    act = st.tuples(st.sampled_from(kinds), st.sampled_from(CUSTOMERS), st.integers(0, 5))
    return st.lists(act, max_size=60)


EVERYDAY = ("write", "write", "again", "choose", "join", "say", "wait", "wait", "send")
EVERYTHING = (*EVERYDAY, "leave", "rate", "tell", "trouble", "reload", "sweep")


ENDS = {"RATING_COMPLETE", *(key for key in KEYS if key.startswith("CHAT_ENDED"))}
REPEATED = {"UNSUPPORTED_MESSAGE", "AGENT_JOIN_TIMEOUT"}
"""Said as often as their causes come."""


class AnythingTests(SynchronousTestCase):
    """Any interleaving of happenings, with calls that go well, badly, or nowhere."""

    @settings(max_examples=60, deadline=None)
    @given(
        script=st.integers(0, len(SCRIPTS) - 1),
        ways=st.lists(st.sampled_from(ANY), min_size=1, max_size=12),
        happens=acts(*EVERYTHING),
    )
    def test_order_is_kept_nothing_is_said_twice_and_nothing_is_left_over(
        self, script: int, ways: list[str], happens: list[tuple[str, str, int]]
    ) -> None:
        play = Play(script, ways)
        for what, customer, number in happens:
            play.act(what, customer, number)
        play.end()
        world = play.world
        reached = [*world.channel.reached, *world.desk.reached]
        once = [effect.id for effect in reached if not isinstance(effect, OpenChat)]
        self.assertEqual(len(set(once)), len(once), "something was said twice")
        self.assert_said_once(effect for effect in reached if isinstance(effect, SendText))
        for customer in CUSTOMERS:
            self.assert_rising(
                effect.text
                for effect in world.channel.reached
                if isinstance(effect, SendText)
                and effect.origin is Origin.AGENT
                and effect.address.customer == customer
            )
        for session in {effect.session for effect in world.desk.reached}:
            self.assert_rising(
                effect.text
                for effect in world.desk.reached
                if isinstance(effect, Say) and effect.session == session
            )
        self.assertEqual(world.registry.sessions, {})
        self.assertEqual(world.journal.owed, {})
        self.assertEqual(world.clock.getDelayedCalls(), [])

    def assert_said_once(self, texts: Iterable[SendText]) -> None:
        """Each conversation has one welcome and one end, whatever their effects are called."""
        said = Counter(
            (each.session, "an end" if each.text in ENDS else each.text)
            for each in texts
            if each.origin is Origin.GATEWAY and each.text not in REPEATED
        )
        self.assertEqual({what: n for what, n in said.items() if n > 1}, {})

    def assert_rising(self, texts: object) -> None:
        """Texts are in the order they were written in, and none twice."""
        listed = list(texts)  # type: ignore[call-overload]
        self.assertEqual(listed, sorted(set(listed)))


class GoodTests(SynchronousTestCase):
    """Any interleaving of a customer's and an agent's words, with calls that go well."""

    @settings(max_examples=60, deadline=None)
    @given(
        script=st.integers(0, len(SCRIPTS) - 1),
        ways=st.lists(st.sampled_from(GOOD), min_size=1, max_size=12),
        happens=acts(*EVERYDAY),
    )
    def test_every_word_arrives_exactly_once_and_in_order(
        self, script: int, ways: list[str], happens: list[tuple[str, str, int]]
    ) -> None:
        play = Play(script, ways)
        for customer in CUSTOMERS:
            play.act("write", customer, 0)
        for what, customer, number in happens:
            play.act(what, customer, number)
        for customer in CUSTOMERS:
            play.act("choose", customer, 1)
        play.world.advance(30.0)
        for customer in CUSTOMERS:
            play.act("join", customer, 0)
        play.world.advance(1000.0)
        for customer in CUSTOMERS:
            self.assertEqual(play.world.heard(customer), play.written[customer])
        read = [text for customer in CUSTOMERS for text in play.world.read(customer)]
        self.assertEqual(sorted(t for t in read if t.startswith("word ")), play.spoken)
