"""The JSON Schema admits what lrplot reads, and says what each parameter means."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from lrplot.configs.document import ConfigError, parse
from lrplot.configs.reader import config_keys
from lrplot.configs.schema import schema, schema_text
from lrplot.configs.sources import build
from lrplot.runs.clock import clock_parameters
from lrplot.schedulers.families import members
from tests.each import each
from tests.test_config import accepted, configs

CONFIGS = sorted(
    path
    for path in Path(__file__).parent.parent.joinpath("configs").rglob("*")
    if path.suffix in (".yaml", ".json") and path.stem[0] != "." and path.parent.name != "yours"
)
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_tutorial_and_example_configs_validate(path: Path) -> None:
    text = path.read_text()
    data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    VALIDATOR.validate(data)


@each(
    [
        "{}",
        "scheduler: {name: cosine}",
        "scheduler: {name: cosin, T_max: 3}",
        "scheduler: {name: cosine, T_max: 0}",
        "scheduler: {name: cosine, T_max: 20th}",
        "scheduler: {name: cosine, T_max: 3, eta_mn: 0.1}",
        "scheduler: {name: step, step_size: 3, gamma: [1, 2]}",
        "{scheduler: cosine T_max=3, step: 5}",
        "{scheduler: cosine T_max=3, steps: 0}",
        "{scheduler: cosine T_max=3, record: lr}",
        "{scheduler: cosine T_max=3, plot: {theme: grey}}",
        "{scheduler: cosine T_max=3, optimizer: {lr: -1}}",
        "curves: []",
        "curves: cosine T_max=3",
        "{scheduler: cosine T_max=3, curves: [cosine T_max=3]}",
        "curves: [{steps: 3}]",
        "curves: [{scheduler: cosine T_max=3, plot: {title: A}}]",
        "[cosine]",
        "scheduler: [[cosine T_max=3]]",
        "scheduler: []",
        "scheduler: {name: cosine, T_max: 3, frequency: 0}",
        "scheduler: {name: cosine, T_max: 3, end: 0}",
        "scheduler: {name: cosine, T_max: 3, interval: steps}",
        "scheduler: [constant, plateau]",
        "{scheduler: cosine T_max=3, optimizer: {groups: []}}",
        "{scheduler: cosine T_max=3, optimizer: {groups: [{lr: 0.1, from: -1}]}}",
        "{scheduler: cosine T_max=3, optimizer: {groups: [{rate: 0.1}]}}",
        "scheduler: {T_max: 3}",
        "scheduler: {name: cosine, T_max: true}",
        "scheduler: {name: cosine, T_max: 2.5}",
        "scheduler: {name: cosine, T_max: '1:30'}",
        "scheduler: {name: cosine, T_max: 3, eta_min: 0,1}",
        "scheduler: {name: linear, start_factor: 2}",
        "scheduler: {name: multistep}",
        "scheduler: {name: multistep, milestones: [1, x y]}",
        "scheduler: {name: cyclic, base_lr: 0, max_lr: 1, mode: square}",
        "scheduler: {name: onecycle, max_lr: 1, total_steps: 0}",
        "scheduler: {name: sequential, schedulers: [{name: cosin}], milestones: []}",
        "{scheduler: cosine T_max=3, optimizer: [0.1]}",
        "{scheduler: cosine T_max=3, optimizer: {lr: [0.1, [0.2]]}}",
        "{scheduler: cosine T_max=3, optimizer: {betas: [0.9, 1]}}",
        "{scheduler: cosine T_max=3, steps: -5}",
        "{scheduler: cosine T_max=3, steps: 1000000000}",
        "{scheduler: cosine T_max=3, interval: batch}",
        "{scheduler: cosine T_max=3, record: [used, lr]}",
        "{scheduler: plateau, metrics: [1, '1:2']}",
        "{scheduler: plateau, metrics: {column: loss}}",
        "{scheduler: plateau, metrics: {file: m.csv, columns: loss}}",
        "{scheduler: cosine T_max=3, plot: {log_y: 'on'}}",
        "{scheduler: cosine T_max=3, plot: {dpi: 5}}",
        "{scheduler: cosine T_max=3, plot: dark}",
        "{scheduler: cosine T_max=3, plot: {size: foo}}",
        "{scheduler: cosine T_max=3, plot: {size: 1200x700pt}}",
        "{scheduler: cosine T_max=3, plot: {title: [A]}}",
        "{scheduler: cosine T_max=3, plot: {x_range: 0}}",
        "{scheduler: cosine T_max=3, plot: {x_range: [0]}}",
        "{scheduler: cosine T_max=3, plot: {y_range: [0, 1, 2]}}",
        "{scheduler: cosine T_max=3, plot: {dpi: 1e4}}",
        "{scheduler: cosine T_max=3, optimizer: {betas: 0.9}}",
        "{scheduler: cosine T_max=3, optimizer: {betas: [0.9]}}",
        "{scheduler: cosine T_max=3, optimizer: {lr: []}}",
        "{scheduler: cosine T_max=3, record: []}",
        "{scheduler: cosine T_max=3, steps: 1e9}",
        "{scheduler: cosine T_max=3, output: a}",
        "{scheduler: cosine T_max=3, output: .png}",
        "{scheduler: cosine T_max=3, output: [a.png, b.gif]}",
        "scheduler: nope",
        "scheduler: cosine-T_max=3",
        "scheduler: ''",
        "scheduler: {name: lambda, lr_lambda: ''}",
        "scheduler: {name: lambda, lr_lambda: []}",
        "scheduler: {name: onecycle, max_lr: 1, total_steps: 9, pct_start: 1e3}",
        "scheduler: {name: sequential, schedulers: [], milestones: []}",
        "scheduler: {name: chained, schedulers: []}",
        "scheduler: {name: chained, schedulers: [constant, nope]}",
        "scheduler: plateau",
        "scheduler: {name: ReduceLROnPlateau}",
        "{scheduler: plateau patience=3, metrics: ~}",
        "{scheduler: plateau, metrics: []}",
        "{scheduler: cosine T_max=3, data: {size: 100}}",
        "{scheduler: cosine T_max=3, data: {size: 100, batch_size: 0}}",
        "{scheduler: cosine T_max=3, epochs: 0, steps_per_epoch: 5}",
        "{scheduler: cosine T_max=3, let: [5]}",
        "{scheduler: cosine T_max=3, let: {1st: 5}}",
        "curves: [constant, plateau]",
        "curves: [{scheduler: {name: plateau}}]",
    ]
)
def test_what_the_schema_refuses_lrplot_refuses_too(config: str) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(config))
    with pytest.raises(ConfigError):
        build(parse(config, "config.yaml"))


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(configs())
def test_what_lrplot_reads_the_schema_admits(data: dict[str, Any]) -> None:
    accepted(data, "c.yaml")
    VALIDATOR.validate(data)


@pytest.mark.parametrize(
    "config",
    [
        "scheduler: cosine T_max=3",
        "scheduler: {name: cosine, T_max: 2e1, eta_min: 1e-5}",
        "scheduler: {name: cosine, T_max: 20, eta_min: ~}",
        "{scheduler: {name: lambda, lr_lambda: [0.95 ** epoch, 0.5]}, optimizer: {lr: [1, 1e-3], momentum: 0.9}}",
        "{scheduler: {name: chained, schedulers: [constant, {name: sequential, schedulers: [constant, linear], milestones: [5]}]}}",
        "{scheduler: plateau, metrics: 1 / (epoch + 1), record: used}",
        "{scheduler: plateau, metrics: [1, 2e-1], record: [used, after-step]}",
        "{scheduler: cosine T_max=3, plot: {title: 2024, x_range: [0, 5e1], size: 16x9cm}, output: [a.png, b.csv]}",
        "{curves: [cosine T_max=3, {scheduler: step step_size=3, label: 7, steps: 1e2}], optimizer: {betas: [0.9, 0.99]}}",
        "{scheduler: cosine T_max=3, optimizer: ~, plot: ~, output: ~, steps: ~, record: ~, metrics: ~}",
        "{scheduler: cosine T_max=3, output: [], plot: {title: ~, size: 16.5 X 9 CM, dpi: 1e2}}",
        "{scheduler: cosine T_max=3, output: [../A.PNG, b..csv], plot: {title: true}}",
        "{scheduler: cosine T_max=3, steps: 0.05e9, plot: {title: 2024-01-01}, optimizer: {initial_lr: [-.0]}}",
        "scheduler: {name: cosine, T_max: 3, eta_min: -.5}",
        "scheduler: ' cosine T_max=3'",
        "scheduler: \"'cosine' T_max=3\"",
        "scheduler: {name: multistep, milestones: []}",
        "{scheduler: {name: cosine, T_max: steps - warmup, eta_min: 1e-3 / 2}, steps: 2 * warmup, let: {warmup: 500}}",
        "{scheduler: {name: multistep, milestones: [30*10, warmup]}, let: {warmup: 500, twice: 2 * warmup}}",
        "{scheduler: cosine T_max=3, epochs: 2.5, data: {size: 1e3, batch_size: 2**5, drop_last: true}}",
        "{scheduler: cosine T_max=3, interval: epoch, epochs: 90}",
        "scheduler: {name: cosine, T_max: 3, interval: epoch, frequency: 2, repeat: 4, begin: 5, end: 2 * 5}",
        "{scheduler: [constant end=5, {name: plateau, begin: 5}], metrics: [1, 2]}",
        "{scheduler: {name: linear}, optimizer: {groups: [{lr: 0.1}, {lr: 1e-2, initial_lr: 0.1, from: 10}], momentum: 0.9}}",
        "{scheduler: plateau, metrics: [nan, .inf, -Infinity, .NaN]}",
        "{curves: [plateau, {scheduler: {name: plateau, patience: 3}}], metrics: [1, 2]}",
        "curves: [{scheduler: plateau, metrics: 1 / (epoch + 1), label: ~}, {scheduler: constant, label: true}]",
    ],
)
def test_the_forms_that_values_take_are_admitted(config: str) -> None:
    build(parse(config, "config.yaml"))
    VALIDATOR.validate(yaml.safe_load(config))


def test_every_parameter_of_every_scheduler_is_described() -> None:
    definitions: dict[str, Any] = schema()["$defs"]
    for cls in members().values():
        properties = definitions[cls.__name__]["properties"]
        clock = [parameter.name for parameter in clock_parameters()]
        assert list(properties) == ["name", *(parameter.name for parameter in cls.parameters()), *clock]
        assert all(properties[parameter.name]["description"] == parameter.help != "" for parameter in cls.parameters())
        required = [parameter.name for parameter in cls.parameters() if parameter.required]
        assert definitions[cls.__name__]["required"] == ["name", *required]


def test_the_keys_at_the_top_are_the_ones_that_config_knows() -> None:
    assert set(schema()["properties"]) == set(config_keys())


def test_defaults_are_the_constructors() -> None:
    cyclic = schema()["$defs"]["CyclicLR"]["properties"]
    assert (cyclic["step_size_up"]["default"], cyclic["base_momentum"]["default"], cyclic["mode"]["default"]) == (
        2000,
        0.8,
        "triangular",
    )
