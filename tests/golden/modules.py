"""Single modules of libraries that are too large to install: read out of their packages, with stubs for what they need."""

import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

HOME = Path(__file__).parents[2] / ".venv-oracle" / "originals"
"""Where ``make oracle`` puts the packages."""


def stub(name: str, **contents: Any) -> None:
    """A module with nothing in it but what is given, to be imported from."""
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(contents)


def load(package: str, path: str) -> ModuleType:
    """The module in a file of a package."""
    module = ModuleType(Path(path).stem)
    exec(compile(_source(next(HOME.glob(f"{package}-*")), path), path, "exec"), vars(module))
    return module


def _source(archive: Path, path: str) -> bytes:
    if zipfile.is_zipfile(archive):
        return zipfile.ZipFile(archive).read(path)
    with tarfile.open(archive) as opened:
        stream = opened.extractfile(next(name for name in opened.getnames() if name.endswith(f"/{path}")))
        assert stream is not None
        return stream.read()
