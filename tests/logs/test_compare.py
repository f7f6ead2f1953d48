"""What a run did beside what was planned: named right, or with the tie that fits all that was logged."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lrplot.analysis.compare.compare import Comparison, compare
from lrplot.configs.document import Value
from lrplot.configs.sources import build, load
from tests.logs.relations import PAIRS, RELATIONS, Facts, plan, stepped
from tests.logs.writers import FORMATS, write

STEPS = 200


def planned(spec: str, lr: float, steps: int = STEPS) -> Any:
    """The curve of a plan."""
    optimizer = Value({"lr": Value(repr(lr), "t")}, "t")
    root = Value({"optimizer": optimizer, "scheduler": Value(spec, "t"), "steps": Value(str(steps), "t")}, "t")
    return build(root).curves()[0]


def names(found: Comparison, expected: Sequence[Facts]) -> bool:
    """Whether all that was expected is found, or said to fit as well; of epochs, any number of steps is right that fits."""
    said = [each.facts() for one in (found.relation, *found.also) for each in (one, *one.parts)]
    sure = [{key: value for key, value in facts.items() if key != "every"} for facts in expected]
    return all(any(all(_is(facts[key], value) for key, value in one.items()) for facts in said) for one in sure)


def _is(found: Any, expected: Any) -> bool:
    return found == pytest.approx(expected, rel=1e-3) if isinstance(expected, float) else bool(found == expected)


def check(folder: Path, format: str, relation: str, seed: int) -> tuple[Comparison, bool]:
    """A comparison of a plan, drawn by chance, with a log of it; and whether it is right."""
    chance = random.Random(f"{format} {relation} {seed}")
    spec, lr = plan(chance, STEPS)
    long = planned(spec, lr, 8 * STEPS).rates[0]
    rows, expected = stepped(relation, long.__getitem__, STEPS, chance)
    log = load(str(write(folder, format, rows))).curves()[0]
    found = compare(planned(spec, lr), log)
    return found, names(found, expected) and (not found.is_equal or fits(found, rows, long))


def fits(found: Comparison, rows: list[tuple[int, float]], long: Any) -> bool:
    """Whether a log that is called equal is so: each rate of the plan is written as the log's is."""
    low, high = found.quantum.bounds([rate for _, rate in rows])
    return all(a * (1 - 1e-6) <= long[step] <= b * (1 + 1e-6) for (step, _), a, b in zip(rows, low, high))


@pytest.mark.parametrize("format", FORMATS)
def test_what_a_run_did_is_named(format: str, tmp_path: Path) -> None:
    first = [*FORMATS].index(format)
    for relation in (*RELATIONS[first % 2 :: 2], *PAIRS[first % 3 :: 3]):
        found, right = check(tmp_path, format, relation, 1)
        assert right, (relation, found.relation, found.also)


def test_what_was_so_before_a_run_was_resumed_is_said(tmp_path: Path) -> None:
    plan = planned("cosine T_max=200", 0.1, 200)
    rates = [plan.rates[0][2 * (t if t < 60 else t - 60)] for t in range(90)]
    found = compare(plan, load(str(write(tmp_path, "csv", [*enumerate(rates)]))).curves()[0])
    said = "the log is the plan stepped 2 times a step until step 60, then the plan from 0 again"
    assert found.relation.sentence == said
