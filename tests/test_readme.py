"""The README says what the program does now."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = re.sub(r"<!-- \[\[\[cog.*?\]\]\] -->", "", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.partition("   #")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.startswith("lrplot ")
]


def test_what_the_program_writes_into_the_readme_is_not_stale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "--diff", "README.md"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, f"run make docs\n{done.stdout}"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r'(?:src|srcset|href)="([^"]+)"', README)
    assert len(pictures) > 40
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_there_are_command_lines_to_try() -> None:
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_line_of_the_readme_runs(command: str, tmp_path: Path) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    if "cos.png -o cos.csv" in command:
        subprocess.run(
            [sys.executable, "-m", "lrplot", "cosine", "--T-max", "20", "-o", "cos.png"], cwd=tmp_path, check=True
        )
    line = f"{shlex.quote(sys.executable)} -m {command}"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    (code,) = (block for language, block in BLOCKS if language == "python")
    script = f"import matplotlib\nmatplotlib.use('agg')\n{code}\nassert curve.lr.shape == (100,) and len(ax.lines) >= 4"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_the_config_of_the_readme_is_one(tmp_path: Path) -> None:
    (config,) = (block for language, block in BLOCKS if language == "yaml" and "scheduler:" in block)
    path = tmp_path / "readme.yaml"
    path.write_text(config)
    done = subprocess.run(
        [sys.executable, "-m", "lrplot", "plot", str(path), "-o", "-"], capture_output=True, text=True, check=True
    )
    rows = done.stdout.splitlines()
    assert rows[0] == "step,epoch,lr"
    assert rows[1].startswith("0,0.0,0.01") and rows[6] == "5,0.01,0.1"
