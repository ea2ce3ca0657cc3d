"""Tests for `chatgw.status`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatgw.logs import LogFiles
from chatgw.status import Status
from chatgw.values import Secret

CHANNEL = "FACEBOOK_MESSENGER"
ERROR_LINE = "Setting current config state to ERROR"
CONFIGURED_LINE = "Setting current config state to CONFIGURED"


class StatusCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.status = Status(self.clock)

    def logged(self, act: Callable[[], object]) -> list[tuple[str, str]]:
        """The level and text of each line that something leads to."""
        with capturedLogs() as events:
            act()
        return [(event["log_level"].name, formatEvent(event)) for event in events]


class States(StatusCase):
    def test_nothing_is_configured_at_first(self) -> None:
        self.assertEqual(self.status.state, "NOT_CONFIGURED")

    def test_one_enabled_channel_makes_it_configured(self) -> None:
        self.status.configured({"OTHER": False, CHANNEL: True})
        self.assertEqual(self.status.state, "CONFIGURED")
        self.status.configured({"OTHER": False})
        self.assertEqual(self.status.state, "NOT_CONFIGURED")

    def test_the_first_configuration_is_told_whatever_it_is(self) -> None:
        line = "Setting current config state to NOT_CONFIGURED"
        self.assertEqual(self.logged(lambda: self.status.configured({})), [("info", line)])

    def test_the_same_state_is_not_told_again(self) -> None:
        self.status.configured({CHANNEL: True})
        self.assertEqual(self.logged(lambda: self.status.configured({CHANNEL: True})), [])

    def test_any_trouble_is_an_error_until_the_last_one_ends(self) -> None:
        self.status.configured({CHANNEL: True})
        self.status.trouble("journal", "disk full")
        self.status.trouble("SocialMiner", "no answer")
        self.status.clear("journal")
        self.assertEqual(self.status.state, "ERROR")
        self.status.clear("SocialMiner")
        self.assertEqual(self.status.state, "CONFIGURED")

    def test_a_configuration_ends_no_trouble(self) -> None:
        self.status.trouble("journal", "disk full")
        self.status.configured({CHANNEL: True})
        self.assertEqual(self.status.state, "ERROR")


class Lines(StatusCase):
    def setUp(self) -> None:
        super().setUp()
        self.status.configured({CHANNEL: True})

    def trouble(self, reason: str) -> list[tuple[str, str]]:
        return self.logged(lambda: self.status.trouble("journal", reason))

    def test_a_trouble_and_its_end_are_told_with_the_state(self) -> None:
        self.assertEqual(
            self.trouble("disk full"),
            [("error", "Trouble with journal: disk full"), ("info", ERROR_LINE)],
        )
        self.assertEqual(
            self.logged(lambda: self.status.clear("journal")),
            [("info", "No more trouble with journal."), ("info", CONFIGURED_LINE)],
        )

    def test_a_thousand_of_the_same_are_told_once(self) -> None:
        self.trouble("disk full")
        for _ in range(1000):
            self.clock.advance(1)
            self.assertEqual(self.trouble("disk full"), [])

    def test_a_second_trouble_is_told_and_the_state_is_not(self) -> None:
        self.trouble("disk full")
        self.assertEqual(
            self.logged(lambda: self.status.trouble("SocialMiner", "no answer")),
            [("error", "Trouble with SocialMiner: no answer")],
        )

    def test_changing_reasons_are_told_once_a_minute(self) -> None:
        self.trouble("disk full")
        told = []
        for second in range(1, 181):
            self.clock.advance(1)
            told += [(second, text) for _, text in self.trouble(f"reason {second}")]
        self.assertEqual(
            told,
            [(at, f"Trouble with journal: reason {at}") for at in (60, 120, 180)],
        )

    def test_a_clock_set_back_silences_nothing(self) -> None:
        self.trouble("disk full")
        self.clock.rightNow = 0.0
        self.assertEqual(self.trouble("gone"), [("error", "Trouble with journal: gone")])

    def test_the_end_of_no_trouble_is_not_told(self) -> None:
        self.assertEqual(self.logged(lambda: self.status.clear("journal")), [])

    def test_a_failed_call_is_noted_without_a_line(self) -> None:
        self.assertEqual(self.logged(lambda: self.status.failed(CHANNEL, "code 190")), [])


class TheLogFile(StatusCase):
    def test_a_reason_stays_on_its_line_and_a_secret_in_it_is_blanked(self) -> None:
        logs = LogFiles(Path(self.mktemp()))
        logs.redact([Secret("EAAB-the-token")])
        globalLogPublisher.addObserver(logs)
        self.addCleanup(globalLogPublisher.removeObserver, logs)
        self.status.configured({CHANNEL: True})
        self.status.trouble(CHANNEL, "refused EAAB-the-token\n1970 - info: all is well {x}")
        self.status.clear(CHANNEL)
        logs.close()
        lines = (logs.folder / "log.log").read_text("utf-8").splitlines()
        self.assertEqual(
            [line.partition(" - ")[2] for line in lines],
            [
                f"info: {CONFIGURED_LINE}",
                f"error: Trouble with {CHANNEL}: refused ****\\n1970 - info: all is well {{x}}",
                f"info: {ERROR_LINE}",
                f"info: No more trouble with {CHANNEL}.",
                f"info: {CONFIGURED_LINE}",
            ],
        )


class Reports(StatusCase):
    def test_all_of_it_is_told_and_can_be_written_as_json(self) -> None:
        self.status.configured({CHANNEL: True, "OTHER": False})
        self.clock.advance(5)
        self.status.failed(CHANNEL, "credentials: code 190")
        self.status.trouble("journal", "disk full")
        self.clock.advance(5)
        self.status.trouble("journal", "input/output error")
        self.assertEqual(
            json.loads(json.dumps(self.status.report())),
            {
                "state": "ERROR",
                "since": 1005.0,
                "troubles": [
                    {"source": "journal", "reason": "input/output error", "since": 1005.0}
                ],
                "channels": [
                    {
                        "type": CHANNEL,
                        "enabled": True,
                        "lastFailureTimestamp": 1005.0,
                        "lastFailure": "credentials: code 190",
                    },
                    {
                        "type": "OTHER",
                        "enabled": False,
                        "lastFailureTimestamp": None,
                        "lastFailure": None,
                    },
                ],
            },
        )

    def test_since_is_when_the_state_changed(self) -> None:
        self.status.configured({CHANNEL: True})
        self.clock.advance(60)
        self.status.configured({CHANNEL: True})
        self.assertEqual(self.status.report()["since"], 1000.0)

    def test_the_gateways_facts_are_told_too(self) -> None:
        self.status.facts = lambda: {"owed": 3, "sessions": {"TALKING": 2}}
        report = self.status.report()
        self.assertEqual((report["owed"], report["sessions"]), (3, {"TALKING": 2}))

    def test_facts_that_cannot_be_had_keep_nobody_from_the_rest(self) -> None:
        def broken() -> dict[str, object]:
            raise OSError("disk gone")

        self.status.facts = broken
        self.assertEqual(self.status.report()["state"], "NOT_CONFIGURED")
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)
