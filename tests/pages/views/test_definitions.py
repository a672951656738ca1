"""Definitions without a browser: it says what the build says, whatever is looked for."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest

import warehouse
from etl.config.settings import parse_setting
from pages.ui import format, glossary, lab_asked, metric_cases
from tests.pages.conftest import UNTIL, load, texts
from tests.pages.seen import bodies, links, tables, text
from warehouse import Filters
from warehouse.metrics import crosswalk, data, lab
from warehouse.metrics.crosswalk_rules import LABELS, PEERS

PAGE = "pages/definitions.py"
MONTH = Filters.last_days(30, UNTIL.date())


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def shown(test):
    (body,) = [body for body in bodies(test) if "dwell-glossary" in body and "<article>" in body]
    return body


def test_every_metric_is_told_with_its_settings_and_its_line(open_page, home, wh):
    body = shown(open_page(PAGE, home))
    rows = data.definitions(wh).to_dicts()
    assert body.count("<article>") == len(rows) > 30
    for row in rows:
        assert row["definition"] in text(body)
        line = glossary.line_of(row["name"], row["sql"])
        assert line is None or line in text(body)
    with_line = {row["name"] for row in rows if glossary.line_of(row["name"], row["sql"])}
    # Counted over days and by now: these have no line over sessions.
    rest = {row["name"] for row in rows} - with_line
    assert rest == {
        *("user_count", "bot_session_count", "live_user_count", "live_session_count"),
        "open_user_count",
    }
    assert "Silent for exactly 30 min" in text(body)


def test_cases_are_of_metrics_and_hold_settings_alone(wh):
    names = set(data.definitions(wh)["name"])
    settings = dict(data.settings(wh).select("name", "value").iter_rows())
    assert set(metric_cases.CASES) <= names
    for name in metric_cases.CASES:
        assert all(all(case) for case in metric_cases.cases_of(name, settings))


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"metric": "bounce_rate"}, {"bounce_rate"}),
        ({"q": "BOUNCE exactly"}, {"bounce_rate"}),
        ({"q": "heartbeat"}, {"actions_per_session"}),
    ],
)
def test_one_metric_has_an_address_and_words_find_some(open_page, home, wh, params, names):
    body = shown(open_page(PAGE, home, **params))
    labels = {row["label"]: row["name"] for row in data.definitions(wh).iter_rows(named=True)}
    found = links(body)
    assert {labels[label] for label in found} == names
    for label, address in found.items():
        assert f"metric={labels[label]}" in address


def test_what_there_is_not_is_said(open_page, home):
    assert "Did you mean 'bounce_rate'?" in texts(open_page(PAGE, home, metric="bounce_rates"))
    assert "No metric has 'zebra'" in texts(open_page(PAGE, home, q="zebra"))
    assert "No table or column has 'zebra'" in texts(
        open_page(PAGE, home, view="tables", q="zebra")
    )
    assert "No setting has 'zebra'" in texts(open_page(PAGE, home, view="settings", q="zebra"))
    assert "Did you mean 'lab'?" in texts(open_page(PAGE, home, view="labs"))


def test_all_tables_are_there_with_what_their_columns_are(open_page, home, wh):
    frame = data.tables(wh)
    seen = tables(open_page(PAGE, home, view="tables"))
    assert sum(map(len, seen)) == frame.height
    assert frame["table_comment"].null_count() == frame["comment"].null_count() == 0
    found = tables(open_page(PAGE, home, view="tables", q="user_sessions engaged"))
    assert [row["Column"] for rows in found for row in rows] == ["engaged_seconds"]


def test_settings_that_differ_are_named(open_page, berlin_home):
    test = open_page(PAGE, berlin_home, view="settings")
    (rows,) = tables(test)
    values = {row["Setting"]: row["Value"] for row in rows}
    assert values["time_zone"] == "Europe/Berlin"
    assert values["timeout"] == "30 min"
    assert "Not at their defaults: time_zone." in texts(test)


def test_the_lab_shows_what_the_metric_says(open_page, home, wh):
    test = open_page(PAGE, home, view="lab", lab_timeout="37")
    minutes = sorted({*lab.MINUTES, 37})
    frame = lab.timeouts(wh, MONTH, minutes=minutes)
    (rows,) = [rows for rows in tables(test) if "Timeout" in rows[0] and len(rows) > 1]
    assert [row["Sessions"] for row in rows] == [
        format.count(each) for each in frame["session_count"]
    ]
    assert [row["Bounce"] for row in rows] == [format.share(each) for each in frame["bounce_rate"]]
    assert [row["Timeout"] for row in rows if "this build" in row["Timeout"]] == [
        "30 m (this build)"
    ]
    said = [each.value for each in test.code]
    assert 'timeout = "37 min"\n' in said or 'timeout = "37 min"' in said
    assert "dwell build --full" in said
    assert not test.error


def test_filters_hold_for_the_lab_or_it_says_which_do_not(open_page, home, wh):
    mobile = Filters.last_days(30, UNTIL.date(), devices=["mobile"])
    test = open_page(PAGE, home, view="lab", device_type="mobile")
    (rows,) = [rows for rows in tables(test) if "Timeout" in rows[0] and len(rows) > 1]
    frame = lab.timeouts(wh, mobile)
    assert [row["Sessions"] for row in rows] == [
        format.count(each) for each in frame["session_count"]
    ]
    refused = open_page(PAGE, home, view="lab", exit_reason="logout")
    assert "The lab cannot tell exit_reason" in texts(refused)
    assert not refused.error
    longer = open_page(PAGE, home, view="lab", entry_source="direct")
    assert "cannot tell entry_source for shorter timeouts" in texts(longer)
    assert not longer.error
    timed = open_page(PAGE, home, view="lab", engaged_seconds=">= 5")
    assert "Engaged time changes with the idle timeout" in texts(timed)


@pytest.mark.parametrize(
    ("setting", "seconds", "line"),
    [
        ("timeout", 45 * 60, 'timeout = "45 min"'),
        ("timeout", 7200, 'timeout = "2 h"'),
        ("timeout", 90, 'timeout = "90 s"'),
        ("bounce_duration", 10, 'bounce_duration = "10 s"'),
        ("idle_timeout", 0.5, 'idle_timeout = "500 ms"'),
    ],
)
def test_the_line_to_adopt_is_one_that_the_settings_take(setting, seconds, line):
    assert lab_asked.toml_line(setting, seconds) == line
    value = tomllib.loads(line)[setting]
    assert parse_setting(setting, value) == timedelta(seconds=seconds)


@pytest.mark.parametrize("given", ["0", "-3", "nan", "inf", "x", "1e12"])
def test_what_is_no_length_adopts_nothing(open_page, home, given):
    test = open_page(PAGE, home, view="lab", lab_timeout=given)
    assert "is no number of 0.001 or more" in texts(test)
    assert "dwell build --full" not in [each.value for each in test.code]
    assert not test.error


def test_a_home_of_one_event_has_no_gap(open_page, berlin_home):
    test = open_page(PAGE, berlin_home, view="lab", period="all")
    assert "there is no gap" in texts(test)
    assert not test.error


EDGES = {
    "exact": ("10:00:00", "10:30:00"),
    "beyond": ("10:00:00", "10:30:00.000001"),
    "midnight": ("23:50:00", "24:10:00"),
    "just_short": ("10:00:00", "10:00:29.999999"),
    "as_long": ("10:00:00", "10:00:30"),
}


@pytest.fixture(scope="module")
def edges(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edges")
    lines = ["user_id,time,event"]
    for user, times in EDGES.items():
        for at, event in zip(times, ("page_view", "scroll"), strict=True):
            day, hour = divmod(int(at[:2]), 24)
            lines.append(f"{user},2026-03-{10 + day}T{hour:02}{at[2:]}Z,{event}")
    lines.append("last,2026-03-20T10:00:00Z,page_view")
    (folder / "events.csv").write_text("\n".join(lines))
    load(folder / "home", folder / "events.csv")
    with warehouse.open(folder / "home") as opened:
        rows = opened.sql(
            "select user_id, count(*), bool_or(is_bounce) from user_sessions group by all"
        ).fetchall()
    return {user: (sessions, bounced) for user, sessions, bounced in rows}


@pytest.mark.parametrize(
    ("user", "metric", "case", "expected"),
    [
        ("exact", "session_count", "Silent for exactly {timeout}", (1, False)),
        ("beyond", "session_count", "Silent for {timeout} and one microsecond", (2, True)),
        ("midnight", "session_count", "Active through midnight", (1, False)),
        (
            "just_short",
            "bounce_rate",
            "Finished, just under {bounce_duration}, {bounce_actions} action(s)",
            (1, True),
        ),
        ("as_long", "bounce_rate", "Exactly {bounce_duration}", (1, False)),
    ],
)
def test_cases_at_the_edge_are_so_in_a_build(edges, user, metric, case, expected):
    assert case in dict(metric_cases.CASES[metric])
    assert edges[user] == expected


def test_words_fit_whatever_their_order():
    row = {"name": "bounce_rate", "label": "Bounce rate", "definition": "Share of visits."}
    settings = dict.fromkeys(("bounce_duration", "bounce_actions"), "3")
    assert glossary.fits(row, "visits bounce", settings)
    assert not glossary.fits(row, "visits zebra", settings)


def test_a_lab_without_a_session_says_why_and_offers_the_way_out(open_page, home):
    test = open_page(PAGE, home, view="lab", device="bot", period="7")
    assert "No sessions match device bot" in texts(test)
    test.button(key="clear_filters").click().run()
    assert "No sessions" not in texts(test)


@pytest.mark.parametrize("given", [{}, {"device_type": "mobile"}, {"device_type": "bot"}])
def test_the_crosswalk_shows_what_the_metric_says(open_page, home, wh, given):
    test = open_page(PAGE, home, view="crosswalk", crosswalk_to="matomo", **given)
    filters = Filters.last_days(30, UNTIL.date(), where={k: [v] for k, v in given.items()})
    frame = crosswalk.definitions(wh, filters)
    compared, steps = tables(test)
    assert [row["Definition"] for row in compared] == [LABELS[name] for name in frame["definition"]]
    for row, told in zip(compared, frame.to_dicts(), strict=True):
        assert row["Sessions"] == format.count(told["session_count"])
        assert row["Bounce"] == format.share(told["bounce_rate"])
    counts = crosswalk.waterfall(wh, filters, "matomo")["session_count"].to_list()
    assert [row["Sessions"] for row in steps] == [format.count(count) for count in counts]
    assert not test.error


def test_each_rule_of_the_crosswalk_has_its_sources(open_page, home):
    test = open_page(PAGE, home, view="crosswalk", pattern="explorer")
    assert "The crosswalk cannot tell pattern" in texts(test)
    (rules,) = [text(body) for body in bodies(test) if "the rule" in body]
    for rule in PEERS.values():
        for words in (rule.label, rule.at_timeout, rule.bounces, *rule.sources):
            assert words in rules
    assert not test.error
