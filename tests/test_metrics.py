"""The metrics of a plateau: numbers, a formula, or a column of a CSV file."""

import csv
import io
import math
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrplot.configs.document import ConfigError, Value, parse
from lrplot.configs.metrics import read_column, read_metrics
from lrplot.configs.sources import load, load_all
from lrplot.configs.values import Values


def read(text: str, folder: str = "") -> Any:
    root = parse(f"metrics: {text}", "c.yaml")
    assert isinstance(root.content, dict)
    return found(root.content["metrics"], folder)


def found(value: Value, folder: str = "") -> Any:
    values = Values()
    metrics = read_metrics(values, value, "metrics", folder)
    values.problems.raise_any()
    return metrics


@pytest.mark.parametrize("text", ["[0.9, 5e-1, 2]", "0.9, 5e-1, 2", "\n - 0.9\n - 0.5\n - 2.0"])
def test_numbers_in_a_list_or_in_a_row(text: str) -> None:
    assert read(text) == array("d", [0.9, 0.5, 2.0])


def test_a_flag_has_them_with_or_without_brackets() -> None:
    assert (
        found(Value("0.9,0.5", "--metrics"))
        == found(Value(" [0.9, 0.5] ".strip(), "--metrics"))
        == array("d", [0.9, 0.5])
    )


def test_losses_may_have_been_infinite() -> None:
    assert str(list(read("[.inf, -inf, nan, NaN]"))) == "[inf, -inf, nan, nan]"


@pytest.mark.parametrize(
    "text", ["1 / (epoch + 1)", "'1 / (epoch + 1)'", "lambda epoch: 1 / (epoch + 1)".join(["'", "'"])]
)
def test_a_formula(text: str) -> None:
    metrics = read(text)
    assert [metrics(epoch) for epoch in range(3)] == [1.0, 0.5, 1 / 3]


def test_a_number_alone_is_a_formula() -> None:
    assert read("0.5")(7) == 0.5


def test_a_file_lies_beside_its_config_or_where_one_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "m.csv").write_text("loss\n1\n0.5\n")
    (tmp_path / "m.csv").write_text("loss\n3\n")
    (tmp_path / "configs" / "c.yaml").write_text("scheduler: plateau\nmetrics: m.csv\n")
    monkeypatch.chdir(tmp_path)
    assert load("configs/c.yaml").runs[0].metrics == array("d", [1.0, 0.5])
    assert load("configs/c.yaml", {"metrics": Value("m.csv", "--metrics")}).runs[0].metrics == array("d", [3.0])
    assert load_all(["plateau"], {"metrics": Value("configs/m.csv:loss", "--metrics")}).runs[0].steps == 2
    assert read(f"{{file: {tmp_path}/m.csv, column: loss}}") == array("d", [3.0])


@given(
    st.lists(st.floats(), min_size=1, max_size=20),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.booleans(),
)
def test_a_table_is_read_to_the_bit_however_it_was_written(
    losses: list[float], delimiter: str, end: str, mark: bool, quote: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(
        text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL
    )
    writer.writerow(["epoch", "the loss"])
    writer.writerows([epoch, repr(loss)] for epoch, loss in enumerate(losses))
    file = Path("table.csv")
    file.write_bytes(text.getvalue().encode("utf-8-sig" if mark else "utf-8"))
    read = read_column("table.csv", "the loss")
    assert [str(loss) for loss in read] == [str(loss) for loss in losses]


@pytest.fixture(autouse=True, scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("metrics"))
        yield


def test_a_name_of_a_column_may_hold_colons_and_spaces() -> None:
    Path("m.csv").write_text("a, val:loss (mean) \n1,2\n")
    assert read("'m.csv:val:loss (mean)'") == array("d", [2.0])


def test_entries_that_are_empty_are_passed_over() -> None:
    """A logger writes a loss at each step, and an accuracy now and then."""
    Path("m.csv").write_text("step,loss,acc\n0,3,\n1,2,0.5\n2,1,\n3,0,0.75\n")
    assert list(read_column("m.csv", "acc")) == [0.5, 0.75]


@given(st.text(max_size=60) | st.text(',;\t\n\r"123.e- ', max_size=60))
def test_any_text_is_a_table_or_a_config_error(text: str) -> None:
    Path("any.csv").write_bytes(text.encode(errors="surrogatepass"))
    try:
        numbers = read_column("any.csv", None)
    except ConfigError as error:
        assert error.messages and all(message.startswith("any.csv") for message in error.messages)
    else:
        assert len(numbers) >= 1
        assert "nan" in text.lower() or not any(map(math.isnan, numbers))


@pytest.mark.parametrize("form", ["{file: %s}", "{file: %s, column: user}", "'%s:user'", "'%s'"])
@pytest.mark.parametrize(
    "text",
    [
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n",
        "PASSWORD=hunter2\n",
        "the secret\nis not\na table\n",
        "user,key\nada,hunter2\n",
    ],
)
def test_a_file_that_is_no_table_of_numbers_is_not_quoted(tmp_path: Path, text: str, form: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(text)
    config = tmp_path / "a.yaml"
    config.write_text("scheduler: plateau\nmetrics: " + form % secret + "\n")
    with pytest.raises(ConfigError) as caught:
        load(str(config))
    (message,) = caught.value.messages
    assert "is no table of numbers: it must have a header, and rows with numbers in them" in message
    assert not any(word in message for word in ("hunter2", "daemon", "root:x", "is not"))
