"""What ``twistd -y`` runs for a measurement: the gateway, its journal on or off.

Off is a journal in memory, which forgets. The environment says which, and where its folders are.
"""

from __future__ import annotations

import os
from typing import Any

from twisted.application.service import Application

from chatgw.journal.memory import MemoryJournal
from chatgw.tap import Options, makeService

options = Options()
options.parseOptions(
    [f"--{name}={os.environ[f'BENCH_{name.upper()}']}" for name in ("config", "state", "logs")]
)
service: Any = makeService(options)
if os.environ["BENCH_JOURNAL"] == "off":
    service.registry.journal.journal = MemoryJournal()  # the watched one, which hands on
application = Application("chatgw")
service.setServiceParent(application)
