"""The filter row. The address bar is the only memory: widgets are set from it at each run,
and write to it when they are moved. Never reads the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from pages.ui import format
from pages.ui.address import KEYS, PERIODS, Choice, Pairs, decode, encode
from warehouse.filters import Filters

# The row is drawn twice, and style.css shows one: in full, or folded on a narrow screen.
WIDE, NARROW = "wide", "narrow"


def params() -> dict[str, list[str]]:
    """Parameters of the address, each with all its values."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def current(sources: Sequence[str], devices: Sequence[str]) -> tuple[Choice, list[str]]:
    """Choice in the address, and a sentence on each value that was ignored."""
    return decode(params(), sources, devices)


def to_filters(choice: Choice, today: date) -> Filters:
    """Filters of a choice; the presets end on the local day of the data's as-of."""
    if choice.start and choice.end:
        start, end = choice.start, choice.end
    else:
        last = Filters.last_days(int(choice.period), today)
        start, end = last.start, last.end
    return Filters(
        start=start,
        end=end,
        sources=choice.sources,
        devices=choice.devices,
        include_bots=choice.bots,
    )


def page_params() -> Pairs:
    """Parameters that belong to the page itself, such as the open user."""
    return [(key, value) for key, values in params().items() if key not in KEYS for value in values]


def write(choice: Choice) -> None:
    """Puts a choice into the address; the page's own parameters stay, not its paging."""
    kept = [(key, value) for key, value in page_params() if key != "page"]
    st.query_params.from_dict(_grouped(encode(choice) + kept))


def write_page_params(**values: str | None) -> None:
    """Sets, or with None removes, parameters of the page itself."""
    kept = [
        (key, value)
        for key, all_values in params().items()
        if key not in values
        for value in all_values
    ]
    new = [(key, value) for key, value in values.items() if value]
    st.query_params.from_dict(_grouped(kept + new))


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped


def draw(
    choice: Choice,
    filters: Filters,
    sources: Sequence[str],
    devices: Sequence[str],
    *,
    dated: bool,
    left_out: str | None,
) -> None:
    """The filter row; `dated` pages have a period, `left_out` is the text of the chip."""
    with st.container(
        key="filters_wide", horizontal=True, gap="xsmall", vertical_alignment="center"
    ):
        _draw_all(WIDE, choice, filters, sources, devices, dated=dated, left_out=left_out)
    with (
        st.container(key="filters_narrow"),
        st.popover(
            _summary(choice, filters, dated=dated),
            icon=":material/tune:",
            width="stretch",
            key="filters_folded",
        ),
    ):
        _draw_all(NARROW, choice, filters, sources, devices, dated=dated, left_out=left_out)


def _summary(choice: Choice, filters: Filters, *, dated: bool) -> str:
    parts = [PERIODS[choice.period]] if dated and choice.period != "custom" else []
    if dated and choice.period == "custom" and filters.start and filters.end:
        parts = [format.days(filters.start, filters.end)]
    parts.append("source: " + format.plain(format.listed(choice.sources, most=1)))
    parts.append("device: " + format.listed(choice.devices, most=1))
    return " \u00b7 ".join(parts)


def _draw_all(
    row: str,
    choice: Choice,
    filters: Filters,
    sources: Sequence[str],
    devices: Sequence[str],
    *,
    dated: bool,
    left_out: str | None,
) -> None:
    state = st.session_state
    if dated:
        state[f"{row}_period"] = choice.period
        st.segmented_control(
            "Period",
            tuple(PERIODS),
            format_func=PERIODS.__getitem__,
            required=True,
            key=f"{row}_period",
            on_change=_period_moved,
            args=(row, choice, filters),
            label_visibility="collapsed",
        )
    if dated and choice.period == "custom":
        _draw_dates(row, choice)
    _draw_values(row, "Source", "sources", choice.sources, sources, choice)
    _draw_values(row, "Device", "devices", choice.devices, devices, choice)
    if left_out:
        state[f"{row}_bots"] = choice.bots
        with st.popover(
            left_out, icon=":material/filter_alt:", type="tertiary", key=f"{row}_bots_open"
        ):
            st.toggle(
                "Count sessions of bots",
                key=f"{row}_bots",
                on_change=_bots_moved,
                args=(row, choice),
                help="Bots are told by their user agent, and left out unless this is on.",
            )


def _draw_dates(row: str, choice: Choice) -> None:
    # A range with one end only is still being picked: setting it back would undo the pick.
    if len(st.session_state.get(f"{row}_dates", ())) != 1:
        st.session_state[f"{row}_dates"] = (choice.start, choice.end)
    st.date_input(
        "Days",
        key=f"{row}_dates",
        on_change=_dates_moved,
        args=(row, choice),
        label_visibility="collapsed",
        width=258,
        format="YYYY-MM-DD",
        min_value=date(1970, 1, 1),
        max_value=date(2200, 1, 1),
    )


def _draw_values(
    row: str,
    label: str,
    field: str,
    chosen: tuple[str, ...],
    known: Sequence[str],
    choice: Choice,
) -> None:
    if not known:
        return
    st.session_state[f"{row}_{field}"] = list(chosen)
    with st.popover(f"{label}: {format.plain(format.listed(chosen))}", key=f"{row}_{field}_open"):
        st.pills(
            f"{label}: sessions with one of",
            list(known),
            format_func=format.plain,
            selection_mode="multi",
            key=f"{row}_{field}",
            on_change=_values_moved,
            args=(row, field, choice),
        )


def _period_moved(row: str, choice: Choice, filters: Filters) -> None:
    period = st.session_state[f"{row}_period"]
    # Custom days begin as those of the preset, so that nothing jumps.
    start, end = (filters.start, filters.end) if period == "custom" else (None, None)
    write(replace(choice, period=period, start=start, end=end))


def _dates_moved(row: str, choice: Choice) -> None:
    picked = st.session_state[f"{row}_dates"]
    if len(picked) == 2:
        write(replace(choice, period="custom", start=picked[0], end=picked[1]))


def _values_moved(row: str, field: str, choice: Choice) -> None:
    picked = tuple(st.session_state[f"{row}_{field}"])
    write(replace(choice, **{field: picked}))


def _bots_moved(row: str, choice: Choice) -> None:
    write(replace(choice, bots=st.session_state[f"{row}_bots"]))


def button(label: str, choice: Choice, key: str) -> None:
    """Button that puts a choice into the address."""
    st.button(label, key=key, on_click=write, args=(choice,))
