"""GPT-NeoX's YAML: Megatron's keys and DeepSpeed's optimizer, under an annealing of its own."""

import math

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import config, factor
from lrplot.configs.foreign.fields import Fields, amount, plain
from lrplot.configs.foreign.source import Source, Understood, at, walk

STYLES = ("linear", "cosine", "exponential", "constant")
HALVED = 0.693
"""What its exponential falls by, of exp: to a half."""


def recognise(source: Source) -> bool:
    root = _underscored(source.tree)
    signs = ("train_iters", "lr_decay_iters", "lr_decay_style", "train_epochs")
    return walk(root, "optimizer.params") is not None and any(walk(root, sign) is not None for sign in signs)


def _underscored(tree: Value) -> Value:
    """Its keys, which may be written with dashes."""
    content = tree.content if isinstance(tree.content, dict) else {}
    return at(tree, {key.replace("-", "_"): value for key, value in content.items()})


def read(source: Source) -> Understood:
    fields = Fields(source, "GPT-NeoX", _underscored(source.tree))
    lr = fields.entry("optimizer.params.lr")
    steps = fields.whole("train_iters", None, 1)
    if steps is None:
        fields.needs["train_iters"] = "--set train_iters=…"
        steps = 1
    style = fields.choice("lr_decay_style", STYLES, "linear")
    if not fields.has("warmup"):
        fields.assume("warmup", 0.01)
    place = fields.value("lr_decay_style") or fields.file
    text = _factor(fields, style, fields.divisor(lr, "optimizer.params.lr"), steps)
    fields.end()
    facts = [style, f"lr {plain(amount(lr))}", f"{steps:,} iterations"]
    tree = config(
        fields, lr, factor(place, text, note=style), {"steps": fields.made(steps, "train_iters", "train_iters")}
    )
    return Understood("a config of GPT-NeoX", {"": tree}, facts, fields.assumed)


def _factor(fields: Fields, style: str, rate: float, steps: int) -> str:
    """A warm-up of a share of the decay, whose first step is its second; then the fall, which min_lr cuts off."""
    share = fields.number("lr_decay_fraction")
    end = fields.whole("lr_decay_iters", steps if share is None else math.floor(share * steps), 1)
    warm, floor = fields.number("warmup", 0.01) * end, fields.number("min_lr", 0.0) / rate
    done = f"((epoch - {warm}) / {max(end - warm, 1)})"
    falls = {
        "linear": f"1 - {done}",
        "cosine": f"{floor} + (1 - {floor}) / 2 * (cos(pi * {done}) + 1)",
        "exponential": f"exp(-{HALVED} * {done})",
    }
    rise = f"max(1, epoch) / {warm} if epoch <= {warm} else " if warm > 0 else ""
    return f"{rise}max({falls.get(style, '1.0')}, {floor})"
