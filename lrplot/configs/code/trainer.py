"""The Trainer's arguments in a script, ``TrainingArguments(…)`` and those of trl, read as the same in a file are."""

from __future__ import annotations

from typing import Any

from lrplot.configs.code.call import Call
from lrplot.configs.code.names import TRAINERS
from lrplot.configs.code.tree import Writer
from lrplot.configs.code.values import External
from lrplot.configs.code.walk import Walker
from lrplot.configs.document import ConfigError
from lrplot.configs.foreign import transformers
from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.source import Source, Understood
from lrplot.configs.foreign.tree import with_value

_SHAPE = ("learning_rate", "num_train_epochs", "max_steps", "lr_scheduler_type", "lr_scheduler_kwargs")
_WARM_UP = ("warmup_ratio", "warmup_steps")
_OF_DATA = ("per_device_train_batch_size", "gradient_accumulation_steps", "dataloader_drop_last")
"""What makes steps of the number of examples, and matters where that is known."""


def understood(walker: Walker, source: Source) -> Understood | None:
    """What the Trainer makes of the arguments in a script: None where there are none.

    Raises:
        ConfigError: They cannot be read, or not all is known that matters.
    """
    told = [event for event in walker.events if isinstance(event.target, Call)]
    calls = {event.target.node: (event.value, event.target) for event in told}
    if not calls:
        return None
    places = [(name, node.lineno) for node, (name, _) in calls.items()]
    made = [_part(name, call, walker, source) for name, call in calls.values()]
    return Understood(
        "a training script",
        {f"{name}:{line}" if len(made) > 1 else "": each.trees[""] for (name, line), each in zip(places, made)},
        [f"{name} in line {line}: {', '.join(each.facts)}" for (name, line), each in zip(places, made)],
        list(dict.fromkeys(fact for each in made for fact in each.assumed)),
        list(dict.fromkeys(fact for each in made for fact in each.offers)),
    )


def _part(name: str, call: Call, walker: Walker, source: Source) -> Understood:
    """What the Trainer makes of one of its classes of arguments, by its name."""
    writer = Writer(walker, source.name, is_script=True)
    wanted = [*_SHAPE, *_WARM_UP, *(_OF_DATA if "data.size" in source.given.lengths else ())]
    if not call.complete:
        writer.refuse(call.node, f"{name} is given by ** what is not to be seen: write its arguments there")
    given = {key: call.named[key] for key in wanted if call.named.get(key) is not None}
    content = {key: writer.plain(key, _plain(value), call.place(None, key)) for key, value in given.items()}
    if messages := writer.messages:
        raise ConfigError(messages)
    tree = writer.at(call.node, {key: value for key, value in content.items() if value is not None})
    for key, value in source.given.names.items():
        if key in wanted:
            tree = with_value(tree, key, value)
            walker.used.add(key)
    return transformers.arguments(Fields(source.at(tree), name), name, TRAINERS[name])


def _plain(value: Any) -> Any:
    """``SchedulerType.COSINE`` as text."""
    return value.path.rpartition(".")[2] if isinstance(value, External) else value
