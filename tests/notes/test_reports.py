"""Situations from public reports end in the sentence that the person needed."""

from pathlib import Path

import pytest

from tests import command


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(*words: str) -> list[str]:
    """What a command says below its output."""
    done = command.lrplot(*words, "-o", "x.csv")
    assert done.returncode == 0 and Path("x.csv").exists()
    return done.stderr.splitlines()


LOSSES = "[900, 500, 310, 320, 250, 255, 290, 270, 260, 180, 210, 205]"


def test_a_reduction_left_undone_because_of_eps() -> None:
    """pytorch/pytorch issue 11305."""
    Path("a.yaml").write_text(f"scheduler: plateau patience=0\nmetrics: {LOSSES}\n")
    assert told("plot", "a.yaml", "--lr", "1e-3") == [
        "lrplot: a.yaml:1:12: LR053 a reduction from 1e-08 to 1e-09 is left undone after step 10: it is no more than eps=1e-08"
    ]


def test_reductions_by_the_clock() -> None:
    """pytorch/pytorch issue 2545: the loss does not move, and the rate falls with every epoch."""
    Path("flat.csv").write_text("epoch,val_loss\n" + "".join(f"{epoch},1.0\n" for epoch in range(8)))
    assert told("plateau", "--patience", "0", "--lr", "1", "--metrics", "flat.csv:val_loss") == [
        "lrplot: --metrics: LR052 no metric improves on the first, 1: the best after it is 1"
    ]


def test_a_chain_that_does_not_multiply() -> None:
    """pytorch/pytorch issue 62640: warm restarts and a StepLR."""
    chain = ("chained", "warm-restarts T_0=10", "step step_size=10 gamma=0.5")
    (line,) = told(*chain, "--lr", "0.1", "-n", "40")
    assert line.endswith(
        "LR041 CosineAnnealingWarmRestarts sets its rate from the base rate, whatever StepLR did: 0.05 at step 10, "
        "0.0975528 at step 11"
    )


def test_a_warm_up_that_takes_longer_than_its_decay_waits() -> None:
    """ultralytics/ultralytics issue 20768: max(warmup_epochs × batches, 100) iterations, under a line that falls."""
    line = "(max(1-(epoch//5)/100, 0)*0.9+0.1)"
    Path("a.yaml").write_text(
        f"""optimizer: {{lr: [1e-4, 1e-4, 1e-4]}}
scheduler:
  name: lambda
  lr_lambda:
    - "0.1/1e-4 + ({line} - 0.1/1e-4) * epoch/100 if epoch <= 100 else {line}"
    - "{line} * min(epoch/100, 1)"
    - "{line} * min(epoch/100, 1)"
steps: 500
steps_per_epoch: 5
"""
    )
    assert [line.partition("5:5: ")[2] for line in told("plot", "a.yaml")] == [
        "LR012 the rate is 0 at the first step, which moves nothing, and 1e-06 at the second",
        "LR013 the peak of group 1 is 8.2071e-05, at step 99, 17.9 % below lr=0.0001: the decay begins within the warm-up",
    ]


def test_milestones_beyond_the_run() -> None:
    """facebookresearch/detectron2 issue 497."""
    beyond = "LR001 milestones 210000 and 250000 lie beyond the run of 2,000 steps: the rate never drops"
    assert told("multistep", "--milestones", "210000,250000", "--lr", "1e-5", "-n", "2000") == [
        f"lrplot: --milestones: {beyond}"
    ]
    chain = ("chained", "linear start_factor=0.001 total_iters=100", "multistep milestones=210000,250000")
    assert told(*chain, "--lr", "1e-5", "-n", "2000")[0].endswith(beyond)


def test_a_run_that_ends_after_a_tenth_of_its_schedule() -> None:
    """tensorflow/models issue 9776."""
    sequence = (
        "sequential",
        "linear start_factor=0.0125 total_iters=250",
        "cosine T_max=299750",
        "--milestones",
        "250",
    )
    (line,) = told(*sequence, "--lr", "0.08", "-n", "30000")
    assert line.endswith(
        "LR002 the run of 30,000 steps ends after 9.92 % of T_max=299750, at a rate of 0.0780714: T_max=29750 would end "
        "with it"
    )


def test_one_cycle_by_the_epoch() -> None:
    """Lightning-AI/pytorch-lightning issue 6948: 10 of 2,000 steps of the cycle are made."""
    cycle = ("onecycle", "--max-lr", "0.01", "--epochs", "10", "--steps-per-epoch", "200", "--interval", "epoch")
    for length in ((), ("-n", "2000")):
        assert told(*cycle, *length) == [
            "lrplot: LR023 the cycle of OneCycleLR has 2,000 steps, and is stepped 10 times, once an epoch: its rate "
            "comes to 0.000405346, and max_lr is 0.01"
        ]


CYCLE = ("onecycle", "--max-lr", "0.1", "--total-steps", "59920", "--steps-per-epoch", "215")


def test_a_cycle_that_ends_before_the_run() -> None:
    """A4Bio/PiFold issue 6."""
    done = command.lrplot(*CYCLE, "-n", "60200", "-o", "x.csv")
    assert (done.returncode, Path("x.csv").exists()) == (2, False)
    assert "in epoch 278.7; a run of 60,200 steps needs total_steps=60200" in done.stderr
    Path("a.yaml").write_text("scheduler: onecycle max_lr=0.1 total_steps=59920\nsteps: 60200\nsteps_per_epoch: 215\n")
    done = command.lrplot("check", "a.yaml")
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [
            "a.yaml:1:12: LR007 the cycle has 59,920 steps, the run 60,200: training ends with an error at step 59921: "
            "total_steps=60200 is needed",
            "  fix: scheduler.total_steps: 60200",
        ],
    )


def test_two_counts_of_one_run() -> None:
    """vLAR-group/GrowSP issue 11."""
    assert told(*CYCLE, "--epochs", "280") == [
        "lrplot: --total-steps: LR032 total_steps=59920 wins over 280 epochs of 215 steps, which are 60,200: the cycle is "
        "280 steps too short"
    ]
