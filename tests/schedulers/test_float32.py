"""Optax's schedules and Keras's: their recorded values, and what there is to know beside them: traps, refusals, names."""

import json
import math
import shlex
from pathlib import Path
from typing import Any

import pytest

import lrplot
from lrplot.configs.document import ConfigError, parse
from lrplot.configs.sources import build
from lrplot.parameters import Refusal
from lrplot.schedulers.families import find, members
from lrplot.schedulers.float32 import Schedule
from lrplot.schedulers.optimizer import Optimizer
from tests.command import lrplot as command
from tests.command import ok
from tests.each import each

GOLDEN = Path(__file__).parents[1] / "golden" / "float32.json"
Record = dict[str, Any]


def records() -> list[Record]:
    """Every golden case, its mappings of steps as they were before they were JSON."""
    found: list[Record] = json.loads(GOLDEN.read_text())
    for record in found:
        scales = record["given"].get("boundaries_and_scales")
        if scales is not None:
            record["given"]["boundaries_and_scales"] = {int(step): scale for step, scale in scales.items()}
    return found


def made(name: str, **given: Any) -> Any:
    members = [made(f"optax.{member}", **parameters) for member, parameters in given.get("schedules", ())]
    return find(name)(Optimizer(lr=0.1), **{**given, "schedules": members} if members else given)


def told(record: Record) -> str:
    return (
        f"{record['name']}({', '.join(f'{key}={value}' for key, value in record['given'].items() if key != 'metrics')})"
    )


RECORDS = records()
ACCEPTED = [record for record in RECORDS if record["rates"] is not None]


@each(ACCEPTED, told)
def test_every_recorded_rate_is_met_to_an_ulp_of_the_peak(record: Record) -> None:
    given = dict(record["given"])
    metrics = given.pop("metrics", ())
    scheduler, rates = made(record["name"], **given), record["rates"]
    ours = scheduler.advance(len(rates) - 1, metrics=metrics)[0].rates.tolist()
    peak = max(abs(rate) for rate in rates if math.isfinite(rate))
    for own, rate in zip(ours, rates, strict=True):
        same = repr(own) == repr(rate) or own == rate
        assert same or abs(own - rate) <= 2.0 ** (math.frexp(peak)[1] - 24)


def test_nearly_all_recorded_rates_are_met_to_the_bit() -> None:
    pairs = [
        pair
        for record in ACCEPTED
        if "metrics" not in record["given"]
        for pair in zip(made(record["name"], **record["given"]).advance(23)[0].rates, record["rates"], strict=True)
    ]
    off = [pair for pair in pairs if repr(pair[0]) != repr(pair[1]) and pair[0] != pair[1]]
    assert len(off) <= 0.002 * len(pairs), off


@each([record for record in RECORDS if record["rates"] is None], told)
def test_what_the_original_refuses_is_refused(record: Record) -> None:
    given = {key: value for key, value in record["given"].items() if key != "metrics"}
    with pytest.raises(Refusal):
        made(record["name"], **given)


def test_the_cases_cover_both_families() -> None:
    assert {record["name"] for record in RECORDS} == {
        cls.shown_name for family in ("optax", "keras") for cls in members(family).values()
    }


def rates(name: str, steps: int, digits: int = 6, **given: Any) -> list[float]:
    return [round(rate, digits) for rate in lrplot.simulate(name, steps=steps, **given).lr.tolist()]


# What the same word means in each.


def test_decay_steps_includes_the_warm_up_in_optax_and_starts_after_it_in_keras() -> None:
    in_optax = rates(
        "optax.warmup_cosine_decay_schedule", 9, 4, init_value=0, peak_value=1, warmup_steps=2, decay_steps=6
    )
    in_keras = rates(
        "keras.CosineDecay", 9, 4, initial_learning_rate=0.0, warmup_target=1, warmup_steps=2, decay_steps=6
    )
    assert in_optax.index(0.0, 1) == 6 and in_keras.index(0.0, 1) == 8
    with pytest.raises(Refusal, match="decay_steps must be more than warmup_steps, 5, for the warm-up is part of it"):
        made("optax.warmup_cosine_decay_schedule", init_value=0.0, peak_value=1.0, warmup_steps=5, decay_steps=5)
    after = {"init_value": 0, "peak_value": 1, "warmup_steps": 2, "transition_steps": 1, "decay_rate": 0.5}
    assert rates("optax.warmup_exponential_decay_schedule", 5, **after) == [0.0, 0.5, 1.0, 0.5, 0.25]


def test_a_boundary_belongs_to_the_new_value_in_optax_and_to_the_old_one_in_keras() -> None:
    assert rates("optax.piecewise_constant_schedule", 5, init_value=1, boundaries_and_scales={3: 0.1}) == [
        1.0,
        1.0,
        1.0,
        0.1,
        0.1,
    ]
    assert rates("keras.PiecewiseConstantDecay", 5, boundaries=[3], values=[1.0, 0.1]) == [1.0, 1.0, 1.0, 1.0, 0.1]


def test_alpha_is_a_fraction_and_end_value_a_rate() -> None:
    assert rates("optax.cosine_decay_schedule", 4, init_value=0.5, decay_steps=3, alpha=0.1)[3] == 0.05
    cycle = {"init_value": 0, "peak_value": 0.5, "warmup_steps": 1, "decay_steps": 3, "end_value": 0.1}
    assert rates("optax.warmup_cosine_decay_schedule", 4, **cycle)[3] == 0.1
    assert rates("keras.CosineDecay", 4, initial_learning_rate=0.5, decay_steps=3, alpha=0.1)[3] == 0.05


def test_without_a_length_optax_holds_the_first_rate_and_the_cosine_begins_at_its_peak() -> None:
    assert rates("optax.warmup_constant_schedule", 3, init_value=0, peak_value=1, warmup_steps=0) == [0.0] * 3
    cycle = {"init_value": 0, "peak_value": 1, "warmup_steps": 0, "decay_steps": 4}
    assert rates("optax.warmup_cosine_decay_schedule", 1, **cycle) == [1.0]


def test_a_joined_schedule_counts_from_its_boundary_and_nothing_joins_the_rates() -> None:
    ramp = "optax.linear_schedule init_value=0 end_value=1 transition_steps=3"
    joined = rates("optax.join_schedules", 4, schedules=[ramp, "optax.constant_schedule value=1"], boundaries=[2])
    assert joined == [0.0, 0.333333, 1.0, 1.0]
    assert find("optax.join_schedules").handovers({"boundaries": (2,)}) == [2]
    scales = {"init_value": 1, "boundaries_and_scales": {1: 0.5, 2: 0.5}}
    assert rates("optax.piecewise_constant_schedule", 3, **scales) == [1.0, 0.5, 0.25]


def test_one_cycle_ends_a_step_after_the_run() -> None:
    cycle = rates("optax.linear_onecycle_schedule", 11, transition_steps=10, peak_value=1)
    assert cycle[8:] == [0.04, 0.020002, 4e-06]
    assert cycle.index(max(cycle)) == 3


def test_what_is_drawn_is_the_value_out_of_jit() -> None:
    falling = {"init_value": 0.1, "end_value": 0, "transition_steps": 21}
    assert rates("optax.polynomial_schedule", 23, 12, power=0.5, **falling)[21:] == [0.0, 0.0]
    assert rates("optax.linear_schedule", 23, 12, **falling)[21:] == [0.0, 0.0]
    stairs = {"init_value": 1, "transition_steps": 41, "decay_rate": 0.5, "staircase": True}
    assert rates("optax.exponential_decay", 42, **stairs)[40:] == [1.0, 0.5]


def test_keras_needs_a_target_to_warm_up_and_says_where_a_decay_ends() -> None:
    plain = rates("keras.CosineDecay", 6, initial_learning_rate=1.0, decay_steps=4)
    assert rates("keras.CosineDecay", 6, initial_learning_rate=1.0, decay_steps=4, warmup_steps=3) == plain
    rising = rates("keras.PolynomialDecay", 5, initial_learning_rate=5e-5, decay_steps=4)
    assert rising == [5e-05, 6.2e-05, 7.5e-05, 8.7e-05, 0.0001]
    tops = rates(
        "keras.PolynomialDecay", 10, 4, initial_learning_rate=1.0, decay_steps=4, end_learning_rate=0, cycle=True
    )
    assert (tops[4], tops[5], tops[9]) == (0.0, 0.375, 0.25)
    restarts = rates("keras.CosineDecayRestarts", 8, initial_learning_rate=1.0, first_decay_steps=2)
    assert [step for step in range(1, 8) if restarts[step] > restarts[step - 1]] == [2, 6]


def test_keras_plateau_reduces_at_its_patience_where_torch_does_after_it() -> None:
    metrics = [1.0] * 8
    given = {"factor": 0.5, "patience": 2, "metrics": metrics, "steps": 8, "lr": 1.0}
    assert lrplot.simulate("keras.ReduceLROnPlateau", **given).lr.tolist() == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125]
    assert lrplot.simulate("plateau", **given).lr.tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25]
    assert lrplot.simulate("keras.ReduceLROnPlateau", lr=0.01, metrics=metrics).lr[0] == 0.009999999776482582
    said = ok(
        "keras.ReduceLROnPlateau", "--patience", "2", "--cooldown", "2", "--metrics", "1", "-n", "8", "--why", "-q"
    )
    assert "reduced" in said and "cooldown" in said


# Whose the rate is, and what they are made of.


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("optax.constant_schedule --value 1 --lr 7", "--lr is not for optax.constant_schedule, which has its rates as"),
        ("keras.ReduceLROnPlateau --metrics 1 --lr 1 --lr 2", "--lr must be one: keras.ReduceLROnPlateau has"),
        ("optax.constant_schedule --value 1 --record get_lr -o -", "optax.constant_schedule has no get_lr()"),
        ("optax.piecewise_constant_schedule --init-value 1 --boundaries-and-scales 3:-1", "--boundaries-and-scales must be at least 0, got -1"),
        ("optax.piecewise_constant_schedule --init-value 1 --boundaries-and-scales 3", "must be a mapping of steps to"),
        ("optax.piecewise_constant_schedule --init-value 1 --boundaries-and-scales 3:1,3:2", "must be a mapping of steps to"),
        ("optax.sgdr_schedule --cosine-kwargs peak", "must be a mapping of init_value, peak_value"),
        ("optax.sgdr_schedule --cosine-kwargs peak=1", "unknown key 'peak'"),
        ("optax.join_schedules 'cosine T_max=3' --boundaries 3", "names CosineAnnealingLR, no schedule of optax: did you"),
        ("sequential 'optax.constant_schedule value=1' constant --milestones 3", "is optax.constant_schedule, which is no"),
        ("chained 'keras.InverseTimeDecay initial_learning_rate=1.0 decay_steps=1 decay_rate=1'", "is no scheduler of"),
        ("keras.ReduceLROnPlateau --monitor reward --metrics 1", "mode must be min or max where the name of the metric"),
        ("warmup_cosine_decay_schedule", "did you mean 'optax.warmup_cosine_decay_schedule'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(words: str, message: str) -> None:
    done = command(*shlex.split(words))
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_a_rate_of_the_optimizer_is_refused_where_it_stands() -> None:
    text = "scheduler: optax.constant_schedule value=1\noptimizer: {lr: 7}\n"
    with pytest.raises(ConfigError, match=r"c.yaml:2:17: optimizer.lr is not for optax.constant_schedule"):
        build(parse(text, "c.yaml"))
    assert "--lr" not in ok("optax.constant_schedule", "--help")


def test_nothing_else_acts_on_a_rate_that_is_a_parameter() -> None:
    for text, message in (
        (
            "scheduler: [optax.constant_schedule value=1, step step_size=3]",
            "optax.constant_schedule has its rates as para",
        ),
        (
            "scheduler: optax.constant_schedule value=1\noptimizer: {groups: [{lr: 1}]}",
            "optimizer.groups is not for optax",
        ),
        (
            "scheduler: keras.ReduceLROnPlateau\nmetrics: [1]\noptimizer: {groups: [{lr: 1}, {lr: 2}]}",
            "optimizer.groups must be one: keras.ReduceLROnPlateau has one rate for all parameters, got 2",
        ),
    ):
        with pytest.raises(ConfigError, match=message):
            build(parse(text, "c.yaml"))


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ("{3: -1}", r"c.yaml:1:96: scheduler.boundaries_and_scales\[3\] must be at least 0, got -1.0"),
        ("{3: x}", r"c.yaml:1:96: scheduler.boundaries_and_scales\[3\] must be a number, got 'x'"),
        ("{x: 3}", r"c.yaml:1:93: scheduler.boundaries_and_scales must be a whole number, got 'x'"),
        ("{3: 1, 3.0: 2}", r"scheduler.boundaries_and_scales has step 3 a second time"),
    ],
)
def test_a_step_is_refused_where_it_stands(scales: str, message: str) -> None:
    text = f"scheduler: {{name: optax.piecewise_constant_schedule, init_value: 1, boundaries_and_scales: {scales}}}"
    with pytest.raises(ConfigError, match=message):
        build(parse(text, "c.yaml"))


def test_a_step_is_typed_once_and_a_pair_as_python_has_it() -> None:
    line = "optax.piecewise_constant_schedule init_value=1 boundaries_and_scales={3: 0.1, 3: 0.5}"
    assert "must be a mapping of steps to numbers, such as {30: 0.1}" in command("plot", line).stderr
    noisy = [f"timm.cosine t_initial=9 noise_range_t={pair}" for pair in ("(3, 7)", "[3, 7]", "3,7")]
    assert len({ok("plot", line, "-o", "-") for line in noisy}) == 1
    assert "milestones must be" not in ok("plot", "multistep milestones=(min(9, 3), 5)", "-o", "-")
    assert "step_size must be a whole number, got '(3'" in command("plot", "step step_size=(3 gamma=.1").stderr


CYCLES = [
    {"init_value": 0.0, "peak_value": 1.0, "warmup_steps": 1, "decay_steps": 3},
    {"init_value": 0.0, "peak_value": 0.5, "warmup_steps": 1, "decay_steps": 4, "end_value": 0.1},
]


def test_mappings_and_lists_of_them_are_written_in_yaml_flags_lines_and_python_alike() -> None:
    typed = ["init_value=0 peak_value=1 warmup_steps=1 decay_steps=3", "init_value=0, peak_value=0.5, warmup_steps=1, "]
    typed[1] += "decay_steps=4, end_value=0.1"
    flags = ok("optax.sgdr_schedule", *(word for each in typed for word in ("--cosine-kwargs", each)), "-o", "-")
    line = ok("plot", f"optax.sgdr_schedule cosine_kwargs='{'; '.join(typed)}'", "-o", "-")
    for mappings in (
        str(CYCLES),
        json.dumps(CYCLES),
        str(CYCLES).replace("'", ""),
    ):  # as Python, JSON and YAML have them
        assert ok("optax.sgdr_schedule", "--cosine-kwargs", mappings, "-o", "-") == flags
        assert ok("plot", f"optax.sgdr_schedule cosine_kwargs={mappings}", "-o", "-") == flags
    python = lrplot.simulate("optax.sgdr_schedule", cosine_kwargs=CYCLES)
    text = f"scheduler: {{name: optax.sgdr_schedule, cosine_kwargs: {json.dumps(CYCLES)}}}"
    config = build(parse(text, "c.yaml"))
    again = build(parse(config.source(), "c.yaml"))
    assert [config.curves()[0].rates, again.curves()[0].rates] == [python.rates] * 2
    assert flags == line and flags.splitlines()[1:3] == ["0,0.0", "1,1.0"] and len(flags.splitlines()) == 8
    scales = {"init_value": 1.0, "boundaries_and_scales": {2: 0.5, 4: 0.1}}
    columns = lrplot.simulate("optax.piecewise_constant_schedule", steps=5, **scales).rates
    for source in (
        "scheduler: optax.piecewise_constant_schedule init_value=1 boundaries_and_scales=2:0.5,4:0.1\nsteps: 5",
        "scheduler: 'optax.piecewise_constant_schedule init_value=1 boundaries_and_scales=\"{2: 0.5, 4: 0.1}\"'\nsteps: 5",
        "scheduler: 'optax.piecewise_constant_schedule init_value=1 boundaries_and_scales={2: 0.5, 4: 0.1}'\nsteps: 5",
        "scheduler: {name: optax.piecewise_constant_schedule, init_value: 1, boundaries_and_scales: {2: 0.5, 4: 0.1}}\nsteps: 5",
    ):
        config = build(parse(source, "c.yaml"))
        assert config.curves()[0].rates == columns
        assert build(parse(config.source(), "c.yaml")).curves()[0].rates == columns


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cosine_kwargs": [{**CYCLES[0], "peak": 1}]}, r"cosine_kwargs\[0\] has no parameter 'peak'"),
        ({"cosine_kwargs": [{"init_value": 0}]}, r"cosine_kwargs\[0\] has no peak_value"),
        (
            {"cosine_kwargs": [{**CYCLES[0], "decay_steps": "x"}]},
            r"cosine_kwargs\[0\] has a decay_steps must be a whole",
        ),
        ({"cosine_kwargs": [3]}, "cosine_kwargs.0. must be the parameters of optax.warmup_cosine_decay_schedule, each"),
        (
            {"cosine_kwargs": [{**CYCLES[0], "decay_steps": 1}]},
            r"cosine_kwargs\[0\] has a decay_steps that must be more",
        ),
    ],
)
def test_a_cycle_from_python_is_checked_as_that_of_a_file(given: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal, match=message):
        lrplot.simulate("optax.sgdr_schedule", **given)


def test_steps_from_python_are_checked_too() -> None:
    for scales in ([3], {2.5: 1}, {3: "x"}):
        with pytest.raises(Refusal, match="boundaries_and_scales must be a mapping of steps to numbers"):
            lrplot.simulate("optax.piecewise_constant_schedule", init_value=1, boundaries_and_scales=scales)


def test_the_schema_knows_the_forms() -> None:
    from jsonschema import Draft202012Validator

    from lrplot.configs.schema import schema

    validator = Draft202012Validator(schema())

    def valid(name: str, **given: Any) -> bool:
        return validator.is_valid({"scheduler": {"name": name, **given}})

    assert valid("optax.piecewise_constant_schedule", init_value=1, boundaries_and_scales={30: 0.1})
    assert not valid("optax.piecewise_constant_schedule", init_value=1, boundaries_and_scales={30: -1})
    assert not valid("optax.piecewise_constant_schedule", init_value=1, boundaries_and_scales=[30])
    assert valid("optax.sgdr_schedule", cosine_kwargs=CYCLES)
    assert not valid("optax.sgdr_schedule", cosine_kwargs=[{"init_value": 0}])
    assert not valid("optax.sgdr_schedule", cosine_kwargs=[{**CYCLES[0], "peak": 1}])
    assert valid("optax.join_schedules", schedules=["optax.constant_schedule value=1"], boundaries=[])
    assert valid("keras.CosineDecay", initial_learning_rate=1, decay_steps=3)


def test_the_families_say_what_they_promise() -> None:
    for family, name in (("optax", "warmup_cosine_decay_schedule"), ("keras", "CosineDecay")):
        assert f"{family}.{name}" in ok("list", family)
        told = " ".join(ok("explain", f"{family}.{name}").split())
        assert "float32, at most 1 ulp of the curve's peak" in told and "bit for bit" not in told
        assert "decay_steps" in told and "end of the warm-up" in told


def test_a_schedule_is_a_function_of_the_step_and_its_state_a_count() -> None:
    first = made("optax.linear_schedule", init_value=0.0, end_value=1.0, transition_steps=4)
    first.advance(3)
    assert first.state_dict() == {"last_epoch": 3, "_step_count": 4, "_last_lr": [0.75]}
    assert (first.steps_left, made("optax.constant_schedule", value=1.0).steps_left) == (1, None)
    with pytest.warns(UserWarning, match="epoch parameter"):
        first.step(2)
    assert first.get_last_lr() == [0.5]
    with pytest.raises(NotImplementedError, match=r"optax.linear_schedule has no get_lr\(\)"):
        first.get_lr()
    with pytest.raises(NotImplementedError):
        Schedule(Optimizer())
    joined = made("optax.join_schedules", schedules=[["constant_schedule", {"value": 1.0}]], boundaries=[])
    cycles = made("optax.sgdr_schedule", cosine_kwargs=CYCLES)
    assert (joined.steps_left, cycles.steps_left) == (None, 7)
    with pytest.raises(Refusal, match=r"schedules\[0\] is 3, which is no schedule of optax"):
        find("optax.join_schedules")(Optimizer(), [3], [])
