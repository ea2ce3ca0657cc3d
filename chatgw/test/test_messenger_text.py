"""Cleaning, measuring and cutting text."""

from __future__ import annotations

import re

import regex
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.channels.text import clean, shorten, split, units

FAMILY = "👨‍👩‍👧‍👦"  # 7 code points, 11 UTF-16 units, one grapheme
FLAG = "🇰🇷"

_PIECES = st.sampled_from(
    [
        "a",
        "word",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\u00a0",
        "é",
        "e\u0301",
        " \u0301",
        "한국어",
        "👍🏽",
        "क्षि",
    ]
) | st.sampled_from([FAMILY, FLAG, "\u200d", "\u0301", "\ufe0f", "\U0001f1e6"])
_TEXTS = st.lists(_PIECES, max_size=60).map("".join)
_LIMITS = st.integers(min_value=2, max_value=40)


class SplitTests(SynchronousTestCase):
    @given(_TEXTS | st.text(), _LIMITS)
    def test_no_part_is_too_long_or_empty(self, text: str, limit: int) -> None:
        parts = split(text, limit)
        self.assertLessEqual(max(map(units, parts), default=0), limit)
        if text.strip():
            self.assertTrue(parts and all(parts))

    @given(_TEXTS | st.text(), _LIMITS)
    def test_nothing_but_white_space_at_the_cuts_is_lost(self, text: str, limit: int) -> None:
        at = 0
        for part in split(text, limit):
            place = text.find(part, at)
            self.assertGreaterEqual(place, at)
            self.assertEqual(text[at:place].strip(), "")
            at = place + len(part)
        self.assertEqual(text[at:].strip(), "")

    @given(_TEXTS, _LIMITS)
    def test_no_grapheme_is_cut_that_fits(self, text: str, limit: int) -> None:
        whole = regex.findall(r"\X", text)
        pieces = regex.findall(r"\X", "\0".join(split(text, limit)))
        for grapheme in pieces:
            if grapheme != "\0" and grapheme not in whole:
                self.assertTrue(any(units(one) > limit and grapheme in one for one in whole))

    @given(_TEXTS | st.text(), _LIMITS)
    def test_what_fits_is_left_as_it_is(self, text: str, limit: int) -> None:
        if units(text) <= limit:
            self.assertEqual(split(text, limit), [text])

    def test_words_stay_whole(self) -> None:
        self.assertEqual(split("one two  three", 8), ["one two", "three"])

    def test_a_word_that_ends_at_the_limit_stays(self) -> None:
        self.assertEqual(split("1234 678 x", 8), ["1234 678", "x"])

    def test_one_more_cut_is_made_where_the_next_grapheme_still_finds_no_room(self) -> None:
        self.assertEqual(split(f"a bb{FLAG}", 4), ["a", "bb", FLAG])

    def test_a_long_word_is_cut(self) -> None:
        self.assertEqual(split("ab " + "x" * 12, 5), ["ab", "xxxxx", "xxxxx", "xx"])

    def test_families_and_flags_stay_whole(self) -> None:
        self.assertEqual(split(FAMILY * 3, 25), [FAMILY * 2, FAMILY])
        self.assertEqual(split(FLAG * 3, 7), [FLAG, FLAG, FLAG])

    def test_a_grapheme_beyond_the_limit_is_cut_between_code_points(self) -> None:
        monster = "👍" + "\u0301" * 9
        parts = split(monster, 4)
        self.assertEqual("".join(parts), monster)
        self.assertEqual([units(part) for part in parts], [4, 4, 3])
        self.assertEqual(split("👍\u200d" * 2, 2), ["👍", "\u200d", "👍", "\u200d"])

    def test_white_space_alone_leaves_nothing(self) -> None:
        self.assertEqual(split(" " * 50, 8), [])

    def test_a_long_text_is_cut_in_time_that_grows_with_its_length(self) -> None:
        self.assertEqual(len(split("x" * 200_000, 1_900)), 106)
        self.assertEqual(len(split("x " + " " * 200_000 + "y", 1_900)), 2)


class ShortenTests(SynchronousTestCase):
    @given(_TEXTS | st.text(), _LIMITS)
    def test_what_is_short_enough_stays_and_the_rest_is_marked(self, text: str, limit: int) -> None:
        short = shorten(text, limit)
        self.assertLessEqual(units(short), limit)
        if short != text:
            self.assertTrue(short.endswith("…"))
            self.assertTrue(text.startswith(short[:-1]))

    def test_it_ends_between_graphemes(self) -> None:
        self.assertEqual(shorten("1. " + FAMILY * 2, 20), f"1. {FAMILY}…")

    def test_no_space_is_left_before_the_mark(self) -> None:
        self.assertEqual(shorten("1. Billing and other questions", 12), "1. Billing…")


class CleanTests(SynchronousTestCase):
    @given(st.text(st.characters()))
    def test_what_is_left_is_xml(self, text: str) -> None:
        cleaned = clean(text)
        cleaned.encode("utf-8")
        legal = "[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*"
        self.assertIsNotNone(re.fullmatch(legal, cleaned))
        self.assertEqual(clean(cleaned), cleaned)

    def test_half_a_surrogate_pair_is_replaced(self) -> None:
        self.assertEqual(clean("a\ud83d\x00b\udc4d"), "a\ufffdb\ufffd")

    def test_ordinary_text_stays(self) -> None:
        text = f"A & B\r\n\t<한국어> {FAMILY} \u200e"
        self.assertEqual(clean(text), text)
