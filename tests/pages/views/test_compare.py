"""Compare without a browser: its table, verdict and checks are what the metrics say."""

from __future__ import annotations

import re
from datetime import timedelta

import polars as pl
import pytest

import warehouse
from pages.ui import comparison_words as words
from pages.ui.comparison_choices import measure
from tests.pages.conftest import texts
from tests.pages.seen import bodies, links, text
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse import Filters
from warehouse.metrics import compare

PAGE = "pages/compare.py"
TODAY = NOON.date()
MONTH = Filters.last_days(30, TODAY)
PHONES = Filters(where={"device_type": "mobile"})
TOML = """
[segments.phones]
label = "Phones"
device_type = "mobile"

[segments.late]
label = "Late"
hour = ">= 13"

[experiments.answers]
split = {aurora = 0.5, baseline = 0.5}
"""
LOPSIDED = "[experiments.answers]\nsplit = {aurora = 0.7, baseline = 0.3}"


def visits():
    """Users of two models over 40 days: those of aurora stay a minute longer; and three of a
    third, who come often.
    """
    for number in range(300):
        group = "aurora" if number % 2 else "baseline"
        for at in range(1 + number % 2 + number % 3):
            day = timedelta(days=(number * 7 + at * 11) % 39, minutes=number % 200)
            stay = 60 + number * 37 % 90 + (60 if number % 2 else 0)
            yield session(
                f"user {number}",
                NOON - day,
                seconds=stay,
                engaged_seconds=float(stay),
                device_type=("mobile", "desktop", None)[number % 5 % 3],
                browser="Zen",
                model_group=group,
                experiment_id="answers",
                error_count=int(number % 7 == 0),
                action_count=number % 4,
                event_count=3,
            )
    for number in range(3):
        yield session(f"few {number}", NOON, seconds=5, model_group="tiny", event_count=2)
    for hours, group in enumerate(("aurora", "baseline")):
        start = NOON - timedelta(hours=hours)
        yield session("both", start, seconds=5, model_group=group, event_count=2)


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A home with an experiment."""
    home = tmp_path_factory.mktemp("tried") / "home"
    write_build(home, list(visits()))
    (home / "dwell.toml").write_text(TOML, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def wh(tried):
    with warehouse.open(tried) as opened:
        yield opened


def table(test, at=0):
    """The text of the cells of a comparison, row by row."""
    body = [one for one in bodies(test) if "<table role" in one][at]
    lines = re.findall(r"<tr\b.*?</tr>", body.partition("</thead>")[2], re.DOTALL)
    cell = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
    return [
        [text(re.sub(r"</?(small|b|span)\b[^>]*>", " ", c)) for c in cell.findall(line)]
        for line in lines
    ]


def basis(test):
    """What a comparison rests on, by name."""
    [body] = [one for one in bodies(test) if 'class="dwell-basis"' in one]
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", body, re.DOTALL)
    return {name: text(told) for name, told in found}


CHOICES = {
    "as it opens": ({}, MONTH, {"baseline": "baseline"}),
    "by session, of phones, two metrics, always valid": (
        {
            **{"unit": "session", "device_type": "mobile", "intervals": "always"},
            "metrics": "error_rate,avg_engaged_seconds",
        },
        Filters.last_days(30, TODAY, devices=["mobile"]),
        {
            **{"unit": "session", "always_valid": True, "baseline": "baseline"},
            "metrics": ("error_rate", "avg_engaged_seconds"),
        },
    ),
    "another baseline": (
        {"period": "all", "baseline": "aurora"},
        Filters(TODAY - timedelta(days=38), TODAY),
        {"baseline": "aurora"},
    ),
    "one segment against all others": (
        {"by": "segments", "a": "phones"},
        MONTH,
        {
            "by": {"Phones": Filters(segments=[{"device_type": "mobile"}]), "all others": None},
            "baseline": "all others",
        },
    ),
    "two segments": (
        {"by": "segments", "a": "late", "b": "phones"},
        MONTH,
        {
            "by": {
                "Late": Filters(segments=[{"hour": ">= 13"}]),
                "Phones": Filters(segments=[{"device_type": "mobile"}]),
            },
            "baseline": "Phones",
        },
    ),
}


@pytest.mark.parametrize(("address", "filters", "asked"), CHOICES.values(), ids=CHOICES)
def test_the_table_is_what_the_metrics_say(open_page, tried, wh, address, filters, asked):
    test = open_page(PAGE, tried, **address)
    frame = compare.groups(wh, filters, **asked)
    others = [row for row in frame.iter_rows(named=True) if row["group"] != asked["baseline"]]
    rows = table(test)
    assert len(rows) == len(others)
    for cells, row in zip(rows, others, strict=True):
        metric = measure(row["metric"])
        told = " ".join(cells)
        # Where all users are alike there is no interval.
        shown = [row[number] for number in ("value", "low", "high") if row[number] is not None]
        assert all(words.value(number, metric) in told for number in shown)
        assert f"{row['user_count']:,} user" in told
        assert words.difference(row["difference"], metric) in told
        assert words.probability(row["p_adjusted"]) in told
        assert words.SIGNS[words.outcome(row, metric)] in told


def test_the_verdict_names_what_is_decided_and_by_how_much(open_page, tried):
    test = open_page(PAGE, tried, period="all")
    told = texts(test)
    lead = "Against **baseline**, **aurora** is \u25b2 better on "
    assert lead in told
    assert re.search(r"engaged time \*\*\+\d+\.\d %\*\* \(95 %: \+\d+\.\d % to \+\d+\.\d %\)", told)
    assert "**tiny** against **baseline**: no verdict yet: 3 users in the smaller group" in told


def test_what_is_left_out_and_how_users_were_split_is_told(open_page, tried):
    told = basis(open_page(PAGE, tried, period="all"))
    assert told["Left out"].startswith("1 user was in several groups and so in none, 2 sessions.")
    assert "tiny 3 users, 3 sessions" in told["Groups"]
    # Of an experiment without the third group nothing says how it was to be.
    assert "split = {aurora = 0.33, baseline = 0.33, tiny = 0.33}" in told["Intended split"]
    assert "10 comparisons: p values are Holm's" in told["p values"]
    meant = basis(open_page(PAGE, tried, period="all", experiment_id="answers"))
    assert "aurora 150 users where 150 were meant (50.0 %)" in meant["Intended split"]
    assert "users came as intended (p = 1.00)" in meant["Intended split"]


def test_a_split_that_did_not_come_about_overrides_all_verdicts(open_page, tried):
    file = tried / "dwell.toml"
    file.write_text(LOPSIDED, encoding="utf-8")
    try:
        test = open_page(PAGE, tried, period="all", experiment_id="answers")
    finally:
        file.write_text(TOML, encoding="utf-8")
    [fault] = test.error
    assert "No verdict: users came to the groups otherwise than intended" in fault.value
    assert "better on" not in texts(test)
    for at in (0, 1):
        assert all("No verdict" in cells[-1] for cells in table(test, at))
    # What dwell.toml says is read anew at each run, whatever was answered before.
    again = open_page(PAGE, tried, period="all", experiment_id="answers")
    assert not again.error
    assert "better on" in texts(again)


def test_an_experiment_that_cannot_be_read_is_told_and_all_else_is_there(open_page, tried):
    file = tried / "dwell.toml"
    file.write_text("[experiments.answers]\nsplit = 3", encoding="utf-8")
    try:
        test = open_page(PAGE, tried, period="all")
    finally:
        file.write_text(TOML, encoding="utf-8")
    assert basis(test)["Intended split"].startswith("Not checked: ")
    assert table(test)


def test_two_periods_are_of_complete_days(open_page, tried, wh):
    test = open_page(PAGE, tried, by="period", period="7", compare="previous")
    now = Filters(TODAY - timedelta(days=6), TODAY - timedelta(days=1))
    before = Filters(TODAY - timedelta(days=13), TODAY - timedelta(days=8))
    frame = compare.periods(wh, now, before)
    rows = table(test)
    current = frame.filter(pl.col("group") == "current")
    assert len(rows) == current.height
    for cells, row in zip(rows, current.iter_rows(named=True), strict=True):
        assert words.value(row["value"], measure(row["metric"])) in cells[2]
    assert "4 to 9 Mar 2026" in texts(test)
    assert "by day, cumulative" not in texts(test)
    assert "Left out" not in basis(test)


def test_medians_have_no_difference_by_day(open_page, tried):
    test = open_page(PAGE, tried, metric="median_duration_seconds")
    assert "does not add up from day to day" in texts(test)
    assert "Median duration by device" in texts(test)


def test_segments_are_those_of_the_metric(open_page, tried, wh):
    asked = {"period": "all", "metric": "error_rate", "experiment_id": "answers"}
    test = open_page(PAGE, tried, **asked)
    filters = Filters(TODAY - timedelta(days=38), TODAY, where={"experiment_id": "answers"})
    frame = compare.by_segment(wh, filters, "device_type", metric="error_rate")
    names = [cells[0] for cells in table(test, 1)]
    assert names == list(dict.fromkeys(frame["segment"]))


EMPTY = {
    "one group alone": ({"by": "browser"}, "all of them are Zen. A comparison needs two groups"),
    "nothing known": ({"by": "campaign"}, "nothing is known of it"),
    "a year before the data": (
        {"by": "period", "compare": "year"},
        "the data begins 31 Jan 2026, and does not hold all of",
    ),
    "no comparison chosen": ({"by": "period", "compare": "none"}, "Choose in the filter row"),
    "today alone": ({"by": "period", "period": "1"}, "holds no complete day yet"),
}


@pytest.mark.parametrize(("address", "said"), EMPTY.values(), ids=EMPTY)
def test_where_nothing_can_be_compared_the_page_says_why_and_leads_on(
    open_page, tried, address, said
):
    test = open_page(PAGE, tried, **address)
    assert said in texts(test)
    [ways] = [one for one in bodies(test) if 'class="dwell-ways"' in one]
    led = links(ways)
    assert led["Model"].endswith("by=model_group")
    assert "Browser" not in led


def test_no_segment_and_no_session_are_said(open_page, tried, home):
    assert "No segment is there yet" in texts(open_page(PAGE, home, by="segments"))
    test = open_page(PAGE, tried, period="7", browser="Lynx")
    assert "No sessions match browser Lynx" in texts(test)


@pytest.mark.parametrize(
    ("by", "unit"), [("model_group", "user"), ("segments", "session"), ("period", "user")]
)
def test_the_notebook_gives_the_numbers_of_the_page(open_page, tried, by, unit):
    test = open_page(PAGE, tried, by=by, unit=unit, period="7")
    codes = [code.value for code in test.code if code.language == "python"]
    assert len(codes) == (3 if by == "period" else 4)
    for code in codes:
        *lines, last = code.splitlines()
        scope = {}
        exec("\n".join([*lines, f"frame = {last}"]), scope)
        assert scope["frame"].height
    sql = [code.value for code in test.code if code.language == "sql"]
    assert all("$unit" not in each and "$over" not in each for each in sql)
    assert any("group_1_name" in each for each in sql) is (by != "model_group")


def test_what_sessions_as_units_and_always_valid_intervals_mean_is_told(open_page, tried):
    told = basis(open_page(PAGE, tried, unit="session", intervals="always"))
    assert "too narrow where users come often" in told["Sessions"]
    assert "Always valid (asymptotic confidence sequence)" in told["p values"]


def test_an_unknown_word_is_told_and_all_else_is_as_usual(open_page, tried):
    test = open_page(PAGE, tried, by="modle_group", baseline="nobody", metrics="error_rat")
    told = texts(test)
    assert "Compare by: 'modle_group'" in told
    assert "Metrics: 'error_rat'" in told
    assert len(table(test)) == 14
