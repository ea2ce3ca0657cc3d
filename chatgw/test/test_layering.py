"""What may import what, and other things that hold of the source as a whole."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from pathlib import Path
from unittest import SkipTest

from twisted.trial.unittest import SynchronousTestCase

import chatgw

PACKAGE = Path(chatgw.__file__).parent
PROJECT = PACKAGE.parent

LONGEST = 300
"""Lines of a module: one that is longer holds two ideas."""

# Each part, a module or a package of chatgw's, and what it may import of chatgw besides itself.
EVERYTHING = "everything"
ALLOWED: dict[str, str] = {
    "failures": "",
    "values": "failures",
    "interfaces": "values",
    "wording": "",
    "dump": "values",
    "logs": "values dump",
    # The middle.
    "conversation": "values failures wording dump",
    "turns": "",
    "status": "wording",
    "circuit": "values failures wording",
    "delivery": "values failures interfaces wording circuit",
    "poller": "values failures interfaces wording",
    "accounts": "values interfaces delivery",
    "pollers": "values failures interfaces poller wording dump",
    "journal": "values failures interfaces wording status",
    "peers": "values failures interfaces accounts circuit status wording",
    "idle": "values interfaces accounts pollers wording",
    "deadletters": "values interfaces delivery wording",
    "noticed": "values wording logs",
    "restart": "values",
    "heartbeat": "",
    "registry": (
        "values interfaces accounts conversation deadletters delivery idle journal noticed peers"
        " pollers restart status turns wording logs"
    ),
    # The outside.
    "net": "values",
    "channels": "values failures interfaces net",
    "desks": "values failures interfaces net",
    "config": "values",
    "web": "values interfaces config net logs",
    "ctl": "failures",
    # For whoever has neither Facebook nor SocialMiner at hand.
    "sim": "values failures net",
    # Where parts are put together.
    "parts": "values accounts config channels delivery desks net",
    "gateway": EVERYTHING,
    "tap": EVERYTHING,
    "demo": EVERYTHING,
    "test": EVERYTHING,
}

NAME_THE_REACTOR = {"tap"}
"""Parts that may import the reactor, within a function, besides ``__main__`` modules.

Tests may import it anywhere: trial has installed it before it imports them.
"""


@cache
def modules() -> tuple[tuple[str, Path, ast.Module], ...]:
    """Every module of chatgw: its dotted name without ``chatgw.``, its file, its syntax tree."""
    return tuple(
        (_name(path), path, ast.parse(path.read_text("utf-8"), str(path)))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imported(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all that is imported, wherever in the module that is done."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_module_level(tree: ast.Module) -> Iterator[str]:
    """The dotted names of what is imported as soon as the module is."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(node)
        waiting.extend(ast.iter_child_nodes(node))


class LayeringTests(SynchronousTestCase):
    """The table above, and nothing else."""

    def test_every_part_imports_what_it_may_and_nothing_else(self) -> None:
        wrong = []
        for name, _, tree in modules():
            part = name.partition(".")[0]
            if not part:
                continue
            self.assertIn(part, ALLOWED, "a part without an entry in the table")
            allowed = {part, *ALLOWED[part].split()}
            for other in imported(tree):
                root, _, rest = other.partition(".")
                if root == "chatgw" and EVERYTHING not in allowed:
                    target = rest.partition(".")[0]
                    if target not in allowed:
                        wrong.append(f"{name} imports {other}")
        self.assertEqual(wrong, [])

    def test_every_entry_is_a_part(self) -> None:
        parts = {name.partition(".")[0] for name, _, _ in modules()} - {""}
        self.assertEqual(set(ALLOWED) - parts, set())

    def test_a_plugin_imports_nothing_of_chatgws(self) -> None:
        # Every twistd on the machine imports it.
        for path in (PROJECT / "twisted" / "plugins").glob("*.py"):
            names = list(imported(ast.parse(path.read_text("utf-8"))))
            self.assertEqual([name for name in names if name.startswith("chatgw")], [])


class ReactorTests(SynchronousTestCase):
    """Time and network are handed in."""

    def test_nobody_imports_the_reactor_with_the_module(self) -> None:
        named = [
            name
            for name, _, tree in modules()
            if "twisted.internet.reactor" in at_module_level(tree) and not _may(name)
        ]
        self.assertEqual(named, [])

    def test_only_what_starts_the_gateway_names_the_reactor(self) -> None:
        named = {
            name
            for name, _, tree in modules()
            if "twisted.internet.reactor" in imported(tree) and not _may(name)
        }
        self.assertEqual(named - NAME_THE_REACTOR, set())

    def test_nobody_sleeps_or_uses_asyncio(self) -> None:
        named = [
            f"{name} imports {other}"
            for name, _, tree in modules()
            for other in imported(tree)
            if other.partition(".")[0] == "asyncio" or other == "time.sleep"
        ]
        self.assertEqual(named, [])


def _may(name: str) -> bool:
    """Whether a module is run, or is a test's."""
    return name.startswith("test.") or name.rpartition(".")[2] == "__main__"


class SourceTests(SynchronousTestCase):
    """The tree as a whole."""

    def test_no_module_is_too_long(self) -> None:
        lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path, _ in modules()}
        self.assertEqual({n: lines for n, lines in lengths.items() if lines > LONGEST}, {})

    def test_every_module_says_what_it_is(self) -> None:
        self.assertEqual([name for name, _, tree in modules() if not ast.get_docstring(tree)], [])

    def test_every_package_is_part_of_the_distribution(self) -> None:
        setup = ConfigParser()
        if not setup.read(PROJECT / "setup.cfg"):
            raise SkipTest("not a clone: there is no setup.cfg")
        listed = setup["options"]["packages"].split()
        found = {
            ".".join(path.parent.relative_to(PROJECT).parts)
            for path in PACKAGE.rglob("__init__.py")
        }
        self.assertEqual(sorted(found | {"twisted.plugins"}), sorted(listed))

    def test_twisteds_own_packages_are_not_overwritten(self) -> None:
        # A wheel with these would replace Twisted's own, and its removal would delete them.
        ours = PROJECT / "twisted"
        if (PROJECT / "setup.cfg").exists():  # elsewhere that is Twisted itself
            self.assertFalse((ours / "__init__.py").exists())
            self.assertFalse((ours / "plugins" / "__init__.py").exists())

    def test_coroutines_are_not_given_to_a_test_case_that_does_not_run_them(self) -> None:
        silent = [
            f"{name}.{case.name}.{method.name}"
            for name, _, tree in modules()
            for case in ast.walk(tree)
            if isinstance(case, ast.ClassDef) and _is_synchronous(case)
            for method in case.body
            if isinstance(method, ast.AsyncFunctionDef) and method.name.startswith("test")
        ]
        self.assertEqual(silent, [])


def _is_synchronous(case: ast.ClassDef) -> bool:
    bases = {base.id for base in case.bases if isinstance(base, ast.Name)}
    return "SynchronousTestCase" in bases
