"""What there is to know of timm's schedules beside their golden values: traps, refusals, events, noise."""

import re
from pathlib import Path
from typing import Any

import pytest

import lrplot
from lrplot.parameters import Refusal
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer
from lrplot.schedulers.timm.cycles import Cycles
from lrplot.schedulers.timm.noise import Generator, noise
from lrplot.schedulers.timm.schedule import Schedule
from lrplot.schedulers.watcher import Watcher
from tests.command import lrplot as command
from tests.command import ok

WARM = {"warmup_t": 3}


def refused(*words: str) -> str:
    done = command(*words)
    assert done.returncode == 2
    return " ".join(done.stderr.split())


def rates(name: str, steps: int | None = None, **options: Any) -> list[float]:
    more = {} if steps is None else {"steps": steps}
    return [round(rate, 4) for rate in lrplot.simulate(f"timm.{name}", lr=1.0, **more, **options).lr.tolist()]


def made(name: str, lr: float | list[float] = 1.0, **parameters: Any) -> Any:
    return find(f"timm.{name}")(Optimizer(lr=lr), **parameters)


def test_index_0_is_never_computed() -> None:
    assert rates("tanh", 2, t_initial=5)[0] == 1.0  # by the formula 0.99999917
    assert rates("tanh", 2, t_initial=5, warmup_t=2, warmup_lr_init=0.3)[0] == 0.3
    assert rates("multistep", 3, decay_t=[1], decay_rate=0.5) == [1.0, 0.5, 0.5]
    assert rates("cosine", 3, t_initial=9, noise_range_t=0)[0] == 1.0


def test_a_warm_up_lies_over_the_curve_unless_it_comes_before() -> None:
    assert rates("cosine", t_initial=10, **WARM)[:5] == [0.0, 0.3333, 0.6667, 0.7939, 0.6545]
    assert rates("cosine", t_initial=10, **WARM, warmup_prefix=True)[:5] == [0.0, 0.3333, 0.6667, 1.0, 0.9755]
    assert [len(rates("cosine", t_initial=10, **WARM, warmup_prefix=prefix)) for prefix in (False, True)] == [10, 13]
    assert max(rates("tanh", t_initial=10, **WARM)) == rates("tanh", t_initial=10, **WARM)[3] < 1.0


def test_the_defaults_of_step_and_multistep_are_not_the_scripts() -> None:
    assert rates("step", 7, decay_t=2, decay_rate=0.5, **WARM)[3:] == [1.0, 1.0, 0.5, 0.5]
    script = {"warmup_epochs": 3, "warmup_lr": 0.0, "decay_rate": 0.5, "epochs": 7}
    assert rates("create_scheduler", sched="step", decay_epochs=2, **script)[3:] == [0.5, 0.25, 0.25, 0.125]


def test_a_milestone_acts_an_index_early() -> None:
    assert rates("multistep", 5, decay_t=[3], decay_rate=0.5) == [1.0, 1.0, 0.5, 0.5, 0.5]
    torch = lrplot.simulate("multistep", milestones=[3], gamma=0.5, lr=1.0, steps=5).lr.tolist()
    assert torch == [1.0, 1.0, 1.0, 0.5, 0.5]


def test_after_its_cycles_the_rate_stays_at_the_lowest() -> None:
    assert rates("cosine", 7, t_initial=4, lr_min=0.1)[3:] == [0.2318, 0.1, 0.1, 0.1]
    assert rates("cosine", 9, t_initial=3, cycle_limit=2, cycle_decay=0.5)[2:] == [
        0.25,
        0.5,
        0.375,
        0.125,
        0.0,
        0.0,
        0.0,
    ]


def test_the_script_has_defaults_of_its_own() -> None:
    script = {"warmup_epochs": 0, "epochs": 4}
    assert rates("create_scheduler", **script, lr_cycle_limit=2)[4] == 0.5  # and of create_scheduler_v2 0.1
    assert rates("create_scheduler", sched="poly", **script)[1:] == [0.9716, 0.933, 0.8706]  # decay_rate as the power
    assert len(rates("create_scheduler", epochs=10, cooldown_epochs=2)) == 12
    assert len(rates("create_scheduler", sched="step", epochs=10, cooldown_epochs=2)) == 10
    assert len(rates("create_scheduler")) == 300
    assert len(rates("create_scheduler", sched="constant", warmup_prefix=True)) == 305
    by_update = {"sched_on_updates": True, "updates_per_epoch": 5, "epochs": 6, "cooldown_epochs": 1}
    assert len(rates("create_scheduler", **by_update)) == 35


def test_the_floor_is_reached_one_index_after_the_last() -> None:
    assert rates("cosine", 11, t_initial=10)[9:] == [0.0245, 0.0]
    assert rates("wsd", 11, t_initial=10, decay_t=5)[9:] == [0.1056, 0.0]


def test_growing_cycles_begin_late_where_the_logarithm_is_rounded_down() -> None:
    seen = rates("cosine", 365, t_initial=1, cycle_mul=3, cycle_limit=6, cycle_decay=0.5)
    assert seen[40] == 0.0625 and seen[121] < seen[122]  # the fifth is due at 121: log(243, 3) is 4.999…
    told = made("cosine", t_initial=1, cycle_mul=3, cycle_limit=6, cycle_decay=0.5).actions(400)
    assert [step for action in told if action.kind == "restart" for step in action.steps] == [1, 4, 13, 40, 122]


def test_plateau_waits_for_a_metric_that_rises_and_looks_at_none_in_the_warm_up() -> None:
    falling = [1 / (epoch + 1) for epoch in range(15)]
    assert rates("plateau", metrics=falling, patience_t=3)[-1] < 1.0
    assert rates("plateau", metrics=falling, patience_t=3, mode="min")[-1] == 1.0
    said = ok(
        "timm.plateau",
        *["--mode", "min", "--warmup-t", "2", "--patience-t", "0", "--lr", "1", "--why", "-q", "--metrics"],
        "[5,4,4,3,3]",
    )
    assert [line.split()[-1] for line in said.splitlines()[1:]] == [
        "warm-up",
        "warm-up",
        "improved",
        "improved",
        "×0.1",
    ]


def test_the_noise_is_that_of_torchs_generator() -> None:
    generator = Generator(42)  # torch.Generator().manual_seed(42): torch.randn(1) four times
    assert [generator.normal() for _ in range(4)] == [
        0.33669036626815796,
        0.12880940735340118,
        0.23446236550807953,
        0.23033303022384644,
    ]
    assert noise(-3, 1, 1.0, 1.0, False) == noise((1 << 64) - 3, 1, 1.0, 1.0, False) != noise(3, 1, 1.0, 1.0, False)
    assert all(abs(part) < 0.1 for kind in (True, False) for part in noise(7, 2000, 0.1, 1.0, kind))
    for seed in (2.5, 1 << 64):
        with pytest.raises(ValueError, match="the seed of the noise must be a whole number of 64 bits"):
            noise(seed, 1, 0.1, 1.0)


@pytest.mark.parametrize("limit", [2.0, 0.6, 0.1])
def test_the_noise_of_many_seeds_at_once_is_that_of_each(limit: float) -> None:
    for seed in (0, 1, 255, 256, 1_000_000_007, -300):
        generator = Generator(seed)
        drawn = (generator.normal() for _ in range(1000))
        assert noise(seed, 1, limit, 1.0) == [next(part for part in drawn if abs(part) < limit)]


def test_noise_that_no_draw_can_be_is_not_waited_for() -> None:
    said = refused("timm.cosine", *["--t-initial", "9", "--noise-range-t", "3", "--noise-pct", "0", "-o", "-"])
    assert "timm.cosine, step 3: of 100,000 draws with noise_std=1.0 none is below noise_pct=0.0" in said


def test_noise_is_from_one_epoch_on_or_between_two() -> None:
    still = rates("cosine", t_initial=9)
    for given, noisy in (("5", range(5, 9)), ("2,4", range(2, 4))):
        table = ok("timm.cosine", "--t-initial", "9", "--lr", "1", "--noise-range-t", given, "-o", "-", "-q")
        seen = [round(float(line.split(",")[1]), 4) for line in table.splitlines()[1:]]
        assert [step for step in range(9) if seen[step] != still[step]] == list(noisy)
    assert "must be one number, or two, got 3" in refused(
        "timm.cosine", *["--t-initial", "9", "--noise-range-t", "1,2,3"]
    )


def test_a_config_says_the_groups_scales(tmp_path: Path) -> None:
    schedule = "scheduler: {name: timm.cosine, t_initial: 4}\n"
    path = tmp_path / "layers.yaml"
    path.write_text("optimizer: {groups: [{lr: 0.1}, {lr: 0.1, lr_scale: 0.5}]}\n" + schedule)
    table = ok(str(path), "-o", "-", "-q")
    assert table.splitlines()[1] == "0,0.1,0.05"
    words = ["timm.cosine", "--t-initial", "4", "-o", "-", "-q"]
    assert ok(*words, *["--lr", "0.1", "--lr", "0.1", "--lr-scale", "1", "--lr-scale", "0.5"]) == table
    ok(str(path), "-o", str(tmp_path / "again.yaml"), "-o", str(tmp_path / "again.py"), "-q")
    assert ok(str(tmp_path / "again.yaml"), "-o", "-", "-q") == table
    assert '"lr": 0.1, "lr_scale": 0.5}' in (tmp_path / "again.py").read_text()
    said = "lr_scale is read by timm's schedules alone, and has no effect on transformers.constant"
    path.write_text("optimizer: {lr_scale: 0.5}\nscheduler: {name: transformers.constant}\n")
    assert said in refused(str(path))
    assert "--lr-scale" in ok("timm.step", "--help") and "--lr-scale" not in ok("step", "--help")
    assert "--lr-scale has 2 values, but lr makes 1 parameter groups" in refused(*words, "--lr-scale", "1,2")


def test_a_groups_rate_is_multiplied_by_its_scale() -> None:
    optimizer = Optimizer(lr=[1.0, 1.0])
    optimizer.param_groups[1]["lr_scale"] = 0.5
    first, second = find("timm.cosine")(optimizer, t_initial=4, lr_min=0.2).advance(4)
    assert list(second.rates) == [rate * 0.5 for rate in first.rates]


def test_it_is_called_with_an_index_as_timms_own_is() -> None:
    scheduler = made("cosine", t_initial=4)
    scheduler.step(3)
    assert (scheduler.last_epoch, [round(rate, 4) for rate in scheduler.get_last_lr()]) == (3, [0.1464])
    scheduler.step()
    assert scheduler.get_last_lr() == [0.0]
    watching = made("plateau", patience_t=0)
    watching.step(7, 1.0)
    watching.step(None, 1.0)
    assert (watching.last_epoch, watching.get_last_lr()) == (8, [0.1])


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("cosine", {"t_initial": 0}, "t_initial must be greater than 0, got 0"),
        ("tanh", {"t_initial": 3, "lb": 3.0}, "lb must be less than ub, 3.0, got 3.0"),
        ("wsd", {"t_initial": 3, "decay_t": 4}, "decay_t must be at most t_initial, 3, got 4"),
        ("rsqrt", {"t_initial": 3, "decay_t": 2}, "stable_timescale must be greater than 0 for rsqrt"),
        (
            "create_scheduler",
            {"sched": "plateau", "patience_epochs": 3, "warmup_epochs": 0},
            "sched is plateau, which watches a metric: that is timm.plateau decay_rate=0.1 patience_t=3 lr_min=0.0 "
            "warmup_t=0 warmup_lr_init=1e-05",
        ),
        ("create_scheduler", {"epochs": 0}, "epochs must be greater than 0, got 0"),
        ("create_scheduler", {"sched_on_updates": True}, "updates_per_epoch must be at least 1 with sched_on_updates"),
        (
            "create_scheduler",
            {"sched": "wsd", "epochs": 10, "decay_epochs": 8},
            "decay_epochs must leave a decay within the 5 steps after the warm-up, got 8",
        ),
        ("create_scheduler", {"lr_cycle_mul": 1e300, "lr_cycle_limit": 9}, "lr_cycle_mul makes the cycles longer than"),
    ],
)
def test_what_is_refused_is_named(name: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal, match=f"timm.{name}: {re.escape(message)}"):
        made(name, **given)


def test_what_torchs_composites_cannot_step_is_refused_by_name() -> None:
    for name in ("cosine t_initial=9", "create_scheduler"):
        said = refused("sequential", "linear total_iters=5", f"timm.{name}", "--milestones", "5", "-o", "-")
        assert f"schedulers[1] is timm.{name.split()[0]}, which is no scheduler of torch's" in said


def test_there_is_no_get_lr() -> None:
    for name in ("timm.cosine t_initial=9", "timm.plateau"):
        said = (
            refused("plot", name, "--metrics", "1", "--record", "get_lr")
            if "plateau" in name
            else refused("plot", name, "--record", "get_lr", "-o", "-")
        )
        assert f"{name.split()[0]} has no get_lr(), in timm as here" in said
    with pytest.raises(NotImplementedError, match="has no get_lr"):
        made("cosine", t_initial=4).advance(1, reread=True)


def test_the_bases_have_no_schedule_of_their_own() -> None:
    with pytest.raises(NotImplementedError):
        Schedule(Optimizer(), {}).step()
    with pytest.raises(NotImplementedError):
        cycles = {"t_initial": 3, "lr_min": 0.0, "cycle_mul": 1, "cycle_decay": 1, "cycle_limit": 1}
        Cycles(Optimizer(), cycles).step()
    with pytest.raises(NotImplementedError):
        Watcher(Optimizer(), "min", 0.1, 1, 0.0, "rel", 0, 0.0, 0.0).take(1.0)


def test_cycles_without_end_have_no_length() -> None:
    assert made("cosine", t_initial=10, cycle_mul=1e300, cycle_limit=9).steps_left is None
    assert [action.kind for action in made("cosine", t_initial=10, cycle_mul=1e300, cycle_limit=9).actions(30)] == [
        "restart"
    ]


def test_where_cycles_that_shrink_come_to_nothing_no_other_length_is_proposed() -> None:
    said = refused("plot", "timm.cosine t_initial=10 cycle_mul=0.5 cycle_limit=3", "-n", "40", "-o", "-")
    assert "timm.cosine, step 20: " in said and "total_steps" not in said


def events(name: str, **options: Any) -> list[tuple[int, str]]:
    return [(event.step, event.text) for event in lrplot.simulate(f"timm.{name}", lr=1.0, **options).events]


def test_events_are_told_to_the_step() -> None:
    assert events("cosine", t_initial=100, warmup_t=20) == [(0, "start"), (19, "warm-up ends"), (99, "end")]
    told = events("cosine", t_initial=40, cycle_limit=3, cycle_decay=0.5, warmup_t=10, warmup_prefix=True)
    assert {(10, "warm-up ends"), (50, "restart"), (90, "restart")} <= set(told) and told[-1][0] == 129
    told = events("step", decay_t=30, decay_rate=0.1, warmup_t=5, steps=100)
    assert [step for step, text in told if text == "drop ×0.1"] == [35, 65, 95]
    told = events("multistep", decay_t=[30, 60], decay_rate=0.1, steps=100)
    assert [step for step, text in told if text == "drop ×0.1"] == [29, 59]
    assert (80, "decay starts") in events("wsd", t_initial=95, decay_t=20, warmup_t=5)


def test_the_family_is_listed_and_explained() -> None:
    listing = ok("list", "timm")
    assert all(f"timm.{name}" in listing for name in members("timm"))
    told = " ".join(ok("explain", "timm.cosine").split())
    for words in ("lr itself is never reached", "index 0 is never computed", "bit for bit", "a run's interval here"):
        assert words in told
    assert "acts at index 29" in " ".join(ok("explain", "timm.multistep").split())
    assert find("timm.CosineLRScheduler") is find("timm.cosine")


def test_one_number_or_two_is_in_the_schema() -> None:
    from jsonschema import Draft202012Validator

    from lrplot.configs.schema import schema

    validator = Draft202012Validator(schema())

    def valid(noise: Any) -> bool:
        return validator.is_valid({"scheduler": {"name": "timm.cosine", "t_initial": 9, "noise_range_t": noise}})

    assert valid(3) and valid([3, 5]) and valid(None)
    assert not valid([3]) and not valid([3, 4, 5]) and not valid({"from": 3})


@pytest.mark.parametrize("noise_type", ["normal", "uniform"])
def test_the_noise_of_a_plateau_is_the_same_metric_by_metric(noise_type: str) -> None:
    at_once, one_by_one = (
        made(
            "plateau", [0.5, 0.1], decay_rate=0.5, patience_t=1, warmup_t=2, noise_range_t=[3, 9], noise_type=noise_type
        )
        for _ in range(2)
    )
    metrics = [2.0, 1.0, 3.0, 1.0, 1.0, 1.0, 4.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    pieces = [at_once.advance(len(part), metrics=part) for part in (metrics[:5], metrics[5:])]
    rates = [[*first.rates, *then.rates[1:]] for first, then in zip(*pieces)]
    told = [verdict.rates for verdict in one_by_one.verdicts(metrics)]
    assert [list(each) for each in zip(*told)] == [each[:-1] for each in rates]
    assert rates[0][4] not in (0.5, 0.25) and rates[0][-1] == 0.5**4  # noisy, and quiet again
