"""The tutorial's ten curves, as the command line renders them, against what each listing yields with torch 2.13.0."""

import csv
from pathlib import Path

import pytest

from tests.command import lrplot, ok

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden" / "tutorial"
CONFIGS = ROOT / "configs" / "tutorial"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.csv"))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plots")
    assert ok("batch", str(CONFIGS), "-o", str(out), "-f", "csv", "-j", "1") == "10 rendered\n"
    return out


def column(path: Path, name: str) -> list[str]:
    with path.open(newline="") as stream:
        return [row[name] for row in csv.DictReader(stream)]


def test_there_is_a_config_for_each_of_the_ten() -> None:
    assert len(NAMES) == 10
    assert [path.stem for path in sorted(CONFIGS.iterdir())] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_batch_gives_exactly_what_the_listing_plots(name: str, rendered: Path) -> None:
    plotted = "after-step" if name == "plateau" else "get_lr"
    assert column(rendered / f"{name}.csv", "lr") == column(GOLDEN / f"{name}.csv", plotted)


@pytest.mark.parametrize("record", ["used", "after-step", "get_lr"])
@pytest.mark.parametrize("name", NAMES)
def test_every_reading_is_torchs(name: str, record: str) -> None:
    if (name, record) == ("plateau", "get_lr"):  # which torch has not either
        done = lrplot("plot", str(CONFIGS / "plateau.yaml"), "--record", record, "-o", "-")
        assert (done.returncode, done.stdout) == (2, "")
        assert "ReduceLROnPlateau has no get_lr()" in done.stderr
        return
    rows = csv.DictReader(ok("plot", str(CONFIGS / f"{name}.yaml"), "--record", record, "-o", "-").splitlines())
    assert [row["lr"] for row in rows] == column(GOLDEN / f"{name}.csv", record)


@pytest.mark.parametrize(("name", "differing"), [("step", 5), ("multistep", 3), ("exponential", 100), ("cosine", 97)])
def test_the_reading_differs_from_the_rate_at_as_many_epochs_as_the_readme_says(name: str, differing: int) -> None:
    read, true = (column(GOLDEN / f"{name}.csv", record) for record in ("get_lr", "after-step"))
    assert sum(a != b for a, b in zip(read, true, strict=True)) == differing
    worst = max(float(a) / float(b) for a, b in zip(read, true, strict=True))
    if name == "exponential":
        assert {round(float(a) / float(b), 9) for a, b in zip(read, true, strict=True)} == {0.9}
    if name == "cosine":
        assert round(worst, 1) == 3.1
