"""Why nothing is drawn of a script that has a schedule: what tells it is not known, or it is made in another file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrplot.configs.code.answers import OF_OTHERS
from lrplot.configs.code.libraries import OF_FASTAI
from lrplot.configs.code.tree import Writer
from lrplot.configs.code.values import Event, External, Missing
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import ConfigError
from lrplot.configs.foreign.source import NoSchedule, Source
from lrplot.wording import shown


def refuse(walker: Walker, tree: ast.Module, source: Source) -> None:
    """Says what would show the schedule of a script that makes none which can be read; nothing, where it has none.

    Raises:
        ConfigError: A scheduler is made, but which is not known: what to set.
        NoSchedule: The file that makes it has to be read.
    """
    writer = Writer(walker, source.name, is_script=True)
    for event in walker.events:
        if event.value == "unread":
            name, word, place = event.target
            if isinstance(word, (str, int, float)):
                writer.refuse(place, f"{shown(str(word))} is no scheduler that lrplot knows")
            else:
                writer.ask(place, name, word if isinstance(word, Missing) else Missing())
    if messages := writer.messages:
        raise ConfigError(messages)
    for event in walker.events:
        if event.value == "unseen":
            raise NoSchedule([f"{source.name}:{next(iter(_told(event, tree)))}"])


def _told(event: Event, tree: ast.Module) -> Iterator[str]:
    """Where a schedule is made that a script does not make itself."""
    line = getattr(event.node, "lineno", 0)
    if isinstance(event.target, External):
        home, _, name = event.target.path.rpartition(".")
        of = f", which is imported from {home}" if home else ""
        if home.partition(".")[0] in OF_OTHERS:
            yield f"{line}: {name} of {home.partition('.')[0]} is no scheduler that lrplot knows"
        yield f"{line}: the rate is set by {name}{of}: draw the file that defines it"
        return
    node = event.node
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if node.func.attr in OF_FASTAI:
        yield f"{line}: {node.func.attr} has a schedule of fastai's own, which lrplot does not know: {_NEAR}"
    name = ast.unparse(node.func.value)
    for part in ast.walk(tree):
        if isinstance(part, ast.Assign) and any(name in _names(target) for target in part.targets):
            value = part.value
            if isinstance(value, ast.Call) and name not in {ast.unparse(each) for each in value.args}:
                what = ast.unparse(value.func)
                is_own = what.rpartition(".")[2] in {
                    each.name for each in ast.walk(tree) if isinstance(each, (ast.FunctionDef, ast.ClassDef))
                }
                why = "makes none that lrplot knows" if is_own else "is not defined here"
                yield f"{part.lineno}: {name} comes from {what}, which {why}: {_WAY}"
    yield f"{line}: {name} is stepped here, but not made in this file: {_WAY}"


_NEAR = 'the nearest is "onecycle total_steps=… max_lr=… pct_start=0.25"'
_WAY = "draw the file, or the config, that says it"


def _names(target: ast.expr) -> list[str]:
    return [ast.unparse(each) for each in (target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target])]
