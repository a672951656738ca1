"""What holds for the exports of all trackers: each is told from the others, none breaks a load."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import warehouse
from etl.formats.registry import BY_NAME
from tests.exports import as_csv, as_lines
from tests.make import build_home, load_files

Load = Callable[..., Any]
OWN = {"a": 1}

# The fields that an export has at least.
LEAST: dict[str, dict[str, Any]] = {
    "segment": {"type": "track", "event": "Paid", "messageId": "m", "userId": "ann",
                "timestamp": "2026-03-10T09:00:00Z"},
    "posthog": {"event": "$pageview", "distinct_id": "ann", "timestamp": "2026-03-10T09:00:00Z",
                "properties": {"$lib": "web"}},
    "amplitude": {"event_type": "Paid", "event_time": "2026-03-10 09:00:00.000000",
                  "user_id": "ann", "event_properties": OWN, "amplitude_id": 1},
    "mixpanel": {"event": "Paid", "properties": {"time": 1773133200, "distinct_id": "ann"}},
    "aws_clickstream": {"event_name": "_page_view", "event_time_msec": "1773133200000",
                        "user_pseudo_id": "ann"},
    "events": {"user_id": "ann", "event": "paid", "timestamp": "2026-03-10T09:00:00Z",
               "properties": OWN, "context": "web", "session_id": "s"},
    "tables": {"id": 1, "user_id": "ann", "created_at": "2026-03-10T09:00:00Z", "context": "web"},
}  # fmt: skip
ROWS: dict[str, dict[str, Any]] = {
    "segment": {"user_id": "ann", "received_at": "2026-03-10 09:00:00", "context_ip": "::1"},
    "mixpanel": {"name": "Paid", "time": "2026-03-10 09:00:00", "distinct_id": "ann",
                 "insert_id": "i"},
}  # fmt: skip


def shuffled(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its keys in another order, the same each time."""
    keys = sorted(record)
    random.Random(7).shuffle(keys)
    return {key: record[key] for key in keys}


@pytest.mark.parametrize("name", LEAST)
def test_lines_are_told_by_few_fields_in_any_order(load_text: Load, name: str) -> None:
    for source, record in (("a", LEAST[name]), ("b", shuffled(LEAST[name]))):
        loaded = load_text(as_lines([record]), "export.jsonl", source=source)
        assert (loaded.outcome.format, loaded.counts[0], loaded.counts[3]) == (name, 1, 0)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        *ROWS.items(),
        *((name, LEAST[name]) for name in ("posthog", "amplitude", "aws_clickstream", "events")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_rows_are_told_by_few_columns_in_any_order(
    load_text: Load, name: str, record: dict[str, Any]
) -> None:
    for source, one in (("a", record), ("b", shuffled(record))):
        loaded = load_text(as_csv([one]), "export.csv", source=source)
        assert (loaded.outcome.format, loaded.counts[0], loaded.counts[3]) == (name, 1, 0)


ODD = {
    "rows of something else": ("a.csv", "x,y\n1,2\n"),
    "objects of something else": ("a.json", '{"a": 1}\n'),
    "values of another kind": (
        "b.json",
        '{"properties": "oops {", "event": 5, "type": {"a": 1}, "context": "x", "time": [],'
        ' "event_properties": [1], "distinct_id": {}, "timestamp": true}\n',
    ),
}


@pytest.mark.parametrize("name", ["segment", "posthog", "amplitude", "mixpanel", "aws_clickstream"])
def test_a_file_of_another_kind_is_rejected_row_by_row(tmp_path: Path, name: str) -> None:
    for file, text in ODD.values():
        (tmp_path / file).write_text(text)
    files = [tmp_path / file for file, _ in ODD.values()]
    outcomes = load_files(tmp_path / "home", *files, format=BY_NAME[name].name)
    assert [(one.rows_read, one.rows_loaded, one.rows_rejected) for one in outcomes] == [
        (1, 0, 1) for _ in ODD
    ]


def test_a_page_and_an_identify_call_are_a_bounce(load_text: Load, tmp_path: Path) -> None:
    visit = [
        {"type": kind, "messageId": kind, "anonymousId": "ann",
         "timestamp": f"2026-03-10T09:00:0{number}Z", "context": {}}
        for number, kind in enumerate(("page", "identify", "group"))
    ]  # fmt: skip
    later = LEAST["segment"] | {"timestamp": "2026-03-10T12:00:00Z", "userId": "bob"}
    load_text(as_lines([*visit, later]), "calls.jsonl")
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        (session,) = wh.sql(
            "select event_count, action_count, is_bounce from user_sessions where user_id = 'ann'"
        ).fetchall()
    assert session == (3, 1, True)
