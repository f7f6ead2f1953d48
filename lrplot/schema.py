"""A JSON Schema of the config format, derived from the constructors: editors complete and check configs with it."""

import json
from collections.abc import Sequence
from typing import Any

from lrplot.look import Look
from lrplot.optimizer import Optimizer
from lrplot.run import run_parameters
from lrplot.schedulers import Scheduler, registry
from lrplot.schedulers.parameters import Choices, NonZero, Parameter, Range, parameters_of, summary

Schema = dict[str, Any]

# YAML readers take 1e-5 for a string; lrplot reads it as the number that the writer meant.
_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$"}]}
_KINDS: dict[str, Schema] = {
    "float": _NUMBER,
    "int": {"anyOf": [{"type": "integer"}, _NUMBER["anyOf"][1]]},
    "bool": {"type": "boolean"},
    "text": {"type": ["string", "number"]},
    "function": {"type": ["string", "number"], "description": "An expression in epoch."},
    "schedulers": {"$ref": "#/$defs/scheduler"},
}


def schema() -> Schema:
    """The schema as a mapping."""
    curve: Schema = {
        "scheduler": {"$ref": "#/$defs/scheduler"},
        "optimizer": _mapping(parameters_of(Optimizer), "The optimizer that the scheduler acts on."),
        **{parameter.name: _property(parameter) for parameter in run_parameters()},
    }
    one_line = {"type": "string", "description": "A one-line spec: cosine T_max=20"}
    labelled = {"label": {"type": ["string", "number"], "description": "What the curve is called among others."}, **curve}
    entry = {"anyOf": [one_line, {"type": "object", "properties": labelled, "required": ["scheduler"], "additionalProperties": False}]}
    top: Schema = {
        **curve,
        "plot": _mapping(parameters_of(Look), "How the picture looks."),
        "curves": {"type": "array", "items": entry, "minItems": 1, "description": "Several curves on one picture."},
        "output": _or_list({"type": "string"}) | {"description": "Names of the files that lrplot batch writes, below its output folder."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lrplot config",
        "type": "object",
        "properties": top,
        "additionalProperties": False,
        "oneOf": [{"required": ["scheduler"]}, {"required": ["curves"]}],
        "$defs": {
            "scheduler": {"anyOf": [one_line, *({"$ref": f"#/$defs/{cls.__name__}"} for cls in registry.values())]},
            **{cls.__name__: _scheduler(cls) for cls in registry.values()},
        },
    }


def schema_text() -> str:
    """The schema as JSON."""
    return json.dumps(schema(), indent=2, ensure_ascii=False)


def _scheduler(cls: type[Scheduler]) -> Schema:
    name = {"enum": [cls.__name__, cls.name], "description": summary(cls)}
    made = _mapping(cls.parameters(), summary(cls))
    made["properties"] = {"name": name, **made["properties"]}
    made["required"] = ["name", *(parameter.name for parameter in cls.parameters() if parameter.required)]
    return made


def _mapping(parameters: Sequence[Parameter], description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {parameter.name: _property(parameter) for parameter in parameters},
        "additionalProperties": False,
    }


def _property(parameter: Parameter) -> Schema:
    if parameter.name == "metrics":
        names = {"file": {"type": "string"}, "column": {"type": ["string", "number"]}}
        file = {"type": "object", "properties": names, "required": ["file"], "additionalProperties": False}
        made: Schema = {"anyOf": [{"type": "array", "items": _NUMBER}, {"type": ["string", "number"]}, file]}
    else:
        single = _constrained(parameter)
        made = _or_list(single) if parameter.takes_list else dict(single)
    if parameter.optional or not parameter.required:
        made = {"anyOf": [*(made["anyOf"] if list(made) == ["anyOf"] else [made]), {"type": "null"}]}
    made["description"] = parameter.help
    if not parameter.required and parameter.default is not None:
        made["default"] = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
    return made


def _constrained(parameter: Parameter) -> Schema:
    constraint = parameter.constraint
    if isinstance(constraint, Choices):
        return {"enum": list(constraint.words)}
    limits: Schema = {}
    if isinstance(constraint, Range):
        if constraint.low > float("-inf"):
            limits["exclusiveMinimum" if constraint.open_low else "minimum"] = constraint.low
        if constraint.high < float("inf"):
            limits["exclusiveMaximum" if constraint.open_high else "maximum"] = constraint.high
    elif isinstance(constraint, NonZero):
        limits["not"] = {"const": 0}
    return {**_KINDS.get(parameter.kind, {}), **limits}


def _or_list(single: Schema) -> Schema:
    return {"anyOf": [single, {"type": "array", "items": single}]}
