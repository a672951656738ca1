"""What a measure is made of, by the engine's own parser."""

import pytest

from warehouse.measure_shapes import EACH, Part, Shape, shapes
from warehouse.metrics.registry import TOTALS

NEW = "case when is_new_user then query_count end"
OPEN = Part("case when is_open then 1 end", is_count=True)
DEEP = "CAST((engaged_seconds > 120) AS INTEGER)"
COUNT = Part("event_count", is_count=True)
CASES = {
    "a mean": ("avg(query_count)", ("ratio", Part("query_count"), Part("query_count", True))),
    "a mean of some": (
        "avg(query_count) filter (is_new_user)",
        ("ratio", Part(NEW), Part(NEW, True)),
    ),
    "a share, as a broken number": (
        "avg((engaged_seconds > 120)::int)::double",
        ("ratio", Part(DEEP), Part(DEEP, True)),
    ),
    "a sum by another": (
        "sum(query_count) / nullif(sum(event_count), 0)",
        ("ratio", Part("query_count"), Part("event_count")),
    ),
    "some of all": ("count(*) filter (is_open) / count(*)", ("ratio", OPEN, EACH)),
    "a sum": ("sum(query_count)", ("total", Part("query_count"))),
    "a number of sessions": ("count(*)", ("total", EACH)),
    "those that hold": ("count_if(is_open)", ("total", OPEN)),
    "those that have a value": ("count(browser)", ("total", Part("browser", True))),
    "a median": ("median(event_count)", ("quantile", Part("event_count"), COUNT, 0.5)),
    "a quantile": (
        "quantile_cont(event_count, 0.75)",
        ("quantile", Part("event_count"), COUNT, 0.75),
    ),
    "one of several quantiles": (
        "quantile_cont(event_count, [0.25, 0.9])[2]",
        ("quantile", Part("event_count"), COUNT, 0.9),
    ),
}
WHOLE = (
    "stddev(event_count)",
    "max(event_count)",
    "count(distinct browser)",
    "avg(event_count) / avg(query_count)",
    "100 * avg(event_count)",
    "avg(distinct event_count)",
    "avg(event_count)::int",
    "nullif(avg(event_count), 0)",
    "mode(browser)",
    "avg(event_count) over ()",
)


@pytest.fixture(scope="module")
def shape_of(open_shared_build):
    """The shape of one expression of a dwell.toml."""

    def shape(sql):
        wh = open_shared_build([])
        wh.__dict__["own_metrics"] = ({"name": "own", "sql": sql},)
        return shapes(wh)["own"]

    return shape


@pytest.mark.parametrize(("sql", "wanted"), CASES.values(), ids=CASES.keys())
def test_a_measure_is_made_of_what_each_session_adds(shape_of, sql, wanted):
    assert shape_of(sql) == Shape(*wanted)


@pytest.mark.parametrize("sql", WHOLE)
def test_what_sessions_do_not_add_up_to_is_a_whole(shape_of, sql):
    assert shape_of(sql).kind == "whole"


def test_every_metric_of_dwell_can_be_put_together(open_build):
    """Users are counted apart: of one user they are nothing."""
    made = shapes(open_build([]))
    assert {made[name].kind for name in TOTALS if name != "user_count"} == {
        *("ratio", "total", "quantile")
    }
