"""The Trainer's arguments in a script, ``TrainingArguments(…)`` and those of trl, read as the same in a file are."""

from __future__ import annotations

import ast
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
    found = [event for event in walker.events if isinstance(event.target, Call) and event.value == "arguments"]
    parts = {event.target.node: _part(event.target, walker, source) for event in found}
    if not parts:
        return None
    names = [f"{_name(node)}:{node.lineno}" if len(parts) > 1 else "" for node in parts]
    made = list(parts.values())
    return Understood(
        "a training script",
        {name: each.trees[""] for name, each in zip(names, made)},
        [f"{_name(node)} in line {node.lineno}: {', '.join(each.facts)}" for node, each in zip(parts, made)],
        list(dict.fromkeys(told for each in made for told in each.assumed)),
        list(dict.fromkeys(told for each in made for told in each.offers)),
    )


def _part(call: Call, walker: Walker, source: Source) -> Understood:
    writer = Writer(walker, source.name, is_script=True)
    wanted = [*_SHAPE, *_WARM_UP, *(_OF_DATA if "data.size" in source.given.lengths else ())]
    if not call.complete:
        writer.refuse(call.node, f"{_name(call.node)} is given by ** what is not to be seen: write its arguments there")
    given = {key: call.named[key] for key in wanted if call.named.get(key) is not None}
    content = {key: writer.plain(key, _plain(value), call.place(None, key)) for key, value in given.items()}
    if messages := writer.messages:
        raise ConfigError(messages)
    tree = writer.at(call.node, {key: value for key, value in content.items() if value is not None})
    for name, value in source.given.names.items():
        if name in wanted:
            tree = with_value(tree, name, value)
            walker.used.add(name)
    name = _name(call.node)
    return transformers.arguments(Fields(source.at(tree), name), name, TRAINERS[name])


def _plain(value: Any) -> Any:
    """``SchedulerType.COSINE`` as text."""
    return value.path.rpartition(".")[2] if isinstance(value, External) else value


def _name(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]
