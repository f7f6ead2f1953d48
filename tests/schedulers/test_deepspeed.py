"""What there is to know of DeepSpeed's schedules beside their golden values: traps, refusals, events, states."""

from typing import Any

import pytest

import lrplot
from lrplot.parameters import Refusal
from lrplot.schedulers.families import find
from lrplot.schedulers.optimizer import Optimizer
from tests.command import lrplot as command
from tests.command import ok


def rates(name: str, **options: Any) -> list[float]:
    return [round(rate, 4) for rate in lrplot.simulate(f"deepspeed.{name}", **{"lr": 1.0, **options}).lr.tolist()]


def made(name: str, optimizer: Optimizer | None = None, **parameters: Any) -> Any:
    return find(f"deepspeed.{name}")(optimizer or Optimizer(lr=1.0), **parameters)


def explained(name: str) -> str:
    return " ".join(ok("explain", f"deepspeed.{name}").split())


def test_two_steps_are_made_at_the_lowest_rate() -> None:
    assert rates("WarmupLR", warmup_num_steps=4, warmup_type="linear", steps=6) == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0]
    low = rates("WarmupDecayLR", total_num_steps=6, warmup_min_lr=0.1, warmup_max_lr=1.0, warmup_num_steps=2)
    assert low[:2] == [0.1, 0.1]
    assert "Two steps are made at warmup_min_lr" in explained("WarmupLR")


def test_the_warm_up_is_a_logarithm_unless_it_is_to_be_a_line() -> None:
    steep = rates("WarmupLR", warmup_num_steps=1000, steps=1002)
    assert steep[32] == 0.5017 and steep[1:4] == [0.0, 0.1003, 0.159] and steep[1001] == 1.0
    assert rates("WarmupLR", warmup_num_steps=1000, warmup_type="linear", steps=40)[33] == 0.032
    assert made("WarmupLR", warmup_num_steps=9, warmup_type="square").warmup_type == "log"  # as DeepSpeed warns
    assert command("deepspeed.WarmupLR", "--warmup-type", "square", "-o", "-").returncode == 2
    assert "transformers.warmup_stable_decay has linear, cosine and 1-sqrt" in explained("WarmupLR")


def test_the_peak_is_the_optimizers_rate_or_a_thousandth() -> None:
    assert max(rates("WarmupLR", warmup_num_steps=4, lr=0.5, steps=9)) == 0.5
    assert max(rates("WarmupLR", warmup_num_steps=4, lr=0.5, steps=9, warmup_max_lr=0.2)) == 0.2
    assert max(rates("WarmupDecayLR", total_num_steps=20, warmup_num_steps=4, lr=0.5)) == 0.001
    assert "warmup_max_lr is 0.001 where it is not given" in explained("WarmupDecayLR")


def test_a_warm_up_of_one_step_has_two() -> None:
    run = {"warmup_type": "linear", "steps": 4}
    assert rates("WarmupLR", warmup_num_steps=1, **run) == rates("WarmupLR", warmup_num_steps=2, **run)


def test_a_decay_ends_at_the_lowest_rate_which_the_run_does_not_come_to() -> None:
    run = {"total_num_steps": 8, "warmup_num_steps": 2, "warmup_min_lr": 0.1, "warmup_max_lr": 0.7}
    assert rates("WarmupDecayLR", **run)[-3:] == [0.5, 0.4, 0.3]
    assert rates("WarmupDecayLR", **run, steps=12)[-4:] == [0.2, 0.1, 0.1, 0.1]
    short = rates("WarmupDecayLR", total_num_steps=4, warmup_num_steps=8, warmup_max_lr=1.0, steps=12)
    assert short[8] > 0.9 and short[9:] == [0.0, 0.0, 0.0]


def test_the_cosine_begins_at_0_and_falls_to_a_ten_thousandth() -> None:
    run = {"total_num_steps": 8, "warmup_num_steps": 2, "warmup_type": "linear", "steps": 11}
    cosine = rates("WarmupCosineLR", **run, warmup_min_ratio=0.2)
    assert cosine[:3] == [0.0, 0.2, 0.6] and cosine[8:] == [0.0001, 0.0001, 0.0001]
    assert max(cosine) < 1.0
    assert "The first step is made at rate 0 whatever warmup_min_ratio is" in explained("WarmupCosineLR")


CYCLE = {"cycle_min_lr": 0.1, "cycle_max_lr": 1.0, "cycle_first_step_size": 2}


def test_after_the_cycle_there_is_no_decay_without_its_step_size() -> None:
    assert rates("OneCycle", **CYCLE, decay_lr_rate=9.0, steps=7)[-3:] == [0.1, 0.1, 0.1]
    decayed = rates("OneCycle", **CYCLE, decay_lr_rate=1.0, decay_step_size=1, steps=8)
    assert decayed == [0.1, 0.55, 1.0, 0.55, 0.1, 0.05, 0.0333, 0.025]
    assert "whatever decay_lr_rate is" in explained("OneCycle")


def momenta(**options: Any) -> list[float] | None:
    momentum = lrplot.simulate("deepspeed.OneCycle", **CYCLE, **options).momentum
    return None if momentum is None else [round(value, 4) for value in momentum.tolist()]


def test_the_momentum_begins_low_is_raised_by_its_decay_and_needs_betas() -> None:
    betas = [0.95, 0.999]
    assert momenta(steps=6, betas=betas) == [0.8, 0.85, 0.8, 0.85, 0.9, 0.9]
    raised = momenta(steps=8, betas=betas, decay_mom_rate=0.05, decay_step_size=1)
    assert raised is not None and raised[-3:] == [0.945, 0.99, 1.035]
    assert momenta(steps=6, momentum=0.9) is None and momenta(steps=6, betas=betas, cycle_momentum=False) is None
    optimizer = Optimizer(betas=betas)
    made("OneCycle", optimizer, **CYCLE).step()
    assert optimizer.param_groups[0]["betas"] == (pytest.approx(0.85), 0.99)
    assert "an optimizer without betas, such as SGD, has none cycled" in explained("OneCycle")


def test_a_range_test_adds_the_same_each_time_without_an_end() -> None:
    run = {"lr_range_test_min_lr": 0.1, "lr_range_test_step_size": 2, "steps": 6}
    assert rates("LRRangeTest", **run) == [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]
    assert rates("LRRangeTest", **run, lr_range_test_staircase=True) == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]


def test_a_run_is_as_long_as_its_training_and_goes_on_where_it_was() -> None:
    run = {"total_num_steps": 9, "warmup_num_steps": 3}
    for name in ("WarmupDecayLR", "WarmupCosineLR"):
        whole = lrplot.simulate(f"deepspeed.{name}", **run, lr=0.001)
        assert len(whole) == 9
        rest = lrplot.simulate(f"deepspeed.{name}", **run, lr=0.001, last_batch_iteration=4)
        assert (rest.steps, rest.lr.tolist()[1:]) == (range(5, 9), whole.lr.tolist()[6:])


def test_what_get_lr_answers_is_the_rate_after_the_step() -> None:
    curves = [
        lrplot.simulate("deepspeed.WarmupLR", warmup_num_steps=4, steps=6, record=record)
        for record in ("get_lr", "after-step")
    ]
    assert curves[0].lr.tolist() == curves[1].lr.tolist()


def test_a_state_is_the_index_alone() -> None:
    first, second = (made("WarmupLR", warmup_num_steps=8) for _ in range(2))
    first.advance(5)
    assert first.state_dict() == {"last_batch_iteration": 4} and first.last_batch_iteration == 4
    second.load_state_dict(first.state_dict())
    first.step()
    second.step()
    assert second.get_last_lr() == first.get_last_lr() and second.last_epoch == 6


def test_what_is_refused_is_named() -> None:
    with pytest.raises(
        Refusal, match=r"deepspeed.WarmupLR: warmup_num_steps must be a whole number, at least 1, got 0"
    ):
        made("WarmupLR", warmup_num_steps=0)
    with pytest.raises(Refusal, match=r"deepspeed.OneCycle: cycle_first_step_size must be greater than 0, got 0"):
        made("OneCycle", **{**CYCLE, "cycle_first_step_size": 0})
    for name, parts in (("sequential", {"milestones": [3]}), ("chained", {})):
        with pytest.raises(Refusal, match=r"deepspeed.WarmupLR, which is no scheduler of torch's"):
            lrplot.simulate(name, schedulers=["deepspeed.WarmupLR", "step step_size=3"], **parts)
    scheduler = made("WarmupLR")
    scheduler.optimizer.add_param_group({"lr": 0.1})
    with pytest.raises(Refusal, match=r"was made for 1 parameter groups, but the optimizer has 2"):
        scheduler.advance(1)


def events(name: str, **options: Any) -> list[tuple[int, str]]:
    return [(event.step, event.text) for event in lrplot.simulate(f"deepspeed.{name}", lr=1.0, **options).events]


def test_events_are_told_to_the_step() -> None:
    run = {"total_num_steps": 200, "warmup_num_steps": 20}
    assert (20, "warm-up ends") in events("WarmupDecayLR", **run)
    assert (21, "warm-up ends") in events("WarmupDecayLR", **run, warmup_type="linear")
    assert (20, "warm-up ends") in events("WarmupCosineLR", **run)
    assert {(20, "peak"), (40, "constant")} <= set(
        events("OneCycle", **{**CYCLE, "cycle_first_step_size": 20}, steps=90)
    )


def test_a_fall_without_end_is_no_rate() -> None:
    endless = made("WarmupDecayLR", total_num_steps=float("inf"), warmup_num_steps=2, warmup_max_lr=1.0)
    assert [*endless.advance(4)[0].rates][-2:] == [0.0, 0.0]  # as DeepSpeed's max(0.0, inf / inf)
