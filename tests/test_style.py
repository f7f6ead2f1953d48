"""The house style: colours that everybody can tell apart, on either background; styles and fonts of one's own on top."""

import itertools
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import matplotlib
import numpy
import pytest
from matplotlib.colors import to_hex, to_rgb

import lrplot
from lrplot.parameters import Refusal
from lrplot.pictures.colours import readable
from lrplot.pictures.look import Look
from lrplot.pictures.style import settings, styled
from lrplot.wording import shown
from tests import command
from tests.pictures import curve, drawn, near, pixels, saved

PACKAGE = Path(lrplot.__file__).parent
THEMES = {theme: settings(theme) for theme in ("light", "dark")}

# How the three deficiencies see linear RGB at full severity: Machado, Oliveira and Fernandes, "A Physiologically-based
# Model for Simulation of
# Color Vision Deficiency", IEEE Transactions on Visualization and Computer Graphics 15(6), 2009, the table for severity
# 1.0.
VISIONS = {
    "normal": numpy.eye(3),
    "protanopia": numpy.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": numpy.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": numpy.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
XYZ = numpy.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)  # of sRGB, D65
WHITE = numpy.array([0.95047, 1.0, 1.08883])


def linear(colour):
    rgb = numpy.array(to_rgb(colour))
    return numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIE L*a*b* of linear RGB."""
    t = XYZ @ numpy.clip(rgb, 0, 1) / WHITE
    f = numpy.where(t > 216 / 24389, numpy.cbrt(t), (24389 / 27 * t + 16) / 116)
    return numpy.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one, other):
    """CIEDE2000: about 1 can just be seen side by side, 10 at a glance."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    chroma = (numpy.hypot(a1, b1) + numpy.hypot(a2, b2)) / 2
    g = 0.5 * (1 - numpy.sqrt(chroma**7 / (chroma**7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = numpy.hypot(a1, b1), numpy.hypot(a2, b2)
    h1, h2 = numpy.degrees(numpy.arctan2(b1, a1)) % 360, numpy.degrees(numpy.arctan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    dl, dc, dh = l2 - l1, c2 - c1, 2 * numpy.sqrt(c1 * c2) * numpy.sin(numpy.radians(turn / 2))
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    waves = ((1, 30, -0.17), (2, 0, 0.24), (3, -6, 0.32), (4, 63, -0.20))
    t = 1 + sum(height * numpy.cos(numpy.radians(times * hue - shift)) for times, shift, height in waves)
    sl = 1 + 0.015 * (lightness - 50) ** 2 / numpy.sqrt(20 + (lightness - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    bend = numpy.radians(60 * numpy.exp(-(((hue - 275) / 25) ** 2)))
    rt = -2 * numpy.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * numpy.sin(bend)
    return float(numpy.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * dc / sc * dh / sh))


def contrast(one, other):
    """WCAG's ratio of luminances, 1 to 21."""
    low, high = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def palette(theme):
    return THEMES[theme]["axes.prop_cycle"].by_key()["color"]


def differences(theme, pairs):
    pairs = list(pairs)
    seen = {name: [lab(matrix @ linear(colour)) for colour in palette(theme)] for name, matrix in VISIONS.items()}
    return {name: min(difference(labs[i], labs[j]) for i, j in pairs) for name, labs in seen.items()}


@pytest.mark.parametrize(
    # Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", 2005, table 1: pairs 1, 7, 17, 25 and 34
    "one, other, expected",
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_colour_difference_is_the_published_one(one, other, expected):
    assert difference(one, other) == pytest.approx(expected, abs=1e-4)


def test_white_is_white_in_every_vision():
    for matrix in VISIONS.values():
        assert lab(matrix @ numpy.ones(3)) == pytest.approx([100, 0, 0], abs=0.02)


@pytest.mark.parametrize("theme", THEMES)
def test_neighbours_in_the_cycle_are_far_apart_in_every_vision(theme):
    count = len(palette(theme))
    assert count == 8
    neighbours = differences(theme, [(i, (i + 1) % count) for i in range(count)])
    assert min(neighbours.values()) > 18, neighbours


@pytest.mark.parametrize("theme", THEMES)
def test_all_colours_are_distinct(theme):
    apart = differences(theme, itertools.combinations(range(8), 2))
    assert apart["normal"] > 18 and min(apart.values()) > 7, apart


@pytest.mark.parametrize("theme", THEMES)
def test_the_first_four_are_distinct_in_every_vision(theme):
    apart = differences(theme, itertools.combinations(range(4), 2))
    assert min(apart.values()) > 13, apart


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_words_stand_out_from_the_background(theme):
    background = THEMES[theme]["figure.facecolor"]
    assert min(contrast(colour, background) for colour in palette(theme)) >= 3  # WCAG's minimum for graphics
    for key in ("text.color", "axes.titlecolor", "axes.labelcolor", "xtick.labelcolor", "ytick.labelcolor"):
        assert contrast(THEMES[theme][key], background) >= 7, key  # its higher demand on text
    assert 1.1 < contrast(THEMES[theme]["grid.color"], background) < 1.5


@pytest.mark.parametrize("theme", THEMES)
def test_words_in_the_colour_of_a_line_can_be_read(theme):
    background = to_hex(THEMES[theme]["axes.facecolor"])
    for colour in map(to_hex, palette(theme)):
        ink = readable(colour, background)
        assert contrast(ink, background) >= 4.5  # WCAG's minimum for text
        assert difference(lab(linear(ink)), lab(linear(colour))) < 18  # and it is the line's colour still
        assert (ink == colour) == (contrast(colour, background) >= 4.5)


@pytest.mark.parametrize("look", [{"theme": "light"}, {"theme": "dark"}, {"style": "ggplot"}], ids=str)
def test_the_names_of_lines_are_written_so(look):
    ends = [curve("lambda", lr_lambda=f"{1 - i / 10}", label=f"no. {i}") for i in range(8)]
    figure = drawn(*ends, **look)
    colours = [text.get_color() for text in figure.texts if text.get_text().startswith("no. ")]
    assert len(colours) == 8 and min(contrast(colour, figure.get_facecolor()) for colour in colours) >= 4.5


def test_both_themes_set_the_same_things():
    assert set(THEMES["light"]) == set(THEMES["dark"])


# Styles and fonts.


def test_a_style_of_matplotlibs_lies_on_top_of_the_theme():
    figure = drawn(curve("cosine", T_max=20), style="ggplot")
    assert to_hex(figure.axes[0].lines[0].get_color()) == "#e24a33"
    assert near(pixels(figure, style="ggplot"), "#e5e5e5", 2).mean() > 0.3


def test_a_style_may_be_a_file(tmp_path):
    path = tmp_path / "mine.mplstyle"
    path.write_text("axes.prop_cycle: cycler('color', ['00aa00'])\naxes.titlesize: 30\n")
    figure = drawn(curve("cosine", T_max=20), style=str(path))
    assert to_hex(figure.axes[0].lines[0].get_color()) == "#00aa00"
    assert max(text.get_fontsize() for text in figure.texts) == 30


@pytest.mark.parametrize("style", ["default", "seaborn-v0_8", "dark_background", "bmh", "classic"])
def test_any_style_of_matplotlibs_can_be_drawn(style):
    look = {"style": style, "title": "of $5 and \\x", "size": "600x350"}
    assert saved(drawn(curve("onecycle", max_lr=0.1, total_steps=60), **look), **look)


@pytest.mark.parametrize(
    "cycle, problem",
    [
        ("cycler(color=['r'] * 1000000000)", "axes.prop_cycle must have at most 1,000 entries"),
        ("cycler(color=['r'] * 10 ** 9)", "10 ** 9 has no place in a cycle"),
        ("cycler(lw=[1]) * 1000000000", "axes.prop_cycle must have at most 1,000 entries"),
        (f"cycler(color=['r']{' * 2' * 30})", "axes.prop_cycle must have at most 1,000 entries"),
        (f"cycler(color=[{chr(39)}r{chr(39)}] * {'9' * 4000})", "axes.prop_cycle must have at most 1,000 entries"),
        (f"cycler(lw=[{'0.5, ' * 300}] * 300)", "axes.prop_cycle must have at most 1,000 entries"),
        ("cycler(color=[1 << 9999999999])", "1 << 9999999999 has no place in a cycle"),
        ("cycler(color=f'{1:1000000000}')", "f'{1:1000000000}' has no place in a cycle"),
        ("cycler(**{'color': 'r' * 1000000000})", "{'color': 'r' * 1000000000} has no place in a cycle"),
        (f"cycler(lw={'(' * 9000})", ""),
        (f"cycler(lw=[{'-' * 9000}1])", ""),
    ],
)
def test_no_cycle_is_evaluated_for_ever(tmp_path, cycle, problem):
    path = tmp_path / "a.mplstyle"
    path.write_text(f"axes.prop_cycle: {cycle}\n")
    with pytest.raises(Refusal, match=re.escape(f"style {shown(str(path))}: Bad value in file")) as caught:
        drawn(curve("cosine", T_max=20), style=str(path))
    assert str(caught.value).endswith(problem)


def test_a_palette_may_be_crossed_with_strokes(tmp_path):
    path = tmp_path / "a.mplstyle"
    colours = [f"{i:06x}" for i in range(12)]
    path.write_text(f"axes.prop_cycle: cycler(c={colours}) * cycler(ls=['-', '--', ':']) * cycler(lw=[1, 2])\n")
    with styled(Look(style=str(path))):
        assert len(matplotlib.rcParams["axes.prop_cycle"]) == 72


def test_an_unknown_style_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="unknown style 'gplot': did you mean 'ggplot'"):
        drawn(curve("cosine", T_max=20), style="gplot")


def test_nothing_is_fetched_or_imported_for_a_style():
    for style in ("https://example.org/a.mplstyle", "lrplot.styles.light", "antigravity.style"):
        with pytest.raises(ValueError, match="unknown style"):
            drawn(curve("cosine", T_max=20), style=style)


def test_a_font_is_used_and_an_unknown_one_refused():
    figure = drawn(curve("cosine", T_max=20), font="DejaVu Serif")
    assert {text.get_fontfamily()[0] for text in figure.texts} == {"DejaVu Serif"}
    assert b"DejaVu Serif" in saved(figure, "svg")
    with pytest.raises(ValueError, match="unknown font 'DejaVu Serf': did you mean 'DejaVu Serif'"):
        drawn(curve("cosine", T_max=20), font="DejaVu Serf")


def test_drawing_leaves_matplotlibs_settings_alone():
    before = dict(matplotlib.rcParams)
    saved(drawn(curve("cosine", T_max=20), theme="dark", style="ggplot"), "svg")
    assert dict(matplotlib.rcParams) == before


def test_somebodys_own_matplotlibrc_changes_nothing(tmp_path, monkeypatch):
    expected = saved(drawn(curve("cosine", T_max=20)))
    (tmp_path / "matplotlibrc").write_text("")
    monkeypatch.setattr(matplotlib, "matplotlib_fname", lambda: str(tmp_path / "matplotlibrc"))
    with matplotlib.rc_context(
        {"figure.facecolor": "red", "savefig.bbox": "tight", "xtick.direction": "in", "path.simplify": False}
    ):
        assert saved(drawn(curve("cosine", T_max=20))) == expected


def test_a_small_picture_has_smaller_type():
    def largest(**look):
        return max(text.get_fontsize() for text in drawn(curve("cosine", T_max=20), **look).texts)

    assert largest() == 15 and largest(size="600x420") == 15
    assert largest(size="300x210") == pytest.approx(7.5)


@pytest.mark.process
def test_a_picture_says_nothing_of_a_folder_that_matplotlib_cannot_write(tmp_path):
    """As in a container: it logged two long lines, and the workers of a batch left its temporary folders behind."""
    (tmp_path / "file").touch()
    (tmp_path / "configs").mkdir()
    for steps in (20, 30):
        (tmp_path / "configs" / f"{steps}.yaml").write_text(f"scheduler: cosine T_max={steps}\n")
    with tempfile.TemporaryDirectory() as temporary:  # no longer than the name of a socket may be
        environ = {**os.environ, "MPLCONFIGDIR": str(tmp_path / "file"), "TMPDIR": temporary}
        for words in ("cosine --T-max 20 --size 300x200 -o x.png", "batch configs -o . -j 2"):
            command.ok(*words.split(), cwd=tmp_path, env=environ)
        assert os.listdir(temporary) == []
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["20.png", "30.png", "x.png"]


@pytest.mark.process
def test_what_a_persons_matplotlibrc_says_is_not_heard(tmp_path):
    (tmp_path / "matplotlibrc").write_text("no.such.key: 1\n")
    environ = {**os.environ, "MATPLOTLIBRC": str(tmp_path)}
    done = command.lrplot(*SMALL, cwd=tmp_path, env=environ)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.process
def test_pictures_come_from_a_zip_too(tmp_path):
    with zipfile.ZipFile(tmp_path / "lrplot.zip", "w") as archive:
        for path in PACKAGE.rglob("*"):
            if path.suffix in (".py", ".mplstyle", ".html"):
                archive.write(path, path.relative_to(PACKAGE.parent))
    code = "import lrplot.cli.main as cli; assert 'zip' in cli.__file__; cli.main()"
    words = [sys.executable, "-c", code, *SMALL]
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "lrplot.zip")}
    done = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_a_look_is_drawn_in_its_block_alone():
    with styled(Look(theme="dark")):
        assert (
            matplotlib.rcParams["figure.facecolor"] == "#14171c" or matplotlib.rcParams["figure.facecolor"] == "14171c"
        )
    assert matplotlib.rcParams["figure.facecolor"] == "white"


SMALL = ["cosine", "--T-max", "3", "--size", "300x200", "-o", "x.png"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The small picture, as an empty folder has it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    command.run_here(SMALL, cwd=folder)
    return (folder / "x.png").read_bytes()


@pytest.mark.process
def test_a_matplotlibrc_in_the_current_folder_is_not_read(tmp_path: Path, undisturbed: bytes) -> None:
    (tmp_path / "matplotlibrc").write_text("no.such.key: 1\nlines.linewidth: 9\nbackend: module://evil\n")
    (tmp_path / "evil.py").write_text("open('RAN', 'w')")
    command.ok(*SMALL, cwd=tmp_path)
    assert (tmp_path / "x.png").read_bytes() == undisturbed
    assert not (tmp_path / "RAN").exists()


SETTINGS = """
from lrplot.pictures import start
start.with_settings = False  # as the command line has it
from lrplot.pictures.backend import matplotlib
default = matplotlib.rcParamsDefault
print([key for key in default if key != "backend" and matplotlib.rcParams[key] != default[key]])
"""


@pytest.mark.process
@pytest.mark.parametrize("kind", ["cycle", "bytes", "pipe", "zero", "folder"])
def test_a_matplotlibrc_in_the_current_folder_is_not_so_much_as_opened(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "matplotlibrc"
    if kind == "cycle":
        place.write_text("axes.prop_cycle: cycler('color', ['r'] * 1000000000)\n")
    elif kind == "bytes":
        place.write_bytes(b"lines.linewidth: \xff\n")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "zero":
        place.symlink_to("/dev/zero")
    else:
        place.mkdir()
    words = [sys.executable, "-c", SETTINGS]  # what is drawn comes after, and looks for no other
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@pytest.mark.process
def test_warnings_are_said_whatever_python_makes_of_others(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONWARNINGS": "error"}
    words = [*SMALL, "--title", "\ue000"]  # of a private use: no font has it
    done = command.lrplot(*words, cwd=tmp_path, env=environ)
    assert (done.returncode, (tmp_path / "x.png").exists()) == (0, True)
    assert done.stderr == "" or done.stderr.startswith("lrplot: the font has no ")
