"""Whatever lrplot is given, it ends: with 0, 1 or 2, without a traceback, in time, and with no file but those asked
for.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from lrplot.parameters import parameters_of
from lrplot.pictures.look import Look
from lrplot.runs.run import run_parameters
from lrplot.schedulers.families import full_name
from lrplot.schedulers.optimizer import Optimizer
from tests.fuzz.harness import STEPS, Request, broken, cap_steps, examine, run_here, run_there, tallies
from tests.fuzz.inputs import (
    CONFIGS,
    FLOATS,
    INTS,
    SHORT,
    every_scheduler,
    expressions,
    flags,
    generated,
    junk,
    lines,
    mutated,
    rarely,
    targets,
    typed,
)

CASES = int(os.environ.get("LRPLOT_FUZZ_CASES", "20000"))
PICTURE_FORMATS = ("png", "svg", "pdf")

METRICS = {
    "one.csv": b"loss\n2.3\n1.9\n1.4\n1.4\n1.4\n",
    "two.csv": b"epoch,val loss\n0,2.3\n1,1.9\n\n2,1.4\n3,nan\n4,-1e300\n",
    "semicolons.csv": b"\xef\xbb\xbfepoch;loss\r\n0;2.3\r\n1;\r\n2;1.4\r\n",
    "quoted.csv": b'"epoch","a, ""b"""\n0,1\n1,2\n',
}
COLUMNS = {"one.csv": "", "two.csv": ":val loss", "semicolons.csv": ":loss", "quoted.csv": ':a, "b"'}
STYLE = b"""axes.facecolor: eeeeee
axes.formatter.limits: -5, 6
axes.grid.axis: both
axes.prop_cycle: cycler('color', ['r', 'g', '0.5'])
axes.titlesize: large
axes.unicode_minus: True
agg.path.chunksize: 0
figure.constrained_layout.use: False
figure.facecolor: white
font.family: serif
font.size: 9
grid.linestyle: --
legend.loc: upper left
lines.dashed_pattern: 3.7, 1.6
lines.linewidth: 2.5
lines.marker: None
lines.solid_capstyle: projecting
mathtext.fontset: cm
patch.linewidth: 1.0
path.simplify_threshold: 0.111111111111
path.sketch: 1, 100, 2
pdf.compression: 6
savefig.bbox: tight
savefig.pad_inches: 0.1
text.usetex: False
xtick.labelsize: large
xtick.major.size: 3.5
"""


def cases(share: float) -> Callable[[Any], Any]:
    """So large a share of all cases; hypothesis is not to judge how long they take."""
    count = max(1, round(CASES * share))
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module", autouse=True)
def capped() -> None:
    cap_steps()
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(name, None)


@cases(0.30)
@given(generated(), targets)
def test_configs_that_are_made_up(config: bytes, target: str) -> None:
    examine(
        "made-up configs",
        Request(["plot", "config.yaml", "-o", target], {"config.yaml": config}, outputs=[os.path.normpath(target)]),
    )


@st.composite
def reading(draw: st.DrawFn) -> Request:
    """A command that reads one real config with something broken in it."""
    name, data = draw(mutated())
    scheduler = full_name(draw(every_scheduler))
    words, outputs = draw(
        st.sampled_from(
            [
                (["plot", name, "-o", "out.csv"], ["out.csv"]),
                (["plot", name, "-o", "out.json", "-o", "a/out.csv"], ["out.json", "a/out.csv"]),
                (["plot", name, "cosine T_max=7", "-o", "-"], []),
                (["plot", name, "--steps", "7", "--record", "get_lr", "-o", "out.csv"], ["out.csv"]),
                (["plot", name, "--term"], []),
                ([scheduler, "-c", name, "-o", "out.csv"], ["out.csv"]),
                (["batch", "--check", "."], []),
                (["plot", "-", "-o", "out.csv"], ["out.csv"]),
            ]
        )
    )
    return Request(words, {name: data}, data if "-" in words[:2] else b"", outputs)


@cases(0.42)
@given(reading())
def test_real_configs_with_something_broken(request: Request) -> None:
    examine("broken configs", request)


@st.composite
def typing(draw: st.DrawFn) -> Request:
    """A command that asks for a scheduler by flags, or for specs."""
    target = draw(rarely(targets.map(typed), st.just("-")))
    cls = draw(every_scheduler)
    words = [full_name(cls), *draw(flags(cls.parameters()))]
    if draw(st.integers(1, 3)) == 1:
        specs = st.one_of(
            lines,
            expressions,
            mutated({"spec": draw(lines).encode()}, most=2).map(lambda pair: pair[1].decode("utf-8", "replace")),
        )
        words = ["plot", *(typed(spec) for spec in draw(st.lists(specs, min_size=1, max_size=3)))]
    words += draw(flags((*parameters_of(Optimizer), *run_parameters(), *parameters_of(Look)), one_in=16))
    return Request(
        [*words, *draw(st.sampled_from([["-o", target], ["-o", target], ["--term"], []]))],
        outputs=[os.path.normpath(target)],
    )


@cases(0.18)
@given(typing())
def test_what_is_typed(request: Request) -> None:
    examine("typed words", request)


@cases(0.06)
@given(mutated(METRICS), st.sampled_from([None, None, None, "", ":", ":val_loss"]))
def test_metrics_from_broken_files(file: tuple[str, bytes], column: str | None) -> None:
    name, data = file
    words = [
        "plateau",
        "--patience",
        "0",
        "--metrics",
        name + (COLUMNS[name] if column is None else column),
        "-o",
        "out.csv",
    ]
    examine("broken metrics", Request(words, {name: data}, outputs=["out.csv"]))


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    """A picture in each format, small."""
    words = ["step", "--step-size", "3", "--steps", "9", "--title", "漢字", "--size", "200x150", "--dpi", "30"]
    outputs = [f"x.{format}" for format in PICTURE_FORMATS]
    made = run_here(Request([*words, *(word for output in outputs for word in ("-o", output))], outputs=outputs))
    assert (made.status, sorted(made.files)) == (0, sorted(outputs)), made
    return dict(made.files)


@cases(0.04)
@given(st.data())
def test_broken_pictures_that_are_read_back(pictures: dict[str, bytes], data: st.DataObject) -> None:
    name, picture = data.draw(mutated(pictures))
    examine("broken pictures", Request(["plot", name, "-o", "out.csv"], {name: picture}, outputs=["out.csv"]))


@cases(0.015)
@given(
    st.one_of(generated(), mutated(most=1).map(lambda pair: pair[1]), st.sampled_from(list(SHORT.values()))),
    st.sampled_from(PICTURE_FORMATS),
    flags(parameters_of(Look), one_in=20),
)
def test_pictures_are_drawn_or_refused(config: bytes, format: str, look: list[str]) -> None:
    words = ["plot", "config.yaml", "--size", "300x200", *look, "-o", f"x.{format}"]
    made = examine("drawn pictures", Request(words, {"config.yaml": config}, outputs=[f"x.{format}"]))
    if made.status == 0:
        assert made.files[f"x.{format}"].startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])


@st.composite
def styles(draw: st.DrawFn) -> bytes:
    """A style with something broken in it, or with a few values that are strange."""
    if draw(st.booleans()):
        return draw(mutated({"style": STYLE}, most=1))[1]
    keys = [line.partition(b":")[0].decode() for line in STYLE.splitlines()]
    strange = st.one_of(st.sampled_from([*FLOATS, *INTS, "1e9", "1e30", "True", "None", "1, 2, 3"]), junk)
    lines = [f"{draw(st.sampled_from(keys))}: {draw(strange)}\n" for _ in range(draw(st.integers(1, 3)))]
    return "".join(lines).encode("utf-8", "surrogatepass")


@cases(0.015)
@given(styles(), st.sampled_from(PICTURE_FORMATS))
def test_broken_styles(style: bytes, format: str) -> None:
    words = ["constant", "--style", "house.mplstyle", "--size", "200x150", "--steps", "5", "-o", f"x.{format}"]
    examine("broken styles", Request(words, {"house.mplstyle": style}, outputs=[f"x.{format}"]))


@cases(0.02)
@given(
    st.lists(st.one_of(mutated(most=2), st.sampled_from(sorted(SHORT.items()))), min_size=1, max_size=3), st.booleans()
)
def test_batches(configs: list[tuple[str, bytes]], index: bool) -> None:
    files = {f"configs/{name}": data for name, data in configs}
    words = ["batch", "configs", "-o", "out", "-f", "csv", "-j", "1", *(["--index"] if index else [])]
    examine("batches", Request(words, files, outputs=["out/"]))


FLIPPED = st.tuples(st.booleans(), st.floats(0, 1, exclude_max=True), st.integers(0, 7))
"""Whether a picture is cut, where, and which bit is another."""


@cases(0.03)
@given(st.sampled_from(PICTURE_FORMATS), FLIPPED)
def test_damaged_pictures_give_their_schedule_or_none(
    pictures: dict[str, bytes], format: str, damage: tuple[bool, float, int]
) -> None:
    name = f"x.{format}"
    is_cut, share, bit = damage
    whole = pictures[name]
    at = int(share * len(whole))
    data = whole[:at] if is_cut else whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    made = examine("damaged pictures", Request(["plot", name, "-o", "out.csv"], {name: data}, outputs=["out.csv"]))
    expected = run_here(Request(["plot", name, "-o", "out.csv"], {name: whole}, outputs=["out.csv"]))
    assert made.status == 2 or made.files["out.csv"] == expected.files["out.csv"]


PLACE = {
    "p.yaml": b"scheduler: {name: plateau, patience: 0}\nmetrics: loss.csv\nsteps: 5\nplot: {style: s.mplstyle}\n",
    "a.json": b'{"scheduler": "cosine T_max=20"}',
    "loss.csv": b"loss\n2.3\n1.9\n1.4\n1.4\n1.4\n",
    "s.mplstyle": b"lines.linewidth: 3\n",
    "mine.png": b"a photograph",
    "mine.svg": b"<svg/>",
}
LINKS = {"l.csv": "loss.csv", "here": ".", "l.json": "a.json", "away.csv": "/tmp/lrplot-away.csv"}
READ = {"p.yaml": {"p.yaml", "loss.csv", "s.mplstyle"}, "a.json": {"a.json"}, "here/a.json": {"a.json"}}
ENDED = st.sampled_from(["-f csv", "-f json", "-f svg", "-f csv -f json", "-f png --index", "-f csv --index"])


@st.composite
def inputs_as_outputs(draw: st.DrawFn) -> Request:
    """A command that is asked to write where it reads, or where somebody's own file is."""
    if draw(st.booleans()):
        folder = draw(st.sampled_from([".", "here", "here/here", "out"]))
        source = draw(st.sampled_from([".", "here", "p.yaml", "a.json", "*.json", "here/*.yaml"]))
        words = ["batch", source, "-o", folder, "-j", "1", *draw(ENDED).split()]
        made = ["p.", "a.", "l.", "index.html", ".lrplot.json"]
        return Request(words, PLACE, outputs=["out/", *made], specials=LINKS)
    sources = draw(st.lists(st.sampled_from(sorted(READ)), min_size=1, max_size=2))
    read = {name for source in sources for name in READ[source]}
    ends = [*PLACE, *LINKS, "./loss.csv", "here/loss.csv", "here/a.json", "out.csv"]
    ends = [name for name in ends if name.endswith((".csv", ".json", ".png", ".svg"))]
    outputs = draw(st.lists(st.sampled_from(ends), min_size=1, max_size=3))
    words = ["plot", *sources, *(word for output in outputs for word in ("-o", output))]
    meant = {os.path.normpath(LINKS.get(output, output).replace("here/", "")) for output in outputs}
    return Request(words, PLACE, outputs=sorted(meant - read), specials=LINKS)


@cases(0.06)
@given(inputs_as_outputs())
def test_nothing_that_is_read_or_somebodys_own_is_lost(request: Request) -> None:
    made = examine("inputs as outputs", request)
    if request.words[0] == "batch":
        assert all(made.files[name] == data for name, data in PLACE.items())


SPECIAL = st.sampled_from(["pipe", "folder", "/dev/zero", "/dev/full", "/dev/null", "loop", "nowhere", "..", "/etc"])
NAMES = [
    *("a.yaml", "loss.csv", "s.mplstyle", "x.png", "x.svg", "x.pdf", "matplotlibrc"),
    *("out", "out/.lrplot.json", "out/index.html", "out/a.csv", "out/sub", "c/sub", "c/a.yaml"),
]
HARMLESS = {"c/b.yaml": b"scheduler: step step_size=3\nsteps: 9\n", "c/sub2/a.yaml": b"scheduler: constant\nsteps: 3\n"}


@st.composite
def special_files(draw: st.DrawFn) -> Request:
    """A command in a folder in which a file is something else."""
    name = draw(st.sampled_from(NAMES))
    kind = draw(SPECIAL)
    kind = os.path.basename(name) if kind == "loop" else kind
    words = draw(
        st.sampled_from(
            [
                "plot a.yaml -o o.csv",
                "plot x.png -o o.csv",
                "plot x.svg x.pdf -o o.csv",
                "plateau --metrics loss.csv -o o.csv",
                "constant --style s.mplstyle --size 200x150 -o o.png",
                "cosine -c a.yaml --term",
                "constant -o out/a.csv",
                "batch c -o out -f csv -j 1",
                "batch c -o out -f csv --index -j 1",
                "batch c -o out -f csv --index -j 1 --force",
                "batch c --check",
                "batch c/sub a.yaml --check",
            ]
        )
    )
    outputs = ["o.csv", "o.png", "out/", "out", "nowhere"]  # links are written through
    return Request(words.split(), HARMLESS, outputs=outputs, specials={name: kind} if name not in HARMLESS else {})


@cases(0.05)
@given(special_files())
def test_what_is_no_file_is_refused(request: Request) -> None:
    examine("special files", request)


ENVIRONMENT = st.fixed_dictionaries(
    {},
    optional={
        "COLUMNS": st.sampled_from(["0", "-1", "1", "9", "79", "100000", "x", ""]),
        "LINES": st.sampled_from(["0", "-1", "1", "3", "100000", "x"]),
        "NO_COLOR": st.sampled_from(["", "1"]),
        "TERM": st.sampled_from(["", "dumb", "xterm-256color", "no-such"]),
        "LC_ALL": st.sampled_from(["C", "POSIX", "C.UTF-8", "no_SUCH", ""]),
        "HOME": st.sampled_from(["/nonexistent", "", "relative"]),
    },
)
BEGUN = {
    "MPLBACKEND": ["no-such", "module://evil", "tkagg", ""],
    "MPLCONFIGDIR": ["/dev/null", "/nonexistent"],
    "MATPLOTLIBRC": [".", "/dev/zero", "/nonexistent"],
    "TMPDIR": ["/nonexistent", "/dev/null", "x" * 300],
    "XDG_CACHE_HOME": ["/dev/null"],
    "PYTHONWARNINGS": ["error", "ignore"],
    "PYTHONIOENCODING": ["ascii", "latin-1"],
    "PYTHONUTF8": ["0", "1"],
}
LIMITS = [
    "",
    "exec >&-;",
    "exec 2>&-;",
    "exec <&-;",
    "exec >/dev/full;",
    "ulimit -n 8;",
    "ulimit -n 16;",
    "ulimit -n 24;",
]
LIMITED = ["list", "explain step", "step --step-size 3 --term", "step --step-size 3 -o o.csv"]
LIMITED += ["step --step-size 3 -o o.png --size 200x150", "batch c -o out -f csv -j 2", "batch c --check", "--help"]


@cases(0.02)
@given(typing(), ENVIRONMENT)
def test_any_environment(request: Request, environ: dict[str, str]) -> None:
    examine("environments", request._replace(environ=environ))


@pytest.mark.process
@cases(0.004)
@given(
    st.sampled_from(LIMITED),
    st.sampled_from([{}, *({name: value} for name, values in BEGUN.items() for value in values)]),
    st.sampled_from(LIMITS),
)
def test_a_process_ends_well_in_any_environment_and_within_any_limits(
    words: str, environ: dict[str, str], limits: str
) -> None:
    request = Request(words.split(), HARMLESS, b"", ["o.csv", "o.png", "out/"], environ=environ, limits=limits)
    outcome = run_there(request)
    tally = tallies["processes within limits"]
    tally.cases += 1
    tally.statuses[outcome.status] += 1
    problem = broken(request, outcome)
    if problem:
        tally.findings.add(problem)
    assert not problem, f"{problem}\n\n{request!r}\n\n{outcome.stderr.decode('utf-8', 'replace')}"


@pytest.mark.process
@cases(0.015)
@example(
    Request(
        ["plot", "cosine.yaml", "-o", "out.csv"], {"cosine.yaml": CONFIGS["tutorial/cosine.yaml"]}, outputs=["out.csv"]
    )
)
@given(st.one_of(reading(), typing()))
def test_a_process_of_its_own_does_the_same(request: Request) -> None:
    """What this harness sees is what a user would see."""
    here = examine("in a process of its own", request)
    assume(f"{STEPS:,}" not in here.stderr.decode())  # there it may be as long as memory allows
    there = run_there(request)
    problem = broken(request, there) or ("" if here._replace(memory=0) == there else f"here: {here}, there: {there}")
    if problem:
        tallies["in a process of its own"].findings.add(problem)
    assert not problem, f"{problem}\n\n{request!r}\n\n{there.stderr.decode('utf-8', 'replace')}"
