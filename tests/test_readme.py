"""The README says what the program does now."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cogapp import Cog
from PIL import Image

from lrplot import __version__
from tests import links
from tests.command import lrplot, ok, typed

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


@pytest.mark.process
def test_what_the_program_writes_into_the_readme_is_not_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert Cog().main(["cog", "-I", str(ROOT), "--check", "--diff", "README.md"]) == 0, "run make docs"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r'(?:src|srcset|href)="([^"]+)"', README)
    assert len(pictures) > 40
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_a_package_index_shows_its_pictures_and_leads_to_its_files(tmp_path: Path) -> None:
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    links.main(str(tmp_path), "https://host.example/us/lrplot/")
    text = (tmp_path / "build" / "README.md").read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|srcset|href)="([^"]+)"|\]\(([^)]+)\)', text)
    at = f"https://host.example/us/lrplot/(raw|blob)/v{re.escape(__version__)}/(.+)"
    found = [re.fullmatch(at, "".join(address)) for address in addresses]
    assert len(found) > 40 and all(found)
    assert {(match[1], Path(match[2]).suffix) for match in found if match} == {
        ("raw", ".png"),
        ("blob", ".yaml"),
        ("blob", ".md"),
    }
    assert all((ROOT / match[2]).is_file() for match in found if match)
    changes = f"https://host.example/us/lrplot/blob/v{__version__}/CHANGELOG.md"
    assert f'[project.urls]\nHomepage = "https://host.example/us/lrplot"\nChangelog = "{changes}"\n' in (
        tmp_path / "pyproject.toml"
    ).read_text(encoding="utf-8")


def test_the_words_in_its_pictures_are_large_enough_to_be_read() -> None:
    for name, width in re.findall(r'<img [^>]*src="([^"]+)" width="(\d+)"', README):
        with Image.open(ROOT / name) as picture:
            smallest = 0.86 * 11 / 72 * picture.info["dpi"][0]  # names of events, the least type of the house
            assert smallest * int(width) / picture.width > 9.5, name  # pixels as the page has them


def test_there_are_command_lines_to_try() -> None:
    assert len(COMMANDS) >= 8


def link_a_few() -> None:
    """Makes ``configs`` with some of each folder, for a batch: each of the others is drawn by test_figure."""
    for folder, count in {"tutorial": 3, "examples": 3, "yours": 5}.items():
        Path("configs", folder).mkdir(parents=True)
        for path in sorted(path for path in (ROOT / "configs" / folder).iterdir() if path.name[0] != ".")[:count]:
            Path("configs", folder, path.name).symlink_to(path)


@pytest.mark.parametrize(
    "command", [pytest.param(line, marks=[pytest.mark.process] * (" batch " in line)) for line in COMMANDS]
)
def test_a_command_line_of_the_readme_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if "--index" in command:
        link_a_few()
    else:
        Path("configs").symlink_to(ROOT / "configs")
    if "cos.png -o cos.csv" in command:
        ok("cosine", "--T-max", "20", "-o", "cos.png")
    line, _, reader = command.partition(" | ")
    done = lrplot(*typed(line)[1:])
    taken_for = done.stderr.splitlines()  # of files that are not lrplot's own
    assert done.returncode == 0 and all(told.startswith("lrplot: configs/yours/") for told in taken_for)
    if reader:
        subprocess.run(["bash", "-c", reader], input=done.stdout, text=True, check=True)


def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import pyplot

    monkeypatch.chdir(ROOT)
    pyplot.switch_backend("agg")
    (code,) = (block for language, block in BLOCKS if language == "python")
    exec(f"{code}\nassert curve.lr.shape == (100,) and len(ax.lines) >= 4", {})
    pyplot.close("all")


def test_the_config_of_the_readme_is_one(tmp_path: Path) -> None:
    (config,) = (block for language, block in BLOCKS if language == "yaml" and "scheduler:" in block)
    path = tmp_path / "readme.yaml"
    path.write_text(config)
    rows = ok("plot", str(path), "-o", "-").splitlines()
    assert rows[0] == "step,epoch,lr"
    assert rows[1].startswith("0,0.0,0.01") and rows[6] == "5,0.01,0.1"


def test_a_person_finishes_it() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 250
