"""Which columns of curves are drawn, in a picture, a window or the terminal alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrplot.parameters import Refusal
from lrplot.runs.curve import Curve
from lrplot.runs.log import Log
from lrplot.schedulers.dropin import BESIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray


def columns_to_show(curves: Sequence[Curve], parameter: str | None) -> list[str]:
    """The columns to draw beneath one another: the rate, and what else is changed, or the metric, that goes with it.

    Args:
        parameter: lr, momentum, weight_decay or both, where somebody asked.

    Raises:
        Refusal: What is asked for is changed by no curve.
    """
    changed = [name for name in BESIDE if any(name in curve.beside for curve in curves)]
    if parameter in (*BESIDE, "both") and not (parameter in changed or (parameter == "both" and changed)):
        names = ", ".join(dict.fromkeys(curve.run.spec.cls.shown_name for curve in curves))
        what = "momentum" if parameter == "both" else str(parameter).replace("_", " ")
        raise Refusal("parameter", f"parameter {parameter} asks for the {what}, which {names} leaves alone", whole=True)
    if parameter in BESIDE:
        return [parameter]
    columns = ["lr"]
    if parameter != "lr":
        columns += changed
        columns += dict.fromkeys(name for curve in curves for name in curve.beside if name not in BESIDE)
    if parameter is None and len(curves) == 1 and curves[0].metrics is not None:
        columns.append("metric")
    return columns


def unit_of(curves: Sequence[Curve]) -> str:
    """What is counted along curves: steps, or epochs where all of them count these."""
    units = {curve.run.unit for curve in curves}
    return units.pop() if len(units) == 1 else "step"


def is_in_points(curve: Curve, curves: Sequence[Curve]) -> bool:
    """Whether a curve is drawn as points: a log on the line of a plan, or one that leaves out steps."""
    if not isinstance(curve.run, Log):
        return False
    beside = any(not isinstance(other.run, Log) for other in curves)
    return beside or curve.steps.stop - curve.steps.start > len(curve.steps)


def out_of_range(curves: Sequence[Curve], x_range: Sequence[float]) -> Refusal:
    """The refusal of a range in which no curve has a step."""
    steps = min(curve.steps.start for curve in curves), max(curve.steps.stop for curve in curves) - 1
    problem = "there is no step from {:g} to {:g}: the run has steps {:,} to {:,}".format(*x_range, *steps)
    return Refusal("x_range", problem, owner="x_range", whole=True)


def is_log(asked: bool | None, column: str, values: "NDArray[Any]") -> bool:
    """Whether an axis is logarithmic: where that is asked for and can be; the metric's also where it spans much."""
    if asked is None:
        return bool(column == "metric" and len(values) and 0 < 1e4 * values.min() < values.max())
    return asked and bool((values > 0).any())
