"""mmengine's schedulers as torch's, stepped side by side: each acts on the rate that the others left."""

from collections.abc import Sequence
from typing import Any

from lrplot.configs.document import Value
from lrplot.configs.foreign.build import scheduler
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.mmengine import KINDS
from lrplot.configs.foreign.source import at

FROM_THE_START = ("Linear", "Constant")
"""What torch's own multiply the rate by as soon as they are made."""


def alongside(parts: Sequence[tuple[str, Fields]], rate: float, per_epoch: int, total: int) -> Value | None:
    """A list of torch's schedulers, those by the iteration first, as mmengine steps them where both fall together: None
    where there is none that does the same.

    Args:
        parts: The schedulers, each with its name without an ending.
    """
    made: list[tuple[bool, Value]] = []
    for base, part in parts:
        if base not in KINDS or not KINDS[base].is_torchs or (base in FROM_THE_START and part.number("begin", 0)):
            return None
        by_epoch, is_converted = part.truth("by_epoch", True), part.truth("convert_to_iter_based")
        by_step = not by_epoch or is_converted
        scale = per_epoch if is_converted and by_epoch else 1
        begin = int(part.number("begin", 0) * scale)
        whole = total // per_epoch if by_epoch and not is_converted else total
        given_end = part.number("end", -1)
        end = int(given_end * scale) if given_end >= 0 else whole
        place = part.value("type") or part.root
        clock = {
            "interval": at(place, "step" if by_step else "epoch"),
            "begin": at(place, begin, "begin") if begin else None,
            "end": at(place, max(end - 1, begin + 1), "the interval before the last, end") if end < whole else None,
        }
        given = KINDS[base].arguments(part, rate, end - begin, scale)
        own = {key: at(place, _listed(place, each), key) for key, each in given.items()}
        made.append((by_step, scheduler(place, f"{base}LR", "type", **own, **clock)))
    return at(parts[0][1].root, [each for _, each in sorted(made, key=lambda pair: not pair[0])])


def _listed(place: Value, content: Any) -> Any:
    """Numbers as values, where there are several."""
    return [at(place, each) for each in content] if isinstance(content, list) else content
