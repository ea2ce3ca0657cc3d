"""The access log: one line for each request to the public port."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote_plus

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.python.logfile import DailyLogFile
from twisted.web.http import Request

from chatgw.logs import RotatingFile, Sink

_SHOWN = ("hub.mode", "hub.challenge")
"""The arguments of a query whose values are written down; the verify token is not one."""


_LONGEST = 500
"""Characters of a path, an argument or a header that are written down."""


@define(eq=False)
class AccessLog:
    """The file ``chatgw-access.log``, in the combined log format, rotated at midnight.

    The day before becomes ``chatgw-2026-11-22-access.log``, so that everything still is an
    ``*-access.log`` (the predecessor's name for them). Neither bodies nor tokens are written.

    Args:
        folder: where the files are; created if it is not there.
        clock: tells the time, in seconds since the epoch.
        keep: days kept besides the current one.
        complaints: where a failure to write is told; standard error unless given.

    Raises:
        OSError: the file cannot be opened.
    """

    folder: Path
    _clock: IReactorTime
    _keep: int = 30
    _complaints: TextIO | None = None
    _sink: Sink = field(init=False)

    def __attrs_post_init__(self) -> None:
        os.makedirs(self.folder, mode=0o750, exist_ok=True)
        self._sink = Sink(self._open, self._complaints)

    def _open(self) -> RotatingFile:
        return _MidnightFile(self.folder, self._clock, self._keep)

    def record(self, request: Request) -> None:
        """Writes the line of a request that has been answered. Never raises."""
        # The peer's own address: what a header says of it, anybody can say.
        host = getattr(request.getClientAddress(), "host", "-")
        when = datetime.fromtimestamp(self._clock.seconds()).astimezone()
        asked = f"{_clean(request.method)} {_uri(request.uri)} {_clean(request.clientproto)}"
        referrer = _clean(request.getHeader(b"referer") or b"-")
        agent = _clean(request.getHeader(b"user-agent") or b"-")
        self._sink.write(
            f'{host} - - [{when:%d/%b/%Y:%H:%M:%S %z}] "{asked}"'
            f' {request.code} {request.sentLength or "-"} "{referrer}" "{agent}"'
        )

    def close(self) -> None:
        """Closes the file."""
        self._sink.close()


class _MidnightFile(DailyLogFile):
    """Rotated as Twisted does it, but under our names, by our clock, and not kept for ever."""

    def __init__(self, folder: Path, clock: IReactorTime, keep: int) -> None:
        self._clock = clock
        self._keep = keep
        super().__init__("chatgw-access.log", str(folder), 0o640)

    def _openFile(self) -> None:  # noqa: N802 - DailyLogFile's name
        super()._openFile()
        if not self._file.tell():  # the day of a file in use is that of its last line
            self.lastDate = self.toDate()

    def toDate(self, *args: float) -> tuple[int, ...]:  # noqa: N802 - DailyLogFile's name
        return time.localtime(*args or (self._clock.seconds(),))[:3]

    def rotate(self) -> None:
        year, month, day = self.lastDate
        past = Path(self.directory, f"chatgw-{year:04}-{month:02}-{day:02}-access.log")
        if past.exists():  # the clock was set back: the day goes on in the current file
            return
        self._file.close()
        Path(self.path).rename(past)
        self._openFile()
        kept = sorted(past.parent.glob("chatgw-????-??-??-access.log"))
        for old in kept[: -self._keep]:
            old.unlink()


def _clean(value: bytes | str) -> str:
    """What a client sent, as printable ASCII that does not end its quotation."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    text = text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return text.encode("unicode_escape").decode("ascii").replace('"', '\\"')


def _uri(uri: bytes) -> str:
    path, mark, query = uri.decode("latin-1").partition("?")
    return _clean(path + mark + "&".join(map(_argument, query.split("&"))))


def _argument(argument: str) -> str:
    name, equals, _value = argument.partition("=")
    # A name may be percent-encoded and yet be read as the token's.
    return argument if unquote_plus(name) in _SHOWN or not equals else f"{name}=****"
