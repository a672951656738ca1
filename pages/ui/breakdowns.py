"""What tables of sessions by a dimension share, on all pages. Never computes a metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import streamlit as st

from pages.ui import format, sections
from pages.ui.address import encode
from pages.ui.ask import ask, current_warehouse
from pages.ui.filter_row import href_of
from pages.ui.frame import Page
from pages.ui.ordering import Order
from warehouse.conditions import as_text
from warehouse.dimensions import Dimension, broken_down_by
from warehouse.metrics import breakdowns as metric
from warehouse.metrics.places import in_place

if TYPE_CHECKING:
    import polars as pl

OVERLAP = "A session with several values counts in each of them: the rows overlap."


def dimensions() -> tuple[Dimension, ...]:
    """All that sessions of this build are broken down by, those of its dwell.toml too."""
    return broken_down_by(current_warehouse().dimensions)


def only(page: Page, dimension: Dimension, row: dict[str, Any]) -> str | None:
    """Address of this page with the sessions of that value alone; none for all the rest."""
    if row["is_other"] or row.get("is_total"):
        return None
    return link_to(page, dimension, None if row["is_rest"] else row["value"])


def link_to(page: Page, dimension: Dimension, value: str | None) -> str:
    """Address of this page with the sessions of that value alone; None is not known."""
    return href_of(page.choice.with_texts(dimension, [as_text(dimension, value)]))


def all_values(page: Page, dimension: Dimension) -> str:
    """Address of the page that lists every value of a dimension, with the filters of this one."""
    return "breakdowns?" + urlencode(
        [*encode(page.choice), ("by", dimension.name), ("view", "all")]
    )


def link(words: str, address: str, *, is_open: bool = False) -> str:
    """A link in HTML that keeps the page, as those of tables do."""
    state = ' aria-current="true"' if is_open else ""
    return f'<a class="dwell-link" href="{escape(address)}"{state}>{escape(words)}</a>'


def value_count(page: Page, dimension: Dimension) -> int:
    """How many values the dimension has in the period."""
    count: int = ask(metric.value_count, page.filters, dimension.name)["value_count"][0]
    return count


def ordered(frame: pl.DataFrame, order: Order) -> pl.DataFrame:
    """The frame in that order; what is not known, the rest and the total stand last in any."""
    return in_place(order.applied(frame))


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with words for the rest and for values that are not known: `is_rest` of both."""
    import polars as pl

    is_total = pl.col("is_total") if "is_total" in frame.columns else pl.lit(False)
    return frame.with_columns(
        value=pl.when("is_other")
        .then(pl.lit("Other"))
        .when(is_total)
        .then(pl.lit("Total"))
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
