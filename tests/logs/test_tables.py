"""Tables that training runs wrote are sources."""

from pathlib import Path

import pytest

from lrplot.configs.document import ConfigError
from lrplot.configs.sources import load, load_all
from lrplot.runs.log import Log
from lrplot.runs.quantum import Quantum
from tests.command import lrplot

LIGHTNING = "epoch,lr-SGD,step,train_loss\n,0.1,0,\n0,,0,2.3\n,0.05,49,\n0,,49,2.1\n,0.025,99,\n"
ULTRALYTICS = (
    "                  epoch,           lr/pg0,    lr/pg1\n1,0.01,0.1\n2,0.00999,0.0999\n3,0.00333333,0.0333333\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, source: str = "run.csv") -> Log:
    Path(source.partition(":")[0]).write_text(text)
    (run,) = load_all([source]).runs
    assert isinstance(run, Log)
    return run


def test_a_sparse_table_is_read_where_it_has_rates() -> None:
    log = read(LIGHTNING)
    assert ([*log.rows], [*map(list, log.rates)]) == ([0, 49, 99], [[0.1, 0.05, 0.025]])
    assert (log.names, log.quantum, log.unit, log.format) == (["lr-SGD"], Quantum(), "step", "Lightning")


def test_groups_are_found_by_themselves_and_epochs_counted_from_zero() -> None:
    log = read(ULTRALYTICS)
    assert (log.names, [*log.rows], log.unit, log.groups) == (["lr/pg0", "lr/pg1"], [0, 1, 2], "epoch", 2)
    assert log.quantum == Quantum("digits", 5)  # %23.5g, while its columns were padded
    assert read(ULTRALYTICS, "run.csv:lr/pg1").rates[0][1] == 0.0999


def test_tabs_and_semicolons_stand_for_commas() -> None:
    for mark in "\t;":
        assert [*read(f"iter{mark}lr\n1{mark}0.1\n3{mark}0.2\n", "run.tsv").rows] == [1, 3]


@pytest.mark.parametrize("header", ["step,lr", "iter,lr"])
def test_thousands_of_steps_may_be_apart(header: str) -> None:
    assert [*read(header + '\n"999",0.1\n"1,000",0.2\n"1,000,000",0.3\n').rows] == [999, 1000, 1_000_000]


def test_several_rates_are_listed() -> None:
    text = "step,lr-Adam,lr-SGD\n0,0.1,0.2\n"
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert str(caught.value) == (
        "run.csv: has 2 learning rates: name one, as in run.csv:lr-Adam: there are lr-Adam, lr-SGD"
    )
    assert read(text, "run.csv:lr-SGD").rates[0][0] == 0.2
    with pytest.raises(ConfigError, match=r"has no column 'lr-SDG': did you mean 'lr-SGD'"):
        read(text, "run.csv:lr-SDG")


def test_a_step_that_was_made_again_counts_as_it_was_made_last() -> None:
    log = read("iter,lr\n0,1.5\n10,2.5\n20,3.5\n10,4.5\n30,5.5\n")
    assert ([*log.rows], [*log.rates[0]]) == ([0, 10, 30], [1.5, 4.5, 5.5])
    assert log.remarks == ["run.csv: iter goes back to 10 in row 4: what was logged last counts"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("iter,lr\n0,0.1\n1,0.1,2\n2,0.1\n", "run.csv:3: the row has 3 entries, the header 2"),
        ("iter,lr\n0,0.1\n1,warm\n", "run.csv:3: lr must be a number, got 'warm'"),
        ("iter,lr\nx,0.1\n", "run.csv:2: iter must be a number, got 'x'"),
        ("iter,lr\n0.5,0.1\n", "run.csv: iter must be a whole number from 0 on, got 0.5 in row 1"),
        ("iter,lr\n0,nan\n1,\n", "run.csv: has no numbers in lr"),
        ("iter,lr\n,0.1\n", "run.csv:2: iter is empty beside a rate"),
        ("iter,lr\n" + 100 * "1,0.1\n0,0.1\n", "run.csv: iter goes back 100 times, first to 0 in row 2: it does not count the steps of one run"),
        ("iter,lr\n0,0.1\n1,\x00\n", "run.csv:3: holds a NUL byte: this is not a text file"),
        ("iter,loss\n0,0.1\n", "run.csv: has no column whose name says that it is a learning rate: name its column, as in run.csv:NAME: there are iter, loss"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_told_in_a_line(text: str, message: str) -> None:
    Path("run.csv").write_text(text)
    done = lrplot("plot", "run.csv", "-o", "x.png")
    assert (done.returncode, done.stderr) == (2, f"lrplot: {message}\n")


def test_a_row_that_is_being_written_is_left_for_later() -> None:
    assert [*read("iter,loss,lr\n0,1,0.1\n1,1,0.2\n2,").rows] == [0, 1]


def test_a_large_table_is_read_as_a_small_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "iter,lr,loss\n" + "".join(f"{i},{0.1 / (i + 1)!r},1\n" for i in range(200))
    slow = read(text)
    monkeypatch.setattr("lrplot.configs.logs.delimited.LARGE", 100)
    fast = read(text)
    assert (fast.rows, fast.rates, fast.quantum) == (slow.rows, slow.rates, slow.quantum)
    assert (slow.rows, slow.quantum) == (range(200), Quantum())
    Path("run.csv").write_text(text + "200,x,1\n")
    with pytest.raises(ConfigError, match=r"run\.csv:202: lr must be a number, got 'x'"):
        load("run.csv")


def test_a_log_of_epochs_is_drawn_among_the_steps_of_its_plan() -> None:
    Path("plan.yaml").write_text("scheduler: cosine T_max=30\nsteps: 30\nsteps_per_epoch: 10\n")
    Path("run.csv").write_text("epoch,lr\n0,0.1\n1,0.2\n2,0.3\n")
    assert lrplot("plan.yaml", "run.csv", "-o", "x.csv", "-q").returncode == 0
    assert Path("x.csv").read_text().splitlines()[-3:] == ["run,9,0.9,0.1", "run,19,1.9,0.2", "run,29,2.9,0.3"]


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(t, 0.1 * t / 50) for t in range(50)], "run.csv: LR012 the rate is 0 at the first step, which moves nothing, and 0.002 at the second"),
        ([(t, max(0.1 - t / 500, 0)) for t in range(0, 100, 10)], "run.csv: LR003 the rate is 0 from step 50 on, for 41 of the 91 steps"),
        ([(t, 0.1 - t / 500) for t in range(90)], "run.csv: LR006 the rate is below 0 from step 51 on, and is -0.078 at its lowest"),
        ([(t, 0.1 * 0.8**t) for t in range(99)], "run.csv: LR024 the rate is below a millionth of its peak from step 62 of 99 on"),
        ([(t, 0.1 * 0.99**t) for t in range(99)], ""),
    ],
)  # fmt: skip
def test_a_log_is_checked_for_what_its_curve_tells(rows: list[tuple[int, float]], note: str) -> None:
    Path("run.csv").write_text("iter,lr\n" + "".join(f"{step},{rate!r}\n" for step, rate in rows))
    done = lrplot("check", "run.csv")
    assert (done.stdout.rstrip("\n"), done.stderr, done.returncode) == (note, "", 1 if note else 0)


def test_a_table_of_every_tenth_step_is_drawn(tmp_path: Path) -> None:
    Path("run.csv").write_text("step,lr\n0,0.1\n10,0.05\n25,0.01\n")
    assert lrplot("run.csv", "-o", "run.png", "-o", "again.csv", "-q").returncode == 0
    assert Path("again.csv").read_text() == Path("run.csv").read_text()
    assert lrplot("run.csv", "--term", "-q").returncode == 0


def test_a_large_table_with_empty_cells_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrplot.configs.logs.delimited.LARGE", 100)
    monkeypatch.setattr("lrplot.configs.logs.delimited._one_by_one", None)
    rows = "".join(f",{0.1 / (k + 1)!r},{k}\n0,,{k}\n" for k in range(50))
    (tmp_path / "metrics.csv").write_text("epoch,lr-SGD,step\n" + rows)
    (log,) = load(str(tmp_path / "metrics.csv")).runs
    assert isinstance(log, Log) and [*log.rows] == [*range(50)] and log.rates[0][3] == 0.025
