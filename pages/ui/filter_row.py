"""The filter row. The address bar is the only memory: widgets are set from it at each run,
and write to it when they are moved. Asks only what its open parts need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from pages.ui import comparing, format, segment_row
from pages.ui.address import (
    Choice,
    decode,
    encode,
    grouped,
    is_of_filters,
    merged,
    named,
)
from pages.ui.ask import ask, own_dimensions
from pages.ui.filter_editor import Write, edit
from pages.ui.periods import CUSTOM, PERIODS, days_of
from warehouse.addresses import Pairs
from warehouse.dimensions import BY_NAME, Dimension
from warehouse.filters import FIRST_DAY, LAST_DAY, Filters
from warehouse.metrics import data
from warehouse.segments import NO_SEGMENTS, Segments

Known = Mapping[str, Sequence[str]]


def params() -> dict[str, list[str]]:
    """Parameters of the address, each with all its values."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def current(known: Known, segments: Segments = NO_SEGMENTS) -> tuple[Choice, list[str]]:
    """Choice in the address, and a sentence on each value that was ignored."""
    return decode(params(), known, segments, own_dimensions())


def to_filters(
    choice: Choice, today: date, first: date, last: date, segments: Segments = NO_SEGMENTS
) -> Filters:
    """Filters of a choice: the local day of as-of, then the first and last of the data."""
    if choice.start and choice.end:
        days = Filters(choice.start, choice.end)
    else:
        days = days_of(choice.period, today, first, last)
    narrowing = segments.conditions(choice.segments)
    return Filters(days.start, days.end, choice.where, include_bots=choice.bots, segments=narrowing)


def page_params() -> Pairs:
    """Parameters that belong to the page itself, such as the open user."""
    return [
        (key, value)
        for key, values in params().items()
        if not is_of_filters(key, own_dimensions())
        for value in values
    ]


def writer(drawn: Choice) -> Write:
    """What puts a choice into the address, for the widgets of a page that shows `drawn`.

    The page's own parameters stay, not its paging; and so does what is chosen while the page is
    still being drawn: widgets keep what they were given until their turn comes.
    """
    seen = params()

    def write(choice: Choice) -> None:
        kept = grouped([(key, value) for key, value in page_params() if key != "page"])
        st.query_params.from_dict(merged(drawn, choice, seen, params()) | kept)

    return write


def href_of(choice: Choice, without: str = "page") -> str:
    """The address of this page under a choice; for a link. `without` is left out too."""
    kept = [(key, value) for key, value in page_params() if key not in ("page", without)]
    return "?" + urlencode(encode(choice) + kept)


def write_page_params(**values: str | None) -> None:
    """Sets, or with None removes, parameters of the page itself."""
    kept = [
        (key, value)
        for key, all_values in params().items()
        if key not in values
        for value in all_values
    ]
    new = [(key, value) for key, value in values.items() if value]
    st.query_params.from_dict(grouped(kept + new))


def draw(
    choice: Choice,
    filters: Filters,
    known: Known,
    segments: Segments = NO_SEGMENTS,
    *,
    dated: bool,
    left_out: str | None,
    at_hand: Mapping[str, str],
    compared: bool = False,
) -> None:
    """The filter row; `dated` pages have a period, `left_out` is the text of the chip.

    `compared` pages let the reader choose with what.

    Dimensions whose values are known have a button each, as those that the page wants `at_hand`
    (by name, with a short label); the others stand behind "More filters".
    On a narrow screen style.css folds the row under its summary: a tick box without its box,
    since a popover would draw every widget a second time.
    """
    write = writer(choice)
    summary = _summary(choice, filters, known, segments, dated=dated)
    st.checkbox(summary, key="filters_open", on_change="ignore", width="stretch")
    with st.container(key="filters", horizontal=True, gap="xsmall", vertical_alignment="center"):
        if dated:
            _draw_period(choice, filters, write)
        for name, values in known.items():
            _draw_values(BY_NAME[name], BY_NAME[name].label, values, choice, write)
        for name, label in at_hand.items():
            _draw_values(BY_NAME[name], label, _all_words(BY_NAME[name]), choice, write)
        others = [
            one for one in choice.dimensions if one.name not in known and one.name not in at_hand
        ]
        for dimension in others:
            _draw_chip(dimension, choice, write)
        segment_row.draw(choice, segments, write)
        _draw_more(others, choice, filters, write)
        if compared:
            comparing.draw(choice, filters, write)
        if left_out:
            _draw_bots(left_out, choice, write)


def _summary(
    choice: Choice, filters: Filters, known: Known, segments: Segments, *, dated: bool
) -> str:
    parts = [PERIODS[choice.period]] if dated and choice.period != CUSTOM else []
    if dated and choice.period == CUSTOM and filters.start and filters.end:
        parts = [format.days(filters.start, filters.end)]
    if choice.segments:
        parts.append(format.plain(format.listed(segment_row.labels(choice, segments), most=1)))
    for dimension in choice.dimensions:
        values = named(choice, dimension)
        if values or dimension.name in known:
            chosen = format.plain(format.listed(values, most=1))
            parts.append(f"{dimension.label.lower()}: {chosen}")
    return " \u00b7 ".join(parts)


def _draw_period(choice: Choice, filters: Filters, write: Write) -> None:
    st.session_state["period"] = choice.period
    st.segmented_control(
        "Period",
        tuple(PERIODS),
        format_func=PERIODS.__getitem__,
        required=True,
        key="period",
        on_change=_on_period,
        args=(choice, filters, write),
        label_visibility="collapsed",
    )
    if choice.period != CUSTOM:
        return
    # A range with one end only is still being picked: setting it back would undo the pick.
    if len(st.session_state.get("dates", ())) != 1:
        st.session_state["dates"] = (choice.start, choice.end)
    st.date_input(
        "Days",
        key="dates",
        on_change=_on_dates,
        args=(choice, write),
        label_visibility="collapsed",
        width=258,
        format="YYYY-MM-DD",
        min_value=FIRST_DAY,
        max_value=LAST_DAY,
    )


def _draw_values(
    dimension: Dimension, label: str, values: Sequence[str], choice: Choice, write: Write
) -> None:
    """A button that names what is chosen, and opens all values of the dimension."""
    if not values and not dimension.is_continuous:
        return
    chosen = format.plain(format.listed(named(choice, dimension)))
    with st.popover(f"{label}: {chosen}", key=f"{dimension.name}_open"):
        edit(dimension, values, choice, write)


def _draw_chip(dimension: Dimension, choice: Choice, write: Write) -> None:
    """What is chosen of a dimension behind "More filters"; a click takes it back."""
    values = named(choice, dimension)
    if values:
        st.button(
            f"{dimension.label}: {format.plain(format.listed(values))}",
            icon=":material/close:",
            icon_position="right",
            key=f"chip_{dimension.name}",
            on_click=write,
            args=(choice.with_texts(dimension, ()),),
        )


def _draw_more(others: Sequence[Dimension], choice: Choice, filters: Filters, write: Write) -> None:
    """The other dimensions, one at a time: nothing is asked before one of them is picked."""
    # The popover's own open state would do too, but is lost when it is opened while the page runs.
    with st.popover("More filters", icon=":material/filter_list:", key="more_open"):
        by_name = {dimension.name: dimension for dimension in others}
        name = st.selectbox(
            "Filter by",
            list(by_name),
            format_func=lambda name: by_name[name].label,
            index=None,
            placeholder="Pick a property",
            key="more_dimension",
        )
        if name is None:
            return
        dimension = by_name[name]
        words = [] if dimension.is_continuous else _words(dimension, filters)
        edit(dimension, words, choice, write)


def _words(dimension: Dimension, filters: Filters) -> list[str]:
    """The values of a dimension in the period, whatever else is chosen."""
    period = Filters(filters.start, filters.end, include_bots=filters.include_bots)
    return [
        value or dimension.unknown for value in ask(data.values, period, dimension.name)["value"]
    ]


def _all_words(dimension: Dimension) -> Sequence[str]:
    """The values of a dimension in all of the data: asked once, whatever the period is."""
    if dimension.is_continuous or dimension.values:
        return dimension.values
    values = ask(data.values, Filters(), dimension.name)["value"]
    return [value or dimension.unknown for value in values]


def _draw_bots(left_out: str, choice: Choice, write: Write) -> None:
    st.session_state["bots"] = choice.bots
    with st.popover(left_out, icon=":material/filter_alt:", type="tertiary", key="bots_open"):
        st.toggle(
            "Count sessions of bots",
            key="bots",
            on_change=_on_bots,
            args=(choice, write),
            help="Bots are told by their user agent, and left out unless this is on.",
        )


def _on_period(choice: Choice, filters: Filters, write: Write) -> None:
    period = st.session_state["period"]
    # Custom days begin as those of the preset, so that nothing jumps.
    start, end = (filters.start, filters.end) if period == CUSTOM else (None, None)
    write(replace(choice, period=period, start=start, end=end))


def _on_dates(choice: Choice, write: Write) -> None:
    picked = st.session_state["dates"]
    if len(picked) == 2:
        write(replace(choice, period=CUSTOM, start=picked[0], end=picked[1]))


def _on_bots(choice: Choice, write: Write) -> None:
    write(replace(choice, bots=st.session_state["bots"]))


def button(label: str, drawn: Choice, choice: Choice, key: str) -> None:
    """Button that puts a choice into the address, on a page that shows `drawn`."""
    st.button(label, key=key, on_click=writer(drawn), args=(choice,))
