"""What the figures were measured on: they say nothing without it."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from pathlib import Path

import twisted

_TICKS = os.sysconf("SC_CLK_TCK")


class Others:
    """What else the processors had to do, from when it was made."""

    def __init__(self) -> None:
        self._began = self._seconds()

    def share(self) -> float:
        """Their share of all processors' time, until now; children count once they have ended."""
        every, others = (now - then for now, then in zip(self._seconds(), self._began, strict=True))
        return max(0.0, others) / every

    def _seconds(self) -> tuple[float, float]:
        """All processors' time so far, and that of others."""
        first = Path("/proc/stat").read_text("ascii").partition("\n")[0].split()[1:9]
        every = [int(ticks) / _TICKS for ticks in first]
        idle = every[3] + every[4]  # the latter: idle until the disk has done something
        return sum(every), sum(every) - idle - sum(os.times()[:4])


def described(folder: Path, syncs: int) -> str:
    """The machine, its programs, and the disk that a folder is on.

    Args:
        folder: where the journals are.
        syncs: how often the disk is tried.
    """
    lines = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "system": platform.platform(),
        "Python": f"{platform.python_version()}, Twisted {twisted.__version__}",
        "SQLite": f"{sqlite3.sqlite_version}, WAL, synchronous=FULL",
        "filesystem": _filesystem(folder),
    }
    told = [f"{name:<12} {value}" for name, value in lines.items()]
    return "\n".join([*told, disk(folder, syncs)])


def disk(folder: Path, times: int) -> str:
    """How long it takes to append a page to a file and have it on the disk."""
    path, taken = folder / "fdatasync", []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    path.unlink()
    taken.sort()
    fast, slow = taken[times // 2], taken[times * 99 // 100]
    return f"fdatasync    of 4 kB: p50 {fast:.2f} ms, p99 {slow:.2f} ms"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def _filesystem(folder: Path) -> str:
    """Kind and device of the filesystem that a folder is on."""
    device = os.stat(folder).st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines():
        mount, _, about = line.partition(" - ")
        if mount.split()[2] == wanted:
            kind, source = about.split()[:2]
            return f"{kind} on {source}"
    return "not known"
