"""What changed most: the values that contribute most to a change. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill_metrics, format, notebook, sections
from pages.ui.ask import Question, answer, ask, current_warehouse, question
from pages.ui.breakdowns import link_to
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column, show
from pages.ui.theme import palette
from warehouse.metrics import breakdowns, moved_values, overview
from warehouse.metrics.moved_values import LEFT_OUT
from warehouse.metrics.registry import BY_NAME, Metric

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

ROWS = 10
SAYS = (
    "Every value of every property, in this period and in the one that it is compared with. A "
    "count contributes its own change; a rate or a mean what its own change and that of its share "
    "of the sessions do to the whole (Kitagawa 1955). Over the values of one property the shares "
    "of the change add up to 100 %; a share above that, or below 0, has others against it. "
    "Properties overlap, and so do sources, tags, assets and query types of one session. Grey and "
    "last is what chance alone may bring, at 95 % for all values together. Left out are the month "
    "of a user's first event and a user's activity, which differ between any two periods. What is "
    "not known is in the files alone."
)


def section(page: Page, metric: Metric) -> None:
    """The table of one metric, or of sessions where what contributes to it cannot be told."""
    of = _of(metric)
    # What is not known of one property says the same as a value of another: it is in the files.
    every = answer(asked(page, metric))
    frame = every.filter(every["value"].is_not_null()).head(ROWS)
    sections.head(
        "What changed most",
        key="movers",
        page=page,
        metrics=(of.name,),
        query="overview.movers",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(overview.movers, page.filters, of.name, **_asked(page, of), limit=ROWS),
        parts={
            "measure": of.name,
            "dimensions": moved_values.dimensions_of(current_warehouse(), _left_out(of)),
        },
        frame=lambda: answer(_movers(page, of, None)),
        file=sections.file_name(page, "what_changed_most"),
    )
    if frame.is_empty():
        st.caption(_nothing(page))
        return
    by_name = {dimension.name: dimension for dimension in current_warehouse().dimensions}
    some = bool(frame["is_beyond_chance"].any())
    st.caption(f"{_whole(page, of, metric)} {_chance(frame)}".rstrip())
    show(
        _named(frame),
        _columns(of),
        key="table_movers",
        alt=f"What changed most in {of.label.lower()}: now, before, change and share of the change",
        small="current_n",
        mark=lambda row: palette().quiet if some and not row["is_beyond_chance"] else None,
        link=lambda row: link_to(page, by_name[row["dimension"]], row["value"]),
    )


def asked(page: Page, metric: Metric) -> Question:
    """What the section asks for, if it is of that metric."""
    return _movers(page, _of(metric), 5 * ROWS)


def _of(metric: Metric) -> Metric:
    return metric if metric.name in moved_values.MOVABLE else BY_NAME["session_count"]


def _movers(page: Page, metric: Metric, limit: int | None) -> Question:
    return question(
        overview.movers,
        page.filters,
        metric.name,
        limit=breakdowns.ALL if limit is None else limit,
        **_asked(page, metric),
    )


def _asked(page: Page, metric: Metric) -> dict[str, Any]:
    return {"compare": page.compare, "without": _left_out(metric)}


def _left_out(metric: Metric) -> tuple[str, ...]:
    # That abandoned sessions bring all of a change in abandonment says nothing.
    flag = drill_metrics.flag(metric.name)
    return (*LEFT_OUT, flag) if flag else LEFT_OUT


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each row in words: Device: mobile."""
    import polars as pl

    known = {dimension.name: dimension for dimension in current_warehouse().dimensions}
    names = [
        f"{known[name].label}: {known[name].unknown if value is None else value}"
        for name, value in frame.select("dimension", "value").iter_rows()
    ]
    return frame.with_columns(name=pl.Series(names, dtype=pl.String))


def _columns(metric: Metric) -> dict[str, Column]:
    write = format.WRITERS[metric.unit]
    columns = {
        "name": Column("Sessions with"),
        "current": Column("Now", write=write),
        "previous": Column("Before", write=write, wide=True),
        "change": Column("Change", write=_signed(metric.unit)),
    }
    if metric.unit == "count":
        columns["change_rate"] = Column("Change in %", write=_relative, wide=True)
    if metric.name != "session_count":
        columns |= {
            "current_n": Column("n now", **COUNT, wide=True, help="Sessions that it is of"),
            "previous_n": Column("n before", **COUNT, wide=True, help="Sessions that it was of"),
        }
    if metric.unit != "count":
        columns["contribution"] = Column(
            "Contribution",
            write=_signed(metric.unit),
            wide=True,
            help="Its part in the change of the whole",
        )
    columns["share_of_change"] = Column(
        "Share", write=format.share, help="Share of the change of the whole"
    )
    return columns


def _relative(value: float) -> str:
    return format.change(value, "relative") or format.NULL


def _signed(unit: str) -> Callable[[Any], str]:
    """How a change is written in the unit of its metric."""
    kinds = {"rate": "points", "seconds": "seconds"}
    if unit in kinds:
        return lambda value: format.change(value, kinds[unit]) or format.NULL
    write = format.WRITERS[unit]
    return lambda value: f"{'+' if value > 0 else '-' if value < 0 else ''}{write(abs(value))}"


def _whole(page: Page, of: Metric, wanted: Metric) -> str:
    """What the shares are of, and why it is not what the chart shows."""
    write = format.WRITERS[of.unit]
    rows = ask(overview.change, page.filters, compare=page.compare).iter_rows(named=True)
    whole = next((row for row in rows if row["metric"] == of.name), None)
    told = f"{of.label}"
    if whole:
        change = format.change(whole["change"], whole["change_kind"])
        told += f": {write(whole['current'])} against {write(whole['previous'])}"
        told += f" in all ({change})" if change else " in all"
    if of is wanted:
        return f"{told}. Properties overlap: each tells of the same sessions."
    return (
        f"{told}. {wanted.label} cannot be split into parts that add up, so the table is of "
        f"{of.label.lower()}."
    )


def _chance(frame: pl.DataFrame) -> str:
    """Which of the rows chance alone may have brought."""
    beyond = frame["is_beyond_chance"]
    if beyond.all():
        return ""
    return (
        "Grey: chance alone may bring as much."
        if beyond.any()
        else ("Chance alone may bring as much as any of these.")
    )


def _nothing(page: Page) -> str:
    row = ask(overview.change, page.filters, compare=page.compare).row(0, named=True)
    if page.before.is_there and row["current"]:
        return "Nothing moved: no value differs between the two periods."
    return page.before.sentence
