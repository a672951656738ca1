"""Each dimension of the registry is filtered and broken down by, whatever it is read from."""

import re

import pytest

from etl.errors import ConfigError
from tests.warehouse.dimension_rows import ALWAYS_KNOWN, sessions_with, two_values
from tests.warehouse.small_builds import session
from warehouse.dimensions import DIMENSIONS, NOT_KNOWN, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import data, overview
from warehouse.query import QUERIES, prepared

IDS = {"argvalues": DIMENSIONS, "ids": lambda dimension: dimension.name}


def test_names_and_labels_of_dimensions_are_used_once():
    for values in ([d.name for d in DIMENSIONS], [d.label for d in DIMENSIONS]):
        assert len(values) == len(set(values))


@pytest.mark.parametrize("dimension", **IDS)
def test_filter_takes_sessions_by_each_dimension(open_build, dimension):
    value, other = two_values(dimension)
    of_users = {"ann": value, "bob": other}
    if dimension.name not in ALWAYS_KNOWN:
        of_users["cat"] = None
    wh = open_build(**sessions_with(dimension, of_users))
    for chosen, users in (
        (value, "ann"),
        (f"!= {value}", "bob cat"),
        ([value, None], "ann cat"),
        (NOT_KNOWN, "cat"),
        (f"!= {NOT_KNOWN}", "ann bob"),
        ([f"!= {value}", f"!= {other}"], "cat"),
    ):
        filters = Filters(where={dimension.name: chosen})
        taken = set(users.split()) & set(of_users)
        assert overview.totals(wh, filters)["session_count"].item() == len(taken), chosen


@pytest.mark.parametrize("dimension", **IDS)
def test_values_of_each_dimension_are_counted_the_most_frequent_first(open_build, dimension):
    value, other = two_values(dimension)
    wh = open_build(**sessions_with(dimension, {"ann": value, "bob": value, "cat": other}))
    assert data.values(wh, Filters(), dimension.name).rows() == [(value, 2), (other, 1)]
    if dimension.name not in ALWAYS_KNOWN:
        wh = open_build(**sessions_with(dimension, {"ann": None, "bob": value, "cat": value}))
        assert data.values(wh, Filters(), dimension.name).rows() == [(value, 2), (None, 1)]


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
        filters = Filters(where=where)
        plan = wh.sql(*prepared(wh, "sessions.count", filters)).explain()
        assert ("browser" in plan) is read
        assert not {"os", "users", "timezone"} & set(re.findall(r"\w+", plan))


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
