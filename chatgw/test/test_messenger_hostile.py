"""Webhook bodies that Meta never sends: nothing raises, whatever comes."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.messenger_events import (
    ITEMS,
    NOW,
    PAGE,
    PSID,
    encoded,
    message,
    post,
    read,
    told,
)
from chatgw.values import (
    ChannelEvent,
    CustomerChose,
    CustomerEdited,
    CustomerUnsent,
    CustomerWrote,
    Echoed,
    Noticed,
)

_ODD = st.sampled_from(
    [float("nan"), float("inf"), 10**400, -1, True, "", "\ud800", "\x00", "0", "page", PAGE, PSID]
)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | _ODD
_NAMES = (
    "object entry messaging standby changes id sender recipient timestamp message mid text"
    " attachments type payload quick_reply postback title is_echo is_deleted order metadata"
    " message_edit num_edit take_thread_control reaction"
)
_KEYS = st.text(max_size=3) | st.sampled_from(_NAMES.split())
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=30,
)


@st.composite
def _mutated(draw: st.DrawFn) -> object:
    """A real event with something wrong at one place of it."""
    path: list[Any] = []
    item = whole = json.loads(json.dumps(draw(st.sampled_from(ITEMS))))
    while isinstance(item, dict | list) and item and (not path or draw(st.booleans())):
        keys = sorted(item) if isinstance(item, dict) else range(len(item))
        path.append((item, key := draw(st.sampled_from(keys))))
        item = item[key]
    holder, key = path[-1]
    if draw(st.booleans()) or isinstance(holder, list):
        holder[key] = draw(_JSON)
    else:
        del holder[key]
    return whole


def _presentable(case: SynchronousTestCase, events: list[ChannelEvent]) -> None:
    """Whatever was made of it can be stored, logged and put into XML."""
    for event in events:
        strings = [event.event_id, *told(event)]
        if event.address is not None:
            case.assertRegex(event.address.customer, r"\A[\w.:$=+-]+\Z")
        if isinstance(event, CustomerWrote | CustomerEdited):
            case.assertTrue(event.text.strip())
        if isinstance(event, CustomerWrote):
            case.assertTrue(event.sent_at is None or abs(NOW - event.sent_at) <= 8 * 86_400)
        if isinstance(event, CustomerEdited | CustomerUnsent):
            case.assertTrue(event.message_id)
        if isinstance(event, Echoed):
            case.assertTrue(event.effect_id)
        if isinstance(event, CustomerChose):
            case.assertTrue(event.payload)
        for string in strings:
            string.encode("utf-8")
            case.assertIsNone(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", string))


class HostileBodyTests(SynchronousTestCase):
    @given(st.binary())
    def test_any_bytes_are_read(self, body: bytes) -> None:
        self.assertTrue(read(body))

    @given(_JSON)
    def test_any_json_is_read(self, value: object) -> None:
        _presentable(self, read(encoded(value)))

    @given(_JSON, st.none() | st.just(PAGE))
    def test_any_items_are_read(self, value: object, page: str | None) -> None:
        _presentable(self, read(post(value), page))

    @given(st.lists(_mutated(), max_size=3))
    @settings(max_examples=300)
    def test_real_events_gone_wrong_are_read_and_lose_no_neighbour(self, items: list[Any]) -> None:
        events = read(post(message("before"), *items, message("after")))
        _presentable(self, events)
        self.assertEqual(told(events[0]), ["text", "before"])
        self.assertEqual(told(events[-1]), ["text", "after"])

    @given(st.sampled_from(ITEMS), st.data())
    def test_a_body_cut_short_is_unreadable(
        self, item: dict[str, Any], data: st.DataObject
    ) -> None:
        body = post(item)
        end = data.draw(st.integers(0, len(body) - 1))
        [event] = read(body[:end])
        self.assertEqual(told(event)[:2], ["noticed", "unreadable"])


class KnownTrickTests(SynchronousTestCase):
    def _unreadable(self, body: bytes) -> None:
        [event] = read(body)
        assert isinstance(event, Noticed)
        self.assertEqual(event.kind, "unreadable")

    def test_deep_nesting_is_unreadable(self) -> None:
        for opening in (b"[", b'{"a":'):
            self._unreadable(opening * 200_000)
        self._unreadable(b'{"object":"page","entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}")

    def test_nesting_close_to_the_limit_is_read(self) -> None:
        for depth in range(800, 1_000):
            nested = b"[" * depth + b"]" * depth
            item = b'{"message":{"text":"hi"},"extra":' + nested + b"}"
            self.assertEqual(
                len(read(b'{"object":"page","entry":[{"messaging":[' + item + b"]}]}")), 1
            )

    def test_a_number_too_long_for_python_loses_no_neighbour(self) -> None:
        body = post(message("kept")).replace(b"1458692752478", b"9" * 5_000)
        self.assertEqual([told(event) for event in read(body)], [["text", "kept"]])

    def test_nan_and_infinities_are_nothing(self) -> None:
        for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
            body = post(message("kept")).replace(b"1458692752478", number)
            self.assertEqual([told(event) for event in read(body)], [["text", "kept"]])

    def test_of_two_members_with_one_name_the_last_counts(self) -> None:
        body = post(message("first")).replace(b'"first"', b'"first", "text": "second"')
        self.assertEqual([told(event) for event in read(body)], [["text", "second"]])

    def test_bytes_that_are_not_utf_8_become_replacement_characters(self) -> None:
        body = post(message("XX")).replace(b"XX", b"a\xff\xc3b")
        self.assertEqual([told(event) for event in read(body)], [["text", "a\ufffd\ufffdb"]])

    def test_a_byte_order_mark_is_no_obstacle(self) -> None:
        self.assertEqual(told(read(b"\xef\xbb\xbf" + post(message("hi")))[0]), ["text", "hi"])

    def test_long_names_and_values_are_cut_in_the_details(self) -> None:
        for item in ({"x" * 100_000: 1}, {"read": {"watermark": "y\n" * 50_000}}):
            [event] = read(post(item))
            assert isinstance(event, Noticed)
            self.assertLess(len(event.detail), 600)
            self.assertNotIn("\n", event.detail)
