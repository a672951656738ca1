"""The answer value chain in HTML: a funnel per group, its outcomes beside it. Never asks anything.

A step is a bar as high as its share of what was asked, with its interval; what lies between two
bars narrows from one to the next. Outcomes have one scale in all groups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from pages.ui import format
from pages.ui.html_table import SMALL
from pages.ui.theme import css_colors

Row = Mapping[str, Any]
STEPS = {
    "asked": ("Asked", "Prompts, each with each answer to it"),
    "answered": ("Answered", "An answer came"),
    "read": ("Read", "Something followed the answer: an act, feedback, or the next thing done"),
    "engaged": ("Engaged", "Scrolled, selected, copied, or a citation opened"),
    "used": ("Used", "Selected, copied, or a citation opened"),
    "copied": ("Copied", "Some of the answer was copied"),
}
# Each with its tone.
OUTCOMES = {
    "silent_success": ("Silent success", "good", "Copied or selected, without feedback"),
    "silent_failure": (
        "Silent failure",
        "bad",
        "Rephrased, or the visit ended within 20 s with nothing done on it",
    ),
    "rephrased": (
        "Rephrased",
        "bad",
        "The next prompt came within 20 s, nothing copied or selected",
    ),
    "feedback_up": ("Thumbs up", "good", "Feedback: up"),
    "feedback_down": ("Thumbs down", "bad", "Feedback: down"),
}

# What groups are told apart by, in words.
APART = ("used", "silent_success", "silent_failure", "rephrased")


def chain(groups: Sequence[tuple[str, Sequence[Row]]], links: Mapping[str, str | None]) -> str:
    """The groups under each other; `links` are where their names lead."""
    top = max(
        (row["high"] or 0 for _, rows in groups for row in rows if row["is_outcome"]), default=0
    )
    body = "".join(_group(name, rows, top or 1, links.get(name)) for name, rows in groups)
    return f'<div class="dwell-chain" style="{css_colors()}">{body}</div>'


def found(groups: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """Where most is lost, and in what the groups lie apart, in a sentence or two."""
    first = groups[0][1]
    steps = [row for row in first if not row["is_outcome"] and row["rate"] is not None]
    lost = [
        (before["rate"] - row["rate"], before["step"], row["step"])
        for before, row in pairwise(steps)
    ]
    if not lost or max(lost)[0] <= 0:
        return ""
    size, before, after = max(lost)
    text = (
        f"Most is lost between **{STEPS[before][0].lower()}** and **{STEPS[after][0].lower()}**: "
        f"{format.share(size)} of the prompts of {format.plain(groups[0][0])}."
    )
    many = [(name, rows) for name, rows in groups if (rows[0]["case_count"] or 0) >= SMALL]
    if len(many) < 2:
        return text
    apart = [told for step in APART if (told := _apart(step, many))]
    if not apart:
        return f"{text} In use, silent success and silent failure the groups' intervals overlap."
    return f"{text} The groups' intervals lie apart in {'; '.join(apart)}."


def _apart(step: str, groups: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """The lowest and the highest group in a step or outcome, if their intervals do not meet."""
    found = [(row["rate"], name, row) for name, rows in groups for row in rows]
    found = [each for each in found if each[2]["step"] == step and each[0] is not None]
    if len(found) < 2:
        return ""
    low, high = (end(found, key=lambda each: each[0]) for end in (min, max))
    if low[2]["high"] >= high[2]["low"]:
        return ""
    label = (STEPS | OUTCOMES)[step][0].lower()
    return (
        f"**{label}** ({format.share(low[0])} of {format.plain(low[1])}, "
        f"{format.share(high[0])} of {format.plain(high[1])})"
    )


def _group(name: str, rows: Sequence[Row], top: float, link: str | None) -> str:
    steps = [row for row in rows if not row["is_outcome"]]
    outcomes = [row for row in rows if row["is_outcome"]]
    asked = steps[0]["case_count"] or 0
    few = asked < SMALL
    shown = escape(name)
    if link:
        shown = f'<a class="dwell-link" href="{escape(link)}" title="Only these">{shown}</a>'
    note = f"{format.plural(asked, 'prompt')}{f': n below {SMALL}' if few else ''}"
    quiet = " dwell-few" if few else ""
    return (
        f'<section class="dwell-chain-group{quiet}" aria-label="{escape(name)}">'
        f"<h4>{shown} <small>{note}</small></h4>"
        f'<div class="dwell-chain-body"><ol>{_steps(steps)}</ol>'
        f"<ul>{''.join(_outcome(row, top) for row in outcomes)}</ul></div></section>"
    )


def _steps(steps: Sequence[Row]) -> str:
    parts = []
    for row, after in zip(steps, [*steps[1:], None], strict=True):
        label, _ = STEPS[row["step"]]
        rate = row["rate"] or 0
        flow = ""
        if after is not None:
            gone = after["from_previous_rate"]
            went = "" if gone is None else f"{gone * 100:.0f} %"
            flow = (
                f'<i class="dwell-flow" style="--next:{after["rate"] or 0:.4f}"></i>'
                f'<em aria-hidden="true">{went}</em>'
            )
        # All that is asked is asked: there is nothing to be unsure of.
        is_sure = row["step"] == "asked" or row["low"] is None
        ends = "" if is_sure else _whisker(row, "--low", "--high", 1)
        parts.append(
            f'<li><span class="dwell-tip dwell-step" tabindex="0" aria-label="{_told(row)}" '
            f'style="--rate:{rate:.4f};--top:{_top(row, is_sure):.4f}">'
            f'<span class="dwell-plot"><b>{format.share(row["rate"])}</b><i class="dwell-fill"></i>'
            f"{flow}{ends}</span>"
            f"<strong>{label}</strong><small>{format.count(row['count'])}</small></span>"
            f'<span class="dwell-tip-text" role="tooltip">{_told(row)}</span></li>'
        )
    return "".join(parts)


def _top(row: Row, is_sure: bool) -> float:
    return float(row["rate"] or 0) if is_sure else float(row["high"] or 0)


def _outcome(row: Row, top: float) -> str:
    label, tone, _ = OUTCOMES[row["step"]]
    ends = "" if row["low"] is None else _whisker(row, "--low", "--high", top)
    return (
        f'<li><span class="dwell-tip dwell-outcome dwell-{tone}" tabindex="0" '
        f'aria-label="{_told(row)}" style="--rate:{(row["rate"] or 0) / top:.4f}">'
        f'<strong>{label}</strong><span class="dwell-plot"><i class="dwell-fill"></i>{ends}</span>'
        f"<b>{format.share(row['rate'])}</b></span>"
        f'<span class="dwell-tip-text" role="tooltip">{_told(row)}</span></li>'
    )


def _whisker(row: Row, low: str, high: str, top: float) -> str:
    return (
        f'<i class="dwell-whisker" style="{low}:{row["low"] / top:.4f};'
        f'{high}:{row["high"] / top:.4f}"></i>'
    )


def _told(row: Row) -> str:
    """A step or outcome in words: what it is, of how many, its interval."""
    is_outcome = row["is_outcome"]
    what = OUTCOMES[row["step"]][2] if is_outcome else STEPS[row["step"]][1]
    cases = format.count(row["case_count"])
    if row["rate"] is None:
        return escape(f"{what}. None is known yet: all are in open sessions.")
    of = f"{format.count(row['count'])} of {cases} {'answered' if is_outcome else 'asked'}"
    text = f"{what}. {format.share(row['rate'])}: {of}"
    if row["step"] != "asked" and row["low"] is not None:
        text += f"; 95 %: {format.between(row['low'], row['high'])}"
    if row["from_previous_rate"] is not None:
        text += f"; {format.share(row['from_previous_rate'])} of the step before"
    # A number is not parted from its unit.
    return escape(f"{text}.").replace(" %", "\u00a0%")
