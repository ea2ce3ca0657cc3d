"""What the field teaches about choices that vanish, chats that are left, and webhooks that stay."""

from __future__ import annotations

import json
from pathlib import Path

from attrs import evolve
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SkipTest, SynchronousTestCase

import chatgw
from chatgw.accounts import Account
from chatgw.config.load import load
from chatgw.journal.memory import MemoryJournal
from chatgw.parts import build
from chatgw.registry import Registry
from chatgw.test.whole import INTERVAL, SCRIPT, WholeTestCase

AGENT = "agent7901"


class ChipsTests(WholeTestCase):
    """Quick replies vanish at the next message (wire reference, messaging channels 1.7)."""

    def test_who_greets_in_two_messages_still_has_a_choice_to_tap(self) -> None:
        self.person("1001")
        self.write("1001", "Hi")
        self.write("1001", "my order is late")
        self.advance(61.0)
        self.tap("1001", "Billing")

    def test_who_says_thanks_at_the_end_can_still_tap_a_rating(self) -> None:
        chat = self.talk("1001")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.write("1001", "thank you")
        self.advance(61.0)
        self.tap("1001", "5")
        self.assertEqual(chat.ratings, [5])

    def test_who_sends_a_sticker_still_has_a_choice_to_tap(self) -> None:
        self.person("1001")
        self.write("1001", "Hi")
        self.meta.model.send_sticker("1001")
        self.advance(61.0)
        self.tap("1001", "Billing")


class RatingBodyTests(WholeTestCase):
    def test_braces_written_twice_are_sent_once(self) -> None:
        """docs/configuration.md: any other brace in the body is written twice."""
        chat = self.talk("1001")
        self.socialminer.rating_body = "<r><!-- {{}} --><rating>{rating}</rating></r>"
        bodies: list[bytes] = []
        call = self.socialminer._client.call

        async def listening(method: str, url: str, **how: object) -> object:
            bodies.append(bytes(how["body"]))  # type: ignore[call-overload]
            return await call(method, url, **how)  # type: ignore[arg-type]

        self.patch(self.socialminer._client, "call", listening)
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.tap("1001", "5")
        self.assertIn(b"<r><!-- {} --><rating>5</rating></r>", bodies)


class LeavingTests(WholeTestCase):
    def test_a_transfer_whose_left_comes_a_poll_early_leaves_no_agent_alone(self) -> None:
        """Without ratings: the second agent must not join a chat that is over for the gateway."""
        accounts = {
            self.messenger.type: Account(self.messenger, evolve(SCRIPT, rating_enabled=False))
        }
        self.registry.use(evolve(self.parts(), accounts=accounts))
        chat = self.talk("1001")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.assertEqual(self.registry.sessions, {})
        self.assertFalse(chat.customer_present)

    def test_a_conversation_begun_anew_leaves_the_old_chat(self) -> None:
        chat = self.talk("1001")
        self.desk.model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.write("1001", "thank you")
        self.write("1001", "one more thing")
        self.assertFalse(chat.customer_present)


class DisabledTests(SynchronousTestCase):
    def test_a_disabled_channel_answers_meta_all_the_same(self) -> None:
        """A webhook refused for an hour is switched off (wire reference, channels 1.1 and 1.5)."""
        folder = Path(self.mktemp())
        folder.mkdir()
        samples = Path(chatgw.__file__).parent.parent / "etc"
        if not samples.exists():
            raise SkipTest("the samples are not installed")
        channels = json.loads((samples / "channels.json").read_text("utf-8"))
        channels["channels"][0]["enabled"] = False
        (folder / "channels.json").write_text(json.dumps(channels), "utf-8")
        (folder / "settings.json").write_bytes((samples / "settings.json").read_bytes())
        parts = build(MemoryReactorClock(), load(folder)).parts
        registry = Registry(Clock(), MemoryJournal(), parts)
        self.assertIsNotNone(registry.parts.channel("FACEBOOK_MESSENGER"))
