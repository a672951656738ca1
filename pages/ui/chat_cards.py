"""The cards of LLM chat, with their intervals and what they were before. Never computes a rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.ui import format
from pages.ui.cards import Card, verdict

Row = Mapping[str, Any]
# Rate → label, which way is better, and what it is.
RATES = {
    "used_rate": (
        "Used",
        1,
        "Answers that were copied, selected from, or of which a citation was opened.",
    ),
    "silent_success_rate": (
        "Silent success",
        1,
        "Answers that were copied or selected from, without any feedback.",
    ),
    "silent_failure_rate": (
        "Silent failure",
        -1,
        "Answers that were rephrased, or ended the visit within 20 s with nothing done on them.",
    ),
    "rephrased_rate": (
        "Rephrased",
        -1,
        "Answers whose next prompt came within 20 s, neither copied nor selected from.",
    ),
    "error_rate": ("Error rate", -1, "Prompts and answers with an error."),
    "feedback_rate": ("Gave feedback", 0, "Answers that were rated: up, down or neutral."),
}
LATENCIES = {
    "p50_ms": ("Median latency", "From the prompt to the whole answer, as told or as seen."),
    "p95_ms": ("p95 latency", "One answer in twenty takes longer."),
}


def cards(now: Row, whole: Row | None, before: Row | None) -> list[Card]:
    """The cards of a period; changes are of its complete days, where there are some before."""
    return [
        _count(
            "Responses",
            "response_count",
            f"in {format.count(now['visit_count'])} visits",
            now,
            whole,
            before,
        ),
        _count(
            "Chats",
            "chat_count",
            f"of {format.plural(now['user_count'] or 0, 'user')}",
            now,
            whole,
            before,
        ),
        *(_latency(name, now, whole, before) for name in LATENCIES),
        *(_rate(name, now, whole, before) for name in RATES),
    ]


def _count(
    label: str, name: str, note: str, now: Row, whole: Row | None, before: Row | None
) -> Card:
    change, tone, numbers = _changed(name, 1, format.count, "relative", whole, before)
    return Card(
        label, format.count(now[name]), note=note, change=change, tone=tone, numbers=numbers
    )


def _latency(name: str, now: Row, whole: Row | None, before: Row | None) -> Card:
    label, says = LATENCIES[name]
    change, tone, numbers = _changed(name, -1, format.latency, "relative", whole, before)
    beside = {"p50_ms": ("p90", "p90_ms"), "p95_ms": ("p99", "p99_ms")}[name]
    note = f"{beside[0]} {format.latency(now[beside[1]])}" if now[name] is not None else ""
    return Card(
        label,
        format.latency(now[name]),
        help=says,
        note=note,
        change=change,
        tone=tone,
        numbers=numbers,
    )


def _rate(name: str, now: Row, whole: Row | None, before: Row | None) -> Card:
    label, better, says = RATES[name]
    change, tone, numbers = _changed(name, better, format.share, "points", whole, before)
    ends = f"95 %: {ends_of(now, name)}" if now[name] is not None else ""
    note, what = ends, f"{format.count(now[f'{name}_count'])} of them. Of closed sessions. {ends}"
    if name == "feedback_rate" and now[name] is not None:
        note = f"{format.share(1 - now[name])} gave none"
    return Card(
        label,
        format.share(now[name]),
        help=f"{says} {what}".strip(),
        note=note,
        change=change,
        tone=tone,
        numbers=numbers,
    )


def ends_of(row: Row, name: str) -> str:
    """The interval of a rate in few letters: 16.3–18.3 %."""
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is None or high is None:
        return format.NULL
    return f"{format.share(low).removesuffix(' %')}\u2013{format.share(high)}"


def _changed(
    name: str, better: int, write: Any, kind: str, now: Row | None, before: Row | None
) -> tuple[str, str, str]:
    """A change in words, its tone, and the two that are compared."""
    if now is None or before is None or now[name] is None or before[name] is None:
        return "", "", ""
    difference = now[name] - before[name]
    if kind == "relative":
        share = difference / before[name] if before[name] else None
        words, tone = verdict(format.change(share, kind), difference, better)
        return words, tone, f"{write(now[name])} against {write(before[name])}"
    words, tone = verdict(format.change(difference, kind), difference, better)
    low, high = (f"{name}_{end}" for end in ("low", "high"))
    overlap = now[low] <= before[high] and before[low] <= now[high]
    numbers = (
        f"{write(now[name])} ({ends_of(now, name)}) against {write(before[name])} "
        f"({ends_of(before, name)})"
    )
    # What chance may have brought is neither better nor worse.
    return words, "" if overlap else tone, numbers + ("; the intervals overlap" if overlap else "")
