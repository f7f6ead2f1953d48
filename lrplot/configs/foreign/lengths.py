"""How long a run is, by what its file and the flags beside it say: in epochs always, in steps where that is known."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from lrplot.configs.document import Value
from lrplot.configs.foreign.fields import Fields, number_of, plain
from lrplot.configs.foreign.source import at

NOMINAL = 1_000
"""Steps that stand for those of an epoch where their number is not known: the shape over epochs is the same."""
MOST_NOMINAL = 100_000
"""Steps in all that stand for those of a run by the epoch, where a long one has fewer to an epoch."""
UNKNOWN = "stands for the unknown number of steps: the shape over epochs is the same"


def over_epochs_alone(place: Value) -> dict[str, Value]:
    """What lrplot's own config says of a curve whose steps are not known."""
    return {
        "nominal": at(place, True, "steps are not known"),
        "plot": at(place, {"x": at(place, "epoch", "steps are not known")}),
    }


class Length(NamedTuple):
    """A run's length.

    Args:
        steps: All of its steps.
        per_epoch: Steps of an epoch: None where there is no telling.
        is_known: Whether these are the run's own, or stand for them.
        place: Where the length was said.
        note: How it was come by.
    """

    steps: int
    per_epoch: int | None
    is_known: bool
    place: Value
    note: str

    def keys(self) -> dict[str, Value]:
        """What lrplot's own config says of it."""
        made = {"steps": at(self.place, self.steps, self.note)}
        if self.per_epoch is not None:
            made["steps_per_epoch"] = at(self.place, self.per_epoch, "" if self.is_known else UNKNOWN)
        return made if self.is_known else made | over_epochs_alone(self.place)

    def fixes(self, fields: Fields, path: str) -> None:
        """Asks for the number of steps, where it is not known and something is counted in steps."""
        if not self.is_known:
            what = f"the number of its steps ({path} is counted in steps)"
            fields.needs.setdefault(what, "--steps-per-epoch 500 (or --data-size 10000, or --steps 1500)")

    @property
    def fact(self) -> str:
        """How it is told."""
        return f"{self.steps:,} steps" if self.is_known else ""


def given(fields: Fields, *keys: str) -> tuple[int | float, Value] | None:
    """What the first of some flags says that was given."""
    for key in keys:
        value = fields.source.given.lengths.get(key) or fields.source.given.names.get(key)
        fields.source.use(value)
        if value is not None and not value.is_null:
            number = number_of(value)
            if number is None or number <= 0:
                fields.problems.append(f"{value.place} must be a number above 0, got {value.content!r}")
                return 1, value
            return number, value
    return None


def over_epochs(fields: Fields, epochs: float, path: str, per_epoch: Callable[[int], tuple[int, str]]) -> Length:
    """The length of a run that is so many epochs long.

    Args:
        epochs: They may be fractions.
        path: The key that says so.
        per_epoch: The steps of an epoch over so many examples, and how that is reckoned.
    """
    place: Any = fields.value(path) or fields.file
    if (flag := given(fields, "data.size")) is not None:
        batches, how = per_epoch(int(flag[0]))
        steps, note = math.ceil(epochs * batches), f"ceil({plain(epochs)} epochs * {batches}), an epoch being {how}"
        return Length(max(steps, 1), batches, True, flag[1], note)
    if (flag := given(fields, "steps_per_epoch")) is not None:
        batches = int(flag[0])
        return Length(max(math.ceil(epochs * batches), 1), batches, True, flag[1], f"{plain(epochs)} * {batches}")
    if (flag := given(fields, "steps")) is not None:
        steps = int(flag[0])
        exact = steps / epochs if epochs else 0
        return Length(steps, int(exact) if exact and exact == int(exact) else None, True, flag[1], "")
    note = f"{path}: {plain(epochs)} epochs"
    return Length(max(math.ceil(epochs * NOMINAL), 1), NOMINAL, False, place, note)
