"""Tests for `chatgw.dump`."""

from __future__ import annotations

from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.dump import Dump, escape, mask, one_line, quote
from chatgw.values import Secret, State, Words


class PredecessorsObjects(SynchronousTestCase):
    """Every object in the predecessor's log, letter for letter."""

    def assert_shown(self, value: object, lines: str) -> None:
        self.assertEqual(str(Dump(value)), lines)

    def test_no_events(self) -> None:
        self.assert_shown({"chatEvents": ""}, "{ chatEvents: '' }")

    def test_plain_object(self) -> None:
        self.assert_shown(
            {"type": "StatusEvent", "id": "1", "status": "chat_ok"},
            "{ type: 'StatusEvent', id: '1', status: 'chat_ok' }",
        )

    def test_nested_object_that_just_fits_a_line(self) -> None:
        self.assert_shown(
            {"chatEvents": {"StatusEvent": {"id": "1", "status": "chat_ok"}}},
            "{ chatEvents: { StatusEvent: { id: '1', status: 'chat_ok' } } }",
        )

    def test_nested_object_that_takes_two_lines(self) -> None:
        for number, status in (("2", "joined"), ("11", "left"), ("8", "left")):
            self.assert_shown(
                {
                    "chatEvents": {
                        "PresenceEvent": {"id": number, "from": "agent7901", "status": status}
                    }
                },
                "{ chatEvents:\n"
                f"   {{ PresenceEvent: {{ id: '{number}', from: 'agent7901',"
                f" status: '{status}' }} }} }}",
            )

    def test_two_nested_objects(self) -> None:
        self.assert_shown(
            {
                "chatEvents": {
                    "MessageEvent": {
                        "id": "4",
                        "body": "Hi+How+can+I+help+you%3F",
                        "from": "agent7901",
                    },
                    "TypingEvent": {"id": "5", "from": "agent7901", "status": "paused"},
                }
            },
            "{ chatEvents:\n"
            "   { MessageEvent: { id: '4', body: 'Hi+How+can+I+help+you%3F',"
            " from: 'agent7901' },\n"
            "     TypingEvent: { id: '5', from: 'agent7901', status: 'paused' } } }",
        )

    def test_settings(self) -> None:
        self.assert_shown(
            {
                "server": {
                    "port": 10443,
                    "sslKeyPath": "/usr/local/platform/.security/tomcat/keys/tomcat_priv.pem",
                    "sslCertPath": "/usr/local/platform/.security/tomcat/certs/tomcat.pem",
                    "maxRequestsPerMinute": 3000,
                },
                "socialMiner": {"host": "localhost", "port": 80, "pollingIntervalMS": 5000},
                "log": {"maxSizeBytes": 20480000, "maxFileCount": 20, "level": "silly"},
            },
            "{ server:\n"
            "   { port: 10443,\n"
            "     sslKeyPath: '/usr/local/platform/.security/tomcat/keys/tomcat_priv.pem',\n"
            "     sslCertPath: '/usr/local/platform/.security/tomcat/certs/tomcat.pem',\n"
            "     maxRequestsPerMinute: 3000 },\n"
            "  socialMiner: { host: 'localhost', port: 80, pollingIntervalMS: 5000 },\n"
            "  log: { maxSizeBytes: 20480000, maxFileCount: 20, level: 'silly' } }",
        )


@frozen
class Parcel:
    text: Words
    weight: float
    note: str = field(default="", repr=False)


class NodesForm(SynchronousTestCase):
    """What the predecessor's log does not show, as Node would."""

    def test_plain_values(self) -> None:
        shown = str(Dump({"a": True, "b": None, "c": 1.5, "d": State.TALKING}))
        self.assertEqual(shown, "{ a: true, b: null, c: 1.5, d: 'TALKING' }")

    def test_empty_containers(self) -> None:
        self.assertEqual(str(Dump({"a": {}, "b": []})), "{ a: {}, b: [] }")

    def test_elements_of_a_long_array_stand_in_a_column(self) -> None:
        shown = str(Dump({"channels": [{"title": "x" * 30}, {"title": "y" * 30}]}))
        self.assertEqual(
            shown,
            f"{{ channels:\n   [ {{ title: '{'x' * 30}' }},\n     {{ title: '{'y' * 30}' }} ] }}",
        )

    def test_a_line_holds_sixty_characters_counting_a_comma_for_each_entry(self) -> None:
        self.assertEqual(str(Dump({"a": "x" * 49, "b": 1})), f"{{ a: '{'x' * 49}', b: 1 }}")
        self.assertEqual(str(Dump({"a": "x" * 50, "b": 1})), f"{{ a: '{'x' * 50}',\n  b: 1 }}")

    def test_keys_that_are_no_names_are_quoted(self) -> None:
        self.assertEqual(str(Dump({"a-b": 1, "c\n": 2})), "{ 'a-b': 1, 'c\\n': 2 }")

    def test_hostile_strings_stay_within_their_quotes(self) -> None:
        self.assertEqual(
            one_line(["it's", "a\\b", "\n\r\t\x1b[31m\x00\x7f\x85\u2028\u202e"]),
            r"[ 'it\'s', 'a\\b', '\n\r\t\u001b[31m\u0000\u007f\u0085\u2028\u202e' ]",
        )

    def test_a_hundred_elements_are_shown_of_an_array(self) -> None:
        self.assertIn(" 99,", one_line(range_list(102)))
        self.assertTrue(one_line(range_list(102)).endswith("... 2 more items ]"))
        self.assertTrue(one_line(range_list(101)).endswith("... 1 more item ]"))

    def test_depth_is_bounded_even_in_a_circle(self) -> None:
        circle: dict[str, object] = {}
        circle["self"] = [circle]
        self.assertIn("...", str(Dump(circle)))

    def test_attrs_instances_are_named(self) -> None:
        parcel = Parcel(Words("Hi"), 2.5, "kept out of the repr")
        self.assertEqual(one_line(parcel), "Parcel { text: (2 characters), weight: 2.5 }")


class WhatIsNotShown(SynchronousTestCase):
    def test_words_are_masked_but_for_the_whole(self) -> None:
        dump = Dump({"body": Words("I need help, it's 안녕 🙂"), "id": "4"})
        self.assertEqual(str(dump), "{ body: (22 characters), id: '4' }")
        self.assertEqual(dump.whole(), r"{ body: 'I need help, it\'s 안녕 🙂', id: '4' }")

    def test_secrets_are_masked_even_in_the_whole(self) -> None:
        dump = Dump({"token": Secret("EAAV-page-token"), "list": [Secret("short")]})
        self.assertEqual(dump.whole(), "{ token: '****oken', list: [ '****' ] }")

    def test_mask_counts_characters(self) -> None:
        self.assertEqual(mask(Words("안녕 🙂")), "(4 characters)")


class Escaping(SynchronousTestCase):
    def test_korean_and_joined_emoji_stay_readable(self) -> None:
        for text in ("안녕하세요", "👨‍👩‍👧", "❤️", "Grüße, naïve"):
            self.assertEqual(escape(text), text)

    @given(st.text())
    def test_nothing_ends_the_line(self, text: str) -> None:
        for shown in (escape(text), quote(text), one_line({text: text})):
            self.assertEqual(shown.splitlines(), [shown] if shown else [])
            shown.encode("utf-8")

    @given(st.text())
    def test_a_quoted_string_ends_at_its_own_quote(self, text: str) -> None:
        inner = quote(text)[1:-1].replace(r"\\", "").replace(r"\'", "")
        self.assertNotIn("'", inner)
        self.assertFalse(inner.endswith("\\"))


def range_list(count: int) -> list[object]:
    return list(range(count))
