"""What may be said of a comparison: a sentence that is no stronger than the numbers.

Arithmetic and words alone: never asks the warehouse.
"""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.metrics.differences import Difference
from warehouse.metrics.registry import Metric
from warehouse.written import amount, change, share

# Fewer users in one of two groups decide nothing.
FEWEST_USERS = 100
# What is less likely by chance is a difference, and a split that is less likely is a fault.
DECIDED_BELOW = 0.05
MISMATCH_BELOW = 0.001


@dataclass(frozen=True)
class SampleRatio:
    """Whether users came to the groups as they were meant to.

    chi_square, p_value  of the users of each group against the intended split; None without users
    """

    chi_square: float | None
    p_value: float | None

    @property
    def is_mismatch(self) -> bool:
        """Whether the users came otherwise than by chance: then no difference can be believed."""
        return self.p_value is not None and self.p_value < MISMATCH_BELOW


def is_decided(p_adjusted: float | None, fewest: int, ratio: SampleRatio | None) -> bool:
    """Whether a difference may be called one. `fewest`: users in the smaller of both groups."""
    return (
        p_adjusted is not None
        and p_adjusted < DECIDED_BELOW
        and fewest >= FEWEST_USERS
        and not (ratio and ratio.is_mismatch)
    )


def verdict(
    metric: Metric,
    difference: Difference,
    p_adjusted: float | None,
    fewest: int,
    baseline: tuple[str, float | None],
    ratio: SampleRatio | None = None,
) -> str:
    """The sentence on one group beside the baseline, which is given by its name and its value."""
    if ratio and ratio.is_mismatch:
        return (
            "No verdict: users came to the groups otherwise than intended "
            f"(p {_p(ratio.p_value)}). Find out why before any difference is believed."
        )
    if difference.value is None:
        return "No verdict: one of the groups has no value."
    if fewest < FEWEST_USERS:
        return (
            f"No verdict yet: {fewest:,} users in the smaller group, and {FEWEST_USERS} are needed."
        )
    if difference.p_value is None or p_adjusted is None:
        return "No verdict: the users of a group do not differ, so that no chance can be told."
    if not is_decided(p_adjusted, fewest, ratio):
        return _not_shown(metric, difference, baseline[1])
    word = _word(metric, difference.value)
    return f"{word} than {baseline[0]}: {_told(metric, difference)}."


def _not_shown(metric: Metric, difference: Difference, base: float | None) -> str:
    is_near = difference.p_value is not None and difference.p_value < DECIDED_BELOW
    why = ", once all that is compared here is taken into account" if is_near else ""
    if not difference.detectable:
        return f"No difference shown{why}."
    if metric.unit != "rate" and base and base > 0:
        size = share(difference.detectable / base)
    else:
        size = (amount(difference.detectable, metric.unit) or "").lstrip("+")
    return f"No difference shown{why}. One of {size} or more would probably have been seen."


def _word(metric: Metric, value: float) -> str:
    if metric.better:
        return "Better" if value * metric.better > 0 else "Worse"
    return "Higher" if value > 0 else "Lower"


def _told(metric: Metric, difference: Difference) -> str:
    """The difference with its interval: of rates in points, of all else relative if it can be."""
    if metric.unit != "rate" and difference.relative_low is not None:
        ends = [
            change(end, "relative") for end in (difference.relative_low, difference.relative_high)
        ]
        return f"{change(difference.relative, 'relative')} (95 %: {ends[0]} to {ends[1]})"
    ends = [amount(end, metric.unit) for end in (difference.low, difference.high)]
    return f"{amount(difference.value, metric.unit)} (95 %: {ends[0]} to {ends[1]})"


def _p(value: float | None) -> str:
    return "< 0.0001" if value is None or value < 0.0001 else f"= {value:.4f}"
