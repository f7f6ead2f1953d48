"""Schedulers by name, family by family, and what the house asks of them instead of which they are."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

import lrplot
from lrplot.configs.document import ConfigError, parse
from lrplot.configs.sources import build
from lrplot.parameters import Refusal
from lrplot.schedulers import Scheduler
from lrplot.schedulers.base import Rule, registry
from lrplot.schedulers.families import families, find, full_name, members, others, promise
from lrplot.schedulers.optimizer import Optimizer


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    """Registers nothing for good."""
    members()
    before = {family: dict(classes) for family, classes in registry.items()}
    yield
    registry.clear()
    registry.update(before)


def test_torchs_names_stand_alone_and_others_after_their_family() -> None:
    class Halves(Scheduler, name="halves", family="mine"):
        """Halves the rate."""

        def rule(self, i: int) -> Rule:
            return lambda lr, epoch: lr if epoch == 0 else lr / 2

    assert families()[0] == "torch" and "mine" in families()
    assert find("mine.halves") is find("mine.Halves") is Halves
    assert (full_name(Halves), full_name(find("cosine"))) == ("mine.halves", "cosine")
    assert "halves" not in members()
    assert promise("mine") == "Registered from elsewhere."
    with pytest.raises(KeyError, match=r"unknown scheduler 'halves': did you mean 'mine.halves'\?"):
        find("halves")
    with pytest.raises(KeyError, match=r"unknown scheduler 'mine.halfs': did you mean 'mine.halves'"):
        find("mine.halfs")
    assert lrplot.simulate("mine.halves", lr=1.0, steps=3).lr.tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    ("name", "known"), [("cosine", "CosineAnnealingLR"), ("CosineAnnealingLR", "CosineAnnealingLR")]
)
def test_two_schedulers_of_one_name_are_refused(name: str, known: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be called '{name}' in the family torch: .*{known}"):
        type("Another", (Scheduler,), {"__module__": "somewhere"}, name=name)
    assert find("cosine").__name__ == known
    assert type("Another", (Scheduler,), {}, name=name, family="mine") is find(f"mine.{name}")


@pytest.mark.process
def test_a_family_is_imported_when_one_of_its_names_is_asked_for() -> None:
    code = (
        "import sys; from lrplot.schedulers.families import families, find; families(); "
        "loaded = lambda: [name for name in sys.modules if name.startswith('lrplot.schedulers.t')]; "
        "before = loaded(); find('cosine'); own = loaded(); find('transformers.linear'); "
        "print(before, own, loaded()[len(own):])"
    )
    torch = ["lrplot.schedulers.torch", "lrplot.schedulers.torch.cosine"]
    other = ["", ".warmup", ".decay"]
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == f"[] {torch} {[f'lrplot.schedulers.transformers{name}' for name in other]}\n"


@pytest.mark.process
def test_a_table_imports_no_other_family() -> None:
    words = [sys.executable, "-X", "importtime", "-m", "lrplot", "cosine", "--T-max", "3", "-n", "2", "-o", "-"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("step,lr\n0,0.001\n")
    assert "lrplot.schedulers" in done.stderr and "transformers" not in done.stderr


def refusing(error: Exception) -> None:
    """Registers a scheduler that refuses all that it is given."""

    class Refusing(Scheduler, name="refusing"):
        """Refuses."""

        def __init__(self, optimizer: Any, warmup: int = 3, levels: Sequence[float] = ()) -> None:
            raise error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Refusal("warmup", "is longer than it may be"), "c.yaml:2:28: scheduler.warmup is longer than it may be"),
        (Refusal("levels", "is out of place", index=1), "c.yaml:2:43: scheduler.levels[1] is out of place"),
        (Refusal("warmup", "Oh no", whole=True), "c.yaml:2:28: scheduler.warmup: Oh no"),
        (Refusal("optimizer", "is too old"), "c.yaml:2:3: scheduler: Refusing: optimizer is too old"),
        (Refusal(None, "levels and warmup disagree"), "c.yaml:2:3: scheduler: Refusing: levels and warmup disagree"),
        (ValueError("warmup must be: something else"), "c.yaml:2:3: scheduler: warmup must be: something else"),
        (TypeError("levels[0] should not be"), "c.yaml:2:3: scheduler: levels[0] should not be"),
        (KeyError("no such thing"), "c.yaml:2:3: scheduler: no such thing"),
        (ZeroDivisionError("by nothing"), "c.yaml:2:3: scheduler: by nothing"),
        (NotImplementedError(), "c.yaml:2:3: scheduler: NotImplementedError"),
    ],
)
def test_a_refusal_in_any_wording_is_told_at_its_place(error: Exception, message: str) -> None:
    refusing(error)
    with pytest.raises(ConfigError) as caught:
        build(parse("scheduler:\n  {name: refusing, warmup: 1, levels: [1, 2]}\n", "c.yaml"))
    assert caught.value.messages == [message]


def test_traits_say_what_a_scheduler_is() -> None:
    having = {
        trait: {name for name, cls in members().items() if getattr(cls, trait)}
        for trait in ("watches_metric", "cycles", "owns_rate", "holds_others")
    }
    assert having == {
        "watches_metric": {"plateau"},
        "cycles": {"cyclic", "onecycle"},
        "owns_rate": {"cyclic", "onecycle"},
        "holds_others": {"sequential", "chained"},
    }
    assert {name for name, cls in members().items() if not cls.has_get_lr} == {"plateau", "sequential", "chained"}
    assert find("sequential").handovers({"milestones": [5]}) == [5]
    assert find("step").handovers({"step_size": 5}) == ()


def test_the_metrics_of_a_plateau_come_one_a_step() -> None:
    from lrplot.schedulers.optimizer import Optimizer

    scheduler = find("plateau")(Optimizer(lr=1.0), patience=0, factor=0.5)
    with pytest.raises(Refusal, match="ReduceLROnPlateau: metrics must be one a step, got 0 for 1 steps"):
        scheduler.advance(1)
    assert list(scheduler.advance(2, metrics=[1.0, 1.0])[0].rates) == [1.0, 1.0, 0.5]


class Text:
    """What a rate is no rate any more with."""

    def __rmul__(self, rate: float) -> str:
        return f"{rate} times something"


def test_a_rate_that_is_complex_or_no_number_is_told_apart() -> None:
    from lrplot.schedulers.optimizer import Optimizer

    with pytest.raises(TypeError, match="the value is a complex number: a negative number to a power"):
        find("lambda")(Optimizer(lr=1.0), lambda epoch: (1.0 - 2.0 * epoch) ** 0.5).advance(2)
    with pytest.raises(TypeError, match="must be real number, not"):
        find("lambda")(Optimizer(lr=1.0), lambda epoch: 1.0 if epoch == 0 else Text()).advance(1)


def test_a_plateau_answers_to_no_get_lr_in_mid_run() -> None:
    from lrplot.schedulers.optimizer import Optimizer

    with pytest.raises(NotImplementedError, match="ReduceLROnPlateau has no get_lr"):
        find("plateau")(Optimizer()).advance(1, reread=True, metrics=[1.0])


def test_what_torch_does_not_look_at_is_not_refused() -> None:
    from lrplot.schedulers.optimizer import Optimizer

    made = find("cyclic")(Optimizer(), base_lr=0.0, max_lr=1.0, cycle_momentum=False, base_momentum=[])
    assert made.get_last_lr() == [0.0]
    with pytest.raises(Refusal, match="lr must hold at least one entry, got none"):
        Optimizer(lr=[])


OTHERS = [cls for family in others() for cls in members(family).values()]
LAMBDAS = [cls for cls in OTHERS if cls.family == "transformers" and not cls.watches_metric]


def bare(cls: type[Scheduler], optimizer: Optimizer) -> Scheduler:
    """A scheduler that nobody has made."""
    scheduler = object.__new__(cls)
    scheduler.optimizer = optimizer
    return scheduler


@pytest.mark.parametrize("cls", OTHERS, ids=lambda cls: cls.shown_name)
def test_what_cannot_stand_in_torchs_composites_is_refused_by_name(cls: type[Scheduler]) -> None:
    optimizer = Optimizer()
    held = [find("constant")(optimizer), bare(cls, optimizer)]
    for composite, more in (("sequential", {"optimizer": optimizer, "milestones": [3]}), ("chained", {})):
        if cls not in LAMBDAS:
            with pytest.raises(Refusal, match=rf"schedulers\[1\] is {cls.shown_name}, which "):
                find(composite)(schedulers=held, **more)


@pytest.mark.parametrize("cls", LAMBDAS, ids=lambda cls: cls.shown_name)
def test_a_schedule_of_the_trainers_stands_in_them_as_a_lambda_does(cls: type[Scheduler]) -> None:
    need = {"num_warmup_steps": 2, "num_decay_steps": 3, "num_training_steps": 9, "min_lr_rate": 0.1}
    known = {parameter.name for parameter in cls.parameters()}
    given = " ".join(f"{name}={value}" for name, value in need.items() if name in known)
    joined = lrplot.simulate(
        "sequential", schedulers=["constant factor=1.0", f"{cls.shown_name} {given}"], milestones=[4], steps=12
    )
    alone = lrplot.simulate(f"{cls.shown_name}", steps=8, **{name: need[name] for name in need if name in known})
    assert joined.lr.tolist() == [0.001] * 4 + alone.lr.tolist()


@pytest.mark.parametrize("cls", [*members().values(), *OTHERS], ids=lambda cls: cls.shown_name)
def test_what_is_no_schedule_of_optax_is_refused_by_join_schedules(cls: type[Scheduler]) -> None:
    if cls.family != "optax":
        said = rf"schedules\[0\] is {cls.shown_name}, which is no schedule of optax"
        with pytest.raises(Refusal, match=said):
            find("optax.join_schedules")(Optimizer(), [bare(cls, Optimizer())], [])
