"""What surrounds Messenger's events: batches, other pages, standby, the Test button."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from twisted.trial.unittest import SynchronousTestCase

from chatgw.channels.messenger_envelope import MOST_EVENTS
from chatgw.test.messenger_events import PAGE, PSID, message, post, read, told
from chatgw.values import CustomerWrote


def _kinds(body: bytes, page: str | None = PAGE) -> list[str]:
    """The kinds of what was noticed; the texts of what was not."""
    return [told(event)[1] for event in read(body, page)]


def _body(**members: Any) -> bytes:
    return json.dumps(members).encode("ascii")


class BatchTests(SynchronousTestCase):
    """messenger-bot-rails#7, bottery#164, FacebookMessengerBot.js#21: batched events were lost."""

    def test_three_entries_of_four_events_are_twelve_events_in_order(self) -> None:
        texts = [f"text {number}" for number in range(12)]
        entries = [
            {"id": PAGE, "messaging": [message(text, mid=text) for text in texts[at : at + 4]]}
            for at in (0, 4, 8)
        ]
        self.assertEqual(_kinds(_body(object="page", entry=entries)), texts)

    def test_a_bad_item_does_not_lose_its_neighbours(self) -> None:
        bad: list[object] = [None, 7, "x", [], {}, {"message": []}, {"sender": 1, "message": {}}]
        for one in bad:
            kinds = _kinds(post(message("before"), one, message("after")))
            self.assertEqual((kinds[0], kinds[-1], len(kinds)), ("before", "after", 3), one)

    def test_a_bad_entry_does_not_lose_its_neighbours(self) -> None:
        good = {"id": PAGE, "messaging": [message("kept")]}
        bad: list[object] = [None, 7, "x", [], {}, {"id": PAGE, "messaging": {}}, {"messaging": 1}]
        for one in bad:
            self.assertIn("kept", _kinds(_body(object="page", entry=[one, good])))

    def test_more_items_than_meta_ever_sends_are_left_out_and_told(self) -> None:
        kinds = _kinds(post(*[{}] * (MOST_EVENTS + 1)))
        self.assertEqual(len(kinds), MOST_EVENTS + 1)
        self.assertEqual(kinds[-1], "unreadable")

    def test_as_many_items_as_are_read_are_all_told(self) -> None:
        self.assertEqual(_kinds(post(*[{}] * MOST_EVENTS)), ["empty"] * MOST_EVENTS)

    def test_no_entries_are_noticed_as_such(self) -> None:
        self.assertEqual(_kinds(_body(object="page")), ["empty"])
        self.assertEqual(_kinds(_body(object="page", entry=[])), ["empty"])

    def test_fields_of_other_topics_are_noticed(self) -> None:
        entry = {"id": PAGE, "time": 1, "changed_fields": ["photos"]}
        [event] = read(_body(object="page", entry=[entry]))
        self.assertEqual(told(event), ["noticed", "unknown", "changed_fields"])


class PageTests(SynchronousTestCase):
    def test_another_page_of_the_app_is_left_alone(self) -> None:
        item = message() | {"recipient": {"id": "999"}}
        entries = [{"id": "999", "messaging": [item]}, {"id": PAGE, "messaging": [message()]}]
        self.assertEqual(_kinds(_body(object="page", entry=entries)), ["other page", "hi"])

    def test_an_event_for_another_recipient_is_left_alone(self) -> None:
        self.assertEqual(_kinds(post(message() | {"recipient": {"id": "999"}})), ["other page"])

    def test_the_page_may_be_a_number(self) -> None:
        entry = {"id": int(PAGE), "messaging": [message()]}
        self.assertEqual(_kinds(_body(object="page", entry=[entry])), ["hi"])

    def test_the_recipient_names_the_page_where_the_entry_does_not(self) -> None:
        entry = {"messaging": [message(), message() | {"recipient": {"id": "999"}}]}
        self.assertEqual(_kinds(_body(object="page", entry=[entry])), ["hi", "other page"])

    def test_every_page_is_taken_until_ours_is_known(self) -> None:
        [event] = read(post(message()), page=None)
        assert isinstance(event, CustomerWrote)
        self.assertEqual(event.address.account, PAGE)

    def test_no_page_at_all_is_no_address(self) -> None:
        item = message() | {"recipient": None}
        self.assertEqual(
            _kinds(_body(object="page", entry=[{"messaging": [item]}])), ["no address"]
        )


class OtherTopicTests(SynchronousTestCase):
    def test_on_standby_nothing_is_answered(self) -> None:
        """BotFramework-dotnet#1522, chatwoot#4489. The payload of a button is missing here."""
        button = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "postback": {"title": "T"}}
        events = read(post(message("ours"), standby=[message("theirs"), button]))
        self.assertEqual(
            [told(event) for event in events],
            [
                ["text", "ours"],
                ["noticed", "standby", "message"],
                ["noticed", "standby", "postback"],
            ],
        )
        assert events[1].address is not None
        self.assertEqual(events[1].address.customer, PSID)

    def test_standby_alone_starts_nothing(self) -> None:
        entry = {"id": PAGE, "standby": [message()]}
        self.assertEqual(_kinds(_body(object="page", entry=[entry])), ["standby"])

    def test_changes_of_the_page_start_nothing(self) -> None:
        value = message() | {"postback": {"payload": "P", "title": "T", "mid": "m_1"}}
        for field in ("feed", "leadgen", "messaging_postbacks"):
            entry = {"id": PAGE, "changes": [{"field": field, "value": value}]}
            [event] = read(_body(object="page", entry=[entry]))
            self.assertEqual(told(event), ["noticed", "changes", field])

    def test_other_objects_start_nothing(self) -> None:
        for kind in ("instagram", "whatsapp_business_account", "user", None, 5, ["page"]):
            body = _body(object=kind, entry=[{"id": PAGE, "messaging": [message()]}])
            self.assertEqual(_kinds(body), ["other object"], kind)


class TestButtonTests(SynchronousTestCase):
    """Wire reference, messaging channels 1.6: the dashboard's Test button starts no chat."""

    VALUE: ClassVar[dict[str, object]] = {
        "sender": {"id": "12334"},
        "recipient": {"id": "23245"},
        "timestamp": "1527459824",
        "message": {"mid": "test_message_id", "text": "test_message"},
    }

    def _is_test(self, **members: Any) -> None:
        for page in (PAGE, None):
            [event] = read(_body(**members), page)
            self.assertEqual(told(event)[:2], ["noticed", "test"])

    def test_a_change_with_a_message(self) -> None:
        change = {"field": "messages", "value": self.VALUE}
        self._is_test(object="page", entry=[{"id": "0", "time": 1700000000, "changes": [change]}])

    def test_the_form_of_2018(self) -> None:
        change = {"field": "messages", "value": {"page_id": "1067280970047460"}}
        self._is_test(entry=[{"changes": [change], "id": "0", "time": 1514862760}], object="page")

    def test_the_bare_value(self) -> None:
        self._is_test(field="messages", value=self.VALUE)

    def test_the_documented_curl_call(self) -> None:
        self._is_test(object="page", entry=[{"messaging": [{"message": "TEST_MESSAGE"}]}])

    def test_a_message_to_page_0(self) -> None:
        self._is_test(object="page", entry=[{"id": "0", "messaging": [self.VALUE]}])
