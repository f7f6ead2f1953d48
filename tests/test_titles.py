"""Each curve's name says what makes it, in the same words in a picture, in the terminal and on the page."""

from pathlib import Path

import pytest

from lrplot.analysis.titles import heading, in_one_line, line_names, names
from lrplot.configs.sources import load, load_all
from lrplot.pictures.look import Look
from tests.command import ok
from tests.pictures import curve, drawn, words

STEP = "scheduler: step step_size=30\nsteps: 60\noptimizer: {lr: 0.1}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(STEP)
    Path("b.yaml").write_text(STEP.replace("30", "20"))
    Path("c.yaml").write_text(STEP.replace("0.1", "0.01"))


def terminal(*sources):
    return ok("plot", *sources, "--term", env={"COLUMNS": "120", "LINES": "40"}).splitlines()


def test_a_parameter_group_is_called_by_its_rate():
    groups = curve("cosine", T_max=20, lr=[0.001, 0.1])
    assert line_names([groups], None) == [["group 0, lr=0.001", "group 1, lr=0.1"]]
    assert line_names([groups, curve("step", step_size=3)], None)[0] == [
        "CosineAnnealingLR(T_max=20), group 0, lr=0.001",
        "CosineAnnealingLR(T_max=20), group 1, lr=0.1",
    ]
    assert {"group 0, lr=0.001", "group 1, lr=0.1"} < set(words(drawn(groups)))


def test_a_parameter_group_is_called_by_what_else_is_its_own():
    cycled = curve("onecycle", max_lr=[0.1, 0.2], total_steps=100, lr=[1.0, 1.0])
    assert line_names([cycled], None) == [["group 0, max_lr=0.1", "group 1, max_lr=0.2"]]
    weighted = curve("lambda", lr_lambda=["0.9 ** epoch", "1 / (epoch + 1)"], lr=[0.1, 0.1])
    assert line_names([weighted], None)[0][1] == "group 1, lr=0.1, lr_lambda=1 / (epoch + 1)"
    resumed = curve("step", step_size=3, last_epoch=5, lr=[0.5, 0.05], initial_lr=[1.0, 0.1])
    assert line_names([resumed], None)[0][1] == "group 1, initial_lr=0.1, lr=0.05"


def test_how_often_a_scheduler_is_stepped_stands_beneath_the_title():
    staircase = curve("step", step_size=3, interval="epoch", steps_per_epoch=5, steps=60)
    assert heading([staircase], None) == ("StepLR", "step_size=3, interval=epoch, steps_per_epoch=5")
    assert "step_size=3, interval=epoch, steps_per_epoch=5" in words(drawn(staircase))
    assert in_one_line([staircase], None) == "StepLR(step_size=3), interval=epoch, steps_per_epoch=5"
    assert heading([staircase], "Mine")[1] == "StepLR(step_size=3), interval=epoch, steps_per_epoch=5"
    own = curve("onecycle", max_lr=0.1, epochs=4, steps_per_epoch=5)
    assert heading([own], None)[1] == "max_lr=0.1, epochs=4, steps_per_epoch=5"  # it is a parameter already


def test_a_resumed_run_shows_the_rate_it_began_with_and_the_one_it_goes_on_with():
    resumed = curve("step", step_size=30, last_epoch=29, lr=0.05, initial_lr=0.1)
    assert heading([resumed], None) == ("StepLR", "step_size=30, last_epoch=29, initial_lr=0.1, lr=0.05")
    assert heading([curve("step", step_size=30, last_epoch=29, initial_lr=0.1)], None)[1].endswith(
        "initial_lr=0.1, lr=0.001"
    )


def test_a_file_shows_its_scheduler_and_not_only_its_name():
    both = load_all(["a.yaml", "b.yaml"]).curves()
    assert names(both, None) == ["a: step_size=30", "b: step_size=20"]
    assert {"StepLR", "lr=0.1", "a: step_size=30", "b: step_size=20"} < set(words(drawn(*both)))
    assert {"a: step_size=30", "b: step_size=20"} < set(words(drawn(*both, facet=True)))
    lines = terminal("a.yaml", "b.yaml")
    assert lines[0].split(maxsplit=1) == ["lr", "StepLR: lr=0.1"]
    assert {"a a: step_size=30", "b b: step_size=20"} < set(lines)
    assert terminal("a.yaml")[0].split(maxsplit=1) == ["lr", "StepLR(step_size=30), lr=0.1"]


def test_what_runs_differ_in_stands_in_their_names_and_what_they_share_above():
    assert names(load_all(["a.yaml", "c.yaml"]).curves(), None) == [
        "a: step_size=30, lr=0.1",
        "c: step_size=30, lr=0.01",
    ]
    fast, slow = (curve("cosine", T_max=20, lr=0.1, steps_per_epoch=each) for each in (5, 10))
    assert names([fast, slow], None) == ["T_max=20, steps_per_epoch=5", "T_max=20, steps_per_epoch=10"]
    assert heading([fast, slow], None) == ("CosineAnnealingLR", "T_max=20, lr=0.1")
    cycle = curve("onecycle", max_lr=0.1, total_steps=100)  # the optimizer's rate is of no account to it
    assert heading([fast, cycle], None)[1] == "lr=0.1"
    assert names([curve("step", step_size=3, lr=0.1, label="mine"), fast], None)[0] == "mine"


def test_a_picture_of_several_files_keeps_their_names():
    both = ["a.yaml", "c.yaml"]
    ok("plot", *both, "-o", "both.svg")
    ok("plot", "both.svg", "-o", "again.svg")
    assert Path("again.svg").read_bytes() == Path("both.svg").read_bytes()
    plain = ["cosine T_max=20", "cosine T_max=20", "--steps-per-epoch", "5"]
    ok("plot", *plain, "-o", "plain.svg")
    ok("plot", "plain.svg", "-o", "again.svg")
    assert Path("again.svg").read_bytes() == Path("plain.svg").read_bytes()


def test_a_table_calls_a_curve_by_its_file():
    ok("plot", "a.yaml", "c.yaml", "-o", "both.csv")
    assert [line.split(",")[0] for line in Path("both.csv").read_text().splitlines()[1::60]] == ["a", "c"]


def test_the_page_shows_rates_and_clocks():
    resumed = "optimizer: {lr: 0.05, initial_lr: 0.1}\nscheduler: step step_size=30 last_epoch=29\n"
    Path("in").mkdir()
    Path("in/r.yaml").write_text(resumed + "steps: 60\ninterval: epoch\nsteps_per_epoch: 5\n")
    ok("batch", "in", "-o", "out", "--index", "-f", "csv")
    page = Path("out/index.html").read_text()
    for key, value in {"initial_lr": 0.1, "lr": 0.05, "interval": "epoch", "steps_per_epoch": 5, "steps": 60}.items():
        assert f"<div><dt>{key}</dt><dd>{value}</dd></div>" in page
    assert "Learning rate of r: StepLR(step_size=30, last_epoch=29), from 0.005 to" in page


def test_a_name_is_one_line_without_what_no_font_has():
    (made,) = load("a.yaml").curves()
    labelled = made.but(run=made.run.but(label="two\nlines\x07"))
    assert names([labelled, made], None)[0] == "two lines"
    assert {"two lines"} < set(words(drawn(labelled, made, title="x"))) and Look().label is None


def test_a_function_that_fills_a_title_is_left_to_where_it_stands():
    long = " + ".join(["0.001 * epoch"] * 8)
    groups = curve("lambda", lr_lambda=[long, "0.9 ** epoch"], lr=[0.1, 0.1])
    assert heading([groups], None) == ("LambdaLR", "lr_lambda=[…, 0.9 ** epoch]")
    unread = curve("lambda", lr_lambda=[long, long], lr=[0.1, 0.01])
    assert heading([unread], None) == ("LambdaLR", "") and heading([unread], "mine") == ("mine", "LambdaLR")
    assert line_names([groups], None) == [["group 0, lr=0.1", "group 1, lr=0.1, lr_lambda=0.9 ** epoch"]]
