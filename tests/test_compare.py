"""lrplot compare: the first line is the answer, the exit status says whether they are equal."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

import lrplot as api
from tests.command import Done, lrplot

PLAN = "optimizer: {lr: 0.1}\nscheduler: cosine T_max=1000\nsteps: 1000\n"


def rate(step: float) -> float:
    return 0.05 * (1 + math.cos(math.pi * step / 1000))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(PLAN)


def compared(rows: list[tuple[int, float]], *words: str) -> Done:
    """What is said of the plan and a table of six digits."""
    Path("run.csv").write_text("iter,lr\n" + "".join(f"{step},{value:.6g}\n" for step, value in rows))
    return lrplot("compare", "plan.yaml", "run.csv", *words)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([(t, rate(t)) for t in range(1000)], "equal at all 1,000 logged steps (to 6 digits)"),
        ([(t, rate(t)) for t in range(9, 1000, 10)], "equal at all 100 logged steps (to 6 digits)"),
        ([(t, rate(t + 1)) for t in range(999)], "the log is the plan one step early"),
        ([(t, rate(max(t - 3, 0))) for t in range(999)], "the log is the plan 3 steps late"),
        ([(t, rate(4 * t)) for t in range(1000)], "the log is the plan stepped 4 times a step"),
        ([(t, rate(t // 4)) for t in range(1000)], "the log is the plan stepped every 4th step"),
        ([(t, rate(t // 391)) for t in range(1000)], "the log is the plan stepped once an epoch of 391 steps"),
        (
            [(t, rate(t if t < 300 else t - 300)) for t in range(1000)],
            "equal until step 300, then the plan from 0 again",
        ),
        (
            [(t, rate(t if t < 300 else t + 412)) for t in range(588)],
            "equal until step 300, then the plan shifted by 412 steps from there",
        ),
        ([(t, rate(t)) for t in range(420)], "the log stops at step 419, where the plan is at 62.6 % of its peak"),
        ([(t, rate(t) / 2) for t in range(1000)], "the log is 0.5 × the plan"),
        ([(t, rate(4 * t) / 2) for t in range(1000)], "the log is 0.5 × the plan stepped 4 times a step"),
        (
            [(t, rate(t) if t < 500 else 0.0003) for t in range(1000)],
            "different from step 500 on: 0.05 against 0.0003",
        ),
    ],
)
def test_the_first_line_is_the_answer(rows: list[tuple[int, float]], line: str) -> None:
    done = compared(rows)
    assert (done.stdout.splitlines()[0], done.stderr) == (line, "")
    assert done.returncode == (0 if line.startswith("equal at all") else 1)


def test_the_evidence_stands_below() -> None:
    lines = compared([(t, rate(4 * t)) for t in range(1000)]).stdout.splitlines()
    assert lines[1] == "  all 1,000 logged steps fit (to 6 digits)"
    assert [line.split() for line in lines if "differs" in line] == [
        ["1", "0.09999975326", "0.0999961", "0.09999605221", "<-", "differs"]
    ]
    assert lines[-2].startswith("cause: scheduler.step() is called more than once a step: accelerate")
    assert lines[-1].startswith("fix: ")


def test_a_program_reads_one_object() -> None:
    facts = json.loads(compared([(t, rate(t // 2)) for t in range(500)], "--json").stdout)
    rates = api.simulate("cosine", T_max=1000, lr=0.1, steps=1000).lr.tolist()
    assert (facts["relation"], facts["every"], facts["factor"], facts["quantum"]) == ("every", 2, None, "to 6 digits")
    assert facts["first_difference"] == {"step": 1, "a": rates[1], "b": 0.1, "group": 0}
    assert [relation["relation"] for relation in facts["also"]][:1] == ["cut"]
    facts = json.loads(compared([(t, rate(t)) for t in range(1000)], "--json").stdout)
    assert (facts["relation"], facts["also"], facts["first_difference"]) == ("equal", [], None)


def test_ties_are_said() -> None:
    Path("plan.yaml").write_text("optimizer: {lr: 0.1}\nscheduler: step step_size=100\nsteps: 400\n")
    lines = compared([(t, 0.1 * 0.1 ** (t // 100)) for t in range(50, 400, 100)]).stdout.splitlines()
    assert lines[:2] == ["equal at all 4 logged steps (to 6 digits)", "  also: the log is the plan one step early"]


def test_an_older_trainer_is_told_by_what_it_logs() -> None:
    rates = api.simulate("cosine", T_max=1000, lr=0.1, steps=1000).lr.tolist()
    history = [{"learning_rate": rates[s], "step": s} for s in range(1, 1000)]
    Path("trainer_state.json").write_text(json.dumps({"log_history": history}))
    done = lrplot("compare", "plan.yaml", "trainer_state.json", "--json")
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["relation"], facts["shift"]) == (1, "early", 1)
    assert facts["cause"].startswith("a Trainer before 2025-03 logs the next step's rate")
    history = [{"learning_rate": rates[s - 1], "step": s} for s in range(1, 1000)]
    Path("trainer_state.json").write_text(json.dumps({"log_history": history}))
    assert lrplot("compare", "trainer_state.json", "plan.yaml").returncode == 0


def test_two_plans_are_compared_in_words_of_the_schedule() -> None:
    for name, lr, warm in (("old.yaml", 0.1, 500), ("new.yaml", 0.05, 1000)):
        spec = f"transformers.linear num_warmup_steps={warm} num_training_steps=4000"
        Path(name).write_text(f"optimizer: {{lr: {lr}}}\nscheduler: {spec}\nsteps: 4000\n")
    done = lrplot("compare", "old.yaml", "new.yaml")
    assert (
        done.stdout.splitlines()[0]
        == "peak 0.1 -> 0.05, warm-up 500 -> 1,000 steps, end 2.85714e-05 -> 1.66667e-05, area -50 %"
    )
    assert done.returncode == 1
    assert lrplot("compare", "old.yaml", "old.yaml").stdout == "equal at all 4,000 steps (to the last bit)\n"


def test_of_two_composites_only_what_is_another_is_told() -> None:
    for name, gamma in (("old.yaml", 0.9), ("new.yaml", 0.8)):
        inner = f"[constant factor=0.1 total_iters=3, exponential gamma={gamma}]"
        Path(name).write_text(f"scheduler: {{name: sequential, schedulers: {inner}, milestones: [3]}}\nsteps: 10\n")
    told = lrplot("compare", "old.yaml", "new.yaml").stdout
    assert "  schedulers[1].gamma 0.9 -> 0.8\n" in told and "milestones" not in told and "factor" not in told


def test_two_logs_are_compared() -> None:
    compared([(t, rate(t)) for t in range(1000)])
    Path("other.csv").write_text("iter,lr\n" + "".join(f"{t},{rate(t + 1):.6g}\n" for t in range(0, 990, 3)))
    assert lrplot("compare", "run.csv", "other.csv").stdout.splitlines()[0] == "other is run one step early"


def test_a_group_that_follows_another_is_named() -> None:
    Path("plan.yaml").write_text("optimizer: {lr: [0.1, 0.01]}\nscheduler: cosine T_max=100\nsteps: 100\n")
    rows = "".join(f"{t},{0.05 * (1 + math.cos(math.pi * t / 100)):.6g},x\n" for t in range(100))
    Path("run.csv").write_text(
        "iter,lr_0,lr_1\n" + "\n".join(f"{r.rsplit(',', 1)[0]},{r.split(',')[1]}" for r in rows.split())
    )
    assert lrplot("compare", "plan.yaml", "run.csv").stdout.splitlines()[0] == "group 1 follows group 0's rate"


def test_a_wrong_request_ends_in_a_line() -> None:
    assert lrplot("compare", "plan.yaml", "nowhere.csv").returncode == 2
    done = lrplot("compare", "plan.yaml", "plan.yaml", "-o", "x.abc")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.process
def test_the_picture_is_written_though_nobody_reads_the_answer_to_its_end() -> None:
    compared([(t, rate(4 * t)) for t in range(0, 1000, 50)])
    command = f"{sys.executable} -m lrplot compare plan.yaml run.csv --size 600x350 -o both.svg | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout == "the log is the plan stepped 4 times a step\n" and Path("both.svg").stat().st_size > 9999


def test_flags_change_the_plan_and_leave_the_log_as_it_stands() -> None:
    Path("run.csv").write_text("iter,lr\n" + "".join(f"{t},{rate(t) / 2:.6g}\n" for t in range(1000)))
    assert lrplot("compare", "plan.yaml", "run.csv").stdout.startswith("the log is 0.5 × the plan\n")
    done = lrplot("compare", "plan.yaml", "run.csv", "--lr", "0.05")
    assert (done.returncode, done.stdout) == (0, "equal at all 1,000 logged steps (to 6 digits)\n")
    refused = lrplot("compare", "run.csv", "run.csv", "--lr", "0.05")
    assert refused.returncode == 2 and "--lr cannot change them" in refused.stderr


def test_the_answer_is_the_pictures_title_unless_another_is_given() -> None:
    compared([(t, rate(4 * t)) for t in range(0, 1000, 50)], "-o", "both.svg")
    assert "The log is the plan stepped 4 times a step" in Path("both.svg").read_text()
    compared([(t, rate(4 * t)) for t in range(0, 1000, 50)], "-o", "both.svg", "--title", "Run 7")
    assert "Run 7" in (drawn := Path("both.svg").read_text()) and "The log is" not in drawn


@pytest.mark.process
def test_the_status_is_the_answer_though_the_reader_has_left() -> None:
    """A reader that is gone from the start, so that nothing depends on who is faster."""
    Path("run.csv").write_text("iter,lr\n" + "".join(f"{step},0.3\n" for step in range(100)))
    for words, status in (("compare plan.yaml run.csv", 1), ("compare plan.yaml plan.yaml", 0)):
        command = f"set -o pipefail; (sleep 0.1; {sys.executable} -m lrplot {words}) | true"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        assert (done.stderr, done.returncode) == ("", status)
