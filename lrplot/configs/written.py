"""A config as it would be written: what a picture keeps, and what decides every byte of an output."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lrplot.analysis.titles import full_names
from lrplot.parameters import parameters_of
from lrplot.pictures.look import Look
from lrplot.runs.data import Data
from lrplot.runs.run import Run, run_parameters
from lrplot.runs.spec import Spec


def mapping_of(runs: Sequence[Run], look: Look) -> dict[str, Any]:
    """A config of these runs and this look, with nothing left at its default and nothing read from other files."""
    plot = {p.name: getattr(look, p.name) for p in parameters_of(Look)}
    curves = [_written(run) for run in runs]
    plot["label"] = None  # each curve has its own
    if len(curves) == 1:
        plot["label"] = runs[0].label
        whole = {key: value for key, value in curves[0].items() if key != "label"}
    else:
        # What a curve is called after its file is kept with it: the picture stands alone.
        named = [{"label": name} if run.name else {} for name, run in zip(full_names(runs), runs)]
        whole = {"curves": [label | curve for label, curve in zip(named, curves)]}
    plot = {p.name: plot[p.name] for p in parameters_of(Look) if plot[p.name] != p.default}
    return whole | ({"plot": _for_yaml(plot)} if plot else {})


def yaml_of(mapping: Mapping[str, Any]) -> str:
    """The mapping as YAML."""
    import yaml

    class Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc]
        """Writes line breaks and the like as escapes: not all of them would read back as they are."""

        def represent_str(self, data: str) -> yaml.ScalarNode:
            style = None if data.isprintable() else '"'
            node: yaml.ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", data, style=style)
            return node

    Dumper.add_representer(str, Dumper.represent_str)
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None, "width": 120}
    text: str = yaml.dump(mapping, Dumper=Dumper, **options)
    return text


def _written(run: Run) -> dict[str, Any]:
    """A run as it would be written in a config."""
    options = {p.name: value for p in run_parameters() if (value := getattr(run, p.name)) != p.default}
    options = {"steps": run.steps, **options}
    options.pop("epochs", None)  # which the steps say
    data = run.data.steps_per_epoch if run.data is not None else None
    if run.steps_per_epoch in (data, run.spec.parameters.get("steps_per_epoch")):
        options.pop("steps_per_epoch", None)
    let = {name: number for name, number in _named_numbers(run).items() if name not in options}
    label = {"label": run.label} if run.label else {}
    optimizer = {"optimizer": _for_yaml(_grouped(run))} if run.optimizer else {}
    named = {"let": let} if let else {}
    return {**label, **named, **optimizer, "scheduler": _for_yaml(run.spec), **_for_yaml(options)}


def _grouped(run: Run) -> dict[str, Any]:
    """The optimizer's parameters, with its groups one by one where some join on the way, or have names."""
    if not run.joins and not run.group_names:
        return dict(run.optimizer)
    rest = {key: value for key, value in run.optimizer.items() if key not in ("lr", "initial_lr")}
    starts = run.optimizer.get("initial_lr") or [None] * run.groups
    groups = []
    for index, (lr, start) in enumerate(zip(run.optimizer["lr"], starts)):
        name = run.group_names[index] if run.group_names else None
        join = run.joins[index] if run.joins else None
        group = {"name": name, "lr": lr, "initial_lr": start, "from": join or None}
        groups.append({key: value for key, value in group.items() if value is not None})
    return {"groups": groups, **rest}


def _named_numbers(run: Run) -> dict[str, Any]:
    """The numbers that the run's expressions have by name."""
    functions = _functions([run.spec.parameters, run.metrics])
    return {name: number for function in functions for name, number in function.numbers.items()}


def _functions(value: Any) -> Iterator[Any]:
    """The expressions in the parameters of a scheduler and of those within."""
    if isinstance(value, Spec):
        value = value.parameters
    if isinstance(value, (list, tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _functions(item)
    elif hasattr(value, "numbers"):
        yield value


def _for_yaml(value: Any) -> Any:
    """Values as YAML has them."""
    if isinstance(value, Data):
        given = {p.name: getattr(value, p.name) for p in parameters_of(Data)}
        return {p.name: given[p.name] for p in parameters_of(Data) if given[p.name] != p.default}
    if isinstance(value, Spec) and value.is_several:
        return _for_yaml(value.inner)
    if isinstance(value, Spec):
        return {"name": value.cls.shown_name, **_for_yaml(value.parameters), **value.clock.given}
    if isinstance(value, Mapping):
        return {key: _for_yaml(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, array)):
        single = len(value) == 1 and isinstance(value[0], str)
        return _for_yaml(value[0]) if single else [_for_yaml(item) for item in value]
    return value if isinstance(value, (str, int, float)) or value is None else repr(value)
