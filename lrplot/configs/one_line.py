"""One-line specs: ``cosine T_max=20`` as the mapping that it stands for."""

import re
from typing import Any

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.values import Values, from_flag
from lrplot.parameters import Parameter
from lrplot.schedulers.families import find
from lrplot.wording import shown

_CODE = (
    r"\s*(?:[A-Za-z_][\w.]*\s*[:=]\s*)?(?:[A-Za-z_]\w*\.)*[A-Za-z_][\w-]*(?:\(|, \w+=)"
    r"|\s*(?:from|import)\s|\s*<(?:Curve|Config) "
)


def is_code(text: str) -> bool:
    """Whether a text is a call as code has it, or what lrplot prints, and no one-line spec.

    >>> is_code("StepLR(opt, 30)"), is_code("s = StepLR(opt, 30)"), is_code("step step_size=30")
    (True, True, False)
    >>> is_code("transformers.constant, lr=0.1"), is_code("megatron.inverse-square-root(max_lr=1.0)")
    (True, True)
    """
    return re.match(_CODE, text) is not None


def as_mapping(value: Value, path: str, values: Values) -> Value:
    """A one-line spec, or a call as code has it, as a mapping at the same place; specs of a composite stand in quotes.

    What is wrong with it is noted; what cannot be taken apart comes back as it is.
    """
    assert isinstance(value.content, str)
    if is_code(value.content):
        return _from_code(value, path, values)
    words = _words(value, path, values)
    if not words:
        return value
    known = _parameters(words[0])
    content, inner = {"name": _at(value, words[0])}, []
    holding = next((name for name, parameter in known.items() if parameter.kind == "schedulers"), None)
    for word in words[1:]:
        key, _, text = word.partition("=")
        if key in content:
            values.problems.note(value, path, f"has {shown(key)} a second time")
        elif key.isidentifier() and "=" in word:
            content[key] = from_flag(known[key], [text], value) if key in known else _at(value, text)
        elif holding:
            inner.append(_at(value, word))
        elif known:
            values.problems.note(value, path, f"has {shown(word)} in it, which is no name=value")
    return _at(value, {**content, holding: _at(value, inner)} if holding and inner else content)


def _from_code(value: Value, path: str, values: Values) -> Value:
    from lrplot.configs.code.paste import pasted  # only those who paste one need the parser

    assert isinstance(value.content, str)
    if not values.affords(value, path):
        return value
    try:
        config = pasted(value.content, f"{value.place}: {path}", value)
    except ConfigError as error:
        for message in error.messages:
            values.problems.add(message, value)
        return value
    assert isinstance(config.content, dict)
    if more := [key for key in config.content if key != "scheduler"]:
        values.problems.note(value, path, f"names {' and '.join(more)} too: write it under {more[0]}:")
    return config.content["scheduler"]


def _words(value: Value, path: str, values: Values) -> list[str]:
    import shlex

    assert isinstance(value.content, str)
    if not values.affords(value, path):
        return []
    try:
        words = _whole(shlex.split(value.content))
    except ValueError as error:
        values.problems.note(value, path, f"is not a one-line spec: {str(error).lower()}")
        return []
    if not words:
        example = "a one-line spec begins with the scheduler's name, as in cosine T_max=20"
        values.problems.note(value, path, f"is empty: {example}")
    return words


def _whole(words: list[str]) -> list[str]:
    """Words of which brackets hold spaces, each put together again; where they do not close, the words as they are.

    >>> _whole(["timm.cosine", "t_initial=9", "noise_range_t=[3,", "7]"])
    ['timm.cosine', 't_initial=9', 'noise_range_t=[3, 7]']
    """
    whole: list[str] = []
    depth = 0
    for word in words:
        whole[len(whole) - (depth > 0) :] = [f"{whole[-1]} {word}" if depth > 0 else word]
        depth += sum(map(word.count, "[{(")) - sum(map(word.count, "]})"))
    return words if depth else whole


def _parameters(name: str) -> dict[str, Parameter]:
    """The parameters of a scheduler by name: none of one that is unknown, which whoever reads the mapping says."""
    try:
        return {parameter.name: parameter for parameter in find(name).parameters()}
    except KeyError:
        return {}


def _at(value: Value, content: Any) -> Value:
    return Value(content, value.source, value.line, value.column)
