"""Strange input: configs made up from the schedulers' own parameters, real ones with something broken in them, and
words to type.
"""

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lrplot.configs.expression import NAMES
from lrplot.parameters import Choices, Parameter, parameters_of
from lrplot.pictures.look import Look
from lrplot.runs.run import run_parameters
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import every_member, full_name
from lrplot.schedulers.optimizer import Optimizer

CONFIGS = {
    str(path.relative_to(path.parent.parent)): path.read_bytes()
    for path in sorted(Path(__file__).parents[2].joinpath("configs").glob("*/*"))
    if path.suffix in (".yaml", ".json")
}
SHORT = {name: re.sub(rb"(steps\"?: )[0-9]{4,}", rb"\g<1>300", data) for name, data in CONFIGS.items()}
"""The real configs, none of them longer than a case may take."""

# Numbers that are none, words that YAML makes something else of, its own syntax, and what a terminal or a parser might
# trip over.
JUNK = (
    "", "~", "null", "true", "yes", "on", "off", "nan", ".nan", "inf", "-.inf", "1e400", "-1e400", "5e-324", "-0.0", "0", "-1", "1e6", "1e-5",
    "010", "0x10", "0o7", "1_000", "1:30", "2001-01-01", "0,1", "１２", "9" * 23, "1" + "0" * 30, "1.", ".5", "+.e3",
    "[]", "{}", "[1, 2]", "{a: b}", "[[[[]]]]", "&a [*a]", "*a", "&a x", "!!python/object:os.system x", "!!int 3", "<<: *a", "? x", "- - -",
    "|", ">-", "---", "...", "%YAML 9.9", "# x", "'", '"', "'a'", '"\\ud800"', '"\\x00"', "\t", "\u2028", "\ufeff", "\x85", "\x07", "\x1b[2J",
    "\x00", "\x7f", "é", "𝒯", "漢字", "\u202e", "$x_{$", "$\\frac{1}$", "%s", "{0}", "x" * 300, "(" * 200,
    "../../etc/passwd", "/dev/zero", "/dev/stdin", "config.yaml", "a.csv", "a.csv:b",
    "9**9**9", "__import__('os')", "lambda epoch: 1 / epoch", "(-1) ** 0.5", "epoch.real", "1 << epoch",
    "cosine T_max=3", "step step_size=2 'cosine T_max=3'", "chained chained chained",
)  # fmt: skip
FLOATS = ("0", "0.1", "0.5", "0.9", "1", "1.0", "2", "1e-5", "1e-3", "10", "-1", "1e300", "1e-320", "25")
INTS = ("0", "1", "2", "3", "5", "7", "10", "20", "30", "100", "-1", "1500")
TEXTS = (
    "a",
    "Half a cosine",
    "<b>&amp;</b>",
    "a, b",
    '"q"',
    "漢字 𝒯",
    "$\\alpha$ = 5 $",
    "\\",
    "dark_background",
    "DejaVu Serif",
    "700x400",
    "16x9cm",
)

SPECIAL = {
    "size": ("300x200", "8x6cm", "2x2in", "100x100"),
    "style": ("ggplot", "dark_background", "no-such-style", "config.yaml"),
    "font": ("DejaVu Serif", "monospace", "no such font"),
    "x_range": ("0, 50", "-5, 1e9", "3, 2"),
    "y_range": ("0, 1", "1e-9, 1e-3", "-1, 1", "0, 0"),
    "betas": ("0.9, 0.999", "0, 0", "0.5"),
    "dpi": ("20", "72", "150"),
}
"""What to write where a number or a text drawn at random would hardly ever be right."""

junk = st.sampled_from(JUNK) | st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=8)
variables = st.sampled_from(["epoch", "step", "x"])


@cache
def by_chance(one_in: int) -> st.SearchStrategy[bool]:
    """True once in so many draws; not for a number at the ends, which hypothesis likes best."""
    return st.integers(0, one_in - 1).map(lambda n: n == one_in * 2 // 3)


def rarely(strange: st.SearchStrategy[Any], usual: st.SearchStrategy[Any], one_in: int = 12) -> st.SearchStrategy[Any]:
    return by_chance(one_in).flatmap(lambda chosen: strange if chosen else usual)


_by_family: dict[str, list[type[Scheduler]]] = {}
for _cls in every_member():
    _by_family.setdefault(_cls.family, []).append(_cls)
every_scheduler = rarely(
    st.sampled_from(list(_by_family.values())).flatmap(st.sampled_from), st.sampled_from(_by_family["torch"]), one_in=2
)
"""A scheduler of any family, torch's as often as those of all others together."""


# Expressions


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(
        [
            "+",
            "-",
            "*",
            "/",
            "//",
            "%",
            "**",
            "<<",
            ">>",
            "&",
            "|",
            "^",
            "<",
            "<=",
            "==",
            "!=",
            "and",
            "or",
            "@",
            "is",
            "in",
            ",",
        ]
    )
    functions = st.sampled_from(
        [name for name, value in NAMES.items() if callable(value)] + ["sum", "print", "len", "eval"]
    )
    return st.one_of(
        st.tuples(inner, operators, inner).map(" ".join),
        st.tuples(inner, operators, inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["-", "+", "~", "not ", "*", "**"]), inner).map("".join),
        st.tuples(functions, st.lists(inner, max_size=3)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]} if {parts[1]} else {parts[2]}"),
        inner.map(lambda body: f"lambda epoch: {body}"),
        inner.map(lambda body: f"{body}.real"),
        inner.map(lambda body: f"[{body} for epoch in {body}][0]"),
    )


leaves = st.one_of(
    variables,
    st.sampled_from(
        [
            "0",
            "1",
            "2",
            "0.5",
            "0.95",
            "10",
            "-1",
            "1e308",
            "1j",
            "True",
            "None",
            "'a'",
            "10**9",
            "999999999999",
            "pi",
            "inf",
            "nan",
            "tau",
            "()",
            "...",
        ]
    ),
    junk,
)
expressions = st.recursive(leaves, _grown, max_leaves=8)


# Configs, as text


@cache
def _scalar(parameter: Parameter) -> st.SearchStrategy[str]:
    if isinstance(parameter.constraint, Choices):
        return st.sampled_from(parameter.constraint.words)
    kinds: dict[str, st.SearchStrategy[str]] = {
        "float": st.sampled_from(FLOATS),
        "number": st.sampled_from(FLOATS + INTS),
        "int": st.sampled_from(INTS),
        "mapping": _mappings,
        "steps": _mappings,
        "keywords": _mappings,
        "bool": st.sampled_from(["true", "false"]),
        "function": expressions.map(_quoted),
        "schedulers": schedulers,
        "text": st.sampled_from(TEXTS).map(_quoted),
    }
    return kinds[parameter.kind]


_mappings = st.lists(
    st.tuples(st.sampled_from((*INTS, "init_value", "decay_steps")), st.sampled_from(FLOATS)).map(": ".join), max_size=3
).map(lambda entries: f"{{{', '.join(entries)}}}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def value(parameter: Parameter) -> st.SearchStrategy[str]:
    """What may stand in a parameter's place."""
    if parameter.name in SPECIAL:
        brackets = "[{}]" if parameter.is_list else "{}"
        return rarely(junk, st.sampled_from(SPECIAL[parameter.name]).map(brackets.format))
    single = rarely(junk, _scalar(parameter))
    if not parameter.takes_list:
        return rarely(st.just("[1, 2]"), single, one_in=40)
    several = st.lists(single, min_size=0 if parameter.kind != "schedulers" else 1, max_size=3).map(
        lambda items: f"[{', '.join(items)}]"
    )
    return several if parameter.is_list else rarely(several, single, one_in=4)


@st.composite
def entries(draw: st.DrawFn, parameters: tuple[Parameter, ...], one_in: int = 3) -> list[str]:
    """``name: value`` for the parameters that are required, and for some of the others."""
    given = []
    for parameter in parameters:
        if draw(by_chance(30)) if parameter.required else not draw(by_chance(one_in)):
            continue
        name = parameter.name
        if draw(by_chance(100)):
            name = draw(st.sampled_from([name[:-1], name.lower(), "name", "x"]))
        given.append(f"{name}: {draw(value(parameter))}")
    return given


@st.composite
def _scheduler(draw: st.DrawFn) -> str:
    cls = draw(every_scheduler)
    name = draw(junk) if draw(by_chance(60)) else draw(st.sampled_from([full_name(cls), cls.shown_name]))
    return f"{{{', '.join([f'name: {name}', *draw(entries(cls.parameters()))])}}}"


lines = st.sampled_from(
    [
        "cosine T_max=20",
        "step step_size=30 gamma=0.5",
        "constant",
        "linear total_iters=3",
        "chained 'constant factor=0.5' 'cosine T_max=20'",
        "exponential gamma=2",
    ]
)
schedulers = st.deferred(lambda: rarely(_scheduler(), lines.map(_quoted), one_in=2))


@st.composite
def generated(draw: st.DrawFn) -> bytes:
    """A config made up from what the constructors say."""
    parts = [f"scheduler: {draw(_scheduler())}"]
    if draw(st.booleans()):
        parts.append(f"optimizer: {{{', '.join(draw(entries(parameters_of(Optimizer))))}}}")
    parts += draw(entries(tuple(p for p in run_parameters() if p.name != "metrics"), one_in=2))
    if "lateau" in parts[0] or draw(by_chance(20)):
        metrics = st.one_of(
            expressions.map(_quoted),
            st.lists(st.sampled_from(FLOATS), max_size=5).map(lambda items: f"[{', '.join(items)}]"),
        )
        parts.append(f"metrics: {draw(rarely(junk, metrics))}")
    if draw(by_chance(4)):
        parts.append(f"plot: {{{', '.join(draw(entries(parameters_of(Look))))}}}")
    if draw(by_chance(8)):
        shared = [part for part in parts if not part.startswith(("scheduler", "plot"))]
        curves = draw(
            st.lists(
                st.one_of(_scheduler().map(lambda text: f"{{scheduler: {text}}}"), lines.map(_quoted)),
                min_size=1,
                max_size=3,
            )
        )
        parts = [*shared, f"curves: [{', '.join(curves)}]"]
    return ("\n".join(draw(st.permutations(parts))) + "\n").encode("utf-8", "surrogatepass")


# Real files with something broken in them

Mutation = Callable[[st.DrawFn, bytes], bytes]
_TOKEN = re.compile(rb"[A-Za-z_][\w-]*|[-+.\w]+|[ \t]+|\r?\n|.", re.DOTALL)


def _at(draw: st.DrawFn, data: bytes) -> int:
    return draw(st.integers(0, len(data)))


def _span(draw: st.DrawFn, data: bytes) -> slice:
    start = _at(draw, data)
    return slice(start, start + draw(st.integers(0, 40)))


def change_byte(draw: st.DrawFn, data: bytes) -> bytes:
    at = _at(draw, data)
    return data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]


def delete_span(draw: st.DrawFn, data: bytes) -> bytes:
    span = _span(draw, data)
    return data[: span.start] + data[span.stop :]


def repeat_span(draw: st.DrawFn, data: bytes) -> bytes:
    span = _span(draw, data)
    return data[: span.start] + data[span] * draw(st.sampled_from([2, 3, 60])) + data[span.stop :]


def insert_junk(draw: st.DrawFn, data: bytes) -> bytes:
    at = _at(draw, data)
    return data[:at] + draw(junk).encode("utf-8", "surrogatepass") + data[at:]


def splice(draw: st.DrawFn, data: bytes) -> bytes:
    other = draw(st.sampled_from(list(SHORT.values())))
    return data[: _at(draw, data)] + other[_at(draw, other) :]


def _tokens(data: bytes) -> tuple[list[bytes], list[int]]:
    tokens = _TOKEN.findall(data)
    return tokens, [i for i, token in enumerate(tokens) if token.strip()] or [0]


def replace_token(draw: st.DrawFn, data: bytes) -> bytes:
    tokens, words = _tokens(data or b"x")
    tokens[draw(st.sampled_from(words))] = draw(
        st.one_of(junk, expressions, st.sampled_from(FLOATS), st.sampled_from(INTS))
    ).encode("utf-8", "surrogatepass")
    return b"".join(tokens)


def swap_tokens(draw: st.DrawFn, data: bytes) -> bytes:
    tokens, words = _tokens(data or b"x")
    a, b = draw(st.sampled_from(words)), draw(st.sampled_from(words))
    tokens[a], tokens[b] = tokens[b], tokens[a]
    return b"".join(tokens)


def change_lines(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b"x: y\n"]
    at = draw(st.integers(0, len(lines) - 1))
    other = draw(st.sampled_from(lines))
    lines[at : at + 1] = draw(
        st.sampled_from(
            [
                [],
                [lines[at]] * 2,
                [b"  " + lines[at]],
                [lines[at].lstrip()],
                [other],
                [lines[at], other],
                [b"- " + lines[at]],
            ]
        )
    )
    return b"".join(lines)


def swap_keys_or_values(draw: st.DrawFn, data: bytes) -> bytes:
    pairs = list(re.finditer(rb"([A-Za-z_]\w*)(\"?:[ \t]+)([^\n,{}]*)", data))
    if not pairs:
        return data
    a, b = sorted([draw(st.sampled_from(pairs)), draw(st.sampled_from(pairs))], key=lambda match: match.start())
    if a is b:
        return data[: a.start()] + a[3] + a[2] + a[1] + data[a.end() :]
    part = draw(st.sampled_from([1, 3]))
    return data[: a.start(part)] + b[part] + data[a.end(part) : b.start(part)] + a[part] + data[b.end(part) :]


MUTATIONS: list[Mutation] = [
    change_byte, delete_span, repeat_span, insert_junk, splice, replace_token, replace_token, swap_tokens, change_lines, swap_keys_or_values,
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, seeds: dict[str, bytes] = SHORT, most: int = 4) -> tuple[str, bytes]:
    """One of some files, with its name, after a few mutations."""
    name = draw(st.sampled_from(list(seeds)))
    data = seeds[name]
    for _ in range(draw(st.sampled_from([1, 1, 2, *range(3, most + 1)]))):
        data = draw(st.sampled_from(MUTATIONS))(draw, data)
    return os.path.basename(name), data


# What is typed


def typed(text: str) -> str:
    """A text as a shell could hand it over: no NUL in it, and bytes that are no UTF-8 as Python spells them."""
    return os.fsdecode(text.encode("utf-8", "replace").replace(b"\0", b""))


@cache
def _bare(parameter: Parameter) -> st.SearchStrategy[str]:
    if parameter.kind == "function":
        return expressions
    return st.sampled_from(TEXTS) if parameter.kind == "text" else _scalar(parameter)


@st.composite
def flags(draw: st.DrawFn, parameters: tuple[Parameter, ...], one_in: int = 3) -> list[str]:
    """Flags for the parameters that are required, and for some of the others."""
    words = []
    for parameter in parameters:
        if parameter.kind == "schedulers":
            words += draw(st.lists(lines, min_size=1, max_size=3))
        elif parameter.required or draw(by_chance(one_in)):
            flag = "--" + parameter.name.replace("_", draw(st.sampled_from("-_")))
            usual = st.sampled_from(SPECIAL[parameter.name]) if parameter.name in SPECIAL else _bare(parameter)
            words += [flag] if parameter.kind == "bool" else [flag, typed(draw(rarely(junk, usual)))]
    return words


targets = rarely(
    st.sampled_from(
        [
            "",
            ".",
            "out",
            "out.xyz",
            "out.csv.",
            ".csv",
            "a/b/out.csv",
            "x/../out.csv",
            "x" * 300 + ".csv",
            "é\n\x1b.csv",
            "out.csv/",
            "config.yaml",
        ]
    ),
    st.sampled_from(["out.csv", "out.json"]),
)
