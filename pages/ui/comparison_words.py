"""What a comparison comes down to, in words: no stronger than its rows. Computes no number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pages.ui import format
from warehouse.metrics import answers
from warehouse.metrics.registry import Metric
from warehouse.metrics.verdicts import FEWEST_USERS

Row = Mapping[str, Any]
Outcome = Literal["better", "worse", "higher", "lower", "same", "open"]
# What the table says, with a sign that needs no colour.
SIGNS: dict[Outcome, str] = {
    "better": "\u25b2 Better",
    "worse": "\u25bc Worse",
    "higher": "\u2191 Higher",
    "lower": "\u2193 Lower",
    "same": "No difference shown",
    "open": "No verdict",
}
TONES: dict[Outcome, str] = {"better": "good", "worse": "bad"}
_DECIDED: tuple[Outcome, ...] = ("better", "worse", "higher", "lower")
# A sentence with more figures is read by nobody.
_MOST = 3
# Written as on the page of chats: a tenth of a second is a lot.
LATENCIES = [name for name, each in answers.BY_NAME.items() if each.unit == "seconds"]


def outcome(row: Row, metric: Metric) -> Outcome:
    """What the row's verdict says, as one word."""
    if not row["is_decided"]:
        return "open" if (row["verdict"] or "").startswith("No verdict") else "same"
    if metric.better:
        return "better" if row["difference"] * metric.better > 0 else "worse"
    return "higher" if row["difference"] > 0 else "lower"


def headline(
    rows: Sequence[Row], group: str, baseline: str, measure: Callable[[str], Metric]
) -> str:
    """One group beside the baseline, over all metrics, in Markdown."""
    found: dict[Outcome, list[Row]] = {}
    for row in rows:
        found.setdefault(outcome(row, measure(row["metric"])), []).append(row)
    who, other = f"**{format.plain(group)}**", f"**{format.plain(baseline)}**"
    if len(found.get("open", ())) == len(rows):
        return f"{who} against {other}: {_why_open(rows)}"
    parts = [
        f"{SIGNS[word][0]} {word} on {len(found[word])} of {len(rows)}: "
        f"{_listed(found[word], measure)}"
        for word in _DECIDED
        if word in found
    ]
    same, still_open = found.get("same", []), found.get("open", [])
    rest = [f"On {len(same)} of {len(rows)} no difference is shown."] if same else []
    if still_open:
        rest.append(f"On {len(still_open)} there is no verdict.")
    if parts:
        lead = f"Against {other}, {who} is {'; '.join(parts)}."
        return " ".join((lead, *rest))
    where = f"on any of {len(rows)} metrics" if len(rows) > 1 else "on the one metric"
    lead = f"Between {who} and {other} no difference is shown {where}."
    if still_open:
        lead = f"Between {who} and {other}: {rest[0][0].lower()}{rest[0][1:]} {rest[1]}"
    return f"{lead} {_would_have_been_seen(same, measure)}".strip()


def are_too_few(rows: Sequence[Row]) -> bool:
    """Whether a group has too few users, or the baseline has, for any verdict."""
    return all((row["verdict"] or "").startswith("No verdict yet") for row in rows)


def too_few(groups: Sequence[str], baseline: str) -> str:
    """What is said of several groups with too few users, in Markdown."""
    names = ", ".join(f"**{format.plain(group)}**" for group in groups)
    return (
        f"No verdict yet on {names} against **{format.plain(baseline)}**: {FEWEST_USERS} users are "
        "needed in both groups."
    )


def _why_open(rows: Sequence[Row]) -> str:
    """Why nothing is decided, as the rows say it."""
    text = str(rows[0]["verdict"])
    return f"{text[0].lower()}{text[1:]}"


def _listed(rows: Sequence[Row], measure: Callable[[str], Metric]) -> str:
    """The differences with their intervals: those that are surest first."""
    surest = sorted(rows, key=lambda row: row["p_adjusted"])
    texts = []
    for row in surest[:_MOST]:
        metric = measure(row["metric"])
        size, ends = told(row, metric)
        texts.append(f"{metric.label.lower()} **{size}** (95 %: {ends})")
    more = len(surest) - _MOST
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")


def _would_have_been_seen(rows: Sequence[Row], measure: Callable[[str], Metric]) -> str:
    """How large a difference could hide, of the first metric."""
    for row in rows:
        if row["detectable_difference"]:
            metric = measure(row["metric"])
            return (
                f"That is not to say that there is none: of {metric.label.lower()}, one of "
                f"{detectable(row, metric)} or more would probably have been seen."
            )
    return ""


def told(row: Row, metric: Metric) -> tuple[str, str]:
    """The difference and its interval: of rates in points, of all else relative if it can be."""
    if metric.unit != "rate" and row["relative_low"] is not None:
        size, low, high = (
            format.change(row[f"relative_{name}"], "relative")
            for name in ("difference", "low", "high")
        )
    else:
        size, low, high = (
            difference(row[name], metric)
            for name in ("difference", "difference_low", "difference_high")
        )
    return str(size), f"{low} to {high}"


def value(amount: float | None, metric: Metric) -> str:
    """A value as this page writes it: groups may differ by a tenth of an action."""
    if amount is not None and metric.unit == "per_session" and abs(amount) < 10:
        return f"{amount:.2f}"
    if metric.name in LATENCIES:
        return format.latency(amount and amount * 1000)
    return format.WRITERS[metric.unit](amount)


def difference(amount: float | None, metric: Metric) -> str:
    """A signed difference in the metric's unit."""
    if amount is None:
        return format.NULL
    if metric.unit == "per_session" and abs(amount) < 10:
        text = f"{abs(amount):.2f}"
        return text if not float(text) else f"{'-' if amount < 0 else '+'}{text}"
    if metric.name in LATENCIES:
        return f"{'-' if amount < 0 else '+'}{format.latency(abs(amount) * 1000)}"
    return format.amount(amount, metric.unit) or format.NULL


def detectable(row: Row, metric: Metric) -> str:
    """The smallest difference that would have been seen four times in five, without a sign."""
    size = row["detectable_difference"]
    if size is None:
        return format.NULL
    return difference(size, metric).lstrip("+")


def probability(p: float | None) -> str:
    """A p value: 0.47, 0.031, < 0.001."""
    if p is None:
        return format.NULL
    if p < 0.001:
        return "< 0.001"
    return f"{p:.2f}" if p >= 0.1 else f"{p:.3f}"
