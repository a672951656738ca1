"""What every page begins with: navigation, header, filter row. Never computes a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from pages.ui import (
    audit,
    build_chip,
    comparing,
    format,
    grains,
    header,
    login,
    view_address,
    visitor,
)
from pages.ui import filter_row as row
from pages.ui.address import Choice
from pages.ui.ask import Question, ahead, ask, open_build
from warehouse import DwellError, Filters, NoBuild
from warehouse.metrics import compared, data, overview
from warehouse.metrics.compared import Before, Compare
from warehouse.query import Grain
from warehouse.segments import segments_or_problems

STYLE = Path(__file__).with_name("style.css")
# By its address: a file that Streamlit hands out is for who may save one.
ICON = "/app/static/icon.png"


@dataclass(frozen=True)
class Page:
    """What a page knows of its visit: the filters, and the build that answers."""

    title: str
    filters: Filters
    choice: Choice
    build: int
    as_of: datetime
    zone: str
    first_day: date
    last_day: date
    # Whether the period, and the filters at all, hold for what the page shows.
    dated: bool = True
    filtered: bool = True
    # Whether it compares the period with another.
    is_compared: bool = False
    # The first day whose events were not pruned; None when none were.
    pruned_before: date | None = None

    @property
    def grain(self) -> Grain:
        """Of what periods the time charts tell."""
        return grains.of(self.choice, self.filters)

    @property
    def compare(self) -> Compare | Filters:
        """What the period is compared with, as the metrics take it."""
        return comparing.asked(self.choice, self.filters)

    @property
    def before(self) -> Before:
        """Whether there is something to compare the period with, and what."""
        row = ask(overview.change, self.filters, compare=self.compare).row(0, named=True)
        return compared.before(row, self.first_day, self.choice.view.compare)

    def clock(self, moment: datetime | None) -> str:
        """Local date and time of a naive UTC time."""
        return format.clock(moment, self.zone)


def open_page(
    title: str,
    *,
    dated: bool = True,
    filtered: bool = True,
    compared: bool = False,
    newest: bool = False,
    wants: str | None = None,
    at_hand: Mapping[str, str] = MappingProxyType({}),
    asks: Callable[[Page], Sequence[Question]] = lambda page: (),
) -> Page:
    """The frame of one page, drawn; one that is not `dated` has no period in its filters.

    It is for who has the role that it `wants`; as its title says, unless told otherwise.
    One that is not `filtered` keeps them for other pages, and shows no row of them; one that is
    `compared` lets the reader choose with what. One of the `newest` build follows it by itself.
    `at_hand` are dimensions that it has a button for, with their short labels. What the page `asks`
    is answered while the frame is drawn.

    Ends the page with an explanation when there is nothing to read.
    """
    st.set_page_config(
        page_title=f"{title} \u00b7 Dwell",
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state=220,
    )
    st.html(STYLE)
    login.ask_for_login()
    wants = wants or visitor.needed(title)
    if not visitor.visitor().may(wants):
        header.navigation(Choice())
        header.title_line(title)
        audit.note_refused(title)
        header.stop_with(
            f"This page is for {visitor.CALLED[wants]}, and you are none.",
            "Who runs Dwell says who is one, in `[serve.roles]`; "
            "under a scope of rows nobody is an operator.",
        )
    pinned = view_address.decode(row.params(), []).build
    try:
        wh = open_build(pinned, newest=newest)
    except DwellError as error:
        if pinned is not None and isinstance(error, NoBuild):
            build_chip.stop_without(title, error)
        header.navigation(Choice())
        header.title_line(title)
        header.stop_with(visitor.told(error), "Reload this page when that is done.")
    extent = ask(data.extent).row(0, named=True)
    known = {"source": extent["sources"], "device_type": extent["devices"]}
    segments = segments_or_problems(wh.home, wh.dimensions)
    choice, ignored = row.current(known, segments)
    header.navigation(choice)
    if wh.as_of is None or wh.as_of_date is None or not extent["session_count"]:
        header.title_line(title)
        header.stop_with(
            visitor.told(f"Build {wh.build} in {wh.home} holds no sessions."),
            "Run `dwell load PATH` with files that hold events, then reload this page.",
        )
    page = Page(
        title=title,
        filters=row.to_filters(
            choice, wh.as_of_date, extent["min_date"], extent["max_date"], segments
        ),
        choice=choice,
        build=wh.build,
        as_of=wh.as_of,
        zone=wh.time_zone,
        first_day=extent["min_date"],
        last_day=extent["max_date"],
        dated=dated,
        filtered=filtered,
        is_compared=compared,
        pruned_before=extent["pruned_before"],
    )
    audit.note_page(page)
    ahead(*asks(page))
    header.title_line(
        title,
        header.data_facts(wh, wh.as_of),
        chip=None if newest and pinned is None else lambda: build_chip.draw(wh.build, choice),
    )
    if filtered:
        row.draw(
            choice,
            page.filters,
            known,
            segments,
            dated=dated,
            compared=compared,
            left_out=header.bots_chip(page.filters, dated=dated),
            at_hand=at_hand,
        )
    header.tell_ignored(ignored)
    pruned = extent["pruned_before"]
    if dated and filtered and pruned and page.filters.start and page.filters.start < pruned:
        st.caption(
            f"Events before {format.day(pruned)} were pruned: totals, tables and users count from "
            "that day. Single days before it are told as they were."
        )
    return page
