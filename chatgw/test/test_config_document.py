"""Reading JSON files that may be anything."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatgw.config.document import LARGEST, MissingFileError, read_document
from chatgw.config.problems import ConfigurationError


class Documents(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def assertRefused(self, content: bytes, *problems: str) -> None:
        self.path.write_bytes(content)
        error = self.assertRaises(ConfigurationError, read_document, self.path)
        self.assertEqual(error.problems, tuple(f"{self.path.name}: {each}" for each in problems))
        self.assertIsNone(error.__context__)

    def test_are_utf_8_with_or_without_a_byte_order_mark(self) -> None:
        for content in ('{"a": "é"}'.encode(), b'\xef\xbb\xbf{"a": "\xc3\xa9"}'):
            self.path.write_bytes(content)
            self.assertEqual(read_document(self.path).data, {"a": "é"})
        self.assertRefused(
            '{"a": "é"}'.encode("latin-1"), "expected UTF-8, found another encoding at byte 7"
        )

    def test_tell_their_permission_bits(self) -> None:
        self.path.write_text("{}")
        self.path.chmod(0o640)
        self.assertEqual(read_document(self.path).mode, 0o640)

    def test_are_refused_with_line_and_column_where_they_are_not_json(self) -> None:
        self.assertRefused(
            b'{\n  "a": 1,\n  "b" 2\n}', "line 3, column 7: expected JSON: Expecting ':' delimiter"
        )
        self.assertRefused(b"", "line 1, column 1: expected JSON: Expecting value")

    def test_are_refused_with_every_key_that_is_given_twice(self) -> None:
        self.assertRefused(
            b'{"a": {"b": 1, "b": 2}, "c": [0, {"d e": 1, "d e": 1}], "c": [{"f": 1, "f": 2}]}',
            "c: given more than once",
            "a.b: given more than once",
            "c[0].f: given more than once",
        )

    def test_are_refused_with_numbers_json_does_not_have(self) -> None:
        expected = "expected JSON, found NaN, Infinity or a number of thousands of digits"
        for number in (b"NaN", b"-Infinity", b"9" * 5000):
            self.assertRefused(b'{"a": ' + number + b"}", expected)

    def test_are_refused_when_nested_beyond_reason(self) -> None:
        expected = "expected a configuration, found objects or lists nested too deeply"
        self.assertRefused(b"[" * 200_000, expected)
        self.assertRefused(b'{"a":' * 100_000, expected)

    def test_are_refused_when_huge(self) -> None:
        self.assertRefused(b" " * (LARGEST + 1), f"expected at most {LARGEST} bytes, found more")

    def test_are_missed_by_a_kind_of_error_of_its_own(self) -> None:
        error = self.assertRaises(MissingFileError, read_document, self.path)
        self.assertEqual(str(error), f"{self.path.name}: expected a file, found nothing")

    def test_are_files_and_nothing_else(self) -> None:
        os.mkfifo(self.path)
        error = self.assertRaises(ConfigurationError, read_document, self.path)
        self.assertEqual(str(error), f"{self.path.name}: expected a file, found something else")

    def test_may_be_unreadable(self) -> None:
        self.path.write_text("a file where a folder should be")
        error = self.assertRaises(ConfigurationError, read_document, self.path / "x.json")
        self.assertEqual(str(error), "x.json: expected a readable file, found: Not a directory")
