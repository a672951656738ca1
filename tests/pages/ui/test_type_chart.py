"""Sessions by type over time: the figure, its colours and when it is shown."""

from __future__ import annotations

import json
from datetime import date

import polars as pl

import warehouse
from pages.ui import type_chart
from pages.ui.theme import DARK, LIGHT
from tests.pages.seen import bodies
from tests.warehouse.small_builds import session, write_build
from warehouse import Filters
from warehouse.metrics import breakdowns

DAYS = [date(2026, 11, 1), date(2026, 11, 2)]
NAMES = ["chat", "<b>", "browse", "write", "read", "Other", "(not known)"]
KINDS = dict(zip(NAMES, [*["type"] * 5, "other", "not known"], strict=True))
FRAME = pl.DataFrame(
    [
        (day, name, at + 1, day == DAYS[0], KINDS[name])
        for day in DAYS
        for at, name in enumerate(NAMES)
    ],
    schema=["period_start", "value", "session_count", "is_complete", "kind"],
    orient="row",
)


def test_bars_stack_to_the_whole_and_the_running_day_is_pale():
    drawn = type_chart.stacked(FRAME, "day")
    assert drawn.layout.barmode == "stack"
    assert [bar.name for bar in drawn.data] == NAMES
    assert sum(bar.y[0] for bar in drawn.data) == sum(range(1, 8))
    assert drawn.layout.yaxis.range[1] >= 28
    assert all(bar.marker.opacity == (1, 0.5) for bar in drawn.data)
    assert drawn.data[1].customdata[0] == "&lt;b&gt; <b>2</b>"


def test_each_type_has_its_colour_and_the_rest_are_greys():
    for look in (LIGHT, DARK):
        found = type_chart.colors(KINDS, look)
        assert [found[name] for name in NAMES[:5]] == list(look.series[:5])
        assert len(set(found.values())) == len(NAMES)
    assert "&lt;b&gt;</span>" in type_chart.legend(FRAME)


def test_types_that_are_called_like_the_rest_stand_beside_it(open_page, tmp_path):
    # The two of odd names are the most frequent; the rest is of six others, then not known.
    types = ["Other"] * 9 + ["(not known)"] * 8 + list("aaaaaabbbbbccccdde") + [None]
    write_build(tmp_path, [session(f"u{n}", session_type=each) for n, each in enumerate(types)])
    test = open_page("app.py", tmp_path)
    [sent] = [plot.proto for plot in test.get("plotly_chart") if "by_type" in plot.proto.id]
    bars = [bar for bar in json.loads(sent.spec)["data"] if bar["type"] == "bar"]
    assert {bar["name"]: sum(bar["y"]) for bar in bars} == {
        "Other": 9,
        "(not known)": 8,
        **{"a": 6, "b": 5, "c": 4},
        "All other types": 3,
        "Type not known": 1,
    }
    assert len({bar["marker"]["color"] for bar in bars}) == len(bars)


def test_the_overview_has_the_chart_where_sessions_have_types(open_page, home, berlin_home):
    test = open_page("app.py", home, period="7", grain="week")
    assert "Sessions by type per week" in [head.value for head in test.subheader]
    legend = next(body for body in bodies(test) if "dwell-legend" in body)
    with warehouse.open(home) as wh:
        filters = Filters.last_days(7, wh.as_of_date)
        frame = breakdowns.daily_by(wh, filters, "session_type", "week")
    for value in frame["value"].unique().drop_nulls():
        assert f"</i>{value}</span>" in legend
    without = open_page("app.py", berlin_home)
    assert not any("by type" in head.value for head in without.subheader)
