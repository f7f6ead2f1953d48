"""What a config's text says: its values read into runs and a look, with all that is wrong noted at its place."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lrplot.configs.config import Config, Origin
from lrplot.configs.document import Value
from lrplot.configs.names import Names
from lrplot.configs.one_line import as_mapping
from lrplot.configs.problems import described, joined
from lrplot.configs.values import MAX_GROUPS, Values, flag_of
from lrplot.formats import format_of
from lrplot.parameters import Parameter, Refusal, build, parameters_of
from lrplot.runs.clock import Clock, clock_parameters
from lrplot.runs.make import OPTIMIZER, Refusals, conflicts, limits, make_run
from lrplot.runs.run import Code, Run, run_parameters
from lrplot.runs.spec import Spec
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import guessed, hint, look_up
from lrplot.schedulers.optimizer import Optimizer
from lrplot.wording import nearest, shown

if TYPE_CHECKING:
    from lrplot.pictures.look import Look

MAX_CURVES = 256
MAX_SCHEDULERS = 1_000


def run_keys() -> tuple[str, ...]:
    """The keys of a config that describe one curve."""
    return ("scheduler", "optimizer", *(parameter.name for parameter in run_parameters()), "let")


def config_keys() -> tuple[str, ...]:
    """The keys at the top level of a config."""
    return (*run_keys(), "plot", "curves", "output")


class _Given:
    """What is said of a run beside its scheduler: places of keys, the optimizer's parameters, the run's own, and what
    names stand for.

    The second and the third are None where something in them is wrong.
    """

    def __init__(
        self, places: Origin, optimizer: dict[str, Any] | None, options: dict[str, Any] | None, names: Names
    ) -> None:
        self.places = places
        self.names = names
        self.optimizer = optimizer
        self.options = options

    def over(self, other: "_Given") -> "_Given":
        """This on top of what holds for all."""
        options = None
        if self.options is not None and other.options is not None:
            options = {**{key: value for key, value in other.options.items() if key not in self.places}, **self.options}
        optimizer = self.optimizer if "optimizer" in self.places else other.optimizer
        return _Given({**other.places, **self.places}, optimizer, options, self.names)


class Reader(Values):
    """Builds a config, noting all that is wrong with it.

    Args:
        folder: The config's own, where its files are looked for; None for a config that may name none.
    """

    def __init__(self, folder: str | None) -> None:
        super().__init__()
        self.folder = folder
        self._schedulers = 0
        self._places: dict[Spec, tuple[Value, str]] = {}
        self._origins: dict[Run, Origin] = {}
        self._within: list[str] = []
        """The composites that the scheduler at hand is in."""
        self.names: Names = Names({})

    def config(self, root: Value, name: str) -> Config | None:
        entries = self.mapping(self._without_clock(root), "", config_keys())
        beside = self._given(root, entries, "")
        plot = entries.get("plot")
        look = self.look(plot)
        if "curves" in entries:
            runs = self._curves(entries, beside)
        elif "scheduler" in entries:
            runs = [self._run(root, entries["scheduler"], beside, "", name, None)]
        else:
            runs = []
            if not self.problems.count:
                self.problems.add(
                    f"{root.place}: scheduler is missing: a mapping with the scheduler's name and its parameters", root
                )
        options = plot.content if plot is not None and isinstance(plot.content, dict) else {}
        if look is not None and look.label is not None:
            runs = self.named(runs, look.label, options["label"])
        outputs = self._outputs(entries.get("output"))
        if self.problems.count:
            return None
        self._limit([run for run in runs if run is not None], entries.get("steps"), root)
        places = {option: value.place for option, value in options.items() if not value.is_flag}
        given = [run for run in runs if run is not None]
        return Config(given, look, name, outputs, places, self.files, self._origins)

    def _without_clock(self, value: Value) -> Value:
        """A mapping with the keys of a clock in its one scheduler; where it has several, they are noted."""
        if not isinstance(value.content, dict):
            return value
        keys = [p.name for p in clock_parameters() if p.name in value.content and p.name not in run_keys()]
        scheduler = value.content.get("scheduler")
        if keys and scheduler is not None and isinstance(scheduler.content, dict):
            own = {**{key: value.content[key] for key in keys}, **scheduler.content}
            kept = {key: entry for key, entry in value.content.items() if key not in keys}
            kept["scheduler"] = Value(own, scheduler.source, scheduler.line, scheduler.column)
            kept["scheduler"].key = scheduler.key
            return Value(kept, value.source, value.line, value.column)
        for key in keys:
            entry = value.content[key]
            beside = f"scheduler: {{name: …, {key}: {entry.content if isinstance(entry.content, str) else '…'}}}"
            self.problems.note(entry.key or entry, key, f"stands beside the scheduler's name, as in {beside}")
        kept = {key: entry for key, entry in value.content.items() if key not in keys}
        return Value(kept, value.source, value.line, value.column) if keys else value

    def named(self, runs: Sequence[Run | None], labels: Sequence[str], at: Value) -> list[Run | None]:
        """The runs with a label each, in order."""
        if len(labels) != len(runs):
            problem = f"must be given once for each curve, in order: got {len(labels)} for {len(runs)}"
            self.problems.note(at, "plot.label", problem)
            return list(runs)
        return [run and run.but(label=label) for run, label in zip(runs, labels)]

    def _outputs(self, value: Value | None) -> dict[str, str]:
        outputs = {}
        for item in _items(value):
            name = self.text(item, "output")
            if name == "-":
                self.problems.note(item, "output", "must be the name of a file, got '-'")
            elif isinstance(item.content, str):
                try:
                    format_of(name)
                    outputs[name] = item.place
                except ValueError as error:
                    self.problems.note(item, "output", f"names {error}")
        return outputs

    def _limit(self, runs: Sequence[Run], steps: Value | None, root: Value) -> None:
        """Notes it where the runs are more than memory or patience has room for."""
        for refusal in limits(runs, counted=steps is not None):
            if refusal.parameter and steps is not None:
                self.problems.note(steps, "steps", refusal.problem)
            else:
                self.problems.add(refusal.problem if root.is_flag else f"{root.place}: {refusal.problem}", root)

    def _given(self, value: Value, entries: Mapping[str, Value], path: str, above: Names | None = None) -> _Given:
        """What is said of a run beside its scheduler, read.

        Args:
            above: The names that hold for all.
        """
        self.names = Names({**(above.entries if above else {}), **entries})
        self.names.let |= above.let if above else {}
        self.names.read(self, entries.get("let"), joined(path, "let"))
        optimizer = self._optimizer(entries.get("optimizer"), joined(path, "optimizer"))
        before = self.problems.count
        options = self.parameters(value, entries, run_parameters(), path, "the run")
        places = {key: (entries[key], joined(path, key)) for key in run_keys() if key in entries and key != "scheduler"}
        return _Given(places, optimizer, options if self.problems.count == before else None, self.names)

    def _optimizer(self, value: Value | None, path: str) -> dict[str, Any] | None:
        if value is None or value.is_null:
            return {}
        before, known = self.problems.count, parameters_of(Optimizer)
        entries = self.mapping(value, path, [p.name for p in known])
        optimizer = self.parameters(value, entries, known, path, "the optimizer")
        if self.problems.count > before:  # the rest will do for a scheduler, if it says how many groups there are
            readable = {"lr", "initial_lr"} & entries.keys() <= optimizer.keys()
            return optimizer if readable else None
        try:
            Optimizer(**optimizer)
        except Refusal as refusal:  # of all runs, if there are any
            self.problems.refused(value, path, refusal)
        return optimizer

    def _run(
        self, value: Value, scheduler: Value, given: _Given, path: str, name: str, label: str | None
    ) -> Run | None:
        before, made = self.problems.count, len(self._places)
        self.names = given.names
        spec = self.schedulers(scheduler, joined(path, "scheduler"))
        if self.problems.count > before:
            self._show_ways(list(self._places)[made:], given)
        if spec is None:
            return None
        if "interval" in given.places and given.places["interval"][0].is_flag:  # flags win
            spec.clock = spec.clock.but(interval=None)
        refusals: Sequence[Refusal] = ()
        if self.problems.count > before:  # of a scheduler that is not readable, all but that is told
            refusals = list(conflicts(spec, given.options, complete=False)) if given.options is not None else ()
        else:
            place = "" if scheduler.is_flag else f"{scheduler.place}: {joined(path, 'scheduler')}"
            try:
                run = make_run(spec, given.optimizer, given.options, label, name, place)
            except Refusals as error:
                refusals = error.refusals
            else:
                own = {"": (value, path), "scheduler": (scheduler, joined(path, "scheduler"))}
                self._origins |= {run: {**given.places, **own}} if run is not None else {}
                return run
        for refusal in refusals:
            self._refused(refusal, value, given, path)
            if isinstance(refusal.at, Spec) and refusal.at.inner and given.options is not None:
                self._show_reductions(refusal.at, refusal.index or 0, given)
        return None

    def _show_ways(self, specs: Sequence[Spec], given: _Given) -> None:
        """Notes what does it, where torch has no scheduler for what was asked for."""
        from lrplot.configs.ways import ready, way_out  # only where something is refused

        lr = (given.optimizer or {}).get("lr", 0.001)
        for spec in specs:
            value, path = self._places[spec]
            if not isinstance(value.content, dict):
                continue  # a list of several, each of which has its own place
            asked = {name: number for name, entry in value.content.items() if (number := _number(entry)) is not None}
            known = {parameter.name for parameter in spec.cls.parameters()} & value.content.keys()
            is_read = known - spec.parameters.keys() <= {"start_factor", "T_mult"}
            if is_read and (way := way_out(spec, asked, lr)):
                run = {"lr": lr, "steps": (given.options or {}).get("steps")} if value.is_flag else {}
                rest = {name: number for name, number in run.items() if number is not None}
                does_it = ready("LambdaLR", {"lr_lambda": way[1]} | rest, value)
                where = "" if value.is_flag else f"{value.place}: {path}: "
                self.problems.add(f"{where}write {way[0]} as {does_it}", list(value.content.values())[-1])

    def _show_reductions(self, whole: Spec, index: int, given: _Given) -> None:
        """Notes what does the same as a plateau that stands in a composite, for the metrics at hand."""
        plateau = whole.inner[index]
        if not plateau.cls.watches_metric:
            return
        from lrplot.configs.ways import in_their_turns, ready, reductions

        value, path = self._places[plateau]
        made = reductions(whole, index, given.options or {}, given.optimizer or {})
        if made is not None:
            what = f"with these metrics it does what {ready('MultiStepLR', made, value)} does"
            self.problems.add(f"{value.place}: {path}: {what}", value)
        elif (given.options or {}).get("metrics") is None:
            what = "with metrics beside the scheduler, what does the same is told: a MultiStepLR"
            self.problems.add(f"{value.place}: {path}: {what}", value)
        if not whole.handovers or 0 < index <= len(whole.handovers):
            how = "one and then the other" if whole.handovers else "one and the other"
            in_turn = f"a loop that steps {how} is scheduler: {in_their_turns(whole)}"
            self.problems.add(f"{value.place}: {path}: {in_turn}", value)

    def _refused(self, refusal: Refusal, value: Value, given: _Given, path: str) -> None:
        """Notes a refusal where what it is about was written."""
        if isinstance(refusal.at, Spec):
            self.problems.refused(*self._places[refusal.at], refusal)
        elif refusal.at == OPTIMIZER:
            self.problems.refused(*given.places[OPTIMIZER], refusal)
        elif (place := given.places.get(refusal.parameter or "")) and not place[0].is_null:
            self.problems.note(*place, refusal.problem)
        else:
            subject = flag_of(refusal.subject) if value.is_flag else f"{value.place}: {joined(path, refusal.subject)}"
            self.problems.add(f"{subject} {refusal.problem}", value)

    def schedulers(self, value: Value, path: str) -> Spec | None:
        """A scheduler, or a list of several that a loop steps side by side."""
        if not isinstance(value.content, list) or len(value.content) < 2:
            only = value.content[0] if isinstance(value.content, list) and value.content else value
            return self.spec(only, path if only is value else f"{path}[0]")
        if len(value.content) > MAX_GROUPS:
            self.problems.note(value, path, f"must have at most {MAX_GROUPS:,} entries, got {len(value.content):,}")
            return None
        specs = [self.spec(item, f"{path}[{index}]") for index, item in enumerate(value.content)]
        if not all(specs):
            return None
        from lrplot.runs.loop import Several

        made = Several([spec for spec in specs if spec is not None])
        self._places[made] = value, path
        return made

    def spec(self, value: Value, path: str) -> Spec | None:
        """A scheduler's name and parameters, and its clock: a mapping, or a one-line spec."""
        if isinstance(value.content, list) or value.is_null:
            problem = (
                "must be a mapping with the scheduler's name and its parameters, or a line such as 'cosine T_max=20'"
            )
            self.problems.note(value, path, f"{problem}, got {described(value)}")
            return None
        if isinstance(value.content, str):
            before = self.problems.count
            value = as_mapping(value, path, self)
            if self.problems.count > before:
                return None
        assert isinstance(value.content, dict)
        self._schedulers += 1
        if self._schedulers > MAX_SCHEDULERS:
            if self._schedulers == MAX_SCHEDULERS + 1:
                self.problems.note(value, path, f"is one scheduler too many: a config has at most {MAX_SCHEDULERS:,}")
            self.problems.count += 1
            return None
        name = value.content.get("name")
        if name is None:
            self.problems.note(value, joined(path, "name"), "is missing: the scheduler's name, such as cosine")
            return None
        cls = self._class(name, joined(path, "name"))
        if cls is None:
            return None
        own = [p.name for p in cls.parameters()]
        timed = [p for p in clock_parameters() if p.name not in own]
        entries = self.mapping(value, path, ["name", *own, *(p.name for p in timed)])
        self._within.append(cls.shown_name)
        made = Spec(cls, self.parameters(value, entries, cls.parameters(), path, cls.shown_name))
        self._within.pop()
        made.clock = self._clock(value, entries, timed, path) or made.clock
        self._places[made] = value, path
        return made

    def _clock(self, value: Value, entries: Mapping[str, Value], timed: Sequence[Parameter], path: str) -> Clock | None:
        """When a scheduler is stepped: None where nothing is said of it, or something that is wrong."""
        given = [p.name for p in timed if p.name in entries]
        if given and self._within:
            by = f"is for a scheduler that the loop steps: {self._within[-1]} steps those within it by itself"
            way = "write scheduler: as a list of schedulers, each with its own clock"
            self.problems.note(entries[given[0]], joined(path, given[0]), f"{by}; {way}")
        if not given or self._within:
            return None
        before = self.problems.count
        asked = self.parameters(value, entries, timed, path, "the clock")
        try:
            return Clock(**asked) if self.problems.count == before else None
        except Refusal as refusal:
            self.problems.refused(value, path, refusal)
        return None

    def single(self, value: Value, path: str, parameter: Parameter) -> Any:
        if parameter.kind == "schedulers":
            return self.spec(value, path)
        if parameter.kind == "mapping":
            return self._made(value, path, parameter)
        return super().single(value, path, parameter)

    def parameter(self, value: Value, path: str, parameter: Parameter) -> Any:
        if parameter.name == "metrics":
            from lrplot.configs.metrics import read_metrics

            return read_metrics(self, value, path, self.folder)
        given = super().parameter(value, path, parameter)
        if parameter.name == "ignore":
            self._known_notes(value, path, given)
        return self._style(value, path, given) if parameter.name == "style" and given else given

    def _made(self, value: Value, path: str, parameter: Parameter) -> Any:
        """What a mapping says, made: None where something in it is wrong."""
        assert parameter.made is not None
        known, before = parameters_of(parameter.made), self.problems.count
        entries = self.mapping(value, path, [p.name for p in known])
        if self.problems.count > before:
            return None
        given = self.parameters(value, entries, known, path, path)
        if self.problems.count == before:
            try:
                return build(parameter.made, given)
            except Refusal as refusal:
                self.problems.refused(value, path, refusal)
        return None

    def _known_notes(self, value: Value, path: str, codes: Sequence[str]) -> None:
        """Notes those codes that are of no note."""
        from lrplot.analysis.notes.rule import rules  # only those who ignore one need them all

        for item, code in zip(_items(value), codes):
            if Code().admits(code or "") and code not in rules():
                self.problems.note(item, path, f"names no note, {shown(code)}: {nearest(code, rules())}")

    def _style(self, value: Value, path: str, style: str) -> str:
        """A style's name as it is, or the file that it is of: beside its config, where it is there."""
        from lrplot.pictures.style_files import is_file_name

        if self.folder is None and not value.is_flag and is_file_name(style):
            self.problems.note(value, path, "names a file: a picture's own schedule stands alone")
        elif not value.is_flag and os.path.isfile(beside := os.path.join(self.folder or "", style)):
            style = beside
        if os.path.isfile(style):
            self.files.append(style)
        return style

    def _class(self, name: Value, path: str) -> type[Scheduler] | None:
        before = self.problems.count
        text = self.text(name, path)
        if self.problems.count > before:
            return None
        cls, around = look_up(text), self._within[-1].rpartition(".")[0] if self._within else ""
        own = guessed(f"{around}.{text}") if around and (cls is None or cls.family != around) else []
        if cls is not None and not own:
            return cls
        known = f"an unknown scheduler {shown(text)}" if cls is None else f"{cls.shown_name}, no schedule of {around}"
        self.problems.note(name, path, f"names {known}: {f'did you mean {own[0]!r}?' if own else hint(text)}")
        return None

    def _curves(self, entries: Mapping[str, Value], beside: _Given) -> list[Run | None]:
        """The runs under ``curves:``; what stands beside it holds for those that do not say otherwise."""
        curves = entries["curves"]
        if not isinstance(curves.content, list) or not curves.content:
            self.problems.note(
                curves, "curves", f"must be a list of configs, each with a scheduler, got {described(curves)}"
            )
            return []
        if len(curves.content) > MAX_CURVES:
            self.problems.note(curves, "curves", f"must be at most {MAX_CURVES:,}, got {len(curves.content):,}")
            return []
        if "scheduler" in entries:
            self.problems.note(entries["scheduler"], "scheduler", "stands beside curves: each curve has its own")
        runs = []
        for index, value in enumerate(curves.content):
            path = f"curves[{index}]"
            if isinstance(value.content, str):
                value = Value({"scheduler": value}, value.source, value.line, value.column)
            own = self.mapping(self._without_clock(value), path, [*run_keys(), "label"])
            label = self.text(own["label"], f"{path}.label") if "label" in own and not own["label"].is_null else None
            given = self._given(value, own, path, beside.names).over(beside)
            if "scheduler" in own:
                runs.append(self._run(value, own["scheduler"], given, path, "", label))
            elif isinstance(value.content, dict):
                self.problems.note(value, f"{path}.scheduler", "is missing")
        return runs

    def look(self, value: Value | None) -> "Look | None":
        """How a config is to look: None where nothing is said of it."""
        if value is None or value.is_null:
            return None
        from lrplot.pictures.look import Look

        known = parameters_of(Look)
        entries = self.mapping(value, "plot", [p.name for p in known])
        options = self.parameters(value, entries, known, "plot", "the plot")
        while True:
            try:
                return Look(**options)
            except Refusal as refusal:
                self.problems.refused(value, "plot", refusal)
                if options.pop(refusal.parameter or "", None) is None:
                    return Look()


def _items(value: Value | None) -> list[Value]:
    if value is None or value.is_null:
        return []
    return value.content if isinstance(value.content, list) else [value]


def _number(value: Value) -> float | None:
    """A number as it was written: None of anything else."""
    try:
        return float(value.content) if isinstance(value.content, str) else None
    except ValueError:
        return None
