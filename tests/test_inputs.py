"""A file that was read is never written: whatever the flags, and by whatever name."""

import shutil
from pathlib import Path

import pytest

from tests.command import lrplot, ok

LOSSES = "loss\n3\n2\n2\n2\n"
STEP = '{"scheduler": {"name": "step", "step_size": 3}}\n'
PLATEAU = "scheduler: {name: plateau, patience: 0}\nmetrics: loss.csv\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loss.csv").write_text(LOSSES)
    Path("a.json").write_text(STEP)
    Path("p.yaml").write_text(PLATEAU)
    Path("link.json").symlink_to("a.json")
    Path("sub").mkdir()


@pytest.mark.parametrize(
    "words",
    [
        "plot a.json -o a.json",
        "plot a.json -o sub/../a.json",
        "plot a.json -o link.json",
        "plot link.json -o a.json",
        "plot a.json -o x.png -o a.json",
        "step -c a.json -o a.json",
        "plot p.yaml -o loss.csv",
        "plot p.yaml a.json -o loss.csv",
        "plateau --metrics loss.csv -o loss.csv",
        "plateau --metrics loss.csv:loss -o loss.csv",
    ],
)
def test_an_output_that_is_an_input_is_refused(words: str) -> None:
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    done = lrplot(*words.split())
    name = words.rpartition(" ")[2]
    assert done.returncode == 2
    assert done.stderr == f"lrplot: {name}: is read by this command, and would be lost: write to another file\n"
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before


def test_a_picture_does_not_replace_itself() -> None:
    ok("cosine", "--T-max", "3", "-o", "cos.png")
    before = Path("cos.png").read_bytes()
    assert lrplot("plot", "cos.png", "--theme", "dark", "-o", "cos.png").returncode == 2
    assert Path("cos.png").read_bytes() == before
    ok("plot", "cos.png", "-o", "other.png")


def test_an_output_that_is_no_input_is_replaced() -> None:
    shutil.copy("a.json", "b.json")
    ok("plot", "a.json", "-o", "b.json")
    assert Path("b.json").read_text() != STEP


def test_a_style_is_kept_and_named_by_no_picture() -> None:
    Path("x.mplstyle").write_text("lines.linewidth: 3\n")
    Path("a.yaml").write_text("scheduler: step step_size=3\nplot: {style: x.mplstyle}\n")
    ok("plot", "a.yaml", "-o", "x.png")
    ok("plot", "x.png", "-o", "x.csv")
    assert b"mplstyle" not in Path("x.png").read_bytes()
    ok("plot", "a.yaml", "--style", "ggplot", "-o", "y.svg")
    assert b"ggplot" in Path("y.svg").read_bytes()


def test_a_pictures_own_schedule_names_no_file(tmp_path: Path) -> None:
    ok("plateau", "--metrics", "loss.csv", "--title", "M" * 40, "-o", "x.svg")
    picture = Path("x.svg").read_text()
    lines = picture.split("<dc:description>")[1].split("</dc:description>")[0]
    assert "metrics: [3.0, 2.0, 2.0, 2.0]" in lines
    for other in ("metrics: /etc/passwd.txt", "metrics: {file: /etc/passwd}", "plot: {style: /etc/passwd}"):
        from lrplot.configs.document import ConfigError, parse
        from lrplot.configs.sources import build

        text = "scheduler: {name: plateau}\n" + ("metrics: [1]\n" if "plot" in other else "") + other + "\n"
        with pytest.raises(ConfigError) as caught:
            build(parse(text, "x.svg"), folder=None)
        assert "names a file: a picture's own schedule stands alone" in caught.value.messages[0]


def test_many_metrics_are_read_back_from_the_picture() -> None:
    Path("m.csv").write_text("loss\n" + "0.123456789012345\n" * 100_001)
    ok("plateau", "-q", "--metrics", "m.csv", "--size", "300x200", "--no-events", "-o", "x.png", "-o", "x.csv")
    assert ok("plot", "x.png", "-o", "-") == Path("x.csv").read_text()


def test_more_metrics_than_a_config_may_hold_are_not_written_into_one() -> None:
    Path("m.csv").write_text("loss\n" + "0.5\n" * 100_001)
    done = lrplot("plateau", "-q", "--metrics", "m.csv", "-o", "x.yaml")
    assert done.returncode == 2 and not Path("x.yaml").exists()
    assert done.stderr.startswith("lrplot: 100,001 metrics are more than can be read back from a config: name the file")


def test_more_metrics_than_a_picture_keeps_are_refused_before_it_is_written() -> None:
    Path("m.csv").write_text("loss\n" + "1\n" * 200_000)
    Path("a.yaml").write_text("metrics: m.csv\ncurves:\n" + "- scheduler: plateau\n" * 3)
    done = lrplot("plot", "a.yaml", "--size", "300x200", "--no-events", "-o", "x.png")
    assert done.returncode == 2 and not Path("x.png").exists()
    assert done.stderr == "lrplot: a has 600,000 metrics, more than a picture can keep: draw fewer curves on it\n"


def test_composites_in_composites_are_read_back_from_the_picture() -> None:
    inner = "\"chained 'chained constant constant' constant\""
    for _ in range(23):
        inner = f'{{"name": "chained", "schedulers": [{inner}, "constant"]}}'
    Path("deep.json").write_text(f'{{"scheduler": {inner}}}')
    ok("plot", "deep.json", "--size", "300x200", "-o", "x.svg")
    assert ok("plot", "x.svg", "-o", "-") == ok("plot", "deep.json", "-o", "-")


def test_a_slip_in_a_config_that_comes_by_a_pipe_is_told() -> None:
    done = lrplot("plot", "-", "-o", "x.csv", input="scheduler: {name: cosine, T_max: 5\nsteps: 60\n")
    assert done.returncode == 2 and done.stderr.startswith("lrplot: <stdin>:2:6: not valid YAML: did not find expected")
    # a mapping that a stray character cut short, whose one rate is no log's
    done = lrplot("plot", "-", "-o", "x.csv", input="# by hand\noptimizer:\n  lr: 0.1\x01curves: 3\nsteps: 60\n")
    assert (done.returncode, Path("x.csv").exists()) == (2, False)
