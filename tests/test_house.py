"""The checker of the house's rules finds what breaks each of them, and nothing in a house that keeps them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house import MOST_FILES, problems

WING = '"""What lives here.\nIt may use the ground.\n"""\n'
HOUSE = {
    "__init__.py": "from lrplot.version import __version__\n",
    "version.py": "",
    "wording.py": "",
    "formats.py": "import lrplot.wording\n",
    "api.py": "from lrplot import configs\n",
    "schedulers/__init__.py": WING,
    "schedulers/base.py": "import math\nfrom lrplot import wording\n",
    "pictures/__init__.py": WING,
    "pictures/look.py": "",
    "pictures/figure.py": "import matplotlib.figure\nfrom . import look\n",
    "terminal/__init__.py": WING,
    "configs/__init__.py": WING,
    "configs/document.py": "import yaml\n",
    "configs/config.py": "from lrplot.configs.document import parse\nfrom lrplot.pictures.look import Look\n",
    "configs/foreign/__init__.py": WING,
    "configs/foreign/hydra.py": "from lrplot.configs.document import Value\n",
}


def found(folder: Path, changed: Mapping[str, str] = {}) -> list[str]:
    """What the checker says of the house with some files changed."""
    for name, text in {**HOUSE, **changed}.items():
        path = folder / "lrplot" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [str(problem) for problem in problems(folder, sorted((folder / "lrplot").rglob("*.py")))]


def test_a_house_that_keeps_the_rules(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "text", "target"),
    [
        ("schedulers/base.py", "from lrplot.configs import document", "lrplot.configs.document"),
        ("schedulers/base.py", "def late():\n    import lrplot.api", "lrplot.api"),
        ("version.py", "import lrplot", "lrplot"),
        ("wording.py", "from .configs.document import parse", "lrplot.configs.document"),
        ("pictures/look.py", "from typing import *\nif TYPE_CHECKING:\n    from ..api import plot", "lrplot.api"),
        ("pictures/look.py", "from lrplot import terminal", "lrplot.terminal"),
        ("configs/config.py", "from lrplot.pictures import figure", "lrplot.pictures.figure"),
        ("configs/foreign/hydra.py", "from lrplot.files import read_bytes", "lrplot.files"),
        ("wording.py", "import lrplot.nowhere", "lrplot.nowhere"),
    ],
)
def test_an_import_that_goes_upward_or_where_it_must_not(tmp_path: Path, file: str, text: str, target: str) -> None:
    module = f"lrplot/{file}".removesuffix(".py").replace("/", ".")
    message = f"lrplot/{file}:{len(text.splitlines())}: {module} must not import {target}"
    assert message in found(tmp_path, {file: text + "\n"})


def test_a_wing_that_is_on_no_floor(tmp_path: Path) -> None:
    assert found(tmp_path, {"cellar.py": ""}) == ["lrplot/cellar.py:1: cellar is on no floor of the house"]


def test_imports_in_a_circle(tmp_path: Path) -> None:
    assert found(tmp_path, {"wording.py": "import lrplot.version\n", "version.py": "\nimport lrplot.wording\n"}) == [
        "lrplot/wording.py:1: imports go in a circle: lrplot.version -> lrplot.wording -> lrplot.version"
    ]


def test_matplotlib_outside_of_the_pictures(tmp_path: Path) -> None:
    assert found(tmp_path, {"api.py": "def plot():\n    from matplotlib import pyplot\n"}) == [
        "lrplot/api.py:2: lrplot.api must not import matplotlib: only pictures do"
    ]


@pytest.mark.parametrize("package", ["numpy", "click", "yaml"])
def test_what_schedulers_do_without(tmp_path: Path, package: str) -> None:
    assert found(tmp_path, {"schedulers/base.py": f"import {package}.inner\n"}) == [
        f"lrplot/schedulers/base.py:1: lrplot.schedulers.base must not import {package}: schedulers need nothing"
    ]


def test_a_function_that_fits_no_screen(tmp_path: Path) -> None:
    def function(lines: int) -> str:
        head = 'def long(\n    first,\n    second,\n):\n    """It is documented\n\n    at length.\n    """\n'
        return head + "\n    # a comment\n".join(["    call(\n        first)"] * (lines // 2)) + "\n"

    assert found(tmp_path, {"api.py": function(40)}) == []
    assert found(tmp_path, {"api.py": function(42)}) == ["lrplot/api.py:1: long has 42 lines, over 40"]


def test_a_top_that_is_full(tmp_path: Path) -> None:
    assert sum("/" not in name for name in HOUSE) < MOST_FILES
    (tmp_path / "lrplot").mkdir()
    for number in range(MOST_FILES):
        (tmp_path / "lrplot" / f"{number}.txt").touch()
    assert found(tmp_path)[0].startswith("lrplot:1: 15 files at the top, over 10: 0.txt, 1.txt, ")


def test_a_wing_that_does_not_say_what_it_is(tmp_path: Path) -> None:
    message = "lrplot/{}/__init__.py:1: does not say in two lines what lives here and what it may use"
    assert found(tmp_path, {"schedulers/__init__.py": "", "pictures/__init__.py": '"""One line."""\n'}) == [
        message.format("pictures"),
        message.format("schedulers"),
    ]
    (tmp_path / "lrplot" / "terminal" / "__init__.py").unlink()
    (tmp_path / "lrplot" / "terminal" / "chart.py").touch()
    assert message.format("terminal") in [str(problem) for problem in problems(tmp_path, [])]


def test_text_that_names_a_package_registry(tmp_path: Path) -> None:
    host = "pypi" + ".org"
    assert found(tmp_path, {"version.py": f"\n# from https://{host}/simple\n"}) == [
        f"lrplot/version.py:2: names a package registry, {host}"
    ]
