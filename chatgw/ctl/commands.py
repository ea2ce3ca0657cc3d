"""The commands of ``chatgwctl``."""

from __future__ import annotations

import json
import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from chatgw.ctl.asking import NotAnsweredError, RefusedError, ask
from chatgw.ctl.shown import dead_lines, redriven_lines, status_lines
from chatgw.ctl.table import plain
from chatgw.failures import FailureKind

STATE = "/var/lib/chatgw"
"""The state folder unless another is given; the same as of ``twistd chatgw``."""

EXIT_OF_STATE = {"CONFIGURED": 0, "NOT_CONFIGURED": 1, "ERROR": 2}
CANNOT_ASK = 3
"""The exit status of ``status`` if it cannot be had."""

PATIENCE_FOR_ALL = 600.0
"""Seconds in which many things are ordered at a time."""

KINDS = (*(kind.value for kind in FailureKind), "unknown", "dropped")
"""The kinds of dead letters: of failures, and the two other outcomes that leave one."""


def _status(options: Namespace) -> int:
    try:
        report = ask(options.state, "GET", "/status")
    except (NotAnsweredError, RefusedError) as error:
        _complain(error)
        return CANNOT_ASK
    _show(options, report, status_lines)
    return EXIT_OF_STATE.get(report["state"], CANNOT_ASK)


def _list(options: Namespace) -> int:
    asked = {"ids": "1" if options.ids else "", "text": "1" if options.text else ""}
    answered = ask(options.state, "GET", "/dead" + _query(kind=options.kind, **asked))
    _show(options, answered, lambda dead: dead_lines(dead, options.kind))
    return 0


def _redrive(options: Namespace) -> int:
    if options.kind and not options.all:
        raise RefusedError("--kind goes with --all")
    if options.all:
        target = "/dead/redrive" + _query(kind=options.kind)
        answered = ask(options.state, "POST", target, PATIENCE_FOR_ALL)
    else:
        answered = ask(options.state, "POST", f"/dead/{_quoted(options.id)}/redrive")
    _show(options, answered, redriven_lines)
    return 1 if answered.get("left") else 0


def _drop(options: Namespace) -> int:
    answered = ask(options.state, "DELETE", f"/dead/{_quoted(options.id)}")
    _show(options, answered, lambda dropped: [f"Dropped: {dropped['dropped']}"])
    return 0


def _quoted(given: str) -> str:
    return quote(os.fsencode(given), safe="")


def _query(**given: str | None) -> str:
    chosen = {name: value for name, value in given.items() if value}
    return "?" + urlencode(chosen, errors="surrogateescape") if chosen else ""


def _show(options: Namespace, answered: Any, lines: Callable[[Any], list[str]]) -> None:
    print(json.dumps(answered) if options.json else "\n".join(lines(answered)))  # noqa: T201


def _complain(error: Exception) -> None:
    print(f"chatgwctl: {plain(str(error))}", file=sys.stderr)  # noqa: T201


class _Parser(ArgumentParser):
    """A parser whose complaint is not mistaken for a state."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"{self.prog}: {message}\n")


def _parser() -> _Parser:
    everywhere = _Parser(add_help=False, argument_default=SUPPRESS)
    everywhere.add_argument("--state", metavar="DIR", help=f"the state folder ({STATE})")
    everywhere.add_argument("--json", action="store_true", help="answer in JSON")
    kind = _Parser(add_help=False)
    kinds = ", ".join(map(repr, KINDS))
    kind.add_argument("--kind", choices=KINDS, metavar="KIND", help=f"of one kind only: {kinds}")
    parser = _Parser("chatgwctl", description="Asks a running chatgw.", parents=[everywhere])
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    status = commands.add_parser("status", parents=[everywhere], help="how chatgw is")
    status.set_defaults(act=_status)

    dead = commands.add_parser("dead", parents=[everywhere], help="what could not be delivered")
    dead.set_defaults(act=_list, ids=False, text=False, kind=None)
    orders = dead.add_subparsers(metavar="ORDER")
    listing = orders.add_parser("list", parents=[everywhere, kind], help="list them (the default)")
    listing.add_argument("--text", action="store_true", help="with what was written")
    listing.add_argument("--ids", action="store_true", help="with the customers' whole ids")
    redrive = orders.add_parser("redrive", parents=[everywhere, kind], help="deliver once more")
    which = redrive.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", metavar="ID")
    which.add_argument("--all", action="store_true", help="all of them, oldest first")
    redrive.set_defaults(act=_redrive)
    drop = orders.add_parser("drop", parents=[everywhere], help="forget one")
    drop.add_argument("id", metavar="ID")
    drop.set_defaults(act=_drop)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Carries out one command; its exit status.

    0: done; for ``status`` 0 to 2 say the state (`EXIT_OF_STATE`) and 3 that there is none to be
    had; 1: not done; 64: not understood; 74: not read to the end.

    Args:
        arguments: of the command line; the process's own unless given.
    """
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    options = _parser().parse_args(arguments, Namespace(state=STATE, json=False))
    try:
        done: int = options.act(options)
        sys.stdout.flush()
    except (NotAnsweredError, RefusedError) as error:
        _complain(error)
        return 1
    except BrokenPipeError:  # whoever read it, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return os.EX_IOERR
    return done
