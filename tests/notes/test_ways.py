"""Where torch refuses what people want, the refusal ends in what does it: pasted, it does."""

import shlex
from pathlib import Path

import pytest

import lrplot
from lrplot.configs.document import ConfigError
from lrplot.configs.sources import load_all
from lrplot.schedulers.families import every_member
from tests import command
from tests.command import typed


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(*words: str) -> list[str]:
    done = command.lrplot(*words)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr.splitlines()


def rates(table: str) -> list[float]:
    header, *rows = table.splitlines()
    assert header == "step,lr"
    return [float(row.partition(",")[2]) for row in rows]


def pasted(line: str) -> list[float]:
    """The rates of the command that a refusal ends in."""
    return rates(command.lrplot(*typed(line[line.index("lrplot ", 7) :])[1:], "-q", "-o", "-").stdout)


@pytest.mark.parametrize("flag", ["--warmup", "--num-warmup-steps", "--warmup-epochs"])
def test_a_warm_up_where_there_is_none(flag: str) -> None:
    """From a hundredth of lr to lr in 10 of the 100 steps, then half a cosine in the other 90: (1 + cos(pi / 3)) / 2 of
    lr after 30 of them.
    """
    first, second = refusal("cosine", "--T-max", "100", flag, "10", "--lr", "0.1")
    assert first == f"lrplot: no such option '{flag}': cosine has none"
    made = pasted(second)
    assert len(made) == 100
    assert [made[step] for step in (0, 5, 10, 40, 55)] == pytest.approx([0.001, 0.0505, 0.1, 0.075, 0.05])


def test_a_warm_up_for_which_the_decay_leaves_room_already() -> None:
    """80 of the 100 steps are the cosine's: at its middle, after 20 + 40 of them, it is at half of lr."""
    _, line = refusal("cosine", "--T-max", "80", "--warmup-steps", "20", "-n", "100", "--lr", "0.1")
    made = pasted(line)
    assert [made[step] for step in (20, 60)] == pytest.approx([0.1, 0.05]) and made[-1] == min(made[20:])


@pytest.mark.parametrize(
    "decay, rate", [(("exponential", "--gamma", "0.9"), 0.09), (("step", "--step-size", "1", "--gamma", "0.9"), 0.09)]
)
def test_a_floor_under_a_decay(decay: tuple[str, ...], rate: float) -> None:
    first, line = refusal(*decay, "--min-lr", "0.01", "--lr", "0.1", "-n", "60")
    assert first == f"lrplot: no such option '--min-lr': {decay[0]} has none, plateau has"
    made = pasted(line)
    assert [made[1], made[-1]] == pytest.approx([rate, 0.01])


def test_a_list_with_spaces() -> None:
    (line,) = refusal("multistep", "--milestones", "30 60")
    assert line == "lrplot: --milestones must be a whole number, got '30 60': a list has commas, 30,60"


def test_a_warm_up_from_exactly_0_in_a_config() -> None:
    """huggingface/diffusers issue 1232: 100 steps from 0, a cosine with two hard restarts to step 1,000."""
    text = """optimizer: {lr: 1e-4}
scheduler:
  name: sequential
  schedulers:
    - {name: linear, start_factor: 0, total_iters: 100}
    - {name: warm-restarts, T_0: 450}
  milestones: [100]
steps: 1000
"""
    Path("a.yaml").write_text(text)
    first, second = refusal("plot", "a.yaml", "-o", "x.csv")
    assert first == (
        "lrplot: a.yaml:5:36: scheduler.schedulers[0].start_factor must be greater than 0 and at most 1, got 0.0"
    )
    does_it = '{name: LambdaLR, lr_lambda: "min(epoch, 100) / 100"}'
    assert second == f"lrplot: a.yaml:5:7: scheduler.schedulers[0]: write a warm-up from exactly 0 as {does_it}"
    Path("a.yaml").write_text(text.replace("{name: linear, start_factor: 0, total_iters: 100}", does_it))
    (curve,) = lrplot.load_config("a.yaml").curves()
    wanted = {0: 0.0, 50: 5e-05, 100: 0.0001, 325: 5e-05, 549: 1.2184647302626583e-09, 550: 0.0001}
    assert {step: curve.lr[step] for step in wanted} == pytest.approx(wanted)


def test_a_warm_up_from_exactly_0_by_flags() -> None:
    *_, line = refusal("linear", "--start-factor", "0", "--total-iters", "4", "-n", "6", "--lr", "1", "-o", "-")
    does_it = "lrplot lambda --lr-lambda 'min(epoch, 4) / 4' --lr 1.0 --steps 6"
    assert line == f"lrplot: write a warm-up from exactly 0 as {does_it}"
    again = rates(command.ok(*typed(does_it)[1:], "-q", "-o", "-"))
    assert again == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]


def test_a_warm_up_from_exactly_0_in_a_spec() -> None:
    with pytest.raises(ConfigError) as caught:
        load_all(["linear start_factor=0 end_factor=0.5 total_iters=4"])
    does_it = caught.value.messages[-1].partition(" as ")[2]
    (curve,) = load_all(shlex.split(does_it)).curves()
    assert list(curve.rates[0][:6]) == pytest.approx([0.0, 0.000125, 0.00025, 0.000375, 0.0005, 0.0005])


@pytest.mark.parametrize("flag", ["--eta-min", "--end-lr", "--min-lr"])
def test_a_floor_under_a_polynomial_decay(flag: str) -> None:
    """open-mmlab/mmcv issue 1956: the last of 50 epochs is at 0.00186, as 1e-7 would come at epoch 50."""
    asked = ("polynomial", "--total-iters", "50", "--power", "0.9", flag, "1e-7", "--lr", "0.063", "-n", "50")
    first, line = refusal(*asked, "-o", "x.csv")
    assert first.startswith(f"lrplot: no such option '{flag}': polynomial has none")
    curve = pasted(line)
    assert (curve[25], curve[49]) == pytest.approx((0.03376091048122011, 0.0018633316646364034))
    assert pasted(refusal(*asked[:5], f"{flag}=1e-7", *asked[7:])[1]) == curve


def test_a_floor_under_a_polynomial_decay_in_a_spec() -> None:
    with pytest.raises(ConfigError) as caught:
        load_all(["polynomial total_iters=50 power=2 eta_min=0.0001"])
    (curve,) = load_all(shlex.split(caught.value.messages[-1].partition(" as ")[2])).curves()
    assert (curve.rates[0][25], curve.rates[0][60]) == pytest.approx((0.0001 + 0.0009 / 4, 0.0001))


def test_restarts_with_falling_peaks() -> None:
    """pytorch/pytorch issue 62640: each peak is half of the one before."""
    curve = pasted(refusal("warm-restarts", "--T-0", "10", "--gamma", "0.5", "--lr", "0.1", "-n", "40")[1])
    assert [curve[step] for step in (0, 10, 20, 30)] == [0.1, 0.05, 0.025, 0.0125]
    assert curve[11] == pytest.approx(0.048776412907378844)
    twice = ("warm-restarts", "--T-0", "10", "--T-mult", "2", "--gamma", "0.5", "--lr", "0.1", "-n", "70")
    curve = pasted(refusal(*twice)[1])
    assert [curve[step] for step in (0, 9, 10, 29, 30, 69)] == pytest.approx(
        [0.1, 0.0024471741852423235, 0.05, 0.00030779148512155856, 0.025, 3.853332833590045e-05]
    )


def test_cycles_that_shrink_or_grow_by_a_part() -> None:
    """pytorch/pytorch issue 95122: each cycle is half as long as the one before."""
    lines = refusal("warm-restarts", "--T-0", "8", "--T-mult", "0.5", "-n", "20")
    assert lines[0] == "lrplot: --T-mult must be a whole number, got '0.5'"
    assert lines[1].startswith("lrplot: write cycles that shrink by 0.5 as lrplot lambda ")
    curve = pasted(lines[1])
    assert [curve[step] for step in (0, 8, 12, 14)] == [0.001] * 4 and set(curve[15:]) == {0.0}
    assert [curve[step] for step in (4, 10, 13)] == pytest.approx([0.0005] * 3)
    curve = pasted(refusal("warm-restarts", "--T-0", "4", "--T-mult", "1.5", "--eta-min", "0.0001")[1])
    assert [curve[step] for step in (0, 4, 10, 19)] == pytest.approx([0.001] * 4) and curve[3] < curve[4]
    assert len(refusal("warm-restarts", "--T-0", "8", "--T-mult", "-0.5")) == 1


def test_what_cannot_be_written_as_a_function_is_refused_alone() -> None:
    assert len(refusal("warm-restarts", "--T-0", "10", "--T-mult", "3", "--gamma", "0.5")) == 1
    assert len(refusal("polynomial", "--total-iters", "x", "--eta-min", "1")) == 1
    assert len(refusal("polynomial", "--eta-min")) == 1
    assert len(refusal("polynomial", "--eta-min", "low")) == 1
    assert len(refusal("cosine", "--T-max", "9", "--gamma", "0.5")) == 1
    with pytest.raises(ConfigError) as caught:
        load_all(["polynomial total_iters=x eta_min=0.1"])
    assert [" as " in message for message in caught.value.messages] == [False, False]


WANTED = [0.010000000000000002, 0.028000000000000004, 0.046000000000000006, 0.064, 0.082, 0.1, 0.1, 0.1]
WANTED += [0.010000000000000002, 0.010000000000000002, 0.0010000000000000002, 0.0010000000000000002]
WANTED += [0.00010000000000000003, 0.00010000000000000003, 1.0000000000000004e-05]
"""Of torch 2.13, stepped by hand: a warm-up over five epochs, then a plateau."""


def test_a_plateau_after_a_warm_up() -> None:
    """pytorch/pytorch issue 68978, Lightning-AI/pytorch-lightning issue 10759."""
    plateau = "{name: plateau, patience: 1}"
    text = f"""optimizer: {{lr: 0.1}}
scheduler:
  name: sequential
  schedulers:
    - {{name: linear, start_factor: 0.1, total_iters: 5}}
    - {plateau}
  milestones: [5]
metrics: [9, 8, 7, 6, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]
"""
    Path("a.yaml").write_text(text)
    first, second, third = refusal("plot", "a.yaml", "-o", "x.csv")
    loop = third.partition("a loop that steps one and then the other is scheduler: ")[2]
    assert loop == "[{name: linear, start_factor: 0.1, total_iters: 5, end: 5}, {name: plateau, patience: 1, begin: 5}]"
    Path("c.yaml").write_text(f"optimizer: {{lr: 0.1}}\nscheduler: {loop}\n{text[text.index('metrics') :]}")
    assert lrplot.load_config("c.yaml").curves()[0].lr.tolist()[5:8] == WANTED[5:8]
    assert "torch refuses it here too" in first
    does_it = "{name: MultiStepLR, milestones: [3, 5, 7, 9], gamma: 0.1}"
    assert second == f"lrplot: a.yaml:6:7: scheduler.schedulers[1]: with these metrics it does what {does_it} does"
    Path("b.yaml").write_text(text.replace(plateau, does_it).partition("metrics")[0] + "steps: 15\n")
    assert lrplot.load_config("b.yaml").curves()[0].lr.tolist() == WANTED


def test_a_plateau_in_a_sequence_by_flags() -> None:
    words = [
        "sequential",
        "linear start_factor=0.1 total_iters=5",
        "plateau patience=1",
        "--milestones",
        "5",
        "--lr",
        "0.1",
    ]
    line = refusal(*words, "--metrics", "max(9 - epoch, 4)", "-n", "15", "-o", "x.csv")[1]
    (does_it,) = shlex.split(line.partition(" does what ")[2].removesuffix(" does"))
    words[2] = does_it
    assert rates(command.lrplot(*words, "-n", "15", "-q", "-o", "-").stdout) == WANTED


def test_a_plateau_in_a_sequence_without_metrics_or_reductions() -> None:
    told = "with metrics beside the scheduler, what does the same is told: a MultiStepLR"
    words = ("chained", "linear start_factor=0.1 total_iters=5", "plateau patience=1")
    assert refusal(*words)[1].endswith(told)
    loop = "[{name: linear, start_factor: 0.1, total_iters: 5}, {name: plateau, patience: 1}]"
    for given in (["--metrics", "1 / (epoch + 1)", "-n", "20"], ["--metrics", "1 / (epoch + 1)"]):
        assert refusal(*words, *given)[1].endswith(f"a loop that steps one and the other is scheduler: {loop}")


@pytest.mark.parametrize("name", [cls.shown_name for cls in every_member() if cls.watches_metric])
def test_a_familys_plateau_in_a_composite_is_written_by_its_full_name(name: str) -> None:
    name = {"ReduceLROnPlateau": "plateau"}.get(name, name)
    told = refusal("chained", name, "step step_size=3", "--metrics", "1", "-n", "30")[-1]
    assert told.endswith(f"is scheduler: [{{name: {name}}}, {{name: step, step_size: 3}}]")
    told = refusal("sequential", "linear total_iters=3", name, "--milestones", "3")[-1]
    assert told.endswith(f"[{{name: linear, total_iters: 3, end: 3}}, {{name: {name}, begin: 3}}]")


def test_a_plateau_with_a_floor_is_no_staircase() -> None:
    words = ("chained", "linear start_factor=0.1 total_iters=5", "plateau patience=0 min_lr=0.005")
    assert "MultiStepLR, milestones" not in refusal(*words, "--metrics", "1", "--lr", "0.1", "-n", "20")[1]


def test_a_plateau_that_never_has_its_turn_is_refused_without_a_way() -> None:
    plateau = "schedulers: ['cosine T_max=20', 'cosine T_max=20', {name: plateau}], milestones: [0]"
    Path("a.yaml").write_text(f"scheduler: {{name: sequential, {plateau}}}\nmetrics: 'epoch'\n")
    lines = refusal("plot", "a.yaml", "-o", "x.csv")
    assert lines[0].startswith(
        "lrplot: a.yaml:1:82: scheduler.schedulers[2] is ReduceLROnPlateau, which needs a metric"
    )
