"""The names that stand for numbers in a config: those under ``let``, and the lengths of the run."""

import keyword
import math
from collections.abc import Iterator, Mapping
from typing import Any

from lrplot.configs.document import Value
from lrplot.configs.numbers import Unknown, Untold, computed
from lrplot.configs.values import Values
from lrplot.parameters import Refusal, parameters_of
from lrplot.runs.data import Data

LENGTHS = {
    "steps": "give steps, or epochs and steps_per_epoch",
    "epochs": "give epochs, or steps and steps_per_epoch",
    "steps_per_epoch": "give steps_per_epoch, or data with its size and batch_size",
}
"""The lengths of a run, each with what says how long that is."""
LONGEST_CHAIN = 50
MAX_NAMES = 1_000


class Names(Mapping[str, int | float]):
    """Numbers by name, each computed when it is asked for.

    Args:
        entries: The keys of a config, with those of a curve on top.
    """

    def __init__(self, entries: Mapping[str, Value]) -> None:
        self.entries = entries
        self.let: dict[str, Value] = {}
        self._known: dict[str, int | float] = {}
        self._failed: set[str] = set()
        self._open: list[str] = []

    def read(self, values: Values, let: Value | None, path: str) -> None:
        """Takes up the names under ``let``, and computes each, so that all that is wrong with them is noted."""
        if let is None or let.is_null:
            return
        note = values.problems.note
        if not isinstance(let.content, dict) or len(let.content) > MAX_NAMES:
            note(let, path, f"must be a mapping of at most {MAX_NAMES:,} names to numbers, as in {{warmup: 500}}")
            return
        new = {}
        for name, value in let.content.items():
            if problem := self._problem(name):
                note(value.key or value, f"{path}.{name}"[:80], problem)
            elif values.affords(value, f"{path}.{name}"):
                new[name] = value
        self.let |= new
        for name in new:
            try:
                self[name]
            except Untold:
                values.problems.count_quietly()
            except ValueError as error:
                note(self.let[name], f"{path}.{name}", f"must be a number or an expression of names: {error}")

    def _problem(self, name: str) -> str:
        from lrplot.configs.expression import PACKAGES, VARIABLES  # only those who write one need the parser

        if name in VARIABLES:
            return "has the name of what an expression is a function of: take another"
        if not name.isidentifier() or not name.isascii() or keyword.iskeyword(name) or name[0] == "_":
            return "is no name that an expression can have: letters, digits and underscores"
        if name in PACKAGES:
            return "has the name of a package of Python's: take another"
        if name == "steps" or (name in LENGTHS and name in self.entries and not self.entries[name].is_null):
            return f"is the run's own {name}: give it there, outside of let"
        return ""

    def __iter__(self) -> Iterator[str]:
        """Those that are given: the others may follow from them."""
        return iter(dict.fromkeys([*self.let, *(name for name in LENGTHS if name in self.entries)]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self.let or name in LENGTHS

    def __getitem__(self, name: str) -> int | float:
        if name in self._known:
            return self._known[name]
        if name in self._failed:
            raise Untold
        if name in self._open:
            chain = [*self._open[self._open.index(name) :], name]
            raise Unknown(f"{name} leads back to itself: {', which needs '.join(chain).replace(', which', '', 1)}")
        if len(self._open) >= LONGEST_CHAIN:
            raise Unknown(f"it leads from name to name, more than {LONGEST_CHAIN} times")
        self._open.append(name)
        try:
            self._known[name] = computed(self.let[name], self) if name in self.let else self._length(name)
        except ValueError:
            self._failed |= {name} & self.let.keys()
            raise
        finally:
            self._open.pop()
        return self._known[name]

    def _length(self, name: str) -> int | float:
        """A length of the run: as it is given, or as it follows from the others."""
        value = self.entries.get(name)
        if value is not None and not value.is_null:
            return self._given(value)
        try:
            if name == "steps_per_epoch":
                return self._of_data()
            if name == "steps":
                return math.ceil(self["epochs"] * self._of_epoch())
            epochs = self["steps"] / self._of_epoch()
            return int(epochs) if epochs.is_integer() else epochs
        except (Unknown, ZeroDivisionError):
            raise Unknown(f"{name} is not known: {LENGTHS[name]}") from None

    def _of_epoch(self) -> int | float:
        """The steps of an epoch, or of what is counted in place of them where a scheduler is stepped by the epoch."""
        interval = self.entries.get("interval")
        known = {"steps_per_epoch", "data"} & self.entries.keys()
        return 1 if not known and interval is not None and interval.content == "epoch" else self["steps_per_epoch"]

    def _of_data(self) -> int:
        data = self.entries.get("data")
        if data is None or not isinstance(data.content, dict):
            raise Unknown
        given: dict[str, Any] = {}
        for parameter in parameters_of(Data):
            value = data.content.get(parameter.name)
            if value is not None and not value.is_null:
                is_number = parameter.kind == "int"
                given[parameter.name] = int(self._given(value)) if is_number else str(value.content).lower() == "true"
        try:
            return Data(**given).steps_per_epoch
        except (TypeError, Refusal):
            raise Untold from None

    def _given(self, value: Value) -> int | float:
        """What stands at a key that is read by itself, too: what is wrong with it is noted then."""
        try:
            return computed(value, self)
        except (Unknown, Untold):
            raise
        except ValueError:
            raise Untold from None
