"""How chatgw is, for operators: whether it is configured, and what is wrong.

The three states and the last failure of each channel are the predecessor's; the troubles behind
an ERROR are chatgw's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatgw import wording

CONFIGURED = "CONFIGURED"
NOT_CONFIGURED = "NOT_CONFIGURED"
ERROR = "ERROR"

SPACING = 60.0
"""Seconds between two lines about the changing reasons of one trouble."""

log = Logger()


@define
class _Trouble:
    """Something that is wrong now."""

    reason: str
    since: float
    said: str
    """The reason that was logged last."""
    said_at: float


@define(eq=False)
class Status:
    """The state of the whole, and the log lines that tell of each change.

    Reasons are for operators: they never hold a secret or what people wrote.

    Args:
        clock: tells the time, in seconds since the epoch.
        facts: gives what `report` tells besides, JSON-able, by names in camel case.
    """

    _clock: IReactorTime
    facts: Callable[[], Mapping[str, object]] = dict
    _state: str = field(init=False, default="")
    _since: float = field(init=False)
    _channels: Mapping[str, bool] = field(init=False, factory=dict)
    _troubles: dict[str, _Trouble] = field(init=False, factory=dict)
    _failures: dict[str, tuple[float, str]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._since = self._clock.seconds()

    @property
    def state(self) -> str:
        """`ERROR` while there is any trouble, else `CONFIGURED` if a channel is enabled."""
        if self._troubles:
            return ERROR
        return CONFIGURED if any(self._channels.values()) else NOT_CONFIGURED

    def configured(self, channels: Mapping[str, bool]) -> None:
        """A configuration is in use now.

        Args:
            channels: whether each channel is enabled, by its type.
        """
        self._channels = dict(channels)
        self._tell()

    def trouble(self, source: str, reason: str) -> None:
        """Something is wrong with a source, until `clear`. May be called as often as it shows."""
        now, known = self._clock.seconds(), self._troubles.get(source)
        if known is None:
            self._troubles[source] = _Trouble(reason, now, reason, now)
        else:
            known.reason = reason
            if reason == known.said or 0 <= now - known.said_at < SPACING:
                return
            known.said, known.said_at = reason, now
        log.error(wording.TROUBLE, source=source, reason=reason)
        self._tell()

    def clear(self, source: str) -> None:
        """Nothing is wrong with a source any more, if anything was."""
        if self._troubles.pop(source, None) is not None:
            log.info(wording.NO_TROUBLE, source=source)
            self._tell()

    def failed(self, channel: str, reason: str) -> None:
        """A call to a channel, given by its type, has just failed."""
        self._failures[channel] = (self._clock.seconds(), reason)

    def report(self) -> dict[str, object]:
        """All of it, JSON-able; times in seconds since the epoch. Never raises."""
        return {
            "state": self.state,
            "since": self._since,
            "troubles": [
                {"source": source, "reason": trouble.reason, "since": trouble.since}
                for source, trouble in self._troubles.items()
            ],
            "channels": [
                self._channel(type_, enabled) for type_, enabled in self._channels.items()
            ],
            **self._facts(),
        }

    def _channel(self, type_: str, enabled: bool) -> dict[str, object]:
        at, reason = self._failures.get(type_, (None, None))
        return {
            "type": type_,
            "enabled": enabled,
            "lastFailureTimestamp": at,
            "lastFailure": reason,
        }

    def _facts(self) -> Mapping[str, object]:
        try:
            return self.facts()
        except Exception:  # noqa: BLE001 - a status is asked for above all when something is broken
            log.failure("The status is told without its facts.")
            return {}

    def _tell(self) -> None:
        """Says the state if it has changed."""
        if self.state != self._state:
            self._state, self._since = self.state, self._clock.seconds()
            log.info(wording.CONFIG_STATE, state=self._state)
