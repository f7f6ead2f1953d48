"""Files of other frameworks, changed at random: a config, or lines that name a place; no traceback, no hang."""

import os
from itertools import islice
from pathlib import Path

import pytest

from lrplot.configs.document import ConfigError
from lrplot.configs.sources import load
from lrplot.parameters import Refusal
from tests.fuzz import harness
from tests.fuzz.foreign import CASES, mutants

FILES = sorted(path for path in CASES.iterdir() if path.is_file())
MUTANTS = int(os.environ.get("LRPLOT_FUZZ_FOREIGN", 5_000))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_changed_file_is_read_or_refused_in_lines_with_places(path: Path) -> None:
    harness.cap_steps()
    others = [each.read_text() for each in FILES]
    for text in islice(mutants(path.read_text(), others, seed=14), MUTANTS):
        try:
            load(path.name, text=text).curves()
        except ConfigError as error:
            for line in error.messages:
                assert line.startswith((path.name, "--", "…", "metrics", "steps", "the run")), (line, text)
        except Refusal:
            pass
