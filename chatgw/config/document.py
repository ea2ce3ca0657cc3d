"""JSON files, read with suspicion."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from chatgw.config.problems import ConfigurationError, step

LARGEST = 1_048_576
"""Bytes a configuration file may have: a hundred times what anyone needs."""


class MissingFileError(ConfigurationError):
    """There is no such file."""


@frozen(repr=False)
class Document:
    """A JSON file's content."""

    data: object
    mode: int
    """The file's permission bits."""


class _Repeating(dict[str, object]):
    """An object in which keys were given more than once."""

    repeated: tuple[str, ...] = ()


def read_document(path: Path) -> Document:
    """Reads a JSON file: UTF-8, with or without a byte order mark.

    Beyond what `json` refuses, it refuses a key given twice in one object, ``NaN`` and
    ``Infinity``, and whatever is not a regular file or has more than `LARGEST` bytes.

    Raises:
        MissingFileError: there is no such file.
        ConfigurationError: the file cannot be read or is not JSON.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # asked first: to open a FIFO is to wait for a writer
            raise ConfigurationError([f"{path.name}: expected a file, found something else"])
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise MissingFileError([f"{path.name}: expected a file, found nothing"]) from None
    except OSError as error:
        found = f"expected a readable file, found: {error.strerror}"
        raise ConfigurationError([f"{path.name}: {found}"]) from None
    if len(content) > LARGEST:
        raise ConfigurationError([f"{path.name}: expected at most {LARGEST} bytes, found more"])
    return Document(_parsed(path.name, content), stat.S_IMODE(status.st_mode))


def _parsed(name: str, content: bytes) -> object:
    """The document. Raises last, outside `except`, for those exceptions hold the file's content."""
    try:
        data: object = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_pairs, parse_constant=_refuse
        )
        problems = [
            f"{path.removeprefix('.')}: given more than once" for path in _repeated(data, "")
        ]
        if not problems:
            return data
    except UnicodeDecodeError as error:
        problems = [f"expected UTF-8, found another encoding at byte {error.start}"]
    except json.JSONDecodeError as error:
        problems = [f"line {error.lineno}, column {error.colno}: expected JSON: {error.msg}"]
    except RecursionError:
        problems = ["expected a configuration, found objects or lists nested too deeply"]
    except ValueError:  # a constant, or an integer of thousands of digits
        problems = ["expected JSON, found NaN, Infinity or a number of thousands of digits"]
    raise ConfigurationError(f"{name}: {problem}" for problem in problems)


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(plain := dict(pairs)) == len(pairs):
        return plain
    counts = Counter(name for name, _ in pairs)
    repeating = _Repeating(plain)
    repeating.repeated = tuple(name for name, count in counts.items() if count > 1)
    return repeating


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _repeated(data: object, path: str) -> Iterator[str]:
    """The paths of the keys given more than once."""
    if isinstance(data, _Repeating):
        yield from (path + step(name) for name in data.repeated)
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _repeated(value, path + step(name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _repeated(value, f"{path}[{index}]")
