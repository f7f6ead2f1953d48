"""One-line specs: ``cosine T_max=20`` as the mapping that it stands for."""

from typing import Any

from lrplot.configs.document import Value
from lrplot.configs.values import Values, from_flag
from lrplot.parameters import Parameter
from lrplot.schedulers.families import find
from lrplot.wording import shown


def as_mapping(value: Value, path: str, values: Values) -> Value:
    """A one-line spec as a mapping at the same place; specs of a composite stand in quotes.

    What is wrong with it is noted; what cannot be taken apart comes back as it is.
    """
    words = _words(value, path, values)
    if not words:
        return value
    known = _parameters(words[0])
    content, inner = {"name": _at(value, words[0])}, []
    for word in words[1:]:
        key, _, text = word.partition("=")
        if key in content:
            values.problems.note(value, path, f"has {shown(key)} a second time")
        elif key.isidentifier() and "=" in word:
            content[key] = from_flag(known[key], [text], value) if key in known else _at(value, text)
        elif "schedulers" in known:
            inner.append(_at(value, word))
        elif known:
            values.problems.note(value, path, f"has {shown(word)} in it, which is no name=value")
    return _at(value, {**content, "schedulers": _at(value, inner)} if inner else content)


def _words(value: Value, path: str, values: Values) -> list[str]:
    import shlex

    assert isinstance(value.content, str)
    if not values.affords(value, path):
        return []
    try:
        words = shlex.split(value.content)
    except ValueError as error:
        values.problems.note(value, path, f"is not a one-line spec: {str(error).lower()}")
        return []
    if not words:
        example = "a one-line spec begins with the scheduler's name, as in cosine T_max=20"
        values.problems.note(value, path, f"is empty: {example}")
    return words


def _parameters(name: str) -> dict[str, Parameter]:
    """The parameters of a scheduler by name: none of one that is unknown, which whoever reads the mapping says."""
    try:
        return {parameter.name: parameter for parameter in find(name).parameters()}
    except KeyError:
        return {}


def _at(value: Value, content: Any) -> Value:
    return Value(content, value.source, value.line, value.column)
