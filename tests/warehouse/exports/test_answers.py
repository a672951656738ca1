"""What is asked, in every format: read back by others, and equal to what the API tells."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

import warehouse
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError
from tests.warehouse.exports.homes import HOSTILE
from tests.warehouse.small_builds import NOON
from warehouse.conditions import conditions_of
from warehouse.exports.answers import Answer, answer
from warehouse.exports.asked import Asked, kind_of
from warehouse.exports.files import write_file
from warehouse.filters import Filters
from warehouse.frame_files import FORMATS
from warehouse.metrics import breakdowns, overview, registry

TODAY = NOON.date()
MOBILE = conditions_of({"device_type": "mobile"})
Row = dict[str, Any]


@pytest.fixture(scope="module")
def wh(exported_home: Path):
    with warehouse.open(exported_home) as opened:
        yield opened


@pytest.fixture(scope="module")
def settings(exported_home: Path) -> Settings:
    return load_settings(exported_home)


def written(found: Answer, form: str, folder: Path) -> Path:
    target = folder / f"file.{form}"
    with found.frames(form) as frames:
        write_file(frames, form, found.facts, target)
    return target


def read_csv(path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = [line for line in lines if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("".join(rows))))


def read_xlsx(path: Path) -> list[Row]:
    head, *rows = openpyxl.load_workbook(path)["Rows"].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


READ: dict[str, Callable[[Path], list[Row]]] = {
    "csv": read_csv,
    "json": lambda path: json.loads(path.read_text(encoding="utf-8")),
    "ndjson": lambda path: [json.loads(line) for line in path.read_text("utf-8").splitlines()],
    "parquet": lambda path: pq.read_table(path).to_pylist(),
    "xlsx": read_xlsx,
}


def plain(value: Any) -> Any:
    """A value as all formats can tell it: a number, a truth, or text. Nothing is an empty text."""
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    # What a spreadsheet would run has a sign before it in CSV.
    is_quoted = isinstance(value, str) and value[:2] in ("'=", "'+", "'-", "'@")
    text = value[1:] if is_quoted else value
    try:
        return round(float(text), 9)
    except (TypeError, ValueError):
        return text or ""


def same(rows: list[Row], wanted: list[Row]) -> bool:
    """Whether rows have the same names and values, in their order."""
    told = [[{n: plain(v) for n, v in row.items()} for row in each] for each in (rows, wanted)]
    return told[0] == told[1]


LAST = Filters(TODAY - timedelta(days=6), TODAY)
ASKED = {
    "a metric by day": (
        Asked(metric="bounce_rate", by="day", days=7),
        lambda wh: overview.series(wh, LAST, "bounce_rate", "day", "none").drop("previous_value"),
    ),
    "a metric by a property with hostile names": (
        Asked(metric="session_count", by="browser", days=28, where=MOBILE),
        lambda wh: breakdowns.by(
            wh,
            Filters(TODAY - timedelta(days=27), TODAY, MOBILE),
            "browser",
            ("session_count",),
            breakdowns.ALL,
        ),
    ),
    "a metric of complete days, compared": (
        Asked(metric="median_duration_seconds", compare="weekday", days=7, is_complete=True),
        lambda wh: overview.change(
            wh, Filters(TODAY - timedelta(days=7), TODAY - timedelta(days=1)), "weekday"
        ).filter(overview.change(wh, LAST)["metric"] == "median_duration_seconds"),
    ),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", ASKED)
def test_a_metric_is_the_same_in_every_format(wh, settings, tmp_path, case, form) -> None:
    asked, told = ASKED[case]
    path = written(answer(wh, settings, asked), form, tmp_path)
    wanted = told(wh).to_dicts()
    assert wanted
    assert same(READ[form](path), wanted)


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_relation_of_the_filters_is_the_same_in_files(wh, settings, tmp_path, form) -> None:
    columns = "session_id, user_id, browser, start_date, duration_seconds"
    asked = Asked(
        query=f"select {columns} from filtered_sessions order by session_id", days=7, where=MOBILE
    )
    rows = READ[form](written(answer(wh, settings, asked), form, tmp_path))
    wanted = [
        {
            "session_id": f"s{ago}",
            "user_id": f"user {ago % 5}",
            "browser": HOSTILE[ago],
            "start_date": TODAY - timedelta(days=ago),
            "duration_seconds": ago * 13 % 90 + 1,
        }
        for ago in (0, 2, 4, 6)
    ]
    assert same(rows, wanted)


def test_types_are_those_of_numbers_days_and_times(wh, settings, tmp_path) -> None:
    found = answer(wh, settings, Asked(table="user_sessions"))
    (row,) = [
        row for row in read_xlsx(written(found, "xlsx", tmp_path)) if row["session_id"] == "s2"
    ]
    assert (row["duration_seconds"], row["is_bounce"], row["event_count"]) == (27, False, 2)
    assert row["start_time"] == NOON - timedelta(days=2)
    assert row["start_date"].date() == TODAY - timedelta(days=2)
    assert row["tags"] == "x | y"
    kinds = pq.read_schema(written(found, "parquet", tmp_path))
    told = {n: str(kinds.field(n).type) for n in ("start_date", "start_time", "is_bounce")}
    assert told == {"start_date": "date32[day]", "start_time": "timestamp[us]", "is_bounce": "bool"}
    assert str(kinds.field("event_count").type) == "int64"
    assert "list" in str(kinds.field("tags").type)


def test_no_cell_of_a_sheet_is_a_formula(wh, settings, tmp_path) -> None:
    columns = ", ".join(f'browser as "{name}{n}"' for n, name in enumerate(("=a", "@b", "+c")))
    asked = Asked(query=f"select {columns} from user_sessions")
    found = answer(wh, settings, asked)
    sheet = openpyxl.load_workbook(written(found, "xlsx", tmp_path))["Rows"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells} >= {*HOSTILE, "=a0", "@b1"}
    text = written(found, "csv", tmp_path).read_text(encoding="utf-8")
    told = [line for line in text.splitlines(keepends=True) if not line.startswith("# ")]
    begins = {cell[:1] for row in csv.reader(io.StringIO("".join(told))) for cell in row}
    assert begins & set("=+-@") == set()


def test_files_tell_what_they_are_of(wh, settings, tmp_path) -> None:
    asked = Asked(metric="bounce_rate", by="week", days=7, where=MOBILE)
    found = answer(wh, settings, asked)
    facts = {
        "Asked": "bounce_rate by week",
        "Period": f"{TODAY - timedelta(days=6)} to {TODAY}, both days included",
        "Filters": "device_type mobile; sessions of bots left out",
        "Time zone of days": "UTC",
        "Times and units": "times are UTC, durations seconds, rates shares of one",
        "Build": "1",
        "As of": "2026-03-10 12:00:00 UTC",
    }
    metadata = pq.read_metadata(written(found, "parquet", tmp_path)).metadata
    assert {name: metadata[name.encode()].decode() for name in facts} == facts
    sheet = openpyxl.load_workbook(written(found, "xlsx", tmp_path))["About"]
    assert dict(sheet.iter_rows(values_only=True)) == facts
    lines = written(found, "csv", tmp_path).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Asked: bounce_rate by week"
    assert lines[5] == "# Build: 1"


def test_what_people_typed_is_left_out_unless_it_may_be_shown(wh, settings, tmp_path) -> None:
    found = answer(wh, settings, Asked(table="session_events"))
    assert b"secret" not in written(found, "csv", tmp_path).read_bytes()
    shown = answer(wh, replace(settings, show_texts=True), Asked(table="session_events"))
    assert b"secret" in written(shown, "csv", tmp_path).read_bytes()


@pytest.mark.parametrize(
    ("asked", "first", "last", "named"),
    [
        (Asked(metric="bounce_rate"), 29, 0, 0),
        (Asked(metric="bounce_rate", days=1, is_complete=True), 1, 1, 1),
        (Asked(metric="bounce_rate", days=7, is_complete=True), 7, 1, 1),
        (Asked(metric="bounce_rate", start=TODAY - timedelta(days=3)), 3, 0, 0),
        (Asked(table="filtered_sessions", days=2), 1, 0, 0),
        (Asked(table="filtered_sessions", end=TODAY - timedelta(days=4)), None, 4, 4),
        # All days are in it, the running one too.
        (Asked(table="users", is_complete=True), None, None, 0),
    ],
)
def test_the_period_and_the_day_that_names_a_file(
    wh, settings, asked: Asked, first: int | None, last: int | None, named: int
) -> None:
    found = answer(wh, settings, asked)
    days = [None if ago is None else TODAY - timedelta(days=ago) for ago in (first, last)]
    assert [found.filters.start, found.filters.end] == days
    assert found.last_day == TODAY - timedelta(days=named)


REFUSED = {
    "an unknown metric": (Asked(metric="bounce_rat"), "Did you mean 'bounce_rate'?"),
    "an unknown table": (Asked(table="user_session"), "Did you mean 'user_sessions'?"),
    "an unknown property": (Asked(metric="bounce_rate", by="browsr"), "Did you mean 'browser'?"),
    "an unknown segment": (Asked(metric="bounce_rate", segments=("x",)), "Unknown segment 'x'"),
    "conditions of a whole table": (Asked(table="users", where=MOBILE), "Ask filtered_sessions"),
    "bots of a whole table": (Asked(table="users", include_bots=True), "Ask filtered_sessions"),
    "days of a whole table": (Asked(table="users", days=3), "takes none"),
    "days that a query does not take": (Asked(query="from users", days=3), "$first_date"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_asked_is_told(wh, settings, case: str) -> None:
    asked, words = REFUSED[case]
    with pytest.raises(ConfigError) as error:
        answer(wh, settings, asked)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("text", "is_metric", "kind"),
    [
        ("user_sessions", False, "table"),
        ("filtered_sessions", False, "table"),
        ("bounce_rate", False, "metric"),
        ("bounce_rate", True, "metric"),
        ("from users", False, "query"),
        ("(select 1)", False, "query"),
        ("  from users", False, "query"),
    ],
)
def test_what_a_text_asks(wh, text: str, is_metric: bool, kind: str) -> None:
    assert kind_of(wh, text, is_metric=is_metric) == kind


@pytest.mark.parametrize(
    ("text", "is_metric", "words"),
    [
        ("bounce_rat", False, "no table, no metric and no query. Did you mean 'bounce_rate'?"),
        ("user_session", False, "Did you mean 'user_sessions'?"),
        ("user_sessions", True, "'user_sessions' is no metric"),
        ("users;", False, "Did you mean 'users'?"),
    ],
)
def test_a_text_that_asks_nothing_is_told(wh, text: str, is_metric: bool, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        kind_of(wh, text, is_metric=is_metric)
    assert words in str(error.value)


def test_no_metric_is_called_as_a_table(wh) -> None:
    tables = {name for (name,) in wh.sql("select table_name from duckdb_tables()").fetchall()}
    assert tables & {*registry.measures(wh)} == set()
