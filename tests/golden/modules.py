"""Single modules of libraries that are too large to install: read out of their packages, with stubs for what they need."""

import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

HOME = Path(__file__).parents[2] / ".venv-oracle" / "originals"
"""Where ``make oracle`` puts the packages."""


def load(package: str, path: str, stubs: Mapping[str, Mapping[str, Any]]) -> ModuleType:
    """The module in a file of a package.

    Args:
        stubs: What is in the modules that it imports from: they are there as long as that takes, and no other library
            takes them for the installed one.
    """
    module, there = ModuleType(Path(path).stem), {name: ModuleType(name) for name in stubs}
    module.__package__ = ".".join(Path(path).parent.parts)
    for name, contents in stubs.items():
        vars(there[name]).update(contents)
    with standing_in(there):
        exec(compile(source(package, path), path, "exec"), vars(module))
    return module


@contextmanager
def standing_in(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    """Has modules imported in place of those that are installed; what is imported besides stays."""
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name in modules:
            sys.modules.pop(name, None)


@cache
def source(package: str, path: str) -> bytes:
    """The text of a file of a package."""
    archive = next(HOME.glob(f"{package}-*"))
    if zipfile.is_zipfile(archive):
        return zipfile.ZipFile(archive).read(path)
    with tarfile.open(archive) as opened:
        stream = opened.extractfile(next(name for name in opened.getnames() if name.endswith(f"/{path}")))
        assert stream is not None
        return stream.read()
