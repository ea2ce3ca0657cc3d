"""Tests for `chatgw.ctl.table` and `chatgw.ctl.shown`."""

from __future__ import annotations

import time
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatgw.ctl.shown import dead_lines, redriven_lines, status_lines
from chatgw.ctl.table import plain, table, width


class Texts(SynchronousTestCase):
    def test_a_terminal_is_ordered_nothing(self) -> None:
        hostile = "a\nb\r\x1b[2J\x07\x9b\u202eabc\u2028\u200b\ud800\U000e0041"
        shown = "a\\nb\\r\\x1b[2J\\x07\\x9b\\u202eabc\\u2028\\u200b\\ud800\\U000e0041"
        self.assertEqual(plain(hostile), shown)

    def test_every_script_and_emoji_stays_as_it_is(self) -> None:
        for text in ("안녕", "नमस्ते", "क्‍ष", "שלום", "👨‍👩‍👧 👍🏽 ❤️", "zażółć", "a\u00a0b"):
            self.assertEqual(plain(text), text)

    def test_width_is_in_columns_not_in_characters(self) -> None:
        for text, columns in (("abc", 3), ("안녕", 4), ("e\u0301", 1), ("👋", 2), ("", 0)):
            self.assertEqual(width(text), columns, text)


class Tables(SynchronousTestCase):
    def test_columns_stand_below_each_other_whatever_is_in_them(self) -> None:
        rows = [["안녕", "x", "1"], ["e\u0301", "y", "2"], ["a\tb", "z", "3"]]
        lines = table(["NAME", "B", "C"], rows)
        self.assertEqual(lines[0], "NAME  B  C")
        for line, (name, *_) in zip(lines[1:], rows, strict=True):
            before, _, _ = line.rpartition("  ")
            self.assertEqual(width(before), len("NAME  B"), line)
            self.assertTrue(line.startswith(plain(name)))

    def test_no_line_ends_in_spaces(self) -> None:
        self.assertEqual(table(["A", "LONG"], [["abc", ""]]), ["A    LONG", "abc"])

    def test_a_cell_stays_on_its_line(self) -> None:
        self.assertEqual(table(["A"], [["x\ny"]]), ["A", "x\\ny"])


class StatusLines(SynchronousTestCase):
    def lines(self, **changes: object) -> list[str]:
        """The lines of a status of five minutes ago, with changes."""
        at = time.time() - 300
        report: dict[str, Any] = {"state": "ERROR", "since": at, "troubles": [], "channels": []}
        return status_lines({**report, **changes})

    def test_it_begins_with_the_state_and_since_when(self) -> None:
        (line,) = self.lines()
        self.assertRegex(line, r"^ERROR since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(5 min ago\)$")

    def test_troubles_tell_of_themselves(self) -> None:
        trouble = {"source": "journal", "reason": "disk\nfull", "since": time.time() - 7200}
        line, reason = self.lines(troubles=[trouble])[-2:]
        self.assertRegex(line, r"^journal       .* \(2 h ago\)$")
        self.assertEqual(reason, "    disk\\nfull")

    def test_channels_tell_of_their_last_failure(self) -> None:
        well = {"type": "A", "enabled": True, "lastFailureTimestamp": None, "lastFailure": None}
        ill = {"type": "B", "enabled": False, "lastFailureTimestamp": 0.0, "lastFailure": "190"}
        first, second, reason = self.lines(channels=[well, ill])[-3:]
        self.assertEqual(first.split(), ["A", "yes", "-"])
        self.assertRegex(second, r"^B +no .* \(\d+ d ago\)$")
        self.assertEqual(reason, "    190")

    def test_facts_are_told_in_words(self) -> None:
        lines = self.lines(sessions={"TALKING": 2, "AGENT_WAIT": 1}, deadLetters=3, owed={})
        self.assertEqual(
            lines[-3:], ["sessions: TALKING 2, AGENT_WAIT 1", "dead letters: 3", "owed: none"]
        )

    def test_the_report_is_left_as_it_was(self) -> None:
        report = {"state": "ERROR", "since": 0.0, "troubles": [], "channels": []}
        status_lines(report)
        self.assertIn("state", report)


class DeadLines(SynchronousTestCase):
    def test_nothing_is_said_to_be_nothing(self) -> None:
        self.assertEqual(dead_lines({"dead": []}), ["There are no dead letters."])
        told = dead_lines({"dead": []}, "unknown")
        self.assertEqual(told, ["There are no dead letters of this kind."])

    def letter(self, **changes: object) -> dict[str, Any]:
        """A dead letter as the gateway tells it, with changes."""
        letter = {"id": "a:1", "kind": "unknown", "reason": "no answer", "at": 0.0, "age": 59}
        return {**letter, "customer": "****0512", "what": "Say", "length": 9, **changes}

    def test_each_is_a_line_with_reason_and_text_below(self) -> None:
        rating = self.letter(id="a:2", what="SubmitRating", length=None, text=None)
        lines = dead_lines({"dead": [self.letter(text="안녕\n\x1b[2J"), rating]})
        head, first, reason, text, second, other = lines
        self.assertEqual(head.split(), ["ID", "KIND", "AGE", "CUSTOMER", "WHAT", "LENGTH"])
        self.assertEqual(first.split(), ["a:1", "unknown", "59", "s", "****0512", "Say", "9"])
        self.assertEqual(reason, "    no answer")
        self.assertEqual(text, '    "안녕\\n\\x1b[2J"')
        self.assertEqual(second.split()[-2:], ["SubmitRating", "-"])
        self.assertEqual(other, "    no answer")

    def test_all_but_texts_fits_a_terminal_of_80_columns(self) -> None:
        names = {"id": "65c2ed401aac1ed26d-16", "kind": "recipient gone", "what": "SubmitRating"}
        reason = "the customer cannot be reached any more (Graph error 551/1545041)\n" * 3
        lines = dead_lines({"dead": [self.letter(**names, reason=reason, age=3540.0)]})
        self.assertGreater(len(lines), 3)
        self.assertLessEqual(max(map(width, lines)), 80)
        below = " ".join(line.removeprefix("    ") for line in lines[2:])
        self.assertEqual(below, plain(reason))


class RedrivenLines(SynchronousTestCase):
    def test_what_was_not_redriven_is_told_with_its_reason(self) -> None:
        left = [{"id": "a:1", "error": "stopping"}]
        self.assertEqual(
            redriven_lines({"redriven": 2, "left": left}),
            ["Redriven: 2", "Not redriven: stopping"],
        )
