"""What happened and why: one list of events, told by the table, the picture, the page, ``explain`` and Python."""

import json
from pathlib import Path

import pytest

import lrplot
from tests import command
from tests.command import lrplot as run
from tests.pictures import curve, drawn, words

LOSSES = "epoch,val_loss\n" + "\n".join(
    f"{epoch},{loss}" for epoch, loss in enumerate((900, 500, 310, 320, 250, 255, 290, 270, 260, 180, 210, 205))
)
PLATEAU = ("plateau", "--patience", "0", "--lr", "1e-3", "--metrics", "losses.csv:val_loss")


def ok(*words: str, **options: object) -> str:
    """What a command prints that succeeds; what is to be said of its schedule is not the matter here."""
    return command.ok(*words, *([] if words[0] in ("batch", "explain") else ["-q"]), **options)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("losses.csv").write_text(LOSSES)


def table(text: str, heading: str) -> list[list[str]]:
    """The rows under a heading, cell by cell; the last cell may be of several words."""
    lines = text.splitlines()
    (start,) = [i for i, line in enumerate(lines) if line.split()[:1] == [heading] and len(line.split()) > 2]
    count = len(lines[start].replace("bad epochs", "bad").split()) - 1
    rows = [line.split(None, count) for line in lines[start + 1 :]]
    return rows[: next((i for i, row in enumerate(rows) if not row), len(rows))]


def test_six_reductions_one_after_the_other_are_in_the_table() -> None:
    out = ok("plateau", "--patience", "0", "--lr", "1", "--metrics", "1", "-n", "8", "--term")
    assert [(row[0], row[-1]) for row in table(out, "step")] == [
        ("0", "start"),
        *((str(step), "reduced ×0.1") for step in range(2, 7)),
        ("7", "reduced ×0.1, end"),
    ]


def test_why_tells_the_best_metric_and_the_bad_epochs_by_each_epoch() -> None:
    rows = table(ok(*PLATEAU, "--why"), "epoch")
    assert [row[1] for row in rows] == [line.split(",")[1] for line in LOSSES.splitlines()[1:]]
    assert [row[2] for row in rows] == ["900", "500", "310", "310", *["250"] * 5, *["180"] * 3]
    assert [row[3] for row in rows] == list("000101111011")
    assert {int(row[0]): row[-1] for row in rows if row[-1] != "improved"} == {
        **dict.fromkeys((3, 5, 6, 7, 8), "reduced ×0.1"),
        **dict.fromkeys((10, 11), "left undone (eps)"),
    }
    assert [row[5] for row in rows] == ["0.001"] * 4 + ["0.0001"] * 2 + ["1e-05", "1e-06", "1e-07"] + ["1e-08"] * 3


def test_why_tells_patience_cooldown_and_each_groups_own_lowest_rate() -> None:
    groups = ("--lr", "1", "--lr", "0.1", "--min-lr", "0.1", "--min-lr", "0")
    rows = table(
        ok("plateau", "--patience", "1", "--cooldown", "2", *groups, "--metrics", "1", "-n", "8", "--why"), "epoch"
    )
    assert [row[-1] for row in rows] == [
        *("improved", "waited", "reduced ×0.1", "cooldown", "cooldown", "waited"),
        "as low as may be (group 0), reduced ×0.1 (group 1)",
        "cooldown",
    ]
    assert [row[4] for row in rows] == list("00210021")


def test_why_of_several_plateaus_is_a_table_for_each_and_goes_beside_other_outputs() -> None:
    Path("a.yaml").write_text("scheduler: plateau patience=0\nmetrics: [2, 1, 1]\nrecord: [used, after-step]\n")
    Path("b.yaml").write_text(
        "scheduler: plateau patience=1\nmetrics: [2, 1]\nsteps_per_epoch: 5\ninterval: epoch\nsteps: 10\n"
    )
    out = ok("plot", "a.yaml", "b.yaml", "--why", "-o", "both.csv")
    first, second = out.split("\n\n")
    assert first.splitlines()[0] == "a" and second.splitlines()[0] == "b"
    assert (len(first.splitlines()), len(second.splitlines())) == (5, 4)
    assert Path("both.csv").exists()


def test_why_is_refused_where_no_metric_is_looked_at_and_nothing_is_written() -> None:
    done = run("plot", "cosine T_max=3", "plateau patience=0", "--metrics", "1", "--why", "-o", "x.csv")
    assert done.returncode == 2 and not Path("x.csv").exists()
    done = run("plot", "cosine T_max=3", "--why", "-o", "x.csv")
    assert done.returncode == 2 and not Path("x.csv").exists()
    assert (
        done.stderr
        == "lrplot: --why is for a scheduler that watches a metric, as plateau does: CosineAnnealingLR does not\n"
    )
    assert run("cosine", "--T-max", "3", "--why").stderr == (
        "lrplot: no such option '--why': cosine has none, plateau has\n"
    )


def test_the_table_the_picture_the_page_and_python_tell_the_same_events() -> None:
    drops = [30, 31, 32]
    Path("a.yaml").write_text(f"scheduler: {{name: multistep, milestones: {drops}, gamma: 0.5}}\n")
    (made,) = lrplot.load_config("a.yaml").curves()
    told = [(event.step, event.text) for event in made.events]
    assert told == [(0, "start"), *((step, "drop ×0.5") for step in drops), (99, "end")]
    assert [(int(row[0]), row[-1]) for row in table(ok("plot", "a.yaml", "--term"), "step")] == told
    ok("batch", "a.yaml", "-o", "out", "--index", "-f", "csv")
    assert "step 30 drop ×0.5, step 31 drop ×0.5, step 32 drop ×0.5" in Path("out/index.html").read_text()
    (marks,) = [line for line in drawn(made).axes[0].lines if line.get_label() == "_events"]
    assert list(marks.get_xdata()) == drops


def test_explain_tells_the_events_of_its_example() -> None:
    rows = table(ok("explain", "step"), "step")
    assert [row[-1] for row in rows] == ["start", *["drop ×0.1"] * 3, "end"]


def test_events_are_marked_on_the_line_of_the_group_that_they_happen_in() -> None:
    factors = ["1 - epoch / 200", "0.5 * min(1, epoch / 20)", "0.2 * min(1, epoch / 20)"]
    figure = drawn(curve("lambda", lr_lambda=factors, lr=[1.0] * 3))
    (marks,) = [line for line in figure.axes[0].lines if line.get_label() == "_events"]
    assert (list(marks.get_xdata()), list(marks.get_ydata())) == ([20], [0.5])
    assert marks.get_color() == figure.axes[0].lines[1].get_color()
    assert words(figure).count("warm-up ends") == 1


def test_the_start_of_decay_is_marked_in_the_picture_as_in_the_table() -> None:
    stable = curve("lambda", lr_lambda="min(1, (epoch + 1) / 10, (100 - epoch) / 20)", lr=1.0)
    assert [(event.step, event.text) for event in stable.events][1:3] == [(9, "warm-up ends"), (80, "decay starts")]
    figure = drawn(stable)
    (marks,) = [line for line in figure.axes[0].lines if line.get_label() == "_events"]
    assert list(marks.get_xdata()) == [9, 80] and "decay starts" in words(figure)


def test_a_program_reads_the_same_as_json() -> None:
    words = ["plateau", "--patience", "0", "--metrics", "[3, 2, 2, nan]", "--lr", "0.1,0.01", "--json"]
    first, *_, last = json.loads(ok(*words))
    assert first == {
        "label": "ReduceLROnPlateau(patience=0)",
        "epoch": 0,
        "metric": 3.0,
        "best": 3.0,
        "bad_epochs": 0,
        "cooldown": 0,
        "lr": [0.1, 0.01],
        "decided": "improved",
    }
    assert (last["metric"], last["best"], last["decided"][:7]) == (None, 2.0, "reduced")
    assert (
        len(json.loads(ok("plot", "plateau patience=1", "plateau patience=2", "--metrics", "1", "-n", "3", "--json")))
        == 6
    )
    assert run("cosine", "--T-max", "3", "--json").returncode == 2
