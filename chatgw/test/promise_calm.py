"""What follows when all goes well again: everything is made good, and everybody talks on."""

from __future__ import annotations

from collections.abc import Callable

from chatgw.gateway import STOP_WITHIN
from chatgw.test.promise_disk import Mood
from chatgw.test.promise_verdict import Verdict
from chatgw.test.promise_world import INTERVAL, World
from chatgw.values import State

LONGEST = 1500.0
"""Seconds within which everything owed is delivered or given up."""


def clear_up(world: World) -> None:
    """All goes well from now on; what is owed, and pending, is seen to."""
    world.disk.turn(Mood.WELL)
    for peer in (world.meta, world.desk.acts, world.desk.tells):
        peer.heal()
    world.meta.prompt, world.meta.echo_after = True, 0.0
    if world.life is not None:
        world.life.steps_left = None
        if world.life.stopping:
            world.advance(STOP_WITHIN)
            assert world.life is None, "it does not end"
    if world.life is None:
        world.start()
    wait_until(world, lambda: _made_good(world), "all that was left over is made good")


def _made_good(world: World) -> bool:
    for event in list(world.meta.pending):
        world.meta.post([event])
    return not (world.meta.pending or world.owed() or world.unread())


def wait_until(world: World, holds: Callable[[], bool], what: str) -> None:
    """Lets time pass until something holds; asked again and again."""
    until = world.clock.seconds() + LONGEST
    while not holds():
        assert world.clock.seconds() < until, f"it does not come about that {what}"
        world.advance(INTERVAL)


def go_on(world: World, who: str) -> None:
    """A customer, or the agent, does what comes next."""
    chat = world.chat(who)
    match world.state(who):
        case State.CREATED | State.INFO_WAIT:
            world.meta.choose(who, "statement:4")
        case State.AGENT_WAIT if chat is not None and not chat.attended:
            world.desk.join(chat)
        case State.TALKING if chat is not None and chat.attended:
            world.write(who)
            world.speak(who)
        case State.RATING_WAIT:
            world.meta.choose(who, "rating:5")
        case None:
            world.write(who)


def bring_together(world: World, who: str) -> None:
    """Brings a customer together with an agent."""

    def together() -> bool:
        if world.state(who) is not State.TALKING:
            go_on(world, who)
            world.advance(0.0)
        return world.state(who) is State.TALKING

    wait_until(world, together, f"{who} gets through")


def talk_on(world: World, who: str) -> None:
    """Both sides say something more, which arrives."""
    chat = world.chat(who)
    assert chat is not None
    world.write(who)
    world.speak(who)
    wrote, said = world.meta.wrote[-1].text, world.spoken[who][-1]
    wait_until(world, lambda: wrote in chat.heard(), f"the agent reads {wrote!r}")
    wait_until(world, lambda: said in world.read(who), f"the customer reads {said!r}")


def part(world: World, who: str) -> None:
    """The agent leaves, and the customer rates."""
    chat = world.chat(who)
    assert chat is not None
    world.desk.leave(chat)
    world.advance(INTERVAL)
    world.meta.choose(who, "rating:5")
    world.advance(INTERVAL)


def end(world: World, customers: tuple[str, ...]) -> None:
    """Sees that a world which is well again has kept the promise, and ends in good order."""
    clear_up(world)
    for who in customers:
        bring_together(world, who)
    for who in customers:
        talk_on(world, who)
    Verdict(world).check()
    assert world.life is not None
    registry = world.life.registry
    assert registry.status.state == "CONFIGURED", registry.status.report()
    for who in customers:
        part(world, who)
    Verdict(world).check()
    assert not registry.sessions, registry.sessions
    assert not world.owed(), world.owed()
    kept = world.life.journal.kept()
    assert kept == type(kept)(), kept
    world.advance(120.0)
    assert not world.life.clock.getDelayedCalls(), world.life.clock.getDelayedCalls()
