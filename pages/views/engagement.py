"""Engagement: how long sessions are, in three charts. Never computes a metric."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pages.ui import (
    drill_parts,
    engagement_charts,
    format,
    grains,
    marks,
    notebook,
    percentile_chart,
)
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, switch
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from pages.views import engagement_counts
from warehouse.metrics import engagement, overview

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

LENGTHS = {"duration": "Duration", "engaged": "Engaged time"}
METRICS = {"duration": "avg_duration_seconds", "engaged": "avg_engaged_seconds"}
BINS = (
    "Sessions by length, in bins of about three a decade. A bin holds what is above its low end, "
    "up to and with its high one; the first those of 0 s, that is of one event."
)
PERCENTILES = (
    "Of the sessions that began in the {grain}: p90 is the length that nine of ten sessions do not "
    "go beyond, p50 the median. Between two sessions the value is interpolated."
)
SURVIVAL = (
    "The share of sessions that go on for longer than so many seconds. An open session has lasted "
    "so far, which is all that is known of it: it counts as long as that, and then leaves (Kaplan "
    "and Meier). The band of 95 % is Greenwood's, around log(\u2212log S). Suspect sessions are "
    "left out."
)


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    of = f"{chosen('of', LENGTHS, 'duration')}_seconds"
    return (
        question(overview.totals, page.filters),
        question(engagement.distribution, page.filters, of=of),
        question(engagement.percentiles, page.filters, grain=page.grain, of=of),
        question(engagement.survival, page.filters),
        question(engagement.bounce_presets, page.filters),
        question(engagement.hour_by_weekday, page.filters),
        question(engagement.sessions_per_user, page.filters),
    )


def show(page: Page) -> None:
    """All sections of the page; when no session matches, why."""
    totals = ask(overview.totals, page.filters).row(0, named=True)
    if totals["session_count"] == 0:
        explain_empty(page)
    of = chosen("of", LENGTHS, "duration")
    _lengths(page, totals, of)
    _percentiles(page, of)
    _survival(page)
    engagement_counts.bounces(page)
    engagement_counts.week(page)
    engagement_counts.users(page)
    engagement_counts.active_or_away(page)


def _lengths(page: Page, totals: dict[str, Any], of: str) -> None:
    bins = ask(engagement.distribution, page.filters, of=f"{of}_seconds")
    draw(
        page,
        f"Sessions by {LENGTHS[of].lower()}",
        bins,
        lambda: engagement_charts.lengths(bins),
        {
            "low_seconds": Column("Longer than", **SPAN, width=110),
            "high_seconds": Column(
                "Up to and with", **SPAN, width=110, help="A dash where the bin has no end"
            ),
            "session_count": Column("Sessions", **COUNT, width=90),
        },
        key="lengths",
        query="engagement.distribution",
        code=notebook.lines(engagement.distribution, page.filters, of=f"{of}_seconds"),
        says=BINS,
        metrics=(METRICS[of], "median_duration_seconds", "one_event_session_rate"),
        alt=f"Sessions by {LENGTHS[of].lower()}, one bar a bin, from 0 s to the longest",
        note=lengths_note(totals, of),
        control=lambda: switch("Length of a session", "of", LENGTHS, "duration"),
        parts=drill_parts.lengths(
            page,
            bins,
            f"{of}_seconds",
            current_warehouse().setting("suspect_after").total_seconds(),
            has_longer=totals["suspect_session_count"] > 0,
        ),
    )


def lengths_note(totals: dict[str, Any], of: str) -> str:
    """What the bars come down to, in plain sentences."""
    p50, p90 = totals["median_duration_seconds"], totals["p90_duration_seconds"]
    mean, one_event = totals["avg_engaged_seconds"], totals["one_event_session_rate"]
    sentences = [
        f"Half of the sessions are longer than {format.duration(p50)} (p50), one in ten than "
        f"{format.duration(p90)} (p90)."
        if of == "duration"
        else f"{format.duration(mean)} on average; the whole duration is {format.duration(p50)} "
        f"(p50) and {format.duration(p90)} (p90)."
    ]
    if one_event is not None:
        sentences.append(
            f"{format.share(one_event)} of finished sessions have one event and count as 0 s."
        )
    return " ".join(sentences)


def _percentiles(page: Page, of: str) -> None:
    grain = page.grain
    frame = ask(engagement.percentiles, page.filters, grain=grain, of=f"{of}_seconds")
    starts = frame["period_start"].to_list()
    whole = percentile_chart.are_whole(starts, grain, page.filters.start, last_whole_day(page))
    marked = marks.marks_of(page, starts)
    draw(
        page,
        f"Percentiles of {LENGTHS[of].lower()} per {grain}",
        frame,
        lambda: marks.draw(
            percentile_chart.percentiles(frame, grain, whole), marked, starts, grain
        ),
        {
            "period_start": Column("From", write=format.day, width=110),
            **{
                f"{name}_seconds": Column(name, **SPAN, width=90)
                for name in reversed(percentile_chart.PERCENTILES)
            },
            "session_count": Column("Sessions", **COUNT, width=90),
        },
        key="percentiles",
        query="engagement.percentiles",
        code=notebook.lines(engagement.percentiles, page.filters, grain=grain, of=f"{of}_seconds"),
        says=PERCENTILES.format(grain=grain),
        metrics=(METRICS[of],),
        alt=f"Percentiles 25, 50, 75, 90 and 95 of {LENGTHS[of].lower()} per {grain}, as lines",
        note="  \n".join(filter(None, (_part_note(grain, whole), marks.note(marked)))),
        small="session_count",
        control=lambda: grains.draw(page.choice, page.filters),
    )


def last_whole_day(page: Page) -> date:
    """The last day of the period that no more events will be of."""
    before = format.local(page.as_of, page.zone).date() - timedelta(days=1)
    return min(page.filters.end, before) if page.filters.end else before


def _part_note(grain: str, whole: list[bool]) -> str:
    ends = {"first": all(whole[:1]), "last": all(whole[-1:])}
    cut = " and ".join(end for end, done in ends.items() if not done)
    if not cut:
        return ""
    if len(whole) == 1:
        return f"Only a part of the {grain} is in the period so far."
    return f"Of the {cut} {grain} only a part is in the period so far."


def _survival(page: Page) -> None:
    frame = ask(engagement.survival, page.filters)
    draw(
        page,
        "Sessions that go on for longer",
        frame,
        lambda: engagement_charts.survival(frame),
        {
            "seconds": Column("Longer than", **SPAN, width=110),
            "survival_rate": Column("Sessions", write=format.share, width=90),
            "low": Column("From", write=format.share, width=90, help="Low end of the 95 % band"),
            "high": Column("To", write=format.share, width=90, help="High end of the 95 % band"),
            "at_risk_count": Column(
                "n", **COUNT, width=90, help="Sessions that lasted so long at least"
            ),
        },
        key="survival",
        query="engagement.survival",
        code=notebook.lines(engagement.survival, page.filters),
        says=SURVIVAL,
        alt="Share of sessions that last longer, by length on a logarithmic axis, with its band",
        note=survival_note(frame),
        small="at_risk_count",
    )


def survival_note(frame: pl.DataFrame) -> str:
    """How long half of the sessions go on, and one in ten: the last point that so many reach."""
    parts = [
        f"{many} last longer than {format.duration(seconds)}"
        for many, rate in (("at least half of the sessions", 0.5), ("at least one in ten", 0.1))
        if (seconds := _reached(frame, rate)) is not None
    ]
    if not parts:
        return "Less than one session in ten lasts longer than 0 s."
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}. Open sessions count as long as they have lasted so far."


def _reached(frame: pl.DataFrame, rate: float) -> float | None:
    return max(
        (row[0] for row in frame.select("seconds", "survival_rate").iter_rows() if row[1] >= rate),
        default=None,
    )
