"""When things happened by Meta's clock, and the order of what comes in one POST."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.test.messenger_events import NOW, PAGE, encoded, message, post, read, told
from chatgw.values import CustomerWrote

MINUTE = 60.0
DAY = 86_400.0


class SentAtTests(SynchronousTestCase):
    """Wire reference, messaging channels 1.2: milliseconds, seconds, text or nothing at all."""

    def _sent_at(self, timestamp: object) -> float | None:
        [event] = read(post(message() | {"timestamp": timestamp}))
        assert isinstance(event, CustomerWrote)
        self.assertEqual(event.at, NOW)
        return event.sent_at

    def test_milliseconds_are_told_from_seconds_by_their_size(self) -> None:
        for timestamp in (1_699_999_990_500, "1699999990500", 1_699_999_990.5, "1699999990.5"):
            self.assertEqual(self._sent_at(timestamp), 1_699_999_990.5, timestamp)
        for timestamp in (1_699_999_990, "1699999990"):
            self.assertEqual(self._sent_at(timestamp), 1_699_999_990.0, timestamp)

    def test_eight_days_ago_and_five_minutes_ahead_are_still_believed(self) -> None:
        for sent_at in (NOW - 8 * DAY, NOW - 7 * DAY, NOW, NOW + 5 * MINUTE):
            self.assertEqual(self._sent_at(int(sent_at * 1000)), sent_at)
            self.assertEqual(self._sent_at(int(sent_at)), sent_at)

    def test_what_is_further_away_is_not_believed(self) -> None:
        for sent_at in (NOW - 8 * DAY - 1, NOW + 5 * MINUTE + 1, 0.0, 1_458_692_752.478):
            self.assertIsNone(self._sent_at(int(sent_at * 1000)))
            self.assertIsNone(self._sent_at(sent_at))

    def test_what_is_no_time_is_none(self) -> None:
        odd: list[object] = [
            *(None, "", "soon", True, [], {}, -1, float("nan"), float("inf"), 10**400, "1e12"),
            *(" 1699999990", "1" * 400, 1e300, "2023-11-14T22:13:20+0000", [1_699_999_990]),
        ]
        for timestamp in odd:
            self.assertIsNone(self._sent_at(timestamp), timestamp)
        item = message()
        del item["timestamp"]
        [event] = read(post(item))
        assert isinstance(event, CustomerWrote)
        self.assertIsNone(event.sent_at)


class OrderTests(SynchronousTestCase):
    """Wire reference, messaging channels 1.5: out of order after a delivery that failed."""

    def _texts(self, *stamps: object) -> list[str]:
        """The texts as given, each named after its timestamp, a letter after undated ones."""
        items = [message(str(stamp)) | {"timestamp": _stamp(stamp)} for stamp in stamps]
        return [told(event)[1] for event in read(post(*items))]

    def test_the_events_of_a_post_are_given_in_the_order_in_which_they_happened(self) -> None:
        self.assertEqual(self._texts(3, 1, 2), ["1", "2", "3"])

    def test_those_of_one_moment_stay_as_they_came(self) -> None:
        self.assertEqual(self._texts("5a", "5c", "5b", "4a"), ["4a", "5a", "5c", "5b"])

    def test_one_without_a_time_stays_behind_its_neighbour(self) -> None:
        self.assertEqual(self._texts("x", 3, "y", 1, "z", 2), ["x", "1", "z", "2", "3", "y"])
        self.assertEqual(self._texts("x", "z", "y"), ["x", "z", "y"])

    def test_order_is_kept_across_entries(self) -> None:
        entries = [
            {"id": PAGE, "messaging": [message(text) | {"timestamp": _stamp(int(text))}]}
            for text in ("2", "3", "1")
        ]
        events = read(encoded({"object": "page", "entry": entries}))
        self.assertEqual([told(event)[1] for event in events], ["1", "2", "3"])

    def test_what_one_message_tells_stays_together(self) -> None:
        picture = message("late", attachments=[{"type": "image"}]) | {"timestamp": _stamp(2)}
        events = read(post(picture, message("early") | {"timestamp": _stamp(1)}))
        self.assertEqual([told(event)[1] for event in events], ["early", "late", "image"])

    def test_milliseconds_and_seconds_are_compared_as_times(self) -> None:
        items = [message(str(n)) | {"timestamp": n} for n in (1_699_999_999, 1_699_999_998_000)]
        events = read(post(*items))
        self.assertEqual([told(event)[1] for event in events], ["1699999998000", "1699999999"])

    @given(st.lists(st.integers(0, 20) | st.sampled_from("xyz"), min_size=1))
    def test_nothing_is_lost_or_repeated_and_all_that_is_dated_is_in_order(
        self, stamps: list[int | str]
    ) -> None:
        texts = self._texts(*stamps)
        self.assertEqual(sorted(texts), sorted(map(str, stamps)))
        dated = [int(text) for text in texts if text.isdecimal()]
        self.assertEqual(dated, sorted(dated))


def _stamp(name: object) -> int | None:
    """A time shortly before now: the digits of a name are seconds; without any it is undated."""
    digits = "".join(filter(str.isdecimal, str(name)))
    return int((NOW - 100 + int(digits)) * 1000) if digits else None
