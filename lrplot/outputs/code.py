"""A schedule as code in its family's own library: imports, optimizer, scheduler, and the loop that steps it."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from lrplot.configs.document import ConfigError
from lrplot.outputs.rendering import Rendering
from lrplot.parameters import Parameter
from lrplot.runs.run import Run
from lrplot.runs.spec import Spec
from lrplot.version import __version__

WIDTH = 100
INDENT = "    "
OWN = {"min", "max", "abs", "round", "int", "float"}
"""Functions of lrplot's expressions that Python has without an import."""


def write_loop(rendering: Rendering, stream: BinaryIO) -> None:
    """A program that runs by itself: a training loop without the training."""
    _write(rendering, stream, Loop)


def write_lightning(rendering: Rendering, stream: BinaryIO) -> None:
    """The method ``configure_optimizers`` of a LightningModule."""
    if len(rendering.config.runs) > 1:
        raise ConfigError([f"--as lightning writes one schedule, this has {len(rendering.config.runs)}"])
    _write(rendering, stream, Lightning)


def _write(rendering: Rendering, stream: BinaryIO, kind: type[Loop]) -> None:
    config = rendering.config
    if config.has_table:
        raise ConfigError([f"{config.name or 'this'} has a curve from a table: it has no scheduler to write as code"])
    if any(not run.is_plain or run.spec.clock.given for run in config.runs):
        raise ConfigError([f"{config.name or 'this'} has clocks, which are not written as code: -o x.yaml keeps them"])
    made = [kind(run) for run in config.runs]
    parts = ["\n".join(each.lines()) for each in made]
    imports = _imports([home for each in made for home in each.imports])
    names = "; ".join(dict.fromkeys(run.spec.cls.shown_name for run in config.runs))
    head = f'"""{names}: written by lrplot {__version__}."""'
    stream.write("\n\n".join([head, "\n".join(imports), *parts]).encode() + b"\n")


def _imports(names: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The lines that import modules, and names of them."""
    yield from sorted({f"import {home}" for home, name in names if not name})
    for home in sorted({home for home, name in names if name}):
        yield f"from {home} import {', '.join(sorted({name for each, name in names if each == home}))}"


class Loop:
    """The code of a run: an optimizer, a scheduler, and the loop that steps both."""

    model = "model.parameters()"
    group = "groups[{}]"
    depth = 0

    def __init__(self, run: Run) -> None:
        self.run = run
        self.imports = {("torch", "")}

    def lines(self) -> Iterator[str]:
        """All of it but the imports."""
        if self.rates is None:
            yield "model = torch.nn.Linear(1, 1)  # yours"
        else:
            yield f"groups = [[torch.nn.Parameter(torch.zeros(1))] for _ in range({self.run.groups})]  # yours"
        yield f"optimizer = {self.optimizer()}"
        yield f"scheduler = {self.call(self.run.spec, 0)}"
        yield ""
        yield from self.loop()

    def loop(self) -> Iterator[str]:
        """The loop that steps optimizer and scheduler."""
        run, metric = self.run, ""
        if isinstance(run.metrics, array):
            yield f"metrics = {list(run.metrics)}"
            metric = "metrics[epoch]"
        elif run.metrics is not None:
            metric = self.function(run.metrics, "epoch").partition(": ")[2]
        if run.batches == 1:
            by_epoch = metric or run.counts_epochs
            yield f"for {'epoch' if by_epoch else 'step'} in range({run.steps}):"
            yield f"{INDENT}optimizer.step(){'  # for each batch' if run.counts_epochs else ''}"
            yield f"{INDENT}scheduler.step({metric})"
            return
        whole, rest = divmod(run.steps, run.batches)
        if rest:
            yield f"for step in range({run.steps}):"
            yield f"{INDENT}optimizer.step()"
            yield f"{INDENT}if (step + 1) % {run.batches} == 0:"
            yield f"{INDENT * 2}epoch = step // {run.batches}"
        else:
            yield f"for epoch in range({whole}):"
            yield f"{INDENT}for step in range({run.batches}):"
            yield f"{INDENT * 2}optimizer.step()"
        yield f"{INDENT * (2 if rest else 1)}scheduler.step({metric})"

    def call(self, spec: Spec, depth: int) -> str:
        """The scheduler's constructor."""
        home, _, name = spec.cls.original.rpartition(".")
        if not home:
            raise ConfigError([f"{spec.cls.shown_name} cannot be written as code: its library has no call for it"])
        self.imports.add((home, name))
        parameters: dict[str, Parameter] = {parameter.name: parameter for parameter in spec.cls.parameters()}
        given = {key: value for key, value in spec.parameters.items() if value != parameters[key].default}
        words = [f"{key}={self.value(value, depth + 1)}" for key, value in given.items()]
        if spec.cls.on_optimizer:
            words.insert(0, "optimizer=optimizer" if _optimizer_is_last(spec) else "optimizer")
        return _wrapped(f"{name}(", words, ")", depth)

    def value(self, value: Any, depth: int) -> str:
        """A parameter's value as Python has it."""
        if isinstance(value, Spec):
            return self.call(value, depth)
        if isinstance(value, (list, tuple)):
            return _wrapped("[", [self.value(each, depth + 1) for each in value], "]", depth)
        if callable(value):
            return f"lambda {self.function(value, 'epoch')}"
        is_odd = isinstance(value, float) and (value != value or value in (float("inf"), float("-inf")))
        return f'float("{value}")' if is_odd else repr(value)

    def function(self, value: Any, variable: str) -> str:
        """An expression of lrplot's as a lambda has it, after the word: its variable, a colon, the formula."""
        text = getattr(value, "text", None)
        if text is None:
            raise ConfigError([f"{self.run.shown_label}: a function from Python has no text to write as code"])
        made = ast.parse(text.strip(), mode="eval").body
        if isinstance(made, ast.Lambda):
            variable, made = made.args.args[0].arg, made.body
        else:
            names = {node.id for node in ast.walk(made) if isinstance(node, ast.Name)}
            variable = next((name for name in ("step", "x") if name in names), variable)
        plain = _Plain(variable, value.numbers)
        made = plain.visit(made)
        self.imports |= {("math", "")} if plain.needs_math else set()
        return f"{variable}: {ast.unparse(made)}"

    @property
    def rates(self) -> Sequence[float] | None:
        """The rates of the groups, where they have to be named."""
        given = self.run.optimizer.get("lr", 0.001)
        if isinstance(given, (list, tuple)):
            return given
        return None if self.run.optimizer.get("initial_lr") is None else [given]

    def optimizer(self) -> str:
        """The optimizer's constructor."""
        given = {key: value for key, value in self.run.optimizer.items() if value is not None}
        rate, starts = given.pop("lr", 0.001), given.pop("initial_lr", None)
        kind = "Adam" if "betas" in given else "SGD"
        words = [f"{key}={tuple(value) if key == 'betas' else value!r}" for key, value in given.items()]
        groups = self.model
        if self.rates is not None:
            rate = self.rates[0]
            entries = [f'"params": {self.group.format(i)}, "lr": {each!r}' for i, each in enumerate(self.rates)]
            if starts is not None:
                starts = starts if isinstance(starts, (list, tuple)) else [starts] * len(entries)
                entries = [f'{entry}, "initial_lr": {start!r}' for entry, start in zip(entries, starts)]
            groups = _wrapped("[", [f"{{{entry}}}" for entry in entries], "]", self.depth + 1)
        return _wrapped(f"torch.optim.{kind}(", [groups, f"lr={rate!r}", *words], ")", self.depth)


class Lightning(Loop):
    """The same as Lightning asks for it: it steps both by itself."""

    model = "self.parameters()"
    group = "self.groups[{}]"
    depth = 1

    def lines(self) -> Iterator[str]:
        run = self.run
        clock = f'"scheduler": scheduler, "interval": "{run.interval}", "frequency": 1'
        yield ""
        yield "def configure_optimizers(self):"
        yield f"{INDENT}optimizer = {self.optimizer()}"
        yield f"{INDENT}scheduler = {self.call(run.spec, 1)}"
        if run.spec.cls.watches_metric:
            clock += ', "monitor": "val_loss"'
        yield f'{INDENT}return {{"optimizer": optimizer, "lr_scheduler": {{{clock}}}}}'


class _Plain(ast.NodeTransformer):
    """Makes of lrplot's names Python's: of math where they are from, numbers where they stand for some."""

    def __init__(self, variable: str, numbers: Mapping[str, Any]) -> None:
        self.variable = variable
        self.numbers = numbers
        self.needs_math = False

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self.visit_Name(ast.Name(id=node.attr))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == self.variable or node.id in OWN:
            return node
        if node.id in self.numbers:
            return ast.parse(f"({self.numbers[node.id]!r})", mode="eval").body
        self.needs_math = True
        return ast.Attribute(value=ast.Name(id="math"), attr=node.id)


def _optimizer_is_last(spec: Spec) -> bool:
    import inspect

    return list(inspect.signature(spec.cls.__init__).parameters)[1] != "optimizer"


def _wrapped(begin: str, words: Sequence[str], end: str, depth: int) -> str:
    """Words between brackets: on one line, or where that is long, a line each."""
    line = f"{begin}{', '.join(words)}{end}"
    if len(line) + len(INDENT) * depth <= WIDTH and "\n" not in line:
        return line
    pad = INDENT * (depth + 1)
    return begin + "".join(f"\n{pad}{word}," for word in words) + f"\n{INDENT * depth}{end}"
