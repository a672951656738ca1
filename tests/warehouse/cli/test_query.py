"""dwell query, and the filters of dwell sql and dwell stats: the numbers of the API, as asked."""

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import warehouse
from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview, registry, sessions

TODAY = NOON.date()
DEVICES = ("mobile", "desktop", None)
ROWS = [
    session(
        f"user {number % 7}",
        NOON - timedelta(days=number),
        seconds=number * 13 % 90,
        session_id=f"s{number}",
        device_type=DEVICES[number % 3],
        browser=("=cmd()", "Firefox", "@x", "+1", "-1", None)[number % 6],
        tags=[tag for tag, each in (("a", 2), ("b", 3)) if number % each == 0],
        is_bot=number % 11 == 10,
        is_abandoned=number % 4 == 0,
        query_count=number % 3,
    )
    for number in range(60)
]
SEGMENTS = """
[segments.phones]
device_type = "mobile"
[segments.long]
duration_seconds = ">= 30"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of 60 sessions, one a day."""
    folder = tmp_path_factory.mktemp("query")
    write_build(folder, ROWS)
    return folder


@pytest.fixture
def home(dwell: Dwell, built: Path) -> Path:
    """The home of the commands, and two segments."""
    Path("dwell.toml").write_text(f'home = "{built}"\n{SEGMENTS}')
    return built


LONG_PHONES = ("--segment", "phones", "--where", "duration_seconds>=30")
ASKED = {
    "the last 30 days": ((), Filters.last_days(30, TODAY)),
    "a week": (("--days", "7"), Filters.last_days(7, TODAY)),
    "to a day": (
        ("--days", "3", "--to", "2026-02-20"),
        Filters(date(2026, 2, 18), date(2026, 2, 20)),
    ),
    "from a day on": (("--from", "2026-02-01"), Filters(date(2026, 2, 1), TODAY)),
    "with bots": (
        ("--bots", "--from", "2026-01-20", "--to", "2026-02-03"),
        Filters(date(2026, 1, 20), date(2026, 2, 3), include_bots=True),
    ),
    "conditions": (
        ("--where", "device_type!=mobile", "--where", "browser=Firefox", "--where", "browser=@x"),
        Filters.last_days(
            30, TODAY, where={"device_type": "!= mobile", "browser": ["Firefox", "@x"]}
        ),
    ),
    "a segment and a condition": (
        LONG_PHONES,
        Filters.last_days(
            30, TODAY, where={"duration_seconds": ">= 30", "device_type": "mobile"}
        ),
    ),
    "two segments": (
        ("--segment", "phones", "--segment", "long"),
        Filters.last_days(
            30, TODAY, where={"duration_seconds": ">= 30", "device_type": "mobile"}
        ),
    ),
}  # fmt: skip
each_choice = pytest.mark.parametrize(("options", "filters"), ASKED.values(), ids=ASKED)


def same(rows, frame):
    """Whether rows of JSON say what the frame says."""
    wanted = json.loads(json.dumps(frame.to_dicts(), default=str))
    assert rows == wanted
    return bool(rows)


@each_choice
def test_a_total_is_that_of_the_api(dwell, home, options, filters):
    with warehouse.open(home) as wh:
        totals = overview.totals(wh, filters)
    for metric in ("user_count", "median_duration_seconds"):
        answer = dwell("query", metric, *options, "--json").json
        assert same(answer["rows"], totals.select(metric))
        assert (answer["metric"], answer["to"]) == (metric, str(filters.end))


@pytest.mark.parametrize(
    ("grain", "compare"), [("day", "previous"), ("week", "weekday"), ("month", "year")]
)
def test_a_compared_series_is_that_of_the_api(dwell, home, grain, compare):
    with warehouse.open(home) as wh:
        series = overview.series(wh, Filters.last_days(30, TODAY), "bounce_rate", grain, compare)
    asked = ("query", "bounce_rate", "--by", grain, "--compare", compare, "--json")
    assert same(dwell(*asked).json["rows"], series)
    alone = dwell("query", "bounce_rate", "--by", grain, "--json").json["rows"]
    assert same(alone, series.drop("previous_value"))


@pytest.mark.parametrize("name", ["browser", "tag", "hour"])
def test_a_breakdown_is_that_of_the_api_with_every_value(dwell, home, name):
    filters = Filters.last_days(60, TODAY, where={"duration_seconds": ">= 30"})
    with warehouse.open(home) as wh:
        frame = breakdowns.by(wh, filters, name, ("bounce_rate",), limit=1000)
    options = ("--days", "60", "--segment", "long", "--by", name, "--json")
    rows = dwell("query", "bounce_rate", *options).json["rows"]
    assert same(rows, frame)
    assert not any(row["is_other"] for row in rows)


@pytest.mark.parametrize("compare", ["weekday", "previous", "year"])
def test_a_comparison_is_that_of_the_api(dwell, home, compare):
    filters = Filters.last_days(20, TODAY, where={"device_type": "mobile"})
    options = ("--days", "20", "--where", "device_type=mobile", "--compare", compare, "--json")
    with warehouse.open(home) as wh:
        change = overview.change(wh, filters, compare)
    for metric in ("session_count", "error_rate"):
        rows = dwell("query", metric, *options).json["rows"]
        assert same(rows, change.filter(pl.col("metric") == metric))


@pytest.mark.parametrize("compare", ["weekday", "previous", "year"])
@pytest.mark.parametrize("metric", ["session_count", "bounce_rate"])
def test_a_compared_breakdown_is_that_of_the_api(dwell, home, compare, metric):
    filters = Filters.last_days(20, TODAY)
    with warehouse.open(home) as wh:
        frame = breakdowns.change(
            wh, filters, "browser", (metric,), breakdowns.ALL, compare=compare
        )
    options = ("--days", "20", "--by", "browser", "--compare", compare)
    answer = dwell("query", metric, *options, "--json").json
    assert same(answer["rows"], frame)
    assert answer["compare"] == compare
    has_changes = frame[f"{metric}_change"].null_count() < frame.height
    assert has_changes is (compare != "year")
    assert answer["comparison"].startswith("Nothing to compare: the data") is not has_changes


BY = {"the whole": (), "days": ("--by", "day"), "values": ("--by", "device_type")}


@pytest.mark.parametrize("by", BY.values(), ids=BY)
def test_a_comparison_is_told_in_the_words_of_the_pages(dwell, home, by):
    asked = ("query", "session_count", "--days", "8", *by)
    lines = dwell(*asked, "--compare").out.splitlines()
    assert lines[1] == "3 to 9 Mar 2026 against 17 to 23 Feb 2026, same weekdays"
    assert "previous" in " ".join(lines[2:])
    lines = dwell(*asked, "--compare", "year").out.splitlines()
    assert lines[1] == "Nothing to compare: the data begins 10 Jan 2026."
    assert not [word for word in ("previous", "change") if word in " ".join(lines[2:])]
    assert "against" not in dwell(*asked).out


def test_a_change_of_values_is_written_for_people(dwell, home):
    out = dwell("query", "bounce_rate", "--days", "20", "--by", "tag", "--compare").out
    heads, *rows = out.splitlines()[2:]
    ends = ["current", "previous", "change"]
    assert heads.split()[-3:] == [f"bounce_rate_{end}" for end in ends]
    assert all(row.endswith((" pp", "–")) for row in rows)
    out = dwell("query", "session_count", "--days", "20", "--by", "tag", "--compare").out
    assert all(row.endswith((" %", "–")) for row in out.splitlines()[3:])


def test_no_cell_of_the_csv_is_run_by_a_spreadsheet(dwell, home):
    out = dwell("query", "session_count", "--by", "browser", "--format", "csv").out
    read = list(csv.DictReader(io.StringIO(out)))
    values = {row["value"] for row in read}
    assert {"'=cmd()", "'@x", "'+1", "'-1", "Firefox", ""} <= values
    assert not [cell for row in read for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]
    (total,) = [row for row in read if row["is_total"] == "true"]
    assert int(total["session_count"]) == sum(
        int(row["session_count"]) for row in read if row["is_total"] == "false"
    )


def test_a_table_is_written_for_people(dwell, home):
    lines = dwell("query", "bounce_rate", "--by", "device_type", *LONG_PHONES).out.splitlines()
    told = "Bounce rate, 2026-02-09 to 2026-03-10, segment phones, duration_seconds>=30"
    assert lines[0] == told
    assert [line.split()[0] for line in lines[1:]] == ["device_type", "mobile", "(total)"]
    assert "100.0 %" in lines[2]
    by_device = dwell("query", "session_count", "--by", "device_type").out
    assert "unknown" in by_device
    total = dwell("query", "avg_duration_seconds", "--days", "10", "--compare").out
    assert "previous_start    2026-" in total
    assert re.search(r"  difference        [+-][\d.]+ s\n", total)
    assert " s\n" in total


def test_a_period_without_sessions_has_zeros_and_nulls(dwell, home):
    options = ("--from", "2020-01-01", "--to", "2020-01-02", "--json")
    assert dwell("query", "session_count", *options).json["rows"] == [{"session_count": 0}]
    assert dwell("query", "bounce_rate", *options).json["rows"] == [{"bounce_rate": None}]
    assert dwell("query", "bounce_rate", *options, "--by", "os").json["rows"] == []
    by_day = dwell("query", "bounce_rate", *options, "--by", "day").json["rows"]
    assert [row["value"] for row in by_day] == [None, None]
    assert "–" in dwell("query", "bounce_rate", *options[:4]).out


def test_an_empty_build_is_no_error(dwell):
    write_build(Path("data"), [])
    for options in (("--by", "week"), ("--by", "os", "--format", "csv"), ("--compare", "--json")):
        assert dwell("query", "session_count", *options).code == 0


def test_help_names_every_metric(dwell):
    told = dwell("query", "--help").out
    assert [metric for metric in registry.TOTALS if metric not in told] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("query", "bounce"), "Unknown metric 'bounce'. Did you mean 'bounce_rate'?"),
        (("query", "xyz"), "Known: abandonment_rate, actions_per_session,"),
        (("query", "session_count", "--by", "wek"), "Unknown --by 'wek'. Did you mean 'week'?"),
        (("query", "session_count", "--by", "duration_seconds"), "Unknown --by"),
        (("query", "session_count", "--where", "devise_type=a"), "Did you mean 'device_type'?"),
        (("query", "session_count", "--where", "mobile"), "'mobile' is no condition"),
        (("query", "session_count", "--segment", "phone"), "Did you mean 'phones'?"),
        (("query", "session_count", "--from", "soon"), "'soon' is no day"),
        (("query", "session_count", "--from", "2026-02-01", "--days", "3"), "Leave one"),
        (("query", "session_count", "--from", "2027-01-01"), "after its end on 2026-03-10"),
        (("query", "session_count", "--days", "0"), "A period of"),
        (("query", "session_count", "--compare", "yaer"), "Did you mean 'year'?"),
        (("query", "open_session_count", "--compare"), "Unknown metric to compare"),
        (("query",), "arguments are required: METRIC"),
        (("stats", "--segment", "x"), "Unknown segment 'x'."),
        (("stats", "--where", "os>3"), "compares numbers"),
        (("sql", "select 1", "--where", "os=a"), "filtered_sessions, which the query does not"),
        (("sql", "select 1 from filtered_sessions", "--segment", "x"), "Unknown segment 'x'."),
        (("sql", "select nothing from filtered_sessions"), "Mend the query"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_wrong_usage_says_what_is_known(dwell, home, arguments, told):
    answer = dwell(*arguments, "--json")
    assert (answer.code, answer.json["exit_code"]) == (2, 2)
    assert told in answer.json["error"]
    assert told in answer.err


def test_without_a_build_it_says_so(dwell):
    answer = dwell("query", "session_count", "--json")
    assert (answer.code, answer.json["exit_code"]) == (1, 1)


@pytest.mark.parametrize("command", [("query", "session_count"), ("status",), ("sql", "select 1")])
def test_a_segment_that_does_not_fit_is_told_by_every_command(dwell, home, command):
    Path("dwell.toml").write_text('[segments.x]\ndevise_type = "a"\n')
    answer = dwell(*command)
    assert answer.code == 2
    assert "Segment 'x' of dwell.toml: Unknown dimension 'devise_type'" in answer.err


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ((), {}),
        (LONG_PHONES, {"device_type": "mobile", "duration_seconds": ">= 30"}),
        (("--where", "browser=@x", "--where", "browser=Firefox"), {"browser": ["@x", "Firefox"]}),
    ],
    ids=str,
)
def test_sql_over_filtered_sessions_is_over_those_of_the_filters(dwell, home, options, where):
    query = (
        "with own as (select session_id as id from filtered_sessions)\n"
        "select id, ';ü' as sign from own order by id desc; -- as asked;"
    )
    ids = [row["id"] for row in json.loads(dwell("sql", query, *options, "--json").out)]
    with warehouse.open(home) as wh:
        wanted = sessions.filtered(wh, Filters(where=where))["session_id"].to_list()
    assert ids == sorted(wanted, reverse=True)
    assert 0 < len(ids) < len(ROWS)


def test_sql_of_other_tables_is_left_as_it_is(dwell, home):
    count = json.loads(dwell("sql", "select count(*) as n from user_sessions", "--json").out)
    assert count == [{"n": len(ROWS)}]
    described = json.loads(dwell("sql", "describe filtered_sessions", "--json").out)
    names = {row["column_name"] for row in described}
    assert {"session_id", "bounced", "timed_seconds", "weekday"} <= names
    assert "dimension_value" not in names


def test_statistics_are_of_the_sessions_that_are_chosen(dwell, home):
    everything = dwell("stats", "--days", "90", "--json").json
    assert "where" not in everything
    chosen = dwell("stats", "--days", "90", *LONG_PHONES, "--json").json
    taken = [
        row
        for row in ROWS
        if row["device_type"] == "mobile" and row["duration_seconds"] >= 30 and not row["is_bot"]
    ]
    assert chosen["total_sessions"] == len(taken) < everything["total_sessions"]
    assert chosen["total_queries"] == sum(row["query_count"] for row in taken)
    assert (chosen["where"], chosen["segments"]) == (["duration_seconds>=30"], ["phones"])
    assert "UTC, segment phones, duration_seconds>=30" in dwell("stats", *LONG_PHONES).out
    none = dwell("stats", "--where", "os=BeOS", "--json").json
    assert none["total_sessions"] == 0
    assert "that fulfil the conditions in the last 30 days. Check" in none["message"]
