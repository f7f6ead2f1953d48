"""axolotl's YAML: the Trainer's schedules under names of its own, and a few that only axolotl has."""

import math
import re

from lrplot.configs.document import Value
from lrplot.configs.foreign import transformers
from lrplot.configs.foreign.build import factor, scheduler
from lrplot.configs.foreign.fields import Fields, amount, plain
from lrplot.configs.foreign.lengths import Length, given, over_epochs
from lrplot.configs.foreign.source import Source, Understood, at, walk


def recognise(source: Source) -> bool:
    if walk(source.tree, "sequence_len") is not None and source.has("base_model"):
        return True
    return source.has("micro_batch_size") and (source.has("num_epochs") or source.has("base_model"))


def read(source: Source) -> Understood:
    fields = Fields(source, "axolotl")
    if not fields.has("learning_rate"):
        fields.needs["learning_rate"] = "--set learning_rate=…"
    lr = fields.entry("learning_rate", 2e-4)
    length = _length(fields)
    warm = _warm_up(fields, length)
    kind = fields.text("lr_scheduler", "cosine").lower()
    if not fields.has("lr_scheduler"):
        fields.assume("lr_scheduler", "cosine")
    made = _schedule(fields, kind, length, warm, amount(lr))
    if _count(fields, "jagged_restart_steps"):
        made = _restarted(fields, kind, made, length, int(str(warm.content)))
    else:
        fields.refuse("relora")
    fields.refuse("relora_steps")
    fields.end()
    is_packed = fields.truth("sample_packing") and not length.is_known
    more = ["sample_packing: the number of steps depends on the tokens: --steps gives it"] if is_packed else []
    for key in ("embedding_lr", "embedding_lr_scale", "loraplus_lr_ratio", "lr_groups"):
        more += fields.told_of(key, "some weights have a rate of their own")
    return transformers.understood("a config of axolotl", fields, lr, made, length, kind, *more)


def _length(fields: Fields) -> Length:
    steps = fields.whole("max_steps", -1)
    if steps > 0:
        return Length(steps, None, True, fields.value("max_steps") or fields.file, "max_steps")
    epochs = fields.number("num_epochs")
    if epochs is None:
        epochs = 1
        fields.assume("num_epochs", 1)
    devices = given(fields, "data.devices")
    batch = fields.whole("micro_batch_size", 1, 1) * fields.whole("gradient_accumulation_steps", 1, 1)
    batch *= int(devices[0]) if devices is not None else 1
    length = over_epochs(
        fields, epochs, "num_epochs", lambda size: (math.ceil(size / batch), f"ceil({size} / {batch})")
    )
    if (size := given(fields, "data.size")) is None:
        return length
    steps = max(math.ceil(int(size[0]) * epochs / batch), 1)  # of all epochs together: the Trainer rounds each up
    known = length.per_epoch if steps == length.steps else None
    return Length(steps, known, True, size[1], f"ceil({size[0]} * {plain(epochs)} epochs / {batch})")


def _warm_up(fields: Fields, length: Length) -> Value:
    """A number of steps, a share (rounded down), or 3 % and at most 100; one step becomes two."""
    steps = fields.number("warmup_steps")
    ratio = fields.number("warmup_ratio")
    if steps is not None:
        share = 0 < steps < 1
        count, note = (math.ceil(steps * length.steps) if share else int(steps)), "warmup_steps"
        place = "warmup_steps"
        if steps >= 1:
            length.fixes(fields, "warmup_steps")
    elif ratio is not None:
        count, note = max(int(ratio * length.steps), 0), f"int(warmup_ratio {plain(ratio)} * {length.steps})"
        place = "warmup_ratio"
    else:
        cap = 100 if length.is_known else length.steps
        count, note = min(int(0.03 * length.steps), cap), f"min(int(0.03 * {length.steps}), 100)"
        fields.assume("warm-up 3 %, at most 100 steps", "")
        place = ""
    if count == 1 and not (steps is not None and 0 < steps < 1):  # a share is the Trainer's, and rounded there
        count, note = 2, f"{note}, where 1 becomes 2"
    return fields.made(count, note, place)


def _schedule(fields: Fields, kind: str, length: Length, warm: Value, lr: float) -> Value:
    place = fields.value("lr_scheduler") or fields.file
    total, count = length.steps, int(str(warm.content))
    if kind == "one_cycle":
        start = {"pct_start": at(warm, count / total, warm.note), "anneal_strategy": at(place, "cos")}
        steps = at(length.place, total, length.note)
        given = transformers._kwargs(fields)
        return scheduler(
            place, "OneCycleLR", "lr_scheduler", max_lr=at(place, lr), total_steps=steps, **(start | given)
        )
    if kind == "rex":
        floor = fields.number("cosine_min_lr_ratio", 0.0)
        z = f"(({total} - (epoch + 1)) / {max(total - count, 1)})"
        fall = f"{floor} + (1 - {floor}) * ({z} / (0.1 + 0.9 * {z}))"
        late = f"{fall} if epoch + 1 < {total} else {floor}"
        rise = f"(epoch + 1) / {count} if epoch + 1 <= {count} else " if count else ""
        return factor(place, f"{rise}({late})", note="rex")
    if kind == "cosine" and (own := _own_cosine(fields, length, count)):
        return factor(place, own[0], note=own[1])
    if kind not in transformers.KINDS:
        kind = fields.choice("lr_scheduler", (*transformers.KINDS, "one_cycle", "rex"), "cosine")
    return transformers.schedule(fields, kind, length, warm, "lr_scheduler")


def _restarted(fields: Fields, kind: str, made: Value, length: Length, warm: int) -> Value:
    """A schedule that is let down to a part of its rate, and warmed up again, at every so many steps.

    What lets it down is made of the one that stands, and makes its first step when it is made: all is one step early.
    """
    length.fixes(fields, "jagged_restart_steps")
    place = fields.value("jagged_restart_steps") or fields.file
    text, each = _text_of(kind, made, length.steps, warm), fields.whole("jagged_restart_steps", 1, 1)
    if text is None:
        problem = f"is not drawn over {kind}: --set jagged_restart_steps=null leaves it out"
        fields.note(place, "jagged_restart_steps", problem)
        return made
    up, down = (_count(fields, f"jagged_restart_{key}_steps") or usual for key, usual in RESTART.items())
    low = fields.number("cosine_min_lr_ratio", 0) or 0.001
    done = f"(epoch % {each})"
    wave = f"{done} / {up} if {done} < {up} else ({each} - {done}) / {down} if {done} > {each - down} else 1"
    scale = f"(1 if epoch < {each - down} else ({wave}) * (1 - {low}) + {low})"
    early = re.sub(r"\bepoch\b", "(epoch + 1)", f"({text}) * {scale}")
    return factor(place, early, note=f"{kind}, jagged_restart_steps {each}")


def _count(fields: Fields, key: str) -> int:
    """A number of steps: none where it is false."""
    value = fields.value(key)
    return 0 if value is None or value.content == "false" else int(fields.whole(key, 0, 0))


RESTART = {"warmup": 10, "anneal": 1}
"""Steps up after each restart, and down before it, where a file says nothing of them."""


def _text_of(kind: str, made: Value, total: int, warm: int) -> str | None:
    """The factor of a schedule in ``epoch``: None where it is not to be had."""
    own = walk(made, "lr_lambda")
    if own is not None and kind == "cosine":
        return str(own.content)
    rise = f"epoch / {warm} if epoch < {warm} else " if warm else ""
    left = max(1, total - warm)
    falls = {
        "cosine": f"{rise}max(0.0, 0.5 * (1 + cos(pi * ((epoch - {warm}) / {left}))))",
        "linear": f"{rise}max(0.0, ({total} - epoch) / {left})",
        "constant_with_warmup": f"{rise}1.0",
        "constant": "1.0",
    }
    return falls.get(kind)


def _own_cosine(fields: Fields, length: Length, warm: int) -> tuple[str, str] | None:
    """axolotl's own cosines: a quadratic warm-up, a floor, a floor that is reached early."""
    total = length.steps
    floor, constant = fields.number("cosine_min_lr_ratio", 0), fields.number("cosine_constant_lr_ratio", 0)
    rise = f"epoch / {warm} if epoch < {warm} else " if warm else ""
    if fields.truth("lr_quadratic_warmup"):
        wave = f"0.5 * (1 + cos(pi * ((epoch - {warm}) / {max(1, total - warm)})))"
        rise = f"(epoch / {warm}) ** 2 if epoch < {warm} else " if warm else ""
        return f"{rise}max(0.0, {wave})", "lr_quadratic_warmup"
    if not floor:
        return None
    if constant:
        end = int(total * constant)
        wave = f"0.5 * (1 + cos(pi * ((min(epoch, {end}) - {warm}) / {max(1, end - warm)})))"
        return f"{rise}max(0, (1 - {floor}) * {wave}) + {floor}", "cosine_min_lr_ratio, cosine_constant_lr_ratio"
    wave = f"(0.5 * (1 + cos(pi * ((epoch - {warm}) / {max(1, total - warm)}))))"
    return f"{rise}(1 - {floor}) * {wave} + {floor}", "cosine_min_lr_ratio"
