"""The flags and the ``key=value`` words in a shell script as values; nothing of it is run."""

import re
from itertools import islice

from lrplot.configs.document import Value
from lrplot.configs.foreign.literals import arithmetic

MOST_FLAGS = 2_000

_VALUE = r"""(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\$\(\([^()\n]*\)\)|[^\s"'\\;|&<>]+)"""
_GAP = r"(?:[ \t]+|[ \t]*\\\r?\n[ \t]*|[ \t]*\r?\n[ \t]*(?![ \t]))"
_FLAG = re.compile(
    rf"""(?<![\w$./-])--?(?P<name>[A-Za-z][\w.-]*)(?:=(?P<given>{_VALUE})|{_GAP}(?!-{{1,2}}[A-Za-z])(?P<next>{_VALUE}))?"""
)
_WORD = re.compile(rf"(?<![\w$./=-])[+~]{{0,2}}(?P<name>[A-Za-z_][\w./-]*)=(?P<given>{_VALUE})")
_MORE = re.compile(r"[ \t]+(?P<value>[-+]?[0-9.][0-9.eE+-]*)(?=[\s\\\"')]|$)")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^}\n]*))?\}|([A-Za-z_]\w*))")
_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#[^\n]*")


def parse(text: str, source: str) -> Value:
    """The flags of all commands in a script by their names, with underscores for dashes; of two the last holds.

    Variables of the script are put in; others stay as they are.
    """
    text = _COMMENT.sub(lambda found: " " * len(found[0]), text)
    root = Value({}, source, 1, 1)
    variables: dict[str, str] = {}
    for match in islice(_WORD.finditer(text), MOST_FLAGS):
        typed = _unquoted(match["given"])
        variables[match["name"]] = typed
        _put(root, match["name"].replace("-", "_"), _placed(text, source, match.start(), typed))
    for match in islice(_FLAG.finditer(text), MOST_FLAGS):
        typed = match["given"] or match["next"]
        value = _placed(text, source, match.start(), "true" if typed is None else _unquoted(typed))
        if typed is not None and (more := _more(text, match.end())):
            value.content = [_like(value, str(value.content)), *(_like(value, each) for each in more)]
        assert isinstance(root.content, dict)
        root.content[match["name"].replace("-", "_")] = value
    _fill(root, variables)
    return root


def _more(text: str, start: int) -> list[str]:
    """The numbers that follow the first one of a flag."""
    found: list[str] = []
    while len(found) < 64 and (match := _MORE.match(text, start)):
        found.append(match["value"])
        start = match.end()
    return found


def _unquoted(word: str) -> str:
    if word[:1] in "\"'" and word[-1:] == word[:1] and len(word) > 1:
        return word[1:-1]
    return word.rstrip(")") if word.count(")") > word.count("(") else word


def _placed(text: str, source: str, start: int, content: str) -> Value:
    value = Value(content, source, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
    value.key = Value("", source, value.line, value.column)
    return value


def _like(value: Value, content: str) -> Value:
    return Value(content, value.source, value.line, value.column)


def _put(root: Value, path: str, value: Value) -> None:
    """Puts a value where its dotted name leads."""
    *above, last = path.split(".")[:20]
    for name in above:
        assert isinstance(root.content, dict)
        below = root.content.get(name)
        if below is None or not isinstance(below.content, dict):
            below = root.content[name] = Value({}, value.source, value.line, value.column)
        root = below
    assert isinstance(root.content, dict)
    root.content[last] = value


def _fill(value: Value, variables: dict[str, str]) -> None:
    """Puts the script's variables in, and works out what stands in $((…))."""
    if isinstance(value.content, dict):
        for each in value.content.values():
            _fill(each, variables)
    elif isinstance(value.content, list):
        for each in value.content:
            _fill(each, variables)
    elif "$" in value.content:
        text = value.content
        for _ in range(5):
            text = _VARIABLE.sub(lambda found: _meant(found, variables), text)[:1_000]
        if text.startswith("$((") and text.endswith("))"):
            inner = re.sub(r"\b[A-Za-z_]\w*\b", lambda found: variables.get(found[0], found[0]), text[3:-2])
            number = arithmetic(inner.replace("/", "//"))
            text = text if number is None else repr(number)
        value.content = text


def _meant(found: "re.Match[str]", variables: dict[str, str]) -> str:
    name = found[1] or found[3]
    given = variables.get(name)
    if given is not None and f"${name}" not in given and f"${{{name}" not in given:
        return given
    return found[2] if found[2] is not None else found[0]
