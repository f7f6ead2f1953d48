"""A training script, or a notebook, as lrplot's own configs of the schedules that it makes."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from lrplot.configs.code import trainer, unseen
from lrplot.configs.code.found import schedules_of
from lrplot.configs.code.names import CHOOSERS, known_names
from lrplot.configs.code.reader import TooMuchError
from lrplot.configs.code.schedule import Schedule
from lrplot.configs.code.tree import Writer
from lrplot.configs.code.values import Class, Function, Scope, Symbol
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, walk
from lrplot.wording import listed, shown

MAX_CHARACTERS = 400_000
MAX_CELLS = 5_000
COUNTERS = {
    "epoch",
    "step",
    "it",
    "iter",
    "iteration",
    "cur_iter",
    "current_step",
    "global_step",
    "t",
    "i",
    "cur_epoch",
}
"""Arguments of a function that nothing in its file calls, which will be a counter."""


def recognise(source: Source) -> bool:
    return source.kind == "python"


def read(source: Source) -> Understood:
    """What a script says.

    Raises:
        NoSchedule: It makes no scheduler.
        ConfigError: It cannot be read, or not all is known that its schedules need: one message each.
    """
    tree = _parsed(source)
    walker = Walker(
        {_normal(name): _typed(value) for name, value in source.given.names.items()}, partial(_elsewhere, source)
    )
    try:
        _walk(walker, tree)
        schedules = schedules_of(walker)
        if not schedules and (arguments := trainer.understood(walker, source)) is not None:
            _all_used(walker, source, tree)
            return arguments.picked(source)
        if not schedules:
            _refuse_elsewhere(walker, source)
            unseen.refuse(walker, tree, source)
        if any(not each.is_alone for each in schedules):  # of what nothing calls, that alone which is known
            schedules = [each for each in schedules if not each.is_alone or _is_known(each, walker, source.name)]
        found = _picked(schedules, walker, source)
        trees = dict(_trees(found, walker, source.name))
        if source.pick:  # by a line, it may be
            trees = {".".join([source.pick, name][: len(trees)]): tree for name, tree in trees.items()}
    except (TooMuchError, RecursionError):
        raise ConfigError([f"{source.name}: takes more work to read than is done for a script"]) from None
    _all_used(walker, source, tree)
    facts = [each.told for each in found]
    assumed = [*(remark for each in found for remark in each.assumed), *walker.assumed.values()]
    offers = list(dict.fromkeys(offer for each in found for offer in each.offers))
    what = "a notebook" if is_notebook(source) else "a training script"
    return Understood(what, trees, facts, assumed, [*offers, *_decisions(walker)])


def _refuse_elsewhere(walker: Walker, source: Source) -> None:
    """Refuses a script whose schedule is in a config of DeepSpeed's."""
    for event in walker.events:
        if event.value == "elsewhere":
            where = f"{source.name}:{getattr(event.node, 'lineno', 0)}: deepspeed.initialize takes its schedule from"
            if isinstance(event.target, str):
                raise NoSchedule([f"{where} {shown(event.target)}: draw that file"])
            raise NoSchedule([f"{where} a dictionary: write it to a JSON file and draw that"])


def _all_used(walker: Walker, source: Source, tree: ast.Module) -> None:
    """Refuses what was set of names that the script has not; of those that it has, one may be of no use to another."""
    unused = [name for name in walker.given if name not in walker.used]
    if unused and (unknown := [name for name in unused if name not in _named(tree)]):
        raise ConfigError([f"--set {name}: nothing in {source.name} is called so" for name in unknown])
    for name in unused:
        walker.assumed.setdefault(name, f"--set {name} changes nothing")


def _named(tree: ast.AST) -> set[str]:
    """All that a script has a name, an attribute or a call for."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
    return {ast.unparse(part) for part in ast.walk(tree) if isinstance(part, kinds)}


def is_notebook(source: Source) -> bool:
    return source.text.lstrip().startswith("{")


def _parsed(source: Source) -> ast.Module:
    text = _notebook(source) if is_notebook(source) else source.text
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(
            [f"{source.name}: has {len(text):,} characters, at most {MAX_CHARACTERS:,} are read of a script"]
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (RecursionError, MemoryError):
        raise ConfigError([f"{source.name}: is nested too deep to be read"]) from None
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        problem = getattr(error, "msg", None) or str(error)
        raise ConfigError([f"{source.name}{line}: is no Python that can be read: {problem}"]) from None


def _notebook(source: Source) -> str:
    """The code of a notebook's cells, without the lines that are for the notebook."""
    try:
        cells = json.loads(source.text).get("cells", [])
        texts = ["".join(cell["source"]) for cell in cells[:MAX_CELLS] if cell.get("cell_type") == "code"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ConfigError(
            [f"{source.name}: is no notebook that can be read: its JSON has no cells with code"]
        ) from None
    lines = [line for text in texts if not _OF_OTHERS.match(text) for line in text.splitlines()]
    return "\n".join(map(_plain, lines))


_OF_OTHERS = re.compile(r"\s*%%(?:bash|sh|html|javascript|js|latex|markdown|R|perl|ruby|sql|svg|cython)\b")
"""Begins a cell in another language."""
_FOR_OTHERS = re.compile(r"(\s*)(?:[%!?].*|[\w.]+\?+\s*)$|(\s*\w+\s*=\s*)[%!].*$")
"""A line that is for the notebook, or the shell; or a name that is given what they answer."""


def _plain(line: str) -> str:
    """A line of a cell; one for the notebook or the shell does nothing."""
    found = _FOR_OTHERS.match(line)
    if found is None:
        return line
    return f"{found[2]}None" if found[2] is not None else f"{found[1]}pass"


def _normal(name: str) -> str:
    """A name after ``--set`` as the script's expressions are compared."""
    try:
        return ast.unparse(ast.parse(name, mode="eval"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return name


def _typed(value: Value) -> Any:
    """What was typed for a name: a number, a text, a list of them."""
    assert isinstance(value.content, str)
    try:
        found = ast.literal_eval(value.content)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        return value.content
    return found if isinstance(found, (int, float, str, bool, list, tuple, dict, type(None))) else value.content


def _elsewhere(source: Source, text: str) -> Any:
    """What the file after ``--values`` says of ``cfg.optim.lr``, or of ``lr`` in it: None where it does not."""
    if source.other is None:
        return None
    _, _, below = (path := _ENTRY.sub(r".\1", text)).partition(".")
    found = next((found for each in (below, path) if each and (found := walk(source.other, each)) is not None), None)
    return _typed(found) if found is not None and isinstance(found.content, str) else None


_ENTRY = re.compile(r"\[['\"](\w+)['\"]\]")


def _walk(walker: Walker, tree: ast.Module) -> None:
    """Goes through the script, then through functions that nothing calls and that make a scheduler, or step one."""
    scope = Scope({"__name__": "__main__"})
    walker.block(tree.body, scope)
    waiting = [*_uncalled(walker, scope)]
    for words in (("configure_optimizers",), None, ()):
        for function, bound in waiting:
            node = function.node
            assert not isinstance(node, ast.Lambda)
            is_due = node.name in words if words else _makes(node) if words is None else _steps(node)
            if is_due and node not in walker.entered:
                _run(walker, function, bound)


def _run(walker: Walker, function: Function, bound: Class | None) -> None:
    """Goes through a function by itself: its counters count, what else it takes is to be asked for."""
    node = function.node
    assert not isinstance(node, ast.Lambda)
    instance = None
    if bound is not None:
        if bound.node not in walker.instances:
            walker.call(bound, [], {}, bound.node)
        instance = walker.instances[bound.node]
    names = [each.arg for each in [*node.args.posonlyargs, *node.args.args]][1 if instance else 0 :]
    counters = {
        name: Symbol(ast.Name(id="epoch", ctx=ast.Load()))
        for name in names
        if name in COUNTERS and name not in function.defaults
    }
    unbound = Function(node, function.scope, function.defaults, instance)
    before = len(walker.events)
    answer = walker.call(unbound, [], counters, node)
    for event in walker.events[before:]:
        if event.value == "made":
            event.target.is_alone = True
    walker.alone |= {event.node for event in walker.events[before:]} if counters else set()
    if node.name == "configure_optimizers":
        made = [answer, [event.target for event in walker.events[before:] if event.value == "made"]]
        is_by_hand = instance is not None and instance.attributes.get("automatic_optimization") is False
        walker.configured(made, _stepped_by_hand(bound) if is_by_hand and bound is not None else "epoch")


def _stepped_by_hand(module: Class) -> str:
    """What steps the schedulers of a module of Lightning's that does it itself; nothing where that is not seen."""
    for part in module.node.body:
        if isinstance(part, ast.FunctionDef):
            plain = [each for each in part.body if isinstance(each, (ast.Expr, ast.For))]
            calls = [each for one in plain for each in ast.walk(one) if isinstance(each, ast.Call) and not each.args]
            asks = any(isinstance(each, ast.Attribute) and each.attr == "lr_schedulers" for each in ast.walk(part))
            if asks and any(isinstance(each.func, ast.Attribute) and each.func.attr == "step" for each in calls):
                return "epoch" if "epoch" in part.name else "step"
    return ""


def _uncalled(walker: Walker, scope: Scope) -> Iterator[tuple[Function, Class | None]]:
    """The functions of a script and the methods of its classes, with their class; a lambda is none."""
    for value in list(scope.names.values()):
        if isinstance(value, Class):
            methods = [(method, value) for method in value.scope.names.values() if isinstance(method, Function)]
            yield from (each for each in methods if _is_def(each[0]) and each[0].node not in walker.entered)
        elif isinstance(value, Function) and _is_def(value):
            yield value, None


def _is_def(function: Function) -> bool:
    return not isinstance(function.node, ast.Lambda)


def _makes(node: ast.AST) -> bool:
    """Whether a scheduler is made in a function, or a rate set."""
    known = {*known_names(), *CHOOSERS}
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and ast.unparse(part.func).rpartition(".")[2] in known:
            return True
        if isinstance(part, (ast.Assign, ast.AugAssign)):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            if any(
                isinstance(t, ast.Subscript) and isinstance(t.slice, ast.Constant) and t.slice.value == "lr"
                for t in targets
            ):
                return True
    return False


def _decisions(walker: Walker) -> Iterator[str]:
    """Which names decide among schedulers, and what else there is."""
    others: dict[str, list[str]] = {}
    for test, statements in walker.skipped:
        words = [test.left, *test.comparators] if isinstance(test, ast.Compare) else []
        if any(isinstance(word, ast.Constant) and isinstance(word.value, str) for word in words):
            calls = [part for each in statements for part in ast.walk(each) if isinstance(part, ast.Call)]
            names = [ast.unparse(part.func).rpartition(".")[2] for part in calls]
            others.setdefault(ast.unparse(words[0]), []).extend(name for name in names if name in known_names())
    for subject, names in others.items():
        if names:
            known = listed(dict.fromkeys(names))
            yield f"{subject} decides, others are {known}: --set {subject}=…"


def _steps(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and part.attr in ("step", "step_update") for part in ast.walk(node))


def _picked(found: Sequence[Schedule], walker: Walker, source: Source) -> Sequence[Schedule]:
    """Those that are meant: by their name, or by a line of theirs."""
    if not found:
        raise NoSchedule([f"{source.name}: makes no scheduler that lrplot knows, and sets no rate in a loop"])
    if not source.pick:
        return found
    picked = [each for each in found if source.pick in each.called]
    if not picked and (line := _not_come_to(walker, source.pick)):
        raise ConfigError([f"{source.name}: {line}"])
    if not picked:
        known = [f"{each.name} (line {each.line})" for each in found]
        raise ConfigError([f"{source.name}: there is no schedule {shown(source.pick)}: it has {listed(known)}"])
    return picked


def _not_come_to(walker: Walker, pick: str) -> str:
    """Why a line makes no schedule that a test keeps from being gone through."""
    for test, statements in walker.skipped:
        lines = {getattr(part, "lineno", 0) for each in statements for part in ast.walk(each)}
        if pick.isdigit() and int(pick) in lines:
            subject = ast.unparse(test.left if isinstance(test, ast.Compare) else test)
            return f"line {pick} is come to with another {subject} alone: add --set {subject}=…"
    return ""


def _is_known(schedule: Schedule, walker: Walker, source: str) -> bool:
    writer = Writer(walker, source, is_script=True)
    schedule.write(writer)
    return not writer.messages


def _trees(found: Sequence[Schedule], walker: Walker, source: str) -> Iterator[tuple[str, Value]]:
    """The configs, by their names.

    Raises:
        ConfigError: Something would have to be known for one of them: one message for each such thing.
    """
    writer = Writer(walker, source, is_script=True)
    trees = [(each.name, each.write(writer)) for each in found]
    if messages := writer.messages:
        raise ConfigError(messages)
    yield from trees
