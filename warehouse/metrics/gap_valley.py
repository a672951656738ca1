"""Finds the valley between the gaps within visits and those between visits. Reads frames alone.

Two lognormal distributions are fitted to the gaps by expectation and maximisation (Dempster, Laird,
Rubin 1977), as in Halfaker et al., "User Session Identification Based on Strong Regularities in
Inter-activity Time" (WWW 2015, arXiv:1411.2878). The valley is where a gap belongs to either with
the same probability. It is clear when Ashman's D = sqrt(2) |m1 - m2| / sqrt(s1^2 + s2^2) is above 2
(Ashman, Bird, Zepf 1994), each kind has one gap in fifty at least, and the sum of both has a dip
between them.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

LEAST_GAPS, LEAST_SHARE, LEAST_D = 100, 0.02, 2.0
_ROUNDS, _NARROWEST = 500, 0.05
# Weight, mean and deviation of the logarithm of a gap, to base 10.
Part = tuple[float, float, float]


def of(gaps: "pl.DataFrame") -> "pl.DataFrame":
    """The valley of each source. Rows are those of lab.gaps; columns as lab.valley says."""
    import polars as pl

    rows = []
    for (source,), bins in gaps.group_by("source", maintain_order=True):
        timed = bins.filter(pl.col("high_seconds") > 0)
        logs = ((timed["high_seconds"].log10() + timed["low_seconds"].log10()) / 2).to_list()
        rows.append({"source": source, **_valley(logs, timed["gap_count"].to_list())})
    types = {
        "source": pl.String,
        "valley_seconds": pl.Float64,
        "short_median_seconds": pl.Float64,
        "long_median_seconds": pl.Float64,
        "short_rate": pl.Float64,
        "gap_count": pl.Int64,
        "reason": pl.String,
    }
    return pl.DataFrame(rows, schema=types)


def _valley(logs: Sequence[float], counts: Sequence[int]) -> dict[str, float | str | None]:
    total = sum(counts)
    found: dict[str, float | str | None] = {"gap_count": total}
    if total < LEAST_GAPS or len(logs) < 3:
        return {**found, "reason": f"Fewer than {LEAST_GAPS} gaps, or all of them alike."}
    short, long = fitted(logs, counts)
    found |= {
        "short_median_seconds": 10 ** short[1],
        "long_median_seconds": 10 ** long[1],
        "short_rate": short[0],
    }
    apart = math.sqrt(2) * (long[1] - short[1]) / math.hypot(short[2], long[2])
    if apart <= LEAST_D:
        reason = f"The two kinds overlap: {apart:.1f} deviations apart, above {LEAST_D:g} is clear."
        return {**found, "reason": reason}
    if min(short[0], long[0]) < LEAST_SHARE:
        return {**found, "reason": f"One kind has fewer than {LEAST_SHARE:.0%} of the gaps."}
    at = _crossing(short, long)
    low = _height(at, short) + _height(at, long)
    if low >= 0.9 * min(_peak(short), _peak(long)):
        return {**found, "reason": "There is no dip between the two kinds."}
    return {**found, "valley_seconds": 10**at, "reason": None}


def fitted(logs: Sequence[float], counts: Sequence[int]) -> tuple[Part, Part]:
    """Two normal distributions of the logarithms, the one of shorter gaps first."""
    total = sum(counts)
    mean = sum(x * n for x, n in zip(logs, counts, strict=True)) / total
    # It begins at the best cut in two, so that it ends in the same place every time.
    best = max(range(1, len(logs)), key=lambda at: _between(logs, counts, at, mean))
    parts = [
        _moments(logs[:best], counts[:best], total),
        _moments(logs[best:], counts[best:], total),
    ]
    for _ in range(_ROUNDS):
        shares = []
        for x in logs:
            first, second = (_height(x, part) for part in parts)
            both = first + second
            # Far from both, the nearer one.
            near = abs(x - parts[0][1]) <= abs(x - parts[1][1])
            shares.append(first / both if both > 0 else float(near))
        ones = [n * share for n, share in zip(counts, shares, strict=True)]
        twos = [n - one for n, one in zip(counts, ones, strict=True)]
        if min(sum(ones), sum(twos)) <= 0:
            break
        new = [_moments(logs, ones, total), _moments(logs, twos, total)]
        pairs = (zip(old, part, strict=True) for old, part in zip(parts, new, strict=True))
        moved = max(abs(was - now) for pair in pairs for was, now in pair)
        parts = new
        if moved < 1e-7:
            break
    short, long = sorted(parts, key=lambda part: part[1])
    return short, long


def _between(logs: Sequence[float], counts: Sequence[int], at: int, mean: float) -> float:
    """How much of the variance lies between what is below a cut and what is above (Otsu 1979)."""
    below, above = sum(counts[:at]), sum(counts[at:])
    first = sum(x * n for x, n in zip(logs[:at], counts[:at], strict=True)) / below
    second = sum(x * n for x, n in zip(logs[at:], counts[at:], strict=True)) / above
    return below * (first - mean) ** 2 + above * (second - mean) ** 2


def _moments(logs: Sequence[float], weights: Sequence[float], total: float) -> Part:
    weight = sum(weights)
    mean = sum(x * n for x, n in zip(logs, weights, strict=True)) / weight
    variance = sum(n * (x - mean) ** 2 for x, n in zip(logs, weights, strict=True)) / weight
    return weight / total, mean, max(math.sqrt(variance), _NARROWEST)


def _height(x: float, part: Part) -> float:
    weight, mean, deviation = part
    return weight / deviation * math.exp(-0.5 * ((x - mean) / deviation) ** 2)


def _peak(part: Part) -> float:
    return _height(part[1], part)


def _crossing(short: Part, long: Part) -> float:
    """Between the two means, where a gap is of either with the same probability."""
    low, high = short[1], long[1]
    for _ in range(60):
        middle = (low + high) / 2
        if _height(middle, short) > _height(middle, long):
            low = middle
        else:
            high = middle
    return (low + high) / 2
