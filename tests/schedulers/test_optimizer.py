"""The optimizer that a scheduler drives: its groups, and what it refuses."""

import pytest

from lrplot.parameters import Refusal
from lrplot.schedulers import StepLR
from lrplot.schedulers.optimizer import Optimizer


def test_each_rate_makes_a_group_and_one_initial_rate_is_everybodys() -> None:
    optimizer = Optimizer(lr=[0.1, 0.2], momentum=0.9, initial_lr=0.5)
    assert optimizer.param_groups == [
        {"lr": 0.1, "momentum": 0.9, "initial_lr": 0.5},
        {"lr": 0.2, "momentum": 0.9, "initial_lr": 0.5},
    ]


def test_an_optimizer_has_either_momentum_or_betas() -> None:
    with pytest.raises(Refusal, match="either momentum"):
        Optimizer(lr=0.1, momentum=0.9, betas=(0.9, 0.999))


def test_initial_rates_are_one_or_as_many_as_groups() -> None:
    with pytest.raises(Refusal, match="has 3 values, but lr makes 2") as refused:
        Optimizer(lr=[0.1, 0.2], initial_lr=[1, 2, 3])
    assert refused.value.parameter == "initial_lr"


def test_a_scheduler_tells_its_parameters_without_the_optimizer() -> None:
    assert [parameter.name for parameter in StepLR.parameters()] == ["step_size", "gamma", "last_epoch"]
