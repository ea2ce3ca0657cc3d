"""What holds of lanes, whatever their peers and the journal do, and whenever echoes come."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from itertools import cycle, pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, fail, succeed
from twisted.trial.unittest import SynchronousTestCase

from chatgw.delivery import GRACE, MOST_RESENT, Unanswered
from chatgw.test.deliveries import (
    DOWN,
    EXPIRED_TOKEN,
    LOST,
    REFUSED,
    THROTTLED,
    UNCLEAR,
    DeliveryTestCase,
)
from chatgw.test.fakes import HOLD, Answer, Late
from chatgw.values import Done, Lane, SendText

ANSWERS: tuple[Answer, ...] = (
    Done(),
    Done(pause=5.0),
    Late(0.7, Done()),
    Late(12.3, Done()),
    Late(2.0, LOST),
    DOWN,
    REFUSED,
    UNCLEAR,
    THROTTLED,
    EXPIRED_TOKEN,
    LOST,
    LOST,
    HOLD,
)
PAUSES = (0.1, 1.0, 3.7, 10.0, 59.9, 60.0, 130.0)

some_steps = st.lists(
    st.one_of(
        st.tuples(st.just("owe"), st.sampled_from(["text1", "text2", "say1", "say2", "rate"])),
        st.tuples(st.just("owe"), st.just("open")),
        st.tuples(st.just("owe"), st.sampled_from(["tried1", "tried2", "typing", "name", "leave"])),
        st.tuples(st.just("echo"), st.integers(0, 9)),
        st.tuples(st.just("pass"), st.sampled_from(PAUSES)),
        st.tuples(st.just("answer"), st.integers(0, 9)),
    ),
    min_size=5,
    max_size=40,
)


class Play(DeliveryTestCase):
    """A delivery to which anything is done."""

    def begin(self, answers: list[int], troubles: list[bool], resend: bool) -> None:
        """Draws how peers and journal behave, for ever if that is how it is drawn."""
        self.setUp()
        self.policy = Unanswered(resend=resend)
        coming, full = cycle(answers), cycle(troubles)
        self.peer.usually = lambda effect: ANSWERS[next(coming)]
        self.owed: list[str] = []
        self.confirmed: list[Deferred[None]] = []

        def settling() -> None:
            if next(full):
                raise OSError("no space left")

        self.settling = settling
        self.marking = lambda: fail(OSError("no space left")) if next(full) else succeed(None)
        self.record = Forgetful(answers)

    def owe(self, what: str) -> None:
        """Owes an effect of some kind."""
        name = f"{what}-{len(self.owed)}"
        self.owed.append(name)
        kinds: dict[str, Callable[[], None]] = {
            "text1": lambda: self.text(name, "1"),
            "text2": lambda: self.text(name, "2"),
            "tried1": lambda: self.text(name, "1", tried=1),
            "tried2": lambda: self.text(name, "2", tried=2),
            "say1": lambda: self.say(name, "s1"),
            "say2": lambda: self.say(name, "s2"),
            "rate": lambda: self.rate(name),
            "leave": lambda: self.leave(name),
            "open": lambda: self.open(name),
            "typing": lambda: self.typing(name),
            "name": lambda: self.name(name),
        }
        kinds[what]()

    def do(self, step: tuple[str, object]) -> None:
        """Takes one step."""
        match step:
            case ("owe", str(what)):
                self.owe(what)
            case ("pass", float(seconds)):
                self.advance(seconds)
            case ("answer", int(number)) if number < len(self.peer.held):
                self.peer.held[number].answer(Done())
            case ("echo", int(number)) if number < len(self.owed):
                confirmed = self.echo(self.owed[number])
                if confirmed is not None:
                    self.confirmed.append(confirmed)
                    confirmed.addErrback(lambda _: None)

    def advance(self, seconds: float) -> None:
        """Lets time pass, each call made at its very time."""
        until = self.clock.seconds() + seconds
        while calls := [c.getTime() for c in self.clock.getDelayedCalls() if c.getTime() <= until]:
            self.clock.rightNow = min(calls)
            self.clock.advance(0)
        self.clock.rightNow = until

    def check(self) -> None:
        """What holds at any time."""
        settled = Counter(name for name, _ in self.settled)
        assert max(settled.values(), default=0) <= 1, "settled twice"
        lanes: defaultdict[object, list[int]] = defaultdict(list)
        for one in self.peer.attempts:
            effect = one.effect
            if effect.lane is not Lane.ASIDE and not effect.fleeting:
                key = effect.session if effect.lane is Lane.DESK else effect.address
                lanes[key].append(self.owed.index(effect.id))
        for order in lanes.values():
            assert all(one <= other for one, other in pairwise(order)), "out of order"
        texts = Counter(one.id for one in self.peer.reached if isinstance(one, SendText))
        for name, count in texts.items():
            former = int(name[len("tried")]) if name.startswith("tried") else 0
            assert count + former <= 1 + MOST_RESENT, "sent too often"


class Forgetful(deque[bool | Exception | None]):
    """A desk's record that says what was drawn, for ever."""

    def __init__(self, numbers: list[int]) -> None:
        self.coming = cycle([(True, False, None, OSError("away"))[n % 4] for n in numbers])

    def popleft(self) -> bool | Exception | None:
        """What it says now."""
        return next(self.coming)


some_answers = st.lists(st.integers(0, len(ANSWERS) - 1), min_size=1, max_size=12)
some_troubles = st.lists(st.booleans(), min_size=1, max_size=6).map(lambda some: [*some, False])


class LaneProperties(SynchronousTestCase):
    """Order, one outcome each, no third copy, nothing left over."""

    @given(some_steps, some_answers, some_troubles, st.booleans())
    def test_in_the_end_each_effect_is_settled_once(
        self,
        steps: list[tuple[str, object]],
        answers: list[int],
        troubles: list[bool],
        resend: bool,
    ) -> None:
        play = Play()
        play.begin(answers, troubles, resend)
        for step in steps:
            play.do(step)
            play.check()
        play.advance(1000.0 * (len(steps) + 1))
        play.check()
        settled = {name for name, _ in play.settled}
        lasting = {name for name in play.owed if not name.startswith("typing")}
        self.assertEqual(lasting - settled, set())
        self.assertEqual([one for one in play.confirmed if not one.called], [])
        play.assert_nothing_is_left()
        self.flushLoggedErrors()

    @given(some_steps, some_steps, some_answers, some_troubles)
    def test_stopped_they_begin_nothing_and_leave_the_rest_to_the_journal(
        self,
        before: list[tuple[str, object]],
        after: list[tuple[str, object]],
        answers: list[int],
        troubles: list[bool],
    ) -> None:
        play = Play()
        play.begin(answers, troubles, True)
        for step in before:
            play.do(step)
        stopped = play.delivery.stop()
        begun = len(play.peer.attempts)
        for step in after:
            play.do(step)
            play.check()
        play.advance(GRACE)
        self.successResultOf(stopped)
        for held in play.peer.held:
            held.answer(LOST)
        play.advance(20.0)
        play.check()
        self.assertEqual(len(play.peer.attempts), begun)
        self.assertEqual([one for one in play.confirmed if not one.called], [])
        play.assert_nothing_is_left()
        self.flushLoggedErrors()
