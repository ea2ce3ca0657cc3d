"""Every kind of event that Messenger sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.messenger_events import (
    CASES,
    ITEMS,
    PAGE,
    PSID,
    echo,
    message,
    post,
    read,
    told,
)
from chatgw.values import (
    Address,
    CustomerEdited,
    CustomerUnsent,
    CustomerWrote,
    Noticed,
    SomeoneAnswered,
    Words,
)

CUSTOMER = Address("FACEBOOK_MESSENGER", PAGE, PSID)


class EventKindTests(SynchronousTestCase):
    """One test for each row of messenger_events.json, named after its kind."""


def _tells(
    item: dict[str, Any], expected: list[list[str]]
) -> Callable[[SynchronousTestCase], None]:
    def test(self: SynchronousTestCase) -> None:
        events = read(post(item))
        self.assertEqual([told(event) for event in events], expected)
        moving = [event for event in events if not isinstance(event, Noticed)]
        self.assertEqual([event.address for event in moving], [CUSTOMER] * len(moving))

    return test


for _case, _item in zip(CASES, ITEMS, strict=True):
    _name = "test_" + _case["kind"].replace(" ", "_").replace("-", "_")
    setattr(EventKindTests, _name, _tells(_item, _case["tells"]))


class AddressTests(SynchronousTestCase):
    def test_an_echo_belongs_to_its_recipient(self) -> None:
        for metadata in ("chatgw:e1", "another"):
            [event] = read(post(echo(metadata=metadata)))
            self.assertEqual(event.address, CUSTOMER)

    def test_a_policy_notice_belongs_to_nobody(self) -> None:
        [event] = read(post({"recipient": {"id": PAGE}, "policy_enforcement": {"action": "block"}}))
        self.assertIsNone(event.address)

    def test_an_id_that_would_lead_elsewhere_in_a_url_is_no_customer(self) -> None:
        odd: list[object] = ["..", "me/accounts", "1?fields=x", "a b", "", "é", True, 1.5, [], None]
        for psid in odd:
            [event] = read(post(message() | {"sender": {"id": psid}}))
            self.assertEqual(told(event)[:2], ["noticed", "no address"], psid)

    def test_events_are_dated_by_their_arrival(self) -> None:
        [event] = read(post(message()))
        self.assertEqual(event.at, 1_700_000_000.0)


class EventIdTests(SynchronousTestCase):
    """The id by which a second delivery is recognised (chatwoot#13359; the first log, 15:00:52)."""

    def _id(self, item: dict[str, Any]) -> str:
        return read(post(item))[0].event_id

    def test_the_same_message_has_the_same_id_however_it_is_posted(self) -> None:
        alone = self._id(message(mid="m_x"))
        [_, again] = read(post(message(mid="m_y"), message(mid="m_x", seq=7)))
        self.assertEqual(alone, again.event_id)
        self.assertEqual(alone, f"FACEBOOK_MESSENGER/{PAGE}/x/text")

    def test_a_mid_is_the_same_with_and_without_its_prefix(self) -> None:
        self.assertEqual(self._id(message(mid="m_abc")), self._id(message(mid="abc")))

    def test_two_messages_with_the_same_text_have_two_ids(self) -> None:
        self.assertNotEqual(self._id(message(mid="m_1")), self._id(message(mid="m_2")))

    def test_text_and_attachment_of_one_message_have_two_ids(self) -> None:
        events = read(post(message(attachments=[{"type": "image"}])))
        self.assertEqual(len({event.event_id for event in events}), 2)

    def test_unsending_a_message_is_not_its_repetition(self) -> None:
        self.assertNotEqual(self._id(message()), self._id(message(is_deleted=True)))

    def test_each_edit_of_a_message_is_an_event_and_is_one_however_often_it_comes(self) -> None:
        def edit(text: str, time: int = 1, **more: object) -> dict[str, Any]:
            edited = {"mid": "m_1", "text": text, **more}
            return message() | {"message": None, "timestamp": time, "message_edit": edited}

        first = self._id(edit("one", num_edit=1))
        self.assertEqual(first, self._id(edit("one", 2, num_edit="1", tags=[])))
        self.assertNotEqual(first, self._id(edit("two", num_edit=2)))
        self.assertNotEqual(first, self._id(message()))
        self.assertEqual(self._id(edit("one")), self._id(edit("one")))
        ids = {self._id(edit("one")), self._id(edit("two")), self._id(edit("one", 2))}
        self.assertEqual(len(ids), 3, "without a number the content tells them apart")

    def test_two_reactions_to_one_message_are_two_events(self) -> None:
        def reaction(time: int) -> str:
            reacted = {"mid": "m_1", "action": "react"}
            return self._id(message() | {"message": None, "timestamp": time, "reaction": reacted})

        self.assertEqual(reaction(1), reaction(1))
        self.assertNotEqual(reaction(1), reaction(2))

    def test_a_message_and_its_echo_are_two_events(self) -> None:
        self.assertNotEqual(self._id(message(mid="m_1")), self._id(echo(mid="m_1")))
        self.assertEqual(self._id(echo(mid="m_1")), self._id(echo(mid="1", seq=5)))

    def test_a_message_is_edited_and_taken_back_by_the_name_it_came_with(self) -> None:
        edit = {"mid": "m_x", "text": "t", "num_edit": 1}
        events = read(
            post(
                message(mid="m_x"),
                message() | {"message": None, "message_edit": edit},
                message(mid="x", is_deleted=True),
            )
        )
        names = []
        for event in events:
            assert isinstance(event, CustomerWrote | CustomerEdited | CustomerUnsent)
            names.append(event.message_id)
        self.assertEqual(names, ["x", "x", "x"])

    def test_a_button_without_mid_is_known_by_sender_time_and_payload(self) -> None:
        def button(psid: str, time: int, payload: str, title: str = "T") -> str:
            item = message() | {"sender": {"id": psid}, "timestamp": time, "message": None}
            return self._id(item | {"postback": {"payload": payload, "title": title}})

        self.assertEqual(button("1", 2, "P"), button("1", 2, "P", "in another language"))
        ids = {button("1", 2, "P"), button("3", 2, "P"), button("1", 4, "P"), button("1", 2, "Q")}
        self.assertEqual(len(ids), 4)

    def test_a_message_without_mid_is_known_by_its_content(self) -> None:
        first, second = message("one", mid=""), message("two", mid="")
        self.assertEqual(self._id(first), self._id(dict(reversed(first.items()))))
        self.assertNotEqual(self._id(first), self._id(second))

    def test_a_mid_of_255_characters_is_kept(self) -> None:
        self.assertIn("x" * 255, self._id(message(mid="x" * 255)))


class WordsTests(SynchronousTestCase):
    def test_text_is_not_escaped_for_anyone(self) -> None:
        """The Cisco sample's customers read ``&#x27;``; a customer called "A & B" broke a chat."""
        [event] = read(post(message("it's <b>A & B</b> 100% \\u0041")))
        assert isinstance(event, CustomerWrote)
        self.assertEqual(event.text, "it's <b>A & B</b> 100% \\u0041")

    def test_what_was_written_is_kept_out_of_the_details(self) -> None:
        kinds: tuple[dict[str, Any], ...] = (
            {"message_edit": {"text": "SAID"}},
            {"message": {"is_echo": True, "text": "SAID"}},
            {"message": {"is_deleted": True, "text": "SAID"}},
            {"reaction": {"reaction": "other", "emoji": "SAID"}, "sender": {}},
            {"messaging_feedback": {"feedback_screens": [{"questions": {"q": "SAID"}}]}},
            {"response_feedback": {"feedback": "SAID"}},
            {"account_linking": {"status": "linked", "authorization_code": "SAID"}},
            {"surprise": {"text": "SAID"}},
        )
        for kind in kinds:
            [event] = read(post({"sender": {"id": PSID}, **kind}))
            assert isinstance(event, Noticed)
            self.assertNotIn("SAID", repr(event))

    def test_what_was_written_is_words(self) -> None:
        edit = {"mid": "m_1", "text": "SAID", "num_edit": 1}
        edited = message() | {"message": None, "message_edit": edit}
        for item in (message("SAID"), echo(text="SAID"), edited):
            [event] = read(post(item))
            assert isinstance(event, CustomerWrote | SomeoneAnswered | CustomerEdited)
            self.assertIsInstance(event.text, Words)
            self.assertEqual(event.text, "SAID")
