"""Servers that are not part of chatgw, for tests against the real thing."""

from __future__ import annotations

import os
import shutil
from unittest import SkipTest

DEMAND = "CHATGW_REQUIRE_SERVERS"
"""The environment variable that turns a missing server from a skipped test into a failed one."""


def binary(*names: str) -> str:
    """The path of the first of these programs that is installed.

    Raises:
        SkipTest: none is, and nobody demands it.
        AssertionError: none is, and ``CHATGW_REQUIRE_SERVERS`` is set.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    for name in names:
        found = shutil.which(name, path=path)
        if found is not None:
            return found
    missing = f"NOT INSTALLED: {' or '.join(names)}; this was not tested against the real server"
    if os.environ.get(DEMAND):
        raise AssertionError(f"{missing}, and {DEMAND} is set")
    raise SkipTest(missing)
