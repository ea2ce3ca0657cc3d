"""Small disks for tests, and what befalls disks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from unittest import SkipTest

from chatgw.test.servers import DEMAND, binary


def run(*command: str) -> None:
    """Runs a program of the system's.

    Raises:
        SkipTest: it is not there, or may not do that here, and nobody demands it.
        AssertionError: so it is, and ``CHATGW_REQUIRE_SERVERS`` is set.
    """
    program, *arguments = command
    done = subprocess.run([binary(program), *arguments], capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        missing = f"NOT ALLOWED: {said}; this was not tested on a real disk"
        if os.environ.get(DEMAND):
            raise AssertionError(f"{missing}, and {DEMAND} is set")
        raise SkipTest(missing)


class Disk:
    """A file system in memory, which goes with the test.

    Args:
        folder: where it is mounted; made.
        cleanup: the test's ``addCleanup``.
        megabytes: its size.

    Raises:
        SkipTest: as `run` does.
        AssertionError: the same.
    """

    def __init__(self, folder: Path, cleanup: Callable[..., object], megabytes: int = 8) -> None:
        self.folder = folder
        self._filler = folder / "filler"
        folder.mkdir(parents=True)
        self._mount(megabytes)
        cleanup(run, "umount", "--lazy", str(folder))

    def fill(self) -> None:
        """Leaves no room."""
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        """Makes room again."""
        self._filler.unlink()

    def _mount(self, megabytes: int) -> None:
        run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "chatgw-test", str(self.folder))


class Ext4(Disk):
    """A disk as servers have them, in a file beside its folder."""

    def freeze(self, *files: Path) -> None:
        """Has the kernel refuse every write to these files, even by who has them open.

        To remount a file system read-only is no way: it is refused while a file is open to write.
        """
        run("chattr", "+i", *map(str, files))

    def thaw(self, *files: Path) -> None:
        """Takes it back."""
        run("chattr", "-i", *map(str, files))

    def fail(self) -> None:
        """Has it turn read-only for good, as it does when the device under it fails."""
        run("mount", "-o", "remount,abort", str(self.folder))

    def repair(self) -> None:
        """Mounts it anew, as if the device were well again. Nobody may use it meanwhile."""
        run("umount", str(self.folder))
        self._attach()

    @property
    def _image(self) -> Path:
        return self.folder.with_suffix(".image")

    def _mount(self, megabytes: int) -> None:
        with self._image.open("wb") as image:
            image.truncate(megabytes << 20)
        run("mkfs.ext4", "-q", str(self._image))
        self._attach()

    def _attach(self) -> None:
        run("mount", "-o", "loop", str(self._image), str(self.folder))
