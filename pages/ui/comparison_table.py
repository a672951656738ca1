"""The table of a comparison, in HTML: values, differences with their intervals drawn, verdicts.

On a narrow screen each comparison is a block of its own. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import median
from typing import Any

from pages.ui import comparison_words as words
from pages.ui import format
from pages.ui.html_table import SMALL
from pages.ui.theme import css_colors
from warehouse.metrics.registry import Metric

Row = Mapping[str, Any]
# Shares of the baseline that the scale may end at.
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 5, 10, 20, 50, 100)
_LEAST = 0.1
# What is not decided, and further out than this, is cut.
_FURTHEST = 1.0
# So far in from the edge is the ring of what is cut, in percent.
_EDGE = 3
_CELL = 'role="cell"'


@dataclass(frozen=True)
class Part:
    """What is told of one metric, or in one segment: the baseline's row, and those of the others.

    link  where its name leads, and whether that is open already
    """

    name: str
    metric: Metric
    baseline: Row
    others: Sequence[Row]
    hint: str = ""
    link: str = ""
    is_open: bool = False


def table(parts: Sequence[Part], heading: str, names: Mapping[str, str], alt: str) -> str:
    """The table; `names` are the groups as readers know them, that of the baseline first."""
    reach = _reach([row for part in parts for row in part.others])
    first, *others = names.values()
    many = len(others) > 1
    # Of two groups the head says whose the values are; of several, each row.
    beside = "Group" if many else others[0]
    heads = (
        *((heading, "dwell-text"), (first, "dwell-figure"), (beside, "dwell-figure")),
        (_scale(reach), "dwell-forest-head"),
        *(("Difference", "dwell-figure"), ("p", "dwell-figure"), ("Verdict", "dwell-text")),
    )
    head = "".join(
        f'<th role="columnheader" scope="col" class="{kind}">'
        f"{text if kind == 'dwell-forest-head' else escape(text)}</th>"
        for text, kind in heads
    )
    body = "".join(_part(part, reach, names, many=many) for part in parts)
    return (
        f'<div class="dwell-table dwell-comparison" style="{css_colors()}" role="region" '
        f'tabindex="0" aria-label="{escape(alt)}"><table role="table"><thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead>{body}</table></div>'
    )


def scale_note(parts: Sequence[Part]) -> str:
    """What the drawn intervals are of, in words."""
    reach = _reach([row for part in parts for row in part.others])
    ends = f"\u2212{reach * 100:g} % to +{reach * 100:g} %"
    cut = any(abs(row["relative_difference"] or 0) > reach for part in parts for row in part.others)
    more = " A ring at the edge lies beyond it." if cut else ""
    return (
        "Bars: the difference as a share of the baseline with its 95 % interval, "
        f"from {ends}.{more}"
    )


def _part(part: Part, reach: float, names: Mapping[str, str], *, many: bool) -> str:
    lines = len(part.others)
    label = escape(part.name)
    if part.link:
        state = ' aria-current="true"' if part.is_open else ""
        label = f'<a class="dwell-link" href="{escape(part.link)}"{state}>{label}</a>'
    hint = f' title="{escape(part.hint)}"' if part.hint else ""
    first = next(iter(names.values()))
    rows = []
    for at, row in enumerate(part.others):
        begin = ""
        if at == 0:
            begin = (
                f'<th role="rowheader" scope="rowgroup" rowspan="{lines}" class="dwell-text"'
                f"{hint}>{label}</th>"
                f'<td {_CELL} rowspan="{lines}" class="dwell-figure dwell-baseline">'
                f"{_value(part.baseline, part.metric, first, named=False)}</td>"
            )
        group = names[row["group"]]
        rows.append(
            f'<tr role="row">{begin}<td {_CELL} class="dwell-figure dwell-beside">'
            f"{_value(row, part.metric, group, named=many)}</td>"
            f"{_told(row, part.metric, reach)}</tr>"
        )
    return f'<tbody role="rowgroup">{"".join(rows)}</tbody>'


def _shown_ends(row: Mapping[str, Any], metric: Metric) -> tuple[float, float]:
    """The ends of an interval, no further than the value can go: Student's knows no such end."""
    low, high = row["low"], row["high"]
    if metric.sql:
        return low, high
    return max(low, 0.0), min(high, 1.0) if metric.unit == "rate" else high


def _value(row: Row, metric: Metric, group: str, *, named: bool) -> str:
    """A value, its interval, and what it is of. On a phone its group is named always."""
    kind = "dwell-of" if named else "dwell-of dwell-narrow"
    interval = ""
    if row["low"] is not None:
        low, high = (words.value(end, metric) for end in _shown_ends(row, metric))
        interval = f"{low} \u2013 {high}"
    users, sessions = row["user_count"], row["session_count"]
    few = ' class="dwell-few"' if users < SMALL else ""
    who = escape(group)
    size = f"{format.plural(users, 'user')} \u00b7 {format.plural(sessions, 'session')}"
    return (
        f'<span class="dwell-line"><span class="{kind}" title="{who}">{who}</span>'
        f"<b>{words.value(row['value'], metric)}</b></span>"
        f"{_small(interval)}<small{few}>{size}</small>"
    )


def _told(row: Row, metric: Metric, reach: float) -> str:
    outcome = words.outcome(row, metric)
    tone = words.TONES.get(outcome, "")
    paint = f" dwell-{tone}" if tone else ""
    size = words.difference(row["difference"], metric)
    relative = format.change(row["relative_difference"], "relative")
    ends = raw = ""
    if row["p_value"] is not None:
        raw = f"raw {words.probability(row['p_value'])}"
    if row["difference_low"] is not None:
        low, high = (words.difference(row[f"difference_{end}"], metric) for end in ("low", "high"))
        ends = f"{low} to {high}"
    adjusted = words.probability(row["p_adjusted"])
    verdict = row["verdict"] or ""
    return (
        f'<td {_CELL} class="dwell-forest-cell">{_forest(row, metric, reach, outcome)}</td>'
        f'<td {_CELL} class="dwell-figure dwell-size"><b>{size}</b>'
        f"{_small(relative)}{_small(ends)}</td>"
        f'<td {_CELL} class="dwell-figure dwell-p" title="p after Holm, and before">'
        f'<span class="dwell-narrow">p </span>{adjusted}{_small(raw)}</td>'
        f'<td {_CELL} class="dwell-text dwell-wraps dwell-said" title="{escape(verdict)}">'
        f'<b class="dwell-word{paint}">{words.SIGNS[outcome]}</b>'
        f"<small>{escape(_besides(row, metric, outcome))}</small></td>"
    )


def _small(text: str | None) -> str:
    return f"<small>{text}</small>" if text else ""


def _besides(row: Row, metric: Metric, outcome: words.Outcome) -> str:
    """What goes with the word of the verdict: why, or how large a difference could hide."""
    if outcome == "open":
        # The sentence without its beginning, which is the word, and without what to do.
        return str(row["verdict"]).partition(": ")[2].partition(" (")[0].rstrip(".")
    size = words.detectable(row, metric)
    if size == format.NULL:
        return ""
    is_near = outcome == "same" and (row["p_value"] or 1) < 0.05
    why = "not once all comparisons are counted; " if is_near else ""
    return f"{why}detects {size} or more"


def _forest(row: Row, metric: Metric, reach: float, outcome: words.Outcome) -> str:
    """The interval of the relative difference as a bar, before the line of no difference."""
    at, low, high = (row[f"relative_{name}"] for name in ("difference", "low", "high"))
    if at is None:
        return f'<span class="dwell-neither">{format.NULL}</span>'
    size, ends = words.told(row, metric)
    spoken = f"{size}, 95 % interval {ends}" if low is not None else size
    bar = ""
    if low is not None and high is not None:
        left, right = _place(low, reach), _place(high, reach)
        cut = (" dwell-cut-low" if low < -reach else "") + (
            " dwell-cut-high" if high > reach else ""
        )
        bar = f'<i class="{cut.strip()}" style="left:{left:.1f}%;width:{right - left:.1f}%"></i>'
    kind = words.TONES.get(outcome) or ("decided" if outcome in ("higher", "lower") else "same")
    beyond, dot = "", _place(at, reach)
    if abs(at) > reach:
        beyond, dot = ' class="dwell-beyond"', min(max(dot, _EDGE), 100 - _EDGE)
    return (
        f'<div class="dwell-forest dwell-forest-{kind}" role="img" aria-label="{escape(spoken)}" '
        f'title="{escape(spoken)}">{bar}<b{beyond} style="left:{dot:.1f}%"></b></div>'
    )


def _scale(reach: float) -> str:
    end = f"{reach * 100:g} %"
    return (
        '<div class="dwell-forest-scale" aria-label="Relative difference">'
        f"<span>\u2212{end}</span><span>0</span><span>+{end}</span></div>"
    )


def _place(share: float, reach: float) -> float:
    """Where a share lies on the scale, in percent of its width."""
    return (min(max(share / reach, -1), 1) + 1) * 50


def _reach(rows: Sequence[Row]) -> float:
    """How far the scale goes to both sides: a round share that holds every difference that is
    decided, and most of the others. One that is much further out would flatten them, and is cut.
    """
    ends = [
        max(abs(row["relative_low"]), abs(row["relative_high"]))
        for row in rows
        if row["relative_low"] is not None and row["relative_high"] is not None
    ]
    points = [(abs(row["relative_difference"] or 0), row["is_decided"]) for row in rows]
    far = max((share for share, _ in points), default=0)
    decided = max((share for share, is_decided in points if is_decided), default=0)
    most = min(max(ends), 1.5 * median(ends)) if ends else _LEAST
    wanted = max(most, decided * 1.1, min(far * 1.1, _FURTHEST))
    return next((step for step in _STEPS if step >= wanted), wanted)
