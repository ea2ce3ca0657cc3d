"""The promise: nothing lost, nothing twice, in order, whatever happens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatgw.interfaces import IJournal
from chatgw.journal import SqliteJournal, prepare
from chatgw.test.journals import at_once
from chatgw.test.promise_calm import bring_together, end, go_on
from chatgw.test.promise_disk import LastingJournal, Mood
from chatgw.test.promise_peer import Fate, Peer
from chatgw.test.promise_world import Death, World
from chatgw.test.world import ONE_STATEMENT, SCRIPT, WITHOUT_RATING

EXAMPLES = max(200, settings().max_examples)
"""As many as the profile says (`chatgw.test`), and no fewer than these."""

CUSTOMERS = ("a", "b", "c")
TAPS = ("statement:4", "statement:7", "rating:1", "rating:5")
SCRIPTS = (SCRIPT, WITHOUT_RATING, ONE_STATEMENT)
STATUSES = (
    "chat_ok",
    "chat_timedout_waiting_for_agent",
    "chat_issue",
    "chat_finished",
    "chat_request_rejected_by_agent",
    "chat_finished_error",
)
MOMENTS = (0.0, 0.1, 1.0, 5.0, 15.0, 65.0)
ECHOES = (0.0, 1.0, 20.0, 59.0, 90.0, None)
PEERS = ("meta", "desk", "poll")
POLLS = (Fate.GOOD, Fate.SLOW, Fate.HELD, Fate.VAIN, Fate.DOWN)

who = st.sampled_from(CUSTOMERS)
then = st.tuples(st.text("abcABC", max_size=3), st.sampled_from(MOMENTS))
echo_after = st.sampled_from(ECHOES)
fates = st.lists(st.sampled_from(Fate), max_size=6)
death = st.builds(Death, written=st.integers(0, 4), arrive=st.booleans())


class Promise(RuleBasedStateMachine):
    """Customers, agents, Meta, a desk, a disk and a gateway, and all that can befall them.

    What happens is followed by some talk, ``aB`` being a customer's text and the answer of an agent
    to another, and by some seconds of time.
    """

    def __init__(self, errors: Callable[[], Sequence[Failure]]) -> None:
        super().__init__()
        self._errors = errors
        errors()  # those of an example that has failed
        self.world = World(self.journal())

    def journal(self) -> Callable[[Clock], IJournal]:
        """What opens the journal."""
        lasting = LastingJournal()
        return lambda clock: lasting

    def passes(self, then: tuple[str, float]) -> None:
        """Everybody talks, and time passes."""
        talk, seconds = then
        for voice in talk:
            who = voice.lower()
            if voice == who:
                self.world.write(who)
            elif self.world.attended([who]):
                self.world.speak(who)
        self.world.advance(seconds)
        self.memory_is_what_the_journal_holds()

    @initialize(talking=st.integers(0, 3), meta=fates, desk=fates, echo_after=echo_after)
    def some_talk_already(
        self, talking: int, meta: list[Fate], desk: list[Fate], echo_after: float | None
    ) -> None:
        for who in CUSTOMERS[:talking]:
            bring_together(self.world, who)
        self.world.meta.will(meta)
        self.world.desk.acts.will(desk)
        self.world.meta.echo_after = echo_after

    # -- People ----------------------------------------------------------------------------

    @rule(who=who, times=st.integers(1, 5), then=then)
    def go_on(self, who: str, times: int, then: tuple[str, float]) -> None:
        for _ in range(times):
            go_on(self.world, who)
            self.passes(then)

    @rule(who=who, tap=st.sampled_from(TAPS), then=then)
    def tap(self, who: str, tap: str, then: tuple[str, float]) -> None:
        self.world.meta.choose(who, tap)
        self.passes(then)

    @rule(who=who, then=then)
    def send_a_sticker(self, who: str, then: tuple[str, float]) -> None:
        self.world.meta.send(who, "sticker")
        self.passes(then)

    @precondition(lambda self: self.world.attended(CUSTOMERS))
    @rule(who=who, gone=st.booleans(), then=then)
    def leave(self, who: str, gone: bool, then: tuple[str, float]) -> None:
        for chat in self.world.attended([who]):
            self.world.desk.leave(chat)
            chat.gone = gone
        self.passes(then)

    @rule(who=who, status=st.sampled_from(STATUSES), then=then)
    def desk_status(self, who: str, status: str, then: tuple[str, float]) -> None:
        self.world.tell(who, status)
        self.passes(then)

    # -- Peers -----------------------------------------------------------------------------

    @precondition(lambda self: self.world.meta.pending)
    @rule(picks=st.lists(st.integers(0, 5), min_size=1, max_size=4), heard=st.booleans())
    def webhook(self, picks: list[int], heard: bool) -> None:
        pending = self.world.meta.pending
        self.world.meta.post([pending[pick % len(pending)] for pick in picks], heard)
        self.passes(("", 0.0))

    @rule(prompt=st.booleans(), echo_after=echo_after)
    def webhooks(self, prompt: bool, echo_after: float | None) -> None:
        self.world.meta.prompt, self.world.meta.echo_after = prompt, echo_after

    @rule(peer=st.sampled_from(PEERS), fates=fates)
    def will(self, peer: str, fates: list[Fate]) -> None:
        self.peer(peer).will(_possible(peer, fates))

    @rule(peer=st.sampled_from(PEERS), fate=st.sampled_from(Fate), then=then)
    def becomes(self, peer: str, fate: Fate, then: tuple[str, float]) -> None:
        self.peer(peer).usually = _possible(peer, [fate])[0]
        self.passes(then)

    @precondition(lambda self: any(self.peer(peer).held for peer in PEERS))
    @rule(peer=st.sampled_from(PEERS), fate=st.sampled_from(Fate), then=then)
    def ends(self, peer: str, fate: Fate, then: tuple[str, float]) -> None:
        if self.peer(peer).held:
            self.peer(peer).end(_possible(peer, [fate])[0])
        self.passes(then)

    def peer(self, name: str) -> Peer:
        """A peer, by its name."""
        world = self.world
        return {"meta": world.meta, "desk": world.desk.acts, "poll": world.desk.tells}[name]

    # -- The disk, the process, time -------------------------------------------------------

    @rule(mood=st.sampled_from(Mood), then=then)
    def disk_is(self, mood: Mood, then: tuple[str, float]) -> None:
        self.world.disk.turn(mood)
        self.passes(then)

    @precondition(lambda self: self.world.disk.waiting)
    @rule(count=st.integers(1, 4), then=then)
    def disk_writes(self, count: int, then: tuple[str, float]) -> None:
        self.world.disk.write(count)
        self.passes(then)

    @precondition(lambda self: self.world.life)
    @rule(death=death, then=then)
    def kill(self, death: Death, then: tuple[str, float]) -> None:
        self.world.kill(death)
        self.passes(then)

    @precondition(lambda self: self.world.life)
    @rule(death=death, then=then)
    def kill_and_start(self, death: Death, then: tuple[str, float]) -> None:
        self.world.kill(death)
        self.world.start()
        self.passes(then)

    @precondition(lambda self: self.world.life)
    @rule(steps=st.integers(1, 12), death=death, then=then)
    def kill_after(self, steps: int, death: Death, then: tuple[str, float]) -> None:
        self.world.doom(steps, death)
        self.passes(then)

    @rule(script=st.integers(0, 2), then=then)
    def reload(self, script: int, then: tuple[str, float]) -> None:
        self.world.reload(SCRIPTS[script])
        self.passes(then)

    @precondition(lambda self: self.world.life and not self.world.life.stopping)
    @rule(then=then)
    def stop(self, then: tuple[str, float]) -> None:
        self.world.stop()
        self.passes(then)

    @precondition(lambda self: self.world.life is None)
    @rule(then=then)
    def start(self, then: tuple[str, float]) -> None:
        self.world.start()
        self.passes(then)

    @rule(then=then)
    def pause(self, then: tuple[str, float]) -> None:
        self.passes(then)

    # -- What holds ------------------------------------------------------------------------

    def memory_is_what_the_journal_holds(self) -> None:
        life = self.world.life
        if life is None or self.world.disk.waiting:
            return
        assert not self.world.meta.unanswered, "a webhook waits for something else than the disk"
        if life.stopping:
            return
        kept = life.journal.kept()
        assert {one.address: one for one in kept.sessions} == life.registry.sessions
        owed = [one.effect for one in kept.owed]
        assert len(owed) == len(life.registry.delivery), owed

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            end(self.world, CUSTOMERS)
            errors = self._errors()
            assert not errors, f"it has stumbled: {errors[0].getTraceback()}"


def _possible(peer: str, fates: list[Fate]) -> list[Fate]:
    """How calls to a peer can go: who is only asked has fewer ways."""
    return fates if peer != "poll" else [POLLS[list(Fate).index(fate) % 5] for fate in fates]


class PromiseOnDisk(Promise):
    """The same with a journal in a real file."""

    def journal(self) -> Callable[[Clock], IJournal]:
        """What opens the journal."""
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name)
        self.hold = prepare(path)
        return lambda clock: SqliteJournal(path, clock, at_once, patience=0.0)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self.hold.release()
            self.folder.cleanup()


class PromiseTests(SynchronousTestCase):
    """Any course of events that ends well."""

    def test_nothing_is_lost_nothing_is_said_twice_and_order_is_kept(self) -> None:
        self.keep(Promise, EXAMPLES)

    def test_that_holds_of_a_journal_in_a_file(self) -> None:
        self.keep(PromiseOnDisk, EXAMPLES // 20)

    def keep(self, promise: type[Promise], examples: int) -> None:
        """Puts the promise to many tests."""
        # Where coverage is measured, it would take three times as long for nothing new.
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            run_state_machine_as_test(
                lambda: promise(self.flushLoggedErrors),  # type: ignore[arg-type]  # makes one
                settings=settings(max_examples=examples, suppress_health_check=list(HealthCheck)),
            )
        finally:
            sys.settrace(tracer)
