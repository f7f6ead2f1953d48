"""lrplot's schedulers in the place of torch's, on torch's own optimizers."""

import copy
import inspect
import io
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

from lrplot.schedulers.families import members
from tests.golden.cases import CASES
from tests.golden.drive import FUNCTIONS, Case, Library, arguments, build, start, trace
from tests.golden.record import OF_TORCHS_OWN, TORCH, optimizer, without
from tests.schedulers.library import LRPLOT

# Expressions for functions: unlike lambdas, they can be pickled.
STAND_IN = Library(schedulers=LRPLOT.schedulers, optimizer=optimizer, function=LRPLOT.function)
FUNCTIONS_ALIKE = Library(schedulers=LRPLOT.schedulers, optimizer=optimizer, function=TORCH.function)


def plain(cases: list[Case]) -> Case:
    """The first case that neither resumes nor is refused."""
    return next(case for case in cases if not {"initial_lr", "first_run", "epochs"} & case.keys())


def train(scheduler: Any, made: torch.optim.Optimizer, case: Case, steps: range) -> list[Any]:
    """Real steps of a real optimizer on a real loss: the rates and the weights they lead to."""
    seen: list[Any] = []
    for step in steps:
        made.zero_grad()
        loss = sum(((parameter - 1.0) ** 2).sum() for group in made.param_groups for parameter in group["params"])
        loss.backward()  # type: ignore[union-attr]
        made.step()
        scheduler.step(*([case["metrics"][step]] if "metrics" in case else []))
        seen.append([(float(group["lr"]), float(group["params"][0])) for group in made.param_groups])
    return seen


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", CASES)
def test_a_torch_optimizer_ends_with_the_same_rates_and_weights(name: str, kind: str) -> None:
    case = {**plain(CASES[name]), "kind": kind}
    runs = []
    for library in (TORCH, STAND_IN):
        made, scheduler = start(library, case)
        runs.append(train(scheduler, made, case, range(case["steps"])))
    assert runs[0] == runs[1]


@pytest.mark.parametrize("name", CASES)
def test_a_tensor_rate_stays_the_tensor_that_it_is(name: str) -> None:
    case = {**plain(CASES[name]), "kind": "Adam"}
    rates = []
    for library in (TORCH, STAND_IN):
        made = optimizer(case)
        for group in made.param_groups:
            group["lr"] = torch.tensor(group["lr"])
        tensors = [group["lr"] for group in made.param_groups]
        scheduler = build(library, made, case["scheduler"])
        for step in range(6):
            made.step()
            scheduler.step(*([case["metrics"][step]] if "metrics" in case else []))
        rates.append([float(group["lr"]) for group in made.param_groups])
        assert [group["lr"] is tensor for group, tensor in zip(made.param_groups, tensors)] == [True] * len(tensors)
    assert rates[0] == rates[1]


@pytest.mark.parametrize("name", CASES)
def test_a_state_saved_on_the_way_goes_on_to_the_bit(name: str) -> None:
    case = plain(CASES[name])
    half = case["steps"] // 2
    made, scheduler = start(STAND_IN, case)
    train(scheduler, made, case, range(half))
    saved = copy.deepcopy(
        (
            made.state_dict(),
            scheduler.state_dict(),
            [group["params"][0].detach().clone() for group in made.param_groups],
        )
    )
    expected = train(scheduler, made, case, range(half, case["steps"]))

    made, scheduler = start(STAND_IN, case)
    made.load_state_dict(saved[0])
    scheduler.load_state_dict(saved[1])
    with torch.no_grad():
        for group, weight in zip(made.param_groups, saved[2]):
            group["params"][0].copy_(weight)
    assert train(scheduler, made, case, range(half, case["steps"])) == expected


def through_torch_save(states: Any) -> Any:
    """What torch.load, as it is by default, makes of a checkpoint."""
    file = io.BytesIO()
    torch.save(states, file)
    file.seek(0)
    return torch.load(file)


def resumed(library: Library, case: Case, states: tuple[Any, Any], saved_in: Case, step: int) -> list[Any]:
    """The rates and momenta of a run that is made as in ``case`` and takes up the states of another at ``step``."""
    made, scheduler = start(library, case)
    made.load_state_dict(copy.deepcopy(states[0]))
    scheduler.load_state_dict(copy.deepcopy(states[1]))
    seen = []
    for argument in arguments(saved_in)[step:]:
        made.step()
        scheduler.step(*argument)
        seen.append([(float(group["lr"]), group.get("momentum", group.get("betas"))) for group in made.param_groups])
    return seen


@pytest.mark.parametrize(
    "through", [lambda states: pickle.loads(pickle.dumps(states)), through_torch_save], ids=["pickle", "torch.save"]
)
@pytest.mark.parametrize(("saver", "taker"), [(TORCH, STAND_IN), (STAND_IN, TORCH)], ids=["from torch", "to torch"])
@pytest.mark.parametrize("name", CASES)
def test_a_state_of_one_library_goes_on_in_the_other(
    name: str, saver: Library, taker: Library, through: Callable[[Any], Any]
) -> None:
    accepted = [case for case in CASES[name] if "refused" not in trace(TORCH, case) and "epochs" not in case]
    for case in accepted:
        made, scheduler = start(saver, case)
        step = len(arguments(case)) // 2
        for argument in arguments(case)[:step]:
            made.step()
            scheduler.step(*argument)
        states = through((made.state_dict(), scheduler.state_dict()))
        for other in accepted:  # what a state holds wins over the parameters that the scheduler was made with
            if other is case or alike(other, case):
                assert resumed(taker, other, states, case, step) == resumed(saver, other, states, case, step)


def alike(one: Case, other: Case) -> bool:
    """Whether they differ in nothing but parameters that a state holds."""
    keys = (*FUNCTIONS, "schedulers")
    specs = [[case["scheduler"].get(key) for key in keys] for case in (one, other)]
    return specs[0] == specs[1] and one["kind"] == other["kind"] and len(one["lr"]) == len(other["lr"])


@pytest.mark.parametrize("name", CASES)
def test_a_state_is_that_of_torch(name: str) -> None:
    """All of it, but whether a call is under way."""
    for case in CASES[name]:
        if "refused" not in trace(TORCH, case):
            theirs, ours = (start(library, case)[1].state_dict() for library in (TORCH, FUNCTIONS_ALIKE))
            assert without(OF_TORCHS_OWN, theirs) == without((), ours)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))], ids=["deepcopy", "pickle"]
)
@pytest.mark.parametrize("name", CASES)
def test_a_copy_goes_on_as_the_original_does(name: str, copied: Any) -> None:
    case = plain(CASES[name])
    half = case["steps"] // 2
    made, scheduler = start(STAND_IN, case)
    train(scheduler, made, case, range(half))
    twin, its_scheduler = copied((made, scheduler))
    assert its_scheduler.optimizer is twin
    rest = range(half, case["steps"])
    assert train(its_scheduler, twin, case, rest) == train(scheduler, made, case, rest)


LEFT_OUT = {
    "SWALR.anneal_func": "the formula of a part of the way, which torch has apart from the schedule",
    "SequentialLR.recursive_undo": "a step of torch's constructor, of no use once it is through",
}
"""Public names of torch's that lrplot has not, and why."""


def public(scheduler: Any) -> dict[str, bool]:
    """The public names, each with whether it is called."""
    return {name: callable(getattr(scheduler, name)) for name in dir(scheduler) if not name.startswith("_")}


def test_every_public_name_of_torchs_is_there_but_for_a_few() -> None:
    missing = set()
    for name, cases in CASES.items():
        theirs, ours = (public(start(library, plain(cases))[1]) for library in (TORCH, STAND_IN))
        missing |= {f"{name}.{public_name}" for public_name in theirs if public_name not in ours}
        common = theirs.keys() & ours.keys()
        assert {key: theirs[key] for key in common} == {key: ours[key] for key in common}
    assert missing == LEFT_OUT.keys()


@pytest.mark.parametrize("name", CASES)
def test_what_is_called_takes_the_same_arguments(name: str) -> None:
    theirs, ours = (start(library, plain(CASES[name]))[1] for library in (TORCH, STAND_IN))
    for method in (key for key, called in public(theirs).items() if called and f"{name}.{key}" not in LEFT_OUT):
        signatures = [list(inspect.signature(getattr(scheduler, method)).parameters) for scheduler in (theirs, ours)]
        assert signatures[0] == signatures[1]


@pytest.mark.parametrize("case", CASES["CyclicLR"])
def test_the_scale_of_a_cycle_is_torchs(case: Case) -> None:
    if "refused" not in trace(TORCH, case):
        theirs, ours = (start(library, case)[1] for library in (TORCH, STAND_IN))
        assert [theirs.scale_fn(x) for x in (1, 2, 5)] == [ours.scale_fn(x) for x in (1, 2, 5)]


@pytest.mark.parametrize("name", [name for name in CASES if name != "ReduceLROnPlateau"])
def test_inside_torchs_own_composites_it_does_what_torchs_do(name: str) -> None:
    case = plain(CASES[name])
    runs = []
    for library in (TORCH, STAND_IN):
        for compose in (after_a_warm_up, chained):
            made, member = start(library, case)
            composed = compose(made, member)
            runs.append(train(composed, made, case, range(case["steps"])))
    assert runs[:2] == runs[2:]


def after_a_warm_up(made: Any, member: Any) -> Any:
    """The member in the second place; one that torch refuses there, in the first."""
    warm_up = torch.optim.lr_scheduler.ConstantLR(made, 0.5, 9)
    members = [member, warm_up] if hasattr(member, "_schedulers") else [warm_up, member]
    return torch.optim.lr_scheduler.SequentialLR(made, members, [2])


def chained(made: Any, member: Any) -> Any:
    return torch.optim.lr_scheduler.ChainedScheduler([member, torch.optim.lr_scheduler.ExponentialLR(made, 0.9)], made)


@pytest.mark.parametrize("name", CASES)
def test_it_warns_where_torch_warns(name: str) -> None:
    """step() before optimizer.step(), step(epoch), get_lr() from outside."""
    case = plain(CASES[name])
    heard = []
    for library in (TORCH, STAND_IN):
        made = optimizer(case)
        said = []
        for act in ("make", "step", "get_lr", "step(epoch)", "after"):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                try:
                    if act == "make":
                        scheduler = build(library, made, case["scheduler"])
                    elif act == "get_lr":
                        scheduler.get_lr()
                    elif act == "after":
                        made.step()
                        scheduler.step(*([1.0] if "metrics" in case else []))
                    else:
                        arguments = ([1.0] if "metrics" in case else []) + ([3] if act == "step(epoch)" else [])
                        scheduler.step(*arguments)
                except (NotImplementedError, TypeError, AttributeError) as error:
                    said.append(type(error).__name__)
            said.append(f"{act}: {[warning.category.__name__ for warning in caught]}")
        heard.append(said)
    assert heard[0] == heard[1]


def test_all_sixteen_stand_in() -> None:
    assert set(CASES) == {cls.__name__ for cls in members().values()}
