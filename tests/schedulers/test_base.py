"""What all schedulers share: stepping, saving, copying, warning, refusing."""

import copy
import pickle
import warnings
from typing import Any

import pytest

from lrplot.configs.expression import Expression
from lrplot.schedulers import (
    ChainedScheduler,
    CosineAnnealingLR,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Scheduler,
    SequentialLR,
    StepLR,
)
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer
from tests.golden.cases import CASES
from tests.golden.drive import start
from tests.schedulers.library import LRPLOT


def straight(name: str) -> dict[str, Any]:
    """A golden case of a scheduler that starts anew and is stepped without arguments of its own."""
    return dict(next(case for case in CASES[name] if not {"initial_lr", "first_run", "epochs"} & case.keys()))


def go(scheduler: Any, case: dict[str, Any], steps: range) -> list[list[float]]:
    rates = []
    for step in steps:
        scheduler.optimizer.step()
        scheduler.step(*([case["metrics"][step]] if "metrics" in case else []))
        rates.append([group["lr"] for group in scheduler.optimizer.param_groups])
    return rates


@pytest.mark.parametrize("name", CASES)
def test_a_state_saved_at_step_k_goes_on_to_the_bit_in_a_fresh_scheduler(name: str) -> None:
    case = straight(name)
    for k in (1, case["steps"] // 2, case["steps"] - 1):
        optimizer, scheduler = start(LRPLOT, case)
        go(scheduler, case, range(k))
        saved = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
        expected = go(scheduler, case, range(k, case["steps"]))

        optimizer, scheduler = start(LRPLOT, case)
        optimizer.load_state_dict(saved[0])
        scheduler.load_state_dict(saved[1])
        assert go(scheduler, case, range(k, case["steps"])) == expected


@pytest.mark.parametrize("name", CASES)
def test_a_state_holds_no_optimizer_and_no_function(name: str) -> None:
    _, scheduler = start(LRPLOT, straight(name))
    assert "optimizer" not in scheduler.state_dict()
    pickle.dumps(scheduler.state_dict())


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))], ids=["deepcopy", "pickle"]
)
@pytest.mark.parametrize("name", CASES)
def test_a_copy_goes_on_by_itself_as_the_original_does(name: str, copied: Any) -> None:
    case = straight(name)
    _, scheduler = start(LRPLOT, case)
    go(scheduler, case, range(3))
    twin = copied(scheduler)
    assert twin.optimizer is not scheduler.optimizer
    assert go(twin, case, range(3, case["steps"])) == go(scheduler, case, range(3, case["steps"]))


class Countdown:
    """A function with a state of its own."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, epoch: float) -> float:
        self.calls += 1
        return 1.0 / (1 + epoch)


def test_of_a_callable_object_the_state_is_saved_and_of_a_function_nothing() -> None:
    scheduler = LambdaLR(Optimizer(lr=[1.0, 1.0]), lr_lambda=[Countdown(), lambda epoch: 0.5**epoch])
    scheduler.step()
    state = scheduler.state_dict()
    assert state["lr_lambdas"] == [{"calls": 2}, None]
    fresh = LambdaLR(Optimizer(lr=[1.0, 1.0]), lr_lambda=[Countdown(), lambda epoch: 0.5**epoch])
    fresh.load_state_dict(state)
    assert (fresh.lr_lambdas[0].calls, fresh.last_epoch, fresh.get_last_lr()) == (2, 1, [0.5, 0.5])  # type: ignore[attr-defined]


def test_a_single_scale_function_is_saved_the_same_way() -> None:
    made = {"base_lr": 0.1, "max_lr": 1.0, "step_size_up": 4}
    scheduler = CyclicLR(Optimizer(), scale_fn=Countdown(), **made)  # type: ignore[arg-type]
    state = scheduler.state_dict()
    assert state["_scale_fn_custom"]["calls"] >= 1
    fresh = CyclicLR(Optimizer(), scale_fn=Countdown(), **made)  # type: ignore[arg-type]
    fresh.load_state_dict({**state, "_scale_fn_custom": {"calls": 40}})
    assert fresh._scale_fn_custom.calls == 40  # type: ignore[union-attr]
    assert CyclicLR(Optimizer(), scale_fn=abs, **made).state_dict()["_scale_fn_custom"] is None  # type: ignore[arg-type]


def test_expressions_pickle_where_lambdas_do_not() -> None:
    scheduler = LambdaLR(Optimizer(lr=1.0), lr_lambda=Expression("0.5 ** epoch"))
    twin = pickle.loads(pickle.dumps(scheduler))
    twin.step()
    assert twin.get_last_lr() == [0.5]


def heard(act: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
    return [str(warning.message) for warning in caught]


def test_step_before_the_optimizers_step_warns_once() -> None:
    scheduler = ExponentialLR(Optimizer(), gamma=0.9)
    (message,) = heard(scheduler.step)
    assert message.startswith("Detected call of `lr_scheduler.step()` before `optimizer.step()`")
    assert heard(scheduler.step) == []


def test_step_after_the_optimizers_step_is_silent() -> None:
    scheduler = ExponentialLR(Optimizer(), gamma=0.9)
    scheduler.optimizer.step()
    assert heard(scheduler.step) == []


def test_an_optimizer_whose_step_was_replaced_is_noticed() -> None:
    scheduler = ExponentialLR(Optimizer(), gamma=0.9)
    scheduler.optimizer.step()
    scheduler.optimizer.step = lambda: None
    (message,) = heard(scheduler.step)
    assert message.startswith("Seems like `optimizer.step()` has been overridden")


def test_step_with_an_epoch_warns_that_it_is_on_its_way_out() -> None:
    scheduler = StepLR(Optimizer(lr=1.0), step_size=2, gamma=0.5)
    scheduler.optimizer.step()
    (message,) = heard(lambda: scheduler.step(5))
    assert message.startswith("The epoch parameter in `scheduler.step()` was not necessary")
    assert scheduler.get_last_lr() == [0.25]


def test_plateaus_step_takes_an_epoch_too() -> None:
    scheduler = ReduceLROnPlateau(Optimizer(lr=1.0))
    (message,) = heard(lambda: scheduler.step(0.5, 7))
    assert message.startswith("The epoch parameter") and scheduler.last_epoch == 7


def test_get_lr_from_outside_warns() -> None:
    scheduler = ExponentialLR(Optimizer(lr=1.0), gamma=0.5)
    rates: list[float] = []
    (message,) = heard(lambda: rates.extend(scheduler.get_lr()))
    assert message == "To get the last learning rate computed by the scheduler, please use `get_last_lr()`."
    assert (rates, scheduler.get_last_lr()) == ([0.5], [1.0])


def test_the_base_class_has_no_rule() -> None:
    with pytest.raises(NotImplementedError, match=r"Scheduler has no get_lr\(\)"):
        Scheduler(Optimizer())


class Bare:
    """Any object with param_groups."""

    def __init__(self, **group: Any) -> None:
        self.param_groups = [{"lr": 0.1, **group}]


def test_any_object_with_param_groups_will_do_and_is_not_watched() -> None:
    bare = Bare()
    scheduler = StepLR(bare, step_size=1, gamma=0.5)
    assert heard(scheduler.step) == []
    assert (bare.param_groups[0]["lr"], vars(bare).keys()) == (0.05, {"param_groups"})


@pytest.mark.parametrize("make", [lambda it: StepLR(it, step_size=1), ReduceLROnPlateau])
def test_what_has_no_param_groups_is_no_optimizer(make: Any) -> None:
    with pytest.raises(TypeError, match="list is not an optimizer: it has no param_groups"):
        make([])


class Hooked(Bare):
    """An optimizer with torch's post-step hooks."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: list[Any] = []

    def register_step_post_hook(self, hook: Any) -> None:
        self.hooks.append(hook)

    def step(self) -> None:
        for hook in self.hooks:
            hook(self, (), {})


def test_an_optimizer_with_hooks_is_watched_by_one_hook() -> None:
    optimizer = Hooked()
    first, second = StepLR(optimizer, step_size=1), StepLR(optimizer, step_size=1)
    assert len(optimizer.hooks) == 1
    assert len(heard(first.step)) == 1
    optimizer.step()
    assert heard(second.step) == []


class Tensor:
    """As much of a tensor as a rate needs: it is changed in place."""

    def __init__(self, value: float) -> None:
        self.value = value

    def clone(self) -> "Tensor":
        return Tensor(self.value)

    def squeeze(self) -> "Tensor":
        return self

    def fill_(self, value: Any) -> None:
        self.value = float(value)

    def __float__(self) -> float:
        return self.value

    def __mul__(self, other: float) -> "Tensor":
        return Tensor(self.value * other)


def test_a_rate_that_is_a_tensor_stays_that_tensor() -> None:
    tensor = Tensor(0.1)
    optimizer = Bare(lr=tensor)
    scheduler = ExponentialLR(optimizer, gamma=0.5)
    scheduler.step()
    assert optimizer.param_groups[0]["lr"] is tensor
    assert (tensor.value, optimizer.param_groups[0]["initial_lr"].value) == (0.05, 0.1)
    lambdas = LambdaLR(Bare(lr=Tensor(0.1), initial_lr=0.1), lr_lambda=lambda epoch: 0.5)
    assert float(lambdas.optimizer.param_groups[0]["lr"]) == 0.05


REFUSALS: list[tuple[Any, type[Exception], str]] = [
    (
        lambda: CosineAnnealingLR(Optimizer(), T_max=0),
        ValueError,
        "CosineAnnealingLR: T_max must be other than 0, got 0",
    ),
    (
        lambda: OneCycleLR(Optimizer(), 0.1, total_steps=0),
        ValueError,
        "OneCycleLR: total_steps must be a whole number, at least 1, got 0",
    ),
    (
        lambda: OneCycleLR(Optimizer(), 0.1, total_steps=5, pct_start=1.5),
        ValueError,
        "OneCycleLR: pct_start must be a float, at least 0 and at most 1, got 1.5",
    ),
    (
        lambda: OneCycleLR(Optimizer(), 0.1, total_steps=5, anneal_strategy="step"),  # type: ignore[arg-type]
        ValueError,
        "OneCycleLR: anneal_strategy must be 'cos' or 'linear', got 'step'",
    ),
    (
        lambda: ReduceLROnPlateau(Optimizer(), factor=1.0),
        ValueError,
        "ReduceLROnPlateau: factor must be less than 1, got 1.0",
    ),
    (
        lambda: ReduceLROnPlateau(Optimizer(), factor="x"),
        ValueError,
        "ReduceLROnPlateau: factor must be less than 1, got 'x'",
    ),  # type: ignore[arg-type]
    (
        lambda: OneCycleLR(Optimizer(), 0.1, epochs=0, steps_per_epoch=2),
        ValueError,
        "OneCycleLR: epochs must be a whole number, at least 1, got 0",
    ),
    (
        lambda: OneCycleLR(Optimizer(), 0.1, epochs=2),
        ValueError,
        "OneCycleLR: needs total_steps, or both epochs and steps_per_epoch",
    ),
    (
        lambda: CyclicLR(Optimizer(), 0.1, 0.2, mode="square"),  # type: ignore[arg-type]
        ValueError,
        "CyclicLR: mode must be 'triangular' or 'triangular2' or 'exp_range', got 'square'",
    ),
    (
        lambda: CyclicLR(Optimizer(lr=[1, 1]), [0.1], 0.2),
        ValueError,
        "CyclicLR: base_lr has 1 values, but the optimizer has 2 parameter groups",
    ),
    (
        lambda: StepLR(Optimizer(), 3, last_epoch=5),
        KeyError,
        "resuming at last_epoch=5 needs initial_lr in parameter group 0, as the first run left it there",
    ),
    (
        lambda: ChainedScheduler([]),
        ValueError,
        "ChainedScheduler: schedulers must hold at least one scheduler, got none",
    ),
    (
        lambda: ChainedScheduler(["cosine"]),
        TypeError,
        "ChainedScheduler: schedulers[0] must be a scheduler, got 'cosine'",
    ),  # type: ignore[list-item]
    (
        lambda: ChainedScheduler([StepLR(Optimizer(), 3), StepLR(Optimizer(), 3)]),
        ValueError,
        "ChainedScheduler: schedulers[1], StepLR, belongs to another optimizer",
    ),
    (
        lambda: CyclicLR(type("Plain", (), {"param_groups": [{"lr": 1.0}], "defaults": {}})(), 0.1, 0.2),
        ValueError,
        "CyclicLR: optimizer must support momentum or beta1 with cycle_momentum",
    ),
]


@pytest.mark.parametrize(("make", "error", "message"), REFUSALS, ids=[message[:40] for _, _, message in REFUSALS])
def test_a_refusal_names_the_parameter_the_value_and_what_is_allowed(
    make: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        make()
    assert raised.value.args[0] == message


def test_plateau_is_refused_inside_others_as_in_torch() -> None:
    optimizer = Optimizer()
    for make in (lambda it: ChainedScheduler(it), lambda it: SequentialLR(optimizer, it, [])):
        with pytest.raises(
            ValueError, match="is ReduceLROnPlateau, which needs a metric at each step: torch refuses it here too"
        ):
            make([ReduceLROnPlateau(optimizer)])


@pytest.mark.parametrize("name", ["SequentialLR", "ChainedScheduler", "ReduceLROnPlateau"])
def test_three_have_no_get_lr(name: str) -> None:
    _, scheduler = start(LRPLOT, straight(name))
    with pytest.raises(NotImplementedError, match=rf"{name} has no get_lr\(\), in torch as here"):
        scheduler.get_lr()
    if name != "ReduceLROnPlateau":
        with pytest.raises(NotImplementedError):
            scheduler.advance(3, reread=True)


def test_a_chain_is_at_the_epoch_of_its_first_scheduler() -> None:
    optimizer = Optimizer()
    chain = ChainedScheduler([StepLR(optimizer, 3), ExponentialLR(optimizer, 0.9)])
    chain.advance(4)
    assert chain.last_epoch == 4


@pytest.mark.parametrize("cls", members().values(), ids=lambda cls: cls.__name__)
def test_find_knows_both_names(cls: type[Scheduler]) -> None:
    assert find(cls.name) is find(cls.__name__) is cls


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("cosin", "did you mean 'cosine'?"),
        ("steplr", "did you mean 'StepLR'?"),
        ("warm_restarts", "did you mean 'warm-restarts'?"),
        ("zzz", "there are lambda, multiplicative, step, multistep, exponential"),
    ],
)
def test_find_offers_the_nearest_name(typed: str, hint: str) -> None:
    with pytest.raises(KeyError) as raised:
        find(typed)
    assert hint in raised.value.args[0]
