"""torchtune's recipes: ``_component_`` names, a cosine of transformers' shape over epochs of the data."""

from lrplot.configs.foreign.build import config, scheduler
from lrplot.configs.foreign.fields import Fields, plain
from lrplot.configs.foreign.lengths import Length, over_epochs
from lrplot.configs.foreign.source import NoSchedule, Source, Understood, at, walk


def recognise(source: Source) -> bool:
    paths = ("optimizer._component_", "lr_scheduler._component_", "model._component_", "tokenizer._component_")
    return any(walk(source.tree, path) is not None for path in paths)


def read(source: Source) -> Understood:
    fields = Fields(source, "torchtune")
    target = fields.text("lr_scheduler._component_")
    if target is None:
        how = "its rate is the optimizer's all along"
        raise NoSchedule([f"{source.name}: a config of torchtune without lr_scheduler: {how}"])
    lr = fields.entry("optimizer.lr")
    if not fields.has("optimizer.lr"):
        fields.needs["optimizer.lr"] = "--set optimizer.lr=…"
    warm = fields.whole("lr_scheduler.num_warmup_steps", 0, 0)
    length = _length(fields, warm)
    place = fields.value("lr_scheduler._component_") or fields.file
    if not target.endswith("get_cosine_schedule_with_warmup"):
        fields.note(place, "lr_scheduler._component_", "must be torchtune's get_cosine_schedule_with_warmup")
    made = scheduler(
        place,
        "transformers.cosine",
        "lr_scheduler",
        num_warmup_steps=fields.made(warm, "num_warmup_steps", "lr_scheduler.num_warmup_steps"),
        num_training_steps=at(length.place, length.steps, length.note),
        num_cycles=fields.entry("lr_scheduler.num_cycles") if fields.has("lr_scheduler.num_cycles") else None,
    )
    fields.end()
    facts = ["cosine", f"lr {lr.content}", f"{warm} steps of warm-up", length.fact]
    return Understood("a config of torchtune", {"": config(fields, lr, made, length)}, facts, fields.assumed)


def _length(fields: Fields, warm: int) -> Length:
    """Epochs of whole batches // gradient_accumulation_steps, at most max_steps_per_epoch of them."""
    epochs = fields.whole("epochs", 1, 1)
    batch = fields.whole("batch_size", 1, 1)
    accumulate = fields.whole("gradient_accumulation_steps", 1, 1)
    cap = fields.whole("max_steps_per_epoch", None, 1)

    def per_epoch(size: int) -> tuple[int, str]:
        batches, how = size // batch, f"{size} // {batch}"
        if not fields.truth("dataset.drop_last", True):
            batches, how = -(-size // batch), f"ceil({size} / {batch})"
        steps = max(batches // accumulate, 1)
        return (min(steps, cap) if cap else steps), f"{how} // {accumulate}"

    length = over_epochs(fields, epochs, "epochs", per_epoch)
    if length.is_known:
        return length
    place = fields.value("epochs") or fields.file
    if cap:
        return Length(epochs * cap, cap, True, place, f"epochs {epochs} * max_steps_per_epoch {cap}, if the data last")
    if warm:
        fields.needs["the number of its steps (its warm-up is counted in steps)"] = (
            "--steps-per-epoch 500 (or --data-size 10000)"
        )
    return Length(length.steps, length.per_epoch, False, place, f"epochs: {plain(epochs)}")
