"""What is cut, and what a question becomes that does not fit on chips."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.channels.messenger_fit import MOST_CHIPS, TEXT_UNITS, TITLE_UNITS, fit
from chatgw.channels.text import units
from chatgw.values import (
    Address,
    Choice,
    Effect,
    Origin,
    SendChoices,
    SendText,
    SendTyping,
    State,
    Words,
)

ADDRESS = Address("FACEBOOK_MESSENGER", "1", "2")


def _text(words: str) -> SendText:
    return SendText(
        id="e7",
        address=ADDRESS,
        session="s",
        at=5.0,
        heard_at=4.0,
        text=Words(words),
        origin=Origin.AGENT,
    )


def _question(caption: str, *titles: str) -> SendChoices:
    choices = tuple(Choice(title, f"statement:{n}") for n, title in enumerate(titles))
    return SendChoices(
        id="e7",
        address=ADDRESS,
        session="s",
        at=5.0,
        useful_for=60.0,
        only_in=frozenset({State.INFO_WAIT}),
        heard_at=4.0,
        text=Words(caption),
        choices=choices,
        purpose="problem statement",
    )


def _last(effects: list[Effect]) -> SendChoices:
    last = effects[-1]
    assert isinstance(last, SendChoices)
    return last


class TextTests(SynchronousTestCase):
    def test_a_text_that_fits_keeps_its_id(self) -> None:
        effect = _text("x" * TEXT_UNITS)
        self.assertEqual(fit(effect), [effect])

    def test_the_parts_of_a_long_text_are_numbered_and_keep_everything_else(self) -> None:
        parts = fit(_text("x" * TEXT_UNITS + " " + "y" * TEXT_UNITS + " z"))
        self.assertEqual([part.id for part in parts], ["e7.1", "e7.2", "e7.3"])
        for part, letter in zip(parts, "xyz", strict=True):
            assert isinstance(part, SendText)
            self.assertEqual(set(part.text), {letter})
            self.assertIsInstance(part.text, Words)
            self.assertEqual((part.heard_at, part.at, part.origin), (4.0, 5.0, Origin.AGENT))

    def test_emoji_count_twice(self) -> None:
        self.assertEqual(len(fit(_text("👍" * (TEXT_UNITS // 2 + 1)))), 2)

    def test_a_text_is_cleaned(self) -> None:
        [part] = fit(_text("a\x00\ud83d"))
        assert isinstance(part, SendText)
        self.assertEqual(part.text, "a\ufffd")

    def test_an_empty_text_is_still_one_effect(self) -> None:
        for words in ("", "\x00", " " * 5_000):
            self.assertEqual([part.id for part in fit(_text(words))], ["e7"])

    def test_other_effects_are_left_as_they_are(self) -> None:
        typing = SendTyping(id="e", address=ADDRESS, session="s", at=0.0, status="composing")
        self.assertEqual(fit(typing), [typing])


class ChoicesTests(SynchronousTestCase):
    def test_short_titles_become_chips_and_nothing_else(self) -> None:
        effect = _question("Rate us", *"12345")
        self.assertEqual(fit(effect), [effect])

    def test_thirteen_titles_of_twenty_units_still_fit(self) -> None:
        effect = _question("Which?", *["👍" * 10] * 13)
        self.assertEqual(fit(effect), [effect])

    def test_long_titles_are_listed_and_chips_shortened(self) -> None:
        [part] = fit(_question("How can we help?", "Billing questions and refunds", "Other"))
        assert isinstance(part, SendChoices)
        self.assertEqual(part.text, "How can we help?\n1. Billing questions and refunds\n2. Other")
        self.assertEqual(
            part.choices,
            (Choice("1. Billing question…", "statement:0"), Choice("2. Other", "statement:1")),
        )
        self.assertEqual(
            (part.id, part.useful_for, part.purpose), ("e7", 60.0, "problem statement")
        )

    def test_a_fourteenth_statement_is_listed_without_a_chip(self) -> None:
        part = _last(fit(_question("Which?", *[f"Queue {n}" for n in range(1, 15)])))
        self.assertIn("\n14. Queue 14", part.text)
        self.assertEqual([choice.title for choice in part.choices][-1], "13. Queue 13")
        self.assertEqual(len(part.choices), MOST_CHIPS)

    def test_a_long_list_is_cut_and_the_chips_are_on_its_last_part(self) -> None:
        titles = [f"{n} " + "words " * 30 for n in range(30)]
        *leading, _ = parts = fit(_question("Which?", *titles))
        self.assertTrue(leading)
        self.assertEqual([part.id for part in parts], [f"e7.{n}" for n in range(1, len(parts) + 1)])
        for part in leading:
            assert isinstance(part, SendText)
            self.assertEqual(part.only_in, frozenset({State.INFO_WAIT}))
            self.assertEqual((part.session, part.at, part.useful_for), ("s", 5.0, 60.0))
            self.assertEqual(part.heard_at, 4.0)
            self.assertIs(part.origin, Origin.GATEWAY)
        self.assertEqual(len(_last(parts).choices), MOST_CHIPS)

    def test_without_a_caption_the_list_is_the_text(self) -> None:
        """Messenger takes no chips without a text."""
        part = _last(fit(_question("  ", "Sales", "Support")))
        self.assertEqual(part.text, "1. Sales\n2. Support")
        self.assertEqual([choice.title for choice in part.choices], ["Sales", "Support"])

    def test_an_empty_title_gets_its_number(self) -> None:
        part = _last(fit(_question("Which?", "Sales", "")))
        self.assertEqual([choice.title for choice in part.choices], ["1. Sales", "2. "])

    @given(st.text(), st.lists(st.text(), max_size=20))
    def test_every_part_is_what_messenger_takes_and_fitting_again_changes_nothing(
        self, caption: str, titles: list[str]
    ) -> None:
        parts = fit(_question(caption, *titles))
        for part in parts:
            assert isinstance(part, SendText | SendChoices)
            self.assertLessEqual(units(part.text), TEXT_UNITS)
        last = _last(parts)
        self.assertLessEqual(len(last.choices), MOST_CHIPS)
        for choice in last.choices:
            self.assertLessEqual(units(choice.title), TITLE_UNITS)
            self.assertTrue(choice.title.strip())
        self.assertEqual(fit(last), [last])
