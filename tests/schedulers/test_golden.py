"""Every golden value, recorded from the originals, is met to the last bit: one step at a time, in one go, and in odd
pieces.
"""

import itertools
from typing import Any

from lrplot.schedulers.base import Track
from tests.each import each
from tests.golden.drive import arguments, momentum, start, trace
from tests.schedulers.library import LRPLOT, label, records

RECORDS = records()
ACCEPTED = [record for record in RECORDS if "refused" not in record]
REFUSED = [record for record in RECORDS if "refused" in record]
BESIDE = {"momentum": "momenta", "weight_decay": "weight_decays"}
STRAIGHT = [record for record in ACCEPTED if "epochs" not in record["case"]]
PIECES = [(1000,), (1,), (3, 1, 5, 2), (7, 4)]


def same(seen: Any, expected: Any) -> bool:
    """Equal to the bit, the sign of zero and nan included."""
    return repr(seen) == repr(expected)


@each(ACCEPTED, label)
def test_step_by_step_every_rate_and_momentum_is_torchs(record: dict[str, Any]) -> None:
    seen = trace(LRPLOT, record["case"])
    assert "refused" not in seen
    assert same(seen["rates"], record["rates"])
    for column in BESIDE.values():
        assert same(seen[column], record.get(column, seen[column][:1] * len(record["rates"])))


@each(ACCEPTED, label)
def test_get_lr_answers_as_torchs_after_each_step_and_before_the_first(record: dict[str, Any]) -> None:
    seen = trace(LRPLOT, record["case"])["get_lr"]
    expected = record.get("get_lr", ["NotImplementedError"] * len(seen))
    for ours, theirs in zip(seen, expected, strict=True):
        # Where get_lr() has no answer, torch's exception is whatever its formula ran into.
        assert isinstance(ours, str) if isinstance(theirs, str) else same(ours, theirs)


@each(itertools.product(STRAIGHT, PIECES), lambda both: f"{label(both[0])}-{both[1]}")
def test_advance_in_pieces_is_step_by_step(both: tuple[dict[str, Any], tuple[int, ...]]) -> None:
    record, pieces = both
    case = record["case"]
    optimizer, scheduler = start(LRPLOT, case)
    has_get_lr = all(not isinstance(rates, str) for rates in record.get("get_lr", ["NotImplementedError"]))
    calls, sizes = arguments(case), itertools.cycle(pieces)
    done = 0
    while done < len(calls):
        chunk = calls[done : done + next(sizes)]
        if scheduler.watches_metric:
            tracks: list[Track] = scheduler.advance(len(chunk), metrics=[metric for (metric,) in chunk])
        else:
            tracks = scheduler.advance(len(chunk), reread=has_get_lr)
        for i, track in enumerate(tracks):
            expected = record["rates"][done : done + len(chunk) + 1]
            assert same(list(track.rates), [float(rates[i]) for rates in expected])
            if has_get_lr:
                assert track.reread is not None
                assert same(
                    list(track.reread), [rates[i] for rates in record["get_lr"][done + 1 : done + len(chunk) + 1]]
                )
            for name, column in BESIDE.items():
                if name in track.beside and column in record:
                    moved = record[column][done : done + len(chunk) + 1]
                    assert same(list(track.beside[name]), [values[i] for values in moved])
                assert name in track.beside or column not in record
        done += len(chunk)
        assert same([float(group["lr"]) for group in optimizer.param_groups], record["rates"][done])
        assert same([float(rate) for rate in scheduler.get_last_lr()], record["rates"][done])
        if "momenta" in record:
            assert same([momentum(group) for group in optimizer.param_groups], record["momenta"][done])


@each(REFUSED, label)
def test_what_torch_refuses_is_refused_and_no_later(record: dict[str, Any]) -> None:
    seen = trace(LRPLOT, record["case"])
    assert "refused" in seen
    assert seen["at"] <= record["at"]
    assert same(seen["rates"], record["rates"][: len(seen["rates"])])


def test_the_cases_cover_all_schedulers_of_all_families_in_float64() -> None:
    exact = {name for name, cls in LRPLOT.schedulers.items() if cls.family not in ("optax", "keras")}
    assert {record["case"]["scheduler"]["name"] for record in RECORDS} == exact
    assert len(exact) >= 16 + 12 + 10 + 10
