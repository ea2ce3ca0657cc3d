"""The operator's log: one file, the predecessor's lines, nothing in them that must not be.

A line is ``YYYY-MM-DD HH:MM:SS.mmm - <level>: <text>`` in local time (wire reference, SocialMiner
section 7). Whatever was received stays on its line; what people wrote is shown at level ``silly``
only; a known secret never is.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import suppress
from datetime import datetime
from enum import Enum
from pathlib import Path
from string import Formatter
from typing import Protocol, TextIO
from urllib.parse import quote as url_quote
from urllib.parse import quote_plus

from attrs import define, field, has
from twisted.logger import ILogObserver, LogEvent, Logger, LogLevel, formatEvent
from twisted.python.failure import Failure
from twisted.python.logfile import LogFile
from zope.interface import implementer

from chatgw.dump import Dump, escape, mask, one_line, quote
from chatgw.values import LogLine, Secret, Words

LEVELS = ("error", "warn", "info", "debug", "silly")
"""From the one that is always written to the one that is written last."""

_SHORTEST_SECRET = 6
"""Characters. A shorter one is found by guessing, and blanking it would blank half the log."""


def emit(log: Logger, line: LogLine) -> None:
    """Logs a line that was decided elsewhere.

    Args:
        log: the logger of the module that speaks.
        line: its data may use any name but ``level``, ``format`` and ``silly``.
    """
    if line.level == "silly":
        log.debug(line.format, silly=True, **line.data)
    else:
        log.emit(LogLevel.lookupByName(line.level), line.format, **line.data)


class RotatingFile(Protocol):
    """What is asked of a log file; Twisted's have it."""

    def write(self, data: bytes) -> object:
        """Appends whole lines, and rotates when it is time."""

    def close(self) -> object:
        """Closes the file for good."""


@define(eq=False)
class Sink:
    """A log file that stops nobody: a line it cannot write is lost, and that is said.

    Said once on standard error when it begins, and in the file when it is over.

    Args:
        opening: opens the file; called at once, and again after each failure.
        complaints: where failures are told; the process's standard error unless given.

    Raises:
        OSError: the file cannot be opened the first time.
    """

    _opening: Callable[[], RotatingFile]
    _complaints: TextIO | None = None
    _file: RotatingFile | None = field(init=False)
    _lost: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self._file = self._opening()

    def write(self, line: str) -> None:
        """Appends one line, given without its end. Never raises."""
        try:
            if self._file is None:
                self._file = self._opening()
            if self._lost:
                self._put(self._file, f"({self._lost} lines could not be written here)")
            self._put(self._file, line)
        except (OSError, ValueError) as error:  # ValueError: a rotation left it closed
            self._lose(error)
        else:
            self._lost = 0

    def close(self) -> None:
        """Closes the file; the next line opens it again."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    @staticmethod
    def _put(file: RotatingFile, line: str) -> None:
        # Encoded here: `LogFile` would count characters, and rotate at three times the size.
        file.write((line + "\n").encode("utf-8", "backslashreplace"))

    def _lose(self, error: Exception) -> None:
        self.close()
        self._lost += 1
        # `sys.__stderr__`, since Twisted makes a log of `sys.stderr`.
        complaints = self._complaints or sys.__stderr__
        if self._lost == 1 and complaints is not None:
            with suppress(OSError, ValueError):
                complaints.write(f"chatgw: lines are missing from the log: {error}\n")
                complaints.flush()


class _Template(Formatter):
    """Fills a constant format with data that can neither end the line nor tell a secret."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def convert_field(self, value: object, conversion: str | None) -> object:
        match value:
            case Words():
                return escape(value) if self._whole else mask(value)
            case Dump():
                return value.whole() if self._whole else str(value)
            case str() if conversion == "r":
                return quote(value)
            case int() | float():
                return value  # for a format such as {seconds:.1f}
            case Mapping() | list() | tuple() | Set():
                return one_line(value, quote if self._whole else mask)
            case _ if has(type(value)):
                return one_line(value, quote if self._whole else mask)
            case Enum():
                return escape(str(value.value))
            case _:
                return escape(str(value))


@implementer(ILogObserver)
@define(eq=False)
class LogFiles:
    """The file ``log.log``, rotated by size: an observer for Twisted's logger.

    Everything chatgw says is written down to the level set; of other libraries only warnings and
    errors are.

    Args:
        folder: where the files are; created if it is not there.
        max_size: bytes after which a file is rotated.
        max_count: files kept, the current one included; two are kept at least.
        level: the last of `LEVELS` that is written.
        complaints: where a failure to write is told; standard error unless given.

    Raises:
        OSError: the file cannot be opened.
    """

    folder: Path
    _max_size: int = 20_480_000
    _max_count: int = 20
    _level: str = "debug"
    _complaints: TextIO | None = None
    _sink: Sink = field(init=False)
    _secrets: re.Pattern[str] | None = field(init=False, default=None)
    _listeners: list[Callable[[str], None]] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self.set_level(self._level)
        os.makedirs(self.folder, mode=0o750, exist_ok=True)
        self._sink = Sink(self._open, self._complaints)

    def _open(self) -> RotatingFile:
        kept = max(self._max_count - 1, 1)
        return LogFile("log.log", str(self.folder), self._max_size, 0o640, kept)

    def set_level(self, level: str) -> None:
        """Writes lines down to this level from now on.

        Raises:
            ValueError: it is none of `LEVELS`.
        """
        if level not in LEVELS:
            raise ValueError(f"a log level is one of {', '.join(LEVELS)}, not {level}")
        self._level = level

    def redact(self, secrets: Iterable[Secret]) -> None:
        """Blanks these secrets, and no longer those given before, in whatever line they turn up.

        The last line of defence, in plain and in URL-encoded form. Secrets of fewer than six
        characters are left out.
        """
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        longest_first = sorted(forms, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def add(self, listener: Callable[[str], None]) -> None:
        """Gives each line written from now on, without its end, to someone else too.

        A listener that raises is heard of no more.
        """
        self._listeners.append(listener)

    def remove(self, listener: Callable[[str], None]) -> None:
        """Stops giving lines to a listener, if it is one."""
        with suppress(ValueError):
            self._listeners.remove(listener)

    def close(self) -> None:
        """Closes the file."""
        self._sink.close()

    def __call__(self, event: LogEvent) -> None:
        """Writes an event of Twisted's logger, if it is wanted. Never raises."""
        level = _level_of(event)
        least = self._level if _is_ours(event) else min(self._level, "warn", key=LEVELS.index)
        if LEVELS.index(level) > LEVELS.index(least):
            return
        line = f"{_timestamp(event)} - {level}: {self._text(event)}"
        if self._secrets is not None:
            line = self._secrets.sub("****", line)
        self._sink.write(line)
        for listener in tuple(self._listeners):
            try:
                listener(line)
            except Exception:  # noqa: BLE001 - a log that reports on itself never ends
                self.remove(listener)

    def _text(self, event: LogEvent) -> str:
        try:
            if _is_ours(event):
                template = _Template(whole=self._level == "silly")
                text = template.vformat(event.get("log_format") or "", (), event)
            else:
                text = escape(formatEvent(event))
            failure = event.get("log_failure")
            return text + _traceback(failure) if isinstance(failure, Failure) else text
        except Exception as error:  # noqa: BLE001 - whatever was passed, the log goes on
            # Without the data: it could hold what must not be shown.
            name = type(error).__name__
            return f"This could not be shown ({name}): {event.get('log_format')!r}"


def _is_ours(event: LogEvent) -> bool:
    namespace = str(event.get("log_namespace"))
    if namespace.startswith("chatgw.sim."):
        return False  # a simulator in the same process, which the gateway knows nothing of
    return namespace == "chatgw" or namespace.startswith("chatgw.")


def _level_of(event: LogEvent) -> str:
    level = event.get("log_level")
    if level is LogLevel.debug and event.get("silly"):
        return "silly"
    name = level.name if level is not None else "info"
    return "error" if name == "critical" else name


def _timestamp(event: LogEvent) -> str:
    return datetime.fromtimestamp(event.get("log_time", 0.0)).isoformat(" ", "milliseconds")


def _traceback(failure: Failure) -> str:
    """The traceback, each line set in, so that none passes for a line of the log."""
    lines = failure.getTraceback().splitlines()
    return "".join(f"\n    {escape(line)}" for line in lines)


def _forms(secret: str) -> set[str]:
    """The ways in which a secret may turn up in a line."""
    if len(secret) < _SHORTEST_SECRET:
        return set()
    # JSON lets half a surrogate pair into a configuration.
    encoded = {
        url_quote(secret, errors="surrogatepass"),
        url_quote(secret, safe="", errors="surrogatepass"),
        quote_plus(secret, errors="surrogatepass"),
    }
    lower = {re.sub("%..", lambda code: code.group().lower(), form) for form in encoded}
    return {secret, escape(secret), quote(secret)[1:-1]} | encoded | lower
