"""Tests for `chatgw.logs`: what a line never shows, and what never makes a line."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, quote_plus

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatgw.dump import Dump
from chatgw.logs import LogFiles
from chatgw.test.test_logs import LogsCase
from chatgw.values import Secret, Words

TOKEN = "EAAV/page+token=ä"
FORGED = "Hi\n2018-08-27 14:59:01.781 - info: Destroying session\x1b[2J\r\u2028"
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} - (error|warn|info|debug|silly): ")


@frozen
class Note:
    text: Words


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError(TOKEN)


class SecretsCase(LogsCase):
    def setUp(self) -> None:
        super().setUp()
        self.files.redact([Secret(TOKEN)])

    def test_a_known_secret_is_blanked_in_every_form(self) -> None:
        lower = "EAAV%2fpage%2btoken%3d%c3%a4"
        for form in (TOKEN, quote(TOKEN, safe=""), quote(TOKEN), quote_plus(TOKEN), lower):
            self.log.error("GET /me?access_token={form}&x=1", form=form)
            self.log.error("{form}", form={"url": form})
        self.assertEqual(
            self.texts(),
            ["error: GET /me?access_token=****&x=1", "error: { url: '****' }"] * 5,
        )

    def test_also_in_a_traceback_and_from_other_libraries(self) -> None:
        failure = Failure(ValueError(f"cannot reach /me?access_token={TOKEN}"))
        self.log.failure("Failed.", failure)
        Logger("twisted", observer=self.files).warn("{url}", url=TOKEN)
        written = (self.files.folder / "log.log").read_text()
        self.assertNotIn(TOKEN, written)
        self.assertIn("access_token=****", written)

    def test_also_at_silly_and_in_words(self) -> None:
        self.files.set_level("silly")
        self.log.debug("[{text}]", text=Words(f"a{TOKEN}b"), silly=True)
        self.assertEqual(self.texts(), ["silly: [a****b]"])

    def test_a_secret_with_quotes_is_found_where_they_are_escaped(self) -> None:
        self.files.redact([Secret("it's\tme\\you")])
        self.log.info("{text} {object}", text="it's\tme\\you", object=["it's\tme\\you"])
        self.assertEqual(self.texts(), ["info: **** [ '****' ]"])

    def test_a_secret_that_is_no_text_is_blanked_too(self) -> None:
        self.files.redact([Secret("half a pair \ud800")])
        self.log.info("{text}", text="half a pair \ud800")
        self.assertEqual(self.texts(), ["info: ****"])

    def test_the_longer_of_two_secrets_is_blanked_whole(self) -> None:
        self.files.redact([Secret("secret"), Secret("secret-longer")])
        self.log.info("secret-longer")
        self.assertEqual(self.texts(), ["info: ****"])

    def test_secrets_may_be_replaced(self) -> None:
        self.files.redact([Secret("another"), Secret("")])
        self.log.info("{a} {b}", a="another", b="EAAV/page")
        self.files.redact([])
        self.log.info("another")
        self.assertEqual(self.texts(), ["info: **** EAAV/page", "info: another"])

    def test_a_secret_prints_as_it_always_does(self) -> None:
        self.log.info("{token} {token!r}", token=Secret("EAAV-abcdefgh"))
        self.assertEqual(self.texts(), ["info: ****efgh ****efgh"])


class WordsCase(LogsCase):
    def test_words_are_masked_below_silly(self) -> None:
        self.log.warn("Received message [{text}] {text!r}", text=Words("Hi, my PIN is 12345678"))
        self.log.debug("\n{raw}", raw=Dump({"body": Words("Hi")}))
        self.log.debug("{note} {words}", note=Note(Words("Hi")), words=[Words("Hi")])
        self.assertEqual(
            self.texts(),
            [
                "warn: Received message [(22 characters)] (22 characters)",
                "debug: \n{ body: (2 characters) }",
                "debug: Note { text: (2 characters) } [ (2 characters) ]",
            ],
        )

    def test_words_are_shown_at_silly(self) -> None:
        self.files.set_level("silly")
        note = Note(Words("Hi"))
        self.log.warn("Received message [{text}] in {note}", text=Words("안녕 🙂"), note=note)
        self.log.debug("\n{raw}", raw=Dump({"body": Words("Hi")}))
        self.assertEqual(
            self.texts(),
            [
                "warn: Received message [안녕 🙂] in Note { text: 'Hi' }",
                "debug: \n{ body: 'Hi' }",
            ],
        )


class InjectionCase(LogsCase):
    def assert_each_line_is_ours(self, count: int) -> None:
        written = (self.files.folder / "log.log").read_text()
        starts = [line for line in written.splitlines() if LINE.match(line)]
        self.assertEqual(len(starts), count)
        self.assertNotIn("\x1b", written)
        self.assertNotIn("\r", written)

    def test_what_was_received_cannot_forge_a_line(self) -> None:
        self.files.set_level("silly")
        words = Words(FORGED)
        for data in (FORGED, words, Dump([FORGED, words]), [FORGED], Note(words)):
            self.log.info("[{data}] [{data!r}] [{data!s}]", data=data)
        Logger("twisted.web", observer=self.files).error("{data}", data=FORGED)
        self.assert_each_line_is_ours(6)

    def test_a_traceback_cannot_forge_a_line(self) -> None:
        self.log.failure("Failed.", Failure(ValueError(FORGED)))
        self.assert_each_line_is_ours(1)

    def test_what_cannot_be_shown_stops_nobody(self) -> None:
        self.log.info("{value}", value=Unprintable())
        self.log.info("{missing}", token=TOKEN)
        self.log.info("{", token=TOKEN)
        self.log.info(None)
        self.files({})
        self.assertEqual(
            self.texts()[:3],
            [
                "info: This could not be shown (RuntimeError): '{value}'",
                "info: This could not be shown (KeyError): '{missing}'",
                "info: This could not be shown (ValueError): '{'",
            ],
        )
        self.assertEqual(len(self.lines), 4)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text().map(Words),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


class Property(SynchronousTestCase):
    """Whatever is logged while whatever secrets are known."""

    def setUp(self) -> None:
        self.files = LogFiles(Path(self.mktemp()), max_size=100_000, max_count=2)
        self.addCleanup(self.files.close)
        self.lines: list[str] = []
        self.files.add(self.lines.append)

    @given(
        secret=st.text(st.characters(exclude_characters="*"), min_size=6),
        around=st.text(),
        value=VALUES,
        level=st.sampled_from(["debug", "silly"]),
    )
    def test_a_line_is_one_line_without_the_secret(
        self, secret: str, around: str, value: object, level: str
    ) -> None:
        log = Logger("chatgw.test", observer=self.files)
        self.files.set_level(level)
        self.files.redact([Secret(secret)])
        self.lines.clear()
        log.info("[{a}]{b}", a=around + secret + around, b=[value, {around: Words(secret)}])
        (line,) = self.lines
        self.assertEqual(line.splitlines(), [line])
        self.assertRegex(line, LINE)
        self.assertNotIn(secret, line)
