"""How finely a log was written, told by its numbers; and which rates are written as one of them."""

import math

import pytest

from lrplot.runs.quantum import Quantum, quantum_of

COSINE = [0.05 * (1 + math.cos(math.pi * i / 100)) for i in range(101)]


def single(value: float) -> float:
    numpy = pytest.importorskip("numpy")
    return float(numpy.float32(value))


@pytest.mark.parametrize(
    ("texts", "quantum"),
    [
        ([repr(rate) for rate in COSINE], Quantum()),
        ([f"{rate:.6g}" for rate in COSINE], Quantum("digits", 6)),
        ([f"{rate:.4g}" for rate in COSINE], Quantum("digits", 4)),
        ([f"{rate:.4e}" for rate in COSINE], Quantum("digits", 5)),
        ([f"{rate:.6E}" for rate in COSINE], Quantum("digits", 7)),
        ([f"{rate:.6f}" for rate in COSINE], Quantum("decimals", 6)),
        ([f"{rate:.10g}" for rate in COSINE], Quantum("digits", 10)),
        ([repr(single(rate)) for rate in COSINE], Quantum("float32")),
        ([repr(0.1 * 0.1**i) for i in range(4)], Quantum()),
        (["0.1", "0.01", "0.001"], Quantum("digits", 6)),
        (["0.1", "nan", ""], Quantum("digits", 6)),
        (["", "nan"], Quantum()),
    ],
)
def test_numbers_tell_how_they_were_rounded(texts: list[str], quantum: Quantum) -> None:
    assert quantum_of(texts) == quantum


def test_short_numbers_of_a_writer_of_whole_ones_are_whole() -> None:
    assert quantum_of(["0.1", "0.01"], full=True) == Quantum()


@pytest.mark.parametrize("digits", [4, 6, 9])
def test_what_is_within_the_bounds_is_what_is_written_so(digits: int) -> None:
    for rate in (0.1, 0.001, 0.0123456789, 3.7e-5, 0.999999999):
        written = float(f"{rate:.{digits}g}")
        (low,), (high,) = Quantum("digits", digits).bounds([written])
        assert low <= rate <= high
        for bound, outward in ((low, 1 - 1e-12), (high, 1 + 1e-12)):
            assert float(f"{bound / outward:.{digits}g}") == written
            assert float(f"{bound * outward:.{digits}g}") != written


def test_below_a_power_of_ten_numbers_lie_closer() -> None:
    (low,), (high,) = Quantum("digits", 6).bounds([0.001])
    assert (0.001 - low, high - 0.001) == (pytest.approx(5e-10), pytest.approx(5e-9))


def test_bounds_of_float32_are_halfway_to_its_neighbours() -> None:
    (low,), (high,) = Quantum("float32").bounds([single(0.1)])
    assert single(low * (1 + 1e-15)) == single(0.1) == single(high * (1 - 1e-15))
    assert single(low * (1 - 1e-9)) != single(0.1) != single(high * (1 + 1e-9))


def test_zero_and_what_is_no_number() -> None:
    low, high = Quantum("digits", 6).bounds([0.0, math.inf, math.nan])
    assert (low[0], high[0], low[1], high[1], math.isnan(low[2])) == (0.0, 0.0, math.inf, math.inf, True)
    low, high = Quantum("decimals", 6).bounds([0.0])
    assert (low[0], high[0]) == (-5e-7, 5e-7)
