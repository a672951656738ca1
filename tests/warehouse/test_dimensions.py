"""Dimensions stand in two places, the registry and the SQL, and both say the same."""

import re

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import session
from warehouse.dimensions import BY_NAME, DIMENSIONS, NOT_KNOWN, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import data, overview
from warehouse.query import QUERIES, path_of

SQL = path_of("scoped_sessions").read_text()
COUNTED = path_of("int_counted_sessions").read_text()
# The column of user_sessions that holds a dimension, where it has another name.
COLUMNS = {"source": "sources", "tag": "tags", "asset": "assets"}
IDS = {"argvalues": DIMENSIONS, "ids": lambda dimension: dimension.name}


def a_value(dimension):
    return dimension.values[0] if dimension.values else f"my {dimension.name}"


def with_value(dimension, value):
    """A session that has this value; None is not known."""
    known = [value] if value is not None else []
    return {COLUMNS.get(dimension.name, dimension.name): known if dimension.is_list else value}


@pytest.mark.parametrize(
    ("part", "in_sql"),
    [
        ("condition", set(re.findall(r"\$chosen\.(\w+) is null or", SQL))),
        ("key", set(re.findall(r"when '(\w+)' then", SQL))),
    ],
)
def test_registry_and_sql_hold_the_same_dimensions(part, in_sql):
    missing = set(BY_NAME) - in_sql
    assert not missing, (
        f"{sorted(missing)} of warehouse/dimensions.py have no {part} in _scoped_sessions.sql"
    )
    unknown = in_sql - set(BY_NAME)
    assert not unknown, (
        f"_scoped_sessions.sql has a {part} for {sorted(unknown)}, which are not in "
        "warehouse/dimensions.py"
    )


def test_names_and_labels_of_dimensions_are_used_once():
    for values in ([d.name for d in DIMENSIONS], [d.label for d in DIMENSIONS]):
        assert len(values) == len(set(values))


@pytest.mark.parametrize("dimension", **IDS)
def test_filter_takes_sessions_by_each_dimension(open_build, dimension):
    value = a_value(dimension)
    rows = [
        session("ann", **with_value(dimension, value)),
        session("bob", **with_value(dimension, "another")),
        session("cat", **with_value(dimension, None)),
    ]
    wh = open_build(rows)
    for chosen, count in (([value], 1), ([value, None], 2), (NOT_KNOWN, 1)):
        if dimension.name == "source" and chosen != [value]:
            continue  # Every session has a source.
        filters = Filters(where={dimension.name: chosen})
        assert overview.totals(wh, filters)["session_count"].item() == count, chosen


@pytest.mark.parametrize("dimension", **IDS)
def test_values_of_each_dimension_are_counted_the_most_frequent_first(open_build, dimension):
    value = a_value(dimension)
    rows = [
        session("ann", **with_value(dimension, value)),
        session("bob", **with_value(dimension, value)),
        session("cat", **with_value(dimension, None)),
    ]
    frame = data.values(open_build(rows), Filters(), dimension.name)
    assert frame.rows() == [(value, 2), (None, 1)]


def test_values_of_a_list_count_a_session_in_each(open_build):
    wh = open_build([session("ann", tags=["a", "b"]), session("bob", tags=["b"])])
    assert data.values(wh, Filters(), "tag").rows() == [("b", 2), ("a", 1)]
    assert data.values(wh, Filters(), "tag", limit=1).rows() == [("b", 2)]


def test_value_that_reads_like_not_known_is_a_value(open_build):
    wh = open_build([session("ann", browser=NOT_KNOWN), session("bob", browser=None)])
    for text, user in ((f"= {NOT_KNOWN}", NOT_KNOWN), (NOT_KNOWN, None)):
        frame = overview.breakdown(wh, Filters(where={"browser": text}), "browser")
        assert frame["value"].to_list() == [user]


def test_conditions_on_several_dimensions_all_hold(open_build):
    wh = open_build(
        [
            session("ann", browser="Zen", os="Linux"),
            session("bob", browser="Zen", os="Windows"),
            session("cat", browser="Edge", os="Linux"),
        ]
    )
    filters = Filters(where={"browser": "Zen", "os": ["Linux", "macOS"]})
    assert overview.totals(wh, filters)["session_count"].item() == 1


def test_dimension_that_is_not_chosen_costs_nothing(open_build):
    wh = open_build([session("ann", browser="Zen"), session("bob", browser="Edge")])
    for where, read in (({}, False), ({"browser": "Zen"}, True)):
        params = {**Filters(where=where).as_params(), "dimension": None}
        used = {name: params[name] for name in ("chosen", "include_bots", "dimension")}
        counted = f"with int_counted_sessions as (\n{COUNTED}\n) select count(*) from ({SQL})"
        plan = wh.sql(counted, used).explain()
        assert ("browser" in plan) is read
        assert "os" not in re.findall(r"\w+", plan)


def test_breakdown_by_a_list_is_refused_with_the_valid_names(open_build):
    with pytest.raises(ConfigError, match="Unknown dimension 'tag'"):
        overview.breakdown(open_build([]), Filters(), "tag")


def test_unknown_dimension_is_refused_with_a_hint():
    with pytest.raises(ConfigError, match="Did you mean 'browser'"):
        dimension_named("browsers")


@pytest.mark.parametrize("dimension", **IDS)
def test_each_dimension_is_in_the_handbook(dimension):
    text = (QUERIES.parents[1] / "docs" / "definitions.md").read_text()
    section = text.split("## Dimensions and conditions")[1].split("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| ")]
    assert any(re.search(rf"^\| [^|]*\b{dimension.name}\b", row) for row in rows)
    assert any(re.search(rf"\| [^|]*\b{dimension.label}\b", row) for row in rows)
