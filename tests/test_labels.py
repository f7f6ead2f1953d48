"""Names beside lines and events: each near its place, none in another's way."""

from itertools import pairwise

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Bbox

from lrplot.analysis.titles import legible
from lrplot.pictures.clearance import Clearance
from lrplot.pictures.labels import _apart
from lrplot.pictures.layout import Layout
from tests.pictures import collisions, curve, drawn, lines_in, texts, words

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


def box_of(figure, name):
    """Left, bottom, right and top of the one text that is a name."""
    ((_, box),) = [(text, box) for text, box in texts(figure) if text == name]
    return box


def gaps(figure, box):
    """How far a box is above or below each line of the first panel, where it is beside them, in pixels."""
    found = []
    for line in lines_in(figure.axes[0]):
        x, y = figure.axes[0].transData.transform(numpy.column_stack(line.get_data(orig=False))).T
        x, y = (numpy.interp(numpy.linspace(0, len(x) - 1, 5000), numpy.arange(len(x)), each) for each in (x, y))
        beside = y[(x >= box[0]) & (x <= box[2])]
        found.append(max(box[1] - beside.max(), beside.min() - box[3]))
    return found


def test_curves_that_end_together_are_named_where_they_are_furthest_apart():
    together = [curve("polynomial", total_iters=99, power=power, label=f"to the {power}") for power in (0.3, 1.0, 3.0)]
    figure = drawn(*together)
    panel = figure.axes[0].get_window_extent()
    for i, one in enumerate(together):
        box = box_of(figure, one.run.label)
        assert panel.x0 < box[0] and box[2] < panel.x1, "in the panel"
        away = gaps(figure, box)
        assert 0 < away[i] < 30 < min(away[:i] + away[i + 1 :]), "beside its own line, and far from the others"
    assert collisions(figure) == []


def test_curves_that_end_apart_are_named_at_their_ends_and_so_are_those_that_go_together():
    def beyond(figure, name):
        return box_of(figure, name)[0] > figure.axes[0].get_window_extent().x1

    apart = drawn(curve("cosine", T_max=100, label="slow"), curve("exponential", gamma=0.99, label="steady"))
    assert beyond(apart, "slow") and beyond(apart, "steady")
    alike = drawn(*(curve("constant", factor=1.0, label=name) for name in "abc"))
    assert all(beyond(alike, name) for name in "abc")


def test_a_place_is_beside_its_line_and_away_from_all_others():
    x = numpy.arange(400.0)
    clearance = Clearance(Bbox([[0, 0], [400, 200]]), [(x, 100 + 0 * x), (x, numpy.where(x < 200, 110, 180))], gap=5)
    left, bottom, right, top = clearance.best(0, 60, 20)
    assert (bottom, top) == (105, 125) and left >= 200 and right <= 400
    clearance.take(numpy.array([200, 100, 400, 130]))
    assert clearance.best(0, 60, 20)[[1, 3]].tolist() == [75, 95]
    clearance.take(numpy.array([0, 70, 400, 100]))
    assert clearance.best(0, 60, 20) is None


def named_events(figure, word):
    return sorted(text for text in words(figure) if text.startswith(word))


@pytest.mark.parametrize("count", range(1, 9))
def test_of_a_kind_of_event_all_are_named_or_the_first_with_its_count(count):
    figure = drawn(curve("warm-restarts", T_0=20, steps=20 * (count + 1)), size="8x4.67in", dpi=60)
    assert named_events(figure, "restart") in (["restart"] * count, [f"restart, {count} times"])
    if count > 4:
        assert named_events(figure, "restart") == [f"restart, {count} times"]


def test_events_of_a_kind_whose_numbers_differ_are_counted_by_their_word():
    assert "drop, 8 times" in words(drawn(curve("lambda", lr_lambda="1 / (1 + epoch // 12)")))


def test_the_start_of_a_decay_is_marked_and_named():
    figure = drawn(curve("lambda", lr_lambda="1 if epoch < 60 else 1 - (epoch - 59) / 50"))
    (marks,) = [line for line in figure.axes[0].lines if line.get_label() == "_events"]
    assert list(marks.get_xdata()) == [59]
    assert "decay starts" in words(figure)


def test_the_first_is_named_at_its_own_step():
    figure = drawn(curve("multistep", milestones=list(range(10, 90, 10)), gamma=0.9))
    x, _ = figure.axes[0].transData.transform((10, 0.0009))
    assert abs(box_of(figure, "drop ×0.9, 8 times")[0] - x) < 30


def test_a_picture_of_two_panels_has_room_for_a_name_above_a_peak():
    figure = drawn(curve("onecycle", max_lr=0.1, total_steps=100))
    _, y = figure.axes[0].transData.transform((29, 0.1))
    assert box_of(figure, "peak")[1] > y


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


@pytest.mark.parametrize("count, size", [(5, 15), (14, 15), (18, 12.75), (22, 10.5), (50, 10.5)])
def test_a_long_title_is_set_smaller_rather_than_cut(count, size):
    text = " ".join(f"word{i:03}" for i in range(count))
    block = LAYOUT.type.fitted(text, FontProperties(size=15), 7.7, 1.2)
    assert " ".join(block.lines) == text and block.font.get_size_in_points() == size
    assert all(LAYOUT.type.measure(line, block.font) <= 7.7 for line in block.lines)


def test_the_lines_of_a_title_are_balanced():
    text = "The learning rate of a run whose title is just a little longer than a line of the picture has room for"
    first, second = (LAYOUT.type.measure(line, FontProperties(size=15)) for line in words_in_lines(text))
    assert first / second == pytest.approx(1, abs=0.2)


def words_in_lines(text):
    return LAYOUT.type.wrapped(text, FontProperties(size=15), 7.7)


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
