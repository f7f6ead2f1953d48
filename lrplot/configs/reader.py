"""What a config's text says: its values read into runs and a look, with all that is wrong noted at its place."""

import os
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lrplot.configs.document import Value
from lrplot.configs.values import Problems, described, from_flag, joined
from lrplot.formats import format_of
from lrplot.parameters import Parameter, parameters_of
from lrplot.pictures.look import Look
from lrplot.runs.run import MAX_STEPS, Run, Spec, run_parameters
from lrplot.runs.simulate import ERRORS, failure
from lrplot.schedulers import Scheduler, find, registry
from lrplot.schedulers.optimizer import Optimizer
from lrplot.wording import shown

MAX_CURVES = 256
MAX_SCHEDULERS = 1_000
MAX_LINES = 1_000
"""Curves times readings times parameter groups."""
MAX_STEP = 2**53
"""Up to here a float counts one by one."""


def run_keys() -> tuple[str, ...]:
    """The keys of a config that describe one curve."""
    return ("scheduler", "optimizer", *(parameter.name for parameter in run_parameters()))


def config_keys() -> tuple[str, ...]:
    """The keys at the top level of a config."""
    return (*run_keys(), "plot", "curves", "output")


class Parts(NamedTuple):
    """What a config is made of."""

    runs: Sequence[Run]
    look: Look
    outputs: Mapping[str, str]
    """Files that it names for itself, each with the place where it does."""
    places: Mapping[str, str]
    """Where the options of the plot stand, of those that stand in a file."""


class _Given(NamedTuple):
    """What is said of a run beside its scheduler: where each key stands, the optimizer's parameters, and the run's own; None of what is wrong."""

    places: Mapping[str, tuple[Value, str]]
    optimizer: dict[str, Any] | None
    options: dict[str, Any] | None

    def over(self, other: "_Given") -> "_Given":
        """This on top of what holds for all."""
        options = None
        if self.options is not None and other.options is not None:
            options = {**{key: value for key, value in other.options.items() if key not in self.places}, **self.options}
        optimizer = self.optimizer if "optimizer" in self.places else other.optimizer
        return _Given({**other.places, **self.places}, optimizer, options)


class Reader(Problems):
    """Builds the parts of a config, noting all that is wrong with them."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self._schedulers = 0
        self._places: dict[Spec, tuple[Value, str]] = {}

    def config(self, root: Value, name: str) -> Parts | None:
        entries = self.mapping(root, "", config_keys())
        look = self._look(entries.get("plot"))
        beside = self._given(root, entries, "")
        if "curves" in entries:
            runs = self._curves(entries, beside)
        elif "scheduler" in entries:
            runs = [self._run(root, entries["scheduler"], beside, "", name, look.label)]
        else:
            runs = []
            if not self.count:
                self.add(
                    f"{root.place}: scheduler is missing: a mapping with the scheduler's name and its parameters", root
                )
        outputs = self._outputs(entries.get("output"))
        if self.count:
            return None
        self._see_that_it_fits([run for run in runs if run is not None], entries.get("steps"), root)
        plot = entries.get("plot")
        options = plot.content if plot is not None and isinstance(plot.content, dict) else {}
        places = {option: value.place for option, value in options.items() if not value.is_flag}
        return Parts([run for run in runs if run is not None], look, outputs, places)

    def _outputs(self, value: Value | None) -> dict[str, str]:
        outputs = {}
        for item in _items(value):
            name = self.text(item, "output")
            if name == "-":
                self.note(item, "output", "must be the name of a file, got '-'")
            elif isinstance(item.content, str):
                try:
                    format_of(name)
                    outputs[name] = item.place
                except ValueError as error:
                    self.note(item, "output", f"names {error}")
        return outputs

    def _see_that_it_fits(self, runs: Sequence[Run], steps: Value | None, root: Value) -> None:
        """Notes it where there are more rates to compute than memory or patience for them: those of all curves together."""
        place = "" if root.is_flag else f"{root.place}: "
        lines = sum(run.groups * len(run.record) for run in runs)
        if lines > MAX_LINES:
            self.add(
                f"{place}this makes {lines:,} lines (curves, times readings, times parameter groups): at most {MAX_LINES:,} are drawn",
                root,
            )
        rates = sum(run.steps * run.groups * len(run.record) for run in runs)
        work = sum(run.steps * run.groups * len(run.record) * run.spec.size for run in runs)
        if work > MAX_STEPS:
            problem = f"would make {rates:.3g} rates, which take {8e-9 * rates:.3g} GB of memory: at most {MAX_STEPS:,} are computed"
            if rates <= MAX_STEPS:
                problem = f"would make {work:.3g} rates, those of schedulers within schedulers counted: at most {MAX_STEPS:,} are computed"
            if steps is not None:
                self.note(steps, "steps", f"is too much: it {problem}")
            else:
                self.add(f"{place}the run is too long: its steps {problem}", root)

    def _given(self, value: Value, entries: Mapping[str, Value], path: str) -> _Given:
        """What is said of a run beside its scheduler, read."""
        before = self.count
        optimizer: dict[str, Any] | None = {}
        if "optimizer" in entries and not entries["optimizer"].is_null:
            given, where, known = entries["optimizer"], joined(path, "optimizer"), parameters_of(Optimizer)
            optimizer = self.parameters(
                given, self.mapping(given, where, [p.name for p in known]), known, where, "the optimizer"
            )
            optimizer = None if self.count > before else self._optimizer(given, where, optimizer)
        before = self.count
        options = self.parameters(value, entries, run_parameters(), path, "the run")
        if options.get("record") == []:
            self.note(
                entries["record"], joined(path, "record"), "must name at least one reading: used, after-step or get_lr"
            )
        places = {key: (entries[key], joined(path, key)) for key in run_keys() if key in entries and key != "scheduler"}
        return _Given(places, optimizer, options if self.count == before else None)

    def _optimizer(self, value: Value, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """The optimizer's parameters; where it refuses them, those of one that no scheduler refuses."""
        try:
            Optimizer(**parameters)
        except ValueError as error:
            self._refused(value, path, str(error))
            rates = parameters.get("lr") or [0.001]
            return {"lr": rates, "momentum": 0.9, "initial_lr": rates}
        return parameters

    def _run(
        self, value: Value, scheduler: Value, given: _Given, path: str, name: str, label: str | None
    ) -> Run | None:
        before = self.count
        spec = self.spec(scheduler, joined(path, "scheduler"))
        if spec is None:
            return None
        options: dict[str, Any] = {"steps": 1, **(given.options or {})}
        options["record"] = tuple(dict.fromkeys(options.get("record", ("used",))))
        if "steps_per_epoch" not in options and spec.parameters.get("steps_per_epoch"):
            options["steps_per_epoch"] = spec.parameters["steps_per_epoch"]
        run = Run(spec, given.optimizer, **options, label=label, name=name)
        run.place = "" if scheduler.is_flag else f"{scheduler.place}: {joined(path, 'scheduler')}"
        readable = self.count == before
        made = self._scheduler_of(run) if readable and given.optimizer is not None else None
        if given.options is not None and self._agrees(run, value, given, path, readable) and made is not None:
            return self._complete(run, made, given)
        return None

    def spec(self, value: Value, path: str) -> Spec | None:
        """A scheduler's name and parameters: a mapping, or a one-line spec."""
        if isinstance(value.content, list) or value.is_null:
            problem = (
                "must be a mapping with the scheduler's name and its parameters, or a line such as 'cosine T_max=20'"
            )
            self.note(value, path, f"{problem}, got {described(value)}")
            return None
        if isinstance(value.content, str):
            before = self.count
            value = self.worded(value, path)
            if self.count > before:
                return None
        assert isinstance(value.content, dict)
        self._schedulers += 1
        if self._schedulers > MAX_SCHEDULERS:
            if self._schedulers == MAX_SCHEDULERS + 1:
                self.note(value, path, f"is one scheduler too many: a config has at most {MAX_SCHEDULERS:,}")
            self.count += 1
            return None
        name = value.content.get("name")
        if name is None:
            self.note(value, joined(path, "name"), "is missing: the scheduler's name, such as cosine")
            return None
        cls = self._class(name, joined(path, "name"))
        if cls is None:
            return None
        entries = self.mapping(value, path, ["name", *(p.name for p in cls.parameters())])
        made = Spec(cls, self.parameters(value, entries, cls.parameters(), path, cls.__name__))
        self._places[made] = value, path
        return made

    def single(self, value: Value, path: str, parameter: Parameter) -> Any:
        if parameter.kind == "schedulers":
            return self.spec(value, path)
        return super().single(value, path, parameter)

    def parameter(self, value: Value, path: str, parameter: Parameter) -> Any:
        if parameter.name == "metrics":
            from lrplot.configs.metrics import read_metrics

            return read_metrics(self, value, path, self.folder)
        given = super().parameter(value, path, parameter)
        if (
            parameter.name == "style"
            and given
            and not value.is_flag
            and os.path.isfile(beside := os.path.join(self.folder, given))
        ):
            return beside
        return given

    def _class(self, name: Value, path: str) -> type[Scheduler] | None:
        before = self.count
        text = self.text(name, path)
        if self.count > before:
            return None
        try:
            return find(text)
        except KeyError as error:
            self.note(name, path, f"names an {error.args[0]}")
            return None

    def worded(self, value: Value, path: str) -> Value:
        """A one-line spec as the mapping that it stands for."""
        import shlex

        assert isinstance(value.content, str)
        words: list[str] = []
        if self.affords(value, path):
            try:
                words = shlex.split(value.content)
            except ValueError as error:
                self.note(value, path, f"is not a one-line spec: {str(error).lower()}")
            else:
                if not words:
                    self.note(
                        value, path, "is empty: a one-line spec begins with the scheduler's name, as in cosine T_max=20"
                    )
        if not words:
            return value

        def at(content: Any) -> Value:
            return Value(content, value.source, value.line, value.column)

        try:
            known = {parameter.name: parameter for parameter in find(words[0]).parameters()}
        except KeyError:
            known = {}  # spec() says so
        content, inner = {"name": at(words[0])}, []
        for word in words[1:]:
            key, _, text = word.partition("=")
            if key in content:
                self.note(value, path, f"has {shown(key)} a second time")
            elif key.isidentifier() and "=" in word:
                content[key] = from_flag(known[key], [text], value) if key in known else at(text)
            elif "schedulers" in known:
                inner.append(at(word))
            elif known:
                self.note(value, path, f"has {shown(word)} in it, which is no name=value")
        return at({**content, "schedulers": at(inner)} if inner else content)

    def _curves(self, entries: Mapping[str, Value], beside: _Given) -> list[Run | None]:
        """The runs under ``curves:``; what stands beside it holds for those that do not say otherwise."""
        curves = entries["curves"]
        if not isinstance(curves.content, list) or not curves.content:
            self.note(curves, "curves", f"must be a list of configs, each with a scheduler, got {described(curves)}")
            return []
        if len(curves.content) > MAX_CURVES:
            self.note(curves, "curves", f"must be at most {MAX_CURVES:,}, got {len(curves.content):,}")
            return []
        if "scheduler" in entries:
            self.note(entries["scheduler"], "scheduler", "stands beside curves: each curve has its own")
        runs = []
        for index, value in enumerate(curves.content):
            path = f"curves[{index}]"
            if isinstance(value.content, str):
                value = Value({"scheduler": value}, value.source, value.line, value.column)
            own = self.mapping(value, path, [*run_keys(), "label"])
            label = self.text(own["label"], f"{path}.label") if "label" in own and not own["label"].is_null else None
            given = self._given(value, own, path).over(beside)
            if "scheduler" in own:
                runs.append(self._run(value, own["scheduler"], given, path, "", label))
            elif isinstance(value.content, dict):
                self.note(value, f"{path}.scheduler", "is missing")
        return runs

    def _look(self, value: Value | None) -> Look:
        if value is None or value.is_null:
            return Look()
        known = parameters_of(Look)
        options = self.parameters(
            value, self.mapping(value, "plot", [p.name for p in known]), known, "plot", "the plot"
        )
        while True:
            try:
                return Look(**options)
            except ValueError as error:
                self._refused(value, "plot", str(error))
                if options.pop(str(error).partition(" ")[0], None) is None:
                    return Look()

    def _scheduler_of(self, run: Run) -> Scheduler | None:
        """The scheduler of a run, or None once it is noted which one refuses what."""
        try:
            scheduler = run.scheduler()
        except (*ERRORS, KeyError) as error:
            culprit = run.spec.culprit(Optimizer(**run.optimizer))
            self._refused(*self._places[culprit], _reason(culprit.cls, error), culprit.cls.__name__)
            return None
        if abs(start := getattr(scheduler, "last_epoch", 0)) * run.batches > MAX_STEP:
            value, path = self._places[run.spec]
            resumed = value.content.get("last_epoch") if isinstance(value.content, dict) else None
            problem = f"must be a step that a float can hold, at most {MAX_STEP:,}, got {run.spec.parameters.get('last_epoch', start)}"
            self.note(resumed or value, joined(path, "last_epoch"), problem)
            return None
        return scheduler

    def _agrees(self, run: Run, value: Value, given: _Given, path: str, readable: bool) -> bool:
        """Whether the options go with the scheduler and with one another; noted where they do not."""
        before = self.count
        if run.needs_metrics and run.metrics is None:
            what = "one number an epoch, an expression in epoch, or a CSV file and its column"
            subject = "--metrics" if value.is_flag else f"{value.place}: {joined(path, 'metrics')}"
            self.add(f"{subject} is missing: ReduceLROnPlateau needs it ({what})", value)
        for name, problem in run.conflicts():
            if name != "interval" or readable:  # of a scheduler that is not, the steps of its epochs may be missing
                self.note(*given.places[name], problem)
        return self.count == before

    def _complete(self, run: Run, scheduler: Scheduler, given: _Given) -> Run | None:
        """The run with its number of steps, once its metrics are seen to last."""
        if "steps" not in (given.options or {}):
            run.steps = run.natural_steps(scheduler)
        elif isinstance(run.metrics, array) and run.epochs > len(run.metrics):
            problem = f"must be at most the number of metrics, {len(run.metrics)}, one an epoch: got {run.epochs}"
            self.note(*given.places["steps"], problem)
            return None
        return run

    def _refused(self, value: Value, path: str, reason: str, owner: str = "") -> None:
        """Notes why a constructor refuses what it is given: at the parameter that its reason begins with, where that was written."""
        name, _, problem = reason.removeprefix(f"{owner}: ").partition(" ")
        if isinstance(value.content, dict) and name in value.content:
            self.note(value.content[name], joined(path, name), problem)
        else:
            self.add(reason if value.is_flag else f"{value.place}: {path}: {reason}", value)


def _reason(cls: type[Scheduler], error: Exception) -> str:
    """Why a scheduler cannot be made: in its own words, which begin with its name, or those of a formula without a value at step 0."""
    if isinstance(error, KeyError):
        return str(error.args[0])
    own = str(error).startswith(tuple(known.__name__ for known in registry.values()))
    return str(error) if own else str(failure(cls, 0, error))


def _items(value: Value | None) -> list[Value]:
    if value is None or value.is_null:
        return []
    return value.content if isinstance(value.content, list) else [value]
