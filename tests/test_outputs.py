"""What a command writes: every file that it was asked for or, where it fails, none."""

import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from lrplot import files
from tests import command
from tests.command import Done
from tests.test_files import file_size_limit, listing, mode, small_disk

TABLE = 978
"""Bytes of the 100 rows of ConstantLR."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path


def lrplot(folder: Path, *words: str, limit: int | None = None) -> Done:
    """A command in ``folder``; with a limit, on a disk that has no room for larger files."""
    with nullcontext() if limit is None else file_size_limit(limit):
        return command.lrplot("constant", "--size", "300x200", *words, cwd=folder)


def failure(folder: Path, *words: str, status: int, limit: int | None = None) -> str:
    """What a command says that fails with a certain status, and leaves everything as it was."""
    before = {name: (folder / name).read_bytes() for name in listing(folder) if (folder / name).is_file()}
    names = listing(folder)
    done = lrplot(folder, *words, limit=limit)
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    assert listing(folder) == names
    assert {name: (folder / name).read_bytes() for name in before} == before
    return done.stderr


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.png", "x.svg", "x.pdf"])
def test_a_command_on_a_full_disk(work: Path, name: str) -> None:
    assert lrplot(work, "-n", "90", "-o", name).returncode == 0
    assert failure(work, "-o", name, limit=800, status=1) == f"lrplot: cannot write {name}: file too large\n"
    assert (
        failure(work, "-o", f"new/{name}", limit=800, status=1) == f"lrplot: cannot write new/{name}: file too large\n"
    )


def test_a_command_on_a_small_disk(work: Path) -> None:
    with small_disk(work, "16k") as disk:
        (disk / "x.csv").write_text("old")
        assert (
            failure(disk, "-n", "5000", "-o", "new/x.csv", status=1)
            == "lrplot: cannot write new/x.csv: no space left on device\n"
        )
        assert (
            failure(disk, "-n", "5000", "-o", "x.csv", status=1)
            == "lrplot: cannot write x.csv: no space left on device\n"
        )


def test_of_several_outputs_all_are_written_or_none(work: Path) -> None:
    (work / "a.csv").write_text("old a")
    (work / "b.json").write_text("old b")
    (work / "folder.csv").mkdir()
    assert (
        failure(work, "-o", "a.csv", "-o", "new/c.csv", "-o", "folder.csv", status=2)
        == "lrplot: cannot write folder.csv: it is a folder\n"
    )
    assert failure(work, "-o", "a.csv", "-o", "x.xyz", status=2) == (
        "lrplot: 'x.xyz': unknown ending .xyz: it must be one of .png, .svg, .pdf, .csv, .json, .py, .yaml, .yml\n"
    )
    # As JSON the rows take more than as CSV, and all of either stays in a buffer to the end.
    for words in (
        ("-o", "a.csv", "-o", "b.json"),
        ("-o", "b.json", "-o", "a.csv"),
        ("-o", "new/c.csv", "-o", "b.json", "-o", "a.csv"),
    ):
        assert failure(work, *words, limit=TABLE, status=1) == "lrplot: cannot write b.json: file too large\n"
    assert lrplot(work, "-o", "a.csv", "-o", "b.json").returncode == 0
    assert ((work / "a.csv").stat().st_size, (work / "b.json").read_bytes()[:10]) == (TABLE, b'{"label": ')


@pytest.mark.process
def test_a_full_standard_output_leaves_the_files_as_they_were(work: Path) -> None:
    (work / "a.csv").write_text("old")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lrplot", "constant", "-o", "a.csv", "-o", "-"],
            cwd=work,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (1, "lrplot: cannot write standard output: no space left on device\n")
    assert ((work / "a.csv").read_text(), listing(work)) == ("old", ["a.csv"])


@pytest.mark.process
def test_a_reader_that_goes_away_does_not_cost_the_files(work: Path) -> None:
    command = [sys.executable, "-m", "lrplot", "constant", "-n", "100000", "-o", "a.csv", "-o", "-"]
    process = subprocess.Popen(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == b"step,lr\n"
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (0, b"")
    process.stderr.close()
    assert (work / "a.csv").read_bytes().count(b"\n") == 100_001


@pytest.mark.process
def test_a_closed_standard_output_matters_only_where_something_is_printed(work: Path) -> None:
    def without_output(*words: str) -> tuple[int, bytes]:
        command = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "lrplot", *words]
        done = subprocess.run(command, cwd=work, stderr=subprocess.PIPE)
        return done.returncode, done.stderr

    assert without_output("constant", "-o", "a.csv") == (0, b"")
    assert (work / "a.csv").stat().st_size == TABLE
    (work / "a.yaml").write_text("scheduler: step step_size=4\n")
    assert without_output("batch", "a.yaml", "-o", "out", "-f", "csv", "-v", "-j", "1") == (0, b"")
    assert (work / "out/a.csv").exists()
    for words in (("constant", "-o", "-"), ("constant", "--term"), ("list",), ("--help",)):
        assert without_output(*words) == (2, b"lrplot: cannot write standard output: bad file descriptor\n")


def test_a_command_keeps_permissions_and_links(work: Path) -> None:
    (work / "real.csv").write_text("old")
    (work / "real.csv").chmod(0o640)
    (work / "link.csv").symlink_to("real.csv")
    assert lrplot(work, "-o", "link.csv").returncode == 0
    assert ((work / "real.csv").read_text()[:7], mode(work / "real.csv"), (work / "link.csv").is_symlink()) == (
        "step,lr",
        0o640,
        True,
    )
    assert listing(work) == ["link.csv", "real.csv"]


def test_a_command_refuses_what_it_must_not_replace(work: Path) -> None:
    (work / "kept.csv").write_text("old")
    (work / "kept.csv").chmod(0o444)
    (work / "folder.csv").mkdir()
    assert failure(work, "-o", "kept.csv", status=2) == "lrplot: cannot write kept.csv: the file is read-only\n"
    assert failure(work, "-o", "folder.csv", status=2) == "lrplot: cannot write folder.csv: it is a folder\n"
    assert failure(work, "-o", "kept.csv/x.csv", status=2) == "lrplot: cannot write kept.csv/x.csv: not a directory\n"
    assert (
        failure(work, "-o", "n" * 300 + ".csv", status=2)
        == f"lrplot: cannot write {'n' * 300}.csv: file name too long\n"
    )


def test_a_picture_that_cannot_be_drawn_leaves_no_folder(work: Path) -> None:
    assert failure(work, "-o", "a/b/x.png", "--style", "no-such", status=2).startswith(
        "lrplot: unknown style 'no-such': "
    )
    assert failure(work, "-o", "a/b/x.csv", "-o", "a/c/x.png", "--font", "no such", status=2).startswith(
        "lrplot: unknown font 'no such': "
    )


@pytest.mark.process
@pytest.mark.parametrize(
    ("killer", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_command_that_is_killed_while_it_writes(work: Path, killer: signal.Signals, status: int) -> None:
    if not files._NAMELESS and killer != signal.SIGINT:
        pytest.skip("a named temporary file outlives its process")
    (work / "x.csv").write_text("old")
    command = [sys.executable, "-m", "lrplot", "constant", "-n", "700000", "-o", "new/y.csv", "-o", "x.csv"]
    process = subprocess.Popen(command, cwd=work, stderr=subprocess.PIPE)
    while not (work / "new").exists():  # it has been simulated, and two million rows are on their way
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(killer)
    assert process.communicate()[1] == (
        b"\nlrplot: interrupted\n" if killer == signal.SIGINT else b""
    )  # below the terminal's ^C
    assert process.returncode == status
    assert (work / "x.csv").read_text() == "old"
    assert [name for name in listing(work) if (work / name).is_file()] == ["x.csv"]
