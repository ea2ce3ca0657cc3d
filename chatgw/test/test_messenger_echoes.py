"""Echoes: which of them prove that a message of ours was sent, and which are someone else's."""

from __future__ import annotations

from attrs import evolve

from chatgw.test.messenger_events import NOW, PAGE, echo, message, post, read, told
from chatgw.test.messenger_graph import ADDRESS, CHOICES, TEXT, MessengerCase
from chatgw.values import ChannelEvent, Echoed, SomeoneAnswered, Words

EFFECT = "0123456789abcdef01-12"


class EchoTests(MessengerCase):
    def _of(self, **more: object) -> ChannelEvent:
        [event] = read(post(echo(**more)))
        return event

    def _answered_by(self, **more: object) -> str:
        return told(self._of(**more))[1]

    def test_the_metadata_of_every_message_sent_comes_back_as_the_effects_id(self) -> None:
        parts = self.messenger.fit(evolve(TEXT, id=EFFECT, text=Words("word " * 1_000)))
        effects = [*parts, evolve(CHOICES, id=f"{EFFECT}0")]
        for effect in effects:
            self.perform(effect)
        echoed = [self._of(**asked.json["message"]) for asked in self.graph.asked]
        self.assertEqual(
            [event.effect_id for event in echoed if isinstance(event, Echoed)],
            [effect.id for effect in effects],
        )

    def test_an_echo_of_ours_names_customer_effect_and_message(self) -> None:
        self.assertEqual(
            self._of(metadata=f"chatgw:{EFFECT}", mid="m_abc"),
            Echoed(ADDRESS, NOW, f"FACEBOOK_MESSENGER/{PAGE}/abc/echo", EFFECT, "abc"),
        )

    def test_what_was_sent_before_the_mark_is_known_by_its_shape(self) -> None:
        for metadata in (EFFECT, f"{EFFECT}.2"):
            event = self._of(metadata=metadata)
            assert isinstance(event, Echoed)
            self.assertEqual(event.effect_id, metadata)

    def test_any_other_metadata_is_someone_elses(self) -> None:
        odd: list[object] = [
            *("", "chatgw", "chatgw:", "chatgw:a b", "chatgw:../x", "Chatgw:e1", f"x{EFFECT}"),
            *("0123456789ABCDEF01-12", "0123456789abcdef01-", f"{EFFECT}-leave", f"{EFFECT}."),
            *(None, 5, [], {"chatgw": "e1"}, "chatgw:" + "x" * 300, "\ud800"),
        ]
        for metadata in odd:
            self.assertIsInstance(self._of(metadata=metadata), SomeoneAnswered, metadata)

    def test_a_person_answers_from_the_inbox_or_without_an_application(self) -> None:
        for app_id in (26390203743090, "26390203743090", 263902037430900, None, ""):
            self.assertEqual(self._answered_by(app_id=app_id), "inbox", app_id)
        self.assertEqual(self._answered_by(), "inbox")

    def test_another_application_is_none_of_the_inboxes(self) -> None:
        for app_id in (1517776481860111, "1", 0, 26390203743091):
            self.assertEqual(self._answered_by(app_id=app_id), "elsewhere", app_id)

    def test_a_picture_is_an_answer_without_words(self) -> None:
        event = self._of(text=None, attachments=[{"type": "image"}])
        assert isinstance(event, SomeoneAnswered)
        self.assertEqual(event.text, Words(""))

    def test_an_echo_of_another_page_is_not_ours(self) -> None:
        item = echo(metadata=f"chatgw:{EFFECT}") | {"sender": {"id": "999"}}
        self.assertEqual(told(read(post(item))[0])[1], "other page")

    def test_a_customer_cannot_prove_what_was_sent(self) -> None:
        """The metadata of a message that is no echo means nothing."""
        [event] = read(post(message("hi", metadata=f"chatgw:{EFFECT}")))
        self.assertEqual(told(event), ["text", "hi"])
        [event] = read(post(message("hi", metadata=f"chatgw:{EFFECT}", is_echo=True)))
        self.assertEqual(told(event)[1], "other page")

    def test_on_standby_an_echo_is_a_note(self) -> None:
        [event] = read(post(standby=[echo(metadata=f"chatgw:{EFFECT}")]))
        self.assertEqual(told(event), ["noticed", "standby", "message"])
