"""lrplot against timm itself, in timm's own loop: equal floats, or a refusal by both."""

import pytest

pytest.importorskip("torch")

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find, members
from lrplot.schedulers.optimizer import Optimizer
from lrplot.schedulers.timm import noise
from tests.golden.drive import Case, build
from tests.golden.record import TORCH
from tests.golden.timm import original
from tests.oracle import cases
from tests.oracle import chance as st
from tests.oracle.chance import Draw, drawn
from tests.oracle.test_oracle import BEYOND, WITHIN, compare

SCHEDULERS = list(members("timm").values())
DRAWS = 2000
"""After which it is said here that none will do: of those that ``patient`` leaves, some will by then."""
TIMM = original(TORCH)


@pytest.fixture(autouse=True)
def soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "DRAWS", DRAWS)


def patient(case: Case) -> Case:
    """The same with noise that is found in reasonable time, or plainly never, and powers that timm lives to see."""
    scheduler = dict(case["scheduler"])
    for name in ("noise_pct", "lr_noise_pct"):
        if isinstance(limit := scheduler.get(name), float) and 1e-300 < limit < 0.05:
            scheduler[name] = 0.05
    for name in ("k_decay", "lr_k_decay"):  # of whole numbers, timm's are whole, however long they are
        if isinstance(power := scheduler.get(name), int) and power > 1000:
            scheduler[name] = 1000
    return {**case, "scheduler": scheduler}


@st.composite
def inside(draw: Draw, cls: type[Scheduler]) -> Case:
    """A case within the ranges, at times of groups with other rates at first, or with a scale."""
    case = dict(patient(draw(cases.inside(cls))))
    scheduler = case["scheduler"]
    if {"t_initial", "decay_t"} <= scheduler.keys() and draw(st.integers(0, 9)):  # a decay within the schedule
        scheduler["decay_t"] = draw(st.integers(1, scheduler["t_initial"]))
        scheduler["stable_timescale"] = draw(st.floats(0.1, 20))
    for key in ("initial_lr", "lr_scale"):
        if draw(st.integers(0, 3)) == 0:
            case[key] = [draw(cases.rates()) for _ in case["lr"]]
    return case


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_within_the_ranges_every_float_is_timms(cls: type[Scheduler]) -> None:
    for case in drawn(inside(cls), WITHIN):
        compare(case, cls.shown_name, TIMM)


@pytest.mark.parametrize("cls", SCHEDULERS, ids=lambda cls: cls.shown_name)
def test_outside_of_the_ranges_both_refuse_or_both_accept(cls: type[Scheduler]) -> None:
    for case in drawn(cases.outside(cls), BEYOND):
        compare(patient(case), f"{cls.shown_name}, out of range", TIMM)


def test_a_run_is_as_long_as_the_script_trains() -> None:
    for case in drawn(cases.inside(find("timm.create_scheduler")), BEYOND):
        try:
            theirs = build(TIMM, TORCH.optimizer(case), case["scheduler"])
        except (ValueError, TypeError, ArithmeticError):
            continue
        parameters = {key: value for key, value in case["scheduler"].items() if key != "name"}
        ours = find("timm.create_scheduler")(Optimizer(lr=case["lr"]), **parameters)
        updates = parameters["updates_per_epoch"] if parameters.get("sched_on_updates") else 1
        assert ours.steps_left == theirs.epochs * updates
