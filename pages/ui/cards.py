"""The headline cards: value, change against the previous period, and the daily series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format
from pages.ui.sections import definition, how
from warehouse.metrics.registry import BY_NAME, CARDS

if TYPE_CHECKING:
    import polars as pl


def headline(changes: pl.DataFrame, daily: pl.DataFrame) -> None:
    """The registry's cards, from the frames of overview.change and overview.daily."""
    rows = {row["metric"]: row for row in changes.iter_rows(named=True)}
    # The running day would look like a fall.
    whole = daily.filter(daily["is_complete"])
    series = whole if whole.height > 1 else daily
    with st.grid(len(CARDS), min_column_width=150, gap="small", key="cards"):
        for name in CARDS:
            _card(rows[name], series[name].to_list())
    with st.container(
        key="head_cards",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.caption(comparison(next(iter(rows.values()))), width="content")
        how(CARDS, "overview.totals", key="cards")


def _card(row: dict[str, Any], series: list[float | None]) -> None:
    metric = BY_NAME[row["metric"]]
    # A comparison with fewer days would tell of the data, not of the product.
    text = format.change(row["change"], row["change_kind"]) if row["is_covered"] else None
    st.metric(
        metric.label,
        format.WRITERS[metric.unit](row["value"]),
        delta=verdict(text, row["change"], row["better"]),
        delta_arrow="off",
        # The colour of the series; the verdict carries its own.
        delta_color="primary",
        help=definition(row["metric"]),
        border=True,
        height="stretch",
        chart_data=[point for point in series if point is not None] or None,
    )


def verdict(text: str | None, change: float | None, better: int) -> str:
    """The change with its arrow: green for better, red for worse, grey where neither is."""
    if text is None or change is None:
        return ":gray[no comparison]"
    if text[0] not in "+-":
        return f":gray[{text}]"
    arrow = "\u2191" if change > 0 else "\u2193"
    good = better * change
    color = "green" if good > 0 else "red" if good < 0 else "gray"
    return f":{color}[{arrow} {text[1:]}]"


def comparison(row: dict[str, Any]) -> str:
    """What the changes compare, or why there are none."""
    if row["current_start"] is None:
        return "No change shown: the period holds no complete day yet."
    now = format.days(row["current_start"], row["current_end"])
    before = format.days(row["previous_start"], row["previous_end"])
    if not row["is_covered"]:
        return (
            f"No change shown: the data begins after the first day of {before}, "
            f"with which {now} would be compared."
        )
    if not row["previous"]:
        return f"No change shown: there are no sessions from {before} to compare with."
    return f"Change: {now} against {before}, complete days and the same weekdays."
