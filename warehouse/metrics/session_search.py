"""What sessions are searched by: what happens in them, and texts. Decides nothing of its own."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import patterns
from warehouse.metrics.event_source import OF_DAYS
from warehouse.pattern_sql import path_sql
from warehouse.patterns import pattern_of
from warehouse.query import run
from warehouse.steps import Step
from warehouse.typed_texts import TYPED_PATH, TYPED_TEXTS

if TYPE_CHECKING:
    import polars as pl

EVERYTHING = Filters()
_NAMED = re.compile(r"(not\s+)?pattern:\s*(.+)")
# The sessions found are told by their places, which the query is given beside its values.
_PLACE = "session_place"
_IS_AMONG = "(hash(session_id) >> 1)::bigint in (select session_place from places_found)"


def run_over_found(
    wh: Warehouse,
    name: str,
    filters: Filters,
    contains: Sequence[str],
    text: str | None,
    *,
    show_texts: bool,
    **params: Any,
) -> "pl.DataFrame":
    """What a query over found_sessions answers of the sessions that hold what is searched for."""
    steps, filters = steps_and_filters(wh, contains, filters)
    found: list[str] = []
    values: dict[str, Any] = {}
    if steps and "event_path" in wh.columns_of("user_sessions"):
        # What the types of a session tell needs no look at its events.
        by_path = path_sql(pattern_of(steps), values)
        found, steps = ([by_path], ()) if by_path else ([], steps)
    tables = {}
    if steps or text:
        # Not by the conditions: who narrows a search further does not wait for it again.
        days = Filters(filters.start, filters.end)
        tables["places_found"] = places_of(wh, days, steps, text or "", show_texts)
        found.append(_IS_AMONG)
    words = {"is_found": " and ".join(found)} if found else {}
    return run(wh, name, filters, words=words, tables=tables, **values, **params)


def steps_and_filters(
    wh: Warehouse, contains: Sequence[str], filters: Filters = EVERYTHING
) -> tuple[tuple[str, ...], Filters]:
    """The steps that events are looked at for, and the filters with the patterns that are asked.

    Whether a session shows a pattern is known without a look at its events. ConfigError for steps
    and patterns that are none.
    """
    steps = []
    if isinstance(contains, str):
        pattern_of(contains)
    for each in contains:
        named = _NAMED.fullmatch(each.strip()) if isinstance(each, str) else None
        if named:
            filters = _also(wh, filters, named[2].strip(), holds=not named[1])
        elif each in wh.own_patterns:
            filters = _also(wh, filters, each, holds=True)
        else:
            steps.append(each)
    if steps:
        pattern_of(steps)
    return tuple(steps), filters


def events_of_search(wh: Warehouse, contains: Sequence[str]) -> tuple[Step, ...]:
    """What the steps of a search ask of events, each once; nothing where patterns are all."""
    steps = steps_and_filters(wh, contains)[0]
    return pattern_of(steps).conditions if steps else ()


def _also(wh: Warehouse, filters: Filters, name: str, *, holds: bool) -> Filters:
    """The filters with a pattern as a condition: one of dwell.toml, or one of every build."""
    if name in wh.own_patterns:
        return filters.also({name: holds})
    refuse_unknown("pattern", name, (*patterns.OF_SESSIONS, *wh.own_patterns))
    return filters.also({"pattern": name if holds else f"!= {name}"})


# Who reads a list asks for its count, its pages and its file, one after the other.
@lru_cache(maxsize=4)
def places_of(
    wh: Warehouse, days: Filters, steps: tuple[str, ...], text: str, show_texts: bool
) -> "pl.DataFrame":
    """The places of the sessions of the days, and some around them, that hold all of it."""
    import polars as pl

    from warehouse.metrics.pattern_matches import matching_places

    found: list[pl.DataFrame] = []
    if steps:
        places = matching_places(wh, days, pattern_of(steps))
        found.append(pl.DataFrame({_PLACE: places}, schema={_PLACE: pl.Int64}))
    if text:
        found.append(mentioned(wh, days, text, OF_DAYS, (_PLACE,), show_texts=show_texts))
    first, *others = found
    for other in others:
        first = first.join(other, on=_PLACE, how="semi")
    return first


def mentioned(
    wh: Warehouse,
    filters: Filters,
    text: str,
    source: Mapping[str, str],
    columns: Sequence[str] | None = None,
    *,
    show_texts: bool,
) -> "pl.DataFrame":
    """Sessions that hold a text, of the events that the source names."""
    return run(
        wh,
        "sessions.mentions",
        filters,
        columns,
        words=source,
        sought=text,
        show_texts=show_texts,
        typed=list(TYPED_TEXTS),
        typed_path=TYPED_PATH,
    )
