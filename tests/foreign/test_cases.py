"""Other frameworks' files, each to the rates that the framework gives: the first, the peak, the last."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.command import lrplot

CASES = Path(__file__).parent / "cases"


class Expected(NamedTuple):
    steps: int
    first: float
    peak: float
    peak_at: int
    last: float


def rates(*words: str) -> list[float]:
    """The rates of the first parameter group, as ``lrplot plot`` has them."""
    done = lrplot("plot", *words, "-q", "-o", "-")
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = [row.split(",") for row in done.stdout.splitlines()]
    column = next(i for i, name in enumerate(header) if name.startswith("lr"))
    return [float(row[column]) for row in rows]


EXPECTED = [
    ("ds_warmupdecay.json", Expected(10000, 0, 0.0003, 500, 6.31578947368421e-08)),
    ("ds_cosine.json", Expected(4000, 0.0, 0.0005999999026025936, 201, 3.0000097397406306e-05)),
    ("megatron.sh", Expected(20000, 0.0, 0.0003, 600, 3e-05)),
    ("hydra_model.yaml", Expected(40, 0.0003, 0.0003, 0, 1.4608586068973692e-06)),
    ("hydra_hf.yaml", Expected(2400, 0.0, 5e-05, 120, 2.3732309073487556e-11)),
    ("hf_training_args.json --data-size 10000", Expected(939, 0.0, 4e-05, 57, 1.2687092783236765e-10)),
    ("hf_training_args_maxsteps.yaml", Expected(1200, 0.0, 0.0003, 100, 3.0000550576730777e-05)),
    ("llamafactory.yaml --data-size 3600", Expected(450, 0.0, 0.0001, 45, 1.5042760116212861e-09)),
    ("axolotl.yaml --steps 1000", Expected(1000, 0.0, 0.0002, 50, 2.000049211279036e-05)),
    ("timm_args.yaml", Expected(110, 0.0001, 0.49692214670708146, 5, 1e-05)),
    ("mmengine.py --steps-per-epoch 300", Expected(10800, 4e-06, 0.003999999999999985, 799, 0.0002000003215406006)),
    ("detectron2.yaml", Expected(18000, 1e-05, 0.01, 400, 0.00010000000000000002)),
    (
        "ultralytics_args.yaml --steps-per-epoch 200",
        Expected(16000, 0.0, 0.009738741666666667, 599, 0.0003224999999999996),
    ),
    (
        "nemo_noam.yaml --steps 20000",
        Expected(20000, 3.952847075210474e-06, 0.003952847075210474, 1000, 0.0008839055743987718),
    ),
    ("nanogpt_config.py", Expected(3000, 5.298013245033113e-06, 0.0008, 150, 8.00002187169729e-05)),
    ("fairseq.sh", Expected(30000, 1e-07, 0.0007, 4000, 0.0002556081203399182)),
    ("paddledetection.yml --steps-per-epoch 250", Expected(22500, 0.0002, 0.002, 300, 2e-05)),
]
"""The words of a command, and what the frameworks themselves give (or, for axolotl, fairseq, Paddle and nanoGPT, the
arithmetic of their documentation).
"""


@pytest.mark.parametrize(("words", "expected"), EXPECTED, ids=[words.split()[0] for words, _ in EXPECTED])
def test_file_gives_its_frameworks_rates(words: str, expected: Expected) -> None:
    file, *more = words.split()
    found = rates(str(CASES / file), *more)
    assert len(found) == expected.steps
    top = max(found)
    assert (found[0], top, found.index(top), found[-1]) == pytest.approx(expected[1:], rel=1e-13, abs=1e-22)


def test_line_says_what_a_file_is() -> None:
    done = lrplot("plot", str(CASES / "hf_training_args_maxsteps.yaml"), "-o", "-")
    what = "training arguments of transformers: cosine_with_min_lr, lr 0.0003, 1,200 steps"
    assert done.stderr == f"lrplot: {CASES / 'hf_training_args_maxsteps.yaml'}: {what}\n"


def test_file_of_no_known_kind_gets_one_line() -> None:
    done = lrplot("plot", "-", "-o", "-", input="name: build\non: [push]\njobs: {test: 1}\n")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and line.startswith("lrplot: <stdin>: ") and "--from" in line


def test_biases_of_ultralytics_warm_up_from_their_own_rate() -> None:
    done = lrplot("plot", str(CASES / "ultralytics_args.yaml"), "--steps-per-epoch", "200", "-q", "-o", "-")
    biases = [float(row.split(",")[-1]) for row in done.stdout.splitlines()[1:]]
    assert (biases[0], max(biases), biases[-1]) == pytest.approx((0.1, 0.1, 0.0003224999999999996), rel=1e-13)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "ds_auto.json",
            'its WarmupDecayLR takes 4 values from the Trainer ("auto"): add --values YOUR_TRAINING_ARGS.yaml, or '
            "--set warmup_max_lr=0.001 --set warmup_num_steps=500 --set total_num_steps=10000",
        ),
        (
            "ds_none.json",
            "a DeepSpeed config without a scheduler: the training arguments or the code beside it decide: draw those",
        ),
        ("yolov5_hyp.yaml", "needs the number of epochs: add --set epochs=300, or --values opt.yaml"),
        (
            "lightning_cli_plateau.yaml",
            "its ReduceLROnPlateau needs a metric at each epoch: add --metrics 'losses.csv:val_loss', or --metrics "
            "'1 / (epoch + 1)'",
        ),
        (
            "mmengine.py",
            "its LinearLR counts iterations and CosineAnnealingLR epochs: add --steps-per-epoch 500 (the iterations of "
            "an epoch)",
        ),
        (
            "paddledetection.yml",
            "its warm-up counts iterations and its decay epochs: add --steps-per-epoch 500 (the iterations of an epoch)",
        ),
        (
            "nemo_noam.yaml",
            "trainer.max_steps is not set: add --set trainer.max_steps=20000, or --steps-per-epoch 500 (of its 100 epochs)",
        ),
    ],
    ids=lambda value: value.split()[0],
)
def test_what_fixes_the_shape_is_asked_for_in_one_line(words: str, line: str) -> None:
    done = lrplot("plot", str(CASES / words), "-o", "-")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lrplot: {CASES / words}: {line}\n"


def test_values_file_fills_what_is_auto() -> None:
    words = [str(CASES / "ds_auto.json"), "--values", str(CASES / "hf_training_args_maxsteps.yaml")]
    found = rates(*words)
    assert (len(found), max(found), found.index(max(found))) == (
        1200,
        0.0003,
        101,
    )  # DeepSpeed's first two steps are at 0
