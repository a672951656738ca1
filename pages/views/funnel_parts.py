"""A funnel by the day, week or month of its entry, and by the values of a dimension.

Never computes a metric.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import breakdowns, format, funnel_charts, grains, marks, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, pick
from pages.ui.frame import Page
from pages.ui.funnel_asked import FunnelAsked
from pages.ui.periods import last_day
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.dimensions import Dimension, dimension_named
from warehouse.metrics import breakdowns as metric
from warehouse.metrics import funnels
from warehouse.metrics.intervals import of_steps

if TYPE_CHECKING:
    import polars as pl

TREND = (
    "Who began in the {grain}, and which of them got through by an entry there, whenever that was. "
    "Who begins in several counts in each: so their shares may all be higher, or lower, than that "
    "of the whole period, where each counts once. Pale: their window is not over, more may come."
)
BY = (
    "Each is told by the session in which the way to their furthest step began. Other is all "
    "values that are not in the table; the total is that of the funnel above."
)


def asks(page: Page, asked: FunnelAsked) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    return (
        question(funnels.trend, page.filters, **asked.args, grain=page.grain),
        question(metric.known, page.filters),
    )


def trend(page: Page, asked: FunnelAsked) -> None:
    """The share that gets through, by the period of the entry."""
    grain = page.grain
    args = {**asked.args, "grain": grain}
    frame = of_steps(ask(funnels.trend, page.filters, **args))
    starts = frame["period_start"].to_list()
    done = [is_over(page, asked, start, grain) for start in starts]
    marked = marks.marks_of(page, starts)
    draw(
        page,
        f"Who gets through, per {grain} of entry",
        frame,
        lambda: marks.draw(funnel_charts.trend(frame, grain, done), marked, starts, grain),
        {
            "period_start": Column("From", write=format.day, width=110),
            "entered_count": Column("Began", **COUNT, width=90),
            "converted_count": Column("Got through", **COUNT, width=100),
            "conversion_rate": Column("Share", write=format.share, width=90),
            "conversion_rate_low": Column("From", write=format.share, width=90),
            "conversion_rate_high": Column("To", write=format.share, width=90),
        },
        key="funnel_trend",
        query="funnels.steps",
        code=notebook.lines(funnels.trend, page.filters, **args),
        says=TREND.format(grain=grain),
        alt=f"Share of those who got through all steps, per {grain} of their entry",
        small="entered_count",
        control=lambda: grains.draw(page.choice, page.filters),
        sql_parts=asked.funnel.sql_parts,
        empty="Nobody began on these days.",
        note=marks.noted(_note(asked, done), marked),
    )


def is_over(page: Page, asked: FunnelAsked, start: date, grain: str) -> bool:
    """Whether the window of all who entered in a period is over."""
    window = asked.funnel.window
    after = window.days + 1 if window else 1
    as_of = format.local(page.as_of, page.zone).date()
    return (as_of - last_day(start, grain)).days > after


def _note(asked: FunnelAsked, done: list[bool]) -> str:
    count = len(done) - sum(done)
    often = f"A {asked.noun} who begins in several counts in each. " if len(done) > 1 else ""
    if not count:
        return often.strip()
    last = "bar" if count == 1 else f"{count} bars"
    return f"{often}Pale: of the last {last} more may still get through."


def by(page: Page, asked: FunnelAsked) -> None:
    """The last step by the values of a dimension."""
    counts = dict(ask(metric.known, page.filters).iter_rows())
    offered = {each.name: each.label for each in breakdowns.dimensions() if counts.get(each.name)}
    if not offered:
        return
    default = "device_type" if "device_type" in offered else next(iter(offered))
    dimension = dimension_named(chosen("by", offered, default), breakdowns.dimensions())
    args = {**asked.args, "by": dimension.name}
    frame = ask(funnels.steps, page.filters, **args)
    sections.head(
        f"Who gets through, by {dimension.label.lower()}",
        key="funnel_by",
        page=page,
        query="funnels.steps",
        filters=page.filters,
        dimension=dimension.name,
        parts=asked.funnel.sql_parts,
        says=f"{BY} {breakdowns.OVERLAP}" if dimension.is_list else BY,
        code=notebook.lines(funnels.steps, page.filters, **args),
        frame=lambda: frame,
        file=sections.file_name(page, f"funnel_by_{dimension.name}"),
        extra=lambda: pick("Dimension", "by", offered, default),
    )
    table = by_value(frame)
    if table.is_empty():
        st.caption("Nobody began on these days.")
        return
    show_table(
        breakdowns.named(table),
        _columns(asked, dimension),
        key="table_funnel_by",
        alt=f"Who gets through, by {dimension.label.lower()}",
        small="step_1",
        rest="is_rest",
        link=lambda row: breakdowns.only(page, dimension, row),
    )


def by_value(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a value: how many reached each step, and the rate of the last with its interval."""
    import polars as pl

    keys = ["value", "is_other", "is_total"]
    rates = of_steps(frame).filter(pl.col("step_number") == pl.col("step_number").max())
    counts = frame.pivot(
        "step_number", index=keys, values="count", aggregate_function="first", maintain_order=True
    )
    counts = counts.rename({name: f"step_{name}" for name in counts.columns if name not in keys})
    ends = ["conversion_rate", "conversion_rate_low", "conversion_rate_high"]
    table = counts.join(
        rates.select(*keys, *ends), on=keys, nulls_equal=True, maintain_order="left"
    )
    return table.with_columns(interval=pl.struct(ends[1:]))


def _columns(asked: FunnelAsked, dimension: Dimension) -> dict[str, Column]:
    def step_column(number: int, step: str) -> Column:
        return Column(f"{number}. {step}", **COUNT, wide=1 < number < len(asked.steps))

    return {
        "value": Column(dimension.label),
        "conversion_rate": Column("Got through", write=format.share),
        "interval": Column("95 %", write=lambda ends: format.between(*ends.values()), wide=True),
        **{
            f"step_{number}": step_column(number, step)
            for number, step in enumerate(asked.steps, 1)
        },
    }
