"""ultralytics' args.yaml: a fall by the epoch under a warm-up by the batch, which the biases have of their own."""

import math
from collections.abc import Sequence

from lrplot.configs.document import ConfigError, Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import Length, given, over_epochs
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, at, walk

OWNER = "ultralytics 8.4"
LEAST_BEFORE = 100


def recognise(source: Source) -> bool:
    return source.has("lr0", "lrf") and (walk(source.tree, "task") is not None or walk(source.tree, "mode") is not None)


def read(source: Source) -> Understood:
    fields = Fields(source, OWNER)
    if fields.text("mode", "train") not in ("train", "tune"):
        raise NoSchedule(
            [f"{source.name}: arguments of ultralytics for mode {fields.text('mode')}: nothing is trained"]
        )
    epochs = fields.whole("epochs", 100, 1)
    batch = fields.number("batch", 16)
    if batch < 1 and given(fields, "data.size") is not None:
        where = fields.value("batch") or fields.file
        fields.note(
            where, "batch", f"{plain(batch)} is found out on the device: --set batch=16 gives it, or --steps-per-epoch"
        )
    share = fields.number("fraction", 1.0)
    length = over_epochs(fields, epochs, "epochs", lambda size: _batches(round(size * share), batch))
    lr, bias = _rates(fields, length, epochs, batch)
    is_cosine = fields.truth("cos_lr")
    order = ("weights", "norms", "biases")
    tree = detection(fields, length, epochs, lr, bias, is_cosine, _warm_up(fields, length, epochs), order)
    fields.refuse("time")
    fields.end()
    facts = ["cosine" if is_cosine else "linear", f"optimizer {fields.text('optimizer', 'auto')}", f"lr0 {lr.content}"]
    facts += [f"{epochs} epochs", f"groups {', '.join(order)}, of which the biases warm up from {plain(bias)}"]
    return Understood("arguments of ultralytics", {"": tree}, facts, fields.assumed, steps_offer(length))


def steps_offer(length: Length) -> list[str]:
    what = "drawn over epochs: --steps-per-epoch or --data-size gives its batches"
    return [] if length.is_known else [what]


def detection(
    fields: Fields, length: Length, epochs: int, lr: Value, bias: float, is_cosine: bool, steps: int,
    order: Sequence[str],
) -> Value:  # fmt: skip
    """The schedule of YOLO's trainers.

    Args:
        bias: Where the warm-up of the biases begins.
        is_cosine: Whether the fall is a cosine, rather than a line.
        steps: Batches of the warm-up.
        order: The groups, of which one is the biases.
    """
    per_epoch = length.per_epoch or max(length.steps // epochs, 1)
    last = fields.number("lrf", 0.01)
    epoch = "epoch" if per_epoch == 1 else f"(epoch // {per_epoch})"
    fall = f"max(1 - {epoch} / {epochs}, 0) * (1 - {last}) + {last}"
    if is_cosine:
        fall = f"max((1 - cos({epoch} * pi / {epochs})) / 2, 0) * ({last} - 1) + 1"
    place = fields.value("lrf") or fields.file
    warm = f"{steps} batches" if length.is_known else f"{plain(steps / per_epoch)} epochs"
    note = f"to lrf {plain(last)} over {epochs} epochs, {warm} of warm-up"
    rate = fields.divisor(lr, "lr0")
    rates = at(lr, [lr, *(at(lr, rate, lr.note) for _ in order[1:])])
    if not steps:
        return config(fields, rates, factor(place, *(fall for _ in order), note=note), length, order)
    weights = f"({fall}) * epoch / {steps} if epoch <= {steps} else {fall}"
    start = f"{bias} / {rate}"
    biases = f"{start} + ({fall} - {start}) * epoch / {steps} if epoch <= {steps} else {fall}"
    texts = [biases if group == "biases" else weights for group in order]
    return config(fields, rates, factor(place, *texts, note=note), length, order)


def _warm_up(fields: Fields, length: Length, epochs: int) -> int:
    per_epoch = length.per_epoch or max(length.steps // epochs, 1)
    warm = fields.number("warmup_epochs", 3.0)
    steps = round(min(warm, max(epochs - 1, 0)) * per_epoch) if warm > 0 else 0
    if length.is_known and 0 < steps < LEAST_BEFORE:
        fields.assume(f"{OWNER}, before which a warm-up took {LEAST_BEFORE} batches at least", "")
    return steps


def _batches(size: int, batch: float) -> tuple[int, str]:
    whole = max(int(batch), 1)
    return math.ceil(size / whole), f"ceil({size} / {whole})"


def _rates(fields: Fields, length: Length, epochs: int, batch: float) -> tuple[Value, float]:
    """lr0 and warmup_bias_lr; with ``optimizer: auto`` the trainer sets both by itself."""
    optimizer = fields.text("optimizer", "auto")
    if optimizer.lower() != "auto":
        return fields.entry("lr0", 0.01), fields.number("warmup_bias_lr", 0.1)
    size, nominal = given(fields, "data.size"), fields.whole("nbs", 64, 1)
    if size is not None:
        steps = math.ceil(size[0] / max(batch, nominal)) * epochs
    elif length.is_known and batch >= 1:
        steps = math.ceil((length.per_epoch or 1) * batch / max(batch, nominal)) * epochs
    else:
        what = "optimizer: auto sets the rate by the size of the data and its classes, whatever lr0 is"
        raise ConfigError([f"{fields.source.name}: {what}: add --data-size 5000 --set nc=80, or --set optimizer=SGD"])
    place, classes = fields.value("optimizer") or fields.file, fields.whole("nc", None, 1)
    if steps > 10_000:
        return at(place, 0.01, f"optimizer auto: MuSGD for {steps:,} iterations, over 10,000"), 0.0
    if classes is None:
        fields.needs["the number of classes"] = "--set nc=80"
        classes = 80
    return at(place, round(0.002 * 5 / (4 + classes), 6), f"optimizer auto: AdamW, 0.002 * 5 / (4 + {classes})"), 0.0
