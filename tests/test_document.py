"""Text to values with their places: what YAML and JSON say, without YAML's guesses."""

import json
import os
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lrplot.configs.document import MAX_CONFIG_BYTES, ConfigError, Fault, Value, decode, parse, read_file

PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
KEY = PRINTABLE.filter(lambda key: key != "<<")
DATA = st.recursive(
    PRINTABLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=4), max_leaves=12
)
DOCUMENT = st.lists(DATA, min_size=1, max_size=4) | st.dictionaries(KEY, DATA, min_size=1, max_size=4)


def plain(value: Value) -> Any:
    if isinstance(value.content, list):
        return [plain(item) for item in value.content]
    if isinstance(value.content, dict):
        return {key: plain(item) for key, item in value.content.items()}
    return value.content


def messages(text: str, source: str = "c.yaml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, source)
    return caught.value.messages


@given(DOCUMENT, st.booleans(), st.sampled_from([True, False, None]))
def test_what_yaml_writes_is_read(data: Any, unicode: bool, flow: bool | None) -> None:
    assert plain(parse(yaml.safe_dump(data, allow_unicode=unicode, default_flow_style=flow), "c.yaml")) == data


@given(DOCUMENT, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_what_json_writes_is_read(data: Any, ascii: bool, indent: Any) -> None:
    assert plain(parse(json.dumps(data, ensure_ascii=ascii, indent=indent), "c.json")) == data


@pytest.mark.parametrize(
    "word", ["1e-5", "010", "1:30", "on", "yes", "0x10", "2024-01-01", ".5", "1_000", "True", "null", "~", "=", "１"]
)
def test_words_stay_as_they_are_written(word: str) -> None:
    root = parse(f"a: {word}", "c.yaml")
    assert plain(root) == {"a": word}


def test_quoted_words_are_told_from_plain_ones() -> None:
    root = parse("[1, '1', \"1\", null, 'null', '', , ~]".replace(", ,", ", !!null ,"), "c.yaml", [])
    assert isinstance(root.content, list)
    assert [item.quoted for item in root.content] == [False, True, True, False, True, True, False, False]
    assert [item.is_null for item in root.content] == [False, False, False, True, False, False, True, True]


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=5), min_size=1, max_size=5), st.randoms())
def test_a_value_knows_its_line_and_column(rows: list[list[int]], chance: random.Random) -> None:
    text = (
        "".join(" " * chance.randrange(3) + "# a comment\n" * chance.randrange(2) for _ in range(2)).replace("  #", "#")
        + "\n"
    )
    text += "".join(f"key{i}:\n  - " + "\n  - ".join(map(str, row)) + "\n" for i, row in enumerate(rows))
    lines = text.splitlines()
    root = parse(text, "c.yaml")
    assert isinstance(root.content, dict)
    for entry in root.content.values():
        assert isinstance(entry.content, list) and entry.key is not None
        for value in (entry.key, *entry.content):
            assert isinstance(value.content, str)
            assert lines[value.line - 1][value.column - 1 :].startswith(value.content)
            assert value.place == f"c.yaml:{value.line}:{value.column}"


def test_an_alias_stands_for_the_value_and_its_place() -> None:
    root = parse("a: &a {b: [1, 2]}\nc: *a\nd: [*a, *a]\n", "c.yaml")
    assert plain(root) == {"a": {"b": ["1", "2"]}, "c": {"b": ["1", "2"]}, "d": [{"b": ["1", "2"]}] * 2}
    assert isinstance(root.content, dict) and root.content["c"].place == "c.yaml:1:4"


def test_faults_are_collected_where_somebody_asks_for_them() -> None:
    text = "a: !x 1\na: 2\n<<: {b: 3}\n"
    faults: list[Fault] = []
    assert plain(parse(text, "c.yaml", faults)) == {"a": "1"}
    told = [f"{value.place}: {problem}" for value, problem in faults]
    assert (
        told
        == messages(text)
        == [
            "c.yaml:1:4: has the tag '!x': tags are not allowed, write the plain value",
            "c.yaml:2:1: the key 'a' is here a second time, first in line 1",
            "c.yaml:3:1: the merge key << is not read: write the keys out",
        ]
    )


def test_a_quoted_merge_key_is_a_key() -> None:
    assert plain(parse("'<<': 1", "c.yaml")) == {"<<": "1"}


def test_fifty_levels_are_read_and_no_more() -> None:
    assert plain(parse("[" * 49 + "{a: 1}" + "]" * 49, "c.yaml"))
    assert messages("[" * 50 + "{a: 1}" + "]" * 50) == ["c.yaml:1:51: is nested more than 50 levels deep"]


def test_a_hundred_thousand_values_are_read_and_no_more_however_they_are_written() -> None:
    assert len(plain(parse(f"[{'1,' * 99_999}]", "c.yaml"))) == 99_999
    many = "holds more than 100,000 values, aliases written out (long metrics go into a CSV file)"
    assert messages(f"[{'1,' * 100_000}]") == [f"c.yaml:1:200000: {many}"]
    assert messages("- &a [1, 2, 3]\n" + "- *a\n" * 25_000) == [f"c.yaml:1:3: {many}"]


@given(
    st.text(max_size=60) | st.text("[]{}:,-?&*!|>'\"%@` \n\tab#", max_size=60), st.sampled_from(["c.yaml", "c.json"])
)
def test_any_text_is_a_value_or_a_config_error_of_single_lines(text: str, source: str) -> None:
    try:
        parse(decode(text.encode(errors="surrogatepass"), source), source)
    except ConfigError as error:
        assert error.messages and all(message.startswith(source) and "\n" not in message for message in error.messages)


@given(st.binary(max_size=40))
def test_any_bytes_are_text_or_a_config_error(data: bytes) -> None:
    try:
        assert decode(data, "c.yaml") == data.decode("utf-8-sig")
    except ConfigError as error:
        assert len(error.messages) == 1


def test_an_error_survives_its_way_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(ConfigError(["a", "b"])))
    assert (type(error), error.messages, str(error)) == (ConfigError, ["a", "b"], "a\nb")


def refusal(path: str, **options: int) -> str:
    with pytest.raises(ConfigError) as caught:
        read_file(path, **options)
    (message,) = caught.value.messages
    return message


def test_a_file_is_read_if_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"x" * 100)
    assert read_file(str(path)) == b"x" * 100
    assert refusal(str(path), limit=99) == f"{path}: is too large: 100 bytes, at most 99 bytes are read"
    path.write_bytes(b"x" * (MAX_CONFIG_BYTES + 1))
    assert (
        refusal(str(path))
        == f"{path}: is too large: 4,000,001 bytes, at most 4,000,000 bytes are read (long metrics go into a CSV file)"
    )
    assert refusal(str(tmp_path)) == f"{tmp_path}: cannot be read: it is a folder"
    assert refusal("no/such") == "no/such: cannot be read: No such file or directory"
    assert refusal("nul\0") == "nul\0: cannot be read: it is no name that a file can have"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_pipe_or_a_device_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert refusal(str(pipe)) == f"{pipe}: cannot be read: it is a pipe or a device, not a file"
    assert refusal("/dev/zero") == "/dev/zero: cannot be read: it is a pipe or a device, not a file"
