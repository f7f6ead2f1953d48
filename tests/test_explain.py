"""Every scheduler explained: formula, parameters, notes, example, source."""

import os
import re
import shlex

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lrplot.cli.explain import example_of, explain, formula, listing, notes, summary
from lrplot.cli.latex import _SIGNS, plain_text
from lrplot.configs.values import default_of, flag_of
from lrplot.runs.run import Run, Spec
from lrplot.runs.simulate import simulate_run
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find, members
from lrplot.terminal.screen import Screen
from tests.command import lrplot, ok

EVERY = pytest.mark.parametrize("cls", members().values(), ids=list(members()))
(CURVE,) = simulate_run(Run(Spec(find("cosine"), {"T_max": 20}), {"lr": 0.1}))

FORMULAS = {
    "lambda": ["ηₜ = η_base · λ(t)"],
    "multiplicative": ["ηₜ = ηₜ₋₁ · λ(t)"],
    "step": ["ηₜ = ηₜ₋₁ · γ where t mod step_size = 0, else ηₜ₋₁"],
    "multistep": ["ηₜ = ηₜ₋₁ · γ^nₜ", "nₜ the number of milestones at t"],
    "exponential": ["ηₜ = ηₜ₋₁ · γ"],
    "constant": ["ηₜ = η_base · factor for t < total_iters, then η_base"],
    "linear": ["ηₜ = η_base (a + (b − a) min(t, T) / T)", "a, b, T = start_factor, end_factor, total_iters"],
    "polynomial": ["ηₜ = η_base (1 − min(t, T) / T)^power", "T = total_iters"],
    "swa": ["ηₜ = α(t) η_swa + (1 − α(t)) η_base", "α(t) = ½ (1 − cos π min(1, t / T)) or min(1, t / T)"],
    "cosine": ["ηₜ = η_min + ½ (η_base − η_min) (1 + cos(πt / T_max))"],
    "warm-restarts": ["ηₜ = η_min + ½ (η_base − η_min) (1 + cos(πT_cur / Tᵢ))"],
    "cyclic": ["ηₜ = η_base + (η_max − η_base) · s(t) · f", "s the triangle from 0 to 1 and back"],
    "onecycle": ["ηₜ = b + ½ (a − b) (1 + cos πs)", "from rate a to rate b while s goes from 0 to 1"],
    "plateau": ["ηₜ = max(ηₜ₋₁ · factor, min_lr) after more than patience epochs without improvement"],
    "sequential": ["ηₜ = ηₖ(t − mₖ) for mₖ ≤ t < mₖ₊₁", "m₀ = 0"],
    "chained": ["ηₜ = fₙ(… f₂(f₁(ηₜ₋₁, t), t) …, t)"],
}


def words(text):
    """The text in one line, however it was wrapped."""
    return " ".join(text.split())


def test_every_formula_reads_as_one_would_write_it():
    assert {name: formula(cls) for name, cls in members().items()} == FORMULAS


@EVERY
def test_a_formula_in_ASCII_has_no_LaTeX_left(cls):
    for line in formula(cls, unicode=False):
        assert line.isascii() and not re.search(r"[\\{}\0]|\\b(frac|text|quad)\\b|  ", line)


@pytest.mark.parametrize(
    "latex, unicode, ascii",
    [
        (r"d^{-0.5} \min(t^{-0.5}, t \cdot w^{-1.5})", "d^(−0.5) min(t^(−0.5), t · w^(−1.5))", None),
        (r"\eta \sqrt{\frac{w}{\max(t, w)}}", "η √(w / max(t, w))", "eta sqrt(w / max(t, w))"),
        (r"\sqrt[3]{x}", "√[3](x)", "sqrt[3](x)"),
        (r"\frac{\frac{a}{b}}{c + \frac12 d}", "(a / b) / (c + 1 / 2 d)", "(a / b) / (c + 1 / 2 d)"),
        (r"\log t + \log_{10}{t} + \ln{t}", "log t + log₁₀t + ln(t)", "log t + log_10t + ln(t)"),
        (r"\cos \frac{\pi t}{2 T}", "cos(πt / (2 T))", "cos(pi t / (2 T))"),
        (r"2\pi\gamma t\min(a, b)", "2πγ t min(a, b)", "2 pi gamma t min(a, b)"),
        (r"\left\lfloor t / s \right\rfloor \le n", "⌊ t / s ⌋ ≤ n", "floor(t / s) <= n"),
        (r"\mathcal{L}_{t+1} \foo \bar{x}", "mathcal(L)ₜ₊₁ foo bar(x)", "mathcal(L)_(t+1) foo bar(x)"),
        (r"\operatorname{lr}_t = x_{} \{a\}, \qquad b \\ c", "lrₜ = x {a}\nb\nc", "lr_t = x {a}\nb\nc"),
        (r"}a{b_ \frac{c", "ab_(c /)", None),
    ],
)
def test_any_LaTeX_reads_as_one_would_write_it(latex, unicode, ascii):
    assert plain_text(latex, unicode=True) == unicode
    assert ascii is None or plain_text(latex, unicode=False) == ascii


KNOWN = [
    r"sqrt",
    r"min",
    r"log",
    r"frac",
    r"tfrac",
    r"dfrac",
    r"text",
    r"left",
    r"right",
    r"quad",
    r"eta",
    r"lfloor",
    r"sum",
    r"mathbb",
]
COMMANDS = (st.sampled_from(KNOWN) | st.from_regex(r"[A-Za-z]{1,9}", fullmatch=True)).map("\\{}".format)
ODD = (r"\lfloor", r"\rfloor", r"\lceil", r"\rceil", r"\text")
"""Brackets come in pairs, and what is text is no formula."""
SCRAPS = st.lists(COMMANDS | st.sampled_from([*"{}[]()_^-+/ .\\12tx,~&"]) | st.text(max_size=3), max_size=40).map(
    "".join
)


@st.composite
def formulae(draw, depth=4):
    """Formulas that close all that they open."""
    kind = draw(st.integers(0, 7 if depth else 1))
    if kind < 2:
        return draw(st.sampled_from(["t", "T_{max}", r"\eta_t", "1", r"\text{total\_iters}", r"\lambda(t)"]))
    one, other = draw(formulae(depth - 1)), draw(formulae(depth - 1))
    command = draw(COMMANDS.filter(lambda word: word not in ODD))
    shapes = [rf"\frac{{{one}}}{{{other}}}", f"{one} - {other}", f"{command}{{{one}}}", rf"\sqrt{{{one}}} {other}"]
    return [*shapes, f"x_{{{one}}}^{{{other}}}", rf"\left( {one} \right) {other}"][kind - 2]


@given(SCRAPS | st.text())
def test_no_LaTeX_is_too_much(latex):
    assert "\0" not in plain_text(latex, unicode=True)
    assert plain_text(latex, unicode=False).isascii()


@given(formulae())
def test_a_formula_that_closes_its_braces_is_plain_text(latex):
    for unicode in (True, False):
        text = plain_text(latex, unicode)
        assert not set(text) & set("\\{}") and text.count("(") == text.count(")")
        assert text.count("√" if unicode else "sqrt(") == latex.count(r"\sqrt{")


@given(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.sampled_from(["", " ", "{x}", "_t", " t"]))
def test_a_command_that_is_not_known_comes_out_as_its_name(name, after):
    assume(name not in {*_SIGNS, "sqrt", "text", "mathrm", "frac", "dfrac", "tfrac"})
    assert plain_text(rf"a\{name}{after}", unicode=False).startswith(f"a {name}")


@given(SCRAPS)
def test_a_scheduler_is_explained_whatever_its_formula(latex):
    class Odd:
        """Lowers the rate."""

        name = "odd"
        family = "torch"
        shown_name = "Odd"

        @staticmethod
        def parameters():
            return ()

    Odd.__doc__ += f"\n\n.. math:: {latex}\n\nExample:\n    lrplot odd\n\nSource: https://example.org"
    for unicode in (True, False):
        assert "\nSource\n  https://example.org" in explain(Odd, CURVE, Screen(unicode=unicode))


def test_a_formula_may_stand_in_a_paragraph_of_its_own():
    class Odd(Scheduler):
        r"""Lowers the rate.

        .. math::

            \eta_t = \eta_{t-1} \sqrt{t},
            \quad t > 0

        Beware.
        """

    assert formula(Odd) == ["ηₜ = ηₜ₋₁ √(t)", "t > 0"] and notes(Odd) == ["Beware."]


@EVERY
@pytest.mark.parametrize("width", [40, 80, 200])
def test_an_explanation_holds_all_there_is_to_know(cls, width):
    text = explain(cls, CURVE, Screen(width, 24, False, True))
    for line in text.splitlines():
        assert len(line) <= width or "http" in line or line.startswith("  lrplot ")
    flat = words(text)
    assert flat.startswith(f"{cls.__name__} ({cls.name}) {summary(cls)} Formula")
    for parameter in cls.parameters():
        assert parameter.help
        fact = (
            "required"
            if parameter.required
            else f"default {default_of(parameter)}"
            if default_of(parameter) is not None
            else ""
        )
        assert re.search(rf"\b{parameter.name}: [^:]*{re.escape(fact)}", flat), parameter.name
        assert words(parameter.help.replace("``", "")) in flat
    for passage in [*formula(cls), *notes(cls), example_of(cls)]:
        assert words(passage) in flat
    assert "https://" in flat.split(" Source ")[1]
    assert "``" not in text and "\\" not in text


@EVERY
def test_an_explanation_is_bold_in_colour_and_ASCII_where_it_must_be(cls):
    assert "\x1b[1mParameters\x1b[0m" in explain(cls, CURVE, Screen(80, 24, True, True))
    assert explain(cls, CURVE, Screen(80, 24, False, False)).isascii()


@EVERY
def test_an_example_is_a_command_of_that_scheduler_with_all_it_requires(cls):
    command = shlex.split(example_of(cls))
    assert command[:2] == ["lrplot", cls.name] and command[-2] == "-o"
    for parameter in cls.parameters():
        if parameter.required and parameter.kind != "schedulers":
            assert flag_of(parameter.name) in command


def test_a_range_is_told():
    assert "T_max: int, required, other than 0" in explain(find("cosine"), CURVE, Screen())
    assert "total_steps: int, optional, at least 1" in explain(find("onecycle"), CURVE, Screen())
    assert "factor: float, default 0.1, less than 1" in explain(find("plateau"), CURVE, Screen())


def test_what_to_beware_of_is_told():
    assert notes(find("cosine"))[0].startswith("Past T_max the rate climbs again, back to the base rate at 2 T_max")
    assert notes(find("step")) == []


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("long", [False, True])
def test_the_list_names_every_scheduler_in_lines_that_fit(width, long):
    text = listing(long, width)
    assert all(len(line) <= width for line in text.splitlines())
    flat = words(text)
    for name, cls in members().items():
        assert (
            name in flat
            and cls.__name__ in flat
            and (long or width < 200 or f"{name} {cls.__name__} {summary(cls)}" in flat)
        )
        for parameter in cls.parameters():
            described = f"{parameter.name}: {parameter.type_name.replace('|', ' | ')}"
            assert (described in flat and words(parameter.help.replace("``", "")) in flat) == long


@pytest.mark.process
def test_without_docstrings_all_but_the_explanations_works(tmp_path, pytestconfig):
    kept = pytestconfig.cache.mkdir("bytecode")  # to compile matplotlib anew takes seconds

    def run(*arguments):
        environ = {"PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(kept)}
        return lrplot(*arguments, cwd=tmp_path, env={**os.environ, **environ})

    reason = "there are no explanations: Python was started with -OO (PYTHONOPTIMIZE=2), which leaves them out"
    refused = run("explain", "cosine")
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", f"lrplot: {reason}\n")
    helped = run("cosine", "--help")
    assert (helped.returncode, helped.stderr) == (0, "") and helped.stdout.endswith(f"\nExample:\n    {reason}\n")
    for arguments in (
        ["list", "--long"],
        ["schema"],
        ["--help"],
        ["cosine", "--T-max", "20", "-o", "x.png", "-o", "x.csv"],
    ):
        done = run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.csv", "x.png"]


def test_a_name_at_the_beginning_of_a_note_keeps_its_case() -> None:
    said = ok("explain", "keras.CosineDecay") + ok("explain", "timm.step") + ok("explain", "megatron.WSD")
    assert all(
        f"\n  {start}" in said for start in ("decay_steps counts", "timm's t_in_epochs", "lr_decay_steps", "With n")
    )
