"""A JSON Schema of the config format, derived from the constructors: editors complete and check configs with it."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from lrplot.configs.expression import MAX_LENGTH
from lrplot.configs.names import MAX_NAMES
from lrplot.configs.values import MAX_TEXT
from lrplot.formats import written_endings
from lrplot.parameters import Keywords, Length, Parameter, parameters_of, summary
from lrplot.pictures.look import Look
from lrplot.runs.clock import clock_parameters
from lrplot.runs.run import run_parameters
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import every_member, full_name
from lrplot.schedulers.optimizer import Optimizer

Schema = dict[str, Any]

_NULL: Schema = {"type": "null"}
_TEXT: Schema = {
    "not": {"type": ["array", "object"]},
    "maxLength": MAX_TEXT,
}  # YAML readers take 2024, yes and 2024-01-01 for something else
_FUNCTION: Schema = {"type": ["string", "number"], "minLength": 1, "description": "An expression in epoch."}
_AS_TEXT = [r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+", r"[-+]\.[0-9]+"]
"""Numbers that YAML readers take for text: 1e-5 and -.5."""

_SHARED: dict[str, Schema] = {
    "expression": {
        "type": "string",
        "pattern": r"^\s*[A-Za-z]\w*\s*$|[\w.)]\s*(\*\*|//|[-+*/%(<>=!]|if\b)",
        "not": {"pattern": r"^[-+]?[0-9.]+[eE][-+]?[0-9]+$"},
        "maxLength": MAX_LENGTH,
        "description": "An expression of numbers and names: steps - warmup.",
    },
    "number_as_text": {"type": "string", "pattern": f"^({'|'.join(_AS_TEXT)})$"},
    "integer_as_text": {"type": "string", "pattern": rf"^({'|'.join(_AS_TEXT)}|[0-9]{{1,12}}(\.[0-9]{{1,6}})?[kKmM])$"},
}
"""What stands beside every number, once."""

_LET: Schema = {
    "type": ["object", "null"],
    "propertyNames": {"pattern": "^[A-Za-z]\\w*$"},
    "additionalProperties": {"type": ["number", "string"]},
    "maxProperties": MAX_NAMES,
    "description": "Numbers by name, for expressions: {warmup: 500}.",
}
_FILE: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string"}, "column": _TEXT},
    "required": ["file"],
    "additionalProperties": False,
}


def schema() -> Schema:
    """The schema as a mapping."""
    curve: Schema = {
        "scheduler": _or_list({"$ref": "#/$defs/scheduler"}, Length(1)),
        "optimizer": _mapping(parameters_of(Optimizer), "The optimizer that the scheduler acts on.")
        | {"type": ["object", "null"]},
        **{parameter.name: _property(parameter) for parameter in run_parameters()},
        "let": _LET,
    }
    label = {"label": _any(_TEXT, _NULL) | {"description": "What the curve is called among others."}}
    entry = _any(
        _one_line(),
        {"type": "object", "properties": {**label, **curve}, "required": ["scheduler"], "additionalProperties": False},
    )
    endings = [_in_any_case(ending[1:]) for ending in written_endings()]
    output = {"type": "string", "pattern": rf"[^/.]\.+({'|'.join(endings)})$"}
    top: Schema = {
        **curve,
        "plot": _mapping(parameters_of(Look), "How the picture looks.") | {"type": ["object", "null"]},
        "curves": {"type": "array", "items": entry, "minItems": 1, "description": "Several curves on one picture."},
        "output": _any(_or_list(output, Length(0)), _NULL)
        | {"description": "Names of the files that lrplot batch writes, below its output folder."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lrplot config",
        "type": "object",
        "properties": top,
        "additionalProperties": False,
        "oneOf": [{"required": ["scheduler"]}, {"required": ["curves"]}],
        "allOf": _metrics_where_needed(),
        "$defs": {
            "scheduler": _any(_one_line(), *({"$ref": f"#/$defs/{cls.shown_name}"} for cls in every_member())),
            **{cls.shown_name: _scheduler(cls) for cls in every_member()},
            **{parameter.name: _property(parameter) for parameter in clock_parameters()},
            **_SHARED,
        },
    }


def schema_text() -> str:
    """The schema as JSON."""
    return json.dumps(schema(), indent=2, ensure_ascii=False)


def _scheduler(cls: type[Scheduler]) -> Schema:
    made = _with_required(cls.parameters(), summary(cls))
    clock: dict[str, Schema] = {p.name: {"$ref": f"#/$defs/{p.name}"} for p in clock_parameters()}
    name = {"name": {"enum": _names(cls), "description": summary(cls)}}
    own = name | made["properties"]
    made["properties"] = own | {key: each for key, each in clock.items() if key not in own}
    made["required"] = ["name", *made["required"]]
    return made | (cls.either.schema() if cls.either else {})


def _names(*classes: type[Scheduler]) -> list[str]:
    return [name for cls in classes for name in dict.fromkeys((cls.shown_name, full_name(cls)))]


def _one_line(*classes: type[Scheduler]) -> Schema:
    """A one-line spec of one of some schedulers, or of any."""
    names = "|".join(map(re.escape, _names(*(classes or every_member()))))
    return {
        "type": "string",
        "pattern": rf"""^\s*(["']?)({names})\1(\s|$)""",
        "description": "A one-line spec: cosine T_max=20",
    }


def _metrics_where_needed() -> list[Schema]:
    """A scheduler that watches a metric has metrics, its own or those beside ``curves``."""
    watching = [cls for cls in every_member() if cls.watches_metric]
    line, names = _one_line(*watching), {"enum": _names(*watching)}
    plateau = _any(line, {"type": "object", "properties": {"name": names}, "required": ["name"]})
    one = _any(plateau, {"type": "array", "contains": plateau})
    needs = _any(line, {"type": "object", "properties": {"scheduler": one}, "required": ["scheduler"]})
    has = {"type": "object", "properties": {"metrics": {"not": _NULL}}, "required": ["metrics"]}
    rule = {"if": needs, "then": has}
    return [rule, {"if": {"not": has}, "then": {"properties": {"curves": {"items": rule}}}}]


def _mapping(parameters: Sequence[Parameter], description: str) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {parameter.name: _property(parameter) for parameter in parameters},
        "additionalProperties": False,
    }


def _with_required(parameters: Sequence[Parameter], description: str) -> Schema:
    required = [parameter.name for parameter in parameters if parameter.required]
    return {**_mapping(parameters, description), "required": required}


def _property(parameter: Parameter) -> Schema:
    if parameter.name == "metrics":
        made = _any({"type": "array", "items": _number("number", {}, finite=False), "minItems": 1}, _FUNCTION, _FILE)
    elif parameter.takes_list:
        single = _single(parameter)
        made = _or_list(single, parameter.length)
        made = _any(single, made) if parameter.or_pair else made
    else:
        made = _single(parameter)
    if parameter.optional or not parameter.required:
        made = _any(made, _NULL)
    made = {**made, "description": parameter.help}
    if not parameter.required and parameter.default is not None:
        made["default"] = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
    return made


def _single(parameter: Parameter) -> Schema:
    if parameter.made is not None:
        known = parameters_of(parameter.made)
        made = _mapping(known, summary(parameter.made))
        return made | {"required": [p.name for p in known if p.required]}
    if isinstance(parameter.constraint, Keywords):
        return _with_required(parameter.constraint.parameters, str(parameter.constraint))
    limits = parameter.constraint.schema() if parameter.constraint else {}
    if parameter.kind in ("float", "number", "int"):
        return _number("integer" if parameter.kind == "int" else "number", limits)
    if parameter.kind == "steps":
        return {"type": "object", "additionalProperties": _number("number", limits)}
    kinds: dict[str, Schema] = {
        "bool": {"type": "boolean"},
        "text": _TEXT,
        "function": _FUNCTION,
        "schedulers": {"$ref": "#/$defs/scheduler"},
    }
    return kinds.get(parameter.kind, {}) | limits


def _number(type: str, limits: Schema, finite: bool = True) -> Schema:
    """A number, or a text that lrplot reads as one: YAML readers take 1e-5 and -.5 for text."""
    texts: list[Schema] = [{"$ref": f"#/$defs/{type}_as_text"}]
    if not finite:
        words = "|".join(map(_in_any_case, ("inf", "infinity", "nan")))
        texts.append({"type": "string", "pattern": rf"^[-+]?\.?({words})$"})
    high: float = limits.get("maximum") or limits.get("exclusiveMaximum") or 0
    if 1 <= high < 1e9:  # refuses texts whose exponent alone is too much
        digit = int(math.log10(high)) + 1
        texts[0]["not"] = {"pattern": rf"^\+?[1-9][0-9]*(\.[0-9]*)?[eE]\+?0*([{digit}-9]|[1-9][0-9]+)$"}
    return _any({"type": type, **limits}, *texts, {"$ref": "#/$defs/expression"})


def _or_list(single: Schema, length: Length) -> Schema:
    """A list, or a single value where a list may have one entry."""
    many = {"type": "array", "items": single, **length.schema()}
    return many if length.least > 1 else {"anyOf": [single, many]}


def _any(*schemas: Schema) -> Schema:
    """One of some schemas; one that is a choice itself is taken apart."""
    return {
        "anyOf": [
            choice for schema in schemas for choice in (schema["anyOf"] if list(schema) == ["anyOf"] else [schema])
        ]
    }


def _in_any_case(word: str) -> str:
    """A pattern for a word in capitals, small letters or both: JSON Schema has no flags."""
    return "".join(f"[{letter}{letter.upper()}]" for letter in word)
