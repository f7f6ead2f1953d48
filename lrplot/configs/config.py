"""A config file, a one-line spec or flags to a Config: what to simulate and how to draw it, every error with its place."""

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from lrplot.configs.document import ConfigError, Fault, Value, decode, parse, read_file
from lrplot.configs.reader import Reader
from lrplot.formats import PICTURES, is_config
from lrplot.parameters import parameters_of
from lrplot.pictures.look import Look, LookError
from lrplot.runs.run import Run, Spec, run_parameters
from lrplot.runs.simulate import Curve, simulate_run
from lrplot.schedulers import Scheduler
from lrplot.wording import shown

__all__ = ["Config", "ConfigError", "load", "load_all"]

Overrides = Mapping[str, Value]
"""What flags set, by key path: ``{"scheduler.T_max": …, "steps": …}``."""


class Config:
    """One picture or table: the runs on it, and how it is to look."""

    def __init__(
        self,
        runs: Sequence[Run],
        look: Look | None = None,
        name: str = "",
        outputs: Mapping[str, str] | None = None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        self.runs = runs
        self.look = look or Look()
        self.name = name
        self.outputs = outputs or {}
        """Files that the config names for itself, each with the place where it does."""
        self.places = places or {}
        """Where the options of the plot stand, of those that stand in a file."""

    def curves(self) -> list[Curve]:
        """The runs, simulated: a curve for each run and each ``record``.

        Raises:
            ValueError: A schedule that cannot be followed to its end; a ConfigError of all of them where they stand in a file or a spec.
        """
        curves: list[Curve] = []
        messages: list[str] = []
        for run in self.runs:
            try:
                curves += simulate_run(run)
            except ValueError as error:
                if not run.place:
                    raise
                messages.append(f"{run.place}: {error}")
        if messages:
            raise ConfigError(messages)
        return curves

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """What cannot be drawn in the block is an error with its place in the config."""
        try:
            yield
        except LookError as error:
            place = self.places.get(error.option)
            problem = str(error).removeprefix(f"{error.option}: ")
            raise (ConfigError([f"{place}: plot.{error.option}: {problem}"]) if place else error) from None

    def mapping(self) -> dict[str, Any]:
        """The config as it would be written, with nothing left at its default and nothing read from other files."""
        plot = {p.name: getattr(self.look, p.name) for p in parameters_of(Look)}
        curves = [_written(run) for run in self.runs]
        if len(curves) == 1:
            plot["label"] = self.runs[0].label
            whole = {key: value for key, value in curves[0].items() if key != "label"}
        else:
            whole = {"curves": [{"label": run.shown_label, **curve} for run, curve in zip(self.runs, curves)]}
        plot = {p.name: plot[p.name] for p in parameters_of(Look) if plot[p.name] != p.default}
        return whole | ({"plot": _plain(plot)} if plot else {})

    def source(self) -> str:
        """The config as YAML that stands alone: what a picture keeps, and what decides every byte of an output."""
        import yaml

        class Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
            """Writes line breaks and the like as escapes: not all of them would read back as they are."""

            def represent_str(self, data: str) -> yaml.ScalarNode:
                node: yaml.ScalarNode = self.represent_scalar(
                    "tag:yaml.org,2002:str", data, style=None if data.isprintable() else '"'
                )
                return node

        Dumper.add_representer(str, Dumper.represent_str)
        text: str = yaml.dump(
            self.mapping(), Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120
        )
        return text


def load(path: str, overrides: Overrides | None = None, command: type[Scheduler] | None = None) -> Config:
    """The config in a YAML or JSON file, or in a picture that lrplot made; ``-`` is standard input.

    With ``command``, it must be one for that scheduler, or leave open which.

    Raises:
        ConfigError: It cannot be read, or something in it is wrong: one message each.
    """
    name = os.path.splitext(os.path.basename(path))[0] if path != "-" else ""
    faults: list[Fault] = []
    root = _root(path, faults)
    if command is not None:
        root = _agreed(root, command)
        overrides = {"scheduler.name": Value(command.__name__, path), **(overrides or {})}
    return build(root, overrides, folder=os.path.dirname(path), name=name, faults=faults)


def load_all(sources: Sequence[str], overrides: Overrides | None = None) -> Config:
    """Several configs and one-line specs on one picture, which looks as the first of them says."""
    messages: list[str] = []
    configs: list[Config] = []
    for source in sources:
        try:
            configs.append(load(source, overrides) if is_file(source) else build(one_line(source), overrides))
        except ConfigError as error:
            messages += error.messages
    if messages:
        raise ConfigError(dict.fromkeys(messages))
    if len(configs) == 1:
        return configs[0]
    look = {parameter.name: getattr(configs[0].look, parameter.name) for parameter in parameters_of(Look)}
    if "plot.title" not in (overrides or {}):
        look["title"] = None
    return Config(
        [run for config in configs for run in config.runs], Look(**look), configs[0].name, places=configs[0].places
    )


def is_file(source: str) -> bool:
    """Whether a word on the command line names a file, rather than being a one-line spec."""
    return source == "-" or is_config(source) or _is_picture(source) or (" " not in source and os.path.exists(source))


def _is_picture(path: str) -> bool:
    return path.lower().endswith(tuple(f".{name}" for name in PICTURES))


def one_line(text: str) -> Value:
    """A config from a one-line spec: ``cosine T_max=20``; specs of a composite stand in quotes.

    >>> load_all(["chained 'constant factor=0.5' 'cosine T_max=20'"]).runs[0].spec.parameters["schedulers"][1].parameters
    {'T_max': 20}
    """
    return Value({"scheduler": Value(text, f"spec {shown(text)}")}, f"spec {shown(text)}")


def spec(text: str) -> Spec:
    """The scheduler of a one-line spec.

    >>> str(spec("step step_size=30 gamma=0.5"))
    'StepLR(step_size=30, gamma=0.5)'
    """
    reader = Reader("")
    made = reader.spec(Value(text, f"spec {shown(text)}"), "scheduler")
    reader.raise_any()
    assert made is not None, "without problems there is a spec"
    return made


def build(
    root: Value, overrides: Overrides | None = None, folder: str = "", name: str = "", faults: Sequence[Fault] = ()
) -> Config:
    """A Config from a mapping as it was read, with flags on top; ``faults`` are those that the document has by itself."""
    reader = Reader(folder)
    for value, problem in faults:
        reader.add(f"{value.place}: {problem}", value)
    parts = reader.config(_with(root, overrides or {}), name)
    reader.raise_any()
    assert parts is not None, "without problems there is a config"
    return Config(parts.runs, parts.look, name, parts.outputs, parts.places)


def _root(path: str, faults: list[Fault]) -> Value:
    if _is_picture(path):
        from lrplot.configs.embedded import read_source

        try:
            return parse(read_source(path), path, faults)
        except (OSError, ValueError) as error:
            raise (
                error
                if isinstance(error, ConfigError)
                else ConfigError([f"{path}: {getattr(error, 'strerror', None) or error}"])
            ) from None
    source = "<stdin>" if path == "-" else path
    return parse(decode(read_file(path), source), source, faults)


def _agreed(root: Value, command: type[Scheduler]) -> Value:
    """A config once it is seen to be for the scheduler of the command that reads it, its one-line spec written out for flags to change."""
    entries = root.content if isinstance(root.content, dict) else {}
    if "curves" in entries:
        raise ConfigError([f"{root.place}: holds several curves: draw it with lrplot plot"])
    scheduler = entries.get("scheduler")
    if scheduler is not None and isinstance(scheduler.content, str) and not scheduler.is_null:
        reader = Reader("")
        scheduler = reader.worded(scheduler, "scheduler")
        reader.raise_any()
        root = Value({**entries, "scheduler": scheduler}, root.source, root.line, root.column)
    name = scheduler.content.get("name") if scheduler is not None and isinstance(scheduler.content, dict) else None
    if name is not None and isinstance(name.content, str) and name.content not in (command.name, command.__name__):
        raise ConfigError(
            [f"{name.place}: scheduler.name is {shown(name.content)}, but the command is for {command.__name__}"]
        )
    return root


def _with(root: Value, overrides: Overrides) -> Value:
    """The mapping with some entries replaced; it is copied, as an alias may share it."""
    for path, value in overrides.items():
        if isinstance(root.content, dict):
            head, _, rest = path.partition(".")
            below = root.content.get(head)
            if below is None or below.is_null:
                below = Value({}, value.source)
            changed = Value(
                {**root.content, head: _with(below, {rest: value}) if rest else value},
                root.source,
                root.line,
                root.column,
            )
            root = changed
    return root


def _written(run: Run) -> dict[str, Any]:
    """A run as it would be written in a config."""
    options = {
        p.name: value for p in run_parameters() if p.name != "steps" and (value := getattr(run, p.name)) != p.default
    }
    options = {"steps": run.steps, **options}
    if run.steps_per_epoch == run.spec.parameters.get("steps_per_epoch"):
        options.pop("steps_per_epoch", None)
    label = {"label": run.label} if run.label else {}
    optimizer = {"optimizer": _plain(run.optimizer)} if run.optimizer else {}
    return {**label, **optimizer, "scheduler": _plain(run.spec), **_plain(options)}


def _plain(value: Any) -> Any:
    """Values as YAML has them."""
    if isinstance(value, Spec):
        return {"name": value.cls.__name__, **_plain(value.parameters)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, array)):
        single = len(value) == 1 and isinstance(value[0], str)
        return _plain(value[0]) if single else [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float)) or value is None else repr(value)
