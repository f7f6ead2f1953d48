"""Facets: a panel for each curve or parameter group, on a canvas that grows with them."""

import numpy
import pytest

from lrplot.parameters import Refusal
from lrplot.pictures.look import Look
from tests.pictures import collisions, curve, drawn, lines_in, texts, words

COARSE = {"facet": True, "dpi": 40.0}
STEPS = [curve("step", step_size=size) for size in range(3, 15)]


def titles_of(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]


@pytest.mark.parametrize("count, height", [(2, 4.67), (7, 5.7), (12, 7.2)])
def test_the_canvas_grows_until_each_facet_can_be_read(count, height):
    figure = drawn(*STEPS[:count], facet=True)
    inches = figure.get_size_inches()
    assert inches == pytest.approx((8, height), abs=0.01)
    panels = numpy.array([axes.get_position().size * inches for axes in figure.axes])
    assert len(panels) == count and (panels > (1.8, 0.8)).all()
    assert collisions(figure) == []


def test_a_size_that_is_asked_for_is_kept():
    assert drawn(*STEPS, size="900x600", **COARSE).get_size_inches() == pytest.approx((22.5, 15))


def test_a_hundred_facets_stay_below_the_limit_of_pixels():
    inches = Look(facet=True, dpi=1200.0).sized(100, 2).inches
    assert inches.width * inches.height * 1200**2 < 36.1e6


def test_titles_keep_what_differs_and_the_rest_is_told_once():
    common = {"total_steps": 100, "pct_start": 0.25, "final_div_factor": 1000.0}
    curves = [curve("onecycle", max_lr=0.1, div_factor=float(div), **common) for div in (25, 26, 27, 28, 29, 30)]
    figure = drawn(*curves, parameter="lr", **COARSE)
    assert titles_of(figure) == ["OneCycleLR", *(f"div_factor={div}.0" for div in (26, 27, 28, 29, 30))]
    assert {"max_lr=0.1, total_steps=100, pct_start=0.25, final_div_factor=1000.0"} < set(words(figure))


def test_a_title_that_is_too_long_takes_two_lines_of_smaller_type():
    names = [f"the run of the {day} of November on the new cluster" for day in ("seventh", "eighth", "ninth")]
    figure = drawn(*(step.but(run=step.run.but(label=name)) for step, name in zip(STEPS, names)), **COARSE)
    assert [" ".join(title.split()) for title in titles_of(figure)] == names
    assert collisions(figure) == []


def test_facets_that_differ_in_their_rate_alone_are_called_by_it():
    figure = drawn(*(curve("exponential", gamma=0.9, lr=lr) for lr in (0.1, 0.01)), **COARSE)
    assert titles_of(figure) == ["lr=0.1", "lr=0.01"] and "gamma=0.9" in words(figure)


def test_with_a_free_y_axis_each_curve_fills_its_panel():
    curves = [curve("exponential", gamma=0.9, lr=10.0**-i) for i in range(4)]
    shared, free = (drawn(*curves, free_y=free, **COARSE) for free in (False, True))
    assert {axes.get_ylim()[1] for axes in shared.axes} == {1.12}
    assert [axes.get_ylim()[1] for axes in free.axes] == pytest.approx([1.12 * 10.0**-i for i in range(4)])
    assert collisions(free) == []
    assert drawn(*curves, y_range=[0, 0.5], free_y=True, **COARSE).axes[3].get_ylim() == (0, 0.5)


def test_a_free_y_axis_is_for_facets():
    with pytest.raises(Refusal, match="free_y is about the panels of facets: ask for facet too"):
        Look(free_y=True)


def test_rate_and_momentum_are_both_drawn_where_both_are_asked_for():
    cycles = [curve("onecycle", max_lr=0.1, total_steps=100), curve("cyclic", base_lr=0.001, max_lr=0.1)]
    figure = drawn(*cycles, STEPS[0], parameter="both", **COARSE)
    assert len(figure.axes) == 5  # StepLR leaves the momentum alone
    assert [axes.get_ylabel() for axes in figure.axes] == ["learning rate", "momentum", "", "", ""]
    (first,) = lines_in(figure.axes[1])
    assert min(first.get_ydata()) == pytest.approx(0.85)
    rate, momentum = (axes.get_position() for axes in figure.axes[:2])
    assert rate.x0 == momentum.x0 and rate.y0 > momentum.y1
    assert len(drawn(*cycles, **COARSE).axes) == 2
    assert collisions(figure) == []


def test_facets_of_rate_and_momentum_without_room_are_refused():
    cycles = [curve("onecycle", max_lr=0.1, total_steps=size) for size in range(20, 32)]
    with pytest.raises(Refusal, match="facet has no room for 2 columns in 12 panels"):
        drawn(*cycles, facet=True, parameter="both", size="400x300")


def test_each_parameter_group_has_a_facet():
    figure = drawn(curve("exponential", gamma=0.9, lr=[0.1, 0.01, 0.05]), **COARSE)
    assert titles_of(figure) == ["group 0, lr=0.1", "group 1, lr=0.01", "group 2, lr=0.05"]
    assert [lines_in(axes)[0].get_ydata()[0] for axes in figure.axes] == [0.1, 0.01, 0.05]
    two = drawn(curve("exponential", gamma=0.9, lr=[0.1, 0.01], label="a"), STEPS[0], **COARSE)
    assert titles_of(two) == ["a, group 0, lr=0.1", "a, group 1, lr=0.01", "StepLR(step_size=3)"]


def test_one_curve_needs_no_facets():
    assert [axes.get_title(loc="left") for axes in drawn(STEPS[0], **COARSE).axes] == [""]


def test_a_band_in_a_facet_says_how_many_cycles_it_has():
    curves = [curve("warm-restarts", T_0=size, steps=3_000) for size in (10, 12)]
    assert [text for text, _ in texts(drawn(*curves, facet=True)) if "cycles" in text] == ["300 cycles", "250 cycles"]
