"""What stands above curves, and what they are called, in a picture and in the terminal."""

from collections.abc import Sequence

from lrplot.runs.curve import Curve, labels


def heading(curves: Sequence[Curve], title: str | None) -> tuple[str, str]:
    """The title, the one asked for if any, and the parameters beneath it."""
    title = None if title is None else legible(title)
    if title == "":
        return "", ""
    specs = list(dict.fromkeys(str(curve.run.spec) for curve in curves))
    if len(specs) > 1:
        classes = {curve.run.spec.cls.__name__ for curve in curves}
        return title if title is not None else (classes.pop() if len(classes) == 1 else "Learning-rate schedules"), ""
    spec = specs[0].replace("schedulers=[", "[")  # which says so itself
    name, _, parameters = spec.removesuffix(")").partition("(")
    if title is not None:
        return title, _subtitle(spec, curves)
    return name, _subtitle(parameters, curves)


def _subtitle(parameters: str, curves: Sequence[Curve]) -> str:
    """The scheduler's parameters, a rate that is not the default, a reading that is not the rate used."""
    run = curves[0].run
    rates = run.optimizer.get("initial_lr", run.optimizer.get("lr"))
    alike = all(curve.run.optimizer == run.optimizer for curve in curves)
    parts = [parameters]
    if rates is not None and not isinstance(rates, list) and not run.spec.cls.owns_rate and alike:
        parts.append(f"lr={rates:g}")
    if len(curves) == 1 and curves[0].record != "used":
        parts.append(f"record={curves[0].record}")
    return legible(", ".join(filter(None, parts)))


def names(curves: Sequence[Curve], title: str | None) -> list[str]:
    """What each curve is called at its line."""
    return [short_name(label, curve, curves, title) for label, curve in zip(labels(curves), curves)]


def short_name(label: str, curve: Curve, curves: Sequence[Curve], title: str | None) -> str:
    """A curve's label, without the name of the scheduler where the title has it."""
    spec = str(curve.run.spec)
    if title is None and len({other.run.spec.cls for other in curves}) == 1:
        label = label.replace(spec, spec.partition("(")[2].removesuffix(")") or spec)
    return legible(label)


def legible(text: str) -> str:
    """A text in one line, without what no font has and no SVG may hold."""
    if not text.isprintable():
        text = "".join([char if char.isprintable() else " " for char in text])
    return " ".join(text.split())
