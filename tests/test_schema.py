"""The JSON Schema admits what lrplot reads, and says what each parameter means."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from lrplot.config import ConfigError, build, config_keys
from lrplot.document import parse
from lrplot.schedulers import registry
from lrplot.schema import schema, schema_text

CONFIGS = sorted(
    path for path in Path(__file__).parent.parent.joinpath("configs").rglob("*") if path.suffix in (".yaml", ".json") and path.stem[0] != "."
)
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_tutorial_and_example_configs_validate(path: Path) -> None:
    text = path.read_text()
    data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    VALIDATOR.validate(data)


@pytest.mark.parametrize(
    "config",
    [
        "{}",
        "scheduler: {name: cosine}",
        "scheduler: {name: cosin, T_max: 3}",
        "scheduler: {name: cosine, T_max: 0}",
        "scheduler: {name: cosine, T_max: twenty}",
        "scheduler: {name: cosine, T_max: 3, eta_mn: 0.1}",
        "scheduler: {name: step, step_size: 3, gamma: [1, 2]}",
        "{scheduler: cosine T_max=3, step: 5}",
        "{scheduler: cosine T_max=3, steps: 0}",
        "{scheduler: cosine T_max=3, record: lr}",
        "{scheduler: cosine T_max=3, plot: {theme: grey}}",
        "{scheduler: cosine T_max=3, optimizer: {lr: -1}}",
        "curves: []",
    ],
)
def test_what_the_schema_refuses_lrplot_refuses_too(config: str) -> None:
    assert not VALIDATOR.is_valid(yaml.safe_load(config))
    with pytest.raises(ConfigError):
        build(parse(config, "config.yaml"))


def test_every_parameter_of_every_scheduler_is_described() -> None:
    definitions: dict[str, Any] = schema()["$defs"]
    for cls in registry.values():
        properties = definitions[cls.__name__]["properties"]
        assert list(properties) == ["name", *(parameter.name for parameter in cls.parameters())]
        assert all(properties[parameter.name]["description"] == parameter.help != "" for parameter in cls.parameters())
        required = [parameter.name for parameter in cls.parameters() if parameter.required]
        assert definitions[cls.__name__]["required"] == ["name", *required]


def test_the_keys_at_the_top_are_the_ones_that_config_knows() -> None:
    assert set(schema()["properties"]) == set(config_keys())


def test_defaults_are_the_constructors() -> None:
    cyclic = schema()["$defs"]["CyclicLR"]["properties"]
    assert (cyclic["step_size_up"]["default"], cyclic["base_momentum"]["default"], cyclic["mode"]["default"]) == (2000, 0.8, "triangular")
