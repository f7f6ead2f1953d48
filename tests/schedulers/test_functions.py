"""What a scheduler does, as an expression in epoch: the same rates, but for their last bits."""

import pytest

from lrplot.configs.expression import Expression
from lrplot.configs.sources import load_all, spec

KINDS = [
    "step step_size=7 gamma=0.3",
    "multistep milestones=3,3,9 gamma=0.5",
    "multistep milestones=90",
    "exponential gamma=0.9",
    "constant factor=0.25 total_iters=6",
    "linear start_factor=0.1 total_iters=12",
    "linear start_factor=1 end_factor=0.2 total_iters=12",
    "polynomial total_iters=20 power=2",
    "cosine T_max=30",
    "cosine T_max=30 eta_min=0.01",
    "warm-restarts T_0=8",
    "warm-restarts T_0=4 T_mult=2 eta_min=0.01",
    "lambda lr_lambda='min(1, epoch / 9)'",
]


@pytest.mark.parametrize("text", KINDS)
def test_as_a_function_it_has_the_same_rates(text: str) -> None:
    (curve,) = load_all([text]).curves()
    function = Expression(spec(text).as_function(0.001) or "")
    assert [0.001 * function(epoch) for epoch in range(100)] == pytest.approx(list(curve.rates[0]), abs=1e-12)


def test_what_has_no_formula_without_a_past_or_no_name_for_its_variable_is_no_function() -> None:
    for text in (
        "warm-restarts T_0=4 T_mult=3",
        "lambda lr_lambda='lambda e: e'",
        "lambda lr_lambda=0.5",
        "swa swa_lr=1",
    ):
        assert spec(text).as_function(0.1) is None
    assert spec("cosine T_max=9").as_function(0.0) is None


def test_cycles_by_a_part_are_spelled_out_and_the_last_ends_at_its_floor() -> None:
    function = Expression(spec("warm-restarts T_0=4").as_function(0.1, T_mult=0.5) or "")
    assert [function(epoch) for epoch in (0, 2, 4, 5, 6, 7, 50)] == pytest.approx([1, 0.5, 1, 0.5, 1, 0, 0])


def test_what_torch_has_not_is_written_with_a_parameter_more() -> None:
    assert spec("linear total_iters=9").as_function(0.1, start_factor=0) == "min(epoch, 9) / 9"
    assert spec("polynomial total_iters=9").as_function(0.1, eta_min=0.01) == (
        "(0.01 / 0.1 + (1 - 0.01 / 0.1) * (1 - min(epoch, 9) / 9) ** 1.0)"
    )
