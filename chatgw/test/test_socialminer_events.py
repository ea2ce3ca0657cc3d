"""Reading the answer to a poll."""

from __future__ import annotations

import contextlib
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.desks.socialminer_events import NOTHING, read_events
from chatgw.desks.socialminer_xml import MalformedXMLError
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    DeskEvent,
    DeskStatus,
    Words,
)

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def answer(*events: str, wrapper: str = "chatEvents") -> bytes:
    return f"{DECLARATION}<{wrapper}>{''.join(events)}</{wrapper}>".encode()


def status(id_: object, name: str, detail: str = "") -> str:
    more = f"<detail>{detail}</detail>" if detail else ""
    return f"<StatusEvent><id>{id_}</id><status>{name}</status>{more}</StatusEvent>"


def presence(id_: object, agent: str, name: str) -> str:
    return (
        f"<PresenceEvent><id>{id_}</id><from>{agent}</from><status>{name}</status></PresenceEvent>"
    )


def typing(id_: object, agent: str, name: str) -> str:
    return f"<TypingEvent><id>{id_}</id><from>{agent}</from><status>{name}</status></TypingEvent>"


def wrote(id_: object, agent: str, body: str) -> str:
    return f"<MessageEvent><id>{id_}</id><body>{body}</body><from>{agent}</from></MessageEvent>"


def events_in(body: bytes, after: int = 0) -> tuple[DeskEvent, ...]:
    return read_events(body, after).batch.events


class EventTests(SynchronousTestCase):
    """Each row of the wire reference, SocialMiner 2."""

    def test_each_kind_of_event_is_read(self) -> None:
        rows: list[tuple[str, DeskEvent]] = [
            (status(1, "chat_ok"), DeskStatus(1, "chat_ok")),
            (
                status(2, "chat_issue", "XMPP Server is down"),
                DeskStatus(2, "chat_issue", "XMPP Server is down"),
            ),
            (status(3, "chat_finished"), DeskStatus(3, "chat_finished")),
            (
                status(4, "chat_finished_error", "gone"),
                DeskStatus(4, "chat_finished_error", "gone"),
            ),
            (
                status(5, "chat_request_rejected_by_agent", "none logged in"),
                DeskStatus(5, "chat_request_rejected_by_agent", "none logged in"),
            ),
            (
                status(6, "chat_timedout_waiting_for_agent", "none free"),
                DeskStatus(6, "chat_timedout_waiting_for_agent", "none free"),
            ),
            (status(7, "chat_of_the_future"), DeskStatus(7, "chat_of_the_future")),
            (presence(8, "agent7901", "joined"), AgentJoined(8, "agent7901")),
            (presence(9, "agent7901", "left"), AgentLeft(9, "agent7901")),
            (
                wrote(10, "agent7901", "Hi+How+can+I+help+you%3F"),
                AgentWrote(10, "agent7901", Words("Hi How can I help you?")),
            ),
            (typing(11, "agent7901", "composing"), AgentTyping(11, "agent7901", "composing")),
            (typing(12, "agent7901", "paused"), AgentTyping(12, "agent7901", "paused")),
        ]
        for xml, event in rows:
            with self.subTest(event=event):
                self.assertEqual(events_in(answer(xml)), (event,))

    def test_what_is_written_by_a_form_encoder_is_decoded(self) -> None:
        for body, text in [
            ("1%2B1%3D2", "1+1=2"),
            ("100%25+sure", "100% sure"),
            ("%EC%95%88%EB%85%95+%F0%9F%98%80", "안녕 😀"),
            ("A+%26+B+%3Cb%3E", "A & B <b>"),
            ("a+&amp;+b", "a & b"),
            ("%26amp%3B+%26%2339%3B", "&amp; &#39;"),
            ("안녕+😀", "안녕 😀"),
            ("100%+of+%zz%4", "100% of %zz%4"),
            ("%ff%EC%95", "\ufffd\ufffd"),
            ("line%0D%0Abreak", "line\r\nbreak"),
            ("<![CDATA[a+%3C+b]]>", "a < b"),
        ]:
            with self.subTest(body=body):
                self.assertEqual(
                    events_in(answer(wrote(1, "a", body))), (AgentWrote(1, "a", Words(text)),)
                )

    def test_what_an_agent_wrote_is_marked_as_words(self) -> None:
        (event,) = events_in(answer(wrote(1, "a", "secret")))
        assert isinstance(event, AgentWrote)
        self.assertIsInstance(event.text, Words)

    def test_a_name_is_decoded_only_if_it_must_be_encoded(self) -> None:
        for name, shown in [
            ("agent7901", "agent7901"),
            ("Kim+Min%2DJi", "Kim Min-Ji"),
            ("%EA%B9%80", "김"),
            ("김 민지", "김 민지"),
            ("C++ Support", "C++ Support"),
            ("A+B", "A+B"),
            ("100% Kim", "100% Kim"),
            ("100%", "100%"),
            ("A &amp; B", "A & B"),
            (" two\nlines ", "two lines"),
        ]:
            with self.subTest(name=name):
                self.assertEqual(
                    events_in(answer(presence(1, name, "joined"))), (AgentJoined(1, shown),)
                )

    def test_an_agent_without_a_name_still_leaves(self) -> None:
        xml = "<PresenceEvent><id>3</id><status>left</status></PresenceEvent>"
        self.assertEqual(events_in(answer(xml)), (AgentLeft(3, ""),))

    @given(st.text(st.characters(codec="utf-8"), min_size=1))
    def test_any_text_survives_the_servers_encoding(self, text: str) -> None:
        (event,) = events_in(answer(wrote(1, "a", escape(quote_plus(text)))))
        self.assertEqual(event, AgentWrote(1, "a", Words(text)))


class OrderTests(SynchronousTestCase):
    """Ids and the cursor."""

    def test_events_are_sorted_by_their_number(self) -> None:
        body = answer(wrote(10, "a", "x"), typing(9, "a", "paused"), presence(2, "a", "joined"))
        self.assertEqual([event.id for event in events_in(body)], [2, 9, 10])

    def test_events_up_to_the_cursor_are_left_out(self) -> None:
        body = answer(status(1, "chat_ok"), presence(2, "a", "joined"), wrote(3, "a", "x"))
        self.assertEqual([event.id for event in events_in(body, after=2)], [3])

    def test_an_event_told_twice_counts_once(self) -> None:
        body = answer(wrote(3, "a", "first"), wrote(3, "a", "again"), wrote(4, "a", "x"))
        self.assertEqual(
            events_in(body),
            (AgentWrote(3, "a", Words("first")), AgentWrote(4, "a", Words("x"))),
        )

    @given(st.lists(st.integers(0, 20)), st.integers(0, 20))
    def test_a_batch_is_ascending_and_beyond_the_cursor(self, ids: list[int], after: int) -> None:
        body = answer(*(typing(id_, "a", "paused") for id_ in ids))
        found = [event.id for event in events_in(body, after)]
        self.assertEqual(found, sorted({id_ for id_ in ids if id_ > after}))


class ResilienceTests(SynchronousTestCase):
    """What is not as it should be."""

    def test_a_bad_event_costs_its_neighbours_nothing(self) -> None:
        for bad in [
            status("", "chat_ok"),
            status("one", "chat_ok"),
            status("-3", "chat_ok"),
            status("1.5", "chat_ok"),
            status("٣", "chat_ok"),
            status("9" * 5000, "chat_ok"),
            "<StatusEvent/>",
            "<StatusEvent><status>chat_ok</status></StatusEvent>",
            "<StatusEvent><id><deep>3</deep></id><status>chat_ok</status></StatusEvent>",
            "<x>" * 5000 + "</x>" * 5000,
        ]:
            with self.subTest(bad=bad[:80]):
                reading = read_events(
                    answer(presence(2, "a", "joined"), bad, wrote(4, "a", "hi")), after=1
                )
                self.assertEqual(
                    reading.batch.events, (AgentJoined(2, "a"), AgentWrote(4, "a", Words("hi")))
                )
                self.assertEqual(len(reading.skipped), 1)
                self.assertLessEqual(len(reading.skipped[0]), 60)

    def test_an_event_of_no_known_meaning_is_passed_on_as_a_status_without_one(self) -> None:
        for strange, shown in [
            (status(3, ""), "StatusEvent[]"),
            (presence(3, "a", "away"), "PresenceEvent[away]"),
            (presence(3, "a", ""), "PresenceEvent[]"),
            (typing(3, "a", "thinking"), "TypingEvent[thinking]"),
            (wrote(3, "a", ""), "MessageEvent[]"),
            ("<MessageEvent><id>3</id><from>a</from></MessageEvent>", "MessageEvent[]"),
            ("<FileEvent><id>3</id><url>x</url></FileEvent>", "FileEvent[]"),
            ("<chat_finished><id>3</id></chat_finished>", "chat_finished[]"),
        ]:
            with self.subTest(strange=strange):
                reading = read_events(
                    answer(presence(2, "a", "joined"), strange, wrote(4, "a", "hi")), after=1
                )
                told = (AgentJoined(2, "a"), DeskStatus(3, shown), AgentWrote(4, "a", Words("hi")))
                self.assertEqual(reading.batch.events, told)

    def test_the_wrapper_may_be_written_either_way(self) -> None:
        for wrapper in ("chatEvents", "ChatEvents", "CHATEVENTS"):
            with self.subTest(wrapper=wrapper):
                body = answer(status(1, "chat_ok"), wrapper=wrapper)
                self.assertEqual(events_in(body), (DeskStatus(1, "chat_ok"),))

    def test_namespaces_comments_blanks_and_attributes_are_looked_through(self) -> None:
        body = (
            b'\n<n:chatEvents xmlns:n="urn:x">\n <!-- c --> <n:StatusEvent type="t">\n'
            b" <n:id> 1 </n:id>\n <n:status>\n chat_ok </n:status></n:StatusEvent>\n"
            b"</n:chatEvents>\n"
        )
        self.assertEqual(events_in(body), (DeskStatus(1, "chat_ok"),))

    def test_other_documents_are_refused(self) -> None:
        for body in (
            b"",
            b"<html/>",
            b"<apiErrors/>",
            b"<chatEvents>",
            b"{}",
            b"<chatEvents/><x/>",
        ):
            with self.subTest(body=body):
                self.assertRaises(MalformedXMLError, read_events, body, 0)

    @given(st.binary() | st.text("<>/&;=%chatEvents idMsg\n").map(str.encode))
    def test_any_bytes_are_read_or_refused(self, body: bytes) -> None:
        for whole in (body, b"<chatEvents>" + body + b"</chatEvents>"):
            with contextlib.suppress(MalformedXMLError):
                read_events(whole, 0)


class EmptyTests(SynchronousTestCase):
    """The answer that nearly every poll gets."""

    def test_an_empty_answer_is_known_by_its_bytes(self) -> None:
        for body in (
            b"<chatEvents/>",
            b"<chatEvents />",
            b"<chatEvents></chatEvents>",
            b"<ChatEvents/>\n",
            f"{DECLARATION}<chatEvents/>".encode(),
            f"{DECLARATION}\n<chatEvents>\n</chatEvents>".encode(),
        ):
            with self.subTest(body=body):
                self.assertIs(read_events(body, 7), NOTHING)

    def test_an_empty_answer_in_other_clothes_is_parsed_to_the_same(self) -> None:
        for body in (
            b'<chatEvents xmlns="urn:x"/>',
            "\ufeff<chatEvents/>".encode(),
            b"<chatEvents>" + b" " * 500 + b"</chatEvents>",
        ):
            with self.subTest(body=body):
                self.assertEqual(read_events(body, 7), NOTHING)
