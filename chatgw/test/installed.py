"""chatgw as it is installed: a wheel in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from unittest import SkipTest

import chatgw
from chatgw.test.daemon import environment

SOURCES = ("chatgw", "twisted", "docs", "etc", "setup.py", "setup.cfg", "MANIFEST.in", "README.md")


class Installed:
    """An environment with nothing of chatgw in it but the wheel.

    Args:
        folder: where it is made.

    Raises:
        SkipTest: the tests do not run from a source tree.
    """

    def __init__(self, folder: Path) -> None:
        root = Path(chatgw.__file__).parent.parent
        if not (root / "setup.cfg").exists():
            raise SkipTest("NOT A SOURCE TREE: there is nothing here to build a wheel of")
        source = folder / "source"
        source.mkdir(parents=True)
        for name in SOURCES:
            if (root / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "dropin.cache")
                shutil.copytree(root / name, source / name, ignore=ignored)
            else:
                shutil.copy(root / name, source / name)
        self.samples = source / "etc"
        _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source)
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "env", with_pip=False)
        self.python = folder / "env" / "bin" / "python"
        # Its dependencies are ours; an editable chatgw among them is not seen from there.
        (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
        (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "-q"]
        _run(*pip, "--no-deps", "--no-index", wheel)
        self.place = _run(self.python, "-c", "import chatgw; print(chatgw.__file__)").strip()

    def twistd(self, *arguments: str) -> list[str]:
        """The command line of its twistd."""
        run = "from twisted.scripts.twistd import run; run()"
        return [str(self.python), "-c", run, "-n", "--pidfile=", "chatgw", *arguments]

    def simulator(self, *arguments: str) -> list[str]:
        """The command line of one of its simulators."""
        return [str(self.python), "-m", "chatgw.sim", *arguments]


def _run(*command: object) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, check=False, env=environment())
    if done.returncode:
        raise AssertionError(done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode()
