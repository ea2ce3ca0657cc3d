"""Tests for `chatgw.logs`: which lines are written, and what they look like."""

from __future__ import annotations

import os
import time
from pathlib import Path

from twisted.logger import ILogObserver, Logger, LogLevel
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatgw.dump import Dump
from chatgw.failures import FailureKind
from chatgw.logs import LEVELS, LogFiles, emit
from chatgw.values import Address, LogLine, Words


class LogsCase(SynchronousTestCase):
    """A log of its own, and loggers that write to it alone."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.lines: list[str] = []
        self.files = LogFiles(self.folder)
        self.files.add(self.lines.append)
        self.addCleanup(self.files.close)
        self.log = Logger("chatgw.registry", observer=self.files)

    def texts(self) -> list[str]:
        """The lines without their timestamps."""
        return [line.split(" - ", 1)[1] for line in self.lines]


class Form(LogsCase):
    def test_it_is_an_observer(self) -> None:
        verifyObject(ILogObserver, self.files)

    def test_a_line_is_the_predecessors(self) -> None:
        self.use_zone("America/New_York")
        self.files(
            {
                "log_time": 1535396341.781,
                "log_level": LogLevel.info,
                "log_namespace": "chatgw.wording",
                "log_format": "Creating new session. [Type={type}], [ID={id}] ...",
                "type": "FACEBOOK_MESSENGER",
                "id": "2242240722460512",
            }
        )
        self.assertEqual(
            (self.folder / "log.log").read_text(),
            "2018-08-27 14:59:01.781 - info: Creating new session. [Type=FACEBOOK_MESSENGER],"
            " [ID=2242240722460512] ...\n",
        )

    def test_time_is_local(self) -> None:
        self.use_zone("Asia/Seoul")
        self.files({"log_time": 0.0, "log_level": LogLevel.info, "log_namespace": "chatgw"})
        self.assertEqual(self.lines, ["1970-01-01 09:00:00.000 - info: "])

    def test_objects_follow_on_lines_of_their_own(self) -> None:
        events = {"PresenceEvent": {"id": "2", "from": "agent7901", "status": "joined"}}
        self.log.debug("Received chat events for [ID={id}] \n{raw}", id="1", raw=Dump(events))
        self.assertEqual(
            self.texts(),
            [
                (
                    "debug: Received chat events for [ID=1] \n"
                    "{ PresenceEvent: { id: '2', from: 'agent7901', status: 'joined' } }"
                )
            ],
        )

    def test_values_read_as_an_operator_expects(self) -> None:
        address = Address("FACEBOOK_MESSENGER", "1", "2")
        self.log.info("{a} {b!r} {c:.1f} {d}", a=FailureKind.THROTTLED, b="it's", c=1.25, d=None)
        self.log.info("{a} {b.customer} {c}", a=["x", {"y": 1}], b=address, c=ValueError("no"))
        self.assertEqual(
            self.texts(),
            [r"info: throttled 'it\'s' 1.2 None", "info: [ 'x', { y: 1 } ] 2 no"],
        )

    def test_a_failure_brings_its_traceback(self) -> None:
        try:
            raise ValueError("odd")
        except ValueError:
            self.log.failure("Poll failed. [ID={id}]", Failure(), id=7)
        first, *rest = self.texts()[0].splitlines()
        self.assertEqual(first, "error: Poll failed. [ID=7]")
        self.assertIn("ValueError: odd", rest[-1])
        self.assertTrue(all(line.startswith("    ") for line in rest))

    def use_zone(self, name: str) -> None:
        before = os.environ.get("TZ")
        self.addCleanup(self.set_zone, before)
        self.set_zone(name)

    @staticmethod
    def set_zone(name: str | None) -> None:
        if name is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = name
        time.tzset()


class Levels(LogsCase):
    def speak(self) -> list[str]:
        self.lines.clear()
        for level in LEVELS:
            emit(self.log, LogLine(level, "here"))
        return [text.partition(":")[0] for text in self.texts()]

    def test_each_level_takes_those_before_it(self) -> None:
        for count, level in enumerate(LEVELS, 1):
            self.files.set_level(level)
            self.assertEqual(self.speak(), list(LEVELS[:count]))

    def test_debug_is_the_level_if_none_is_given(self) -> None:
        self.assertEqual(self.speak(), ["error", "warn", "info", "debug"])

    def test_an_unknown_level_is_refused_and_changes_nothing(self) -> None:
        error = self.assertRaises(ValueError, self.files.set_level, "loud")
        self.assertIn("error, warn, info, debug, silly", str(error))
        self.assertEqual(len(self.speak()), 4)
        self.assertRaises(ValueError, LogFiles, self.folder, level="loud")

    def test_critical_is_an_error(self) -> None:
        self.log.critical("boom")
        self.assertEqual(self.texts(), ["error: boom"])

    def test_other_libraries_are_heard_from_warn_on(self) -> None:
        for namespace in ("twisted.web.client", "chatgwx", "stdout"):
            other = Logger(namespace, observer=self.files)
            other.info("Starting factory")
            other.warn("{n} is odd", n=1)
        self.assertEqual(self.texts(), ["warn: 1 is odd"] * 3)

    def test_other_libraries_warnings_are_dropped_at_level_error(self) -> None:
        self.files.set_level("error")
        Logger("twisted.web", observer=self.files).warn("odd")
        self.assertEqual(self.lines, [])

    def test_decided_lines_bring_their_data(self) -> None:
        emit(self.log, LogLine("warn", "Received [{text}]", {"text": Words("Hi")}))
        self.assertEqual(self.texts(), ["warn: Received [(2 characters)]"])


class Listeners(LogsCase):
    def test_a_listener_that_was_removed_hears_nothing(self) -> None:
        self.files.remove(self.lines.append)
        self.files.remove(self.lines.append)
        self.log.info("here")
        self.assertEqual(self.lines, [])

    def test_a_listener_that_raises_is_dropped_and_keeps_nobody_from_hearing(self) -> None:
        calls = []

        def broken(line: str) -> None:
            calls.append(line)
            raise RuntimeError

        files = LogFiles(Path(self.mktemp()))
        self.addCleanup(files.close)
        heard: list[str] = []
        files.add(broken)
        files.add(heard.append)
        log = Logger("chatgw", observer=files)
        log.info("one")
        log.info("two")
        self.assertEqual((len(calls), len(heard)), (1, 2))
