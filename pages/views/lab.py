"""The lab: what other timeouts would make of the sessions. Never computes a metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, lab_asked, lab_charts, notebook, tables
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, pick
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from warehouse.metrics import gap_valley, lab, lab_conditions

if TYPE_CHECKING:
    import polars as pl

MEASURES = {
    "session_count": ("Sessions", "count"),
    "median_duration_seconds": ("Median duration", "seconds"),
    "bounce_rate": ("Bounce rate", "rate"),
    "one_event_rate": ("One-event sessions", "rate"),
}
GAPS_SAYS = (
    "Each gap between two consecutive events of a user, eight bins a decade; sessions of a tracker "
    "with its own ids are timelines of their own. A gap is of the source of its later event, and "
    "of the session of that one. The valley: two lognormal distributions are fitted to the bins "
    "(expectation and maximisation, as Halfaker et al. 2015 did for timeouts); it lies where a gap "
    "belongs to either with the same probability."
)
TIMEOUTS_SAYS = (
    "All timelines are cut anew with each timeout, then the filters hold for the sessions so cut: "
    "each row is what a full build with that timeout would say. Sessions that a tracker tells by "
    "its own ids do not change. Whether a session is still open goes by the timeout too; rates are "
    "of closed ones."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    first, rest = _minutes(page)
    return (
        question(lab.gaps, page.filters),
        *(question(lab.timeouts, page.filters, minutes=each) for each in (first, rest) if each),
    )


def show(page: Page) -> None:
    """The gaps, then the timeouts."""
    _gaps(page)
    _timeouts(page)


def _minutes(page: Page) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The build's own timeout, and all that are compared; those that the filters allow."""
    own = lab_asked.own_seconds("timeout") / 60
    every = lab_asked.minutes()
    wh = current_warehouse()
    if lab_conditions.refused(wh, page.filters, is_split=False):
        return (own,), (own,)
    if lab_conditions.refused(wh, page.filters, is_split=True):
        return (own,), tuple(each for each in every if each >= own)
    return (own,), every


def _gaps(page: Page) -> None:
    import polars as pl

    frame = ask(lab.gaps, page.filters)
    sizes = frame.group_by("source").agg(pl.col("gap_count").sum()).sort("gap_count", "source")
    sources = {name: name for name in reversed(sizes["source"].to_list())}
    most = next(iter(sources), "")
    source = chosen("lab_source", sources, most)
    timeout = lab_asked.own_seconds("timeout")
    shown = frame.filter(pl.col("source") == source)
    # As lab.valley says, of the gaps that are here already.
    valley = next(gap_valley.of(shown).iter_rows(named=True), {})
    draw(
        page,
        f"Gaps between events of {format.plain(source)}" if source else "Gaps between events",
        shown.with_columns(
            bin=pl.Series([lab_charts.bin_words(row) for row in shown.to_dicts()], dtype=pl.String)
        ),
        lambda: lab_charts.gaps(shown, timeout, valley.get("valley_seconds")),
        {
            "bin": Column("Gap", width=160),
            "gap_count": Column("Gaps", **COUNT, width=90),
        },
        key="gaps",
        query="lab.gaps",
        says=GAPS_SAYS,
        code=notebook.lines(lab.gaps, page.filters),
        sql_parts={},
        alt=f"Gaps between events by their length on a logarithmic axis; the timeout is "
        f"{format.span(timeout)}",
        note=valley_note(valley, shown, timeout),
        control=(lambda: pick("Source", "lab_source", sources, most)) if len(sources) > 1 else None,
        saved=frame,
        empty="No user here has two events: there is no gap.",
    )


def valley_note(valley: dict[str, Any], bins: pl.DataFrame, timeout: float) -> str:
    """What the gaps say of the timeout, in plain sentences."""
    import polars as pl

    if not valley:
        return ""
    zero = int(bins.filter(pl.col("high_seconds") == 0)["gap_count"].sum())
    same = f" Not drawn: {format.plural(zero, 'gap')} of 0 s." if zero else ""
    if valley["valley_seconds"] is None:
        return f"No clear valley, so the gaps speak for no timeout. {valley['reason']}{same}"
    at, long = valley["valley_seconds"], valley["long_median_seconds"]
    kinds = (
        f"Two kinds of gaps, around {lab_charts.about(valley['short_median_seconds'])} "
        f"({format.share(valley['short_rate'])}) and around {lab_charts.about(long)}; the valley "
        f"between them lies at {lab_charts.about(at)}."
    )
    if long <= timeout:
        said = "Both kinds lie within visits: this valley speaks for no timeout."
    elif at > timeout:
        said = "The timeout of this build lies before it: it splits some gaps of the shorter kind."
    else:
        said = "The timeout of this build lies behind it: it joins some gaps of the longer kind."
    return f"{kinds} {said}{same}"


def _timeouts(page: Page) -> None:
    first, rest = _minutes(page)
    place = st.empty()
    own_row = ask(lab.timeouts, page.filters, minutes=first)
    if rest != first:
        with place.container():
            st.subheader("Sessions by timeout", anchor=False)
            tables.show(
                own_row, columns(first[0]), key="table_own_timeout", alt="The build's own timeout"
            )
            st.caption("This build's own. The other timeouts are being cut \u2026")
    frame = ask(lab.timeouts, page.filters, minutes=rest)
    with place.container():
        _draw_timeouts(page, frame, first[0], rest)


def _draw_timeouts(page: Page, frame: pl.DataFrame, own: float, minutes: tuple[float, ...]) -> None:
    of = chosen("lab_of", MEASURES, "session_count")
    label, unit = MEASURES[of]
    labels = {name: words for name, (words, _) in MEASURES.items()}
    # Few rows that are compared with each other: the table is there unless it is switched off.
    st.session_state.setdefault("toggle_table_timeouts", True)
    draw(
        page,
        f"{label} by timeout",
        frame,
        lambda: lab_charts.choices(frame, "timeout_minutes", of, own, unit, 60),
        columns(own),
        key="timeouts",
        query="lab.timeouts",
        says=TIMEOUTS_SAYS,
        code=notebook.lines(lab.timeouts, page.filters, minutes=minutes),
        sql_parts={"words": (("pieces", "joined_pieces"),)},
        alt=f"{label} by timeout, on a logarithmic axis; the build's own stands out",
        control=lambda: pick("Measure", "lab_of", labels, "session_count"),
        note=limits(page),
    )
    lab_asked.adopt("timeout", "Timeout in minutes", "lab_timeout", lab.MINUTES, 60)


def limits(page: Page) -> str:
    """Which timeouts the filters leave out, and why; nothing when none."""
    wh = current_warehouse()
    if names := lab_conditions.refused(wh, page.filters, is_split=False):
        return (
            f"The lab cannot tell {', '.join(names)} of sessions that are cut anew, so only this "
            "build's own row is shown. Leave that condition out for the others."
        )
    if names := lab_conditions.refused(wh, page.filters, is_split=True):
        return (
            f"The lab cannot tell {', '.join(names)} for shorter timeouts than this build's: they "
            "are left out. Without that condition they are there."
        )
    return ""


def columns(own: float) -> dict[str, Column]:
    """The columns of the timeouts; the build's own is named."""

    def written(minutes: float) -> str:
        is_own = " (this build)" if math.isclose(minutes, own) else ""
        return f"{format.span(minutes * 60)}{is_own}"

    return {
        "timeout_minutes": Column("Timeout", write=written, width=140),
        "session_count": Column("Sessions", **COUNT, width=90),
        "median_duration_seconds": Column("Median duration", **SPAN, width=130),
        "bounce_rate": Column("Bounce", write=format.share, width=90),
        "one_event_rate": Column("One event", write=format.share, width=90),
    }
