"""YOLOv5's hyp.yaml: ultralytics' keys without the epochs, which stand in opt.yaml beside it."""

from lrplot.configs.foreign.fields import Fields
from lrplot.configs.foreign.lengths import Length, given, over_epochs
from lrplot.configs.foreign.source import Source, Understood
from lrplot.configs.foreign.ultralytics import detection, steps_offer


def recognise(source: Source) -> bool:
    return source.has("lr0", "lrf") and not source.has("task") and not source.has("mode")


def read(source: Source) -> Understood:
    fields = Fields(source, "YOLOv5")
    flag = given(fields, "epochs")
    epochs = int(flag[0]) if flag is not None else fields.whole("epochs", None, 1)
    if epochs is None:
        fields.needs["the number of epochs"] = "--set epochs=300, or --values opt.yaml"
        epochs = 300
    batch = fields.number("batch_size", fields.number("batch-size", 16))

    def per_epoch(size: int) -> tuple[int, str]:
        whole = max(int(batch), 1)
        return -(-size // whole), f"ceil({size} / {whole})"

    length = over_epochs(fields, epochs, "epochs", per_epoch)
    lr, bias = fields.entry("lr0", 0.01), fields.number("warmup_bias_lr", 0.1)
    is_cosine = fields.truth("cos_lr", fields.truth("cos-lr"))
    order = ("biases", "weights", "norms")
    tree = detection(fields, length, epochs, lr, bias, is_cosine, _warm_up(fields, length), order)
    fields.end()
    facts = ["cosine" if is_cosine else "linear", f"lr0 {lr.content}", f"{epochs} epochs", f"groups {', '.join(order)}"]
    return Understood("hyperparameters of YOLOv5", {"": tree}, facts, fields.assumed, steps_offer(length))


def _warm_up(fields: Fields, length: Length) -> int:
    """Batches: at least 100 of them, where their number is known."""
    steps: int = round(fields.number("warmup_epochs", 3.0) * (length.per_epoch or 1))
    return max(steps, 100) if length.is_known else steps
