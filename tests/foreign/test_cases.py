"""Other frameworks' files, each to the rates that the framework gives: the first, the peak, the last."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.command import lrplot

CASES = Path(__file__).parent / "cases"


class Expected(NamedTuple):
    steps: int
    first: float
    peak: float
    peak_at: int
    last: float


def rates(*words: str) -> list[float]:
    """The rates of the first parameter group, as ``lrplot plot`` has them."""
    done = lrplot("plot", *words, "-q", "-o", "-")
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = [row.split(",") for row in done.stdout.splitlines()]
    column = next(i for i, name in enumerate(header) if name.startswith("lr"))
    return [float(row[column]) for row in rows]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["hf_training_args.json", "--steps-per-epoch", "313"],
            Expected(939, 0.0, 4e-05, 57, 1.2687092783236765e-10),
        ),
        (["hf_training_args_maxsteps.yaml"], Expected(1200, 0.0, 0.0003, 100, 3.0000550576730777e-05)),
    ],
    ids=lambda value: Path(value[0]).stem if isinstance(value[0], str) else "",
)
def test_file_gives_its_frameworks_rates(words: list[str], expected: Expected) -> None:
    found = rates(str(CASES / words[0]), *words[1:])
    assert len(found) == expected.steps
    top = max(found)
    assert (found[0], top, found.index(top), found[-1]) == pytest.approx(expected[1:], rel=1e-14, abs=1e-22)


def test_line_says_what_a_file_is() -> None:
    done = lrplot("plot", str(CASES / "hf_training_args_maxsteps.yaml"), "-o", "-")
    what = "training arguments of transformers: cosine_with_min_lr, lr 0.0003, 1,200 steps"
    assert done.stderr == f"lrplot: {CASES / 'hf_training_args_maxsteps.yaml'}: {what}\n"


def test_file_of_no_known_kind_gets_one_line() -> None:
    done = lrplot("plot", "-", "-o", "-", input="name: build\non: [push]\njobs: {test: 1}\n")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and line.startswith("lrplot: <stdin>: ") and "--from" in line
