"""The head of the Overview: the cards that a reader chose, and the trend. Computes no metric."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import (
    alert_strip,
    cards,
    charts,
    comparing,
    drill_chart,
    drill_metrics,
    drill_parts,
    forecast_chart,
    grains,
    marks,
    measures,
    movers,
    notebook,
    sections,
    type_chart,
)
from pages.ui.ask import Question, answer, ask, question
from pages.ui.controls import chosen, chosen_many, pick, pick_many
from pages.ui.frame import Page
from pages.views import overview_forecast, overview_platform
from warehouse.metrics import breakdowns, normal, overview
from warehouse.metrics.registry import CARDS, Metric

if TYPE_CHECKING:
    import polars as pl

USUAL_METRIC = "sessions"


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    return (
        question(overview.totals, page.filters),
        question(overview.change, page.filters, compare=page.compare),
        _band(page),
        *overview_platform.asks(page),
        _series(page, metric_of_trend().name),
        *overview_forecast.asks(page, metric_of_trend()),
        question(breakdowns.known, page.filters),
        movers.asked(page, metric_of_trend()),
        type_chart.asked(page),
        alert_strip.asked(),
    )


def _band(page: Page) -> Question:
    """What is normal for all cards that there may be, and for the trend."""
    known = measures.words()
    usual = [word for word, name in known.items() if name in CARDS]
    names = [known[word] for word in chosen_many("cards", tuple(known), usual)]
    asked = tuple(dict.fromkeys((*names, metric_of_trend().name)))
    return question(normal.band, page.filters, asked, page.grain)


def headline(page: Page) -> pl.DataFrame:
    """The cards, what they compare, and the choice of others; the days that they are drawn of.

    The frame is that of normal.band, of the metric of the trend too.
    """
    changes = ask(overview.change, page.filters, compare=page.compare)
    rows = {row["metric"]: row for row in changes.iter_rows(named=True)}
    # A product without queries has nothing to abandon.
    known = measures.words()
    usual = [
        word
        for word, name in known.items()
        if name in CARDS and (name != "abandonment_rate" or rows[name]["value"] is not None)
    ]
    words = chosen_many("cards", tuple(known), usual)
    names = tuple(known[word] for word in words)
    days = answer(_band(page))
    # The running day would look like a fall.
    whole = days.filter(days["is_complete"])
    line = whole if whole.height > 1 else days
    beside = overview_platform.lines(page)
    cards.draw([_card(page, rows[name], line, *beside(rows[name])) for name in names])
    with st.container(
        key="head_cards",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.caption(page.before.sentence, width="content")
        with st.container(
            key="tools_cards", horizontal=True, width="content", vertical_alignment="center"
        ):
            with st.popover("Cards", type="tertiary", icon=":material/tune:", key="cards_open"):
                pick_many("Numbers on the cards", "cards", _labels(), words, usual)
            code = notebook.lines(overview.totals, page.filters)
            says = f"{NORMAL}\n\n{overview_platform.SAYS}" if page.choice.is_narrowed else NORMAL
            sections.how(names, "overview.totals", page.filters, key="cards", says=says, code=code)
    return days


def _card(page: Page, row: dict[str, Any], line: pl.DataFrame, note: str, place: str) -> cards.Card:
    """A card whose value leads to what it counts; without anything before it tells no change."""
    name = row["metric"]
    card = cards.of_metric(row | {"is_covered": page.before.is_there}, line)
    return replace(
        card,
        help=f"{card.help or ''} {place}".strip(),
        link=drill_metrics.address(name, page.choice),
        leads_to=drill_metrics.words(name),
        note=note,
    )


NORMAL = (
    "**Grey band.** What is normal for a day: the mean of the same weekday in the eight weeks "
    "before, two standard deviations less and more; at least four of these days are known. "
    "**Change.** By complete days: the running day, and the day that it would be compared with, "
    "are left out."
)


def metric_of_trend() -> Metric:
    """The metric that the reader chose for the chart."""
    known = measures.words()
    return measures.metric(known[chosen("metric", known, USUAL_METRIC)])


def _labels() -> dict[str, str]:
    return {word: measures.metric(name).label for word, name in measures.words().items()}


def trend(page: Page, days: pl.DataFrame) -> None:
    """One metric by day, week or month, before what it is compared with and what is normal.

    `days` are those of the headline.
    """
    metric = metric_of_trend()
    told = points(page, metric, days)
    shown = grains.shown(page.choice, told)
    ahead = overview_forecast.of(page, metric)
    code = notebook.lines(
        overview.series, page.filters, metric.name, page.grain, compare=page.compare
    )
    says = NORMAL if page.grain == "day" else ""
    if ahead.days is not None:
        code += overview_forecast.line(page, metric)
        says += f"\n\n{overview_forecast.SAYS}"

    def tools() -> None:
        pick("Metric of the chart", "metric", _labels(), USUAL_METRIC)
        grains.draw(page.choice, page.filters, whole=True)
        overview_forecast.switch(page, metric)

    sections.head(
        charts.title(metric, page.grain),
        key="trend",
        page=page,
        metrics=(metric.name,),
        query="overview.series",
        filters=page.filters,
        code=code,
        frame=lambda: ahead.beside(told),
        file=sections.file_name(page, "series"),
        extra=tools,
        says=says,
    )
    before = comparing.BY_WORD[page.choice.view.compare if page.before.is_there else "none"]
    starts = shown["period_start"].to_list()
    marked = marks.marks_of(page, starts)
    beside = comparing.days_beside(page.choice, page.filters, starts)
    drawn = charts.trend(
        shown, metric, page.grain, before.line, beside if page.grain == "day" else ()
    )
    drawn = marks.draw(drawn, marked, starts, page.grain)
    if ahead.days is not None:
        forecast_chart.draw(drawn, shown, ahead.days, metric, before.line)
    drill_chart.draw(
        drawn,
        drill_parts.periods(page, starts, shown["session_count"].to_list(), page.grain),
        key="trend",
        alt=charts.title(metric, page.grain)
        + (f", in grey: {before.label}" if before.line else ""),
    )
    marks.below(marked)
    ahead.below(metric)


def points(page: Page, metric: Metric, days: pl.DataFrame) -> pl.DataFrame:
    """The rows of overview.series, with the n and the normal band of normal.band."""
    import polars as pl

    bands = days.select(
        "period_start",
        "session_count",
        pl.col(f"{metric.name}_low").alias("low"),
        pl.col(f"{metric.name}_high").alias("high"),
    )
    return _told(page, metric.name).join(bands, on="period_start", how="left")


def _series(page: Page, name: str) -> Question:
    """What tells the series of a metric; of single days before a prune, as they were told then."""
    start, pruned = page.filters.start, page.pruned_before
    is_kept = page.grain == "day" and page.filters.takes_all and name in overview.DAILY
    if not (is_kept and start and pruned and start < pruned):
        return question(overview.series, page.filters, name, page.grain, page.compare)
    return question(overview.daily, page.filters, page.compare)


def _told(page: Page, name: str) -> pl.DataFrame:
    """The series of a metric."""
    import polars as pl

    asked = _series(page, name)
    frame = answer(asked)
    if asked.metric is overview.series:
        return frame
    return frame.select(
        pl.col("event_date").alias("period_start"),
        pl.col(name).alias("value"),
        pl.col(f"previous_{name}").alias("previous_value"),
        "is_complete",
    )
