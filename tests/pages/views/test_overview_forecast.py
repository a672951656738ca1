"""The forecast on the Overview: when it is offered, what it draws and says."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

import warehouse
from etl.demo import generate
from pages.ui import sections
from pages.views.overview_forecast import sentence
from tests.pages.conftest import UNTIL, load, texts
from warehouse import Filters
from warehouse.metrics import forecast

OVERVIEW = "app.py"
NOW = date(2026, 11, 20)


@pytest.fixture(scope="module")
def long_home(tmp_path_factory):
    """Seventy days of a small product up to 20 Nov 2026."""
    made = tmp_path_factory.mktemp("demo")
    export = generate(made, seed=11, events=3000, days=70, until=UNTIL)
    folder = tmp_path_factory.mktemp("home")
    load(folder, "--config", export.config)
    return folder


def traces(test):
    charts = [json.loads(each.proto.spec) for each in test.get("plotly_chart")]
    return {trace.get("name"): trace for trace in charts[0]["data"]}


def has_switch(test):
    return any(each.key == "own_forecast" for each in test.toggle)


@pytest.mark.parametrize(
    ("word", "metric"), [("sessions", "session_count"), ("users", "user_count")]
)
def test_it_is_drawn_behind_the_last_day_and_told_below(open_page, long_home, word, metric):
    test = open_page(OVERVIEW, long_home, forecast="1", metric=word, period="7")
    with warehouse.open(long_home) as wh:
        told = forecast.daily(wh, Filters(), metric).filter("is_forecast")
        tested = forecast.back_test(wh, Filters(), metric)
    drawn = traces(test)["forecast"]
    days = [NOW + timedelta(days=ahead) for ahead in range(-1, 28)]
    assert [x[:10] for x in drawn["x"]] == [day.isoformat() for day in days]
    assert drawn["y"][1:] == pytest.approx(told["value"].to_list())
    assert sentence(tested) in texts(test)


def test_the_switch_moves_the_address(open_page, long_home):
    test = open_page(OVERVIEW, long_home)
    assert "forecast" not in traces(test)
    test.toggle(key="own_forecast").set_value(True).run()
    assert test.query_params == {"forecast": "1"}
    assert "forecast" in traces(test)
    test.toggle(key="own_forecast").set_value(False).run()
    assert test.query_params == {}


# Case → an address under which it is not offered.
ELSEWHERE = {
    "a rate": {"metric": "bounce"},
    "weeks": {"grain": "week"},
    "a period that is over": {"from": "2026-10-01", "to": "2026-11-19"},
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_it_is_not_offered_for_what_it_cannot_tell(open_page, long_home, case):
    test = open_page(OVERVIEW, long_home, forecast="1", **ELSEWHERE[case])
    assert not has_switch(test)
    assert "forecast" not in traces(test)
    assert "back-test" not in texts(test)


def test_a_period_up_to_now_has_it(open_page, long_home):
    test = open_page(
        OVERVIEW, long_home, forecast="1", **{"from": "2026-11-01", "to": "2026-11-20"}
    )
    assert has_switch(test)
    assert "forecast" in traces(test)


def test_too_few_days_are_said_in_place_of_the_line(open_page, home):
    test = open_page(OVERVIEW, home, forecast="1")
    assert not test.error
    assert "A forecast needs 56 complete days; there are 39, since 2026-10-12." in texts(test)
    assert "forecast" not in traces(test)


def test_its_table_and_file_have_the_same_days(open_page, long_home, monkeypatch):
    files = {}

    def download(file, frame, facts, *, key, **_):
        files[key] = frame() if key == "trend" else None

    monkeypatch.setattr(sections, "download", download)
    test = open_page(OVERVIEW, long_home, forecast="1")
    with warehouse.open(long_home) as wh:
        told = forecast.daily(wh, Filters(), "session_count").filter("is_forecast")
    rows = files["trend"]
    assert rows["period_start"].is_unique().all()
    assert rows["period_start"].max() == NOW + timedelta(days=27)
    ahead = rows.filter(pl.col("period_start") >= NOW)
    for name in ("value", "low", "high", "model", "mase"):
        assert ahead[f"forecast_{name}"].to_list() == told[name].to_list()
    # The running day has both: what came so far, and what is expected.
    assert ahead["value"].null_count() == 27
    test.toggle(key="toggle_table_forecast").set_value(True).run()
    (table,) = [each for each in test.dataframe if each.proto.alt == "Forecast of Sessions"]
    assert len(table.value) == 28


@pytest.mark.parametrize(
    ("chosen", "mase", "left_out", "said"),
    [
        (
            *("holt_winters", 0.75, 3),
            "Dashed: Holt–Winters, chosen by back-test: error 0.80 of seasonal naive's "
            "(MASE 0.75). Its band: 80 % of days to come. Learned from 98 days, 3 faulty days "
            "left out.",
        ),
        (
            *("seasonal_naive", None, 0),
            "Dashed: the same weekday of the last week; nothing was better in the back-test. "
            "Its band: 80 % of days to come. Learned from 98 days.",
        ),
    ],
)
def test_the_caption_says_how_it_was_chosen(chosen, mase, left_out, said):
    errors = {"seasonal_naive": 10.0, "weekday_mean": 9.0, "holt_winters": 8.0}
    tested = pl.DataFrame(
        {
            "model": list(errors),
            "mean_error": list(errors.values()),
            "mase": [mase] * 3,
            "is_chosen": [model == chosen for model in errors],
            "day_count": 98,
            "left_out_count": left_out,
        }
    )
    assert sentence(tested) == said
