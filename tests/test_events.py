"""The steps at which a curve turns, against what one would say of it by hand."""

import math
import time
from array import array

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrplot
from lrplot.analysis.turns import MOST, Event, all_events, find_events, happenings
from lrplot.configs.expression import Expression
from lrplot.runs.curve import Curve
from lrplot.runs.run import Run, Spec
from lrplot.runs.simulate import simulate_run
from lrplot.schedulers.families import find


def spec(name, **parameters):
    return Spec(find(name), parameters)


def events_of(spec, lr=1.0, **run):
    (curve,) = simulate_run(Run(spec, {"lr": lr, "momentum": 0.9}, **run))
    return find_events(curve)


def turns(events):
    """Step and kind of all but start and end."""
    return [(event.step, event.kind) for event in events if event.kind not in ("start", "end")]


def curve_of(values):
    """A curve with these rates, as if a LambdaLR had yielded them."""
    run = Run(spec("lambda", lr_lambda=float), steps=len(values))
    return Curve(run, "used", range(len(values)), [array("d", values)], {}, None)


def values_turn(values):
    return turns(find_events(curve_of(values)))


def test_step_drops_at_each_multiple_of_step_size():
    events = events_of(spec("step", step_size=30, gamma=0.5))
    assert turns(events) == [(30, "drop"), (60, "drop"), (90, "drop")]
    assert [(event.value, event.text) for event in events] == [
        (1.0, "start"),
        (0.5, "drop ×0.5"),
        (0.25, "drop ×0.5"),
        (0.125, "drop ×0.5"),
        (0.125, "end"),
    ]


def test_multistep_drops_at_each_milestone_and_after_step_reads_it_one_step_earlier():
    milestones = spec("multistep", milestones=[30, 80])
    assert turns(events_of(milestones)) == [(30, "drop"), (80, "drop")]
    assert turns(events_of(milestones, record=["after-step"])) == [(29, "drop"), (79, "drop")]


def test_get_lr_reads_each_drop_of_step_twice_and_so_spikes():
    events = events_of(spec("step", step_size=30), record=["get_lr"])
    assert turns(events) == [(29, "drop"), (30, "rise"), (59, "drop"), (60, "rise"), (89, "drop"), (90, "rise")]
    assert [event.text for event in events[1:3]] == ["drop ×0.01", "rise ×10"]


def test_a_drop_at_the_last_step_is_told_beside_the_end():
    events = events_of(spec("step", step_size=9), steps=10)
    assert [(event.step, event.kind) for event in events] == [(0, "start"), (9, "drop"), (9, "end")]


@pytest.mark.parametrize("gamma", [0.01, 0.1, 0.5, 0.95, 0.9999])
@pytest.mark.parametrize("steps", [2, 3, 10, 100])
def test_exponential_decay_has_only_start_and_end(gamma, steps):
    assert turns(events_of(spec("exponential", gamma=gamma), steps=steps)) == []


def test_a_decay_that_underflows_is_constant_from_there_on():
    events = events_of(spec("exponential", gamma=0.5), steps=3000)
    assert [kind for _, kind in turns(events)] == ["hold"]
    assert events[1].value < 1e-299


def test_smooth_decays_have_only_start_and_end():
    for smooth in (
        spec("cosine", T_max=100),
        spec("polynomial", total_iters=100),
        spec("polynomial", total_iters=100, power=3.0),
        spec("lambda", lr_lambda=lambda epoch: (epoch + 1) ** -0.5),
        spec("lambda", lr_lambda=lambda epoch: 1 / (epoch + 1) ** 2),
        spec("lambda", lr_lambda=lambda epoch: 1 + math.exp(-2 * epoch)),
    ):
        for steps in (2, 3, 5, 12):
            assert turns(events_of(smooth, steps=steps)) == []


def test_cosine_past_T_max_has_troughs_and_peaks():
    events = events_of(spec("cosine", T_max=20, eta_min=0.1))
    assert turns(events) == [(20, "trough"), (40, "peak"), (60, "trough"), (80, "peak")]
    assert [event.text for event in events] == ["start", "lowest", "peak", "lowest", "peak", "end"]
    assert events[1].value == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize("T_0", [3, 5, 10, 33])
def test_warm_restarts_restart_every_T_0_epochs_from_a_foot(T_0):
    events = events_of(spec("warm-restarts", T_0=T_0))
    assert [event.step for event in events if event.kind == "restart"] == list(range(T_0, 100, T_0))
    assert [event.step for event in events if event.kind == "foot"] == list(range(T_0 - 1, 99, T_0))
    assert {event.kind for event in events} == {"start", "restart", "foot", "end"}


def test_warm_restarts_with_T_mult_lengthen():
    events = events_of(spec("warm-restarts", T_0=10, T_mult=2))
    assert [event.step for event in events if event.kind == "restart"] == [10, 30, 70]


def test_onecycle_has_one_peak():
    events = events_of(spec("onecycle", max_lr=0.1, total_steps=100))
    assert turns(events) == [(29, "peak")]
    assert events[1].value == 0.1


def test_cyclic_has_a_peak_each_cycle_and_calls_none_of_them_a_warm_up():
    events = events_of(spec("cyclic", base_lr=0.001, max_lr=0.01, step_size_up=10, step_size_down=30))
    assert turns(events) == [(10, "peak"), (40, "trough"), (50, "peak"), (80, "trough"), (90, "peak")]


def test_the_higher_peak_is_labelled_first():
    events = events_of(spec("cyclic", base_lr=0.001, max_lr=0.01, step_size_up=10, mode="triangular2"))
    peaks = [event for event in events if event.kind == "peak"]
    assert len(peaks) == 5
    assert sorted(peaks, key=lambda event: event.rank) == sorted(peaks, key=lambda event: -event.value)


def test_plateau_names_its_reductions():
    metrics = array("d", [1.0] * 13)
    events = events_of(spec("plateau", factor=0.1, patience=3), steps=13, metrics=metrics)
    assert [(event.step, event.text) for event in events if event.kind == "drop"] == [
        (5, "reduced ×0.1"),
        (9, "reduced ×0.1"),
    ]


def test_warm_up_ends_where_the_rise_from_the_start_ends():
    cosine = spec(
        "sequential",
        schedulers=[spec("linear", start_factor=0.1, total_iters=5), spec("cosine", T_max=95)],
        milestones=[5],
    )
    for warm_up in (
        cosine,
        spec("linear"),
        spec("constant"),
        spec("lambda", lr_lambda=lambda epoch: min((epoch + 1) / 6, (6 / (epoch + 1)) ** 0.5)),
    ):
        events = events_of(warm_up)
        assert turns(events) == [(5, "warm-up end")]
        assert events[1].value == pytest.approx(1.0) and events[1].text == "warm-up ends" and events[1].rank == 0


def test_rises_alike_are_no_warm_up():
    assert values_turn([0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]) == [(3, "peak"), (6, "trough"), (9, "peak")]


def test_warm_up_hold_and_decay():
    stable = spec("lambda", lr_lambda=lambda epoch: min(1, (epoch + 1) / 10, (100 - epoch) / 20))
    assert turns(events_of(stable)) == [(9, "warm-up end"), (80, "fall")]


def test_polynomial_is_constant_from_total_iters_on():
    events = events_of(spec("polynomial", total_iters=50))
    assert turns(events) == [(50, "hold")]
    assert events[1].text == "constant" and events[1].value == 0.0


def test_sequential_hands_over_at_a_milestone_where_only_the_slope_changes():
    parts = [
        spec("linear", start_factor=1.0, end_factor=0.5, total_iters=20),
        spec("linear", start_factor=0.5, end_factor=0.0, total_iters=50),
    ]
    kinked = spec("sequential", schedulers=parts, milestones=[20])
    assert turns(events_of(kinked)) == [(20, "milestone"), (70, "hold")]
    assert turns(events_of(kinked, record=["after-step"])) == [(19, "milestone"), (69, "hold")]
    assert turns(events_of(kinked, steps=500, steps_per_epoch=5, interval="epoch")) == [
        (100, "milestone"),
        (350, "hold"),
    ]


def test_a_chain_of_constant_and_exponential_rises_once():
    events = events_of(
        spec("chained", schedulers=[spec("constant", factor=0.1, total_iters=5), spec("exponential", gamma=0.95)])
    )
    assert turns(events) == [(4, "foot"), (5, "rise")]


def test_stairs_of_a_smooth_schedule_are_no_drops_but_drops_of_a_staircase_are():
    for record in ("used", "after-step"):
        assert (
            turns(events_of(spec("cosine", T_max=10), steps=100, steps_per_epoch=10, interval="epoch", record=[record]))
            == []
        )
    stairs = spec("step", step_size=3)
    assert turns(events_of(stairs, steps=100, steps_per_epoch=10, interval="epoch")) == [
        (30, "drop"),
        (60, "drop"),
        (90, "drop"),
    ]


def test_steps_count_from_where_a_resumed_run_begins():
    run = Run(spec("step", step_size=30, last_epoch=20), {"lr": 1.0, "initial_lr": 1.0}, steps=50)
    (curve,) = simulate_run(run)
    events = find_events(curve)
    first = curve.steps.start
    assert first > 0
    assert [event.step for event in events] == [
        first,
        *(step for step in (30, 60) if first < step < first + 50),
        first + 49,
    ]


def test_a_constant_and_a_single_step_have_only_start_and_end():
    for values in ([0.1], [0.1] * 50, [0.0, 0.0], [-1.0, -1.0, -1.0], [1.0, 0.5]):
        assert [event.kind for event in find_events(curve_of(values))] == ["start", "end"]


def test_rounding_is_no_turn():
    wiggles = [0.1 + 1e-17 * (i % 3) for i in range(50)]
    assert values_turn(wiggles) == []
    noisy = [(1 - i / 100) * (1 + 1e-15 * (-1) ** i) for i in range(100)]
    assert values_turn(noisy) == []


def test_a_rate_that_is_no_number_is_told_and_the_rest_is_still_read():
    values = [1.0] * 30 + [0.5] * 20 + [math.nan] * 10 + [0.5] * 10
    assert values_turn(values) == [(30, "drop"), (50, "nan")]
    texts = [event.text for event in find_events(curve_of([1.0, math.inf, -math.inf]))]
    assert texts == ["start", "infinite", "end"]
    assert values_turn([math.nan]) == [(0, "nan")]


def test_a_drop_to_zero_has_no_factor():
    assert [event.text for event in find_events(curve_of([1.0, 1.0, 1.0, 0.0, 0.0, 0.0]))] == [
        "start",
        "drop to 0",
        "end",
    ]


def test_each_group_has_its_own_events():
    run = Run(
        spec("lambda", lr_lambda=[lambda epoch: 1.0, lambda epoch: 1.0 if epoch < 10 else 0.5]),
        {"lr": [1.0, 2.0]},
        steps=20,
    )
    (curve,) = simulate_run(run)
    assert turns(find_events(curve)) == []
    assert turns(find_events(curve, 1)) == [(10, "drop")]


def test_of_countless_turns_the_first_of_the_most_telling_are_kept_with_both_ends():
    zigzag = [float(i % 4) for i in range(60_000)]
    events = find_events(curve_of(zigzag))
    assert len(events) == MOST
    assert (events[0].kind, events[-1].kind, events[-1].step) == ("start", "end", 59_999)


def test_a_million_steps_are_read_in_a_moment():
    curve = curve_of(0.5 * (1 + numpy.cos(numpy.arange(1_000_000) / 5000)))
    started = time.process_time()
    events = find_events(curve)
    assert len(turns(events)) == int(1_000_000 / 5000 / math.pi)
    assert time.process_time() - started < 1


rates = st.floats(-1e3, 1e3) | st.sampled_from([0.0, 1e-300, 1e300, math.nan, math.inf, -math.inf, 5e-324])


@given(st.lists(rates, min_size=1, max_size=60))
def test_events_are_in_order_on_the_curve_and_ranked_without_gaps(values):
    events = find_events(curve_of(values))
    assert [event.step for event in events] == sorted(event.step for event in events)
    assert sorted(event.rank for event in events) == list(range(len(events)))
    assert [event.kind for event in events if event.kind in ("start", "end")] == ["start", "end"]
    for event in events:
        assert isinstance(event, Event) and isinstance(event.step, int)
        assert event.value == values[event.step] or math.isnan(values[event.step])


@given(st.lists(st.integers(0, 20), min_size=3, max_size=40), st.integers(-40, 40).map(lambda power: 2.0**power))
def test_events_do_not_depend_on_the_unit(values, unit):
    assert values_turn([value * unit for value in values]) == values_turn([float(value) for value in values])


@given(st.lists(st.floats(0.001, 1.0), min_size=2, max_size=50))
def test_a_rate_that_only_falls_never_rises_peaks_or_restarts(values):
    falling = sorted(values, reverse=True)
    assert {kind for _, kind in values_turn(falling)} <= {"drop", "hold", "fall"}


def test_a_curve_is_constant_where_it_does_not_move_at_any_scale() -> None:
    decay = lrplot.simulate("exponential", gamma=0.9, steps=6600)
    assert 0 < decay.rates[0][-1] < 1e-300
    assert [event.text for event in find_events(decay)] == ["start", "end"]


# Events that the scheduler tells.


def happens(spec, lr=1.0, **run):
    (curve,) = simulate_run(Run(spec, {"lr": lr}, **run))
    return happenings(curve)


def test_six_reductions_in_a_row_are_six():
    events = all_events(*simulate_run(plateau_run([1.0] * 8, patience=0)))
    assert [(event.step, event.text) for event in events if event.kind == "drop"] == [
        (step, "reduced ×0.1") for step in range(2, 8)
    ]


def test_a_reduction_carries_the_metric_that_led_to_it_and_one_left_undone_is_told():
    losses = [900, 500, 310, 320, 250, 255, 290, 270, 260, 180, 210, 205]
    events = all_events(*simulate_run(plateau_run(losses, 1e-3, patience=0)))
    told = [(event.step, event.text, event.action.metric) for event in events if event.action]
    assert told == [
        *((step, "reduced ×0.1", metric) for step, metric in ((4, 320), (6, 255), (7, 290), (8, 270), (9, 260))),
        (11, "reduction left undone (eps)", 210),
    ]
    assert "constant" not in {event.text for event in events}


def plateau_run(metrics, lr=1.0, **parameters):
    return Run(spec("plateau", **parameters), {"lr": lr}, steps=len(metrics), metrics=array("d", metrics))


@given(
    st.lists(st.sampled_from([1.0, 0.9, 0.5, 0.1]), min_size=2, max_size=40),
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from([0.1, 0.5, 0.9]),
    st.lists(st.sampled_from([0.0, 0.03, 0.5]), min_size=2, max_size=2),
    st.sampled_from(["used", "after-step"]),
)
def test_each_reduction_of_a_plateau_is_an_event_of_its_group(metrics, patience, cooldown, factor, min_lr, record):
    run = plateau_run(metrics, [1.0, 0.1], patience=patience, cooldown=cooldown, factor=factor, min_lr=min_lr)
    (curve,) = simulate_run(run.but(record=[record]))
    reduced = [(event.step, event.group) for event in all_events(curve) if event.kind == "drop"]
    changes = [
        (step, group)
        for step in range(1, len(curve))
        for group, rates in enumerate(curve.rates)
        if rates[step] != rates[step - 1]
    ]
    assert reduced == changes


def test_drops_at_milestones_in_a_row_are_all_told_and_those_that_change_nothing_are_not():
    drops = happens(spec("multistep", milestones=[30, 31, 32, 60, 60, 99, 100], gamma=0.5))
    assert drops == {
        0: "start",
        **dict.fromkeys((30, 31, 32), "drop ×0.5"),
        60: "drop ×0.25",
        99: "drop ×0.5, end",
    }
    assert happens(spec("multistep", milestones=[30], gamma=1.0)) == {0: "start", 99: "end"}
    grows = spec("chained", schedulers=[spec("step", step_size=2, gamma=1.0), spec("exponential", gamma=0.9)])
    assert happens(grows) == {0: "start", 99: "end"}


@given(
    st.lists(st.integers(1, 30), max_size=6),
    st.sampled_from([0.1, 0.5, 0.95, 1.0, 2.0]),
    st.sampled_from([1, 4]),
    st.sampled_from(["used", "after-step"]),
    st.integers(-1, 10),
)
def test_each_event_of_a_staircase_is_where_the_rate_changes(milestones, gamma, batches, record, last_epoch):
    staircase = spec("multistep", milestones=milestones, gamma=gamma, last_epoch=last_epoch)
    clock = {"steps_per_epoch": batches, "interval": "epoch"}
    run = Run(staircase, {"lr": 1.0, "initial_lr": 1.0}, steps=20 * batches, record=[record], **clock)
    (curve,) = simulate_run(run)
    rates = curve.rates[0]
    changes = [curve.steps[i] for i in range(1, len(curve)) if rates[i] != rates[i - 1]]
    assert [event.step for event in find_events(curve) if event.kind in ("drop", "rise")] == changes


def test_a_restart_at_the_last_step_is_told():
    assert happens(spec("warm-restarts", T_0=20), steps=41)[40] == "restart, end"


def test_a_chain_drops_by_the_factor_of_its_step_and_what_is_undone_is_not_told():
    drops = spec("chained", schedulers=[spec("cosine", T_max=100), spec("step", step_size=30, gamma=0.5)])
    assert {step: text for step, text in happens(drops).items() if step % 99} == {
        30: "drop ×0.5",
        60: "drop ×0.5",
        90: "drop ×0.5",
    }
    undone = spec("chained", schedulers=[spec("step", step_size=10, gamma=0.5), spec("warm-restarts", T_0=10)])
    assert happens(undone, steps=15) == {0: "start", 9: "lowest", 10: "restart", 14: "end"}


def test_a_phase_that_ends_with_a_bend_alone_is_told():
    three = spec("onecycle", max_lr=0.4, total_steps=5000, three_phase=True)
    assert happens(three, steps=5000) == {0: "start", 1499: "peak", 2998: "phase ends", 4999: "end"}


def test_a_sequence_tells_the_drops_of_its_members_at_its_own_steps():
    parts = [spec("linear", total_iters=5), spec("step", step_size=3, gamma=0.5)]
    assert happens(spec("sequential", schedulers=parts, milestones=[5]), steps=13) == {
        0: "start",
        5: "warm-up ends",
        8: "drop ×0.5",
        11: "drop ×0.5",
        12: "end",
    }


def test_a_jump_at_a_handover_is_a_rise_and_one_that_goes_on_is_none():
    parts = [spec("exponential", gamma=0.9), spec("exponential", gamma=0.5)]
    jump = spec("sequential", schedulers=parts, milestones=[20])
    assert [event.kind for event in all_events(*simulate_run(Run(jump, {"lr": 1.0}, steps=30)))][1:3] == [
        "foot",
        "restart",
    ]


def test_a_warm_up_by_steps_over_a_line_by_epochs_is_told_for_its_own_groups():
    line = "(max(1-(epoch//5)/100, 0)*0.9+0.1)"
    bias = f"0.1/1e-4 + ({line} - 0.1/1e-4) * epoch/100 if epoch <= 100 else {line}"
    factors = [Expression(text) for text in (bias, *[f"{line} * min(epoch/100, 1)"] * 2)]
    (curve,) = simulate_run(Run(spec("lambda", lr_lambda=factors), {"lr": [1e-4] * 3}, steps=500, steps_per_epoch=5))
    assert happenings(curve) == {0: "start", 99: "warm-up ends (groups 1-2)", 499: "end"}
    assert [event.group for event in all_events(curve) if event.kind == "warm-up end"] == [1, 2]


def test_stairs_of_a_function_by_epochs_are_a_curve_but_a_drop_of_it_is_a_drop():
    stairs = Expression("cos(epoch // 50 / 20 * pi / 2) * (1 if epoch < 500 else 0.1)")
    (curve,) = simulate_run(Run(spec("lambda", lr_lambda=stairs), {"lr": 1.0}, steps=1000, steps_per_epoch=50))
    assert [event.step for event in find_events(curve)] == [0, 500, 999]
    single = Expression("0.1 ** (epoch // 300)")
    (curve,) = simulate_run(Run(spec("lambda", lr_lambda=single), {"lr": 1.0}, steps=1000, steps_per_epoch=50))
    assert turns(find_events(curve)) == [(300, "drop"), (600, "drop"), (900, "drop")]


def test_a_dip_too_small_to_be_seen_is_no_turn():
    rise = [float(i) for i in range(100)]
    rise[50] = 48.99
    assert values_turn([*rise, *reversed(rise)]) == [(99, "warm-up end")]


def test_only_the_lowest_of_the_minima_is_called_lowest():
    events = find_events(curve_of([3.0, 2.0, 3.0, 4.0, 3.0, 1.0, 2.0, 3.0]))
    assert [event.text for event in events if event.kind == "trough"] == ["low", "lowest"]
    bottoms = all_events(*simulate_run(Run(spec("cosine", T_max=20), {"lr": 0.3}, steps=300)))
    assert {event.text for event in bottoms if event.kind == "trough"} == {"lowest"}


def test_a_long_curve_looked_at_here_and_there_has_its_told_events_to_the_step():
    (curve,) = simulate_run(Run(spec("multistep", milestones=[7777, 33_333]), {"lr": 1.0}, steps=50_000))
    assert [(event.step, event.text, event.value) for event in find_events(curve, stride=12)] == [
        (0, "start", 1.0),
        (7777, "drop ×0.1", 0.1),
        (33_333, "drop ×0.1", 0.1 * 0.1),
        (49_999, "end", 0.1 * 0.1),
    ]
