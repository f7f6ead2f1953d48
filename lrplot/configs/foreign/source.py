"""A file of another framework, what was given beside it, and what was understood of it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.tree import at as at
from lrplot.configs.foreign.tree import merged, with_value
from lrplot.configs.foreign.tree import walk as walk
from lrplot.wording import listed, shown

if TYPE_CHECKING:
    from lrplot.configs.foreign.bases import Built

LENGTHS = ("steps", "epochs", "steps_per_epoch", "data.size", "data.batch_size", "data.devices", "data.accumulate")
"""What flags say of a run's length, by key path: a format's own arithmetic makes a length of them."""


class NoSchedule(ConfigError):
    """A file that says nothing of a schedule: a command on a folder passes it over."""

    def __reduce__(self) -> tuple[Any, ...]:
        return NoSchedule, (self.messages, self.files)


@dataclass(frozen=True)
class Given:
    """What was typed beside the files.

    Args:
        form: The format after ``--from``.
        names: The values after ``--set``, by their names.
        values: The files and folders after ``--values``.
        lengths: What flags say of the run's length, by key path.
        has_metrics: Whether a flag says what a plateau watches.
    """

    form: str | None = None
    names: Mapping[str, Value] = field(default_factory=dict)
    values: Sequence[str] = ()
    lengths: Mapping[str, Value] = field(default_factory=dict)
    has_metrics: bool = False


@dataclass(frozen=True)
class Source:
    """A file: its text, its parts as values, and what was given beside it.

    Args:
        path: As it was typed.
        text: What is in it.
        pick: What stands behind its name, as in ``train.py:scheduler`` or ``file.yaml:key.path``.
    """

    path: str
    text: str
    pick: str = ""
    given: Given = Given()

    @cached_property
    def kind(self) -> str:
        """How it is written: "yaml" (JSON too), "toml", "python", "flags" of a shell script, or "text"."""
        from lrplot.configs.foreign.kinds import kind_of

        return kind_of(self.path, self.text)

    @cached_property
    def tree(self) -> Value:
        """The keys and values in it, with what ``--set`` names on top; an empty mapping where it holds none."""
        tree = self._topped(self._commands[-1] if self.kind == "flags" else self.built.tree)
        if self.kind == "yaml" and "${" in self.text:
            from lrplot.configs.foreign.interpolation import resolved

            tree = resolved(tree, self.other, self.used)
        return tree

    @property
    def parts(self) -> Sequence["Source"]:
        """The commands of a shell script, each as if it were all of it, and the whole; of other files that alone."""
        return [*(self.at(self._topped(tree)) for tree in self._commands[:-1]), self]

    @cached_property
    def _commands(self) -> list[Value]:
        if self.kind != "flags":
            return []
        from lrplot.configs.foreign import flags

        return flags.parse(self.text, self.name, self._variable)

    def _variable(self, name: str) -> str | None:
        """What was given for a variable of the script."""
        value = self.given.names.get(name)
        self.use(value)
        return value.content if value is not None and isinstance(value.content, str) else None

    def _topped(self, tree: Value) -> Value:
        for name, value in self.given.names.items():
            tree = with_value(tree, name, value)
        return tree

    def at(self, tree: Value, pick: str = "") -> "Source":
        """The same file, as if a mapping in it were all of it."""
        part = Source(self.path, self.text, pick, self.given)
        shared = {"other": self.other, "used": self.used, "asked": self.asked}
        part.__dict__.update(kind=self.kind, built=self.built, tree=tree, **shared)
        return part

    @cached_property
    def used(self) -> set[str]:
        """The flags after ``--set`` that something asked for, as places name them."""
        return set()

    @cached_property
    def asked(self) -> set[str]:
        """The key paths that something was looked for at."""
        return set()

    def use(self, value: Value | None) -> None:
        """Notes that a value was asked for, if it is a flag's."""
        if value is not None and value.is_flag:
            self.used.add(value.source)

    @cached_property
    def built(self) -> "Built":
        """Its values over those of the files that it is built on, as far as these were named after ``--values``."""
        from lrplot.configs.foreign import bases

        return bases.build(self.path, self.kind, self.text, self.given.values)

    @property
    def way(self) -> str:
        """What has the files read that it is built on: nothing where all were."""
        from lrplot.configs.foreign import bases

        return bases.way(self.built.pending) if self.built.pending else ""

    @cached_property
    def other(self) -> Value | None:
        """The values in those files after ``--values`` that it is not built on, the first over the others."""
        from lrplot.configs.document import read_text
        from lrplot.configs.foreign.kinds import kind_of, tree_of

        found = None
        for path in self.files:
            if path not in self.built.opened:
                text = read_text(path)
                tree = tree_of(kind_of(path, text), text, path)
                found = tree if found is None else merged(found, tree)
        return found

    @property
    def files(self) -> Sequence[str]:
        """What was read besides."""
        return [*self.built.opened, *(each for each in self.given.values if not os.path.isdir(each))]

    @property
    def name(self) -> str:
        """What places name."""
        return "<stdin>" if self.path == "-" else self.path

    def has(self, *names: str) -> bool:
        """Whether all of these keys stand at its top level, or where their paths lead."""
        return all(walk(self.tree, name) is not None for name in names)


@dataclass(frozen=True)
class Understood:
    """What a file says, as lrplot's own config.

    Args:
        what: What the file is.
        trees: lrplot's own configs, each by its name; the only one may have none.
        facts: What was understood.
        assumed: What the file does not say, and the framework or a habit does.
        offers: What would tell more, and how it is given.
        files: What was read besides.
    """

    what: str
    trees: Mapping[str, Value]
    facts: Sequence[str] = ()
    assumed: Sequence[str] = ()
    offers: Sequence[str] = ()
    files: Sequence[str] = ()

    @property
    def line(self) -> str:
        """All of it in a line."""
        parts = [
            ", ".join(filter(None, self.facts)),
            *([f"assumed {', '.join(self.assumed)}"] if self.assumed else []),
            *self.offers,
        ]
        return f"{self.what}: {'; '.join(filter(None, parts))}"

    @property
    def root(self) -> Value:
        """One config of all of them."""
        if len(self.trees) == 1:
            return next(iter(self.trees.values()))
        curves = []
        for name, tree in self.trees.items():
            assert isinstance(tree.content, dict), "a config is a mapping"
            curve = {key: value for key, value in tree.content.items() if key != "plot"}
            curves.append(at(tree, {"label": at(tree, name), **curve}))
        first = next(iter(self.trees.values()))
        looks = [walk(tree, "plot") for tree in self.trees.values()]
        look = {} if None in looks else {"plot": looks[0]}
        return at(first, {"curves": at(first, curves), **look})

    def picked(self, source: Source) -> "Understood":
        """The part that stands behind the file's name."""
        if not source.pick:
            return self
        trees = {
            name: tree
            for name, tree in self.trees.items()
            if name in (source.pick, f"line {source.pick}") or name.startswith(f"{source.pick}.")
        }
        if not trees:
            one = "it holds one schedule, which the file's name alone draws"
            known = f"it has {listed(filter(None, self.trees))}" if len(self.trees) > 1 else one
            raise ConfigError([f"{source.name}: there is no schedule {shown(source.pick)}: {known}"])
        return replace(self, trees=trees)


def joined(found: Mapping[str, Understood], source: Source) -> Understood:
    """What the parts of a file say, each by its name, as one: where only some count steps, those, if none is picked."""
    counted = {
        part: each for part, each in found.items() if not any(walk(tree, "plot") for tree in each.trees.values())
    }
    drawn = counted if counted and not source.pick else found
    told = list(drawn.values())
    trees = {
        f"{part}.{name}" if name else part: tree for part, each in drawn.items() for name, tree in each.trees.items()
    }
    facts = [f"{part}: {', '.join(filter(None, each.facts))}" for part, each in drawn.items()]
    assumed = dict.fromkeys(text for each in told for text in each.assumed)
    offers = dict.fromkeys(text for each in told for text in each.offers)
    left = [f"{source.path}:{part.split()[-1]} draws {part}, over epochs" for part in found if part not in drawn]
    return Understood(told[0].what, trees, ["; ".join(facts)], [*assumed], [*offers, *left])
