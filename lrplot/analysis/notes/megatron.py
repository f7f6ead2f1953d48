"""What Megatron's schedules do that one does not think of."""

from collections.abc import Iterator

from lrplot.analysis.notes.rule import Finding, Fix, rule
from lrplot.analysis.notes.subject import Stretch

KIND = "starts"
"""The start of the run is not what one thinks."""


@rule("LR069", "lr_decay_steps")
def decay_at_once(stretch: Stretch) -> Iterator[Finding]:
    """The decay begins within the warm-up, or without one.

    What it finds: A WSD of Megatron whose warm-up and decay are longer than lr_decay_steps together; and an
    inverse-square-root without a warm-up, in a run of 1,000 steps or more.

    Why it is bad: The rate drops as the warm-up ends, into the midst of the decay, and is never constant. One over the
    root goes by the length of the warm-up: without one the rate is at a tenth of max_lr after 100 steps.

    Example:
        scheduler:
          name: megatron.WSD
          max_lr: 0.0003
          lr_warmup_steps: 200
          lr_decay_steps: 1000
          wsd_decay_steps: 900

    Use instead: A wsd_decay_steps that leaves room for the warm-up; for the root a warm-up of some hundreds of steps.

    When to ignore it: The drop is wanted.
    """
    warm_up, total, decay = (stretch.value(name) for name in ("lr_warmup_steps", "lr_decay_steps", "wsd_decay_steps"))
    if decay is not None and warm_up + decay > total:
        what = f"the decay of wsd_decay_steps={decay} begins at {total - decay}, before the warm-up ends at {warm_up:g}"
        fix: Fix = {stretch.key("wsd_decay_steps"): max(1, int(total - warm_up) // 2)}
        yield Finding(stretch.key("wsd_decay_steps"), what, stretch.step(int(warm_up) // stretch.counts), [fix])
    end, rates = stretch.end, stretch.subject.rates
    if stretch.cls.name == "inverse-square-root" and warm_up <= 0 and end and end >= 1000 and rates:
        step = end // 100
        key = stretch.key("lr_warmup_steps")
        what = f"the rate falls to {rates[0][step]:.6g} by step {step}, from {rates[0][0]:.6g}: there is no warm-up"
        yield Finding(key, f"{what}, by which it goes", step, [{key: end // 50 * stretch.counts}])
