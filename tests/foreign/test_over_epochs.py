"""A curve over epochs, whose steps are not known: nothing that a person reads tells of steps."""

from pathlib import Path

from tests.command import lrplot, ok

YOLO = "task: detect\nmode: train\noptimizer: SGD\nlr0: 0.01\nlrf: 0.1\nepochs: 10\nwarmup_epochs: 2\n"
TRAINER = "learning_rate: 2e-5\nlr_scheduler_type: cosine\nwarmup_ratio: 0.1\nnum_train_epochs: 3\n"


def test_titles_tell_lengths_in_epochs(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text(TRAINER)
    ok("plot", str(tmp_path / "args.yaml"), "-q", "-o", str(tmp_path / "a.svg"), "-o", str(tmp_path / "own.yaml"))
    shown = "num_warmup_steps=0.3 epochs, num_training_steps=3 epochs, lr=2e-05"
    for source in ("args.yaml", "own.yaml"):
        heading = lrplot("plot", str(tmp_path / source), "--term", env={"COLUMNS": "200"}).stdout.splitlines()[0]
        assert heading.split(None, 1)[1] == f"transformers.cosine({shown.replace(', lr', '), lr')}"
    picture = (tmp_path / "a.svg").read_text()
    assert "steps_per_epoch=" not in picture and "=3000" not in picture


def test_table_of_turning_points_counts_epochs(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text(TRAINER)
    lines = lrplot("plot", str(tmp_path / "args.yaml"), "--term").stdout.splitlines()
    assert [line.split()[:2] for line in lines[-4:]] == [
        ["epoch", "lr"],
        ["0", "0.0"],
        ["0.3", "2e-05"],
        ["2.999", "6.76928e-12"],
    ]


def test_page_counts_epochs(tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "args.yaml").write_text(TRAINER)
    ok("batch", str(folder), "-o", str(tmp_path / "plots"), "-f", "csv", "--index", "-q")
    page = (tmp_path / "plots" / "index.html").read_text()
    assert "<dt>num_warmup_steps</dt><dd>0.3 epochs</dd>" in page and "<dt>epochs</dt><dd>3</dd>" in page
    assert (
        "in 3 epochs, at most 2e-05" in page
        and "after 0.3 epochs warm-up ends" in page
        and "<dt>steps</dt>" not in page
    )


def test_beside_a_curve_in_steps_it_is_drawn_over_the_part_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text(TRAINER)
    ok("plot", str(tmp_path / "args.yaml"), "cosine T_max=20", "-q", "-o", str(tmp_path / "two.yaml"))
    assert "x: progress" in (tmp_path / "two.yaml").read_text()


def test_groups_are_called_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text(YOLO)
    own = tmp_path / "own.yaml"
    shown = lrplot("plot", str(tmp_path / "args.yaml"), "--term", "-o", str(own)).stdout
    assert "a weights, lr=0.01\nb norms, lr=0.01\nc biases, lr=0.01\n" in shown
    assert "peak (weights and norms)" in shown and "group" not in shown
    assert "  groups:\n  - name: weights" in own.read_text()
    assert lrplot("plot", str(own), "--term").stdout == shown


def test_parts_of_kohyas_model_are_called_by_their_names(tmp_path: Path) -> None:
    flags = "network_module = 'lora'\nunet_lr = 1e-4\ntext_encoder_lr = 5e-5\nmax_train_steps = 10\n"
    (tmp_path / "lora.toml").write_text(f"{flags}lr_scheduler = 'linear'\n")
    assert (
        "a unet_lr, lr=0.0001\nb text_encoder_lr, lr=5e-05\n"
        in lrplot("plot", str(tmp_path / "lora.toml"), "--term").stdout
    )


def test_batches_of_yolo_are_those_of_the_fraction_that_it_trains_on(tmp_path: Path) -> None:
    (tmp_path / "args.yaml").write_text(f"{YOLO}fraction: 0.5\nbatch: 8\n")
    table = lrplot("plot", str(tmp_path / "args.yaml"), "--data-size", "801", "-q", "-o", "-").stdout
    assert len(table.splitlines()) == 1 + 10 * 50
    (tmp_path / "auto.yaml").write_text(f"{YOLO}batch: -1\n")
    done = lrplot("plot", str(tmp_path / "auto.yaml"), "--data-size", "801", "-o", "-")
    assert done.returncode == 2 and "auto.yaml:8:8: batch -1 is found out on the device: --set batch=16" in done.stderr
