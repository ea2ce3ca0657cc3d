"""What the promise's state machine has found once, step by step."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.promise_calm import bring_together, end
from chatgw.test.promise_disk import LastingJournal, Mood
from chatgw.test.promise_peer import Fate
from chatgw.test.promise_world import INTERVAL, Death, World


class FoundTests(SynchronousTestCase):
    """One customer talks with an agent, and each of these has broken the promise before."""

    def setUp(self) -> None:
        journal = LastingJournal()
        self.world = World(lambda clock: journal)
        bring_together(self.world, "a")
        self.world.meta.echo_after = None

    def restart(self) -> None:
        """The process is killed, and the next one starts at once."""
        self.world.kill(Death())
        self.world.start()

    def test_a_refusal_says_nothing_of_the_attempt_before_it(self) -> None:
        self.world.meta.will([Fate.LOST, Fate.REFUSED])
        self.world.speak("a")
        self.world.advance(70.0)
        chat = self.world.chat("a")
        assert chat is not None
        self.assertEqual(self.world.read("a").count("answer 1 to a"), 1)
        self.assertEqual(chat.heard()[-1], '[chatgw] May not have been delivered: "answer 1 to a"')
        end(self.world, ("a",))

    def test_no_restart_brings_a_third_copy(self) -> None:
        self.world.meta.usually = Fate.LOST
        self.world.speak("a")
        for _ in range(3):
            self.world.advance(65.0)
            self.restart()
        self.world.advance(65.0)
        self.assertEqual(self.world.read("a").count("answer 1 to a"), 2)
        end(self.world, ("a",))

    def test_a_new_configuration_is_taken_while_all_wait_for_the_desk(self) -> None:
        # Whoever is served because of it may be the first to call another peer.
        self.restart()
        self.world.desk.acts.will([Fate.LOCKED])
        self.world.write("a")
        self.world.advance(1.0)
        assert self.world.life is not None
        registry = self.world.life.registry
        self.assertEqual(registry.status.state, "ERROR")
        registry.use(registry.parts)
        self.assertEqual(registry.status.state, "CONFIGURED")
        end(self.world, ("a",))

    def test_a_stop_while_the_disk_is_slow_is_no_failure(self) -> None:
        self.world.speak("a")
        self.world.disk.turn(Mood.SLOW)
        self.world.write("a")
        self.world.advance(INTERVAL)  # the answer to a poll waits behind the text
        self.world.stop()
        self.world.advance(INTERVAL)
        self.world.disk.turn(Mood.WELL)
        self.assertIsNone(self.world.life)
        self.assertEqual(self.flushLoggedErrors(), [])
        end(self.world, ("a",))
