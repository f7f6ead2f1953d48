"""Which schedule a log is of: the command, and a share of the experiment (``python -m tests.sweeps.identify``)."""

import json
import math
from pathlib import Path

import numpy
import pytest

from lrplot.analysis.identify.decimals import roundest, shortest
from lrplot.analysis.identify.region import solve
from lrplot.analysis.identify.search import identify
from lrplot.analysis.identify.verify import Logged
from lrplot.configs.expression import Expression
from lrplot.configs.sources import load
from tests.command import lrplot, ok
from tests.identify.draw import Drawn, logged
from tests.sweeps.identify import judged, outcome


def write(path: Path, rates: object, format: str = "%r", every: int = 1, first: int = 0) -> str:
    """A log with a header, a row a step."""
    rows = [f"{first + step},{format % float(rate)}\n" for step, rate in enumerate(rates) if step % every == 0]  # type: ignore[arg-type]
    path.write_text("step,learning_rate\n" + "".join(rows))
    return str(path)


def cosine(steps: int = 100) -> numpy.ndarray:
    return Drawn("cosine T_max=90 eta_min=1e-5", 0.1, steps).rates()


def found(text: str, lr: float | None, steps: int, every: int = 1, format: str = "float32") -> list[str]:
    rates = Drawn(text, lr, steps).rates()
    return [str(candidate.proposal.spec) for candidate in identify(logged(rates, every, format), Expression)]


def test_the_config_is_printed_with_the_parameters_as_they_were_typed(tmp_path: Path) -> None:
    assert ok("identify", write(tmp_path / "log.csv", cosine(), "%.6g")).splitlines()[:4] == [
        "# equal at all 100 logged steps (to 6 digits)",
        "optimizer: {lr: 0.1}",
        "scheduler: {name: CosineAnnealingLR, T_max: 90, eta_min: 1.0e-05}",
        "steps: 100",
    ]


def test_ties_are_said(tmp_path: Path) -> None:
    told = json.loads(ok("identify", write(tmp_path / "log.csv", cosine(), "%.6g"), "--json"))
    names = [candidate["config"]["scheduler"]["name"] for candidate in told["candidates"]]
    assert names[:2] == ["CosineAnnealingLR", "transformers.cosine_with_min_lr"]
    assert {(candidate["equal"], candidate["of"]) for candidate in told["candidates"]} == {(100, 100)}


def test_the_config_can_be_written_and_gives_the_log(tmp_path: Path) -> None:
    log, plan = write(tmp_path / "log.csv", cosine()), str(tmp_path / "plan.yaml")
    ok("identify", log, "-o", plan)
    assert list(load(plan).curves()[0].rates[0]) == list(cosine())


def test_a_picture_has_the_log_on_the_plan(tmp_path: Path) -> None:
    ok("identify", write(tmp_path / "log.csv", cosine(), every=10), "-o", str(tmp_path / "both.svg"))
    assert (tmp_path / "both.svg").stat().st_size > 1000


@pytest.mark.parametrize("first", [1, 0])
def test_a_log_may_count_from_one(tmp_path: Path, first: int) -> None:
    told = json.loads(ok("identify", write(tmp_path / "log.csv", cosine(), "%.6g", first=first), "--json"))
    best = told["candidates"][0]
    assert (best["config"]["scheduler"]["T_max"], best["shift"]) == (90, -first)


def test_a_log_may_have_the_rate_of_the_next_step(tmp_path: Path) -> None:
    told = json.loads(ok("identify", write(tmp_path / "log.csv", cosine()[1:], "%.6g"), "--json"))
    best = told["candidates"][0]
    assert (best["config"]["scheduler"]["T_max"], best["config"]["record"], best["shift"]) == (90, "after-step", 1)


def test_groups_have_rates_of_their_own(tmp_path: Path) -> None:
    table = str(tmp_path / "log.csv")
    ok("cosine", "--T-max", "50", "--eta-min", "1e-5", "--lr", "0.1", "--lr", "0.02", "-n", "50", "-o", table)
    told = json.loads(ok("identify", table, "--json"))
    assert told["candidates"][0]["config"]["optimizer"]["lr"] == [0.1, 0.02]


def test_what_nothing_reproduces_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    rates = [0.001 * (step + 1) for step in range(20)] + [0.02 * abs(math.sin(step**2)) for step in range(30)]
    done = lrplot("identify", write(tmp_path / "log.csv", rates))
    assert done.returncode == 1
    assert "goes along a line from 0.001 at step 0 to 0.02 at step 19; what comes then is unknown" in done.stdout


def test_a_plan_is_no_log() -> None:
    done = lrplot("identify", "configs/tutorial/cosine.yaml")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is a plan, whose scheduler is known" in done.stderr


@pytest.mark.parametrize("rates", [[0.1], [0.1, 0.05], [0.1, 0.1, 0.1], [0.0, 0.0], [math.nan, 0.1, math.nan]])
def test_a_few_points_end_in_an_answer(tmp_path: Path, rates: list[float]) -> None:
    done = lrplot("identify", write(tmp_path / "log.csv", rates))
    assert done.returncode in (0, 1)
    assert not done.stderr


def test_a_log_without_a_number_is_refused(tmp_path: Path) -> None:
    done = lrplot("identify", write(tmp_path / "log.csv", [math.nan] * 5))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_what_a_log_leaves_open_is_said(tmp_path: Path) -> None:
    rates = Drawn("multistep milestones=37,62", 0.1, 100).rates()
    found = {c.proposal.spec.cls.shown_name: c for c in identify(logged(rates, 10, "float32"), Expression)}
    assert found["StepLR"].ranges == {"step_size": (31, 35)}
    assert found["MultiStepLR"].ranges == {"milestones[0]": (31, 40), "milestones[1]": (61, 70)}
    assert found["timm.multistep"].ranges == {"decay_t[0]": (32, 41), "decay_t[1]": (62, 71)}
    text = ok("identify", write(tmp_path / "log.csv", rates, every=10))
    assert "the log does not tell milestones[0] from 31 to 40, milestones[1] from 61 to 70\n" in text


def test_a_rate_may_be_held_between_logged_steps() -> None:
    stairs = "keras.InverseTimeDecay initial_learning_rate=0.1 decay_steps=10 decay_rate=0.5"
    assert any(
        "decay_steps=10, staircase=True" in spec for spec in found(stairs + " staircase=true", None, 200, every=10)
    )


def test_a_way_of_which_a_row_is_logged_may_be_another() -> None:
    text = "transformers.warmup_stable_decay num_warmup_steps=50 num_training_steps=90 num_decay_steps=18"
    text += " warmup_type=cosine decay_type=1-sqrt"
    best, *_ = identify(logged(Drawn(text, 0.05, 90).rates(), 10, "float32"), Expression)
    assert any("hardly a rate from step" in doubt for doubt in best.doubts)


@pytest.mark.parametrize(
    ("text", "lr"),
    [
        ("onecycle max_lr=0.1 total_steps=100", None),
        ("cyclic base_lr=0.001 max_lr=0.1 step_size_up=10 mode=triangular2", None),
        ("warm-restarts T_0=20 T_mult=2", 0.1),
        ("polynomial total_iters=100 power=0.9", 0.01),
        ("transformers.inverse_sqrt num_warmup_steps=10", 5e-4),
        ("chained 'linear start_factor=0.1 total_iters=20' 'exponential gamma=0.95'", 0.1),
    ],
)
def test_schedules_are_named(text: str, lr: float | None) -> None:
    from lrplot.configs.sources import spec

    assert str(spec(text)) in found(text, lr, 100)


@pytest.mark.parametrize("name", ["StepLR", "LinearLR", "SWALR", "ExponentialLR", "ConstantLR", "CosineAnnealingLR"])
@pytest.mark.parametrize("format", ["%.4e", "6 decimals"])
def test_a_share_of_the_experiment(name: str, format: str) -> None:
    assert outcome(name, 3, format, 1)[0] == "true"


FAMILIES = [
    "deepspeed.LRRangeTest",
    "deepspeed.OneCycle",
    "keras.CosineDecay",
    "keras.CosineDecayRestarts",
    "keras.InverseTimeDecay",
    "megatron.WSD",
    "optax.join_schedules",
    "optax.polynomial_schedule",
    "optax.warmup_cosine_decay_schedule",
    "timm.constant",
    "timm.plateau",
    "transformers.constant_with_warmup",
    "transformers.inverse_sqrt",
]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_share_of_other_libraries(name: str) -> None:
    assert outcome(name, 5, "float32", 1)[0] == "true"


@pytest.mark.parametrize(
    ("text", "lr", "steps", "format", "every"),
    [
        ("timm.tanh t_initial=100 cycle_limit=2 cycle_decay=0.1 cycle_mul=2.0 lr_min=1e-06", 3e-4, 400, "float32", 1),
        ("timm.tanh t_initial=100", 2e-5, 100, "6 decimals", 1),
        ("timm.step decay_t=2.4 decay_rate=0.5 warmup_t=3 warmup_prefix=true", 0.1, 60, "float32", 1),
        ("cosine T_max=100", 2e-5, 130, "6 decimals", 1),
        ("transformers.cosine_warmup_with_min_lr num_warmup_steps=0 num_training_steps=90 min_lr=0.1", 1.0, 90, "%.6g", 1),
        ("deepspeed.OneCycle cycle_min_lr=6e-05 cycle_max_lr=6e-4 cycle_first_step_size=25 cycle_second_step_size=50"
         " decay_step_size=5 decay_lr_rate=0.001", None, 120, "float32", 1),
        ("deepspeed.WarmupCosineLR total_num_steps=200 warmup_num_steps=20 cos_min_ratio=0.0", 1e-4, 200, "6 decimals", 1),
        ("deepspeed.WarmupCosineLR total_num_steps=200 warmup_num_steps=20", 1e-4, 200, "float32", 10),
        ("deepspeed.WarmupDecayLR total_num_steps=1000 warmup_min_lr=1e-06 warmup_max_lr=0.001 warmup_num_steps=5"
         " warmup_type=linear", None, 1000, "float32", 50),
    ],
)  # fmt: skip
def test_the_true_one_is_among_the_ties(text: str, lr: float | None, steps: int, format: str, every: int) -> None:
    run = Drawn(text, lr, steps)
    log = logged(run.rates(), every, format)
    assert judged(identify(log, Expression), run, log) == "true"


def test_a_search_says_that_it_ended_at_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrplot.analysis.identify.search.SECONDS", 0.0)
    monkeypatch.setattr("lrplot.cli.identify.SECONDS", 0.0)
    done = lrplot("identify", write(tmp_path / "log.csv", cosine(), "%.6g"))
    assert done.returncode == 1 and "nothing found within 0 s of search reproduces all 100" in done.stdout
    assert not json.loads(lrplot("identify", str(tmp_path / "log.csv"), "--json").stdout)["complete"]


def test_a_region_holds_what_all_rows_allow() -> None:
    steps = numpy.arange(11) / 10
    region = solve(1 - steps, steps, 2 - steps - 1e-3, 2 - steps + 1e-3)
    assert region is not None
    assert region.first == pytest.approx((1.999, 2.001))
    assert region.second == pytest.approx((0.999, 1.001))
    assert solve(1 - steps, steps, steps**2 - 1e-3, steps**2 + 1e-3) is None


def test_numbers_come_out_short() -> None:
    assert shortest(2.9e-4, 3.2e-4)[0] == 3e-4
    assert roundest(89.9, 90.2) == [90]
    assert shortest(1.0, 0.9) == []


def test_formulas_are_the_last_resort() -> None:
    assert found("lambda 'lr_lambda=1 / (1 + 0.05 * epoch)'", 0.1, 60, format="%.6g") == [
        "LambdaLR(lr_lambda=1 / (1 + 0.05 * epoch))"
    ]


def test_an_empty_stretch_of_groups_is_met() -> None:
    steps = numpy.arange(30)
    rates = Drawn("step step_size=10", 0.1, 30).rates()
    best = identify(Logged(steps, [rates, rates / 2], [rates, rates / 2]), Expression)[0]
    assert best.proposal.lr == [0.1, 0.05]


@pytest.mark.parametrize(
    ("text", "lr"),
    [
        ("timm.cosine t_initial=100 lr_min=1e-5 warmup_t=5 warmup_lr_init=1e-6", 1e-3),
        (
            "megatron.WSD max_lr=3e-4 lr_warmup_steps=10 lr_decay_steps=100 wsd_decay_steps=20 lr_wsd_decay_style=linear",
            None,
        ),
        ("keras.CosineDecay initial_learning_rate=0.1 decay_steps=100 alpha=0.1", None),
        ("optax.warmup_cosine_decay_schedule init_value=0.0 peak_value=0.001 warmup_steps=10 decay_steps=100", None),
    ],
)
def test_other_libraries_schedules_are_named(text: str, lr: float | None) -> None:
    assert any(spec.startswith(text.partition(" ")[0]) for spec in found(text, lr, 100))


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("megatron.linear max_lr=0.0003 lr_warmup_steps=40 lr_decay_steps=400 init_lr=3e-06", 400),
        ("keras.PolynomialDecay initial_learning_rate=0.001 decay_steps=120 end_learning_rate=0 power=2.0", 120),
    ],
)
def test_a_few_decimals_hide_the_end_and_no_more(text: str, steps: int) -> None:
    assert found(text, None, steps, format="6 decimals")


@pytest.mark.parametrize("every", [10, 100])
def test_a_trainers_older_log_is_read_both_ways(every: int, tmp_path: Path) -> None:
    """It logged, at the end of its step N, the rate of the step after."""
    rates = Drawn("transformers.cosine num_warmup_steps=500 num_training_steps=10000", 3e-4, 9_001).rates()
    history = [{"step": step, "loss": 1.0, "learning_rate": float(rates[step])} for step in range(every, 9_001, every)]
    (tmp_path / "trainer_state.json").write_text(json.dumps({"log_history": history}))
    said = json.loads(ok("identify", str(tmp_path / "trainer_state.json"), "--json"))
    configs = [candidate["config"] for candidate in said["candidates"]]
    meant = {"name": "transformers.cosine", "num_warmup_steps": 500, "num_training_steps": 10_000}
    assert any(config["scheduler"] == meant and config["record"] == "after-step" for config in configs)


def test_what_is_logged_after_the_scheduler_s_step_is_not_taken_for_a_stranger_schedule(tmp_path: Path) -> None:
    """transformers' cosine_warmup_with_min_lr without a floor is its cosine, one step early."""
    rates = Drawn("transformers.cosine num_warmup_steps=50 num_training_steps=1000", 3e-4, 1_000).rates()
    said = json.loads(ok("identify", write(tmp_path / "log.csv", rates[1:]), "--json"))
    best, *others = (candidate["config"] for candidate in said["candidates"])
    meant = {"name": "transformers.cosine", "num_warmup_steps": 50, "num_training_steps": 1_000}
    assert best["scheduler"] == meant and best["record"] == "after-step"
    assert "transformers.cosine_warmup_with_min_lr" in {other["scheduler"]["name"] for other in others}
