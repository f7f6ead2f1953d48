"""detectron2's SOLVER: steps or a cosine by the iteration, after a warm-up."""

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, amount, plain
from lrplot.configs.foreign.lengths import Length
from lrplot.configs.foreign.source import Source, Understood, walk

KINDS = ("WarmupMultiStepLR", "WarmupCosineLR", "WarmupStepWithFixedGammaLR", "WarmupPolyLR")
WARM_UP = (1000, 0.001)
WARM_UP_BEFORE = (500, 1 / 3)
"""Of maskrcnn-benchmark, from which detectron2 has its keys: WEIGHT is of the one, WEIGHTS of the other."""


def recognise(source: Source) -> bool:
    solver = walk(source.tree, "SOLVER")
    if solver is None or not isinstance(solver.content, dict) or "MAX_EPOCHS" in solver.content:
        return False
    return not solver.content.keys().isdisjoint(("BASE_LR", "MAX_ITER", "STEPS", "LR_SCHEDULER_NAME", "WARMUP_ITERS"))


def read(source: Source) -> Understood:
    fields = Fields(source, "detectron2", walk(source.tree, "SOLVER"))
    if source.other is not None and (solver := walk(source.other, "SOLVER")) is not None:
        fields.fallback = solver
    if source.way:  # what stands below is no default yet
        missing = [key for key in _fixing(fields) if not fields.has(key)]
        fields.needs.update({key: f"--set SOLVER.{key}=…" for key in missing})
        fields.end()
    lr = fields.entry("BASE_LR", 0.001)
    steps = fields.whole("MAX_ITER", 40_000, 1)
    if not fields.has("MAX_ITER"):
        fields.assume("MAX_ITER", steps)
    curve, note, fact = _curve(fields, amount(lr), steps)
    place = fields.value("MAX_ITER") or fields.file
    is_before = walk(source.tree, "MODEL.WEIGHT") is not None
    text = _warmed(fields, curve, steps, WARM_UP_BEFORE if is_before else WARM_UP)
    told_at = fields.value("STEPS") if fact == "WarmupMultiStepLR" else None
    made = factor(told_at or place, text, note=note)
    tree = config(fields, lr, made, Length(steps, None, True, place, "MAX_ITER"))
    fields.refuse("RESCALE_INTERVAL", above="SOLVER.")
    fields.end()
    offers = [f"what it is built on may say otherwise: {source.way}"] if source.way and fields.assumed else []
    for key in ("BIAS_LR_FACTOR", "BACKBONE_MULTIPLIER"):
        offers += fields.told_of(key, "some weights have a rate of their own", 1)
    offers += fields.told_of("REFERENCE_WORLD_SIZE", "on other than so many devices all numbers are scaled", 0)
    facts = [fact, f"lr {lr.content}", f"{steps:,} iterations"]
    what = "maskrcnn-benchmark's SOLVER" if is_before else "detectron2's SOLVER"
    return Understood(what, {"": tree}, facts, fields.assumed, offers)


def _fixing(fields: Fields) -> tuple[str, ...]:
    """The keys without which there is no telling what is drawn."""
    drops = fields.text("LR_SCHEDULER_NAME", "WarmupMultiStepLR") == "WarmupMultiStepLR"
    return ("BASE_LR", "MAX_ITER", *(("STEPS",) if drops else ()))


def _curve(fields: Fields, lr: float, steps: int) -> tuple["_Curve", str, str]:
    kind = fields.text("LR_SCHEDULER_NAME", "WarmupMultiStepLR")
    if kind == "WarmupCosineLR":
        end = fields.number("BASE_LR_END", 0.0) / lr if lr else 0.0
        return _Cosine(end, steps), f"a cosine to {plain(end)}", kind
    if kind == "WarmupPolyLR":
        power, last = fields.number("POLY_LR_POWER", 0.9), fields.number("POLY_LR_CONSTANT_ENDING", 0.0)
        return _Poly(power, last, steps), f"a polynomial of power {plain(power)}, DeepLab's own", kind
    gamma = fields.number("GAMMA", 0.1)
    if kind == "WarmupStepWithFixedGammaLR":
        drops = fields.whole("NUM_DECAYS", 3)
        return _Even(gamma, drops, steps), f"{drops} drops by GAMMA {plain(gamma)}", kind
    if kind != "WarmupMultiStepLR":
        at_kind = fields.value("LR_SCHEDULER_NAME") or fields.file
        fields.note(at_kind, "SOLVER.LR_SCHEDULER_NAME", f"must be one of {', '.join(KINDS)}, got {kind!r}")
    if not fields.has("STEPS"):
        fields.assume("STEPS", "(30000,)")
    given = fields.numbers("STEPS") if fields.has("STEPS") else [30_000]
    return _Drops(gamma, [int(step) for step in given or ()]), f"drops by GAMMA {plain(gamma)} at STEPS", kind


class _Curve:
    """The factor without the warm-up, as an expression and as a number."""

    def text(self) -> str:
        raise NotImplementedError

    def value(self, step: float) -> float:
        raise NotImplementedError


class _Drops(_Curve):
    def __init__(self, gamma: float, steps: list[int]) -> None:
        self.gamma, self.steps = gamma, steps

    def text(self) -> str:
        passed = " + ".join(f"(epoch >= {step})" for step in self.steps)
        return f"{self.gamma} ** ({passed})" if passed else "1.0"

    def value(self, step: float) -> float:
        return float(self.gamma ** sum(step >= each for each in self.steps))


class _Even(_Curve):
    def __init__(self, gamma: float, drops: int, total: int) -> None:
        self.gamma, self.drops, self.total = gamma, drops, total

    def text(self) -> str:
        return f"{self.gamma} ** min(epoch * {self.drops + 1} // {self.total}, {self.drops})"

    def value(self, step: float) -> float:
        return float(self.gamma ** min(step * (self.drops + 1) // self.total, self.drops))


class _Cosine(_Curve):
    def __init__(self, end: float, total: int) -> None:
        self.end, self.total = end, total

    def text(self) -> str:
        return f"{self.end} + (1 - {self.end}) * (1 + cos(pi * epoch / {self.total})) / 2"

    def value(self, step: float) -> float:
        import math

        return self.end + (1 - self.end) * (1 + math.cos(math.pi * step / self.total)) / 2


class _Poly(_Curve):
    """DeepLab's: the warm-up multiplies it, and does not aim at where it will be."""

    def __init__(self, power: float, last: float, total: int) -> None:
        self.power, self.last, self.total = power, last, total

    @property
    def fall(self) -> str:
        return f"(1.0 - epoch / {self.total}) ** {self.power}"

    def text(self) -> str:
        return f"max({self.fall}, {self.last})" if self.last > 0 else self.fall

    def value(self, step: float) -> float:
        return float((1.0 - step / self.total) ** self.power)


def _warmed(fields: Fields, curve: _Curve, steps: int, usual: tuple[int, float]) -> str:
    """The factor with the warm-up, which aims at where the curve is at its end.

    Args:
        usual: The iterations of the warm-up where nothing is said of them, and the factor that it begins at.
    """
    warm = fields.whole("WARMUP_ITERS", usual[0], 0)
    first = fields.number("WARMUP_FACTOR", usual[1])
    for name, number in zip(("WARMUP_ITERS", "WARMUP_FACTOR"), usual):
        if not fields.has(name):
            fields.assume(name, plain(number))
    if not warm or (first == 1 and isinstance(curve, _Poly)):
        return curve.text()
    method = fields.text("WARMUP_METHOD", "linear")
    if isinstance(curve, _Poly):
        rise = f"({first} * (1 - epoch / {warm}) + epoch / {warm})" if method == "linear" else f"{first}"
        return f"{rise} * {curve.fall} if epoch < {warm} else {curve.text()}"
    warm = min(warm, steps)  # a longer one is made as long as the run
    start, end = first * curve.value(0), curve.value(warm)
    if method == "constant":
        return f"{start} if epoch < {warm} else {curve.text()}"
    if method != "linear":
        where: Value = fields.value("WARMUP_METHOD") or fields.file
        fields.note(where, "SOLVER.WARMUP_METHOD", f"must be linear or constant, got {method!r}")
    return f"{end} * (epoch / {warm}) + {start} * (1 - epoch / {warm}) if epoch < {warm} else {curve.text()}"
