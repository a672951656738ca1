"""Tables of sessions by one dimension. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, sections
from pages.ui.ask import ask
from pages.ui.filter_row import href_of
from pages.ui.frame import Page
from pages.ui.ordering import Order, order_of
from pages.ui.tables import Column, metric_column, show
from warehouse.conditions import as_text
from warehouse.dimensions import BY_NAME as BY_DIMENSION
from warehouse.metrics import overview
from warehouse.metrics.registry import BY_NAME, COLUMNS

if TYPE_CHECKING:
    import polars as pl


def table(page: Page, dimension: str, title: str, noun: str) -> None:
    """One breakdown with its head: ten values, Other, and counts that add up."""
    order = order_of(("value", *COLUMNS), "session_count", dimension)
    frame = ordered(ask(overview.breakdown, page.filters, dimension), order)
    sections.head(
        title,
        key=dimension,
        metrics=COLUMNS,
        query="overview.breakdown",
        filters=page.filters,
        dimension=dimension,
        frame=lambda: frame,
        file=sections.file_name(page, dimension),
    )
    show(
        named(frame),
        {
            "value": Column(noun),
            "session_count": metric_column("session_count"),
            "session_rate": Column("Share", bar=True, help="Share of all sessions"),
            **{name: metric_column(name) for name in COLUMNS if name != "session_count"},
        },
        key=f"table_{dimension}",
        alt=f"{title}: share, {', '.join(BY_NAME[name].label.lower() for name in COLUMNS)}",
        small="session_count",
        rest="is_rest",
        order=order,
        link=lambda row: _only(page, dimension, row),
    )


def _only(page: Page, name: str, row: dict[str, Any]) -> str | None:
    """Address of this page with the sessions of that value alone; none for all the rest."""
    if row["is_other"]:
        return None
    return link_to(page, name, None if row["is_rest"] else row["value"])


def link_to(page: Page, name: str, value: str | None) -> str:
    """Address of this page with the sessions of that value alone; None is not known."""
    dimension = BY_DIMENSION[name]
    return href_of(page.choice.with_texts(dimension, [as_text(dimension, value)]))


def ordered(frame: pl.DataFrame, order: Order) -> pl.DataFrame:
    """The frame in that order; the rest, and then what is not known, stand last in any."""
    import polars as pl

    last = pl.when("is_other").then(1).when(pl.col("value").is_null()).then(2).otherwise(0)
    return order.applied(frame).sort(last, maintain_order=True)


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with words for the rest and for values that are not known: `is_rest` of both."""
    import polars as pl

    return frame.with_columns(
        value=pl.when(pl.col("is_other"))
        .then(pl.lit("Other"))
        .otherwise(pl.col("value").fill_null("(not known)")),
        is_rest=pl.col("is_other") | pl.col("value").is_null(),
    )


def notes(totals: dict[str, float | None], left_out: dict[str, int]) -> None:
    """What the averages rest on, in two plain sentences."""
    one_event, multi = totals["one_event_session_rate"], totals["avg_duration_seconds_multi"]
    sentences = []
    if one_event is not None:
        sentences.append(
            f"{format.share(one_event)} of sessions have one event and count as 0 s: the average "
            f"is {format.duration(totals['avg_duration_seconds'])} with them and "
            f"{format.duration(multi)} without."
        )
    suspects, still_open = left_out["suspect_session_count"], left_out["open_session_count"]
    sentences.append(
        f"Left out of durations: {format.plural(suspects, 'suspect session')}. "
        f"Left out of rates: {format.plural(still_open, 'open session')}."
    )
    st.caption(" ".join(sentences), help=sections.definition("suspect_session_count"))
