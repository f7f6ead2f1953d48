"""lrplot's own tables are sources: a curve as it stands, and every bad cell with its place."""

import json
import math
import re
from pathlib import Path

import pytest

import lrplot as api
from lrplot.configs.sources import load, load_all
from lrplot.configs.tables import is_table
from lrplot.formats import FORMATS
from lrplot.pictures import figure
from lrplot.pictures.look import Look
from lrplot.runs.curve import Curve
from tests import command
from tests.command import lrplot
from tests.pictures import words

COMMANDS = {
    "one rate": ["cosine", "--T-max", "7", "--lr", "0.1", "-n", "20"],
    "groups and epochs": ["cosine", "--T-max", "7", "--lr", "0.1,0.01", "-n", "20", "--steps-per-epoch", "6"],
    "momentum": ["onecycle", "--max-lr", "0.1", "--total-steps", "20"],
    "metrics": ["plateau", "--metrics", "max(0.3, 0.9 ** epoch)", "--patience", "1", "-n", "20"],
    "readings": ["step", "--step-size", "3", "-n", "9", "--record", "used", "--record", "get_lr"],
    "resumed": ["plot", "r.yaml"],
    "several": ["plot", "b.yaml", "onecycle max_lr=0.1 total_steps=12", "cosine T_max=5", "cosine T_max=5", "-n", "12"],
}
RESUMED = "optimizer: {lr: 0.05, initial_lr: 0.1}\nscheduler: step step_size=30 last_epoch=29\nsteps: 40\n"
QUOTED = 'scheduler: cosine T_max=5\nplot: {label: "a, \\"b\\"\\nc"}\n'


def ok(*words: str, **options: object) -> str:
    """What a command prints that succeeds; what is to be said of its schedule is not the matter here."""
    return command.ok(*words, *([] if words[0] in ("batch", "explain") else ["-q"]), **options)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.yaml").write_text("scheduler: step step_size=3\nsteps: 12\n")
    Path("r.yaml").write_text(RESUMED)
    Path("q.yaml").write_text(QUOTED)


def table_of(curve: Curve) -> dict[str, list[str]]:
    """Every column, to the last bit: a NaN too."""
    return {
        name: [value.hex() if isinstance(value, float) else str(value) for value in values]
        for name, values in curve.columns().items()
    }


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_table_gives_the_curves_that_were_written(words: list[str], ending: str) -> None:
    ok(*words, "-o", f"t.{ending}", "-o", "t.json")
    written = json.loads(Path("t.json").read_text())
    curves = load(f"t.{ending}").curves()
    assert len(curves) == (len(written) if isinstance(written, list) else 1)
    for curve, columns in zip(curves, written if isinstance(written, list) else [written]):
        assert {name: [*values] for name, values in curve.columns().items()} == {
            name: values for name, values in columns.items() if name not in ("label", "record")
        }
    ok(f"t.{ending}", "-o", f"again.{ending}")
    assert Path(f"again.{ending}").read_bytes() == Path(f"t.{ending}").read_bytes()


def test_what_is_no_number_reads_back() -> None:
    Path("n.csv").write_text("step,lr\n0,nan\n1,inf\n2,-inf\n3,5e-324\n")
    (curve,) = load("n.csv").curves()
    assert table_of(curve)["lr"] == [math.nan.hex(), math.inf.hex(), (-math.inf).hex(), (5e-324).hex()]
    assert ok("n.csv", "-o", "-") == Path("n.csv").read_text()
    ok("n.csv", "-o", "n.json")
    assert table_of(load("n.json").curves()[0])["lr"][:3] == [math.nan.hex()] * 3  # JSON has but null for them


def test_a_label_may_hold_what_separates_cells() -> None:
    ok("plot", "q.yaml", "b.yaml", "-n", "4", "-o", "t.csv")
    assert [str(curve.run.spec) for curve in load("t.csv").curves()] == ['a, "b"\nc', "b"]
    rows = Path("t.csv").read_text().replace("\n2,0.0", "\n2,x", 1).replace('c",2,', 'c",2,x', 1)
    Path("t.csv").write_text(rows)
    done = lrplot("t.csv", "-o", "x.png")
    assert done.stderr == "lrplot: t.csv:7:6: lr must be a number, got 'x0.0006545084971874737'\n"


def test_tables_are_drawn_beside_configs() -> None:
    ok("cosine", "--T-max", "7", "--lr", "0.1", "-n", "20", "-o", "a.csv")
    ok("plot", "a.csv", "b.yaml", "-o", "x.png")
    figures = figure.draw(load_all(["a.csv", "b.yaml"]).curves(), load("b.yaml").look)
    assert {"a", "b: StepLR(step_size=3)"} < set(words(figures))
    lines = ok("plot", "a.csv", "b.yaml", "--term").splitlines()
    assert {"a a", "b b: StepLR(step_size=3)"} < set(lines)


def test_a_table_is_called_what_its_run_was_called() -> None:
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.json", "-o", "t.csv")
    drawn = figure.draw(load("t.json").curves(), load("t.json").look)
    assert {"CosineAnnealingLR", "T_max=7"} < set(words(drawn))
    assert ok("t.json", "--term").splitlines()[0].split() == ["lr", "CosineAnnealingLR(T_max=7)"]
    assert ok("t.csv", "--term").splitlines()[0].split() == ["lr", "t"]
    assert ok("t.csv", "--label", "mine", "-o", "-") == Path("t.csv").read_text()


def test_a_table_comes_by_standard_input_and_by_python() -> None:
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.csv")
    assert ok("plot", "-", "-o", "-", input=Path("t.csv").read_text()) == Path("t.csv").read_text()
    (curve,) = api.load_config("t.csv").curves()
    assert curve.lr.tolist() == api.simulate("cosine", T_max=7, steps=20).lr.tolist()
    curve.save("u.csv")
    assert Path("u.csv").read_text() == Path("t.csv").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cosine", "-c", "t.csv", "-o", "x.png"], "without a scheduler: draw it with lrplot plot"),
        (["t.csv", "--lr", "0.1", "-n", "5", "-o", "x.png"], "--lr, --steps cannot change them"),
        (["t.csv", "--record", "get_lr", "-o", "x.png"], "--record cannot change them"),
    ],
)
def test_what_only_a_run_can_do_is_refused(words: list[str], message: str) -> None:
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.csv")
    done = lrplot(*words)
    what = "lrplot: t.csv: is a table, whose curves stand as they are"
    assert (done.returncode, done.stderr.count("\n"), done.stderr.startswith(what)) == (2, 1, True)
    assert message in done.stderr and not Path("x.png").exists()


def test_a_table_is_never_written_over() -> None:
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.csv")
    before = Path("t.csv").read_bytes()
    done = lrplot("t.csv", "-o", "t.csv")
    assert done.returncode == 2 and "would be lost" in done.stderr and Path("t.csv").read_bytes() == before


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_of_a_table_holds_no_schedule(ending: str) -> None:
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.csv")
    ok("t.csv", "-o", f"x.{ending}", "--size", "300x200")
    done = lrplot(f"x.{ending}", "-o", "y.csv")
    assert done.returncode == 2 and "holds no schedule" in done.stderr


def test_a_batch_draws_tables_anew_when_they_change() -> None:
    Path("in").mkdir()
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "in/t.json")
    assert ok("batch", "in", "-o", "out", "-f", "csv") == "1 rendered\n"
    assert Path("out/t.csv").read_text().splitlines()[8] == "7,0.0"
    assert ok("batch", "in", "-o", "out", "-f", "csv") == "0 rendered, 1 unchanged\n"
    ok("cosine", "--T-max", "6", "-n", "20", "-o", "in/t.json")
    assert ok("batch", "in", "-o", "out", "-f", "csv", "--index") == "1 rendered\n"
    assert Path("out/t.csv").read_text().splitlines()[7] == "6,0.0"


BAD_CSV = [
    ("step,lr\n0,0.1\n1,0,1\n2,x\n", ["t.csv:3: the row has 3 entries, the header 2", "t.csv:4:3: lr must be a number, got 'x'"]),
    ("step,lr\n4,0.1\n2,0.1\n3,0.1\n", ["t.csv:3:1: step must be a whole number from 5 on, got '2'"]),
    ("step,lr\n0,0.1\n0,0.1\n2,\n", ["t.csv:3:1: step must be a whole number from 1 on, got '0'", "t.csv:4:3: lr must be a number, got nothing"]),
    ("step,lr\n0,0.1\nx,0.1\n2,0.1\n2,0.1\n", ["t.csv:3:1: step must be a number, got 'x'", "t.csv:5:1: step must be a whole number from 3 on, got '2'"]),
    ("curve,step,lr\na,,1\na,1,1\n", ["t.csv:2:3: step must be a number, got nothing"]),
    ("step,lr\n0.5,0.1\n", ["t.csv:2:1: step must be a whole number from 0 on, got '0.5'"]),
    ("step,lr\n0,1_000\n", ["t.csv:2:3: lr must be a number, got '1_000'"]),
    ("step,lr\n0,1e999\n", ["t.csv:2:3: lr must be a number, got '1e999'"]),
    ("step,epoch,lr\n0,0.0,1\n1,0.5,1\n2,1.1,1\n", ["t.csv:4:3: epoch must be the step by the steps of an epoch, got '1.1'"]),
    ("step,lr_0,lr_2\n0,1,1\n", ["t.csv:2:1: the columns must be step, lr (or lr_0, lr_1, …), and so on, got step, lr_0, lr_2"]),
    ("curve,step,lr,momentum\na,0,1,\na,1,1,0.9\n", ["t.csv:3:7: momentum must be empty as in the row before, got '0.9'"]),
    ("step,lr\n", ["t.csv: has no rows"]),
    ('step,lr\n0,"1\n', ["t.csv:2: is not CSV: unexpected end of data"]),
    ("step,lr,lr\n0,1,1\n", ["t.csv:2:1: the columns must be step, lr (or lr_0, lr_1, …), and so on, got step, lr, lr"]),
    ("user,password\nroot,secret\n", ["t.csv: is no table of lrplot's: the columns of one begin with step, or curve and step"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "messages"), BAD_CSV)
def test_a_bad_cell_of_a_csv_table_is_told_with_its_place(text: str, messages: list[str]) -> None:
    Path("t.csv").write_text(text)
    done = lrplot("t.csv", "-o", "x.png")
    assert (done.returncode, done.stderr.splitlines()) == (2, [f"lrplot: {message}" for message in messages])


BAD_JSON = [
    ('{"step": [0, 1], "lr": [0.1, "x"]}', "t.json:1:30: lr must be a number, got 'x'"),
    ('{"step": [0, 1],\n "lr": [0.1, NaN]}', "t.json:2:14: lr must be a number, got 'NaN'"),
    ('{"step": [0, true], "lr": [0.1, 1]}', "t.json:1:14: step must be a number, got 'true'"),
    ('{"step": [0, -2], "lr": [0.1, 1e999]}', "t.json:1:14: step must be a whole number from 1 on, got '-2'\nt.json:1:31: lr must be a number, got 'inf'"),
    ('{"step": [0, 1], "lr": [0.1]}', "t.json:1:24: lr has 1 numbers, step has 2"),
    ('{"step": [0], "lr": [1], "lrr": [1]}', "t.json:1:33: unknown key 'lrr': did you mean 'lr'?"),
    ('{"step": [0], "lr": [1], "record": "x"}', "t.json:1:36: record must be used, after-step, get_lr, got 'x'"),
    ('{"step": [0], "lr": [1], "label": [2]}', "t.json:1:35: label must be text, got '[2.0]'"),
    ('[{"step": [0], "lr": [1]}, 3]', "t.json:1:28: must be a curve: a label and columns, got '3'"),
    ('{"step": 5, "lr": 2}', "t.json:1:10: step must be a list of numbers, got '5'\nt.json:1:19: lr must be a list of numbers, got '2'"),
    ('{"step": [0], "lr": [1], "lr": [2]}', "t.json: a key stands in a curve twice"),
    ('{"step": [0], "lr": [1', "t.json:1:23: not valid JSON: expecting ',' delimiter"),
    ('{"step": ' + 5_000 * "[", "t.json: is nested too deep for a table"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "messages"), BAD_JSON)
def test_a_bad_cell_of_a_json_table_is_told_with_its_place(text: str, messages: str) -> None:
    Path("t.json").write_text(text)
    done = lrplot("t.json", "-o", "x.png")
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        [f"lrplot: {message}" for message in messages.split("\n")],
    )


def test_a_table_is_known_by_its_columns() -> None:
    assert is_table('[{"label": "a", "step": [0], "lr": [1]}]') and is_table("curve,step,lr_0,lr_1\r\n")
    assert not is_table('{"scheduler": {"name": "step", "step_size": 3}}') and not is_table("steps,lr\n0,1\n")
    assert not is_table("step,metric\n0,1\n") and not is_table("step,lr\x1b[2J\n") and not is_table("")


def test_of_the_scheduler_of_a_table_nothing_is_known() -> None:
    Path("t.csv").write_text("step,lr\n0,0.1\n1,0.2\n")
    (run,) = load("t.csv").runs
    assert run.actions() == ([], False) and not run.spec.cls.watches_metric and not run.spec.handovers


def test_a_table_of_unlike_curves_is_known_as_lrplots_own() -> None:
    Path("u.yaml").write_text("curves: [cosine T_max=5, {scheduler: step step_size=3, steps_per_epoch: 2}]\nsteps: 4\n")
    ok("plot", "u.yaml", "-o", "u.csv", "-o", "u.json")
    assert Path("u.csv").read_text().startswith("curve,step,lr,epoch\n")
    for format in ("csv", "json"):
        assert re.search(FORMATS[format].mark, Path(f"u.{format}").read_bytes())
        assert len(load(f"u.{format}").curves()) == 2


def test_a_table_that_is_not_there_is_no_unknown_command() -> None:
    done = lrplot("nothere.csv")
    assert (done.returncode, done.stderr) == (2, "lrplot: nothere.csv: cannot be read: No such file or directory\n")


def test_a_table_beyond_all_bounds_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrplot.configs.tables.MAX_TABLE_BYTES", 100)
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.csv")
    done = lrplot("t.csv", "-o", "x.png")
    assert done.returncode == 2 and done.stderr.endswith("bytes, at most 100 bytes are read\n")


def test_a_momentum_that_a_table_lacks_is_refused() -> None:
    ok("cosine", "--T-max", "7", "-n", "20", "-o", "t.csv")
    done = lrplot("t.csv", "--parameter", "momentum", "-o", "x.png")
    assert done.stderr == "lrplot: parameter momentum asks for the momentum, which Table leaves alone\n"


def test_a_weight_decay_is_a_column_beside_the_rate() -> None:
    Path("w.csv").write_text("step,lr,weight_decay\n0,0.1,0.01\n1,0.2,0.02\n2,0.1,0.04\n")
    assert ok("plot", "w.csv", "-o", "-") == Path("w.csv").read_text()
    (curve,) = load("w.csv").curves()
    assert curve.weight_decay is not None and curve.weight_decay.tolist() == [0.01, 0.02, 0.04]
    assert curve.momentum is None
    assert "weight_decay" in ok("w.csv") and "lr" not in ok("w.csv", "--parameter", "weight_decay").split()
    assert {"learning rate", "weight decay"} <= {*words(figure.draw([curve], Look()))}
    done = lrplot("w.csv", "--parameter", "momentum")
    assert (done.returncode, "asks for the momentum, which Table leaves alone" in done.stderr) == (2, True)
