"""Text to numbers, truth values and lists: decimal as Python reads it, and none of YAML's guesses."""

import math
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.problems import MAX_MESSAGES
from lrplot.configs.values import Values, default_of, from_flag, plain_number
from lrplot.parameters import Parameter
from lrplot.schedulers.families import find


def parameter(scheduler: str, name: str) -> Parameter:
    return next(parameter for parameter in find(scheduler).parameters() if parameter.name == name)


def told(values: Values) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        values.problems.raise_any()
    return caught.value.messages


def refusal(kind: str, text: str, quoted: bool = False, **options: bool) -> str:
    values = Values()
    getattr(values, kind)(Value(text, "c.yaml", 1, 1, quoted), "x", **options)
    (message,) = told(values)
    return message.removeprefix("c.yaml:1:1: x ")


def number(text: str, **options: bool) -> float:
    values = Values()
    value = values.number(Value(text, "c.yaml", 1, 1), "x", **options)
    values.problems.raise_any()
    return value


def whole(text: str) -> int:
    values = Values()
    value = values.whole(Value(text, "c.yaml", 1, 1), "x")
    values.problems.raise_any()
    return value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_as_python_writes_it(value: float) -> None:
    for text in (repr(value), f"{value:.17e}", f"{value:.17E}", f"{value:+.17e}"):
        assert (number(text), math.copysign(1, number(text))) == (value, math.copysign(1, value))


@given(st.integers(-(10**39), 10**39))
def test_every_whole_number_of_forty_digits_is_read_exactly(value: int) -> None:
    assert whole(str(value)) == value


@given(st.text("0123456789.eE+-_infa １०", max_size=8) | st.text(string.printable, max_size=8))
def test_any_other_text_is_no_number(text: str) -> None:
    value = plain_number(text)
    is_one = re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", text, re.ASCII) and not re.match(
        r"[-+]?0\d", text
    )
    assert (value is not None) == bool(is_one and math.isfinite(float(text)))
    assert value is None or value == float(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("20", 20), ("1e6", 1_000_000), ("2.50e1", 25), ("100.", 100), ("-0", 0), ("+7", 7), ("1e22", 10**22)],
)
def test_whole_numbers_may_be_written_with_a_point_or_a_power_of_ten(text: str, value: int) -> None:
    assert whole(text) == value


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("010", "'010': YAML takes a leading 0 for octal, write 10"),
        ("-007", "'-007': YAML takes a leading 0 for octal, write -7"),
        ("00", "'00': YAML takes a leading 0 for octal, write 0"),
        ("0x1F", "'0x1F': write it in decimal, 31"),
        ("0o17", "'0o17': write it in decimal, 15"),
        ("0b101", "'0b101': write it in decimal, 5"),
        ("0b102", "'0b102'"),
        ("1_0", "'1_0': write it without underscores, 10"),
        ("_", "'_'"),
        ("٣", "'٣'"),
        ("２０", "'２０': write it in ASCII, 20"),
        ("½", "'½'"),
        ("1:30", "'1:30'"),
        ("2.5", "'2.5'"),
        ("1e-1", "'1e-1': a share of the run is written as a count of steps"),
        ("-0.1", "'-0.1'"),
        ("", "nothing"),
        ("~", "nothing"),
        ("true", "'true'"),
        ("nan", "'nan'"),
        ("9" * 300, f"'{'9' * 59}…'"),
    ],
)
def test_what_is_no_whole_number_is_shown_with_what_was_probably_meant(text: str, end: str) -> None:
    what = (
        "must be a whole number of at most 40 digits, got "
        if text.startswith("999")
        else "must be a whole number, got "
    )
    assert refusal("whole", text) == what + end


def test_a_quoted_number_is_text() -> None:
    assert refusal("number", "0.1", quoted=True) == "must be a number, got '0.1': write it without the quotes"
    assert refusal("whole", "7", quoted=True) == "must be a whole number, got '7': write it without the quotes"
    assert refusal("boolean", "true", quoted=True) == "must be true or false, got 'true'"


def test_numbers_that_are_not_finite_are_read_where_they_may_stand() -> None:
    """A run may have had such a loss."""
    assert [str(number(text, finite=False)) for text in (".inf", "-inf", "Infinity", "NaN", ".nan")] == [
        "inf",
        "-inf",
        "inf",
        "nan",
        "nan",
    ]
    assert refusal("number", "-.inf") == "must be a finite number, got '-.inf'"
    assert (
        refusal("number", "1e309", finite=False)
        == "must be a number that a float can hold (up to 1.8e308), got '1e309'"
    )


@pytest.mark.parametrize("text", ["on", "off", "yes", "no", "y", "1", "0", ""])
def test_truth_is_true_or_false(text: str) -> None:
    values = Values()
    assert [values.boolean(Value(word, "", 1), "") for word in ("true", "True", "FALSE")] == [True, True, False]
    assert refusal("boolean", text) == f"must be true or false, got {repr(text) if text else 'nothing'}"


def test_flags_repeat_or_take_a_list() -> None:
    at, milestones = Value("", "--milestones"), parameter("multistep", "milestones")

    def texts(*typed: str) -> object:
        content = from_flag(milestones, typed, at).content
        return [item.content for item in content] if isinstance(content, list) else content

    assert texts("30") == "30"
    assert texts("30", "60") == texts("30,60") == texts("[30, 60]") == texts(" [ 30 ,60 ] ") == ["30", "60"]
    assert texts("[]") == []
    assert texts("30,") == ["30", ""]
    expression = from_flag(parameter("lambda", "lr_lambda"), ["min(epoch, 2)"], at)
    assert expression.content == "min(epoch, 2)"


def test_an_empty_word_is_not_a_value_that_is_left_out() -> None:
    flag = from_flag(parameter("step", "gamma"), [""], Value("", "--gamma"))
    assert not flag.is_null and Value("", "c.yaml", 1, 1).is_null


def test_problems_are_told_in_the_order_of_their_lines_once_and_not_without_end() -> None:
    values = Values()
    for line in (3, 1, 2, 1):
        values.problems.note(Value("", "c.yaml", line, 1), "x", "is wrong")
    values.problems.note(Value("", "--lr"), "x", "is wrong")
    assert told(values) == [
        "--lr is wrong",
        "c.yaml:1:1: x is wrong",
        "c.yaml:2:1: x is wrong",
        "c.yaml:3:1: x is wrong",
    ]
    for line in range(1_000, 3, -1):
        values.problems.note(Value("", "c.yaml", line, 1), "x", "is wrong")
    *messages, rest = told(values)
    places = [int(message.split(":")[1]) for message in messages[1:]]
    assert (len(messages), rest) == (MAX_MESSAGES, "… and 981 more")
    assert places == list(range(1, 20))


def test_defaults_are_written_as_in_yaml() -> None:
    shown = {
        name: default_of(parameter(scheduler, name))
        for scheduler, name in (("cyclic", "cycle_momentum"), ("cyclic", "scale_fn"), ("step", "gamma"))
    }
    assert shown == {"cycle_momentum": "true", "scale_fn": None, "gamma": "0.1"}
    assert default_of(parameter("step", "step_size")) is None


@pytest.mark.parametrize(
    ("text", "number"), [("10k", 10_000), ("1.5M", 1_500_000), ("2m", 2_000_000), ("0.5K", 500), ("1e4", 10_000)]
)
def test_whole_numbers_as_people_write_them(text: str, number: int) -> None:
    values = Values()
    assert values.whole(Value(text, "c.yaml", 1, 1), "steps") == number
    values.problems.raise_any()


@pytest.mark.parametrize("text", ["k", "10kk", "1.2345k", "-1k", "10 k", "1e3k", "10g"])
def test_and_not_otherwise(text: str) -> None:
    assert refusal("whole", text).startswith("must be a whole number, got ")
