"""The rules of the house, checked over the syntax trees of lrplot: ``python -m tests.house``, which is a part of ``make
lint``.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

FLOORS = (
    ("version", "wording", "parameters", "files", "formats"),  # the ground: its rooms may use one another
    ("schedulers",),
    ("runs",),
    ("analysis",),
    ("pictures", "terminal"),
    ("configs",),
    ("outputs",),
    ("batch",),
    ("api",),
    ("__init__",),
    ("cli",),
    ("__main__",),
)
"""Wings, from the ground up: each uses those on lower floors."""

ONLY = {
    ("lrplot.configs", "lrplot.pictures"): ("lrplot.pictures.look", "lrplot.pictures.style_files"),
    ("lrplot.configs.foreign", "lrplot"): ("lrplot.wording", "lrplot.configs.document", "lrplot.configs.foreign"),
}
"""Who uses no more of a wing than these modules."""

MOST_FILES = 10
MOST_LINES = 40
HOSTS = re.compile(
    rb"\b(pypi|pythonhosted|anaconda|npmjs|yarnpkg|crates|rubygems|packagist|golang)\.(org|com|io|dev)\b", re.IGNORECASE
)

EXCEPTIONS: set[str] = set()
"""Problems that are known, and on their way out."""


class Module(NamedTuple):
    """A module of lrplot: its path below the repository, its syntax tree, and the modules that it imports, each with
    the line.
    """

    path: str
    tree: ast.Module
    imports: Sequence[tuple[str, int]]


class Problem(NamedTuple):
    """What breaks a rule, and where."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def problems(root: Path, tracked: Sequence[Path]) -> list[Problem]:
    """All that breaks a rule, in lrplot below ``root`` and in the ``tracked`` files."""
    modules = dict(_modules(root))
    checks = (_upward, _circles, _foreign_packages, _long_functions)
    found = [problem for check in checks for problem in check(modules)]
    return sorted([*found, *_full_top(root), *_silent_wings(root), *_registry_hosts(root, tracked)])


def _modules(root: Path) -> Iterator[tuple[str, Module]]:
    paths = {_name(path.relative_to(root)): path for path in sorted(root.glob("lrplot/**/*.py"))}
    for name, path in paths.items():
        tree = ast.parse(path.read_text())
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        yield name, Module(str(path.relative_to(root)), tree, list(_imports(tree, package, paths)))


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.Module, package: str, known: Mapping[str, Path]) -> Iterator[tuple[str, int]]:
    """Every import, also those in functions and those for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            home = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield (inner if (inner := f"{home}.{alias.name}") in known else home), node.lineno


def _is_in(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def _upward(modules: Mapping[str, Module]) -> Iterator[Problem]:
    floors = {wing: floor for floor, wings in enumerate(FLOORS) for wing in wings}
    for name, module in modules.items():
        own = _wing(name)
        if own not in floors:
            yield Problem(module.path, 1, f"{own} is on no floor of the house")
            continue
        for target, line in module.imports:
            if _is_in(target, "lrplot"):
                other = _wing(target)
                lower = floors.get(other, len(FLOORS)) < floors[own]
                if not (lower or other == own or {own, other} <= {*FLOORS[0]}) or not _is_allowed(name, target):
                    yield Problem(module.path, line, f"{name} must not import {target}")


def _wing(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def _is_allowed(name: str, target: str) -> bool:
    return all(
        any(_is_in(target, module) for module in allowed)
        for (user, used), allowed in ONLY.items()
        if _is_in(name, user) and _is_in(target, used)
    )


def _circles(modules: Mapping[str, Module]) -> Iterator[Problem]:
    """The first circle that each module closes, going along imports in order."""
    done: set[str] = set()
    way: list[str] = []

    def follow(name: str) -> Iterator[Problem]:
        way.append(name)
        for target, line in modules[name].imports:
            if target in way:
                circle = [*way[way.index(target) :], target]
                yield Problem(modules[name].path, line, f"imports go in a circle: {' -> '.join(circle)}")
            elif target in modules and target not in done:
                yield from follow(target)
        done.add(way.pop())

    for name in modules:
        if name not in done:
            yield from follow(name)


def _foreign_packages(modules: Mapping[str, Module]) -> Iterator[Problem]:
    for name, module in modules.items():
        for target, line in module.imports:
            package = target.partition(".")[0]
            if package == "matplotlib" and not _is_in(name, "lrplot.pictures"):
                yield Problem(module.path, line, f"{name} must not import matplotlib: only pictures do")
            if package in ("numpy", "click", "yaml") and _is_in(name, "lrplot.schedulers"):
                yield Problem(module.path, line, f"{name} must not import {package}: schedulers need nothing")


def _long_functions(modules: Mapping[str, Module]) -> Iterator[Problem]:
    for module in modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
                lines = {line for part in body for inner in ast.walk(part) for line in _ends(inner)}
                if len(lines) > MOST_LINES:
                    yield Problem(module.path, node.lineno, f"{node.name} has {len(lines)} lines, over {MOST_LINES}")


def _ends(node: ast.AST) -> Iterator[int]:
    """The lines on which a node begins and ends: those of a function without its comments and blank lines."""
    if isinstance(node, (ast.stmt, ast.expr, ast.ExceptHandler, ast.match_case)):
        place: ast.AST = node.pattern if isinstance(node, ast.match_case) else node
        yield from (place.lineno, place.end_lineno)  # type: ignore[attr-defined]


def _full_top(root: Path) -> Iterator[Problem]:
    files = sorted(path.name for path in (root / "lrplot").iterdir() if path.is_file())
    if len(files) > MOST_FILES:
        yield Problem("lrplot", 1, f"{len(files)} files at the top, over {MOST_FILES}: {', '.join(files)}")


def _silent_wings(root: Path) -> Iterator[Problem]:
    for folder in sorted({path.parent for path in root.glob("lrplot/*/**/*.py")}):
        init = folder / "__init__.py"
        docstring = ast.get_docstring(ast.parse(init.read_text())) if init.exists() else None
        if len((docstring or "").splitlines()) < 2:
            what = "does not say in two lines what lives here and what it may use"
            yield Problem(str(init.relative_to(root)), 1, what)


def _registry_hosts(root: Path, tracked: Sequence[Path]) -> Iterator[Problem]:
    """A clone must install from wherever its user installs from."""
    for path in tracked:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if match := HOSTS.search(line):
                yield Problem(str(path.relative_to(root)), number, f"names a package registry, {match[0].decode()}")


def main() -> int:
    """Prints what is wrong; answers the exit status."""
    root = Path(__file__).parents[1]
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=root, text=True).split("\0")
    found = problems(root, [root / name for name in listed if name and (root / name).is_file()])
    fresh = [str(problem) for problem in found if f"{problem.path}: {problem.what}" not in EXCEPTIONS]
    gone = EXCEPTIONS - {f"{problem.path}: {problem.what}" for problem in found}
    for line in [*fresh, *(f"tests/house.py: is no exception any more: {line}" for line in sorted(gone))]:
        print(line, file=sys.stderr)
    return 1 if fresh or gone else 0


if __name__ == "__main__":
    sys.exit(main())
