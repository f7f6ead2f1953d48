"""Folders of configs: what is found, what is written, what is left alone, and what happens when something breaks."""

import io
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import pytest

from lrplot.batch import command as batch
from lrplot.batch import ledger, task
from lrplot.batch.jobs import Job, collect
from lrplot.batch.ledger import Ledger
from lrplot.configs import config, document, kinds
from lrplot.pictures import figure
from lrplot.wording import shown
from tests import command
from tests.command import Done

STEP = "scheduler: {name: step, step_size: %d}\nsteps: 20\n"
SMALL = "plot: {size: 300x200}\n"
SLOW = (
    "scheduler: {name: lambda, lr_lambda: 0.999 ** epoch + sin(epoch) * cos(epoch) * 0.5 ** epoch}\nsteps: 30000000\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test works in an empty folder, and names files as a user would: relative to it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(**configs: str) -> None:
    """Config files: make(a="...") makes a.yaml, and b__c stands for b/c."""
    for name, text in configs.items():
        path = Path("configs", *f"{name}.yaml".split("__"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def lrplot(*words: str, **options: Any) -> Done:
    """What a batch does; with no worker but this process, unless the words say otherwise."""
    return command.lrplot("batch", "--jobs", "1", *words, **options)


def ok(*words: str) -> str:
    done = lrplot(*words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(*words: str) -> str:
    done = lrplot(*words)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr


def files(folder: str = "out") -> dict[str, bytes]:
    """What is in a folder, without the ledger."""
    found = (path for path in sorted(Path(folder).rglob("*")) if path.is_file() and path.name != ledger.NAME)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# What is found


def test_sub_folders_are_kept_and_all_three_endings_found() -> None:
    make(a=STEP % 1, deep__er__b=STEP % 2)
    Path("configs/deep/c.yml").write_text(STEP % 3)
    Path("configs/d.json").write_text('{"scheduler": {"name": "step", "step_size": 4}, "steps": 20}')
    Path("configs/notes.txt").write_text("no config")
    Path("configs/.hidden.yaml").write_text("no config")
    make(**{".git__e": "no config"})
    assert ok("configs", "-o", "out", "-f", "csv", "-f", "json") == "4 rendered\n"
    names = ["a", "d", "deep/c", "deep/er/b"]
    assert list(files()) == [f"{name}.{ending}" for name in names for ending in ("csv", "json")]


def test_files_by_name_go_to_the_top() -> None:
    make(a=STEP % 1, deep__b=STEP % 2)
    assert ok("configs/a.yaml", "configs/deep/b.yaml", "-o", "out", "-f", "csv") == "2 rendered\n"
    assert list(files()) == ["a.csv", "b.csv"]


@pytest.mark.parametrize(
    ("pattern", "outputs"),
    [
        ("configs/**/*.yaml", ["a.csv", "deep/b.csv", "deep/er/c.csv"]),
        ("configs/*.yaml", ["a.csv"]),
        ("configs/deep/**", ["b.csv", "er/c.csv"]),
        ("conf*/deep/?.yaml", ["configs/deep/b.csv"]),
        ("configs/[ab].yaml", ["a.csv"]),
    ],
)
def test_globs_keep_what_is_below_their_fixed_beginning(pattern: str, outputs: list[str]) -> None:
    make(a=STEP % 1, deep__b=STEP % 2, deep__er__c=STEP % 3)
    Path("configs/deep/notes.txt").write_text("no config")
    ok(pattern, "-o", "out", "-f", "csv")
    assert list(files()) == outputs


def test_a_file_whose_name_looks_like_a_glob_is_a_file() -> None:
    make(**{"a[1]": STEP % 1})
    assert ok("configs/a[1].yaml", "-o", "out", "-f", "csv") == "1 rendered\n"
    assert list(files()) == ["a[1].csv"]


def test_the_same_config_named_twice_is_one() -> None:
    make(a=STEP % 1)
    Path("link").symlink_to("configs")
    paths = [
        "configs",
        "configs",
        "./configs/",
        "configs/../configs",
        "configs/*.yaml",
        "configs/a.yaml",
        "link",
        os.path.abspath("configs"),
    ]
    assert ok(*paths, "-o", "out", "-f", "csv", "-f", "csv") == "1 rendered\n"


def test_earlier_outputs_are_no_configs() -> None:
    make(a=STEP % 1)
    assert ok(".", "-o", "out", "-f", "json") == "1 rendered\n"
    assert ok(".", "-o", "out", "-f", "json") == "0 rendered, 1 unchanged\n"
    assert ok("**/*.[yj]*", "-o", "out", "-f", "json") == "0 rendered, 1 unchanged\n"
    assert list(files()) == ["configs/a.json"]


def test_tables_beside_their_configs_are_no_configs() -> None:
    make(a=STEP % 1, deep__b=STEP % 2)
    words = ["-f", "json", "-f", "csv"]
    assert ok("configs", "-o", "configs", *words) == "2 rendered\n"
    assert ok("configs", "-o", "configs", *words) == "0 rendered, 2 unchanged\n"
    assert ok("configs/**/*.*", "-o", "configs", *words) == "0 rendered, 2 unchanged\n"
    assert ok("configs", "--check") == "2 valid\n"
    ok("configs", "-o", "out", *words)
    ok("configs/**", "-o", "other", *words)
    assert list(files()) == list(files("other")) == ["a.csv", "a.json", "deep/b.csv", "deep/b.json"]


def test_a_config_in_the_place_of_an_earlier_table_is_a_config() -> None:
    make(a=STEP % 1)
    ok("configs", "-o", "configs", "-f", "json")
    Path("configs/a.json").write_text('{"scheduler": "step step_size=4", "steps": 20}')
    assert refused("configs", "-o", "out") == "lrplot: configs/a.json and configs/a.yaml would both write out/a.png\n"


@pytest.mark.parametrize("path", ["configs", "configs/**/*.yaml", "**/*.yaml", "./configs/**", "configs/**/**/*.yaml"])
def test_links_to_folders_are_not_followed_in_a_search(path: str) -> None:
    make(a=STEP % 1, deep__b=STEP % 2)
    Path("elsewhere").mkdir()
    Path("elsewhere/c.txt").touch()
    Path("elsewhere/c.json").write_text('{"scheduler": "step step_size=4", "steps": 20}')
    Path("configs/link").symlink_to("../elsewhere")
    for name in ("loop", "again", "deep/back"):  # each of them would double what is found at each level
        Path("configs", name).symlink_to(Path("configs").absolute())
    ok(path, "-o", "out", "-f", "csv")
    assert [re.sub("^configs/", "", name) for name in files()] == ["a.csv", "deep/b.csv"]


def test_links_to_folders_are_followed_where_they_are_named() -> None:
    make(a=STEP % 1, deep__b=STEP % 2)
    Path("link").symlink_to("configs")
    Path("configs/deep/link").symlink_to("../deep")
    ok("link", "-o", "one", "-f", "csv")
    ok("link/*/link/*.yaml", "-o", "two", "-f", "csv")
    assert (list(files("one")), list(files("two"))) == (["a.csv", "deep/b.csv"], ["deep/link/b.csv"])


def test_endings_may_be_in_capitals() -> None:
    make(a=STEP % 1)
    Path("configs/X.YAML").write_text(STEP % 2)
    assert ok("configs", "-o", "out", "-f", "csv") == "2 rendered\n"
    assert ok("configs/*.YAML", "-o", "out", "-f", "csv") == "0 rendered, 1 unchanged\n"
    assert list(files()) == ["X.csv", "a.csv"]


def test_a_picture_is_written_where_nothing_else_is_asked_for() -> None:
    make(a=STEP % 1)
    ok("configs", "-o", "out")
    assert list(files()) == ["a.png"]


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder that is in use stays")
def test_in_a_folder_that_is_gone_whole_paths_still_work(folder: Path) -> None:
    make(a=STEP % 1, b=STEP % 2)
    gone = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"'
    command = [
        "sh",
        "-c",
        gone,
        "sh",
        sys.executable,
        "-m",
        "lrplot",
        "batch",
        f"{folder}/configs",
        "-f",
        "csv",
        "-j",
        "2",
        "-o",
    ]
    done = subprocess.run([*command, f"{folder}/out"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 rendered\n", "")
    done = subprocess.run([*command, "out"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lrplot: the current folder was deleted: go to another, or name files from / on\n"


# Requests that are wrong


def test_two_configs_for_one_output_are_refused_before_anything_is_rendered() -> None:
    make(a=STEP % 1, deep__a=STEP % 2, other=STEP % 3)
    both = refused("configs/other.yaml", "configs/a.yaml", "configs/deep/a.yaml", "-o", "out", "-f", "csv")
    assert both == "lrplot: configs/a.yaml and configs/deep/a.yaml would both write out/a.csv\n"
    Path("configs/a.yml").write_text(STEP % 1)
    assert (
        refused("configs", "-o", "out", "-f", "csv")
        == "lrplot: configs/a.yaml and configs/a.yml would both write out/a.csv\n"
    )
    make(b=STEP % 1 + "output: a.csv\n")
    assert "configs/b.yaml and configs/deep/a.yaml would both write out/a.csv" in refused(
        "configs/b.yaml", "configs/deep/a.yaml", "-o", "out", "-f", "csv"
    )
    assert not Path("out").exists()


def test_two_folders_that_are_one_by_a_link_collide() -> None:
    make(one__a=STEP % 1, two__a=STEP % 2)
    Path("out/one").mkdir(parents=True)
    Path("out/two").symlink_to("one")
    assert "would both write out/two/a.csv" in refused("configs", "-o", "out", "-f", "csv")


def test_no_config_is_overwritten() -> None:
    Path("a.json").write_text('{"scheduler": {"name": "step", "step_size": 4}, "steps": 20}')
    assert (
        refused("a.json", "-o", ".", "-f", "json")
        == "lrplot: a.json would write ./a.json, which is the config a.json\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["configs"], "-o is missing: the folder to write to (or --check, to write nothing)"),
        (["nowhere", "-o", "out"], "nowhere: no such file or folder"),
        (["no*.yaml", "-o", "out"], "no*.yaml: no config matches this"),
        (["empty", "-o", "out"], "empty: no configs in this folder: they end in .yaml, .yml, .json"),
        (["configs", "-o", "out", "-f", "pgn"], "unknown format 'pgn': did you mean 'png'?"),
        (["configs", "-o", "a_file"], "a_file: is not a folder: -o takes one"),
        (["configs", "-o", "a_file/out"], "a_file: is not a folder: -o takes one"),
    ],
)
def test_a_wrong_request_is_one_line_and_writes_nothing(words: list[str], message: str) -> None:
    make(a=STEP % 1)
    Path("empty").mkdir()
    Path("a_file").touch()
    assert refused(*words) == f"lrplot: {message}\n"
    assert not Path("out").exists()


def test_no_path_and_no_processes_are_wrong_too() -> None:
    make(a=STEP % 1)
    assert "Missing argument 'PATH...'" in refused("-o", "out")
    assert "0 is not in the range x>=1" in refused("configs", "-o", "out", "--jobs", "0")


# A config's own output:


def test_a_config_may_name_its_outputs() -> None:
    make(deep__a=STEP % 1 + "output: [tables/a.csv, ../top.csv]\n", b=STEP % 2)
    ok("configs", "-o", "out", "-f", "json")
    assert list(files()) == ["b.json", "deep/a.json", "deep/tables/a.csv", "top.csv"]
    make(deep__a=STEP % 1 + "output: tables/a.csv\n")
    assert ok("configs/deep/a.yaml", "-o", "alone") == "1 rendered\n"
    assert list(files("alone")) == ["tables/a.csv"]  # and no picture, which nobody asked for


def test_an_output_that_is_named_twice_is_written_once() -> None:
    make(a=STEP % 1 + "output: [a.csv, ./a.csv, sub/../a.csv]\n")
    assert ok("configs", "-o", "out", "-f", "csv", "-v") == "out/a.csv\n1 rendered\n"


@pytest.mark.parametrize(
    "output", ["../a.csv", "../../../../../../tmp/a.csv", "{here}/a.csv", "link/a.csv", "link.csv", "deep/../../a.csv"]
)
def test_its_outputs_may_not_lead_outside(folder: Path, output: str) -> None:
    make(a=STEP % 1 + f"output: '{output.format(here=folder)}'\n", b=STEP % 2)
    Path("out").mkdir()
    Path("outside").mkdir()
    Path("out/link").symlink_to("../outside")
    Path("out/link.csv").symlink_to("../outside/a.csv")
    done = lrplot("configs", "-o", "out", "-f", "json")
    assert done.stderr == f"configs/a.yaml:3:9: output {shown(output.format(here=folder))} leads outside out\n"
    assert (done.returncode, done.stdout) == (1, "1 rendered, 1 failed\n")
    assert list(files()) == ["b.json"]
    assert not Path("outside/a.csv").exists() and not Path("a.csv").exists()


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (
            "a.gif",
            "output names 'a.gif': unknown ending .gif: it must be one of .png, .svg, .pdf, .csv, .json, .py, .yaml, .yml",
        ),
        ("b.pgn", "output names 'b.pgn': unknown ending .pgn: did you mean .png?"),
        (
            "a",
            "output names 'a': there is no ending: it must be one of .png, .svg, .pdf, .csv, .json, .py, .yaml, .yml",
        ),
        ("'-'", "output must be the name of a file, got '-'"),
        ("{a: b}", "output must be text, got a mapping"),
        (r'"\0.csv"', r"output '\x00.csv' is no name that a file can have"),
    ],
)
def test_its_outputs_must_be_names_of_files_that_can_be_written(output: str, problem: str) -> None:
    make(a=STEP % 1 + f"output: {output}\n")
    done = lrplot("configs", "-o", "out", "-f", "csv")
    assert (done.returncode, done.stderr) == (1, f"configs/a.yaml:3:9: {problem}\n")
    assert not Path("out/a.csv").exists()


def test_an_output_may_be_written_in_escapes_or_left_empty() -> None:
    Path("a.json").write_text(r'{"scheduler": "step step_size=4", "steps": 20, "outp\u0075t": "b.csv"}')
    Path("c.yaml").write_text(STEP % 1 + "output:\n")
    assert ok("a.json", "c.yaml", "-o", "out", "-v") == "out/b.csv\nout/c.png\n2 rendered\n"


def test_nobody_writes_over_the_ledger() -> None:
    make(a=STEP % 1 + "output: .lrplot.json\n")
    assert (
        refused("configs", "-o", "out")
        == "lrplot: configs/a.yaml would write out/.lrplot.json, where the batch keeps its record\n"
    )


# Failures


def test_a_failed_config_is_one_line_and_the_others_are_rendered() -> None:
    make(
        a=STEP % 1,
        bad="scheduler: {name: step, step_size: 0}\nsteps: -3\n",
        late="scheduler: {name: lambda, lr_lambda: 1 / (5 - epoch)}\n",
        z=STEP % 2,
    )
    done = lrplot("configs", "-o", "out", "-f", "csv")
    assert (done.returncode, done.stdout) == (1, "2 rendered, 2 failed\n")
    bad, late = done.stderr.splitlines()
    assert (
        re.match(r"configs/bad.yaml:1:\d+: scheduler.step_size.*; 2:8: steps.*", bad)
        and bad.count("configs/bad.yaml") == 1
    )
    assert late.startswith("configs/late.yaml:1:12: scheduler: LambdaLR, step ") and late.endswith(": division by zero")
    assert list(files()) == ["a.csv", "z.csv"]


def test_what_cannot_be_read_or_written_fails_alone() -> None:
    make(a=STEP % 1, b=STEP % 2)
    Path("configs/gone.yaml").symlink_to("nowhere.yaml")
    Path("out/a.csv").mkdir(parents=True)
    done = lrplot("configs", "-o", "out", "-f", "csv")
    assert done.stderr.splitlines() == [
        "configs/a.yaml: cannot write out/a.csv: it is a folder",
        "configs/gone.yaml: cannot be read: No such file or directory",
    ]
    assert (done.returncode, done.stdout, list(files())) == (1, "1 rendered, 2 failed\n", ["b.csv"])


def test_a_pipe_or_a_huge_file_is_no_config_and_holds_nothing_up() -> None:
    make(a=STEP % 1)
    os.mkfifo("configs/pipe.yaml")
    Path("configs/huge.yaml").write_bytes(b"# output\n" * 1_000_000)
    done = lrplot("configs", "-o", "out", "-f", "csv")
    huge, pipe = done.stderr.splitlines()
    assert huge.startswith("configs/huge.yaml: is too large: 9,000,000 bytes, at most ")
    assert pipe == "configs/pipe.yaml: cannot be read: it is a pipe or a device, not a file"
    assert (done.returncode, done.stdout) == (1, "1 rendered, 2 failed\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_with_a_line_end_or_a_colour_is_still_one_line() -> None:
    make(**{"a\nb\x1b[31m": "scheduler: {name: stp}\n", "c\nd": STEP % 1})
    done = lrplot("configs", "-o", "out", "-f", "csv", "-v")
    assert done.stdout == "out/a\\nb\\x1b[31m.csv failed\nout/c\\nd.csv\n1 rendered, 1 failed\n"
    assert done.stderr.startswith("configs/a\\nb\\x1b[31m.yaml:1:19: ") and done.stderr.count("\n") == 1


def test_a_ledger_that_cannot_be_written_hides_nothing() -> None:
    make(a=STEP % 1, bad="scheduler: {name: stp}\n")
    Path("out", ledger.NAME).mkdir(parents=True)
    done = lrplot("configs", "-o", "out", "-f", "csv")
    assert done.stderr.splitlines() == [
        "configs/bad.yaml:1:19: scheduler.name names an unknown scheduler 'stp': did you mean 'step'?",
        "cannot write out/.lrplot.json: it is a folder",
    ]
    assert (done.returncode, done.stdout, list(files())) == (1, "1 rendered, 1 failed\n", ["a.csv"])


def test_a_failed_config_leaves_its_old_outputs() -> None:
    make(a=STEP % 1)
    ok("configs", "-o", "out", "-f", "csv")
    before = files()
    make(a="scheduler: {name: step, step_size: 0}\n")
    assert lrplot("configs", "-o", "out", "-f", "csv").returncode == 1
    assert files() == before


def test_a_config_is_read_and_simulated_once_and_drawn_once_for_its_pictures_and_once_for_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(a=STEP % 1 + "output: own.svg\n", b=STEP % 2)
    calls = []
    for module, name in ((document, "read_file"), (kinds, "parse"), (config, "simulate_run"), (figure, "draw")):
        function = getattr(module, name)
        monkeypatch.setattr(
            module, name, partial(lambda name, f, *args: calls.append(name) or f(*args), name, function)
        )
    assert batch.main(["configs"], "out", ["png", "svg", "pdf", "csv"], jobs=1, index=True, quiet=True) == 0
    assert Counter(calls) == {"read_file": 2, "parse": 2, "simulate_run": 2, "draw": 2 * 2}
    assert len(files()) == 1 + 4 + 4 + 1


# What is not its own

MADE_BY_A_PERSON = {
    "csv": b"step,loss\n0,2.3\n",
    "json": b'{"scheduler": "cosine T_max=20"}',
    "png": b"\x89PNG\r\n\x1a\n of another tool",
    "svg": b"<svg><title>lrplot</title></svg>",
    "pdf": b"%PDF-1.4 about lrplot",
}


@pytest.mark.parametrize("format", MADE_BY_A_PERSON)
def test_a_file_that_lrplot_did_not_write_is_replaced_by_force_alone(format: str) -> None:
    make(a=STEP % 1 + SMALL, b=STEP % 2 + SMALL)
    place = Path(f"out/a.{format}")
    place.parent.mkdir()
    place.write_bytes(MADE_BY_A_PERSON[format])
    reason = "was not written by lrplot, and would be lost: move it, or say --force"
    assert refused("configs", "-o", "out", "-f", format) == f"lrplot: {place}: {reason}\n"
    assert (place.read_bytes(), os.listdir("out")) == (MADE_BY_A_PERSON[format], [place.name])
    assert ok("configs", "-o", "out", "-f", format, "--force") == "2 rendered\n"
    assert ok("configs", "-o", "out", "-f", format) == "0 rendered, 2 unchanged\n"
    # What a person then puts in its place is not what the ledger has.
    place.write_bytes(MADE_BY_A_PERSON[format])
    done = lrplot("configs", "-o", "out", "-f", format)
    assert (done.returncode, done.stderr) == (1, f"configs/a.yaml: {place}: {reason}\n")
    assert place.read_bytes() == MADE_BY_A_PERSON[format]


@pytest.mark.parametrize("format", MADE_BY_A_PERSON)
def test_what_any_command_wrote_is_replaced(format: str) -> None:
    curves = "curves:\n- {scheduler: cosine T_max=9, label: 'a \"b\", \\c'}\n- scheduler: cosine T_max=7\n"
    make(a=STEP % 1 + SMALL, b=curves + SMALL)
    for name in "ab":
        command.ok("plot", f"configs/{name}.yaml", "-o", f"out/{name}.{format}", "--steps-per-epoch", "5")
    assert ok("configs", "-o", "out", "-f", format) == "2 rendered\n"


@pytest.mark.parametrize("flags", [[], ["--force"]])
def test_what_a_config_reads_is_written_by_none_whatever_the_flags(flags: list[str]) -> None:
    make(a=STEP % 1, b="scheduler: plateau\nmetrics: a.csv\n")
    table = "step,lr\n0,0.5\n1,0.25\n"
    Path("configs/a.csv").write_text(table)
    why = "lrplot: configs/a.yaml would write configs/a.csv, which configs/b.yaml reads\n"
    assert refused("configs", "-o", "configs", "-f", "csv", *flags) == why
    assert Path("configs/a.csv").read_text() == table


@pytest.mark.parametrize(
    ("name", "flags", "status"),
    [(".lrplot.json", [], 2), ("index.html", ["--index"], 2), ("a.csv", [], 1), ("sub", [], 1)],
)
def test_a_link_that_leads_outside_is_not_written_through(name: str, flags: list[str], status: int) -> None:
    make(**{"sub__a" if name == "sub" else "a": STEP % 1})
    Path("out").mkdir()
    Path("away").mkdir()
    Path("away/victim").write_text("precious")
    Path("out", name).symlink_to("../away" if name == "sub" else "../away/victim")
    for force in ([], ["--force"]):
        done = lrplot("configs", "-o", "out", "-f", "csv", *flags, *force)
        assert done.returncode == status and f"out/{name}" in done.stderr and "leads outside out" in done.stderr
    assert os.listdir("away") == ["victim"] and Path("away/victim").read_text() == "precious"


# Any number of processes


@pytest.mark.process
def test_bytes_and_messages_are_the_same_for_any_number_of_processes() -> None:
    make(
        a=STEP % 1,
        b__bad="scheduler: {name: step, step_size: 0}\n",
        b__dark="scheduler: {name: exponential, gamma: 0.9}\nplot: {theme: dark, title: Exp}\n",
        b__bad_too="scheduler: {name: stp}\n",
        c__two="curves: [cosine T_max=20, step step_size=30]\n",
    )
    runs = []
    for jobs in ("1", "2", "3"):
        done = lrplot("configs", "-o", "out", "-f", "png", "-f", "svg", "-f", "csv", "--index", "-v", "--jobs", jobs)
        runs.append((done.returncode, done.stdout, done.stderr, files()))
        shutil.rmtree("out")
    assert runs[0][0] == 1 and len(runs[0][3]) == 3 * 3 + 1 and len(runs[0][2].splitlines()) == 2
    assert runs[0] == runs[1] == runs[2]


SHORT = "only 1 of 4 workers could be started: Too many open files\n"


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="limits and names of sockets differ elsewhere")
@pytest.mark.parametrize(
    ("under", "said"),
    [
        (
            "mkdir $(printf %0100d); TMPDIR=$PWD/$(printf %0100d)",
            "no workers could be started: AF_UNIX path too long\n",
        ),
        ("ulimit -n 12;", "no workers could be started: Too many open files\n"),
        ("ulimit -n 23;", SHORT),
        ("ulimit -n 256;", ""),
        ("exec 2>&-;", ""),
        ("PYTHONWARNINGS=error", ""),
    ],
)
def test_where_workers_cannot_be_had_fewer_do_or_none(under: str, said: str) -> None:
    make(**dict.fromkeys("abcdef", STEP % 1))
    command = f"{under} {sys.executable} -m lrplot batch configs -o out -f csv --jobs 4"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "6 rendered\n", said)
    assert list(files()) == [f"{name}.csv" for name in "abcdef"]


# Killing and interrupting


RUNNING: "list[subprocess.Popen[str]]" = []


def start(*words: str, **options: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "lrplot", "batch", *words]
    RUNNING.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options))  # type: ignore[call-overload]
    return RUNNING[-1]


@pytest.fixture(autouse=True)
def none_left() -> Iterator[None]:
    """What a test has started ends with it, where it fails too: a slow config would keep both cores for minutes."""
    yield
    while RUNNING:
        RUNNING.pop().kill()


def wait_for(condition: object, seconds: float = 60) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this never came"
        time.sleep(0.02)


def descendants(process: int) -> list[int]:
    """Everything that a process has started, and that has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found += [int(path.parent.name), *descendants(int(path.parent.name))]
    return found


def processor_time(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11])


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by way of /proc")


@pytest.mark.process
@needs_proc
def test_the_config_of_a_killed_worker_fails_alone() -> None:
    make(b_slow=SLOW, **{f"{name}{i}": STEP % 1 for name in "ac" for i in range(5)})
    process = start("configs", "-o", "out", "-f", "csv", "--jobs", "2")
    wait_for(lambda: len(files()) == 10)
    time.sleep(0.3)
    os.kill(max(descendants(process.pid), key=processor_time), signal.SIGKILL)
    stdout, stderr = process.communicate(timeout=30)
    assert stderr == "configs/b_slow.yaml: its worker was killed, by someone or for want of memory\n"
    assert (process.returncode, stdout) == (1, "10 rendered, 1 failed\n")
    assert list(files()) == [f"{name}{i}.csv" for name in "ac" for i in range(5)]


@pytest.mark.process
@needs_proc
@pytest.mark.parametrize(("jobs", "group"), [("2", False), ("2", True), ("1", False)])
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (signal.SIGINT, "\nlrplot: interrupted\n"),  # below the line with the terminal's ^C
        (signal.SIGTERM, "lrplot: interrupted by SIGTERM\n"),
        (signal.SIGHUP, "lrplot: interrupted by SIGHUP\n"),
    ],
)
def test_an_interruption_stops_the_workers_and_keeps_what_is_finished(
    folder: Path, number: int, said: str, jobs: str, group: bool
) -> None:
    """A terminal sends Ctrl-C to all of them, ``kill`` sends a signal to one."""
    make(**{f"a{i}": STEP % 1 for i in range(5)}, b_slow=SLOW, c_slow=SLOW)
    process = start("configs", "-o", "out", "-f", "csv", "--jobs", jobs, start_new_session=True)
    wait_for(lambda: len(files()) == 5)
    time.sleep(0.3)
    workers = descendants(process.pid)
    began = time.monotonic()
    (os.killpg if group else os.kill)(process.pid, number)
    stdout, stderr = process.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert (process.returncode, stdout, stderr) == (128 + number, "", said)
    assert list(files()) == [f"a{i}.csv" for i in range(5)]
    assert {len(contents.splitlines()) for contents in files().values()} == {21}
    assert not list(folder.rglob("*.tmp"))
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 5)
    again = command.run_here(["batch", "configs/a*.yaml", "-o", "out", "-f", "csv"])
    assert again.stdout == "0 rendered, 5 unchanged\n"


@pytest.mark.process
@needs_proc
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.5])
def test_ctrl_c_again_and_again_changes_nothing(folder: Path, delay: float) -> None:
    """While the workers start, while they work, while they are stopped: to all of them, as a terminal does."""
    make(**{f"a{i}": STEP % 1 for i in range(50)}, b_slow=SLOW, c_slow=SLOW)
    process = start("configs", "-o", "out", "-f", "svg", "--jobs", "2", start_new_session=True)
    wait_for(lambda: descendants(process.pid))
    time.sleep(delay)
    while process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.01)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr) == (130, "", "\nlrplot: interrupted\n")
    assert all(contents.endswith(b"</svg>\n") for contents in files().values())
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.process
@needs_proc
def test_a_worker_that_is_told_to_end_fails_its_config_alone() -> None:
    make(b_slow=SLOW, **{f"a{i}": STEP % 1 for i in range(5)})
    process = start("configs", "-o", "out", "-f", "csv", "--jobs", "2")
    wait_for(lambda: len(files()) == 5)
    time.sleep(0.3)
    os.kill(max(descendants(process.pid), key=processor_time), signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=30)
    assert stderr == "configs/b_slow.yaml: its worker was killed, by someone or for want of memory\n"
    assert (process.returncode, stdout) == (1, "5 rendered, 1 failed\n")


@pytest.mark.process
@needs_proc
def test_workers_end_with_a_parent_that_is_killed(folder: Path) -> None:
    make(a=STEP % 1, b_slow=SLOW, c_slow=SLOW)
    process = start("configs", "-o", "out", "-f", "csv", "--jobs", "2")
    wait_for(lambda: len(files()) == 1)
    workers = descendants(process.pid)
    assert len(workers) >= 2
    process.kill()
    process.communicate()
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 5)
    assert list(files()) == ["a.csv"]
    assert not list(folder.rglob("*.tmp"))


# What is said


def test_quiet_says_only_what_failed_and_verbose_names_each_file() -> None:
    make(a=STEP % 1, b="scheduler: {name: step}\n", c=STEP % 2)
    quiet = lrplot("configs", "-o", "out", "-f", "csv", "-q")
    assert (quiet.stdout, len(quiet.stderr.splitlines())) == ("", 1)
    make(c=STEP % 3)
    verbose = lrplot("configs", "-o", "out", "-f", "csv", "-v")
    assert verbose.stdout == "out/a.csv unchanged\nout/b.csv failed\nout/c.csv\n1 rendered, 1 failed, 1 unchanged\n"


def test_a_pipe_gets_no_progress() -> None:
    make(**{f"a{i}": STEP % 1 for i in range(30)})
    done = lrplot("configs", "-o", "out", "-f", "csv")
    assert (done.stdout, done.stderr) == ("30 rendered\n", "")


@pytest.mark.process
@pytest.mark.parametrize("quiet", [False, True])
def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(quiet: bool) -> None:
    make(**{f"a{i:03}": STEP % 1 for i in range(200)}, b="scheduler: {name: step}\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lrplot", "batch", "configs", "-o", "out", "-f", "csv", *(["-q"] if quiet else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # how a terminal says that nobody is at its other end
            break
    os.close(ours)
    stdout = process.communicate()[0]
    last = seen.decode().split("\r")
    if quiet:
        assert "/201" not in seen.decode()
        return
    assert stdout == b"200 rendered, 1 failed\n"
    assert re.search(r"\[#*-*\]  \d+/201", seen.decode()) and "201/201  1 failed" in seen.decode()
    assert last[-2].startswith("\x1b[2Kconfigs/b.yaml:1:12: scheduler.step_size") or "configs/b.yaml" in last[-2]
    assert last[-3] == "\n\x1b[A"  # back to the bar, which is erased


def test_the_bar_says_how_much_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    report = batch.Report(100, verbose=True)
    with report.bar():
        began = time.time()
        for number in range(10):
            monkeypatch.setattr(time, "time", lambda: began + (10 if number == 9 else 0))  # noqa: B023
            report.add(Job("a.yaml"), task.Outcome())
    assert "[##------------------]  10/100  00:01:30" in sys.stderr.getvalue()  # type: ignore[attr-defined]


# Only what changed


def test_what_would_come_out_the_same_is_left_alone() -> None:
    make(a=STEP % 1, b=STEP % 2)
    assert ok("configs", "-o", "out", "-f", "csv") == "2 rendered\n"
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    assert Path("out", ledger.NAME) in before
    assert ok("configs", "-o", "out", "-f", "csv") == "0 rendered, 2 unchanged\n"
    assert {path: path.stat().st_mtime_ns for path in Path("out").iterdir()} == before
    assert ok("configs", "-o", "out", "-f", "csv", "--force") == "2 rendered\n"


def test_content_decides_and_not_time(folder: Path) -> None:
    make(a=STEP % 1, b=STEP % 2)
    ok("configs", "-o", "out", "-f", "csv")
    os.utime("configs/a.yaml")  # touched
    Path("configs/b.yaml").write_text("# what this is\n" + STEP % 2)  # another text, the same schedule
    assert ok("configs", "-o", "out", "-f", "csv") == "0 rendered, 2 unchanged\n"
    make(a=STEP % 5)
    os.utime("configs/a.yaml", (0, 0))  # older than its output, and yet another
    assert ok("configs", "-o", "out", "-f", "csv") == "1 rendered, 1 unchanged\n"


def test_a_fresh_checkout_has_nothing_to_do(folder: Path) -> None:
    make(a=STEP % 1, deep__b=STEP % 2)
    ok("configs", "-o", "out", "-f", "csv")
    for name in ("configs", "out"):
        shutil.copytree(name, Path("checkout", name))
    shutil.rmtree("configs"), shutil.rmtree("out")
    done = lrplot("configs", "-o", "out", "-f", "csv", cwd=folder / "checkout")
    assert done.stdout == "0 rendered, 2 unchanged\n"


@pytest.mark.parametrize("damage", ["deleted", "changed", "emptied"])
def test_an_output_that_is_not_what_was_written_is_written_again(damage: str) -> None:
    make(a=STEP % 1, b=STEP % 2)
    ok("configs", "-o", "out", "-f", "csv")
    before = files()
    if damage == "deleted":
        Path("out/a.csv").unlink()
    else:
        Path("out/a.csv").write_bytes(b"step,lr\n" if damage == "changed" else b"")
    assert ok("configs", "-o", "out", "-f", "csv") == "1 rendered, 1 unchanged\n"
    assert files() == before


def test_metrics_in_a_file_count_as_the_config() -> None:
    make(a="scheduler: {name: plateau, patience: 5}\nmetrics: losses.csv:loss\n")
    Path("configs/losses.csv").write_text("loss\n" + "2.0\n" + "1.0\n" * 19)
    ok("configs", "-o", "out", "-f", "csv")
    assert ok("configs", "-o", "out", "-f", "csv") == "0 rendered, 1 unchanged\n"
    Path("configs/losses.csv").write_text("loss\n" + "2.0\n" + "0.5\n" * 19)
    assert ok("configs", "-o", "out", "-f", "csv") == "1 rendered\n"


def test_a_style_beside_its_config_is_found_from_anywhere_and_counts_as_the_config() -> None:
    make(deep__a=STEP % 1 + "plot: {style: mine.mplstyle}\n")
    style = Path("configs/deep/mine.mplstyle")
    style.write_text("lines.linewidth: 9\n")
    assert ok("configs", "-o", "out") == "1 rendered\n"
    assert ok("configs", "-o", "out") == "0 rendered, 1 unchanged\n"
    style.write_text("lines.linewidth: 1\n")
    assert ok("configs", "-o", "out") == "1 rendered\n"


@pytest.mark.parametrize(
    ("style", "file"), [("mine.mplstyle", "mine.mplstyle"), ("~/mine.mplstyle", "home/mine.mplstyle")]
)
def test_a_style_counts_as_the_config(style: str, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make(a=STEP % 1 + f"plot: {{style: {style}}}\n", b=STEP % 2)
    monkeypatch.setenv("HOME", os.path.abspath("home"))
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text("lines.linewidth: 1\n")
    assert ok("configs", "-o", "out", "-f", "svg") == "2 rendered\n"
    assert ok("configs", "-o", "out", "-f", "svg") == "0 rendered, 2 unchanged\n"
    Path(file).write_text("lines.linewidth: 3\n")
    assert ok("configs", "-o", "out", "-f", "svg") == "1 rendered, 1 unchanged\n"


THREE_TIMES = """
from lrplot.batch import command
for width in (1, 1, 3):
    with open({0!r}, "w") as style:
        style.write(f"lines.linewidth: {{width}}")
    command.main(["configs"], "out", ["svg"], jobs=1)
"""


@pytest.mark.process
@pytest.mark.parametrize("home", ["home/.config/matplotlib", "xdg/matplotlib", "mpl"])
def test_a_style_counts_as_the_config_wherever_matplotlib_finds_it(home: str) -> None:
    make(a=STEP % 1 + "plot: {style: mine, size: 300x200}\n", b=STEP % 2 + SMALL)
    fonts = Path(matplotlib.get_cachedir())  # the list of them, which takes a second to make
    homes = {"HOME": "home", "XDG_CONFIG_HOME": "xdg" if home.startswith("xdg") else ""}
    if home == "mpl":
        homes |= {"MPLCONFIGDIR": "mpl"}
        shutil.copytree(fonts, "mpl", ignore=shutil.ignore_patterns("stylelib"))
    environ = {name: value and os.path.abspath(value) for name, value in homes.items()}
    environ = {**os.environ, "MPLCONFIGDIR": "", "XDG_CACHE_HOME": str(fonts.parent), **environ}
    Path(home, "stylelib").mkdir(parents=True)
    script = [sys.executable, "-c", THREE_TIMES.format(f"{home}/stylelib/mine.mplstyle")]
    done = subprocess.run(script, env=environ, capture_output=True, text=True, timeout=60)
    assert done.stdout == "2 rendered\n0 rendered, 2 unchanged\n1 rendered, 1 unchanged\n"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.process
def test_that_nothing_changed_is_found_without_matplotlib() -> None:
    make(a=STEP % 1 + "plot: {style: ggplot}\n")
    assert batch.main(["configs"], "out", jobs=1, quiet=True) == 0
    batch_and_look = "command.main(['configs'], 'out', jobs=1); assert not {'matplotlib', 'numpy'} & set(sys.modules)"
    script = f"import sys; from lrplot.batch import command; {batch_and_look}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0 rendered, 1 unchanged\n", "")


def test_another_format_is_another_output() -> None:
    make(a=STEP % 1)
    ok("configs", "-o", "out", "-f", "csv")
    assert (
        ok("configs", "-o", "out", "-f", "csv", "-f", "json", "-v") == "out/a.csv unchanged\nout/a.json\n1 rendered\n"
    )


def test_another_version_renders_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    make(a=STEP % 1)
    assert batch.main(["configs"], "out", ["csv"], jobs=1, quiet=True) == 0
    jobs = collect(["configs"], "out", ["csv"])
    assert [outcome.unchanged for outcome in batch.carry_out(jobs, ledger=Ledger("out"))] == [("out/a.csv",)]
    monkeypatch.setattr(task, "__version__", "99")
    assert [list(outcome.written) for outcome in batch.carry_out(jobs, ledger=Ledger("out"))] == [["out/a.csv"]]


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        '{"outputs": [1]}',
        '{"outputs": {"a.csv": 3}}',
        '{"outputs": {"a.csv": [1, 2]}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_ledger_is_no_ledger(damage: str) -> None:
    make(a=STEP % 1)
    assert batch.main(["configs"], "out", ["csv"], jobs=1, quiet=True) == 0
    Path("out", ledger.NAME).write_text(damage)
    jobs = collect(["configs"], "out", ["csv"])
    assert [list(outcome.written) for outcome in batch.carry_out(jobs, ledger=Ledger("out"))] == [["out/a.csv"]]


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes of this kind")
@pytest.mark.parametrize("name", ["configs", "out"])
def test_a_ledger_that_is_a_pipe_is_not_waited_for(name: str) -> None:
    Path("configs").mkdir()
    Path("configs/a.json").write_text('{"scheduler": "step step_size=4"}')
    Path(name).mkdir(exist_ok=True)
    os.mkfifo(f"{name}/{ledger.NAME}")
    done = lrplot("configs", "-o", "out", "-f", "csv")
    assert done.stdout == "1 rendered\n" and list(files()) == ["a.csv"]


def test_a_ledger_is_read_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    make(a=STEP % 1)
    ok("configs", "-o", "out", "-f", "csv")
    monkeypatch.setattr(ledger, "LARGEST", 100)
    assert Ledger("out").entries == {}


def test_the_ledger_forgets_outputs_that_are_gone_and_keeps_other_batches() -> None:
    make(a=STEP % 1, b=STEP % 2)
    ok("configs/a.yaml", "-o", "out", "-f", "csv")
    ok("configs/b.yaml", "-o", "out", "-f", "csv")
    assert ok("configs", "-o", "out", "-f", "csv") == "0 rendered, 2 unchanged\n"
    Path("out/b.csv").unlink()
    ok("configs/a.yaml", "-o", "out", "-f", "csv")
    assert list(Ledger("out").entries) == ["a.csv"]


@pytest.mark.process
def test_batches_at_the_same_time_keep_each_others_entries() -> None:
    make(**dict.fromkeys("abcd", STEP % 1))
    Path("out").mkdir()
    at_once = [Ledger("out") for _ in "abcd"]
    for name, known in zip("abcd", at_once):
        Path(f"out/{name}.csv").touch()
        known.note({f"out/{name}.csv": ("made from", "bytes")})
    for known in at_once:
        known.save()
    assert list(Ledger("out").entries) == ["a.csv", "b.csv", "c.csv", "d.csv"]
    running = [start(f"configs/{name}.yaml", "-o", "out", "-f", "csv") for name in "abcd"]
    assert {process.communicate(timeout=60) for process in running} == {("1 rendered\n", "")}
    assert ok("configs", "-o", "out", "-f", "csv") == "0 rendered, 4 unchanged\n"


# --check


def test_check_validates_everything_and_writes_nothing(folder: Path) -> None:
    make(a=STEP % 1, deep__a=STEP % 2)
    assert ok("configs/a.yaml", "configs/deep/a.yaml", "--check") == "2 valid\n"
    make(bad="scheduler: {name: stp}\n", late="scheduler: {name: lambda, lr_lambda: 1 / (5 - epoch)}\n")
    before = sorted(folder.rglob("*"))
    done = lrplot("--check", "configs")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "2 valid, 2 failed\n", 2)
    done = lrplot("--check", "configs", "-o", "out", "--index")
    assert (done.returncode, done.stdout) == (1, "2 valid, 2 failed\n")
    assert sorted(folder.rglob("*")) == before


def test_check_says_of_each_config_what_it_is() -> None:
    make(a=STEP % 1, b="scheduler: {name: stp}\n")
    done = lrplot("configs/a.yaml", "configs/b.yaml", "--check", "-v")
    assert done.stdout == "configs/a.yaml valid\nconfigs/b.yaml failed\n1 valid, 1 failed\n"
    done = lrplot("configs", "--check", "-q")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_check_sees_where_outputs_would_go_when_it_is_told(folder: Path) -> None:
    make(a=STEP % 1 + "output: link/a.csv\n", b=STEP % 2)
    Path("out").mkdir()
    Path("out/link").symlink_to(folder)
    assert ok("configs", "--check") == "2 valid\n"
    assert (
        lrplot("configs", "--check", "-o", "out").stderr
        == "configs/a.yaml:3:9: output 'link/a.csv' leads outside out\n"
    )
    shutil.rmtree("out")
    make(a=STEP % 1 + "output: b.csv\n")
    assert "would both write out/b.csv" in refused("configs", "--check", "-o", "out", "-f", "csv")
    assert not Path("out").exists()


def test_check_finds_what_only_drawing_shows_and_names_its_place() -> None:
    make(
        a=STEP % 1 + "plot: {style: ggplod}\n",
        b=STEP % 1 + "plot:\n  font: DejaVu Serf\n",
        c=STEP % 1 + "plot: {parameter: both}\n",
    )
    make(d=STEP % 1 + "plot: {x_range: [5000, 6000]}\n", e=STEP % 1 + "plot: {style: ggplot, x_range: [0, 9]}\n")
    wrong = [
        "configs/a.yaml:3:15: plot.style: unknown style 'ggplod': did you mean 'ggplot'?",
        "configs/b.yaml:4:9: plot.font: unknown font 'DejaVu Serf': did you mean 'DejaVu Serif'?",
        "configs/c.yaml:3:19: plot.parameter: parameter both asks for the momentum, which StepLR leaves alone",
        "configs/d.yaml:3:17: plot.x_range: there is no step from 5000 to 6000: the run has steps 0 to 19",
    ]
    for words in (("--check",), ("-o", "out")):
        assert lrplot("configs", *words).stderr.splitlines() == wrong


@pytest.mark.parametrize("output", ["/etc/x.png", "../x.png", "../../x.png", "deep/../../x.png"])
def test_check_sees_an_output_that_leads_outside_of_any_folder(output: str) -> None:
    make(a=STEP % 1 + f"output: {output}\n", b=STEP % 2)
    done = lrplot("configs", "--check")
    assert done.stderr == f"configs/a.yaml:3:9: output '{output}' leads outside the folder of the outputs\n"
    assert (done.returncode, done.stdout) == (1, "1 valid, 1 failed\n")


def test_check_sees_two_configs_for_one_output_wherever_it_will_be() -> None:
    make(a=STEP % 1 + "output: x.png\n", deep__b=STEP % 2 + "output: ../x.png\n")
    assert refused("configs", "--check") == "lrplot: configs/a.yaml and configs/deep/b.yaml would both write x.png\n"
    make(deep__b=STEP % 2 + "output: .././.lrplot.json\n")
    assert (
        refused("configs", "--check")
        == "lrplot: configs/deep/b.yaml would write .lrplot.json, where the batch keeps its record\n"
    )


def test_check_of_files_by_name_leaves_open_which_folder_they_will_be_found_from() -> None:
    """As pre-commit names them: configs/deep/b.yaml may be rendered as a part of configs."""
    make(a=STEP % 1, deep__a=STEP % 2, deep__b=STEP % 2 + "output: ../b.csv\n")
    names = ["configs/a.yaml", "configs/deep/a.yaml", "configs/deep/b.yaml"]
    assert ok(*names, "--check") == "3 valid\n"
    make(deep__b=STEP % 2 + "output: ../../../b.csv\n", deep__c=STEP % 3 + "output: a.png\n")
    assert (
        lrplot(*names, "--check").stderr
        == "configs/deep/b.yaml:3:9: output '../../../b.csv' leads outside the folder of the outputs\n"
    )
    assert "configs/deep/a.yaml and configs/deep/c.yaml would both write configs/deep/a.png" in refused(
        *names, "configs/deep/c.yaml", "--check"
    )


@pytest.mark.process
def test_check_imports_no_matplotlib() -> None:
    make(a=STEP % 1)
    check_and_look = (
        "command.main(['configs'], check=True, jobs=1); assert not {'matplotlib', 'numpy'} & set(sys.modules)"
    )
    script = f"import sys; from lrplot.batch import command; {check_and_look}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("1 valid\n", "")
