"""The promise: nothing lost, nothing twice, in order, whatever happens."""

from __future__ import annotations

import sys

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.trial.unittest import SynchronousTestCase

from chatgw.journal.memory import MemoryJournal
from chatgw.test.promise_calm import bring_together, end
from chatgw.test.promise_disk import Mood
from chatgw.test.promise_peer import Fate
from chatgw.test.promise_world import Death, World

CUSTOMERS = ("a", "b", "c")

some_customer = st.sampled_from(CUSTOMERS)
some_fates = st.lists(st.sampled_from(Fate), min_size=1, max_size=4)
some_death = st.builds(Death, written=st.integers(0, 4), arrive=st.booleans())

ASKED = (Fate.GOOD, Fate.SLOW, Fate.HELD, Fate.VAIN, Fate.DOWN)


class Promise(RuleBasedStateMachine):
    """Customers, agents, Meta, a desk, a disk and a gateway, and all that can befall them."""

    def __init__(self) -> None:
        super().__init__()
        memory = MemoryJournal()
        self.world = World(lambda: memory)

    @initialize(customers=st.sets(some_customer))
    def some_talk_already(self, customers: set[str]) -> None:
        for who in sorted(customers):
            bring_together(self.world, who)

    # -- People ----------------------------------------------------------------------------

    @rule(who=some_customer)
    def writes(self, who: str) -> None:
        self.world.write(who)
        self.world.advance(0.0)

    @rule(who=some_customer)
    def chooses(self, who: str) -> None:
        self.world.meta.choose(who, "statement:4")
        self.world.advance(0.0)

    @rule(who=some_customer)
    def sends_a_sticker(self, who: str) -> None:
        self.world.meta.send(who, "sticker")
        self.world.advance(0.0)

    @rule(who=some_customer, rating=st.integers(1, 5))
    def rates(self, who: str, rating: int) -> None:
        self.world.meta.choose(who, f"rating:{rating}")
        self.world.advance(0.0)

    @rule(who=some_customer)
    def agent_comes_or_speaks(self, who: str) -> None:
        chat = self.world.chat(who)
        if chat is not None and chat.attended:
            self.world.speak(who)
        elif chat is not None:
            self.world.desk.join(chat)

    @rule(who=some_customer)
    def agent_leaves(self, who: str) -> None:
        chat = self.world.chat(who)
        if chat is not None and chat.attended:
            self.world.desk.leave(chat)

    # -- Meta ------------------------------------------------------------------------------

    @precondition(lambda self: self.world.meta.pending)
    @rule(picks=st.lists(st.integers(0, 5), min_size=1, max_size=4), heard=st.booleans())
    def webhook(self, picks: list[int], heard: bool) -> None:
        pending = self.world.meta.pending
        self.world.meta.post([pending[pick % len(pending)] for pick in picks], heard)
        self.world.advance(0.0)

    @rule(prompt=st.booleans())
    def webhooks(self, prompt: bool) -> None:
        self.world.meta.prompt = prompt

    @rule(after=st.sampled_from([0.0, 20.0, 58.0, 90.0, None]))
    def echoes(self, after: float | None) -> None:
        self.world.meta.echo_after = after

    @rule(fates=some_fates)
    def meta_will(self, fates: list[Fate]) -> None:
        self.world.meta.will(fates)

    @rule(fate=st.sampled_from(Fate))
    def meta_is(self, fate: Fate) -> None:
        self.world.meta.usually = fate

    @precondition(lambda self: self.world.meta.held)
    @rule(fate=st.sampled_from(Fate))
    def meta_answers(self, fate: Fate) -> None:
        self.world.meta.end(fate)

    # -- The desk --------------------------------------------------------------------------

    @rule(fates=some_fates)
    def desk_will(self, fates: list[Fate]) -> None:
        self.world.desk.acts.will(fates)

    @rule(fate=st.sampled_from(Fate))
    def desk_is(self, fate: Fate) -> None:
        self.world.desk.acts.usually = fate

    @precondition(lambda self: self.world.desk.acts.held)
    @rule(fate=st.sampled_from(Fate))
    def desk_answers(self, fate: Fate) -> None:
        self.world.desk.acts.end(fate)

    @rule(fates=st.lists(st.sampled_from(ASKED), min_size=1, max_size=4))
    def desk_will_tell(self, fates: list[Fate]) -> None:
        self.world.desk.tells.will(fates)

    @rule(fate=st.sampled_from(ASKED))
    def desk_tells(self, fate: Fate) -> None:
        self.world.desk.tells.usually = fate

    @precondition(lambda self: self.world.desk.tells.held)
    @rule(fate=st.sampled_from(ASKED))
    def desk_tells_now(self, fate: Fate) -> None:
        self.world.desk.tells.end(fate)

    # -- The disk, the process, time -------------------------------------------------------

    @rule(mood=st.sampled_from(Mood))
    def disk_is(self, mood: Mood) -> None:
        self.world.disk.turn(mood)

    @precondition(lambda self: self.world.disk.waiting)
    @rule(count=st.integers(1, 4))
    def disk_writes(self, count: int) -> None:
        self.world.disk.write(count)

    @precondition(lambda self: self.world.life)
    @rule(death=some_death)
    def kill(self, death: Death) -> None:
        self.world.kill(death)

    @precondition(lambda self: self.world.life)
    @rule(steps=st.integers(1, 12), death=some_death)
    def will_be_killed(self, steps: int, death: Death) -> None:
        assert self.world.life is not None
        self.world.death, self.world.life.steps_left = death, steps

    @precondition(lambda self: self.world.life and not self.world.life.stopping)
    @rule()
    def stop(self) -> None:
        self.world.stop()

    @precondition(lambda self: self.world.life is None)
    @rule()
    def start(self) -> None:
        self.world.start()

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 15.0, 65.0, 130.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)
        self.memory_is_what_the_journal_holds()

    # -- What holds ------------------------------------------------------------------------

    def memory_is_what_the_journal_holds(self) -> None:
        life = self.world.life
        if life is None or life.stopping or self.world.disk.waiting:
            return
        kept = life.journal.kept()
        assert {one.address: one for one in kept.sessions} == life.registry.sessions
        owed = [one.effect for one in kept.owed]
        assert len(owed) == len(life.registry.delivery), owed

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:
            end(self.world, CUSTOMERS)


class PromiseTests(SynchronousTestCase):
    """Any course of events that ends well."""

    def test_nothing_is_lost_nothing_is_said_twice_and_order_is_kept(self) -> None:
        run_state_machine_as_test(Promise)
        self.flushLoggedErrors()
