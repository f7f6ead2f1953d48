"""``lrplot check``: what is probably wrong, where, and what mends it; and the same beside pictures and tables."""

import json
from pathlib import Path

import pytest

import lrplot
from lrplot.configs.edit import edited
from tests import command
from tests.command import ok

SHORT = "# half of the run\nscheduler: {name: cosine, T_max: 60}  # by hand\noptimizer: {lr: 0.1}\nsteps: 100\n"
CLIMBS = "LR004 the cosine turns at step 60 and climbs to 0.0726995 by step 99: T_max=100 would end at eta_min"
SOUND = "scheduler: cosine T_max=100\nsteps: 100\n"
MANY = """curves:
  - {label: a, scheduler: cosine T_max=60}
  - {label: b, scheduler: step step_size=300}
  - {label: c, scheduler: exponential gamma=0.5}
  - {label: d, scheduler: {name: linear, end_factor: 0, total_iters: 100}}
  - {label: e, scheduler: multistep milestones=500}
steps: 100
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(SHORT)
    Path("sound.yaml").write_text(SOUND)
    Path("many.yaml").write_text(MANY)


def check(*words: str) -> tuple[int, list[str]]:
    done = command.lrplot("check", *words)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def mend(path: str) -> tuple[int, list[str], list[str]]:
    """The exit status of --fix, the notes that are left, and what it says that it did."""
    done = command.lrplot("check", path, "--fix")
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def codes(*words: str) -> list[str]:
    return [note["code"] for note in json.loads(command.lrplot("check", *words, "--json").stdout)]


def test_a_note_names_its_place_and_what_mends_it() -> None:
    assert check("a.yaml") == (1, [f"a.yaml:2:34: {CLIMBS}", "  fix: scheduler.T_max: 100"])
    assert check("sound.yaml") == (0, [])


AUTO = """{"scheduler": {"type": "WarmupLR", "params": {"warmup_min_lr": 0, "warmup_max_lr": "auto",
  "warmup_num_steps": "auto", "warmup_type": "linear"}}}"""
ARGUMENTS = "learning_rate: 0.001\nwarmup_steps: 80\nmax_steps: 100\nlr_scheduler_type: linear\n"


def test_what_a_source_leaves_open_is_typed_as_for_a_plot(tmp_path: Path) -> None:
    assert check("cosine T_max=60", "-n", "60") == (0, [])
    assert check("cosine T_max=60", "-n", "100")[1][1] == "  fix: scheduler.T_max: 100"
    assert check("a.yaml", "-n", "61") == (0, []) and check("a.yaml", "--ignore", "LR004") == (0, [])
    Path("ds.json").write_text(AUTO)
    Path("args.yaml").write_text(ARGUMENTS)
    done = command.lrplot("check", "ds.json")
    assert done.returncode == 2 and "add --values YOUR_TRAINING_ARGS.yaml" in done.stderr
    asked = ["ds.json", "--set", "warmup_max_lr=0.001", "--set", "warmup_num_steps=100"]
    assert [code[-5:] for code in codes(*asked)] == codes("deepspeed.WarmupLR warmup_num_steps=100 warmup_type=linear")
    assert command.lrplot("check", "ds.json", "--values", "args.yaml").returncode in (0, 1)
    done = command.lrplot("check", "a.yaml", "--set", "x=1")
    assert done.returncode == 2 and "there is none" in done.stderr


def test_a_folder_of_configs_takes_what_they_leave_open_too() -> None:
    Path("theirs").mkdir()
    Path("theirs/ds.json").write_text(AUTO)
    Path("args.yaml").write_text(ARGUMENTS)
    assert command.lrplot("batch", "--check", "theirs").returncode == 1
    assert command.lrplot("batch", "--check", "theirs", "--values", "args.yaml").stdout.startswith("1 valid")
    ok("batch", "theirs", "-o", "out", "-f", "csv", "--values", "args.yaml")
    assert Path("out/ds.csv").read_text().splitlines()[42] == "41,0.0005"  # half of 80, one late: DeepSpeed's
    done = command.lrplot("batch", "--check", "a.yaml", "--set", "x=1")
    assert done.returncode == 2 and "there is none" in done.stderr


def test_a_source_is_anything_that_is_drawn() -> None:
    assert check("linear end_factor=0.1 total_iters=100")[0] == 1
    Path("b.json").write_text('{"scheduler": {"name": "cosine", "T_max": 60}, "steps": 100}')
    assert check("b.json")[1][0].startswith("b.json:1:43: LR004")
    done = command.lrplot("check", "-", input=SHORT)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, f"<stdin>:2:34: {CLIMBS}")
    command.lrplot("plot", "a.yaml", "-q", "-o", "a.png")
    assert check("a.png")[0] == 1


@pytest.mark.parametrize(
    "before, after",
    [
        ('"CosineAnnealingLR(optimizer, T_max=60)"  # a call', '"CosineAnnealingLR(optimizer, T_max=100)"  # a call'),
        ("LinearLR(optimizer, end_factor=0.0, total_iters=100)", None),
        ("{name: lambda, lr_lambda: &f 'min(1, epoch / 50)'}", ""),
    ],
)
def test_a_call_is_mended_in_its_place_and_what_stands_elsewhere_too_is_not(before: str, after: str | None) -> None:
    Path("b.yaml").write_text(f"optimizer: {{lr: 0.1}}\nscheduler: {before}\nsteps: 100\n")
    wanted = (
        before if after == "" else after or '"LinearLR(optimizer, end_factor=0.0, total_iters=100, start_factor=1.0)"'
    )
    assert mend("b.yaml")[0] == (1 if after == "" else 0)
    assert Path("b.yaml").read_text() == f"optimizer: {{lr: 0.1}}\nscheduler: {wanted}\nsteps: 100\n"


def test_a_folded_text_is_mended_with_the_lines_that_it_takes() -> None:
    Path("b.yaml").write_text(
        "scheduler:\n  name: lambda\n  lr_lambda: >-\n    min(1,\n    epoch / 500)\nsteps: 10000\n"
    )
    mend("b.yaml")
    told = 'scheduler:\n  name: lambda\n  lr_lambda: "min(1, (epoch + 1) / 500)"\nsteps: 10000\n'
    assert Path("b.yaml").read_text() == told


def test_a_formula_of_another_framework_is_no_mistake_of_whoever_uses_it() -> None:
    """NeMo's FastPitch: the rate is 0.001 / 1000 ** 0.5 at its highest, by intention."""
    schedule = "{name: NoamAnnealing, warmup_steps: 1000, d_model: 1}"
    Path("b.yaml").write_text(
        f"trainer: {{max_steps: 10000}}\nmodel:\n  optim: {{name: adamw, lr: 1e-3, sched: {schedule}}}\n"
    )
    assert command.lrplot("check", "b.yaml").returncode == 0


@pytest.mark.parametrize("rate, status", [("", 0), ("lr=0.05, ", 1)])
def test_a_rate_that_nobody_gave_has_no_effect_without_a_note(rate: str, status: int) -> None:
    Path("train.py").write_text(
        f"""optimizer = torch.optim.SGD(model.parameters(), {rate}momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=1000)
for step in range(1000):
    optimizer.step()
    scheduler.step()
"""
    )
    assert command.lrplot("check", "train.py").returncode == status


def test_of_a_table_nothing_is_known_but_its_rates() -> None:
    command.lrplot("cosine", "--T-max", "100", "-q", "-o", "a.csv")
    assert check("a.csv") == (0, []) and ok("plot", "a.csv", "-o", "b.csv") == ""


def test_a_table_that_climbs_again_is_told_of_without_a_fix() -> None:
    command.lrplot("plot", "a.yaml", "-q", "-o", "a.csv")
    assert check("a.csv") == (
        1,
        ["a.csv: LR004 the rate turns at step 60 and climbs to 0.0726995 by the end of the run, as it fell before"],
    )


def test_a_folder_stands_for_its_configs() -> None:
    Path("deep").mkdir()
    Path("a.yaml").rename("deep/a.yaml")
    assert f"./deep/a.yaml:2:34: {CLIMBS}" in check(".", "sound.yaml")[1]


def test_a_wrong_request_is_2_and_the_other_sources_are_checked() -> None:
    Path("b.yaml").write_text("scheduler: nothing\n")
    done = command.lrplot("check", "b.yaml", "a.yaml")
    assert (done.returncode, done.stdout.splitlines()[0]) == (2, f"a.yaml:2:34: {CLIMBS}")
    assert done.stderr.startswith("lrplot: b.yaml:1:12: scheduler.name names an unknown scheduler")
    assert command.lrplot("check", "gone.yaml").returncode == 2
    assert command.lrplot("check").returncode == 2


def test_codes_are_selected_and_ignored_by_their_beginnings() -> None:
    assert codes("many.yaml") == ["LR004", "LR001", "LR024", "LR016", "LR001"]
    assert codes("many.yaml", "--select", "LR00") == ["LR004", "LR001", "LR001"]
    assert codes("many.yaml", "--select", "lr001,LR024") == ["LR001", "LR024", "LR001"]
    assert codes("many.yaml", "--ignore", "LR001", "--ignore", "LR02") == ["LR004", "LR016"]
    assert check("many.yaml", "--select", "LR041") == (0, [])
    done = command.lrplot("check", "a.yaml", "--select", "LR9")
    assert done.returncode == 2 and done.stderr.startswith("lrplot: there is no note 'LR9': ")


def test_a_config_ignores_what_it_names() -> None:
    for ignored in ("ignore: [LR004]\n", "ignore: LR004\n"):
        Path("a.yaml").write_text(SHORT + ignored)
        assert check("a.yaml") == (0, [])
    Path("a.yaml").write_text(SHORT + "ignore: [LR001]\n")
    assert check("a.yaml")[0] == 1
    Path("a.yaml").write_text(SHORT + "ignore: [LR004, climbs]\n")
    done = command.lrplot("check", "a.yaml")
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ["lrplot: a.yaml:5:17: ignore[1] must be the code of a note, such as LR004, got 'climbs'"],
    )
    Path("a.yaml").write_text(SHORT + "ignore: [LR404]\n")
    assert "ignore names no note, 'LR404': did you mean 'LR0" in command.lrplot("check", "a.yaml").stderr
    Path("a.yaml").write_text(MANY.replace("T_max=60", "T_max=60, ignore: [LR004]"))
    assert codes("a.yaml") == ["LR001", "LR024", "LR016", "LR001"]


def test_notes_for_programs() -> None:
    (note, *_) = json.loads(command.lrplot("check", "a.yaml", "--json").stdout)
    assert note == {
        "code": "LR004",
        "message": CLIMBS.removeprefix("LR004 "),
        "key": "scheduler.T_max",
        "step": 60,
        "fix": {"scheduler.T_max": 100},
        "file": "a.yaml",
        "line": 2,
        "column": 34,
    }
    assert json.loads(command.lrplot("check", "sound.yaml", "--format", "json").stdout) == []
    spec = "linear end_factor=0.1 total_iters=100"
    (note,) = json.loads(command.lrplot("check", spec, "--json").stdout)
    assert (note["file"], note["line"], note["column"]) == (f"spec '{spec}'", None, None)


def test_notes_for_a_forge() -> None:
    Path("a,b.yaml").write_text(SHORT)
    said = CLIMBS.removeprefix("LR004 ")
    assert check("a,b.yaml", "--format", "github") == (
        1,
        [f"::warning file=a%2Cb.yaml,line=2,col=34,title=LR004::{said}%0Afix: scheduler.T_max: 100"],
    )
    assert check("linear end_factor=0.1 total_iters=100", "--format", "github")[1][0].startswith(
        "::warning title=LR016::"
    )


# Mending


def test_a_fix_keeps_every_comment_and_the_layout() -> None:
    assert mend("a.yaml") == (0, [], ["lrplot: a.yaml: LR004 mended: scheduler.T_max: 100"])
    assert Path("a.yaml").read_text() == SHORT.replace("60", "100")


def test_all_that_can_be_mended_is_and_the_rest_is_told() -> None:
    Path("b.yaml").write_text(
        "optimizer:\n  lr: [0.1, 0.01]   # stem, head\nscheduler:\n  name: onecycle\n  max_lr: 0.1  # peak\n"
        "  total_steps: 1000\nsteps: 100   # short\n"
    )
    before = json.loads(command.lrplot("check", "b.yaml", "--json").stdout)
    assert {note["code"] for note in before} == {"LR002", "LR034"}
    status, left, done = mend("b.yaml")
    assert (status, left) == (0, []) and [line.split()[2] for line in done] == ["LR002", "LR034"]
    after = Path("b.yaml").read_text().splitlines()
    assert after[4:] == ["  max_lr: [0.1, 0.01]  # peak", "  total_steps: 100", "steps: 100   # short"]
    assert after[1].endswith("   # stem, head")
    Path("c.yaml").write_text(
        "scheduler: {name: plateau, patience: 3}\nmetrics: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]  # flat\n"
    )
    text = Path("c.yaml").read_text()
    assert check("c.yaml", "--fix")[1][0].startswith("c.yaml:2:10: LR052") and Path("c.yaml").read_text() == text


def test_what_is_not_selected_is_not_mended() -> None:
    assert check("a.yaml", "--fix", "--ignore", "LR004") == (0, [])
    assert Path("a.yaml").read_text() == SHORT


def test_a_byte_order_mark_and_windows_lines_stay() -> None:
    for data in (b"\xef\xbb\xbf" + SHORT.encode(), SHORT.replace("\n", "\r\n").encode()):
        Path("a.yaml").write_bytes(data)
        assert mend("a.yaml")[:2] == (0, [])
        assert Path("a.yaml").read_bytes() == data.replace(b"60", b"100")


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("scheduler:\n  - {name: linear, total_iters: 5, end: 5}\n  - name: multistep  # drops\n    milestones: [ 300,\n"
         "      400 ]  # far\nsteps: 100\n", "[ 300,\n      400 ]", "[ 68,\n      90 ]"),
        ("scheduler:\n  name: multistep\n  milestones:\n  - 300\n  - 400\n\n# end\nsteps: 100\n", "- 300\n  - 400", "- 68\n  - 90"),
        ("scheduler: {name: sequential, schedulers: [linear start_factor=0.01 total_iters=10, \"cosine T_max=100\"],"
         " milestones: [10]}\noptimizer: {lr: 0.1}\nsteps: 100\n", "T_max=100", "T_max=90"),
        ('{"scheduler": {"name": "cosine", "T_max": 50}, "steps": 100}', '"T_max": 50', '"T_max": 100'),
    ],
)  # fmt: skip
def test_of_lists_flows_specs_and_json_only_the_values_are_changed(text: str, old: str, new: str) -> None:
    Path("c.yaml").write_text(text)
    assert mend("c.yaml")[:2] == (0, [])
    assert Path("c.yaml").read_text() == text.replace(old, new)


def test_what_is_no_config_file_is_not_written() -> None:
    command.lrplot("plot", "a.yaml", "-q", "-o", "a.png")
    data = Path("a.png").read_bytes()
    assert check("a.png", "--fix")[0] == 1 and Path("a.png").read_bytes() == data


def test_a_file_that_cannot_be_written_is_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    done = command.lrplot("check", "a.yaml", "--fix")
    assert (done.returncode, Path("a.yaml").read_text()) == (1, SHORT)
    assert sorted(path.name for path in Path().iterdir()) == ["a.yaml", "many.yaml", "sound.yaml"]


@pytest.mark.parametrize(
    ("text", "changes", "wanted"),
    [
        ("scheduler:\n  name: cosine  # c\n  T_max: 9\n", {"scheduler.eta_min": 0.1}, "scheduler:\n  name: cosine  # c\n  eta_min: 0.1\n  T_max: 9\n"),
        ("scheduler: cosine T_max=9 # c\n", {"scheduler.T_max": 10}, "scheduler: cosine T_max=10 # c\n"),
        ("scheduler: cosine T_max=9\n", {"interval": "epoch"}, "scheduler: cosine T_max=9\ninterval: epoch\n"),
        ("{scheduler: linear}", {"steps": 9}, "{scheduler: linear, steps: 9}"),
        ("a: [1, 2]  # c\n", {"a": [3, 4]}, "a: [3, 4]  # c\n"),
        ("a: [1, 2]  # c\n", {"a": [3]}, "a: [3]  # c\n"),
        ("a:\n  - 1  # c\n  - 2\n", {"a": [3]}, None),
        ("a:\n  - 1  # c\n  - 2\n", {"a": [3, 4]}, "a:\n  - 3  # c\n  - 4\n"),
        ("a: 'cosine T_max=9'\n", {"a.T_max": 10}, "a: 'cosine T_max=10'\n"),
        ("{a: multistep milestones=9}\n", {"a.milestones": [1, 2]}, '{a: "multistep milestones=1,2"}\n'),
        ("a: {b: 1}\n", {"a.c.d": 1}, "a: {b: 1, c: {d: 1}}\n"),
        ("a: {b: 1}\n", {"a.c[0]": 1}, None),
        ("a: {}\n", {"a.b": 1}, None),
        ('{"a": 1}', {"b": "x y"}, '{"a": 1, "b": "x y"}'),
    ],
)  # fmt: skip
def test_a_change_leaves_the_rest_as_it_is_or_is_none(
    text: str, changes: dict[str, object], wanted: str | None
) -> None:
    assert edited(text, "a.json" if text.startswith('{"') else "a.yaml", changes) == wanted


# Beside pictures and tables


def test_notes_come_after_the_output_three_and_a_count() -> None:
    done = command.lrplot("plot", "many.yaml", "-o", "-")
    assert done.returncode == 0 and done.stdout.startswith("curve,step,lr\n")
    *three, last = done.stderr.splitlines()
    assert [line.split()[2] for line in three] == ["LR004", "LR001", "LR024"]
    assert last == "lrplot: and 2 more notes: lrplot check tells all"
    assert ok("plot", "many.yaml", "-q", "-o", "-") == done.stdout


def test_a_schedulers_command_names_the_flag() -> None:
    done = command.lrplot("cosine", "--T-max", "60", "-n", "100", "--lr", "0.1", "-o", "x.csv")
    assert (done.returncode, done.stderr) == (0, f"lrplot: --T-max: {CLIMBS}\n")
    assert ok("cosine", "--T-max", "60", "-n", "100", "--quiet", "-o", "x.csv") == ""
    assert ok("cosine", "--T-max", "60", "-o", "x.csv") == ""  # nobody says how long the run is


def test_a_picture_has_notes_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    look = ("--size", "600x400", "-q", "-o", "x.svg")
    ok("plot", "a.yaml", *look)
    assert "LR004" not in Path("x.svg").read_text()
    ok("plot", "a.yaml", "--notes", *look)
    assert "LR004 the cosine turns at step 60" in Path("x.svg").read_text()
    for facet in ((), ("--facet",)):
        ok("plot", "many.yaml", "--notes", *facet, *look)
        assert "a: LR004" in Path("x.svg").read_text()
    ok("plot", "sound.yaml", *look)
    without = Path("x.svg").read_text()
    ok("plot", "sound.yaml", "--notes", *look)
    assert _drawing(Path("x.svg").read_text()) == _drawing(without)


def _drawing(svg: str) -> str:
    """A picture without the schedule that it keeps."""
    return svg.partition("</metadata>")[2]


def test_a_batch_tells_a_few_notes_of_what_it_renders() -> None:
    done = command.lrplot("batch", ".", "-o", "out", "-f", "csv", "-j", "1")
    assert (done.returncode, done.stdout) == (0, "3 rendered\n")
    assert [line.split()[1] for line in done.stderr.splitlines()] == ["LR004", "LR004", "LR001", "3"]
    assert command.lrplot("batch", ".", "-o", "out", "-f", "csv", "-j", "1").stderr == ""  # told before
    assert ok("batch", ".", "-o", "out", "-f", "csv", "-j", "1", "--force", "-q") == ""


def test_a_batch_that_checks_tells_all_and_fails_where_it_is_strict() -> None:
    done = command.lrplot("batch", ".", "--check", "-j", "1")
    assert (done.returncode, done.stdout) == (0, "3 valid; 2 have notes\n")
    assert len(done.stderr.splitlines()) == 6 and f"./a.yaml:2:34: {CLIMBS}" in done.stderr.splitlines()
    strict = command.lrplot("batch", ".", "--check", "--strict", "-j", "1")
    assert (strict.returncode, strict.stderr) == (1, done.stderr)
    assert command.lrplot("batch", ".", "--check", "--strict", "-q", "-j", "1").stderr == done.stderr
    assert ok("batch", "sound.yaml", "--check", "--strict", "-j", "1") == "1 valid\n"
    assert ok("batch", ".", "--check", "-q", "-j", "1") == ""
    assert command.lrplot("batch", ".", "--strict", "-o", "out").stderr == "lrplot: --strict is for --check\n"


def test_check_in_python() -> None:
    for source in ("a.yaml", lrplot.load_config("a.yaml").curves()[0]):
        (note,) = lrplot.check(source)
        assert (note.code, note.key, note.step, note.fix) == ("LR004", "scheduler.T_max", 60, {"scheduler.T_max": 100})
    assert str(lrplot.check("a.yaml")[0]) == f"a.yaml:2:34: {CLIMBS}"
    assert lrplot.check(lrplot.simulate("cosine", T_max=100, steps=100)) == []
    (note,) = lrplot.check(lrplot.simulate("lambda", lr_lambda=lambda epoch: epoch / 9, lr=1.0, steps=9))
    assert (note.code, note.fix, note.place) == ("LR012", None, "")


def test_a_member_that_cannot_run_alone_keeps_no_other_from_being_drawn() -> None:
    chain = "schedulers: ['cosine T_max=20', {name: lambda, lr_lambda: epoch, last_epoch: 0}]"
    Path("z.yaml").write_text(f"scheduler: {{name: chained, {chain}}}\n")
    assert command.lrplot("plot", "z.yaml", "-o", "z.csv").returncode == 0 and Path("z.csv").exists()


def test_the_python_api_checks_configs_and_paths() -> None:
    Path("a.yaml").write_text("scheduler: cosine T_max=25\nsteps: 100\n")
    (note,) = lrplot.check(Path("a.yaml"))
    assert (note.code, note.line, note.fix) == ("LR004", 1, {"scheduler.T_max": 100})
    assert lrplot.check(lrplot.load_config("a.yaml"))[0][:5] == note[:5]


def test_flags_win_over_what_a_checked_source_says(tmp_path: Path) -> None:
    done = command.lrplot("check", "cosine T_max=50", "-n", "100", "--lr", "0.1")
    assert done.returncode == 1 and "climbs to 0.0999013 by step 99: T_max=100 would end" in done.stdout
    Path("a.yaml").write_text("scheduler: cosine T_max=50\nsteps: 50\n")
    done = command.lrplot("check", "a.yaml", "-n", "100", "--fix")
    assert done.returncode == 2 and "--fix mends what a file says, which --steps would change" in done.stderr
    Path("train.py").write_text(
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)\n"
        "for epoch in range(100):\n    for x in train_loader:\n        optimizer.step()\n        scheduler.step()\n"
    )
    done = command.lrplot("check", "train.py", "--set", "len(train_loader)=391")
    assert done.returncode == 1 and "LR021 T_max=100 counts steps, and is the length of 0.26 epochs" in done.stdout


def test_group_that_joins_on_the_way_has_no_rate_before_that_a_rule_could_stumble_over(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "optimizer: {groups: [{lr: 0.1}, {lr: 0.01, from: 25}]}\nsteps: 100\nsteps_per_epoch: 25\nscheduler:\n"
        "- {name: LinearLR, start_factor: 0.25, total_iters: 50}\n"
        "- {name: StepLR, step_size: 1, gamma: 0.5, interval: epoch, begin: 1}\n"
    )
    done = command.lrplot("plot", str(tmp_path / "a.yaml"), "-o", str(tmp_path / "a.csv"))
    assert done.returncode == 0 and "not in" not in done.stderr


def test_a_run_that_ends_within_its_first_epoch_has_no_epoch_before_the_last() -> None:
    text = "optimizer: {lr: 0}\ninterval: epoch\nscheduler: {name: timm.poly, t_initial: 11}\nsteps: 5\n"
    Path("a.yaml").write_text(text + "steps_per_epoch: 10\n")
    done = command.lrplot("check", "a.yaml")
    assert (done.returncode, done.stderr, "Traceback" in done.stdout) == (1, "", False)
