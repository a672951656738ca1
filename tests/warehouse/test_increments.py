"""The law of increments: any split of any events into batches, in any order, makes one build."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import warehouse
from etl.settings import Settings, load_settings
from tests.homes import tables
from tests.make import build_home, commit_events
from tests.oracle import Oracle, Rules
from tests.warehouse.test_oracle import assert_same_rows, histories
from warehouse import pieces

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# How long before the last build the others were made: events may have been ahead of their clock.
AGES = (timedelta(), MINUTE, 31 * MINUTE, DAY)


def settings_for(home: Path, rules: Rules) -> Settings:
    """The settings of a home by the rules of an oracle."""
    return replace(
        load_settings(home),
        time_zone=rules.time_zone,
        timeout=rules.timeout,
        starts=tuple(rules.starts),
        internal_hosts=tuple(rules.internal_hosts),
        pattern_sessions=rules.pattern_sessions,
    )


@contextmanager
def pieces_of_a_day() -> Iterator[None]:
    """Full builds look at the days one by one, as they do where days are large."""
    before = pieces.PIECE_BYTES
    pieces.PIECE_BYTES = 1
    try:
        yield
    finally:
        pieces.PIECE_BYTES = before


@st.composite
def splits(draw: st.DrawFn, events: list[Any]) -> list[list[Any]]:
    """The events as batches, in any order: late ones come after those that follow them."""
    count = draw(st.integers(1, 4))
    batches: list[list[Any]] = [[] for _ in range(count)]
    for one in events:
        batches[draw(st.integers(0, count - 1))].append(one)
    return [batch for batch in batches if batch]


def assert_same_tables(got: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> None:
    """Every table, row by row."""
    assert got.keys() == wanted.keys()
    for name, rows in wanted.items():
        if name != "load_runs":
            assert got[name] == rows, name


@settings(max_examples=8)
@given(st.data())
def test_any_split_in_any_order_makes_the_same_build(data: st.DataObject) -> None:
    events, now, rules = data.draw(histories())
    batches = data.draw(splits(events))
    ages = data.draw(st.lists(st.sampled_from(AGES), max_size=len(batches) - 1))
    clocks = [now - age for age in sorted(ages, reverse=True)]
    clock = now.replace(tzinfo=UTC)
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        chosen = settings_for(home, rules)
        for number, batch in enumerate(batches):
            commit_events(home, batch)
            if number < len(clocks):
                build_home(home, chosen, now=clocks[number].replace(tzinfo=UTC))
        made = build_home(home, chosen, now=clock)
        grown = tables(made.path)
        with pieces_of_a_day():
            in_pieces = tables(build_home(home, chosen, full=True, now=clock).path)
        at_once = tables(build_home(home, chosen, full=True, now=clock).path)
        assert_same_tables(grown, at_once)
        assert_same_tables(in_pieces, at_once)
        with warehouse.open(home) as wh:
            query = "select *, len(pattern_indicators) as indicator_count from user_sessions"
            sessions = wh.sql(query).to_arrow_table().to_pylist()
    assert_same_rows(sessions, Oracle(events, now, rules).sessions, ("session_id",))
