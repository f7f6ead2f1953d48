"""What there is to know of transformers' schedules beside their golden values: traps, refusals, events, states."""

import re
from typing import Any

import pytest

import lrplot
from lrplot.parameters import Refusal
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer
from lrplot.schedulers.transformers.warmup import Factor, WarmUp
from tests.command import lrplot as command
from tests.command import ok

RUN = {"num_warmup_steps": 3, "num_training_steps": 10}


def refused(*words: str) -> str:
    done = command(*words)
    assert done.returncode == 2
    return " ".join(done.stderr.split())


def rates(name: str, steps: int = 20, **options: Any) -> list[float]:
    return [
        round(rate, 4) for rate in lrplot.simulate(f"transformers.{name}", lr=1.0, steps=steps, **options).lr.tolist()
    ]


def made(name: str, lr: float | list[float] = 1.0, **parameters: Any) -> Any:
    return find(f"transformers.{name}")(Optimizer(lr=lr), **parameters)


def test_the_first_step_is_made_at_rate_0_but_where_the_warm_up_has_it_above() -> None:
    for name in ("linear", "cosine", "cosine_with_restarts", "polynomial"):
        assert rates(name, **RUN)[:4] == [0.0, 0.3333, 0.6667, 1.0]
    assert rates("cosine_warmup_with_min_lr", **RUN, min_lr_rate=0.1)[:4] == [0.3333, 0.6667, 1.0, 0.9554]
    assert rates("cosine_warmup_with_min_lr", **RUN, min_lr_rate=0.1, warmup_lr_rate=0.0)[:3] == [0.0, 0.5, 1.0]
    held = rates("warmup_stable_decay", **RUN, num_decay_steps=3, min_lr_ratio=0.1)
    assert held[:4] == [0.1, 0.4, 0.7, 1.0]


def test_the_last_step_does_not_reach_the_floor_and_past_the_end_a_cosine_climbs() -> None:
    assert rates("linear", **RUN)[9:12] == [0.1429, 0.0, 0.0]
    assert rates("cosine", **RUN)[9:12] == [0.0495, 0.0, 0.0495]
    assert rates("cosine", **RUN)[16] == 0.9505
    assert rates("cosine_with_restarts", **RUN)[9:12] == [0.0495, 0.0, 0.0]
    assert rates("cosine_warmup_with_min_lr", **RUN, min_lr=0.1)[9] == 0.1


def test_num_cycles_counts_waves_in_one_and_falls_in_the_other() -> None:
    assert rates("cosine", num_warmup_steps=0, num_training_steps=4, num_cycles=1)[:5] == [1.0, 0.5, 0.0, 0.5, 1.0]
    restarts = rates("cosine_with_restarts", num_warmup_steps=0, num_training_steps=4, num_cycles=2)
    assert restarts[:5] == [1.0, 0.5, 1.0, 0.5, 0.0]


def test_of_several_groups_each_ends_at_the_same_part_of_its_own_rate() -> None:
    scheduler = made("polynomial", [0.5, 0.05], num_warmup_steps=0, num_training_steps=4, lr_end=0.05)
    assert [round(track.rates[-1], 6) for track in scheduler.advance(4)] == [0.05, 0.005]


def test_a_run_is_as_long_as_its_training() -> None:
    for name, more in (("linear", {}), ("warmup_stable_decay", {"num_decay_steps": 2})):
        assert len(lrplot.simulate(f"transformers.{name}", **RUN, **more).lr) == 10


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("cosine_with_min_lr", {}, "either min_lr or min_lr_rate must be given"),
        ("cosine_warmup_with_min_lr", {"min_lr": 0.1, "min_lr_rate": 0.1}, "must be given, not both"),
        ("polynomial", {"lr_end": 1.0}, "lr_end must be less than the optimizer's lr, 1.0, got 1.0"),
        (
            "warmup_stable_decay",
            {"num_training_steps": None, "num_decay_steps": 2},
            "either num_training_steps or num_",
        ),
    ],
)
def test_what_is_refused_is_named(name: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(Refusal, match=f"transformers.{name}: .*{re.escape(message)}"):
        made(name, **{**RUN, **given})


def test_the_base_has_no_schedule_of_its_own() -> None:
    with pytest.raises(NotImplementedError):
        Factor(Optimizer())
    with pytest.raises(NotImplementedError):
        type("Half", (WarmUp,), {"num_warmup_steps": 0})(Optimizer())


def test_a_state_is_a_lambdas_and_says_nothing_of_what_the_factor_is_made_of() -> None:
    first = made("linear", **RUN)
    first.advance(5)
    state = first.state_dict()
    assert state == {"base_lrs": [1.0], "last_epoch": 5, "_step_count": 6, "_last_lr": [5 / 7], "lr_lambdas": [None]}
    second = made("linear", num_warmup_steps=3, num_training_steps=17)
    second.load_state_dict(state)
    second.step()
    assert (second.last_epoch, second.get_last_lr()) == (6, [11 / 14])


def test_greedy_takes_the_mean_of_what_it_does_not_count_too() -> None:
    made_greedy = made("greedy", factor=0.5, patience=0, cooldown=2, min_lr=0.0, smooth=True, window_size=2)
    rates = made_greedy.advance(7, metrics=[1.0, *[3.0] * 6])[0].rates  # the means are 1, 2 and then 3
    assert list(rates) == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_greedy_rests_for_as_long_as_anyone_says() -> None:
    rests = made("greedy", factor=0.5, patience=0, cooldown=10**25, min_lr=0.0)
    halved = rests.advance(5, metrics=[1.0, 3.0, 3.0, 3.0, 3.0])[0].rates
    assert halved[2] == halved[-1] == halved[1] / 2  # once, and then it rests
    rests = made("greedy", factor=0.5, patience=0, cooldown=1.5, min_lr=0.0)
    halved = rests.advance(6, metrics=[1.0, 3.0, 3.0, 3.0, 3.0, 3.0])[0].rates
    assert [*halved] == [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]  # improved; reduced; two that rest; reduced


def test_greedy_goes_on_from_its_state_and_has_no_get_lr() -> None:
    first, second = (made("greedy", factor=0.5, patience=1, smooth=True, window_size=2) for _ in range(2))
    metrics = [3.0, 2.0, 2.0, 2.0, 2.0, 1.0]
    for metric in metrics[:4]:
        first.step(metric)
    second.load_state_dict(first.state_dict())
    assert [(each.step(2.0, epoch=9), each.last_epoch, each.get_last_lr()) for each in (first, second)] == [
        (None, 9, first.get_last_lr())
    ] * 2
    with pytest.raises(NotImplementedError, match=r"transformers.greedy has no get_lr"):
        first.advance(1, reread=True, metrics=[1.0])
    with pytest.raises(Refusal, match=r"transformers.greedy: metrics must be one a step, got 0 for 1 steps"):
        first.advance(1)
    with pytest.raises(TypeError, match="int is not an optimizer"):
        find("transformers.greedy")(3)


def events(name: str, **options: Any) -> list[tuple[int, str]]:
    return [(event.step, event.text) for event in lrplot.simulate(f"transformers.{name}", lr=1.0, **options).events]


def test_events_are_told_to_the_step() -> None:
    long = {"num_warmup_steps": 20, "num_training_steps": 200}
    assert (20, "warm-up ends") in events("linear", **long)
    assert (20, "warm-up ends") in events("polynomial", **long, lr_end=0.0)
    restarts = [step for step, text in events("cosine_with_restarts", **long, num_cycles=3) if text == "restart"]
    assert restarts == [80, 140]
    assert {(20, "warm-up ends"), (150, "decay starts")} <= set(
        events("warmup_stable_decay", **long, num_decay_steps=50)
    )
    greedy = events("greedy", factor=0.5, patience=1, metrics=[3.0, 3.0, 3.0, 3.0, 2.0, 1.0, 1.0, 1.0], steps=8)
    assert [text for _, text in greedy] == ["start", "reduced ×0.5", "rise ×2", "end"]
    again = events("greedy", factor=0.5, patience=0, metrics=[5.0] * 12, steps=12, min_lr=0.25, reset_start=2)
    assert "restart" in [text for _, text in again]


def test_restarts_are_told_where_the_floats_have_them() -> None:
    for warm_up, total, cycles in ((0, 100, 7), (3, 1000, 49), (5, 45, 20), (10, 5, 3), (0, 11, 3)):
        scheduler = made("cosine_with_restarts", num_warmup_steps=warm_up, num_training_steps=total, num_cycles=cycles)
        column = made("cosine_with_restarts", num_warmup_steps=warm_up, num_training_steps=total, num_cycles=cycles)
        seen = list(column.advance(total)[0].rates)
        rising = [step for step in range(warm_up + 1, total) if seen[step] > seen[step - 1]]
        told = [step for action in scheduler.actions(total) if action.kind == "restart" for step in action.steps]
        assert told == rising, (warm_up, total, cycles)


def test_the_family_is_listed_and_explained() -> None:
    listing = ok("list", "transformers")
    assert all(f"transformers.{name}" in listing for name in members("transformers"))
    assert "lrplot list transformers" in " ".join(ok("list").split())
    assert "transformers.NAME" in ok("--help") and "transformers.cosine" not in ok("--help")
    told = " ".join(ok("explain", "transformers.cosine").split())
    for words in (
        "The first step of a warm-up is made at rate 0",
        "As num_cycles, whole waves are counted here",
        "bit for bit",
    ):
        assert words in told


def test_what_is_missing_is_asked_for_with_a_line_to_copy() -> None:
    said = refused("transformers.linear", "--num-warmup-steps", "3", "-o", "-")
    assert "num-training-steps" in said and "for example: lrplot transformers.linear --num-warmup-steps 10" in said
    assert "did you mean 'transformers.warmup_stable_decay'?" in refused("warmup-stable-decay")
    assert "did you mean 'transformers.cosine_with_min_lr'?" in refused("transformers.cosine-with-min-lr")


def test_why_tells_of_each_evaluation_what_greedy_made_of_it() -> None:
    metrics = "[5, 4, 3, 3, 3, 3, 3, 3, 3, 3]"
    words = ("--factor", "0.5", "--patience", "1", "--warmup", "1", "--cooldown", "1", "--min-lr", "0.5", "--lr", "0.5")
    said = ok("transformers.greedy", *words, "--reset-start", "2", "--metrics", metrics, "--why", "-q")
    rows = [line.split(maxsplit=6) for line in said.splitlines()[1:]]
    assert [row[6] for row in rows] == [
        *("improved, 1 in a row", "raised ×2", "warmup", "improved, 1 in a row", "waited"),
        *("reduced ×0.5", "cooldown", "waited", "began anew", "cooldown"),
    ]
    assert [row[3] for row in rows] == list("0000120120")
    highest = ok("transformers.greedy", "--patience", "0", "--lr", "1", "--metrics", "[2, 1]", "--why", "-q")
    assert [line.split(maxsplit=6)[6] for line in highest.splitlines()[1:]] == ["as high as may be"] * 2


def test_one_of_two_is_in_the_schema() -> None:
    from jsonschema import Draft202012Validator

    from lrplot.configs.schema import schema

    validator = Draft202012Validator(schema())

    def valid(**given: Any) -> bool:
        scheduler = {"name": "transformers.cosine_with_min_lr", **RUN, **given}
        return validator.is_valid({"scheduler": scheduler})

    assert valid(min_lr=0.1) and valid(min_lr_rate=0.1) and valid(min_lr=0.1, min_lr_rate=None)
    assert not valid() and not valid(min_lr=0.1, min_lr_rate=0.1) and not valid(min_lr=None)
    decay = {"name": "transformers.warmup_stable_decay", "num_warmup_steps": 1, "num_decay_steps": 2}
    assert not validator.is_valid({"scheduler": decay})
    assert validator.is_valid({"scheduler": {**decay, "num_training_steps": 9, "num_stable_steps": 3}})
    assert validator.is_valid({"scheduler": "transformers.linear num_warmup_steps=1 num_training_steps=9"})
    assert not validator.is_valid({"scheduler": "transformers.lineal num_warmup_steps=1 num_training_steps=9"})
    assert not validator.is_valid({"scheduler": "transformers.greedy"})


def test_names_are_completed_and_written_back() -> None:
    words = {"_LRPLOT_COMPLETE": "bash_complete", "COMP_WORDS": "lrplot transformers.cosine_w", "COMP_CWORD": "1"}
    said = command("", env=words).stdout
    assert "transformers.cosine_with_min_lr" in said and "transformers.linear" not in said
    assert "reduced ×0.5" in ok(
        "transformers.reduce_lr_on_plateau", "--factor", "0.5", "--patience", "0", "--metrics", "1", "-n", "3", "--why"
    )


def test_of_a_length_that_is_no_number_nothing_is_asked_before_it_is_needed() -> None:
    scheduler = made("warmup_stable_decay", num_warmup_steps=2, num_decay_steps=0, num_stable_steps="x")
    assert list(scheduler.advance(1)[0].rates) == [0.0, 0.5]
    with pytest.raises(TypeError):
        scheduler.advance(1)
