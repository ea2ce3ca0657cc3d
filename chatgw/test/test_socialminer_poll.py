"""SocialMiner behind `IDesk`: asking for events."""

from __future__ import annotations

from twisted.logger import LogLevel, capturedLogs, formatEvent

from chatgw.failures import FailureKind
from chatgw.interfaces import Batch
from chatgw.test.test_socialminer_desk import OPEN, DeskTestCase, reply
from chatgw.test.test_socialminer_errors import NO_USER, SESSION, api_errors
from chatgw.test.test_socialminer_events import answer, status, wrote
from chatgw.values import AgentWrote, ChatHandle, DeskStatus, Done, Failed, Words


class PollTests(DeskTestCase):
    """Asking for events (wire reference, SocialMiner 1.3)."""

    def test_events_after_the_cursor_are_asked_for_and_read(self) -> None:
        self.peer.reply = reply(200, answer(wrote(5, "a", "Hi+there"), status(4, "chat_ok")))
        batch = self.poll(after=3)
        assert isinstance(batch, Batch)
        self.assertEqual(
            batch.events, (DeskStatus(4, "chat_ok"), AgentWrote(5, "a", Words("Hi there")))
        )
        sent = self.sent()
        self.assertEqual(
            (sent.method, sent.uri, sent.body), (b"GET", b"/ccp/chat?all=false&eventid=3", b"")
        )
        self.assertEqual(sent.header("Accept"), ["application/xml"])
        self.assertEqual(sent.header("Cookie"), [f"JSESSIONID={SESSION}"])

    def test_nothing_new_is_an_empty_batch(self) -> None:
        self.peer.reply = reply(200, b"<chatEvents/>")
        self.assertEqual(self.poll(), Batch((), {"chatEvents": ""}))

    def test_a_chat_that_is_gone_is_told_so_without_its_session_id(self) -> None:
        for code in (200, 404):
            with self.subTest(code=code):
                self.peer.reply = reply(code, api_errors("notFound", NO_USER))
                failed = self.poll()
                assert isinstance(failed, Failed)
                self.assertEqual(failed.kind, FailureKind.RECIPIENT_GONE)
                self.assertNotIn(SESSION, failed.detail)

    def test_what_was_not_understood_is_logged_once_a_poll_without_its_words(self) -> None:
        strange = "<NoteEvent><id>two</id><note>my card is 4711</note></NoteEvent>"
        self.peer.reply = reply(200, answer(strange * 500, wrote(3, "a", "hi")))
        with capturedLogs() as logged:
            batch = self.poll()
        assert isinstance(batch, Batch)
        self.assertEqual([event.id for event in batch.events], [3])
        (event,) = [each for each in logged if each["log_level"] is LogLevel.warn]
        line = formatEvent(event)
        self.assertIn("Ignoring 500", line)
        self.assertIn("NoteEvent two", line)
        self.assertNotIn("4711", line)
        self.assertLess(len(line), 400)


class CookieTests(DeskTestCase):
    """One client serves all chats; each request carries its own chat's cookie only."""

    def test_the_cookie_of_one_chat_never_goes_with_another(self) -> None:
        chats = []
        for name in ("AAAA", "BBBB", "CCCC"):
            self.peer.reply = reply(201, Set_Cookie=f"JSESSIONID={name}; Path=/")
            done = self.perform(OPEN)
            assert isinstance(done, Done)
            assert isinstance(done.result, ChatHandle)
            chats.append(done.result)
        self.assertEqual([each.header("Cookie") for each in self.peer.received], [None] * 3)
        # A server that sets cookies at each answer is the hardest case for a shared client.
        self.peer.reply = reply(200, b"<chatEvents/>", Set_Cookie="JSESSIONID=DDDD; Path=/")
        for chat in [*chats, *reversed(chats)]:
            with self.subTest(chat=chat):
                self.peer.received.clear()
                self.poll(chat)
                self.assertEqual(self.sent().header("Cookie"), [chat.cookie.reveal()])
