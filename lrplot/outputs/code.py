"""A schedule as code in its family's own library: imports, optimizer, scheduler, and the loop that steps it."""

from __future__ import annotations

import ast
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from lrplot.configs.document import ConfigError
from lrplot.outputs.calls import call_of
from lrplot.outputs.rendering import Rendering
from lrplot.runs.run import Run
from lrplot.runs.spec import Spec
from lrplot.version import __version__

WIDTH = 100
INDENT = "    "
OWN = {"min", "max", "abs", "round", "int", "float"}
"""Functions of lrplot's expressions that Python has without an import."""
BESIDE_LR = ("initial_lr", "lr_scale")
"""What a parameter group may have beside its rate."""


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
    made = [kind(run) for run in config.runs]
    parts = ["\n".join(each.lines()) for each in made]
    imports = _imports([home for each in made for home in each.imports])
    shown = dict.fromkeys(spec.cls.shown_name for run in config.runs for spec in run.spec.stepped)
    names = "; ".join(shown)
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
        if not self.run.spec.cls.on_optimizer:
            yield from self.function_of_steps()
            return
        if self.rates is None:
            yield "model = torch.nn.Linear(1, 1)  # yours"
        else:
            yield f"groups = [[torch.nn.Parameter(torch.zeros(1))] for _ in range({self.run.groups})]  # yours"
        yield f"optimizer = {self.optimizer()}"
        for name, spec in self.schedulers():
            yield f"{name}{call_of(spec).more} = {self.call(spec, 0)}"
        yield ""
        yield from self.loop()

    def function_of_steps(self) -> Iterator[str]:
        """A schedule that an optimizer of its library asks for each rate."""
        self.imports = set()
        yield f"schedule = {self.call(self.run.spec, 0)}"
        yield ""
        yield f"for step in range({self.run.steps}):"
        yield f"{INDENT}rate = float(schedule(step))  # as an optimizer with learning_rate=schedule has it"

    def schedulers(self) -> Iterator[tuple[str, Spec]]:
        """Those that the loop steps, each with the name of its variable."""
        for index, spec in enumerate(self.run.spec.stepped):
            yield f"scheduler_{index + 1}" if self.run.spec.is_several else "scheduler", spec

    def loop(self) -> Iterator[str]:
        """The loop that steps the optimizer and its schedulers."""
        run = self.run
        if isinstance(run.metrics, array):
            yield f"metrics = {list(run.metrics)}"
        is_early = run.record == ("after-step",)  # a step that uses what stands after the scheduler's comes after it
        if run.is_plain and not is_early and run.batches > 1 and run.steps % run.batches == 0:
            yield f"for epoch in range({run.steps // run.batches}):"
            yield f"{INDENT}for step in range({run.batches}):"
            yield f"{INDENT * 2}optimizer.step()"
            yield f"{INDENT}{self.step('scheduler', run.spec, 'epoch', 'epoch + 1')}"
            return
        count = "epoch" if run.counts_epochs else "step"
        for name, spec in self.schedulers():
            if self.counts_steps(spec):
                yield f"{name}_steps = 0"
        yield f"for {count} in range({run.steps}):"
        for index, join in enumerate(run.joins):
            if join:
                yield f"{INDENT}if {count} == {join}:"
                yield f"{INDENT * 2}optimizer.add_param_group({self.entries()[index]})"
        moves = [[f"{INDENT}optimizer.step(){'  # for each batch' if run.counts_epochs else ''}"]]
        moves += [[*self.tick(name, spec, count)] for name, spec in self.schedulers()]
        for move in (*moves[1:], moves[0]) if is_early else moves:
            yield from move

    def tick(self, name: str, spec: Spec, count: str) -> Iterator[str]:
        """What steps a scheduler in the loop, where it is its turn."""
        ticks, clock, depth = self.run.ticks_of(spec), spec.clock, 1
        tests = [f"({count} + 1) % {ticks.step} == 0"] if ticks.step > 1 else []
        stop = None if clock.end is None else ticks.step * (clock.end // clock.frequency)
        if clock.begin or stop is not None:
            tests.append(f"{f'{ticks.start} <= ' if clock.begin else ''}{count}{'' if stop is None else f' < {stop}'}")
        if tests:
            yield f"{INDENT}if {' and '.join(tests)}:"
            depth = 2
        if clock.repeat > 1:
            yield f"{INDENT * depth}for _ in range({clock.repeat}):"
            depth += 1
        index = f"{count} + 1"
        if self.counts_steps(spec):
            index = f"{name}_steps"
            yield f"{INDENT * depth}{index} += 1"
        per_metric = self.run.per_metric
        place = count if per_metric == 1 else f"({count} // {per_metric})"
        yield f"{INDENT * depth}{self.step(name, spec, place, index)}"

    def counts_steps(self, spec: Spec) -> bool:
        """Whether the loop counts a scheduler's steps, which timm's are told, where these are not its own turns."""
        clock, ticks = spec.clock, self.run.ticks_of(spec)
        is_plain = ticks.step == 1 and clock.repeat == 1 and not clock.begin and clock.end is None
        return spec.cls.family == "timm" and not is_plain

    def step(self, name: str, spec: Spec, count: str, index: str) -> str:
        """The call that moves a scheduler on.

        Args:
            count: What counts its intervals, from 0.
            index: What timm's are told: how often they have been stepped with this.
        """
        given = [index] if spec.cls.family == "timm" else []
        given += [f"increment={spec.parameters.get('increment', 1)!r}"] if spec.cls.family == "megatron" else []
        if spec.cls.watches_metric:
            metrics = self.run.metrics
            if isinstance(metrics, array):
                given.append(f"metrics[{count}]")
            else:
                variable, _, formula = self.function(metrics, "epoch").partition(": ")
                given.append(re.sub(rf"\b{variable}\b", count, formula))
        return f"{name}.{_step_of(spec)}({', '.join(given)})"

    def call(self, spec: Spec, depth: int) -> str:
        """The scheduler's constructor."""
        made = call_of(spec)
        self.imports.add((made.home, made.name))
        words = [f"{key}={self.value(value, depth + 1)}" for key, value in made.parameters.items()]
        if spec.cls.on_optimizer:
            words.insert(0, "optimizer=optimizer" if _optimizer_is_last(spec) else "optimizer")
        return _wrapped(f"{made.name}(", words, ")", depth)

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
        return [given] * self.run.groups if self.beside else None

    @property
    def beside(self) -> dict[str, Any]:
        """What the groups have beside their rate: a number, or a list of one each."""
        own = {key: self.run.optimizer[key] for key in BESIDE_LR if self.run.optimizer.get(key) is not None}
        for _, spec in self.schedulers():
            found = call_of(spec).of_groups
            others = [other for _, other in self.schedulers() if other is not spec and other.cls.takes_from_groups]
            if found and others:
                taken = ", ".join(found)
                what = f"{spec.cls.shown_name} takes {taken} from the optimizer's groups"
                raise ConfigError([f"{what}: as code it has to be alone on its optimizer"])
            own |= found
        return own

    def entries(self) -> list[str]:
        """The parameter groups, those that join on the way too."""
        made = [f'"params": {self.group.format(index)}, "lr": {rate!r}' for index, rate in enumerate(self.rates or ())]
        for key, given in self.beside.items():
            each = given if isinstance(given, (list, tuple)) else [given] * len(made)
            made = [f'{entry}, "{key}": {number!r}' for entry, number in zip(made, each)]
        return [f"{{{entry}}}" for entry in made]

    def optimizer(self) -> str:
        """The optimizer's constructor."""
        given = {key: value for key, value in self.run.optimizer.items() if value is not None}
        rate, kind = given.pop("lr", 0.001), "Adam" if "betas" in given else "SGD"
        words = [
            f"{key}={tuple(value) if key == 'betas' else value!r}"
            for key, value in given.items()
            if key not in BESIDE_LR
        ]
        groups = self.model
        if self.rates is not None:
            rate = self.rates[0]
            present = [
                entry for entry, join in zip(self.entries(), self.run.joins or self.entries()) if join in (0, entry)
            ]
            groups = _wrapped("[", present, "]", self.depth + 1)
        return _wrapped(f"torch.optim.{kind}(", [groups, f"lr={rate!r}", *words], ")", self.depth)


class Lightning(Loop):
    """The same as Lightning asks for it: it steps both by itself."""

    model = "self.parameters()"
    group = "self.groups[{}]"
    depth = 1

    def lines(self) -> Iterator[str]:
        if not self.run.spec.cls.on_optimizer or self.run.spec.cls.family == "megatron":
            raise ConfigError([f"Lightning steps torch's schedulers, and {self.run.spec.cls.shown_name} is none"])
        yield ""
        yield "def configure_optimizers(self):"
        yield f"{INDENT}optimizer = {self.optimizer()}"
        clocks = []
        for name, spec in self.schedulers():
            yield f"{INDENT}{name}{call_of(spec).more} = {self.call(spec, 1)}"
            clocks.append(self.clock(name, spec))
        listed = clocks[0] if len(clocks) == 1 else _wrapped("[", clocks, "]", 1)
        if len(clocks) == 1:
            yield f'{INDENT}return {{"optimizer": optimizer, "lr_scheduler": {listed}}}'
        else:
            yield f"{INDENT}return [optimizer], {listed}"
        if any(spec.cls.family == "timm" for spec in self.run.spec.stepped):
            yield from self.told_steps()

    def told_steps(self) -> Iterator[str]:
        """The method that tells timm's schedulers the next epoch, or step, which Lightning does not by itself."""
        is_by_epoch = self.run.interval_of(self.run.spec.stepped[0]) == "epoch"
        frequencies = {spec.clock.frequency for spec in self.run.spec.stepped}
        words = {_step_of(spec) for spec in self.run.spec.stepped}
        if len(frequencies) > 1 or len(words) > 1:
            raise ConfigError(["Lightning tells timm's schedulers one index: of several clocks --as code writes them"])
        count, frequency = "self.current_epoch + 1" if is_by_epoch else "self.global_step", frequencies.pop()
        if frequency > 1:  # how often it has been stepped
            count = f"({count}) // {frequency}" if is_by_epoch else f"{count} // {frequency}"
        yield ""
        yield "def lr_scheduler_step(self, scheduler, metric):"
        yield f"{INDENT}scheduler.{words.pop()}({count})"

    def clock(self, name: str, spec: Spec) -> str:
        """What Lightning is told of a scheduler.

        Raises:
            ConfigError: It can do less than the clock asks.
        """
        clock = spec.clock
        if clock.repeat > 1 or clock.begin or clock.end is not None:
            raise ConfigError(
                ["Lightning knows interval and frequency, not repeat, begin and end: --as code writes them"]
            )
        interval = self.run.interval_of(spec)
        if interval == "step" and (number := self.run.steps_per_epoch or 0) % clock.frequency:
            what = f"Lightning counts steps from each epoch's first, and {number} are no multiple of {clock.frequency}"
            raise ConfigError([f"{what}: --as code writes them"])
        more = ', "monitor": "val_loss"' if spec.cls.watches_metric else ""
        return f'{{"scheduler": {name}, "interval": "{interval}", "frequency": {clock.frequency}{more}}}'


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


def _step_of(spec: Spec) -> str:
    """The method that moves a scheduler on."""
    by_update = spec.cls.family == "timm" and spec.parameters.get("sched_on_updates")
    return "step_update" if by_update else "step"


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
