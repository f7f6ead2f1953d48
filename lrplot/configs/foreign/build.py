"""lrplot's own config, made of what was read of another framework's."""

from collections.abc import Mapping, Sequence
from typing import Any

from lrplot.configs.document import Value
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.lengths import Length
from lrplot.configs.foreign.source import at


def config(
    fields: Fields,
    lr: Value,
    scheduler: Value,
    length: "Length | Mapping[str, Value] | None" = None,
    names: Sequence[str] = (),
) -> Value:
    """A config of one schedule.

    Args:
        lr: The optimizer's rate, or one a group.
        names: What each group is called.
    """
    keys = length.keys() if isinstance(length, Length) else dict(length or {})
    made = {"optimizer": at(lr, {"lr": lr}), "scheduler": scheduler, **keys}
    if names and isinstance(lr.content, list):
        groups = [at(each, {"name": at(each, name), "lr": each}) for name, each in zip(names, lr.content)]
        made["optimizer"] = at(lr, {"groups": at(lr, groups)})
    entries = scheduler.content if isinstance(scheduler.content, dict) else {}
    if (name := entries.get("name")) is not None and name.content == "LambdaLR":
        made["ignore"] = at(scheduler, [at(scheduler, "LR012", "the framework's own warm-up may begin at 0")])
    return at(fields.file, made)


def scheduler(place: Value, name: str, note: str = "", **parameters: "Value | None") -> Value:
    """A scheduler by its name, with those parameters that are given."""
    given: dict[str, Any] = {key: value for key, value in parameters.items() if value is not None}
    return at(place, {"name": at(place, name, note), **given})


def factor(place: Value, *expressions: str, note: str = "") -> Value:
    """The scheduler that multiplies the rate of each group by an expression in epoch."""
    texts = [at(place, text, note) for text in expressions]
    return scheduler(place, "LambdaLR", note, lr_lambda=texts[0] if len(texts) == 1 else at(place, texts))
