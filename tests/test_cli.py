"""The command line, as a person types it."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from lrplot import __version__
from lrplot.cli.commands import cli
from lrplot.cli.explain import example_of
from lrplot.parameters import parameters_of
from lrplot.pictures.look import Look
from lrplot.runs.data import Data
from lrplot.runs.run import KEYS_ALONE, run_parameters
from lrplot.schedulers.families import members
from lrplot.schedulers.optimizer import Optimizer
from tests.command import lrplot, ok, typed

NAMES = "lambda multiplicative step multistep constant linear exponential polynomial cosine warm-restarts cyclic onecycle plateau swa sequential chained"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def rates(table: str) -> list[float]:
    return [float(row["lr"]) for row in csv.DictReader(table.splitlines())]


# Schedulers by flags


def test_there_are_all_sixteen_under_their_names() -> None:
    assert sorted(members()) == sorted(NAMES.split())
    listed = ok("list", env={**os.environ, "COLUMNS": "120"})
    for cls in members().values():
        assert re.search(rf"^{cls.name} +{cls.__name__} ", listed, re.MULTILINE)


@pytest.mark.parametrize("name", ["cosine", "CosineAnnealingLR"])
@pytest.mark.parametrize("flag", ["--T-max", "--T_max"])
def test_a_scheduler_by_either_name_and_a_flag_by_either_spelling(name: str, flag: str) -> None:
    read = rates(ok(name, flag, "20", "-o", "-"))
    assert (len(read), read[0], read[20], read[60]) == (100, 0.001, 0.0, 0.0)
    assert read[40] == 0.0009999999999999998  # torch computes each rate from the one before


def test_the_case_of_a_flag_is_kept() -> None:
    done = lrplot("cosine", "--t-max", "20", "-o", "-")
    assert (done.returncode, done.stderr) == (2, "lrplot: no such option '--t-max': did you mean '--T-max'?\n")


def test_lr_repeats_for_parameter_groups_and_n_says_how_long() -> None:
    rows = ok("exponential", "--gamma", "0.5", "--lr", "0.1", "--lr", "0.01", "-n", "2", "-o", "-").splitlines()
    assert rows == ["step,lr_0,lr_1", "0,0.1,0.01", "1,0.05,0.005"]
    assert ok("exponential", "--gamma", "0.5", "--lr", "0.1,0.01", "--steps", "2", "-o", "-").splitlines() == rows


def test_what_follows_on_a_flag_is_its_value_whatever_it_looks_like() -> None:
    ok("cosine", "--T-max", "20", "--label", "-n", "-n", "2", "-o", "x.json")
    table = json.loads(Path("x.json").read_text())
    assert (table["label"], len(table["lr"])) == ("-n", 2)
    assert len(rates(ok("cosine", "--T-max=20", "-n2", "-o-"))) == 2
    assert lrplot("cosine", "--T-max", "20", "-o").stderr == "lrplot: Option '-o' requires an argument.\n"


def test_lists_by_commas_or_by_repetition() -> None:
    by_commas = ok("multistep", "--milestones", "2,4", "-o", "-")
    assert by_commas == ok("multistep", "--milestones", "2", "--milestones", "4", "-o", "-")
    assert rates(by_commas)[:5] == [0.001, 0.001, 0.0001, 0.0001, pytest.approx(1e-5, rel=1e-12)]


def test_betas_and_bools_and_expressions() -> None:
    cycle = ("cyclic", "--base-lr", "0.1", "--max-lr", "1", "-n", "2", "-o", "-")
    assert ok(*cycle, "--betas", "0.9,0.99").splitlines()[1] == "0,0.1,0.9"
    assert ok(*cycle, "--no-cycle-momentum").splitlines()[0] == "step,lr"
    assert rates(ok("lambda", "--lr-lambda", "min(1, epoch / 2)", "--lr", "1", "-n", "4", "-o", "-")) == [
        0.0,
        0.5,
        1.0,
        1.0,
    ]


def test_composites_take_one_line_specs() -> None:
    specs = ("linear start_factor=0.5 total_iters=2", "exponential gamma=0.5")
    assert rates(ok("sequential", *specs, "--milestones", "2", "--lr", "1", "-n", "5", "-o", "-")) == [
        0.5,
        0.75,
        1.0,
        0.5,
        0.25,
    ]
    nested = ok(
        "chained",
        "sequential 'constant factor=0.5 total_iters=9' 'exponential gamma=0.5' milestones=1",
        "--lr",
        "1",
        "-n",
        "3",
        "-o",
        "-",
    )
    assert rates(nested) == [0.5, 1.0, 0.5]


def test_resuming_shifts_the_steps() -> None:
    rows = ok(
        "exponential", "--gamma", "0.5", "--lr", "0.25", "--initial-lr", "1", "--last-epoch", "1", "-n", "2", "-o", "-"
    ).splitlines()
    assert rows == ["step,lr", "2,0.25", "3,0.125"]


def test_flags_win_over_the_config() -> None:
    Path("a.yaml").write_text("scheduler: {name: cosine, T_max: 5, eta_min: 0.0001}\nsteps: 7\noptimizer: {lr: 0.5}\n")
    from_file = rates(ok("cosine", "-c", "a.yaml", "-q", "-o", "-"))
    assert (len(from_file), from_file[0]) == (7, 0.5)
    changed = rates(ok("cosine", "-c", "a.yaml", "--T-max", "2", "-n", "3", "--lr", "1", "-o", "-"))
    assert changed == [1.0, pytest.approx(0.50005), pytest.approx(0.0001)]
    assert (
        "a.yaml:1:19: scheduler.name is 'cosine', but the command is for StepLR"
        in lrplot("step", "-c", "a.yaml", "-o", "-").stderr
    )


def test_onecycle_and_plateau_know_their_length() -> None:
    assert len(rates(ok("onecycle", "--max-lr", "1", "--epochs", "3", "--steps-per-epoch", "5", "-o", "-"))) == 15
    Path("losses.csv").write_text("epoch,loss\n0,1.0\n1,1.0\n2,1.0\n")
    rows = ok("plateau", "--patience", "0", "--lr", "1", "--metrics", "losses.csv:loss", "-o", "-").splitlines()
    assert rows == ["step,lr,metric", "0,1.0,1.0", "1,1.0,1.0", "2,0.1,1.0"]


# Plotting what is there


def test_plot_overlays_configs_and_specs() -> None:
    Path("a.yaml").write_text("scheduler: exponential gamma=0.5\nsteps: 2\nplot: {label: mine}\n")
    rows = ok("plot", "a.yaml", "step step_size=1 gamma=0.5", "-n", "2", "--lr", "1", "-o", "-").splitlines()
    assert rows == [
        "curve,step,lr",
        "mine,0,1.0",
        "mine,1,0.5",
        '"StepLR(step_size=1, gamma=0.5)",0,1.0',
        '"StepLR(step_size=1, gamma=0.5)",1,0.5',
    ]


def names(*words: str) -> list[str]:
    ok("plot", *words, "-n", "2", "-o", "x.json")
    return [curve["label"] for curve in json.loads(Path("x.json").read_text())]


def test_labels_name_the_sources_in_order() -> None:
    Path("two.yaml").write_text("curves: [{scheduler: cosine T_max=3, label: mine}, cosine T_max=5]\n")
    sources = ("cosine T_max=20", "step step_size=30", "two.yaml")
    labels = [word for name in ("a, b", "b", "c", "d") for word in ("--label", name)]
    assert names(*sources, *labels) == ["a, b", "b", "c", "d"]
    assert names("two.yaml", "--label", "x", "--label", "y") == ["x", "y"]
    ok("plot", *sources[:2], "-n", "2", *labels[:4], "-o", "x.svg")
    assert names("x.svg") == ["a, b", "b"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("sources", [("cosine T_max=20", "step step_size=30"), ("two.yaml",)], ids=str)
def test_more_labels_or_fewer_than_curves_are_refused(count: int, sources: tuple[str, ...]) -> None:
    Path("two.yaml").write_text("curves: [cosine T_max=3, cosine T_max=5]\n")
    done = lrplot("plot", *sources, *["--label", "x"] * count, "-o", "x.png")
    told = f"lrplot: --label must be given once for each curve, in order: got {count} for 2\n"
    assert (done.returncode, done.stderr, Path("x.png").exists()) == (2, told, False)


def test_labels_in_a_config_are_as_many_as_its_curves() -> None:
    Path("a.yaml").write_text("scheduler: cosine T_max=3\nplot: {label: [a, b]}\n")
    done = lrplot("plot", "a.yaml", "-o", "-")
    told = "lrplot: a.yaml:2:15: plot.label must be given once for each curve, in order: got 2 for 1\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_plot_reads_standard_input() -> None:
    assert rates(ok("plot", "-", "-o", "-", input="scheduler: exponential gamma=0.5\nsteps: 2\n")) == [0.001, 0.0005]


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_knows_its_schedule(ending: str) -> None:
    ok("cosine", "--T-max", "20", "--title", 'quotes " <b> & umlauts ä', "--size", "600x350", "-o", f"cos.{ending}")
    ok("plot", f"cos.{ending}", "-o", "again.csv", "-o", f"again.{ending}")
    assert Path("again.csv").read_text() == ok("cosine", "--T-max", "20", "-o", "-")
    assert Path(f"again.{ending}").read_bytes() == Path(f"cos.{ending}").read_bytes()


# Outputs


def test_the_ending_picks_the_format_and_missing_folders_are_made() -> None:
    ok(
        "cosine",
        "--T-max",
        "20",
        "--size",
        "300x200",
        *(word for ending in ("png", "svg", "pdf", "csv", "json") for word in ("-o", f"new/er/x.{ending}")),
    )
    heads = {path.suffix: path.read_bytes()[:4] for path in Path("new/er").iterdir()}
    assert heads == {".png": b"\x89PNG", ".svg": b"<?xm", ".pdf": b"%PDF", ".csv": b"step", ".json": b'{"la'}


def test_several_outputs_are_all_written_or_none() -> None:
    Path("folder.csv").mkdir()
    done = lrplot("cosine", "--T-max", "20", "-o", "x.csv", "-o", "folder.csv")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "lrplot: cannot write folder.csv: it is a folder\n")
    assert not Path("x.csv").exists()


@pytest.mark.process
def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"set -o pipefail; {sys.executable} -m lrplot cosine --T-max 20 -n 200000 -o - | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("step,lr\n", "", 0)


@pytest.mark.process
def test_ctrl_c_is_said_in_a_word() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lrplot", "cosine", "--T-max", "20", "-n", "50000000", "-o", "x.csv"],
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert (
        process.communicate(timeout=20)[1] == "\nlrplot: interrupted\n"
    )  # the terminal has shown ^C on the line before
    assert process.returncode == 130
    assert os.listdir() == []


def test_without_an_output_or_a_display_there_is_a_table_of_turning_points() -> None:
    shown = ok("step", "--step-size", "30", "--gamma", "0.5", "--lr", "0.1", "-n", "80")
    assert shown.endswith(
        "step     lr  what\n   0    0.1  start\n  30   0.05  drop ×0.5\n  60  0.025  drop ×0.5\n  79  0.025  end\n"
    )
    assert "\x1b" not in shown


@pytest.mark.process
def test_show_without_a_display_says_what_to_do_instead() -> None:
    done = lrplot("cosine", "--T-max", "20", "--show", env={**os.environ, "MPLBACKEND": "agg"})
    assert done.returncode == 2
    assert (
        done.stderr
        == "lrplot: no window can be opened, there is no display or no toolkit such as Tk: write a file with -o, or use --term\n"
    )


# Help


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command


def params(command: click.Command) -> list[click.Parameter]:
    """All that a command takes, as its help and completion have it."""
    return command.get_params(command.make_context(command.name, [], resilient_parsing=True))


def test_every_command_and_parameter_has_help() -> None:
    found = 0
    for name, command in commands():
        assert command.get_short_help_str(), name
        for param in params(command):
            if isinstance(param, click.Option):
                assert param.help, f"{name} {param.opts}"
                found += 1
    assert found > 400


def test_every_scheduler_has_a_flag_for_each_of_its_parameters() -> None:
    for cls in members().values():
        command = cli.get_command(click.Context(cli), cls.name)
        assert command is not None
        flags = {
            param.name.partition("__")[2] for param in params(command) if isinstance(param, click.Option) and param.name
        }
        own = {parameter.name for parameter in cls.parameters() if parameter.kind != "schedulers"}
        shared = {parameter.name for parameter in (*parameters_of(Optimizer), *parameters_of(Look), *run_parameters())}
        shared -= {"metrics", "data", "groups", *KEYS_ALONE}
        assert flags >= own | shared | {parameter.name for parameter in parameters_of(Data)}, cls


@pytest.mark.parametrize("name", [*NAMES.split(), *cli.commands])
def test_help_shows_each_parameter_with_type_default_and_meaning_and_ends_in_an_example(name: str) -> None:
    text = CliRunner().invoke(cli, [name, "--help"], terminal_width=200).output
    assert re.search(r"^Example:\n +lrplot ", text, re.MULTILINE)
    for parameter in members()[name].parameters() if name in members() else ():
        if parameter.kind == "schedulers":
            continue
        line = next(line for line in text.splitlines() if re.search(rf"--{parameter.name.replace('_', '-')}\b", line))
        assert parameter.help.split(".")[0][:30] in " ".join(text.split()), parameter.name
        assert parameter.kind == "bool" or re.search(r"[A-Z]{2,}|\|", line), line


@pytest.mark.parametrize("cls", members().values(), ids=lambda cls: cls.name)
def test_the_example_of_each_help_runs(cls: Any) -> None:
    for line in example_of(cls).splitlines():
        ok(*typed(line.replace(".png", ".csv"))[1:])
    assert [path.suffix for path in Path().iterdir()] == [".csv"]


def test_version_and_no_command_at_all() -> None:
    assert ok("--version") == f"lrplot {__version__}\n"
    assert ok() == ok("--help") == ok("-h")


@pytest.mark.process
def test_the_console_script_is_the_module() -> None:
    script = Path(sys.executable).with_name("lrplot")
    assert (
        subprocess.run([script, "--version"], capture_output=True, text=True, check=True).stdout
        == f"lrplot {__version__}\n"
    )


def test_explain_is_enough_to_choose_a_schedule() -> None:
    text = ok("explain", "cosine", env={**os.environ, "COLUMNS": "80"})
    assert "η_min + ½ (η_base − η_min) (1 + cos(πt / T_max))" in text
    assert "T_max: int, required" in text and "https://arxiv.org/abs/1608.03983" in text and "⠉" in text
    assert "unknown scheduler 'cosin': did you mean 'cosine'?" in lrplot("explain", "cosin").stderr


# What is loaded


def loaded(*words: str) -> set[str]:
    code = """
import sys
from lrplot.cli.main import main
try:
    main()
except SystemExit as end:
    assert not end.code
print(*sys.modules, file=sys.stderr)
"""
    return set(
        subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True).stderr.split()
    )


PACKAGES = {"matplotlib", "numpy", "yaml", "torch"}
READING = {"lrplot.configs.reader", "lrplot.runs.run", "lrplot.outputs.write", "lrplot.pictures.look", "dataclasses"}
UNUSED = {
    "lrplot.analysis.notes.rule",
    "lrplot.configs.notes",
    "difflib",
    "shlex",
    "shutil",
    "textwrap",
    "lrplot.pictures.look",
    "lrplot.schedulers.torch.cyclic",
}


@pytest.mark.process
@pytest.mark.parametrize(
    ("words", "others"),
    [
        (("--help",), READING),
        (("cosine", "--help"), set()),
        (("cosine", "--T-max", "20", "-o", "x.csv"), UNUSED),
        (("list",), READING - {"dataclasses"}),
        (("--version",), READING),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_table_and_help_load_neither_matplotlib_nor_numpy(words: tuple[str, ...], others: set[str]) -> None:
    modules = loaded(*words)
    assert "click" in modules
    assert not (PACKAGES | others) & modules


@pytest.mark.process
def test_a_picture_loads_no_more_than_it_needs() -> None:
    modules = loaded("cosine", "--T-max", "20", "-o", "x.png")
    assert {"matplotlib", "numpy"} <= modules
    assert not {"torch", "plotille", "scipy", "pandas"} & modules


# Completion


def completed(words: str, shell: str = "bash") -> list[str]:
    environ = {
        **os.environ,
        "_LRPLOT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    if shell == "fish":
        environ["COMP_CWORD"] = words.rpartition(" ")[2]
    return lrplot(env=environ).stdout.split("\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("lrplot cos", ["plain,cosine"]),
        ("lrplot Cosine", ["plain,CosineAnnealingLR", "plain,CosineAnnealingWarmRestarts"]),
        ("lrplot cosine --T", ["plain,--T-max"]),
        ("lrplot cyclic --mode tri", ["plain,triangular", "plain,triangular2"]),
        ("lrplot explain war", ["plain,warm-restarts"]),
        ("lrplot plot conf", ["file,conf"]),
        ("lrplot cosine -c conf", ["file,conf"]),
        ("lrplot plot --theme d", ["plain,dark"]),
    ],
)
def test_schedulers_flags_choices_and_files_are_completed(words: str, expected: list[str]) -> None:
    assert [line for line in completed(words) if line] == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    done = lrplot(env={**os.environ, "_LRPLOT_COMPLETE": f"{shell}_source"})
    assert done.returncode == 0
    assert "_LRPLOT_COMPLETE" in done.stdout and "lrplot" in done.stdout
    assert any("cosine" in line for line in completed("lrplot cos", shell))


# What is typed nearly right


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cosine T_max=20", "'T_max=20' is a one-line spec's way: write --T-max 20"),
        ("polynomial --eta-min 3", "no such option '--eta-min': polynomial has none, cosine and warm-restarts have"),
        ("step --warmup 5 --step-size 3", "no such option '--warmup': step has none"),
        (
            "step --num-stable-steps 5",
            "no such option '--num-stable-steps': step has none, transformers.warmup_stable_decay has",
        ),
        ("step --T-0 3", "no such option '--T-0': step has none, warm-restarts has"),
        ("cosine --t-max 3", "no such option '--t-max': did you mean '--T-max'?"),
        ("cosin --T-max 3", "unknown scheduler or command 'cosin': did you mean 'cosine'?"),
        ("CosineLRScheduler", "unknown scheduler or command 'CosineLRScheduler': did you mean 'timm.cosine'?"),
        ("tim.cosin", "unknown scheduler or command 'tim.cosin': did you mean 'timm.cosine'?"),
        (
            "'tim.cosine t_initial=5'",
            "unknown scheduler or command 'tim.cosine t_initial=5': did you mean 'timm.cosine'?",
        ),
        ("Timm.cosine --t-initial 5", "unknown scheduler or command 'Timm.cosine': did you mean 'timm.cosine'?"),
        ("hf.linear", "unknown scheduler or command 'hf.linear': did you mean 'transformers.linear'?"),
        (
            "explain jax.cosine_decay",
            "unknown scheduler 'jax.cosine_decay': did you mean 'optax.cosine_decay_schedule'?",
        ),
        (
            "tf.keras.optimizers.schedules.CosineDecay",
            "unknown scheduler or command 'tf.keras.optimizers.schedules.CosineDecay': did you mean 'keras.CosineDecay'?",
        ),
        (
            "torch.optim.lr_scheduler.StepLR --step-size 3",
            "unknown scheduler or command 'torch.optim.lr_scheduler.StepLR': did you mean 'step'?",
        ),
        ("tim", "unknown scheduler or command 'tim': did you mean 'timm'?"),
        ("list tim", "there is no list of 'tim': did you mean 'timm'?"),
        (
            "sequential --schedulers 'cosine T_max=5'",
            "no such option '--schedulers': write each one as a word of its own\n"
            'lrplot: for example: lrplot sequential "linear start_factor=0.1 total_iters=5" "cosine T_max=95" '
            "--milestones 5 --lr 0.1 -o warm.png",
        ),
        (
            "optax.join_schedules 'cosin init_value=1 decay_steps=5' 'linear init_value=0' --boundaries 5",
            "spec 'cosin init_value=1 decay_steps=5': scheduler.schedules[0].name names an unknown scheduler 'cosin': "
            "did you mean 'optax.cosine_decay_schedule'?\n"
            "lrplot: spec 'linear init_value=0': scheduler.schedules[1].name names LinearLR, no schedule of optax: "
            "did you mean 'optax.linear_schedule'?",
        ),
        ("foo", "unknown scheduler or command 'foo': did you mean polynomial, plot or PolynomialLR?"),
        (
            "cosine",
            "--T-max is missing: CosineAnnealingLR needs it (int: Half a period: epochs from the base rate down to "
            "eta_min.)\nlrplot: for example: lrplot cosine --T-max 100 --eta-min 1e-5 --lr 0.1 -o cosine.png",
        ),
        (
            "cosine --T-max 3 --size 3x2cm -o x.png",
            "--size must be width x height as in 1200x700, 16x9cm or 8x4.5in, got '3x2cm': "
            "a side has 1 to 200 inches (2.54cm, 100px)",
        ),
    ],
)
def test_a_hint_says_what_would_be_right(line: str, said: str) -> None:
    done = lrplot(*shlex.split(line))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"lrplot: {said}\n")
    assert "there are" not in done.stderr


@pytest.mark.parametrize("name", ["train.py", "run.sh", "nb.ipynb", "k.toml", "runs/7", "train.py:12", "a.yaml:key"])
def test_a_file_that_is_not_there_is_no_unknown_scheduler(name: str) -> None:
    for words in ((name,), ("plot", name), ("compare", name, "cosine T_max=9")):
        done = lrplot(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"lrplot: {name}: cannot be read: No such file or directory\n"


def test_standard_input_alone_is_a_source() -> None:
    done = lrplot("-", "-o", "-", input="scheduler: step step_size=2\nsteps: 4\n")
    assert done.stdout.splitlines()[1:] == ["0,0.001", "1,0.001", "2,0.0001", "3,0.0001"]


def test_the_word_plot_may_be_left_out() -> None:
    Path("a.yaml").write_text("scheduler: step step_size=2\n")
    ok("a.yaml", "-o", "a.png")
    for source in ("a.yaml", "a.png", "step step_size=2", "StepLR step_size=2"):
        assert ok(source, "-n", "5", "-o", "-") == ok("plot", source, "-n", "5", "-o", "-")
    assert ok("a.yaml", "cosine T_max=3", "-n", "2", "-o", "-") == ok(
        "plot", "a.yaml", "cosine T_max=3", "-n", "2", "-o", "-"
    )
    assert lrplot("gone.yaml").stderr == "lrplot: gone.yaml: cannot be read: No such file or directory\n"


def test_help_helps() -> None:
    assert ok("help") == ok("--help")
    for name in ("cosine", "batch", "CosineAnnealingLR"):
        assert ok("help", name) == ok(name, "--help")
    assert "unknown scheduler or command 'cosin': did you mean 'cosine'?" in lrplot("help", "cosin").stderr


def test_a_number_of_steps_as_people_write_it() -> None:
    for number in ("10k", "1e4", "10000"):
        assert len(rates(ok("constant", "-n", number, "-o", "-"))) == 10_000
