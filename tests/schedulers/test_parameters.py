"""What a constructor says of its parameters."""

import inspect

import pytest

from lrplot.parameters import Choices, Constraint, NonZero, Range, parameters_of, summary
from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer


@pytest.mark.parametrize("cls", members().values(), ids=lambda cls: cls.__name__)
def test_each_parameter_has_a_meaning_a_kind_and_its_constructors_default(cls: type[Scheduler]) -> None:
    signature = inspect.signature(cls).parameters
    for parameter in cls.parameters():
        assert parameter.help[0].isupper() and parameter.help.endswith("."), parameter.name
        assert parameter.kind in ("float", "int", "bool", "text", "choice", "function", "schedulers")
        assert parameter.default is signature[parameter.name].default
        assert parameter.type_name


def test_kinds_and_forms_are_read_off_the_annotations() -> None:
    seen = {p.name: (p.kind, p.per_group, p.is_list, p.optional, p.required) for p in find("cyclic").parameters()}
    assert seen["base_lr"] == ("float", True, False, False, True)
    assert seen["step_size_down"] == ("int", False, False, True, False)
    assert seen["mode"] == ("choice", False, False, False, False)
    assert seen["scale_fn"] == ("function", False, False, True, False)
    (schedulers, milestones) = [p for p in find("sequential").parameters() if p.is_list]
    assert (schedulers.kind, milestones.kind, milestones.type_name) == ("schedulers", "int", "list of int")


def test_the_words_of_a_range() -> None:
    assert str(Range(0, 1, open_high=True)) == "at least 0 and less than 1"
    assert str(Range(low=1, exact=int)) == "a whole number, at least 1"
    assert str(Range(high=1)) == "at most 1"
    assert str(NonZero()) == "other than 0"
    assert str(Choices(("min", "max"))) == "'min' or 'max'"


def test_a_range_lets_nan_pass_as_torchs_comparisons_do() -> None:
    assert Range(0, 1).admits(float("nan"))
    assert not Range(0, 1, exact=float).admits(1)


def test_a_constraint_must_say_what_it_admits() -> None:
    with pytest.raises(NotImplementedError):
        Constraint().admits(1)
    with pytest.raises(NotImplementedError):
        Constraint().schema()
    assert Constraint().remark(1) == ""


def test_a_refusal_looks_into_lists_and_lets_none_pass_where_it_may() -> None:
    lr, momentum = (p for p in find("onecycle").parameters() if p.name in ("total_steps", "div_factor"))
    assert lr.refusal(None) is None
    assert str(momentum.refusal(0)) == "div_factor must be other than 0, got 0"
    (betas,) = (p for p in parameters_of(Optimizer) if p.name == "betas")
    assert str(betas.refusal([0.9, 1.5])) == "betas[1] must be at least 0 and less than 1, got 1.5"
    assert str(betas.refusal([0.9])) == "betas must be two numbers, got 1"


def test_a_summary_is_the_first_sentence_in_one_line() -> None:
    assert summary(find("step")) == "Multiplies the rate by gamma every step_size epochs: the classic staircase."


class Documented:
    """Has two parameters.

    Args:
        size: How large
            it is.

        wide: How wide.

    Raises:
        ValueError: Never.
    """

    def __init__(self, size: int, wide: bool) -> None: ...


def test_a_meaning_may_run_over_lines_and_ends_with_the_section() -> None:
    assert {p.name: p.help for p in parameters_of(Documented)} == {"size": "How large it is.", "wide": "How wide."}


class Undocumented:
    def __init__(self, size: int, *, wide: bool = False) -> None:
        """No meanings given."""


def test_without_an_args_section_there_are_no_meanings() -> None:
    assert [(p.name, p.kind, p.help) for p in parameters_of(Undocumented)] == [
        ("size", "int", ""),
        ("wide", "bool", ""),
    ]
