"""Training scripts, drawn at random: what they do to a scheduler, one operation after another."""

from typing import Any

from lrplot.schedulers import Scheduler
from lrplot.schedulers.families import find
from tests.golden.drive import FUNCTIONS, Case
from tests.golden.script import Operation
from tests.oracle import cases
from tests.oracle import chance as st
from tests.oracle.chance import Draw


@st.composite
def scripts(draw: Draw, cls: type[Scheduler]) -> tuple[Case, list[Operation]]:
    """A case within the ranges, and 3 to 20 operations on it."""
    groups = draw(st.integers(1, 2))
    case = {
        "scheduler": draw(specs(cls, groups)),
        "lr": [draw(cases.rates()) for _ in range(groups)],
        "kind": draw(st.sampled_from(["SGD", "Adam"])),
        "tensors": draw(st.sampled_from([False, False, True])),
    }
    return case, draw(st.lists(operations(cls, groups, case["scheduler"]), min_size=3, max_size=20))


@st.composite
def specs(draw: Draw, cls: type[Scheduler], groups: int) -> dict[str, Any]:
    """A scheduler; some of its functions are objects with a state."""
    return _with_objects(draw, draw(cases.spec(cls, groups, depth=2)))


def _with_objects(draw: Draw, spec: dict[str, Any]) -> dict[str, Any]:
    objects = st.sampled_from(["Fading(0.9)", "Fading(0.5)"])
    made = dict(spec)
    for key in FUNCTIONS:
        if made.get(key) is not None and draw(st.booleans()):
            made[key] = [draw(objects) for _ in made[key]] if isinstance(made[key], list) else draw(objects)
    if "schedulers" in made:
        made["schedulers"] = [_with_objects(draw, inner) for inner in made["schedulers"]]
    return made


def _drawn_again(draw: Draw, spec: dict[str, Any], groups: int) -> dict[str, Any]:
    """The same schedulers with other parameters."""
    if "schedulers" in spec:
        return {**spec, "schedulers": [_drawn_again(draw, inner, groups) for inner in spec["schedulers"]]}
    return draw(specs(find(spec["name"]), groups))  # type: ignore[no-any-return]


OPERATIONS = {
    "train": 10,
    "step": 1,
    "get_lr": 1,
    "get_lr_of_part": 1,
    "step_part": 1,
    "add_group": 1,
    "set_group": 2,
    "set_base_lr": 1,
    "set": 1,
    "save": 1,
    "load": 1,
    "resume": 1,
    "make_again": 1,
    "copy": 1,
    "exchange": 1,
}
"""How often each is drawn."""
EPOCHS = st.one_of(st.integers(0, 20), st.sampled_from([0.5, 2.25, -1]))
ENTRIES = ("initial_lr", "max_lr", "min_lr", "swa_lr", "max_momentum", "base_momentum")


@st.composite
def operations(draw: Draw, cls: type[Scheduler], groups: int, spec: dict[str, Any]) -> Operation:
    """One operation, most often a step of training."""
    name = draw(st.sampled_from([name for name, times in OPERATIONS.items() for _ in range(times)]))
    if name == "step_part" and cls.watches_metric:
        name = "get_lr"
    if name in ("train", "step"):
        metric = [draw(st.sampled_from([1.0, 0.5, 0.49999, 2.0]))] if cls.watches_metric else []
        epoch = draw(st.lists(EPOCHS, max_size=1)) if name == "step" and not cls.holds_others else []
        return (name, *metric, *epoch)
    if name == "add_group":
        keys = draw(st.sampled_from([(), ("lr",), ENTRIES, draw(st.lists(st.sampled_from(ENTRIES)))]))
        return name, {key: draw(cases.rates()) for key in keys}
    if name == "set_group":
        key = draw(st.sampled_from(["lr", "lr", "momentum", "initial_lr"]))
        return name, draw(st.integers(0, 2)), key, draw(st.floats(0, 1))
    if name in ("resume", "make_again"):
        other = spec if draw(st.booleans()) else _drawn_again(draw, spec, groups)
        return (name, other, draw(st.booleans())) if name == "resume" else (name, other)
    k = draw(st.integers(0, 2))
    if name == "set_base_lr":
        return name, k, draw(st.integers(0, 2)), draw(cases.rates())
    if name == "set":
        inner = spec.get("schedulers", [spec])
        part = find(inner[k % len(inner)]["name"])
        numbers = [
            p for p in part.parameters() if p.kind in ("float", "int") and p.name != "last_epoch" and not p.is_list
        ]
        parameter = draw(st.sampled_from(numbers)) if numbers else None
        return (name, k, parameter.name, draw(cases.value(parameter, groups))) if parameter else ("get_lr",)
    return (name, k) if name.endswith("_part") else (name,)
