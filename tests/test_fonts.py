"""Letters that the font lacks: another font of the machine has them."""

import json
import os
import shutil
import warnings
from pathlib import Path

import matplotlib
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

from lrplot.parameters import Refusal
from lrplot.pictures import fonts
from tests import command
from tests.pictures import curve, drawn, near, pixels, saved

SMALL = {"size": "600x350", "dpi": 100.0}
HAN = "漢"


def make_font(path, family, letters):
    """A font in which each letter is a black square."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 900), (900, 900), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"g{i}" for i in range(len(letters)))]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(letter): name for letter, name in zip(letters, names[1:])})
    font.setupGlyf(dict.fromkeys(names, square))
    font.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    font.setupHorizontalHeader(ascent=900, descent=-100)
    font.setupNameTable({"familyName": family, "styleName": "Regular", "fullName": family, "psName": family})
    font.setupOS2()
    font.setupPost()
    font.save(path)
    return str(path)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Fonts that came after matplotlib made its list, which is as it was afterwards."""
    monkeypatch.setattr(font_manager.fontManager, "ttflist", list(font_manager.fontManager.ttflist))
    monkeypatch.setattr(matplotlib, "get_cachedir", lambda: str(tmp_path))
    files = []
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: files)
    fonts._take_up_new_fonts.cache_clear()
    yield lambda family, letters: files.append(make_font(tmp_path / f"{family}.ttf", family, letters))
    fonts._take_up_new_fonts.cache_clear()
    font_manager.fontManager._findfont_cached.cache_clear()


def test_a_letter_that_the_font_lacks_comes_from_a_new_font_of_the_machine(installed, tmp_path, recwarn):
    installed("Han Test", HAN)
    figure = drawn(curve("cosine", T_max=20), title=f"of {HAN} {HAN} {HAN}", **SMALL)
    top = pixels(figure, **SMALL)[:60]
    ink = near(top, "#1d2129")
    assert ink.sum() > 3 * 15 * 15  # three squares
    assert b"Han Test" in saved(figure, "svg", **SMALL) and saved(figure, "pdf", **SMALL)
    assert not recwarn.list
    kept = json.loads(next(tmp_path.glob("fontlist-*.json")).read_text())
    assert "Han Test" in {font["name"] for font in kept["ttflist"]}


def test_as_few_fonts_as_will_do_are_used(installed):
    for family, letters in (("A", "漢"), ("B", "漢字"), ("C", "字")):
        installed(family, letters)
    assert fonts.with_letters(["sans-serif"], "漢字 and τ") == ["sans-serif", "B"]


def test_plain_letters_look_for_no_font(monkeypatch):
    monkeypatch.setattr(fonts, "_faces", None)
    assert fonts.with_letters(["sans-serif"], "A title, 100 %") == ["sans-serif"]


def test_a_font_that_was_installed_today_can_be_asked_for(installed):
    with pytest.raises(Refusal, match="unknown font 'Han Test'"):
        fonts.known_font("Han Test")
    fonts._take_up_new_fonts.cache_clear()
    installed("Han Test", HAN)
    assert fonts.known_font("Han Test") == "Han Test"


def test_several_fonts_stand_in_for_one_another(installed):
    installed("Han Test", HAN)
    figure = drawn(curve("cosine", T_max=20), title=f"{HAN} τ", font=["DejaVu Serif", "Han Test"], **SMALL)
    assert {tuple(text.get_fontfamily()) for text in figure.texts} == {("DejaVu Serif", "Han Test")}


def test_a_font_without_figures_leaves_them_to_the_houses(installed):
    installed("Han Test", HAN)
    figure = drawn(curve("cosine", T_max=20), title=HAN, font=["Han Test"], **SMALL)
    assert figure.texts[0].get_fontfamily() == ["Han Test", "DejaVu Sans"]


def test_a_letter_that_no_font_has_is_told_but_for_an_svg(installed):
    figure = drawn(curve("cosine", T_max=20), title=HAN, **SMALL)
    told = {}
    for format in ("svg", "png", "pdf"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            saved(figure, format, **SMALL)
        told[format] = [str(warning.message) for warning in caught]
    line = f"the font has no '{HAN}': choose one that does with --font, or font under plot"
    assert told == {"svg": [], "png": [line], "pdf": [line]}  # the command line says what it has said no second time


def test_a_damaged_font_is_passed_over(installed, tmp_path):
    installed("A", HAN)
    (tmp_path / "A.ttf").write_bytes(b"no font")
    assert fonts.with_letters(["sans-serif"], HAN) == ["sans-serif"]


@pytest.mark.process
def test_a_font_that_is_newer_than_matplotlibs_list_is_found_by_a_command(tmp_path):
    settings, home = tmp_path / "settings", tmp_path / "home"
    (home / "fonts").mkdir(parents=True)
    settings.mkdir()
    for kept in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(kept, settings)
    make_font(home / "fonts" / "han.ttf", "Han Test", HAN)
    environ = os.environ | {"MPLCONFIGDIR": str(settings), "XDG_DATA_HOME": str(home)}
    words = ("constant", "--title", HAN, "-o", "x.png", "-o", "x.svg")
    assert command.ok(*words, cwd=tmp_path, env=environ) == ""
    assert "Han Test" in (tmp_path / "x.svg").read_text()
