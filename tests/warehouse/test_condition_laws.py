"""Conditions against their meaning written out in Python, over sessions of all sorts."""

from functools import partial

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from etl.errors import ConfigError
from tests.search import some
from tests.warehouse.small_builds import session, write_build
from warehouse import connection
from warehouse.filters import Filters
from warehouse.metrics import sessions

VALUES = (None, "a", "b", "ab", ">= 2", "(not known)", "a*")
PAGES = (None, "/", "/docs", "/docs/", "/docs/a", "/Docs/a")
SECONDS = (0.0, 0.5, 2.0, 29.999999, 30.0, 600.0)
ROWS = [
    session(
        f"user {number}",
        seconds=SECONDS[number % 6],
        browser=VALUES[number % 7],
        entry_page=PAGES[number // 2 % 6],
        tags=[value for value in VALUES[number % 5 : number % 5 + number % 4] if value],
        is_new_user=number % 3 == 0,
    )
    for number in range(210)
]


def literal(value):
    """The text that is this value and nothing else."""
    return "(not known)" if value is None else f"= {value}"


def is_value(value, row_value):
    return row_value is value if value is None else row_value == value


TEXT_TERMS = st.sampled_from(VALUES).map(lambda value: (literal(value), partial(is_value, value)))
PAGE_TERMS = st.one_of(
    st.sampled_from(PAGES).map(lambda page: (literal(page), partial(is_value, page))),
    st.sampled_from(["", "/", "/docs", "/docs/", "/d"]).map(
        lambda start: (f"{start}*", lambda page: page is not None and page.startswith(start))
    ),
)
NUMBER_TERMS = st.one_of(
    st.sampled_from(SECONDS).map(lambda n: (f"{n}", lambda s: s == n)),
    st.sampled_from(SECONDS).map(lambda n: (f">= {n}", lambda s: s >= n)),
    st.sampled_from(SECONDS).map(lambda n: (f"< {n}", lambda s: s < n)),
    st.tuples(st.sampled_from(SECONDS), st.sampled_from(SECONDS)).map(
        lambda ends: (f"{min(ends)}..{max(ends)}", lambda s: min(ends) <= s <= max(ends))
    ),
)
FLAG_TERMS = st.booleans().map(lambda b: (str(b).lower(), lambda flag: flag == b))


def conditions(terms, holds_of):
    """One or more terms of one name, some negated, and whether a row fulfils them."""

    def joined(chosen):
        texts = [f"!= {text}" if negated else text for (text, _), negated in chosen]

        def holds(row):
            wanted = [holds_of(row, test) for (_, test), negated in chosen if not negated]
            refused = [holds_of(row, test) for (_, test), negated in chosen if negated]
            return (any(wanted) or not wanted) and not any(refused)

        return texts, holds

    return st.lists(st.tuples(terms, st.booleans()), min_size=1, max_size=3).map(joined)


def of_tags(row, test):
    return any(map(test, row["tags"] or [None]))


CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "browser": conditions(TEXT_TERMS, lambda row, test: test(row["browser"])),
        "entry_page": conditions(PAGE_TERMS, lambda row, test: test(row["entry_page"])),
        "duration_seconds": conditions(
            NUMBER_TERMS, lambda row, test: test(row["duration_seconds"])
        ),
        "is_new_user": conditions(FLAG_TERMS, lambda row, test: test(row["is_new_user"])),
        "tag": conditions(TEXT_TERMS, of_tags),
    },
)


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    home = tmp_path_factory.mktemp("conditions")
    write_build(home, ROWS)
    with connection.open(home) as opened:
        yield opened


@settings(max_examples=150, deadline=None)
@given(CONDITIONS)
def test_conditions_take_the_sessions_that_they_say(wh, chosen):
    where = {name: texts for name, (texts, _) in chosen.items()}
    try:
        filters = Filters(where=where)
    except ConfigError:
        reject()  # What would take every number.
    expected = sum(all(holds(row) for _, holds in chosen.values()) for row in ROWS)
    assert sessions.count(wh, filters)["session_count"].item() == expected


@settings(max_examples=60, deadline=None)
@given(CONDITIONS, st.sampled_from(["a", "b", "(not known)"]))
def test_a_value_and_all_but_it_add_up(wh, chosen, value):
    where = {name: texts for name, (texts, _) in chosen.items() if name in ("entry_page", "tag")}

    def count(**more):
        return sessions.count(wh, Filters(where=where | more))["session_count"].item()

    assert count(browser=value) + count(browser=f"!= {value}") == count()


@settings(max_examples=some(60, of=1000), deadline=None)
@given(CONDITIONS, st.lists(CONDITIONS, max_size=2))
def test_segments_take_what_they_and_all_further_conditions_take(wh, chosen, segments):
    def texts(conditions):
        return {name: texts for name, (texts, _) in conditions.items()}

    try:
        filters = Filters(where=texts(chosen), segments=list(map(texts, segments)))
    except ConfigError:
        reject()
    holding = [holds for each in (chosen, *segments) for _, holds in each.values()]
    expected = sum(all(holds(row) for holds in holding) for row in ROWS)
    assert sessions.count(wh, filters)["session_count"].item() == expected
