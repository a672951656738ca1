"""Builds: their checks, what each changed, and two of them side by side. Computes no metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

import warehouse
from pages.ui import format, notebook, sections
from pages.ui.ask import ask, current_warehouse
from pages.ui.controls import chosen, href, pick
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse import Warehouse
from warehouse.metrics import health

if TYPE_CHECKING:
    import polars as pl

MOST_BUILDS = 20
MOST_DAYS = 14
# Two builds that share no files are compared row by row, which takes a minute for so many events.
MANY_EVENTS = 1_000_000
ALL = "all"
BUILDS_SAYS = (
    "A build is made when a load brought something, or a setting or Dwell itself changed. It never "
    "changes; the last five are kept (`keep_builds`) and can be pinned: `build=42` in the address "
    "of any page. What was added is against the build before."
)
DIFF_SAYS = (
    "Rows that are in one of the two builds alone, with all that they say: a row that says "
    "something else now is one removed and one added. Days that were over when the earlier build "
    "was made got their events *late*. Sessions are *merged* where an event came between them, and "
    "*split off* where one went."
)
CHECKS_SAYS = (
    "Queries for rows that must not be. A build in which one finds a row is not published, and the "
    "current one stays; that is told at the top of this page."
)


def show(page: Page) -> None:
    """The list of builds, what two of them differ in, and the checks of this one."""
    # A new build makes the list a new question.
    builds = ask(builds_now, _newest(page))
    _list(page, builds)
    _compare(page, builds)
    _checks(page)


def _is_kept() -> pl.Expr:
    import polars as pl

    return pl.col("is_kept")


def _newest(page: Page) -> int:
    """The number of the newest build; a pinned one is read even where that is not known."""
    try:
        return warehouse.current_build(current_warehouse().home)
    except warehouse.DwellError:
        return page.build


def builds_now(wh: Warehouse, newest: int) -> pl.DataFrame:
    """The builds that are known while that is the newest one."""
    return health.builds(wh)


def _list(page: Page, builds: pl.DataFrame) -> None:
    sections.head(
        "Builds",
        key="builds",
        page=page,
        says=BUILDS_SAYS,
        code=notebook.lines(health.builds),
        frame=lambda: builds,
        file="dwell_builds",
        files=tuple(sections.FILES),
    )
    show_table(
        builds.head(MOST_BUILDS),
        {
            "build": Column("Build"),
            "built_at": Column("Made", write=page.clock),
            "reason": Column("Why"),
            "events": Column("Events", **COUNT),
            "events_added": Column("Added", write=_signed),
            "sessions": Column("Sessions", **COUNT, wide=True),
            "sessions_added": Column("Added", write=_signed, wide=True),
            "batches_added": Column("Files added", write=_signed, wide=True),
            "seconds": Column("Took", write=_seconds, wide=True),
            "is_kept": Column(
                "Kept", write=lambda is_kept: "kept" if is_kept else "gone", wide=True
            ),
        },
        key="table_builds",
        alt="Builds, the newest first, and what each added",
        link=lambda row: _compared_with(builds, row),
        height=420,
    )
    if builds.height > MOST_BUILDS:
        st.caption(f"The newest {MOST_BUILDS} of {format.count(builds.height)}.")


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "\u2212") if value else "0"


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 60 else format.duration(value)


def _compared_with(builds: pl.DataFrame, row: dict[str, Any]) -> str | None:
    """The address that compares a build with the kept one before it."""
    kept = builds.filter(_is_kept())["build"].to_list()
    earlier = [number for number in kept if number < row["build"]]
    if not row["is_kept"] or not earlier:
        return None
    return href(health_after=str(row["build"]), health_before=str(max(earlier)))


def _compare(page: Page, builds: pl.DataFrame) -> None:
    kept = builds.filter(_is_kept())
    numbers = kept["build"].to_list()
    if len(numbers) < 2:
        st.subheader("What changed between two builds", anchor=False)
        st.caption("One build is kept so far: after the next load two can be laid side by side.")
        return
    names = {
        str(row["build"]): f"{row['build']}: {page.clock(row['built_at'])}"
        for row in kept.to_dicts()
    }
    after = chosen("health_after", names, str(page.build if page.build in numbers else numbers[0]))
    earlier = {number: text for number, text in names.items() if int(number) < int(after)}
    later = {number: text for number, text in names.items() if int(number) > min(numbers)}
    if after not in later:
        after = str(sorted(int(number) for number in later)[0])
        earlier = {number: text for number, text in names.items() if int(number) < int(after)}
    before = chosen("health_before", earlier, max(earlier, key=int))
    is_slow = _is_slow(kept, int(before), int(after))
    is_asked = not is_slow or st.session_state.get("compared_builds") == (before, after)
    cells = ask(diff_of, int(before), int(after)) if is_asked else None

    def controls() -> None:
        pick("Earlier build", "health_before", earlier, before)
        pick("Later build", "health_after", later, after)

    sections.head(
        "What changed between two builds",
        key="build_diff",
        page=page,
        says=DIFF_SAYS,
        code=notebook.lines_of_build(int(after), health.build_diff, int(before)),
        frame=(lambda: cells) if cells is not None else None,
        file=f"dwell_builds_{before}_{after}",
        files=tuple(sections.FILES),
        extra=controls,
    )
    if cells is None:
        st.caption(
            f"Build {after} was made anew of all events, and shares no files with build {before}: "
            "comparing them reads all rows of both, which takes a minute or more."
        )
        st.button(
            "Compare them",
            key="compare_builds",
            on_click=lambda: st.session_state.update(compared_builds=(before, after)),
        )
        return
    if cells.is_empty():
        st.caption(f"Builds {before} and {after} say the same, row by row.")
        return
    _days(ask(changes_of, int(before), int(after)))
    _cells(cells)


def _is_slow(kept: pl.DataFrame, before: int, after: int) -> bool:
    """Whether one of the builds was made of everything, and everything is much."""
    made = [row for row in kept.to_dicts() if before < row["build"] <= after]
    return any(not row["is_increment"] and (row["events"] or 0) > MANY_EVENTS for row in made)


def diff_of(wh: Warehouse, before: int, after: int) -> pl.DataFrame:
    """`health.build_diff` of two builds of the home, whichever the page is of."""
    with warehouse.open(wh.home, build=after) as later:
        return health.build_diff(later, before)


def changes_of(wh: Warehouse, before: int, after: int) -> pl.DataFrame:
    """`health.build_changes` of two builds of the home."""
    with warehouse.open(wh.home, build=after) as later:
        return health.build_changes(later, before)


def _days(changes: pl.DataFrame) -> None:
    """What became of each day, in sentences."""
    if changes.is_empty():
        st.caption("No day has other events or headline numbers: what differs stands below.")
        return
    lines = []
    for text in changes["sentence"].head(MOST_DAYS).to_list():
        day, _, told = text.partition(": ")
        lines.append(f"<li><b>{escape(day)}</b>: {escape(told)}</li>")
    st.html(f'<ul class="dwell-changes">{"".join(lines)}</ul>')
    if changes.height > MOST_DAYS:
        st.caption(f"The newest {MOST_DAYS} of {format.plural(changes.height, 'changed day')}.")


def _cells(cells: pl.DataFrame) -> None:
    """Rows that came and went, by table, day and source."""
    tables = {ALL: "All tables"} | {name: name for name in cells["table"].unique().sort().to_list()}
    table = pick("Table", "health_table", tables, ALL)
    show_table(
        cells if table == ALL else cells.filter(cells["table"] == table),
        {
            "table": Column("Table", width=190),
            "date": Column("Day", write=format.day, width=120),
            "source": Column("Source", width=110),
            "before": Column("Rows before", **COUNT, width=110),
            "after": Column("Rows after", **COUNT, width=110),
            "added": Column("Added", **COUNT, width=90),
            "removed": Column("Removed", **COUNT, width=90),
        },
        key="table_build_diff",
        alt="Rows that came and went between two builds, by table, day and source",
        height=420,
    )


def _checks(page: Page) -> None:
    frame = ask(health.checks)
    sections.head(
        f"Checks of build {page.build}",
        key="checks",
        page=page,
        says=CHECKS_SAYS,
        code=notebook.lines(health.checks),
        frame=(lambda: frame) if frame.height else None,
        file="dwell_checks",
        files=tuple(sections.FILES),
    )
    if frame.is_empty():
        st.caption(
            "What its checks came to was not noted when it was made. All of them passed: a build "
            "in which one finds a bad row is not published."
        )
        return
    show_table(
        frame,
        {
            "sentence": Column("Check", write=_capital, wraps=True),
            "subject": Column("Table", wide=True),
            "bad_row_count": Column("Bad rows", **COUNT),
            "seconds": Column("Took", write=lambda value: f"{value:.2f} s"),
        },
        key="table_checks",
        alt="Checks of the build with what they found",
        as_html=True,
        height=480,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
