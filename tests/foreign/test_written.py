"""lrplot's own config of another framework's file: the same curve, with a comment on each line."""

from pathlib import Path

import pytest

from tests.command import lrplot, ok
from tests.foreign.test_cases import CASES, EXPECTED


@pytest.mark.parametrize("words", [words for words, _ in EXPECTED], ids=lambda words: words.split()[0])
def test_written_config_reads_back_to_the_same_curve(words: str, tmp_path: Path) -> None:
    file, *more = words.split()
    made = tmp_path / "own.yaml"
    tables = [tmp_path / "theirs.csv", tmp_path / "own.csv"]
    done = lrplot("plot", str(CASES / file), *more, "-q", "-o", str(made), "-o", str(tables[0]))
    assert done.returncode == 0
    ok("plot", str(made), "-q", "-o", str(tables[1]))
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_comments_say_key_and_line_default_and_arithmetic(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text("num_train_epochs: 2\nlr_scheduler_type: cosine\nwarmup_ratio: 0.1\n")
    made = tmp_path / "own.yaml"
    lrplot("plot", str(tmp_path / "args.yaml"), "--data-size", "800", "-q", "-o", str(made))
    assert made.read_text().splitlines()[2:] == [
        "optimizer:",
        "  lr: 5e-05  # the default of transformers",
        "scheduler:",
        "  name: transformers.cosine  # args.yaml:2: lr_scheduler_type",
        "  num_warmup_steps: 20  # args.yaml:3: ceil(warmup_ratio 0.1 * 200)",
        "  num_training_steps: 200  # --data-size: ceil(2 epochs * 100), an epoch being ceil(ceil(800 / 8) / 1)",
        "steps: 200  # --data-size: ceil(2 epochs * 100), an epoch being ceil(ceil(800 / 8) / 1)",
        "steps_per_epoch: 100  # --data-size",
    ]


def test_own_config_is_written_too(tmp_path: Path) -> None:
    made = tmp_path / "own.yaml"
    ok("plot", "step step_size=3 gamma=0.5", "-n", "9", "-o", str(made))
    assert made.read_text().splitlines()[1:] == [
        "scheduler:",
        "  name: StepLR",
        "  step_size: 3",
        "  gamma: 0.5",
        "steps: 9  # --steps",
    ]
