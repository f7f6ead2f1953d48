"""What there is to know of Megatron's schedules beside their golden values: traps, refusals, events, states."""

import re
from typing import Any

import pytest

import lrplot
from lrplot.parameters import Refusal
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer
from tests.command import lrplot as command
from tests.command import ok

RUN = {"max_lr": 1.0, "lr_decay_steps": 10}
WARM: dict[str, Any] = {**RUN, "lr_warmup_steps": 2}


def curve(name: str, **options: Any) -> lrplot.Curve:
    more = {"wsd_decay_steps": 4} if name == "WSD" else {}
    return lrplot.simulate(f"megatron.{name}", **{**more, **options})


def rates(name: str, **options: Any) -> list[float]:
    return [round(rate, 4) for rate in curve(name, **options).lr.tolist()]


def made(name: str, **parameters: Any) -> Any:
    return find(f"megatron.{name}")(Optimizer(), **{**({"wsd_decay_steps": 4} if name == "WSD" else {}), **parameters})


def explained(name: str) -> str:
    return " ".join(ok("explain", f"megatron.{name}").split())


@pytest.mark.parametrize("name", members("megatron"))
def test_the_first_step_is_made_at_init_lr_and_the_peak_comes_with_the_warm_ups_last_count(name: str) -> None:
    assert rates(name, **WARM)[:3] == [0.0, 0.5, 1.0]
    assert rates(name, **WARM, init_lr=0.2)[:3] == [0.2, 0.6, 1.0]
    assert rates(name, **RUN)[0] == 1.0
    assert len(rates(name, **WARM)) == 10


def test_past_its_end_the_rate_stays_at_the_floor() -> None:
    for name in ("linear", "cosine", "WSD"):
        assert rates(name, **WARM, min_lr=0.1, steps=13)[10:] == [0.1, 0.1, 0.1]
    assert "where transformers.cosine climbs again" in explained("cosine")


def test_a_constant_rate_does_not_look_at_the_floor() -> None:
    assert rates("constant", **WARM, min_lr=0.1, steps=13)[2:] == [1.0] * 11


def test_the_root_goes_by_the_warm_up_and_drops_to_the_floor_at_the_end() -> None:
    assert rates("inverse-square-root", max_lr=1.0, lr_decay_steps=200, steps=102)[100] == 0.1
    long = rates("inverse-square-root", max_lr=1.0, lr_decay_steps=200, lr_warmup_steps=50, steps=203)
    assert long[200:] == [0.5, 0.0, 0.0]
    events = [
        (event.step, event.text)
        for event in curve("inverse-square-root", max_lr=1.0, lr_decay_steps=200, lr_warmup_steps=50, steps=250).events
    ]
    assert (50, "warm-up ends") in events and 201 in [step for step, _ in events]
    assert "the rate drops to it there" in explained("inverse-square-root")


def test_the_shapes_of_wsds_decay_all_come_to_the_floor() -> None:
    run = {**WARM, "min_lr": 0.2, "wsd_decay_steps": 4, "steps": 12}
    shapes = {
        "linear": [1.0, 0.8, 0.6, 0.4, 0.2, 0.2],
        "cosine": [1.0, 0.8828, 0.6, 0.3172, 0.2, 0.2],
        "exponential": [1.0, 0.7454, 0.5314, 0.3514, 0.2, 0.2],
        "minus_sqrt": [1.0, 0.6, 0.4343, 0.3072, 0.2, 0.2],
    }
    for style, end in shapes.items():
        assert rates("WSD", **run, lr_wsd_decay_style=style)[6:] == end
    assert rates("WSD", **run) == rates("WSD", **run, lr_wsd_decay_style="exponential")
    assert "which is nearly a line" in explained("WSD")


def test_a_decay_within_the_warm_up_lets_the_rate_drop() -> None:
    run = {"max_lr": 1.0, "lr_decay_steps": 10, "lr_warmup_steps": 6, "wsd_decay_steps": 8}
    assert rates("WSD", **run, lr_wsd_decay_style="linear")[5:8] == [0.8333, 1.0, 0.375]
    assert not made("WSD", **run).knows_jumps and made("WSD", **WARM).knows_jumps


def test_samples_are_counted_where_a_step_adds_a_batch_of_them() -> None:
    samples = curve("cosine", max_lr=0.3, lr_decay_steps=7000, lr_warmup_steps=700, increment=70)
    steps = curve("cosine", max_lr=0.3, lr_decay_steps=100, lr_warmup_steps=10)
    assert len(samples) == len(steps) == 100 and samples.lr.tolist() != steps.lr.tolist()
    assert samples.lr.tolist() == pytest.approx(steps.lr.tolist(), rel=1e-15)
    assert curve("cosine", max_lr=0.3, lr_decay_steps=7001, increment=70).steps == range(101)
    share = curve("cosine", max_lr=0.3, lr_decay_steps=1005, lr_warmup_steps=10.05)
    assert share.lr[10] < share.lr[11] < 0.3
    assert "Megatron counts samples" in explained("cosine")


def test_the_weight_decay_is_a_column_where_it_changes() -> None:
    assert (
        curve("linear", **RUN).weight_decay is None
        and made("linear", **RUN).optimizer.param_groups[0]["weight_decay"] == 0.01
    )
    rising = curve("linear", **RUN, start_wd=0.0, end_wd=0.4, wd_incr_steps=4, wd_incr_style="linear").weight_decay
    assert rising is not None and rising.tolist()[:6] == [0.0, 0.1, 0.2, pytest.approx(0.3), 0.4, 0.4]
    flags = ["--max-lr", "1", "--lr-decay-steps", "4", "--end-wd", "0.05", "--wd-incr-style", "linear"]
    assert ok("megatron.linear", *flags, "-n", "2", "-o", "-") == "step,lr,weight_decay\n0,1.0,0.01\n1,0.75,0.02\n"
    assert "weight_decay" in ok("megatron.linear", *flags, "--parameter", "weight_decay")
    two = curve("cosine", **RUN, lr=[1, 1], end_wd=[0.01, 0.1], wd_incr_style="cosine")
    assert two.weight_decay is not None and two.weight_decay.shape == (10, 2)
    assert two.columns()["weight_decay_0"][5] == 0.01 < two.columns()["weight_decay_1"][5]


def test_groups_that_are_alike_share_a_column_which_is_computed_once() -> None:
    rising = {**RUN, "end_wd": 0.1, "wd_incr_style": "cosine"}
    scheduler = find("megatron.cosine")(Optimizer(lr=[1.0] * 3), **rising, min_lr=[0.1, 0.2, 0.1])
    assert scheduler.rule(0) == scheduler.rule(2) != scheduler.rule(1)
    alike, other, same = scheduler.advance(9)
    alone = made("cosine", **rising, min_lr=0.1).advance(9)[0]
    assert (alike.rates, alike.beside) == (same.rates, same.beside) == (alone.rates, alone.beside)
    assert other.rates != alike.rates is not same.rates and other.beside == alike.beside


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_lr": 2.0}, "max_lr must be at least min_lr, 2.0, got 1.0"),
        ({"min_lr": -1.0}, "min_lr must be at least 0, got -1.0"),
        ({"init_lr": 2.0}, "init_lr must be at most max_lr, 1.0, got 2.0"),
        ({"lr_warmup_steps": 10}, "lr_warmup_steps must be less than lr_decay_steps, 10, got 10"),
        ({"lr_decay_steps": 0}, "lr_decay_steps must be greater than 0, got 0"),
        ({"start_wd": 0.1}, "end_wd must be at least start_wd, 0.1, got 0.01"),
        ({"end_wd": 0.1}, "wd_incr_style is constant, but start_wd is 0.01 and end_wd 0.1: linear or cosine"),
        ({"end_wd": 0.1, "wd_incr_style": "square"}, "wd_incr_style must be constant, linear or cosine, got 'square'"),
        ({"increment": 0}, "increment must be a whole number, at least 1, got 0"),
    ],
)
def test_what_is_refused_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal, match=f"megatron.linear: {re.escape(message)}"):
        made("linear", **{**RUN, **given})


def test_what_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"record get_lr: megatron.cosine has no get_lr\(\) of all groups"):
        curve("cosine", **RUN, record="get_lr")
    with pytest.raises(Refusal, match=r"megatron.cosine, which is no scheduler of torch's: ChainedScheduler"):
        lrplot.simulate("chained", schedulers=["megatron.cosine max_lr=1 lr_decay_steps=9"])
    unknown = made("WSD", **WARM, lr_wsd_decay_style="square")
    unknown.advance(6)
    with pytest.raises(Refusal, match=r"must be 'exponential' or 'linear' or 'cosine' or 'minus_sqrt', got 'square'"):
        unknown.advance(1)
    assert "did you mean 'megatron.inverse-square-root'?" in command("inverse_square_root").stderr
    assert "megatron.WSD" in command("wsd").stderr


def test_a_state_is_megatrons_and_a_step_may_have_an_increment_of_its_own() -> None:
    first = made("cosine", **{**WARM, "lr_decay_steps": 100}, end_wd=0.2, wd_incr_style="linear")
    first.step(8)
    first.step()
    state = first.state_dict()
    assert (state["num_steps"], state["lr_decay_style"], first.last_epoch) == (9, "cosine", 2)
    second = made("cosine", max_lr=0.5, lr_decay_steps=70)
    second.load_state_dict(state)
    assert second.get_last_lr() == first.get_last_lr() and second.num_steps == 9
    first.step()
    second.step()
    assert first.optimizer.param_groups == second.optimizer.param_groups
    with pytest.raises(Refusal, match=r"megatron.linear: the state is of cosine"):
        made("linear", **RUN).load_state_dict(state)


def test_events_are_told_to_the_step() -> None:
    run = {"max_lr": 1.0, "lr_decay_steps": 200, "lr_warmup_steps": 20}
    for name in ("linear", "cosine", "constant", "WSD"):
        assert (20, "warm-up ends") in [(event.step, event.text) for event in curve(name, **run).events]
    told = [(event.step, event.text) for event in curve("WSD", **{**run, "wsd_decay_steps": 50}).events]
    assert (150, "decay starts") in told
    halved = curve("linear", max_lr=1.0, lr_decay_steps=200, lr_warmup_steps=20, increment=2).events
    assert (10, "warm-up ends") in [(event.step, event.text) for event in halved]


def test_a_rate_that_has_no_half_falls_as_well() -> None:
    least = 5e-324  # of all floats; 0.5 * (1 + cos(pi * n / 10)) * least is rounded to it while more than half is left
    assert curve("cosine", max_lr=least, lr_decay_steps=10).lr.tolist() == [least] * 5 + [0.0] * 5
