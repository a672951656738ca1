"""The order of events: however they lie, it is that of the definitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search import some
from warehouse.metrics.event_order import MOST, NUMBER_BITS, TIED, in_order

# Session, time, rank of the type: sessions 0 to 3, of which two are of a unit.
EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), max_size=12
).flatmap(st.permutations)
UNITS = {
    "small numbers": lambda session: session // 2,
    "numbers that fill an integer": lambda session: (1 << 62) + 7 * (session // 2),
    "ids": lambda session: f"user-{session // 2}",
}


@pytest.mark.parametrize("unit_of", UNITS.values(), ids=UNITS)
@settings(max_examples=some(60, of=1000), deadline=None)
@given(events=EVENTS)
def test_events_are_put_in_order(unit_of, events):
    rows = [
        {
            "unit": unit_of(session),
            "event_us": time,
            "session_place": session,
            "type_rank": rank,
            "event_id": f"e{at:02}",
            "source": "web",
        }
        for at, (session, time, rank) in enumerate(events)
    ]
    exact = sorted(rows, key=lambda row: tuple(row[name] for name in ("event_us", *TIED)))
    for session in range(4):
        inside = [row for row in exact if row["session_place"] == session]
        for number, row in enumerate(inside, 1):
            row["event_number"] = number
    for row in rows:
        number = min(row["event_number"], MOST)
        # Whether sessions of a unit share moments is never known here.
        row["moment"] = row["event_us"] << NUMBER_BITS + 1 | number << 1 | 1
    schema = {"unit": pl.String if isinstance(unit_of(0), str) else pl.Int64}
    frame = pl.DataFrame(rows, schema=schema | dict.fromkeys(_NUMBERS, pl.Int64) | _TEXTS)

    def read_moments(moments: Sequence[int]) -> pl.DataFrame:
        return frame.filter(pl.col("event_us").is_in(list(moments)))

    found = in_order(frame.drop(TIED), read_moments)
    ordered = found.told(np.arange(len(found.rows)))
    keys = ["unit", "event_us", "session_place", "event_number"]
    for unit in {row["unit"] for row in rows}:
        wanted = [tuple(row[name] for name in keys) for row in exact if row["unit"] == unit]
        assert ordered.filter(pl.col("unit") == unit).select(keys).rows() == wanted
    assert found.times.tolist() == ordered["event_us"].to_list()
    numbers = found.units.tolist()
    assert numbers == sorted(numbers)
    pairs = set(zip(ordered["unit"], numbers, strict=True))
    assert len(pairs) == ordered["unit"].n_unique() == len(set(numbers))


_NUMBERS = ("event_us", "session_place", "event_number", "type_rank", "moment")
_TEXTS = {"event_id": pl.String, "source": pl.String}
