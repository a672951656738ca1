"""Chains of events: as found one by one, by trying every choice of events."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search import some
from warehouse import DwellError
from warehouse.links import Link
from warehouse.metrics.any_order import together
from warehouse.metrics.sequences import Events, chains, first_of_units

# Few times and few conditions, so that ties and events of two conditions are common.
EVENT = st.tuples(st.integers(0, 2), st.integers(0, 6), st.integers(0, 7), st.booleans())
EVENTS = st.lists(EVENT, max_size=9)
LINKS = st.lists(
    st.builds(
        Link,
        st.integers(0, 2),
        st.none() | st.integers(0, 3),
        st.lists(st.integers(0, 2), max_size=1).map(tuple),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
WINDOW = st.none() | st.integers(0, 5)


def laid_out(rows: list[tuple[int, int, int, bool]]) -> tuple[Events, np.ndarray]:
    """The events in order, and which a chain may begin with."""
    rows = sorted(rows, key=lambda row: row[:2])
    columns = list(zip(*rows, strict=True)) or [()] * 4
    units = list(columns[0])
    places = [units[: at + 1].count(unit) for at, unit in enumerate(units)]
    return (
        Events(
            np.array(units, np.int64),
            np.array(columns[1], np.int64),
            np.array(columns[2], np.uint64),
            np.array(places, np.int64),
        ),
        np.array(columns[3], bool),
    )


def choices(rows, links, may_begin, window):
    """Every choice of rows that fulfils all links."""
    for chosen in product(range(len(rows)), repeat=len(links)):
        if any(b <= a for a, b in pairwise(chosen)):
            continue
        if len({rows[at][0] for at in chosen}) > 1 or not may_begin[chosen[0]]:
            continue
        if not all(
            rows[at][2] >> link.condition & 1 for at, link in zip(chosen, links, strict=True)
        ):
            continue
        if all(
            (link.within is None or rows[b][1] - rows[a][1] <= link.within)
            and (window is None or rows[b][1] - rows[chosen[0]][1] <= window)
            and (not link.is_next or b == a + 1)
            and not any(rows[at][2] >> one & 1 for one in link.without for at in range(a + 1, b))
            for link, a, b in zip(links[1:], chosen, chosen[1:], strict=False)
        ):
            yield chosen


@settings(max_examples=some(300, of=2000), deadline=None)
@given(EVENTS, LINKS, WINDOW)
def test_chains_are_those_of_every_choice(rows, links, window):
    events, may_begin = laid_out(rows)
    rows = sorted(rows, key=lambda row: row[:2])
    for number, reached in enumerate(chains(events, links, may_begin, window), 1):
        best: dict[int, int] = {}
        for chosen in choices(rows, links[:number], may_begin, window):
            best[chosen[-1]] = max(best.get(chosen[-1], -1), chosen[0])
        assert dict(zip(reached.rows.tolist(), reached.begins.tolist(), strict=True)) == best


@settings(max_examples=some(200, of=1000), deadline=None)
@given(EVENTS, LINKS, WINDOW)
def test_backwards_the_same_chains_are_found(rows, links, window):
    events, _ = laid_out(rows)
    there = chains(events, links, None, window)[-1]
    turned = [
        Link(link.condition, after.within, after.without, after.is_next)
        for link, after in zip(links, [*links[1:], Link(0)], strict=True)
    ]
    back = chains(events.backwards(), turned[::-1], None, window)[-1]
    last = len(events) - 1
    assert set(events.unit[there.rows]) == set(events.unit[last - back.rows])
    assert set(there.begins.tolist()) <= set((last - back.rows).tolist())


@settings(max_examples=some(200, of=1500), deadline=None)
@given(EVENTS, st.lists(st.integers(0, 2), min_size=1, max_size=4), WINDOW, st.booleans())
def test_in_any_order_each_step_has_an_event_of_its_own(rows, steps, window, has_without):
    events, may_begin = laid_out(rows)
    rows = sorted(rows, key=lambda row: row[:2])
    without = (2,) if has_without else ()
    found = together(events, steps, may_begin, window, without)
    best: dict[int, int] = {}
    for chosen in permutations(range(len(rows)), len(steps)):
        first, last = min(chosen), max(chosen)
        if (
            len({rows[at][0] for at in chosen}) == 1
            and all(rows[at][2] >> step & 1 for at, step in zip(chosen, steps, strict=True))
            and may_begin[first]
            and (window is None or rows[last][1] - rows[first][1] <= window)
            and not any(rows[at][2] >> one & 1 for one in without for at in range(first + 1, last))
        ):
            best[last] = max(best.get(last, -1), first)
    # Of a beginning the earliest end is told: each unit has one where a choice exists.
    units = {rows[at][0] for at in best}
    assert {rows[at][0] for at in found.rows.tolist()} == units
    assert set(zip(found.rows.tolist(), found.begins.tolist(), strict=True)) <= set(best.items())
    assert min(best, default=None) == min(found.rows.tolist(), default=None)


def test_the_first_event_of_each_unit_is_kept():
    events, _ = laid_out([(0, 1, 1, True), (0, 2, 1, True), (2, 0, 1, True)])
    reached = first_of_units(events, chains(events, [Link(0)])[0])
    assert reached.rows.tolist() == [0, 2]


def test_too_many_steps_of_the_same_events_are_refused():
    events = Events(
        *(np.zeros(3, np.int64) for _ in range(2)), np.full(3, 2**12 - 1, np.uint64), np.arange(3)
    )
    with pytest.raises(DwellError, match="12 steps in any order are of the same events"):
        together(events, range(12))
