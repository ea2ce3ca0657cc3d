"""A squid for one test, which asks for a name and password."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from chatgw.test.servers import binary

CONFIGURATION = """\
http_port 127.0.0.1:{port}
auth_param basic program {authenticator}
auth_param basic children 1 startup=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log /dev/null
pid_filename none
coredump_dir {directory}
netdb_filename none
shutdown_lifetime 0 seconds
pinger_enable off
"""

AUTHENTICATOR = """\
#!/bin/sh
while read line; do
    if [ "$line" = "gate way" ]; then echo OK; else echo ERR; fi
done
"""


def squid_command(
    port: int,
    cleanup: Callable[..., object],
    password: str = "way",
    access_log: str = "",
) -> list[str]:
    """The command line of a squid of the test's own, which listens on 127.0.0.1.

    Args:
        port: where it listens.
        cleanup: the test's ``addCleanup``; the squid's folder goes with the test.
        password: of the user ``gate``.
        access_log: the name of a file in its folder, none if empty.

    Raises:
        SkipTest: squid is not installed.
    """
    program = binary("squid", "squid3")
    # Run by root, squid becomes another user, who has no way into trial's directory.
    folder = Path(mkdtemp())
    cleanup(rmtree, folder)
    folder.chmod(0o777)
    authenticator, configuration = folder / "authenticate", folder / "squid.conf"
    authenticator.write_text(AUTHENTICATOR.replace("gate way", f"gate {password}"))
    authenticator.chmod(0o755)
    text = CONFIGURATION.format(port=port, authenticator=authenticator, directory=folder)
    if access_log:
        text = text.replace("access_log none", f"access_log stdio:{folder / access_log}")
    configuration.write_text(text)
    # The service's name keeps its shared memory apart from that of any other squid.
    return [program, "-N", "-d", "1", "-n", f"test{port}", "-f", str(configuration)]


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
