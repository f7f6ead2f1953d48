"""What every test has: the command line at hand, without a process for each command."""

import gc
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import command

# A busy machine takes longer, and that is not for the code to answer. CI draws more: --hypothesis-profile thorough.
# What is dear, or cheap, to try asks for a share of the profile's examples, or for several times as many.
settings.register_profile("lrplot", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
settings.register_profile("thorough", settings.get_profile("lrplot"), max_examples=100)
settings.load_profile("lrplot")
PROGRAMS = str(Path(sys.executable).parent)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """A module of tests is looked through for tests alone, and not for examples in docstrings besides."""
    found = yield
    return [each for each in found if type(each) is pytest.Module or not file_path.name.startswith("test_")]


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: nothing is found in looking through them for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)  # as the program has it


@pytest.fixture(autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that is marked ``process`` runs each command in a process of its own; others may start none."""
    if request.node.get_closest_marker("process"):
        monkeypatch.setattr(command, "run", command.run_there)
        return
    start = subprocess.Popen.__init__

    def refuse(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        assert PROGRAMS not in str(args), "a test that starts the program, or Python, is marked: @pytest.mark.process"
        start(self, args, *rest, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", refuse)
