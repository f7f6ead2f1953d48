"""Other frameworks' configs as lrplot's own tree of values: a module a framework, told apart by what is in a file.
It may use wording and document alone, and imports, opens and evaluates nothing that a file names: a file that another
one is built on is read where it was named after ``--values``.
"""

import importlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.source import NoSchedule as NoSchedule
from lrplot.configs.foreign.source import Source as Source
from lrplot.configs.foreign.source import Understood as Understood
from lrplot.configs.foreign.source import joined
from lrplot.configs.foreign.tree import at, flags_in, keys_in, walk, with_value
from lrplot.wording import closest, nearest, shown


class Reader(Protocol):
    """What the module of a format has."""

    def recognise(self, source: Source) -> bool:
        """Whether a file is of this format, by its content."""

    def read(self, source: Source) -> Understood:
        """What a file of this format says, as lrplot's own config.

        Raises:
            NoSchedule: Nothing.
            ConfigError: Something else than it may, or less than it takes: one message each.
        """


_HOME = "lrplot.configs.foreign"
FORMATS: Mapping[str, str] = {
    "ultralytics": f"{_HOME}.ultralytics",
    "yolov5": f"{_HOME}.yolov5",
    "axolotl": f"{_HOME}.axolotl",
    "llamafactory": f"{_HOME}.llamafactory",
    "torchtitan": f"{_HOME}.torchtitan",
    "diffusers": f"{_HOME}.diffusers",
    "kohya": f"{_HOME}.kohya",
    "gptneox": f"{_HOME}.gptneox",
    "megatron": f"{_HOME}.megatron",
    "fairseq": f"{_HOME}.fairseq",
    "swift": f"{_HOME}.swift",
    "deepspeed": f"{_HOME}.deepspeed",
    "nanogpt": f"{_HOME}.nanogpt",
    "transformers": f"{_HOME}.transformers",
    "torchtune": f"{_HOME}.torchtune",
    "foundry": f"{_HOME}.foundry",
    "nemo": f"{_HOME}.nemo",
    "lightning": f"{_HOME}.lightning",
    "timm": f"{_HOME}.timm",
    "detectron2": f"{_HOME}.detectron2",
    "openmmlab": f"{_HOME}.openmmlab",
    "mmcv": f"{_HOME}.mmcv",
    "paddle": f"{_HOME}.paddle",
    "code": "lrplot.configs.code.script",
}
"""The formats by the name that ``--from`` takes, each with its module, in the order in which they are recognised."""


def recognise(source: Source) -> str | None:
    """The format of a file: the first whose signature fits."""
    return next((name for name in FORMATS if _parts(name, source)), None)


def _parts(name: str, source: Source) -> list[Source]:
    """What of a file is of a format: the commands of a script that are, or all of it."""
    *commands, whole = source.parts
    return [part for part in commands if _reader(name).recognise(part)] or (
        [whole] if _reader(name).recognise(whole) else []
    )


def read(name: str, source: Source) -> Understood:
    """What a file of a format says.

    Raises:
        ConfigError: There is no such format, or the file cannot be read as one.
    """
    if name not in FORMATS:
        raise ConfigError([f"--from: there is no format {shown(name)}: {nearest(name, FORMATS)}"])
    try:
        understood = _read(name, source)
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError([f"{source.name}: its numbers make no schedule: {error}"]) from None
    if source.given.form and name != "code" and keys_in(source.tree).isdisjoint(map(_last, source.asked)):
        raise ConfigError([f"{source.name}: holds none of the keys that --from {name} reads"])
    if source.given.names and name != "code" and (unused := _unused(source, understood)):  # code sees to its own
        meant = closest(unused[0].removeprefix("--set "), source.asked)
        hint = f": did you mean {shown(meant)}?" if meant is not None else ""
        raise ConfigError([f"{', '.join(unused)}: nothing that is read of {source.name} is called so{hint}"])
    found = understood.picked(source)
    trees = found.trees if name == "code" else {part: _titled(tree, found) for part, tree in found.trees.items()}
    return replace(found, trees=trees, files=source.files)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _titled(tree: Value, found: Understood) -> Value:
    """A config with the framework's words in the title of its picture, where its schedule is a formula here."""
    name = walk(tree, "scheduler.name")
    if name is None or name.content != "LambdaLR" or len(found.trees) > 1 or not found.facts:
        return tree
    owner = found.what.removeprefix("a config of ").removeprefix("arguments of ")
    return with_value(tree, "plot.title", at(name, f"{owner}: {found.facts[0]}"))


def _read(name: str, source: Source) -> Understood:
    """What a file says, or the commands in it that train anything, each by its line; those that say the same are one.

    Raises:
        NoSchedule: None of them does.
    """
    found: dict[str, Understood] = {}
    nothing: NoSchedule | None = None
    for part in _parts(name, source) or [source]:
        try:
            understood = _reader(name).read(part)
        except NoSchedule as error:
            nothing = nothing or error
            continue
        if all((each.facts, each.assumed) != (understood.facts, understood.assumed) for each in found.values()):
            found[f"line {part.tree.line}"] = understood
    if not found and nothing is not None:
        raise nothing
    first = next(iter(found.values()))
    return first if len(found) == 1 else joined(found, source)


def _unused(source: Source, understood: Understood) -> list[str]:
    """The flags that no reader asked for, and no schedule has a value of."""
    used = source.used.union(*(flags_in(tree) for tree in understood.trees.values()))
    return [value.source for value in source.given.names.values() if value.source not in used]


def _reader(name: str) -> Reader:
    module: Reader = importlib.import_module(FORMATS[name])
    return module
