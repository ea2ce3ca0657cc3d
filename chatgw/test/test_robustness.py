"""What should not happen does: mistakes of our own, clocks set back, floods, replaced desks."""

from __future__ import annotations

from attrs import evolve
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatgw import registry
from chatgw.desks.socialminer import SocialMiner
from chatgw.interfaces import NotTakenError
from chatgw.net.limits import RateLimit
from chatgw.test.fakes import FakeChannel
from chatgw.test.whole import INTERVAL, WholeTestCase
from chatgw.test.world import World
from chatgw.values import Effect, SendText
from chatgw.web.gate import Spaced


class MistakeTests(SynchronousTestCase):
    def test_a_batch_that_breaks_us_is_passed_over_and_the_next_is_heard(self) -> None:
        world = World()
        world.talk()
        fit = world.channel.fit

        def broken(effect: Effect) -> list[Effect]:
            if isinstance(effect, SendText) and effect.text == "poison":
                raise ZeroDivisionError
            return fit(effect)

        self.patch(FakeChannel, "fit", staticmethod(broken))
        world.said("poison")
        world.advance(World.interval)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        world.said("good")
        world.advance(3 * World.interval)
        self.assertEqual(world.read()[-1], "good")
        self.assertEqual(self.flushLoggedErrors(ZeroDivisionError), [], "it does not come again")


class FloodTests(SynchronousTestCase):
    def test_over_the_limit_of_sessions_meta_has_to_come_again(self) -> None:
        self.patch(registry, "MOST_SESSIONS", 2)
        world = World()
        for customer in ("a", "b"):
            self.successResultOf(world.wrote("Hi", customer))
        self.failureResultOf(world.wrote("Hi", "c"), NotTakenError)
        self.successResultOf(world.wrote("still here", "a"))
        self.assertEqual(len(world.registry.sessions), 2)


class ClockTests(SynchronousTestCase):
    def test_a_clock_set_back_closes_no_port(self) -> None:
        clock = Clock()
        clock.advance(10_000.0)
        limit, spaced = RateLimit(clock, 60), Spaced(clock)
        self.assertTrue(limit.admit())
        self.assertTrue(spaced.due())
        clock.rightNow -= 3600.0
        self.assertTrue(limit.admit())
        self.assertTrue(spaced.due())


class ReplacedDeskTests(WholeTestCase):
    def test_a_chats_cookie_goes_to_the_desk_it_came_from(self) -> None:
        """A reload that names another desk neither ends the chats nor tells it their cookies."""
        chat = self.talk("1001")
        asked: list[str] = []
        call = self.socialminer._client.call

        async def listening(method: str, url: str, **how: object) -> object:
            asked.append(url)
            return await call(method, url, **how)  # type: ignore[arg-type]  # passed on as it is

        self.patch(self.socialminer._client, "call", listening)
        other = SocialMiner(
            self.socialminer._client,
            polls=self.socialminer._client,
            base_url="http://other/ccp/chat",
            public_host="other",
            rating_method="PUT",
            rating_path="/rating",
            rating_body="{rating}",
        )
        self.registry.use(evolve(self.parts(), desk=other))
        self.write("1001", "are you still there?")
        self.advance(2 * INTERVAL)
        self.assertEqual({url.partition("?")[0] for url in asked}, {"http://localhost/ccp/chat"})
        self.assertEqual(self.desk.model.transcript(chat.contact.id)[-1][1], "are you still there?")
