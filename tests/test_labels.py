"""Names beside lines and events: each near its place, none in another's way."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties

from lrplot.analysis.titles import legible
from lrplot.pictures.labels import _apart
from lrplot.pictures.layout import Layout
from tests.pictures import curve, drawn, texts, words

PLACES = st.lists(st.floats(0, 100), min_size=1, max_size=10).map(sorted)


@given(PLACES, st.floats(0.1, 10))
def test_names_are_kept_apart_and_in_order_and_within_the_panel(wanted, height):
    low, high = 0.0, 100.0
    places = _apart(wanted, height, low, high)
    assert len(places) == len(wanted)
    assert all(b - a >= height * (1 - 1e-9) for a, b in pairwise(places))
    assert places[0] >= low - 1e-9 and places[-1] <= high + 1e-9


@given(PLACES)
def test_names_that_are_far_enough_apart_stay_where_they_are(wanted):
    assert _apart(wanted, 1e-9, 0, 100) == pytest.approx(wanted, abs=1e-7)


def test_names_of_lines_that_end_together_are_spread_around_the_place():
    assert _apart([50.0, 50.0, 50.0], 10.0, 0.0, 100.0) == [40, 50, 60]


def test_names_stand_at_the_height_of_their_lines_ends():
    curves = [curve("lambda", lr_lambda=f"{level}", label=f"level {level}") for level in (0.2, 0.6, 1.0)]
    figure = drawn(*curves)
    (axes,) = figure.axes
    for level in (0.2, 0.6, 1.0):
        ((_, bottom, _, top),) = [box for text, box in texts(figure) if text == f"level {level}"]
        assert abs((bottom + top) / 2 - axes.transData.transform((0, level * 0.001))[1]) < 6


def test_the_name_of_an_event_is_near_it():
    figure = drawn(curve("warm-restarts", T_0=40))
    for step in (40, 80):
        x, y = figure.axes[0].transData.transform((step, 0.001))
        assert any(
            abs(left - x) < 30 and abs(bottom - y) < 40
            for text, (left, bottom, _, _) in texts(figure)
            if text == "restart"
        )


def test_events_out_of_the_range_that_is_shown_are_not_named():
    assert words(drawn(curve("warm-restarts", T_0=40), x_range=[0, 60])).count("restart") == 1


def layout(width=1200):
    return Layout(drawn(curve("cosine", T_max=20), size=f"{width}x700"), ("", ""), [])


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=300), st.floats(0.3, 8))
def test_a_text_is_cut_to_its_room(text, room):
    made, font = LAYOUT, FontProperties(size=11)
    text = legible(text)
    cut = made.type.cut(text, font, room)
    assert made.type.measure(cut, font) <= room
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


LAYOUT = layout()


@given(
    st.lists(st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=40), max_size=40).map(
        " ".join
    )
)
def test_a_title_takes_two_lines_at_most_and_says_all_that_fits(text):
    font = FontProperties(size=15)
    lines = LAYOUT.type.wrapped(text, font, 7.0)
    assert len(lines) <= 2 and all(LAYOUT.type.measure(line, font) <= 7.0 for line in lines)
    if lines and not lines[-1].endswith("…"):
        assert "".join(" ".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "count, size, columns",
    [(1, "1200x700", 1), (2, "1200x700", 2), (6, "1200x700", 3), (4, "700x1200", 1), (3, "2000x500", 3)],
)
def test_facets_are_as_large_as_they_can_be(count, size, columns):
    figure = drawn(curve("cosine", T_max=20), size=size)
    made = Layout(figure, ("A title", ""), [])
    assert made.across(count, (2.6 * made.em, 2.2 * made.em)) == columns


def test_control_characters_and_line_ends_are_spaces_in_a_text():
    assert legible("a\nb\tc\x00d\udc80e  f") == "a b c d e f"
