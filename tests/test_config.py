"""A config by whatever way it comes: YAML, JSON, a one-line spec, flags; and back to YAML that says the same."""

import functools
import json
import math
from array import array
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lrplot.configs.config import Config
from lrplot.configs.document import ConfigError, Value, parse
from lrplot.configs.sources import build, load, load_all, one_line, spec
from lrplot.parameters import Choices, Parameter, Range, parameters_of
from lrplot.pictures.look import Look
from lrplot.schedulers import ReduceLROnPlateau
from lrplot.schedulers.families import members

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(
    path for path in ROOT.joinpath("configs").rglob("*") if path.suffix in (".yaml", ".json") and path.stem[0] != "."
)


def config(text: str, source: str = "c.yaml", **options: Any) -> Config:
    return build(parse(text, source), **options)


def parameters(text: str) -> dict[str, Any]:
    (run,) = config(text).runs
    return dict(run.spec.parameters)


# Random configs, drawn from what the constructors say about their parameters

EXPRESSIONS = st.sampled_from(
    [
        "0.95 ** epoch",
        "lambda epoch: 1 / (epoch + 1)",
        "0.5",
        "1 if epoch < 3 else 0.1",
        "min(1, epoch / 5)",
        "exp(-epoch)",
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@functools.cache  # a strategy that is made anew is looked through anew
def singles(parameter: Parameter) -> st.SearchStrategy[Any]:
    constraint = parameter.constraint
    low, high = (constraint.low, constraint.high) if isinstance(constraint, Range) else (-math.inf, math.inf)
    if isinstance(constraint, Choices):
        return st.sampled_from(constraint.words)
    if parameter.kind == "float":
        return st.floats(max(low, -1e3), min(high, 1e3)).filter(lambda number: parameter.refusal(number) is None)
    if parameter.kind == "int":
        return st.integers(int(max(low, -5)), int(min(high, 60))).filter(
            lambda number: parameter.refusal(number) is None
        )
    if parameter.name == "size":
        return st.sampled_from(["1200x700", "16x9cm", "8x4.5in"])
    return {"bool": st.booleans(), "text": TEXTS, "function": EXPRESSIONS}[parameter.kind]


@st.composite
def values(draw: st.DrawFn, parameter: Parameter, groups: int) -> Any:
    if parameter.is_list:
        return draw(st.lists(singles(parameter), min_size=1, max_size=4))
    if parameter.per_group and draw(st.booleans()):
        return draw(st.lists(singles(parameter), min_size=groups, max_size=groups))
    return draw(singles(parameter))


@st.composite
def mappings(draw: st.DrawFn, known: tuple[Parameter, ...], groups: int = 1) -> dict[str, Any]:
    chosen = [
        p
        for p in known
        if p.kind != "schedulers"
        and p.name not in ("last_epoch", "x_range", "y_range")
        and (p.required or draw(st.booleans()))
    ]
    return {parameter.name: draw(values(parameter, groups)) for parameter in chosen}


@st.composite
def schedulers(draw: st.DrawFn, groups: int, depth: int = 2) -> dict[str, Any]:
    name = draw(
        st.sampled_from(
            [name for name in members() if depth or "schedulers" not in {p.name for p in members()[name].parameters()}]
        )
    )
    made = {
        "name": draw(st.sampled_from([name, members()[name].__name__])),
        **draw(mappings(members()[name].parameters(), groups)),
    }
    if name in ("sequential", "chained"):
        made["schedulers"] = draw(st.lists(schedulers(groups, depth - 1), min_size=1, max_size=3))
    if name == "sequential":
        made["milestones"] = sorted(
            draw(
                st.lists(st.integers(1, 30), min_size=len(made["schedulers"]) - 1, max_size=len(made["schedulers"]) - 1)
            )
        )
    return made


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    groups = draw(st.integers(1, 3))
    rates = st.floats(0, 10)
    whole: dict[str, Any] = {
        "scheduler": draw(schedulers(groups)),
        "optimizer": {"lr": draw(st.lists(rates, min_size=groups, max_size=groups))},
    }
    if draw(st.booleans()):
        whole["steps"] = draw(st.integers(1, 30))
    if draw(st.booleans()):
        whole["record"] = draw(st.lists(st.sampled_from(["used", "after-step", "get_lr"]), min_size=1, max_size=3))
    if draw(st.booleans()):
        whole |= {"steps_per_epoch": draw(st.integers(1, 9)), "interval": draw(st.sampled_from(["step", "epoch"]))}
    if whole["scheduler"]["name"] in ("plateau", "ReduceLROnPlateau"):
        whole["metrics"] = draw(EXPRESSIONS | st.lists(st.floats(), min_size=30, max_size=30))
    if draw(st.booleans()):
        whole["plot"] = draw(mappings(parameters_of(Look)))
    return whole


def accepted(data: dict[str, Any], source: str) -> Config:
    text = (
        json.dumps(data).replace("Infinity", ".inf").replace("NaN", ".nan")
        if source.endswith(".json")
        else yaml.safe_dump(data)
    )
    try:
        return config(text, source)
    except ConfigError:  # what torch refuses too: a plateau in a chain, say
        assume(False)
        raise


def numbers(config: Config) -> list[Any]:
    try:
        return [
            [[bytes(column) for column in columns] for columns in (curve.rates, curve.lines("momentum"))]
            for curve in config.curves()
        ]
    except ConfigError as error:
        return [message.partition("scheduler: ")[2] for message in error.messages]


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(configs(), st.sampled_from(["c.yaml", "c.json"]))
def test_a_config_is_written_as_yaml_that_reads_back_as_the_same(data: dict[str, Any], source: str) -> None:
    first = accepted(data, source)
    again = config(first.source())
    assert again.source() == first.source()
    assert numbers(again) == numbers(first)
    for parameter in parameters_of(Look):
        if parameter.name != "label":
            assert getattr(again.look, parameter.name) == getattr(first.look, parameter.name)
    assert [run.label for run in again.runs] == [run.label for run in first.runs]


@settings(
    max_examples=3 * settings().max_examples // 2,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(
    st.lists(configs(), min_size=1, max_size=3), st.lists(TEXTS, min_size=3, max_size=3), mappings(parameters_of(Look))
)
def test_a_list_of_curves_is_written_as_one_config_that_reads_back(
    data: list[dict[str, Any]], labels: list[str], plot: dict[str, Any]
) -> None:
    curves = [
        {**{key: value for key, value in one.items() if key != "plot"}, "label": label}
        for one, label in zip(data, labels)
    ]
    first = accepted({"curves": curves, "plot": plot}, "c.yaml")
    again = config(first.source())
    assert again.source() == first.source() and numbers(again) == numbers(first)
    assert [run.shown_label for run in again.runs] == [run.shown_label for run in first.runs]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_tutorial_and_example_configs_read_back(path: Path) -> None:
    first = load(str(path))
    again = config(first.source())
    assert again.source() == first.source() and numbers(again) == numbers(first)


def test_a_config_stands_alone_once_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("loss\n1\n0.5\n")
    (tmp_path / "c.yaml").write_text("scheduler: plateau\nmetrics: m.csv\n")
    assert (
        load(str(tmp_path / "c.yaml")).source()
        == "scheduler: {name: ReduceLROnPlateau}\nsteps: 2\nmetrics: [1.0, 0.5]\n"
    )


# One-line specs


@pytest.mark.parametrize(
    ("line", "mapping"),
    [
        ("cosine T_max=20", "{name: CosineAnnealingLR, T_max: 20}"),
        ("step step_size=30 gamma=5e-1", "{name: step, step_size: 30, gamma: 0.5}"),
        ("multistep milestones=30,60 gamma=0.5", "{name: multistep, milestones: [30, 60], gamma: 0.5}"),
        ("multistep 'milestones=[30, 60]'", "{name: multistep, milestones: [30, 60]}"),
        ("lambda 'lr_lambda=min(1, epoch / 5)'", "{name: lambda, lr_lambda: 'min(1, epoch / 5)'}"),
        (
            "cyclic base_lr=0.1,0.2 max_lr=1 cycle_momentum=false",
            "{name: cyclic, base_lr: [0.1, 0.2], max_lr: 1, cycle_momentum: false}",
        ),
        ("onecycle max_lr=1 epochs=3 steps_per_epoch=4", "{name: onecycle, max_lr: 1, epochs: 3, steps_per_epoch: 4}"),
        (
            "sequential 'linear start_factor=0.1 total_iters=5' 'cosine T_max=95' milestones=5",
            "{name: sequential, schedulers: [{name: linear, start_factor: 0.1, total_iters: 5}, cosine T_max=95], milestones: [5]}",
        ),
        (
            """chained "chained 'constant factor=0.5' 'exponential gamma=0.9'" 'step step_size=3'""",
            "{name: chained, schedulers: [{name: chained, schedulers: [constant factor=0.5, exponential gamma=0.9]}, step step_size=3]}",
        ),
        (
            "sequential 'cosine T_max=3' milestones=[]",
            "{name: sequential, schedulers: [cosine T_max=3], milestones: []}",
        ),
    ],
)
def test_a_one_line_spec_says_what_a_mapping_says(line: str, mapping: str) -> None:
    optimizer = "optimizer: {lr: [0.1, 0.1]}\n" if "base_lr" in line else ""
    by_line, by_mapping = (config(f"{optimizer}scheduler: {scheduler}\n") for scheduler in (json.dumps(line), mapping))
    assert by_line.source() == by_mapping.source()
    assert str(spec(line)) == str(by_mapping.runs[0].spec)
    assert "base_lr" in line or build(one_line(line)).source() == by_mapping.source()


# The forms that values take


def test_an_expression_is_one_for_all_groups_or_one_a_group() -> None:
    assert str(parameters("scheduler: {name: lambda, lr_lambda: 0.95 ** epoch}")["lr_lambda"]) == "0.95 ** epoch"
    text = "optimizer: {lr: [1, 1]}\nscheduler: {name: lambda, lr_lambda: ['lambda epoch: 0.95 ** epoch', 1 / (epoch + 1)]}\nsteps: 3\n"
    (curve,) = config(text).curves()
    assert [list(rates) for rates in curve.rates] == [[1.0, 0.95, 0.95**2], [1.0, 0.5, 1 / 3]]


def test_null_and_nothing_mean_the_default() -> None:
    text = "optimizer:\nscheduler: {name: cosine, T_max: 20, eta_min: }\nsteps: ~\nrecord: null\nmetrics:\nplot: {title: ~, label: }\noutput:\n"
    assert config(text).source() == config("scheduler: cosine T_max=20").source()


@pytest.mark.parametrize(
    ("word", "kept"),
    [("on", "on"), ("2024", "2024"), ("'~'", "~"), ("1:30", "1:30"), ('""', ""), ("no", "no"), ("0x10", "0x10")],
)
def test_a_title_is_the_text_that_stands_there(word: str, kept: str) -> None:
    made = config(f"scheduler: cosine T_max=20\nplot: {{title: {word}}}")
    assert (made.look.title, config(made.source()).look.title) == (kept, kept)


def test_a_run_is_as_long_as_what_it_follows() -> None:
    def steps(text: str) -> int:
        return config(text).runs[0].steps

    assert steps("scheduler: cosine T_max=20") == 100
    assert steps("scheduler: onecycle max_lr=1 total_steps=40") == 40
    assert steps("scheduler: onecycle max_lr=1 epochs=3 steps_per_epoch=4") == 12
    assert steps("scheduler: plateau\nmetrics: [3, 2, 1]") == 3
    assert steps("scheduler: plateau\nmetrics: 1 / (epoch + 1)") == 100
    assert steps("scheduler: plateau\nmetrics: [3, 2, 1]\nsteps_per_epoch: 5\ninterval: epoch") == 15


def test_onecycles_steps_per_epoch_serves_the_run_as_well() -> None:
    (run,) = config("scheduler: onecycle max_lr=1 epochs=3 steps_per_epoch=4").runs
    assert run.steps_per_epoch == 4


# curves, and flags on top


def test_what_stands_beside_curves_holds_for_those_that_do_not_say_otherwise() -> None:
    made = config("""\
optimizer: {lr: 0.1}
steps: 7
record: [used, get_lr]
plot: {theme: dark}
curves:
  - cosine T_max=20
  - {scheduler: step step_size=30, label: a step}
  - {scheduler: {name: plateau}, optimizer: {lr: 0.5}, steps: 2, record: used, metrics: [1, 2]}
""")
    told = [(run.spec.cls.name, run.optimizer["lr"], run.steps, run.record, run.label) for run in made.runs]
    assert told == [
        ("cosine", 0.1, 7, ("used", "get_lr"), None),
        ("step", 0.1, 7, ("used", "get_lr"), "a step"),
        ("plateau", 0.5, 2, ("used",), None),
    ]
    assert (made.look.theme, made.runs[2].metrics, made.runs[2].spec.cls.watches_metric) == (
        "dark",
        array("d", [1, 2]),
        True,
    )


def test_flags_win_and_change_nothing_else() -> None:
    text = "scheduler: &s {name: cosine, T_max: 20, eta_min: 0.5}\nplot: {title: A, theme: dark}\nsteps: 3\n"
    root = parse(text, "c.yaml")
    flags = {
        key: Value(value, f"--{key}")
        for key, value in {"scheduler.T_max": "30", "steps": "9", "plot.title": "B", "optimizer.lr": "0.1"}.items()
    }
    made = build(root, flags)
    assert made.source() == (
        "optimizer: {lr: 0.1}\nscheduler: {name: CosineAnnealingLR, T_max: 30, eta_min: 0.5}\nsteps: 9\nplot: {title: B, theme: dark}\n"
    )
    assert build(root).runs[0].steps == 3  # the document is as it was: an alias may share it


def test_flags_hold_for_every_source(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("scheduler: step step_size=1\nsteps: 3\nplot: {title: A, theme: dark}\n")
    made = load_all([str(path), "cosine T_max=20"], {"steps": Value("9", "--steps")})
    assert [run.steps for run in made.runs] == [9, 9]
    assert (made.look.theme, made.look.title) == ("dark", None), "the first one's look, but the title is for one curve"


def test_a_scheduler_by_its_command_agrees_with_the_config(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("scheduler: cosine T_max=20\n")
    made = load(str(path), {"scheduler.T_max": Value("30", "--T-max")}, command=members()["cosine"])
    assert made.runs[0].spec.parameters == {"T_max": 30}
    with pytest.raises(ConfigError, match=r"a.yaml:1:12: scheduler.name is 'cosine', but the command is for StepLR"):
        load(str(path), command=members()["step"])
    path.write_text("curves: [cosine T_max=20]\n")
    with pytest.raises(ConfigError, match=r"a.yaml:1:1: holds several curves: draw it with lrplot plot"):
        load(str(path), command=members()["cosine"])
    path.write_text("scheduler: {T_max: 20}\n")
    assert load(str(path), command=members()["cosine"]).runs[0].spec.parameters == {"T_max": 20}


def test_plateau_is_told_by_its_class() -> None:
    assert config("scheduler: ReduceLROnPlateau\nmetrics: [1]").runs[0].spec.cls is ReduceLROnPlateau
