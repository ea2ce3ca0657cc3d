"""The answer to a poll as the log shows it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatgw.desks.socialminer_events import read_events
from chatgw.dump import Dump
from chatgw.test.test_socialminer_events import answer, presence, status, typing, wrote
from chatgw.values import Words


def raw(*events: str) -> object:
    return read_events(answer(*events), 0).batch.raw["chatEvents"]


class RawTests(SynchronousTestCase):
    """`Batch.raw` has the predecessor's shape (wire reference, SocialMiner 1.3 and 7)."""

    def test_nothing_is_an_empty_string(self) -> None:
        self.assertEqual(raw(), "")

    def test_one_event_stands_for_itself_with_its_fields_as_text(self) -> None:
        self.assertEqual(
            raw(status(1, "chat_ok")), {"StatusEvent": {"id": "1", "status": "chat_ok"}}
        )

    def test_kinds_and_fields_keep_the_documents_order_and_the_encoding(self) -> None:
        shape = raw(
            wrote(4, "agent7901", "Hi+How+can+I+help+you%3F"), typing(5, "agent7901", "paused")
        )
        self.assertEqual(
            repr(shape),
            "{'MessageEvent': {'id': '4', 'body': 'Hi+How+can+I+help+you%3F',"
            " 'from': 'agent7901'},"
            " 'TypingEvent': {'id': '5', 'from': 'agent7901', 'status': 'paused'}}",
        )

    def test_the_log_shows_the_original_guides_lines(self) -> None:
        for events, lines in [
            ([], "{ chatEvents: '' }"),
            (
                [status(1, "chat_ok")],
                "{ chatEvents: { StatusEvent: { id: '1', status: 'chat_ok' } } }",
            ),
            (
                [wrote(4, "agent7901", "Hi+How+can+I+help"), typing(5, "agent7901", "paused")],
                """{ chatEvents:
   { MessageEvent: { id: '4', body: 'Hi+How+can+I+help', from: 'agent7901' },
     TypingEvent: { id: '5', from: 'agent7901', status: 'paused' } } }""",
            ),
        ]:
            with self.subTest(events=events):
                raw_answer = read_events(answer(*events), 0).batch.raw
                self.assertEqual(Dump(raw_answer).whole(), lines)
                self.assertNotIn("Hi+How", str(Dump(raw_answer)))

    def test_several_of_a_kind_become_a_list(self) -> None:
        self.assertEqual(
            raw(presence(2, "a", "joined"), wrote(3, "a", "x"), presence(4, "a", "left")),
            {
                "PresenceEvent": [
                    {"id": "2", "from": "a", "status": "joined"},
                    {"id": "4", "from": "a", "status": "left"},
                ],
                "MessageEvent": {"id": "3", "body": "x", "from": "a"},
            },
        )

    def test_events_before_the_cursor_are_shown_too(self) -> None:
        reading = read_events(answer(status(1, "chat_ok")), after=5)
        self.assertEqual(reading.batch.events, ())
        self.assertEqual(
            reading.batch.raw, {"chatEvents": {"StatusEvent": {"id": "1", "status": "chat_ok"}}}
        )

    def test_what_people_wrote_is_marked_and_so_is_what_they_may_have_written(self) -> None:
        shape = raw(wrote(1, "a", "secret"), "<NoteEvent><id>2</id><note>secret</note></NoteEvent>")
        assert isinstance(shape, dict)
        self.assertIsInstance(shape["MessageEvent"]["body"], Words)
        self.assertIsInstance(shape["NoteEvent"]["note"], Words)
        self.assertNotIsInstance(shape["MessageEvent"]["from"], Words)

    def test_depth_is_limited(self) -> None:
        self.assertEqual(raw("<a>" * 5000 + "</a>" * 5000), {"a": {"a": {"a": {"a": "[Object]"}}}})
