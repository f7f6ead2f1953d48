"""Speed of the schedules in float32, beside the originals' own loop: a step at a time, out of jit."""

import time
from typing import Any

import lrplot
from tests.golden.float32 import CASES, keras_schedule, optax_schedule, plateau_rates

ORIGINAL_STEPS = 50
STEPS = 50_000


def main() -> str:
    """A markdown table: steps a second in the original and on lrplot, and the ratio."""
    rows = ["| schedule | original, steps/s | lrplot, steps/s | ratio |", "| --- | ---: | ---: | ---: |"]
    for name, cases in CASES.items():
        original, own = _original(name, cases[0]), _own(name, cases[0])
        rows.append(f"| {name} | {1 / original:,.0f} | {1 / own:,.0f} | {original / own:,.0f} |")
    return "\n".join(rows)


def _original(name: str, given: dict[str, Any]) -> float:
    """Seconds a step, the first one not among them: it compiles."""
    family, short = name.split(".")
    if "metrics" in given:
        start = time.process_time()
        plateau_rates({**given, "metrics": given["metrics"] * 3})
        return (time.process_time() - start) / (3 * len(given["metrics"]))
    schedule, count = optax_schedule(short, given) if family == "optax" else keras_schedule(short, given)
    schedule(count(0))
    start = time.process_time()
    for step in range(ORIGINAL_STEPS):
        float(schedule(count(step)))
    return (time.process_time() - start) / ORIGINAL_STEPS


def _own(name: str, given: dict[str, Any]) -> float:
    parameters: dict[str, Any] = {"steps": STEPS, **given}
    if "metrics" in given:
        parameters |= {"metrics": given["metrics"] * (STEPS // len(given["metrics"]) + 1)}
    if "schedules" in given:
        members = (
            f"optax.{name} {' '.join(f'{key}={value}' for key, value in own.items())}"
            for name, own in given["schedules"]
        )
        parameters |= {"schedules": list(members)}
    start = time.process_time()
    lrplot.simulate(name, **parameters)
    return (time.process_time() - start) / STEPS


if __name__ == "__main__":
    print(main())
