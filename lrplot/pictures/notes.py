"""What is probably wrong with curves, to be written beneath them."""

from collections.abc import Sequence

from lrplot.pictures.look import Look
from lrplot.runs.curve import Curve, labels
from lrplot.wording import first_of


def notes_beneath(curves: Sequence[Curve], look: Look) -> list[str]:
    """The first notes on some curves and how many more there are: none where they are not asked for."""
    if not look.notes:
        return []
    from lrplot.analysis.notes.rule import told

    lines = []
    for run, label in {curve.run: name for curve, name in zip(curves, labels(curves))}.items():
        used = next((curve for curve in curves if curve.run is run and curve.record == "used"), None)
        whose = f"{label}: " if len(curves) > 1 else ""
        lines += [f"{whose}{finding.code} {finding.message}" for finding in told(run, used)]
    return list(first_of(lines))
