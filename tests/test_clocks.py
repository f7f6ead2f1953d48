"""What steps what, how often: clocks, several schedulers on one optimizer, groups that join."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrplot
from lrplot.configs.check import check
from lrplot.configs.document import ConfigError, parse
from lrplot.configs.sources import build, load
from lrplot.runs.clock import Clock
from lrplot.schedulers.families import find
from lrplot.schedulers.optimizer import Optimizer
from tests.command import ok, refused


def curve(text: str) -> Any:
    (made,) = build(parse(text, "c.yaml")).curves()
    return made


def rates(text: str) -> list[float]:
    return list(curve(text).rates[0])


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        curve(text)
    return caught.value.messages


# The numbers of these are torch 2.13's, of loops written by hand.


def test_a_warm_up_and_then_a_plateau() -> None:
    assert rates(
        "optimizer: {lr: 0.1}\nscheduler:\n- {name: linear, start_factor: 0.1, total_iters: 5, end: 5}\n"
        "- {name: plateau, patience: 1, begin: 5}\nmetrics: [9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]\n"
    ) == [
        0.010000000000000002, 0.028000000000000004, 0.046000000000000006, 0.064, 0.082, 0.1, 0.1, 0.1,
        0.010000000000000002, 0.010000000000000002, 0.0010000000000000002, 0.0010000000000000002,
        0.00010000000000000003, 0.00010000000000000003, 1.0000000000000004e-05,
    ]  # fmt: skip


def test_a_scheduler_that_each_of_four_processes_steps() -> None:
    linear = (
        "scheduler: {name: linear, start_factor: 1.0, end_factor: 0.0, total_iters: 10000, repeat: 4}\nsteps: 10000"
    )
    made = rates(f"optimizer: {{lr: 2e-4}}\n{linear}")
    assert [made[step] for step in (0, 1250, 2499, 2500, 9999)] == [
        0.0002, 0.00010000000000000399, 7.999999999999823e-08, 0.0, 0.0,
    ]  # fmt: skip
    step = rates("optimizer: {lr: 0.1}\nscheduler: {name: step, step_size: 30, repeat: 4}\nsteps: 30\n")
    assert [i for i in range(1, 30) if step[i] != step[i - 1]] == [8, 15, 23]  # ceil(30 k / 4)


def test_a_warm_up_of_iterations_under_milestones_of_epochs() -> None:
    made = rates(
        "optimizer: {lr: 5e-4}\nscheduler:\n- {name: linear, start_factor: 0.001, total_iters: 499}\n"
        "- {name: multistep, milestones: [170, 200], interval: epoch}\nsteps_per_epoch: 234\nepochs: 210\n"
    )
    assert len(made) == 49_140
    assert [made[step] for step in (0, 250, 498, 499, 39_779, 39_780, 46_800)] == [
        5e-07, 0.00025075050100200393, 0.0004989989979959934, 0.0005000000000000014, 0.0005000000000000014,
        5.0000000000000145e-05, 5.000000000000015e-06,
    ]  # fmt: skip


def test_every_tenth_step() -> None:
    made = rates(
        "optimizer: {lr: 0.1}\nscheduler: {name: StepLR, step_size: 1, gamma: 0.5, frequency: 10}\nsteps: 40\n"
    )
    assert made == [0.1] * 10 + [0.05] * 10 + [0.025] * 10 + [0.0125] * 10


JOINING = "optimizer: {groups: [{lr: 1e-3}, {lr: 1e-4, from: 10}]}\nsteps: 20\n"


def test_a_group_that_joins_on_the_way() -> None:
    text = "scheduler: {name: linear, start_factor: 1, end_factor: 0.1, total_iters: 20}\n"
    first, second = curve(JOINING + text).rates
    assert list(first[10:13]) == [0.0005499999999999999, 0.0005049999999999999, 0.00045999999999999996]
    assert all(map(math.isnan, second[:10]))
    assert list(second[10:13]) == [0.0001, 9.181818181818183e-05, 8.363636363636365e-05]
    after = curve(JOINING + text + "record: after-step\n").rates[1]
    assert math.isnan(after[9]) and after[10] == 9.181818181818183e-05


def test_what_knows_the_groups_refuses_one_that_joins_as_torch_does() -> None:
    assert problems(JOINING + "scheduler: {name: lambda, lr_lambda: 0.9 ** epoch}\n") == [
        "c.yaml:3:12: scheduler: LambdaLR, step 11: was made for 1 parameter groups, but the optimizer has 2: "
        "make it anew after add_param_group()"
    ]


# A loop over the same schedulers does the same.

NAMES = {
    "linear": {"start_factor": 0.25, "total_iters": 6},
    "exponential": {"gamma": 0.9},
    "step": {"step_size": 3, "gamma": 0.5},
    "cosine": {"T_max": 8},
    "onecycle": {"max_lr": 1.0, "total_steps": 500},
    "plateau": {"patience": 1, "factor": 0.5},
}


@st.composite
def clocks(draw: Any) -> dict[str, Any]:
    begin = draw(st.integers(0, 9))
    return {
        "name": draw(st.sampled_from(list(NAMES))),
        "interval": draw(st.sampled_from(["step", "epoch"])),
        "frequency": draw(st.integers(1, 4)),
        "repeat": draw(st.integers(1, 3)),
        "begin": begin,
        "end": draw(st.none() | st.integers(begin + 1, 30)),
    }


@given(st.lists(clocks(), min_size=1, max_size=4), st.integers(1, 6), st.integers(1, 60))
def test_clocks_do_what_a_loop_of_steps_does(hands: list[dict[str, Any]], per_epoch: int, steps: int) -> None:
    metrics = [round(math.cos(i), 3) for i in range(steps)]
    config = {
        "scheduler": [{**each, **NAMES[each["name"]]} for each in hands],
        "optimizer": {"lr": [0.1, 0.01], "momentum": 0.9},
        "steps": steps,
        "steps_per_epoch": per_epoch,
        **({"metrics": metrics} if any(each["name"] == "plateau" for each in hands) else {}),
    }
    optimizer = Optimizer(lr=[0.1, 0.01], momentum=0.9)
    optimizer.step()
    made = [(find(each["name"])(optimizer=optimizer, **NAMES[each["name"]]), each) for each in hands]
    lengths = [per_epoch if each["interval"] == "epoch" else 1 for each in hands]
    per_metric = next((length for length, each in zip(lengths, hands) if each["name"] == "plateau"), 1)
    seen = []
    for step in range(steps):
        seen.append([group["lr"] for group in optimizer.param_groups])
        for (scheduler, each), length in zip(made, lengths):
            done, rest = divmod(step + 1, length)
            if rest or done % each["frequency"] or done <= each["begin"] or (each["end"] and done > each["end"]):
                continue
            for _ in range(each["repeat"]):
                scheduler.step(*[metrics[step // per_metric]] if each["name"] == "plateau" else [])
    assert [list(row) for row in zip(*curve(json.dumps(config)).rates)] == seen


# Where it stands.


def test_a_clock_may_stand_in_a_spec_and_behind_flags() -> None:
    line = ok("plot", "step step_size=1 gamma=0.5 frequency=10", "--lr", "0.1", "-n", "40", "-q", "-o", "-")
    flags = ("--step-size", "1", "--gamma", "0.5", "--frequency", "10", "--lr", "0.1", "-n", "40", "-q", "-o", "-")
    assert ok("step", *flags) == line and line.splitlines()[11] == "10,0.05"
    assert ok("constant", "--repeat", "4", "-q", "-n", "3", "-o", "-").splitlines()[3] == "2,0.001"


def test_a_flag_wins_over_the_interval_that_a_scheduler_has_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "scheduler: {name: step, step_size: 1, interval: epoch}\nsteps_per_epoch: 2\nsteps: 4\n"
    )
    assert ok("step", "-c", str(tmp_path / "a.yaml"), "-q", "-o", "-").splitlines()[2] == "1,0.5,0.001"
    assert (
        ok("step", "-c", str(tmp_path / "a.yaml"), "--interval", "step", "-q", "-o", "-").splitlines()[2]
        == "1,0.5,0.0001"
    )


def test_python_takes_clocks_and_groups() -> None:
    made = lrplot.simulate("step", step_size=1, gamma=0.5, lr=1.0, steps=4, frequency=2)
    assert list(made.rates[0]) == [1.0, 1.0, 0.5, 0.5]
    both = lrplot.simulate(["linear end=5", "plateau begin=5 patience=1"], lr=0.1, metrics=[1.0] * 9)
    assert both.run.spec.stepped[1].clock.begin == 5 and len(both) == 9
    with pytest.raises(TypeError, match="simulate\\(\\) has no parameter 'gamma' for several schedulers"):
        lrplot.simulate(["linear", "constant"], gamma=0.5)
    made = lrplot.simulate("linear", groups=[{"lr": 1.0}, {"lr": 0.1, "from": 2}], steps=4, total_iters=2)
    assert made.rates[1][2] == 0.1 and math.isnan(made.rates[1][1])


EXAMPLES = {
    "warm-up and plateau": "scheduler:\n- linear end=5\n- {name: plateau, begin: 5, patience: 1}\nmetrics: 1 / (epoch + 1)\nsteps: 20\n",
    "four processes": "scheduler: {name: step, step_size: 30, repeat: 4, interval: epoch}\nsteps_per_epoch: 5\nsteps: 200\n",
    "iterations and epochs": "scheduler:\n- linear\n- {name: multistep, milestones: [3], interval: epoch}\ndata: {size: 10, batch_size: 2}\nepochs: 9\n",
    "a late group": f"{JOINING}scheduler: {{name: exponential, gamma: 0.9}}\n",
    "two curves": "curves:\n- cosine T_max=9 frequency=2\n- {scheduler: [linear, cosine T_max=9]}\n",
}


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_a_picture_reads_back_to_the_same_curves(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(f"{text}plot: {{size: 300x200}}\n")
    ok("plot", str(tmp_path / "a.yaml"), "-q", "-o", str(tmp_path / "a.png"), "-o", str(tmp_path / "a.csv"))
    ok("plot", str(tmp_path / "a.png"), "-q", "-o", str(tmp_path / "b.csv"), "-o", str(tmp_path / "b.png"))
    a, b = ((tmp_path / name).read_text().splitlines() for name in ("a.csv", "b.csv"))
    assert [line.split(",")[-2:] for line in a] == [line.split(",")[-2:] for line in b]
    assert load(str(tmp_path / "b.png")).mapping() == load(str(tmp_path / "a.png")).mapping()


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES)
def test_a_config_that_is_written_back_gives_the_same_curves(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    ok("plot", str(tmp_path / "a.yaml"), "-q", "-o", str(tmp_path / "b.yaml"))
    a, b = (load(str(tmp_path / name)).curves() for name in ("a.yaml", "b.yaml"))
    assert repr([list(each) for made in a for each in made.rates]) == repr(
        [list(each) for made in b for each in made.rates]
    )


def test_the_title_says_the_clock_where_it_is_not_plain() -> None:
    screen = ok("step", "--step-size", "3", "--repeat", "4", "-n", "9", "--term", "-q")
    assert "StepLR(step_size=3, repeat=4)" in screen
    made = curve(EXAMPLES["warm-up and plateau"])
    assert str(made.run.spec) == "[LinearLR(end=5), ReduceLROnPlateau(patience=1, begin=5)]"


def test_what_happens_is_told_at_the_steps_of_the_loop() -> None:
    made = lrplot.simulate("multistep", milestones=[6], lr=0.1, steps=20, repeat=2, begin=4)
    assert [(event.step, event.text) for event in made.events] == [(0, "start"), (7, "drop ×0.1"), (19, "end")]
    made = lrplot.simulate("linear", groups=[{"lr": 1.0}, {"lr": 0.1, "from": 2}], steps=4, total_iters=2)
    assert next(event.text for event in made.events if event.group == 1) == "joins"


# Notes.


def test_a_decay_that_is_over_early_as_it_is_stepped_four_times_a_step_is_noted(tmp_path: Path) -> None:
    (note,) = check(build(parse("scheduler: {name: cosine, T_max: 100, repeat: 4}\nsteps: 100\n", "c.yaml")))
    assert (note.code, note.key) == ("LR004", "scheduler.T_max")
    assert note.fix == {"scheduler.T_max": 400} and note.step == 25


def test_a_count_of_steps_that_is_stepped_by_the_epoch_is_mended_where_its_interval_stands() -> None:
    text = "scheduler: {name: cosine, T_max: 45000, interval: epoch}\nsteps: 45000\nsteps_per_epoch: 500\n"
    (note,) = check(build(parse(text, "c.yaml")))
    assert (note.code, note.fix) == ("LR022", {"scheduler.interval": "step"})


def test_a_warm_up_that_ends_by_its_clock_is_no_mistake() -> None:
    assert check(build(parse(EXAMPLES["warm-up and plateau"], "c.yaml"))) == []


# What is wrong.


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("scheduler: {name: linear, frequency: 0}", "c.yaml:1:38: scheduler.frequency must be at least 1, got 0"),
        ("scheduler: {name: linear, begin: 5, end: 5}", "c.yaml:1:42: scheduler.end must be greater than begin, which is 5, got 5"),
        ("scheduler: {name: linear, interval: steps}", "c.yaml:1:37: scheduler.interval must be 'step' or 'epoch', got 'steps'"),
        ("scheduler: {name: linear, frequncy: 3}", "c.yaml:1:27: unknown key 'frequncy' in scheduler: did you mean 'frequency'?"),
        ("scheduler: []", "c.yaml:1:12: scheduler must be a mapping with the scheduler's name and its parameters, or a line such as 'cosine T_max=20', got a list of 0"),
        (
            "scheduler: [linear, {name: step, step_size: 3, interval: epoch}]",
            "c.yaml:1:1: steps_per_epoch is missing: one scheduler is stepped by the step, another by the epoch",
        ),
        (
            "scheduler: {name: chained, schedulers: [{name: linear, interval: epoch}]}",
            "c.yaml:1:66: scheduler.schedulers[0].interval is for a scheduler that the loop steps: ChainedScheduler steps those "
            "within it by itself; write scheduler: as a list of schedulers, each with its own clock",
        ),
        ("scheduler: [linear, plateau]", "c.yaml:1:1: metrics is missing: ReduceLROnPlateau needs it (one number an epoch, an expression in epoch, or a CSV file and its column)"),
        ("scheduler: [linear, linear]\nmetrics: [1]", "c.yaml:2:10: metrics is for a scheduler that watches one, as plateau does: LinearLR does not"),
        ("scheduler: {name: linear, repeat: 1000000000}", "c.yaml:1:1: the run is too long: its steps would make 1e+11 rates, those of schedulers within schedulers counted: at most 100,000,000 are computed"),
        ("scheduler: [linear, linear]\nrecord: get_lr", "c.yaml:1:12: scheduler: Loop: record get_lr: it is read of a scheduler that is alone, and stepped once at a time throughout"),
        ("scheduler: linear\noptimizer: {groups: [{lr: 0.1, from: 5}]}", "c.yaml:2:21: optimizer.groups must stand in the order in which they join, the first from 0 on, got [5]"),
        ("scheduler: linear\noptimizer: {lr: [1, 2], groups: [{lr: 0.1}]}", "c.yaml:2:33: optimizer.groups stands beside a list of rates: give each group its own, as in groups: [{lr: 0.1}]"),
        ("scheduler: linear\noptimizer: {groups: [{lr: 0.1}, {lr: -1}]}", "c.yaml:2:38: optimizer.groups[1].lr must be at least 0, got -1.0"),
        ("scheduler: linear\nsteps: 9\noptimizer: {groups: [{lr: 0.1}, {from: 9}]}", "c.yaml:3:21: optimizer.groups must join within the run, which has 9 steps, got 9"),
    ],
)  # fmt: skip
def test_a_clock_that_cannot_be_is_refused_in_a_line(text: str, line: str) -> None:
    assert problems(text) == [line]


def test_a_hundred_schedulers_for_ten_million_steps_are_too_much() -> None:
    specs = ", ".join(["constant"] * 100)
    (line,) = problems(f"scheduler: [{specs}]\nsteps: 10000000\n")
    assert "steps is too much: it would make 1.01e+09 rates" in line


def test_flags_of_a_clock_are_checked() -> None:
    assert refused("linear", "--frequency", "0", "-o", "x.csv") == ["--frequency must be at least 1, got 0"]
    assert refused("linear", "--begin", "9", "--end", "3", "-o", "x.csv") == [
        "--end must be greater than begin, which is 9, got 3"
    ]


def test_a_clock_ticks_at_the_ends_of_its_intervals() -> None:
    assert list(Clock(interval="epoch", frequency=3, begin=2, end=9).ticks(4, 100)) == [11, 23, 35]
    assert list(Clock(begin=50).ticks(1, 20)) == [] == list(Clock(frequency=30).ticks(1, 20))


def test_why_tells_of_the_plateau_from_where_it_begins(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(EXAMPLES["warm-up and plateau"].replace("1 / (epoch + 1)", "4"))
    lines = ok("plot", str(tmp_path / "a.yaml"), "--why", "-q").splitlines()
    assert lines[1].split()[0] == "5" and lines[1].endswith("improved")
    assert lines[3].split()[0] == "7" and lines[3].endswith("reduced ×0.1")
    (tmp_path / "b.yaml").write_text(EXAMPLES["a late group"])
    assert refused("plot", str(tmp_path / "b.yaml"), "--why") == [
        "--why has no place for a parameter group that joins on the way"
    ]


def test_a_clock_may_stand_beside_the_one_scheduler_too() -> None:
    beside = curve("scheduler: {name: StepLR, step_size: 1}\ninterval: step\nfrequency: 10\nsteps: 40\n")
    inside = curve("scheduler: {name: StepLR, step_size: 1, frequency: 10}\nsteps: 40\n")
    assert beside.rates[0].tolist() == inside.rates[0].tolist()


def test_beside_several_schedulers_the_keys_of_a_clock_are_told_their_place() -> None:
    assert problems("scheduler: [linear, cosine T_max=9]\nfrequency: 10\n") == [
        "c.yaml:2:1: frequency stands beside the scheduler's name, as in scheduler: {name: …, frequency: 10}"
    ]


def test_a_group_may_join_once_a_scheduler_that_knows_its_groups_is_no_longer_stepped() -> None:
    """CyclicLR has a momentum for each group: what it changes is asked before one more joins."""
    cyclic = "{name: chained, schedulers: [{name: cyclic, base_lr: 0.001, max_lr: 0.1}], begin: 2, end: 6}"
    groups = "{groups: [{lr: 0.001}, {lr: 1.0, from: 6}], momentum: 0.9}"
    made = curve(f"optimizer: {groups}\nscheduler: {cyclic}\nsteps: 12\n")
    assert made.rates[1][6:].tolist() == [1.0] * 6 and made.rates[0][6] == made.rates[0][11]
