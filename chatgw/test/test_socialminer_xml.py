"""Writing and reading SocialMiner's XML."""

from __future__ import annotations

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.desks.socialminer_xml import (
    MalformedXMLError,
    cleaned,
    contact,
    document,
    message,
    one_line,
)

HOSTILE = [
    ("A & B", "A &amp; B", "A & B"),
    ("<b>", "&lt;b&gt;", "<b>"),
    ("]]>", "]]&gt;", "]]>"),
    ("bell\x07 and nul\x00", "bell and nul", "bell and nul"),
    ("\ufffe\uffff", "", ""),
    ("lone \ud83d surrogate \udc00", "lone  surrogate ", "lone  surrogate "),
    ("😀 👩‍👩‍👧", "😀 👩‍👩‍👧", "😀 👩‍👩‍👧"),
    ("안녕하세요", "안녕하세요", "안녕하세요"),
    ("two\r\nlines\tand a tab", "two&#13;\nlines\tand a tab", "two\r\nlines\tand a tab"),
    ("&lt;", "&amp;lt;", "&lt;"),
    ("\"quoted\" 'twice'", "\"quoted\" 'twice'", "\"quoted\" 'twice'"),
]

ANY_TEXT = st.text(st.characters(codec=None))


class WritingTests(SynchronousTestCase):
    """What is sent."""

    def test_a_contact_is_written_element_by_element_as_the_wire_reference_has_it(self) -> None:
        written = contact(
            feed_url="http://localhost/ccp-webapp/ccp/feed/100029",
            author="Amar Kumar",
            title="Chat from Facebook Messenger",
            fields={
                "ccxqueuetag": "Chat_Csq4",
                "h_Name": "Amar Kumar",
                "h_chatOrigin": "FACEBOOK_MESSENGER",
            },
        )
        self.assertEqual(
            written,
            b"<SocialContact>"
            b"<feedRefURL>http://localhost/ccp-webapp/ccp/feed/100029</feedRefURL>"
            b"<author>Amar Kumar</author><title>Chat from Facebook Messenger</title>"
            b"<extensionFields>"
            b"<extensionField><name>ccxqueuetag</name><value>Chat_Csq4</value></extensionField>"
            b"<extensionField><name>h_Name</name><value>Amar Kumar</value></extensionField>"
            b"<extensionField><name>h_chatOrigin</name><value>FACEBOOK_MESSENGER</value>"
            b"</extensionField></extensionFields></SocialContact>",
        )

    def test_a_message_is_plain_text_and_not_form_encoded(self) -> None:
        self.assertEqual(message("Sure, 100%+"), b"<Message><body>Sure, 100%+</body></Message>")

    def test_hostile_text_is_escaped_and_cleaned(self) -> None:
        for text, written, _ in HOSTILE:
            with self.subTest(text=ascii(text)):
                expected = f"<Message><body>{written}</body></Message>"
                self.assertEqual(message(text).decode(), expected)

    def test_hostile_text_is_read_back_as_it_was_but_for_illegal_characters(self) -> None:
        for text, _, read in HOSTILE:
            with self.subTest(text=ascii(text)):
                self.assertEqual(document(message(text)).findtext("body"), read)

    @given(ANY_TEXT)
    @example("\r")
    @example("x\ud800y")
    def test_any_message_survives(self, text: str) -> None:
        self.assertEqual(document(message(text)).findtext("body"), cleaned(text))

    @given(author=ANY_TEXT, title=ANY_TEXT, name=ANY_TEXT, value=ANY_TEXT)
    def test_any_contact_survives(self, author: str, title: str, name: str, value: str) -> None:
        written = contact(feed_url="http://h/f", author=author, title=title, fields={name: value})
        root = document(written)
        self.assertEqual(root.findtext("author"), cleaned(author))
        self.assertEqual(root.findtext("title"), cleaned(title))
        self.assertEqual(root.findtext("extensionFields/extensionField/name"), cleaned(name))
        self.assertEqual(root.findtext("extensionFields/extensionField/value"), cleaned(value))

    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])))
    def test_cleaning_leaves_what_people_can_type(self, text: str) -> None:
        self.assertEqual(cleaned(text), text)


class ReadingTests(SynchronousTestCase):
    """What is received."""

    def test_a_declared_or_signed_encoding_is_honoured(self) -> None:
        for codec, declared, text in [
            ("utf-8", "UTF-8", "한국어 😀"),
            ("utf-8-sig", "UTF-8", "한국어 😀"),
            ("utf-16", "UTF-16", "한국어 😀"),
            ("utf-16-le", "UTF-16", "한국어 😀"),
            ("utf-16-be", "UTF-16", "한국어 😀"),
            ("euc-kr", "EUC-KR", "한국어"),
            ("cp949", "MS949", "똠방각하"),
            ("latin-1", "ISO-8859-1", "Zoë"),
        ]:
            with self.subTest(codec=codec):
                body = f'<?xml version="1.0" encoding="{declared}"?><a>{text}</a>'.encode(codec)
                self.assertEqual(document(body).text, text)

    def test_an_unknown_encoding_is_read_as_utf_8(self) -> None:
        for declared in ("idna", "no-such-thing", "zlib"):
            with self.subTest(declared=declared):
                body = f"<?xml version='1.0' encoding='{declared}'?><a>한국어</a>".encode()
                self.assertEqual(document(body).text, "한국어")

    def test_broken_bytes_and_control_characters_cost_only_themselves(self) -> None:
        self.assertEqual(document(b"<a>Zo\xeb \x01Kim</a>").text, "Zo\ufffd Kim")

    def test_document_types_and_entities_are_refused(self) -> None:
        bomb = (
            b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;">]>'
            b"<chatEvents>&y;</chatEvents>"
        )
        for body in (
            bomb,
            b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
            b"<a>&undeclared;</a>",
        ):
            with self.subTest(body=body):
                self.assertRaises(MalformedXMLError, document, body)

    def test_what_is_not_xml_is_refused_without_quoting_it(self) -> None:
        for body in (b"", b"   ", b"my card is 4711", b"<a>4711", b"<a>4711</b>", b"<a/><b/>"):
            with self.subTest(body=body):
                error = self.assertRaises(MalformedXMLError, document, body)
                self.assertNotIn("4711", str(error))

    def test_a_deep_document_is_read(self) -> None:
        depth = 100_000
        root = document(b"<a>" * depth + b"</a>" * depth)
        self.assertEqual(len(root), 1)

    @given(st.binary() | ANY_TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_any_bytes_are_read_or_refused(self, body: bytes) -> None:
        with contextlib.suppress(MalformedXMLError):
            document(body)

    def test_a_peers_text_becomes_one_short_line(self) -> None:
        self.assertEqual(one_line("a\r\n2018 - info: forged\tb"), "a 2018 - info: forged b")
        self.assertEqual(one_line("x" * 999, 10), "x" * 10)
        self.assertEqual(one_line(None), "")
