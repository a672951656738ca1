"""The lab: sessions under other timeouts, and the gaps that timeouts cut. Never computes."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, lab_charts, notebook
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.controls import pick
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from warehouse.metrics import gap_valley, lab, lab_conditions

GAPS_SAY = (
    "Gaps between a user's events of one stream, and within a tracker's session, by the source of "
    "the later event; eight bins a decade. The valley is where two fitted lognormal kinds of gaps "
    "are as likely: a longer gap is rather one between visits."
)
TIMEOUTS_SAY = (
    "Whole timelines are cut anew, then the filters hold for the sessions so cut. Each row equals "
    "a full build with that timeout. What ends or starts a session still does; sessions of a "
    "tracker's own id stay as they are."
)


def _minutes(page: Page) -> tuple[float, ...]:
    """The timeouts that can be told exactly under the filters; the build's own always can."""
    wh = current_warehouse()
    own = wh.setting("timeout").total_seconds() / 60
    if lab_conditions.refused(wh, page.filters, is_split=False):
        return (own,)
    is_split = not lab_conditions.refused(wh, page.filters, is_split=True)
    return tuple(m for m in sorted({*lab.MINUTES, own}) if is_split or m >= own)


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    return (
        question(lab.timeouts, page.filters, minutes=_minutes(page)),
        question(lab.gaps, page.filters),
    )


def show(page: Page) -> None:
    """Timeouts with the line of dwell.toml, and gaps by source."""
    own = current_warehouse().setting("timeout").total_seconds() / 60
    minutes = _minutes(page)
    frame = ask(lab.timeouts, page.filters, minutes=minutes)
    fewer = ""
    if len(minutes) < len({*lab.MINUTES, own}):
        fewer = " Other timeouts cannot be told exactly under these filters."
    draw(
        page,
        "Sessions by timeout",
        frame,
        lambda: lab_charts.timeouts(frame, own),
        {
            "timeout_minutes": Column("Timeout", write=lambda m: format.span(m * 60), width=100),
            "session_count": Column("Sessions", **COUNT, width=100),
            "median_duration_seconds": Column("Median", **SPAN, width=100),
            "bounce_rate": Column("Bounce", write=format.share, width=90),
            "one_event_rate": Column("One event", write=format.share, width=90),
        },
        key="timeouts",
        query="lab.timeouts",
        says=TIMEOUTS_SAY,
        code=notebook.lines(lab.timeouts, page.filters, minutes=minutes),
        alt="Sessions by timeout, the build's own marked",
        note=f"Darker: the build's own timeout, {format.span(own * 60)}.{fewer}",
        sql_parts={"words": (("pieces", "joined_pieces"),)},
        empty="No session matches.",
    )
    options = {f"{m:g}": format.span(m * 60) for m in minutes}
    chosen = pick("Timeout to adopt", "timeout", options, f"{own:g}")
    if float(chosen) != own:
        st.code(f'timeout = "{chosen} min"  # in dwell.toml\ndwell build --full', language="toml")
    gaps = ask(lab.gaps, page.filters)
    valleys = gap_valley.of(gaps)
    draw(
        page,
        "Gaps between events",
        gaps,
        lambda: lab_charts.gaps(gaps, own * 60),
        {
            "source": Column("Source", width=120),
            "low_seconds": Column("Longer than", **SPAN, width=110),
            "high_seconds": Column("Up to and with", **SPAN, width=110),
            "gap_count": Column("Gaps", **COUNT, width=90),
        },
        key="gaps",
        query="lab.gaps",
        says=GAPS_SAY,
        code=notebook.lines(lab.gaps, page.filters),
        alt="Gaps between events by length on a log scale, a line a source, the timeout marked",
        note="  \n".join(map(_told, valleys.to_dicts())),
        empty="No two events follow each other.",
    )


def _told(row: dict[str, object]) -> str:
    name, at = format.plain(str(row["source"])), row["valley_seconds"]
    if isinstance(at, float):
        return f"{name}: valley at {format.span(at)}."
    return f"{name}: no clear valley. {row['reason']}"
