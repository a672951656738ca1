"""What fires, above the numbers of the Overview and in Data health."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pages.ui.alert_strip import in_trend
from pages.views import health_alerts
from tests.pages.conftest import load, texts
from tests.pages.seen import bodies, links, tables, text

OVERVIEW, HEALTH = "app.py", "pages/data_health.py"
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
YESTERDAY = (NOON - timedelta(days=1)).date()


@pytest.fixture(scope="module")
def abandoned(tmp_path_factory):
    """A home in which each of 60 sessions of yesterday, and of the day before, had one query."""
    folder = tmp_path_factory.mktemp("abandoned")
    lines = [
        f"u{n},{NOON - timedelta(days=day, minutes=n):%Y-%m-%dT%H:%M:%SZ},prompt"
        for day in (1, 2)
        for n in range(60)
    ]
    # The day is over once something later was seen.
    lines.append(f"late,{NOON - timedelta(hours=11):%Y-%m-%dT%H:%M:%SZ},click")
    (folder / "events.csv").write_text("user_id,time,event\n" + "\n".join(lines) + "\n")
    load(folder / "home", folder / "events.csv")
    return folder / "home"


def strip(test):
    """The lines of the strip, each with its links; none without one."""
    found = [body for body in bodies(test) if 'class="dwell-alerts"' in body]
    assert len(found) <= 1
    return [(text(line), links(line)) for body in found for line in body.split("<li>")[1:]]


def test_what_fires_stands_above_the_numbers_with_a_way_to_its_day(open_page, abandoned):
    (alarm, to_day), (warning, _) = strip(open_page(OVERVIEW, abandoned))
    assert alarm.startswith("Alarm. Abandonment 100.0 % on ")
    ((said, address),) = to_day.items()
    assert said.startswith("See the ")
    assert address.startswith("?from=")
    assert f"to={YESTERDAY}" in address
    assert warning.startswith("Warning. Queries per session 1.0 on ")


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("?from=2026-11-29&to=2026-11-29", ("?from=2026-11-29&to=2026-11-29", "See the day")),
        (
            "?from=2026-11-29&to=2026-11-29&os=a&os=b+c&metric=bounce",
            (
                "?from=2026-11-02&to=2026-11-29&os=a&os=b+c&metric=bounce",
                "See the weeks up to it",
            ),
        ),
        (
            # A week: it is the last of the four.
            "?from=2026-11-23&to=2026-11-29&metric=bounce",
            ("?from=2026-11-02&to=2026-11-29&metric=bounce", "See the weeks up to it"),
        ),
    ],
)
def test_a_day_is_shown_at_the_end_of_its_weeks(address, wanted):
    assert in_trend(address) == wanted


def test_data_health_has_the_same(open_page, abandoned):
    test = open_page(HEALTH, abandoned)
    (rows,) = [rows for rows in tables(test) if "Alert" in rows[0]]
    since = f"since {YESTERDAY.day} {YESTERDAY:%b}"
    assert [(row["State"], row["Alert"]) for row in rows] == [
        (f"Alarm{since}", "Abandonment"),
        (f"Warning{since}", "Queries per session"),
    ]
    assert [row["What was found"].split(" on ")[0] for row in rows] == ["100.0 %", "1.0"]
    (verdict,) = [text(body) for body in bodies(test) if 'class="dwell-verdict' in body]
    assert "2 alerts fire: Abandonment, Queries per session." in verdict


@pytest.mark.parametrize(
    ("until", "began_before", "told"),
    [
        (None, False, "since 2 Nov"),
        (None, True, "since 2 Nov or before"),
        (2, True, "on 2 Nov"),
        (5, False, "2 Nov to 5 Nov"),
    ],
)
def test_its_days_are_told_as_far_as_they_are_known(until, began_before, told):
    row = {"date": date(2026, 11, 2), "until": until and date(2026, 11, until)}
    assert health_alerts.days(row | {"began_before": began_before}) == told


def test_old_data_is_the_one_thing_told(open_page, home):
    ((line, to),) = strip(open_page(OVERVIEW, home))
    assert line.startswith("Alarm. Nothing loaded")
    assert list(to) == ["Data health"]


def test_history_is_not_told_of_at_each_visit(open_page, tmp_path):
    (tmp_path / "events.csv").write_text("user_id,time,event\nann,2016-03-10T22:30:00Z,click\n")
    load(tmp_path / "home", tmp_path / "events.csv")
    assert strip(open_page(OVERVIEW, tmp_path / "home", period="all")) == []


def test_alerts_that_cannot_be_judged_are_told(open_page, abandoned, monkeypatch, tmp_path):
    config = tmp_path / "dwell.toml"
    config.write_text('[alerts.odd]\nmetric = "no_such_metric"\nabove = 1\n')
    monkeypatch.setenv("DWELL_CONFIG", str(config))
    ((line, _),) = strip(open_page(OVERVIEW, abandoned))
    assert "Alerts cannot be judged" in line
    assert "no_such_metric" in line


def test_whatever_breaks_takes_no_page_down(open_page, abandoned, monkeypatch, tmp_path):
    # What dwell.toml asks is a part of the question: the answer is no kept one.
    (tmp_path / "dwell.toml").write_text("[alerts.abandonment]\nabove = 0.9\n")
    monkeypatch.setenv("DWELL_CONFIG", str(tmp_path / "dwell.toml"))
    monkeypatch.setattr("warehouse.alerts.standing", lambda wh: int(f"{wh.build} sessions"))
    ((line, _),) = strip(open_page(OVERVIEW, abandoned))
    assert "Alerts cannot be judged: invalid literal for int()" in line


def test_an_earlier_build_says_nothing_of_now(open_page, abandoned, tmp_path):
    (tmp_path / "more.csv").write_text(f"user_id,time,event\nann,{NOON:%Y-%m-%d}T00:30:00Z,click\n")
    load(abandoned, tmp_path / "more.csv")
    assert strip(open_page(OVERVIEW, abandoned, build="1")) == []


def test_nothing_is_said_where_nothing_fires(open_page, tmp_path):
    days = [NOON - timedelta(days=day) for day in (0, 1)]
    rows = "".join(f"ann,{day:%Y-%m-%d}T00:10:00Z,click\n" for day in days)
    (tmp_path / "events.csv").write_text(f"user_id,time,event\n{rows}")
    load(tmp_path / "home", tmp_path / "events.csv")
    test = open_page(HEALTH, tmp_path / "home")
    assert "Nothing fires, and nothing was noted." in texts(test)
    assert strip(open_page(OVERVIEW, tmp_path / "home")) == []
