"""What ``make fuzz`` and the reading of hostile input brought to light, each as the command that showed it."""

import os
from pathlib import Path

import pytest

from tests.command import lrplot
from tests.fuzz.harness import ROOT, Outcome, Request, broken, run_here

DRAWN = ("constant", "--size", "200x150", "-n", "6", "--style", "a.mplstyle", "-o", "x.png")


def outcome(*words: str, outputs: tuple[str, ...] = (), **files: str) -> Outcome:
    """What a command does among some files, named with two underscores for the dot."""
    request = Request(words, {name.replace("__", "."): text.encode() for name, text in files.items()}, outputs=outputs)
    done = run_here(request)
    assert broken(request, done) == ""
    return done


def refusal(*words: str, **files: str) -> str:
    """What a command says that is refused; it leaves its folder as it was."""
    done = outcome(*words, **files)
    assert (done.status, done.stdout, len(done.files)) == (2, b"", len(files))
    return done.stderr.decode()


def test_a_record_of_nothing_is_refused() -> None:
    """It made a table without rows, and a traceback of a picture."""
    config = "scheduler: {name: linear}\nrecord: []\n"
    for output in ("x.csv", "x.png"):
        assert refusal("plot", "a.yaml", "-o", output, a__yaml=config) == (
            "lrplot: a.yaml:2:9: record must name at least one reading: used, after-step or get_lr\n"
        )


@pytest.mark.process
def test_a_style_imports_nothing(tmp_path: Path) -> None:
    """matplotlib takes package.name for a style too, and imports the package: in a config, that ran whatever code lay
    beside it.
    """
    (tmp_path / "evil.py").write_text("open('ran', 'w')\n")
    (tmp_path / "a.yaml").write_text("scheduler: constant\nplot: {style: evil.x}\n")
    # As with python -m lrplot, the folder that one works in comes first on Python's path.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", str(ROOT)])}
    done = lrplot("plot", "a.yaml", "-o", "x.png", cwd=tmp_path, env=environment)
    assert done.returncode == 2 and done.stderr.startswith(
        "lrplot: a.yaml:2:15: plot.style: unknown style 'evil.x': there are "
    )
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "evil.py"]


def test_a_style_that_is_a_list_is_no_style() -> None:
    """Where its file is looked for beside the config, a list had no name to look for."""
    said = refusal("plot", "a.yaml", "-o", "x.png", a__yaml="scheduler: constant\nplot: {style: []}\n")
    assert said == "lrplot: a.yaml:2:15: plot.style must be text, got a list of 0\n"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.mplstyle", "file:a.mplstyle", "file:///etc/hostname"])
def test_a_style_is_fetched_from_nowhere(address: str) -> None:
    said = refusal("constant", "--style", address, "-o", "x.png", a__mplstyle="axes.grid: true\n")
    assert said.startswith(f"lrplot: unknown style '{address}': there are ")


def test_a_file_may_be_called_like_an_address() -> None:
    files = {"file:a__mplstyle": "figure.facecolor: red\n"}
    done = outcome(
        "constant", "--size", "200x150", "--style", "file:a.mplstyle", "-o", "x.svg", outputs=("x.svg",), **files
    )
    assert (done.status, done.stderr) == (0, b"")
    assert b"fill: #ff0000" in done.files["x.svg"]


@pytest.mark.parametrize(
    ("style", "problem"),
    [
        ("axes.grid: true\nfont.size\n", "Missing colon in file './a.mplstyle', line 2 ('font.size')"),
        (
            "axes.grid: true\nno.such.key: 1\n",
            "Bad key no.such.key in file ./a.mplstyle, line 2 ('no.such.key: 1')",
        ),
        ("PASSWORD=hunter2\n", "is no style: none of its lines sets what matplotlib knows"),
        ("PASSWORD: hunter2\n", "is no style: none of its lines sets what matplotlib knows"),
        (
            "axes.grid: maybe\n",
            "Bad value in file './a.mplstyle', line 1 ('axes.grid: maybe'): Key axes.grid: Cannot convert 'maybe' to bool",
        ),
    ],
)
def test_a_line_of_a_style_that_cannot_be_used_is_an_error(style: str, problem: str) -> None:
    """matplotlib logged it, several lines to standard error, and went on without it."""
    assert refusal(*DRAWN, a__mplstyle=style) == f"lrplot: style 'a.mplstyle': {problem}\n"


def test_a_style_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bytes").write_bytes(b"\xff\n")

    def said(style: str) -> str:
        return refusal("constant", "--style", str(tmp_path / style), "-o", "x.png").partition("': ")[2]

    assert said("pipe") == "cannot be read: it is a pipe or a device, not a file\n"
    assert said("") == "cannot be read: it is a folder\n"
    assert said("bytes") == "is no style: none of its lines sets what matplotlib knows\n"


def test_a_style_that_nothing_can_be_drawn_with_is_to_blame() -> None:
    """No colour at all was a traceback."""
    said = refusal(*DRAWN, a__mplstyle="axes.prop_cycle: cycler('color', [])\n")
    assert said.startswith("lrplot: style 'a.mplstyle': nothing can be drawn with it: ")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("font.size: 1e9", "font.size must be 0, or 0.001 to 1,000 in size, got 1e+09"),
        ("grid.linestyle: (0, (1e-9, 1e-9))", "grid.linestyle must be 0, or 0.1 to 100,000 in size, got 1e-09"),
        (
            "axes.prop_cycle: cycler('linewidth', [1e300])",
            "axes.prop_cycle must be 0, or 0.001 to 100,000 in size, got 1e+300",
        ),
        (
            "lines.linestyle: --\nlines.dashed_pattern: 0.001, 0.001\n",
            "lines.dashed_pattern must be 0, or 0.1 to 100,000 in size, got 0.001",
        ),
        ("grid.linewidth: 0.01", "grid.linewidth must be 0, or 0.1 to 100,000 in size, got 0.01"),
        (f"font.family: {', '.join(f'f{i}' for i in range(9000))}", "font.family must name at most 50 fonts, got 9000"),
        (f"lines.marker: ${'x' * 5000}$", "lines.marker must have at most 30 characters, got 5002"),
        ("axes.titlepad: nan", "axes.titlepad must be 0, or 0.001 to 100,000 in size, got nan"),
    ],
)
def test_sizes_without_measure_are_refused(line: str, problem: str) -> None:
    """Dashes too short to see took for ever, letters a mile high all the memory."""
    assert refusal(*DRAWN, a__mplstyle=line) == f"lrplot: style 'a.mplstyle': {problem}\n"


LONG = "axes.prop_cycle must have at most 1,000 entries"


@pytest.mark.parametrize(
    ("cycle", "problem"),
    [
        ("cycler('color', ['r'] * 100000000)", LONG),
        ("cycler(color=0 * (['r'] * 100000000))", LONG),
        ("cycler(color=['r'] * (-1 * -100000000))", LONG),
        ("cycler(lw=[1, 2] * 20) * cycler(ls=['-'] * 30)", LONG),
        ("cycler(color='r'.center(100000000))", "'r'.center(100000000) has no place in a cycle"),
        ("cycler(lw=[9 ** 9 ** 9 ** 9])", "9 ** 9 ** 9 ** 9 has no place in a cycle"),
        ("[x for x in 'rgb']", "[x for x in 'rgb'] has no place in a cycle"),
    ],
)
def test_a_cycle_without_end_is_refused_before_it_is_made(cycle: str, problem: str) -> None:
    """It took 900 MB, and longer than anybody waits."""
    said = refusal(*DRAWN, a__mplstyle=f"axes.prop_cycle: {cycle}\n")
    assert said.startswith("lrplot: style 'a.mplstyle': Bad value in file './a.mplstyle', line 1 (")
    assert said.endswith(f"): Key axes.prop_cycle: {problem}\n")


def test_cycles_may_be_combined() -> None:
    cycle = "cycler('color', ['r', (0, 0.5, 1)]) * cycler(lw=[1, 2]) + cycler(ls=['-', ':'] * 2)[:4]"
    assert outcome(*DRAWN, outputs=("x.png",), a__mplstyle=f"axes.prop_cycle: {cycle}\n").status == 0


def test_a_style_that_is_too_large_is_not_read() -> None:
    said = refusal(*DRAWN, a__mplstyle="# as long as it gets\n" * 5_000)
    assert said == "lrplot: style 'a.mplstyle': is too large: 105,000 bytes, at most 100,000 bytes are read\n"


def test_characters_that_the_font_lacks_are_told_in_one_line() -> None:
    """matplotlib gave two lines for each character, with the places in its code, and another two for each output."""
    outputs = ("x.png", "x.svg")
    done = outcome("constant", "--title", "漢字 漢", "--size", "200x150", "-o", "x.png", "-o", "x.svg", outputs=outputs)
    assert (done.status, sorted(done.files)) == (0, ["x.png", "x.svg"])
    assert (
        done.stderr.decode() == "lrplot: the font has no '漢字': choose one that does with --font, or font under plot\n"
    )


def test_a_font_that_a_style_names_in_vain_is_told_in_one_line() -> None:
    """matplotlib logged it, once for each text and output."""
    words = ("--style", "a.mplstyle", "--size", "200x150", "-o", "x.png", "-o", "x.svg")
    done = outcome("constant", *words, outputs=("x.png", "x.svg"), a__mplstyle="font.family: No Such Font\n")
    assert (done.status, done.stderr) == (0, b"lrplot: findfont: Font family 'No Such Font' not found.\n")


@pytest.mark.parametrize("formula", ["nan", "inf", "inf if epoch % 3 else 1", "1.7e308 * (-1) ** epoch"])
@pytest.mark.parametrize("draw", ["stairs", "line", "points"])
def test_rates_that_no_axis_holds_are_drawn_without_a_word(formula: str, draw: str) -> None:
    """numpy warned of differences that overflow, and of slices without a number."""
    words = ("lambda", "--lr-lambda", formula, "--lr", "1", "--draw", draw, "--size", "300x250", "-o", "x.png")
    done = outcome(*words, outputs=("x.png",))
    assert (done.status, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("formula", "word"), [("nan if epoch > 60 else 1", "not a number"), ("1 if epoch < 40 else inf", "infinite")]
)
def test_a_picture_says_where_the_rates_cease_to_be_numbers(formula: str, word: str) -> None:
    """Such a step has no height to be marked at: the edge of the panel is marked."""
    done = outcome("lambda", "--lr-lambda", formula, "-o", "x.svg", outputs=("x.svg",))
    assert f">{word}</text>" in done.files["x.svg"].decode()
