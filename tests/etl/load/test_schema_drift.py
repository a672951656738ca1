"""Fields of a file's beginning, and what is told when they change."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.config.settings import load_settings
from etl.formats.format import Request
from etl.lake import Lake, locked
from etl.load.outcome import Listener
from etl.load.run import load
from etl.load.schema_drift import Fields, changes, fields_of, known_after
from etl.read.sample import look_at
from tests.etl.conftest import Loaded

Load = Callable[..., Loaded]


def of_text(folder: Path, text: str, name: str = "a.csv") -> Fields:
    """The fields of a file of that text."""
    (folder / name).write_text(text, encoding="utf-8")
    return fields_of(look_at(folder / name))


def of_rows(folder: Path, *rows: dict[str, Any]) -> Fields:
    """The fields of these JSON records."""
    return of_text(folder, "".join(json.dumps(row) + "\n" for row in rows), "a.ndjson")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *(("ann", "text"), ("", "text"), (7, "number"), (7.5, "number"), (True, "boolean")),
        *(([1], "list"), ({"a": 1}, "object"), (None, "unknown")),
        *(("2026-03-10", "time"), ("2026-03-10T12:00:00.5Z", "time"), ("2026-03", "text")),
        *(("2026-03-10 12:00:00+01:00", "time"), ({"$date": "2026-03-10"}, "time")),
        *(({"$oid": "5f"}, "text"), ({"$numberLong": "7"}, "number")),
    ],
    ids=str,
)
def test_a_json_value_has_a_kind(tmp_path: Path, value: object, kind: str) -> None:
    assert of_rows(tmp_path, {"x": value}).kinds == {"x": kind}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "-3e4", ""], "number"),
        (["1", "two"], "text"),
        (["true", "FALSE"], "boolean"),
        (["true", "1"], "text"),
        (["2026-03-10", "2026-03-10 12:00:00 UTC"], "time"),
        (["2026-03-10", "later"], "text"),
        (["", "null", r"\N"], "unknown"),
    ],
    ids=str,
)
def test_a_csv_column_has_a_kind(tmp_path: Path, cells: list[str], kind: str) -> None:
    text = "".join(f"ann,{cell}\n" for cell in cells)
    assert of_text(tmp_path, f"user,x\n{text}").kinds == {"user": "text", "x": kind}


def test_names_inside_the_properties_are_fields_too(tmp_path: Path) -> None:
    found = of_rows(
        tmp_path, {"user": "ann", "properties": {"plan": "free", "n": 1}, "own": {"a": 1}}
    )
    assert found.kinds == {
        "user": "text", "own": "object", "properties": "object", "properties.plan": "text",
        "properties.n": "number",
    }  # fmt: skip


def test_a_field_that_not_every_row_has_keeps_its_share(tmp_path: Path) -> None:
    found = of_rows(tmp_path, {"a": 1, "b": 1}, {"a": 1}, {"a": None}, {"a": "x"})
    assert (found.kinds, found.shares, found.rows) == (
        {"a": "mixed", "b": "number"}, {"b": 0.25}, 4,
    )  # fmt: skip


def test_parquet_says_its_columns_and_their_kinds(tmp_path: Path) -> None:
    row = {
        "user": "ann", "n": 1, "at": datetime.fromisoformat("2026-03-10"), "tags": ["x"],
        "properties": {"plan": "free", "n": 1.5}, "is_new": True, "nothing": None,
    }  # fmt: skip
    pl.DataFrame([row]).write_parquet(tmp_path / "a.parquet")
    assert fields_of(look_at(tmp_path / "a.parquet")).kinds == {
        "user": "text", "n": "number", "at": "time", "tags": "list", "properties": "object",
        "properties.plan": "text", "properties.n": "number", "is_new": "boolean",
        "nothing": "unknown",
    }  # fmt: skip


def csv(**kinds: str) -> Fields:
    """Fields of a CSV file."""
    return Fields(kinds, is_text=True)


def rows(number: int, shares: dict[str, float] | None = None, **kinds: str) -> Fields:
    """Fields of so many JSON records."""
    return Fields(kinds, shares or {}, number)


# What happened → before, now, and what is told.
CHANGES = {
    "nothing": (csv(a="text"), csv(a="text"), []),
    "another order": (csv(a="text", b="time"), csv(b="time", a="text"), []),
    "a new column": (csv(a="text"), csv(a="text", b="number"), ["New field b (number)."]),
    "a new column without a value": (csv(a="text"), csv(a="text", b="unknown"), []),
    "a column gone": (csv(a="text", b="time"), csv(a="text"), ["Field b is gone; it was time."]),
    "a column renamed": (
        csv(uid="text"), csv(user="text"),
        ["Field uid is gone; it was text.", "New field user (text)."],
    ),
    "another kind": (csv(a="number"), csv(a="text"), ["Field a is text now and was number."]),
    "times no longer": (csv(a="time"), csv(a="number"), ["Field a is number now and was time."]),
    "only nulls now": (csv(a="number"), csv(a="unknown"), []),
    "values at last": (csv(a="unknown"), csv(a="number"), []),
    "only nulls, then gone": (csv(a="unknown", b="text"), csv(b="text"), []),
    "digits in a text column": (csv(a="text"), csv(a="number"), []),
    "dates in a text field": (rows(9, a="text"), rows(9, a="time"), []),
    "a number in place of a text": (
        rows(9, a="text"), rows(9, a="number"), ["Field a is number now and was text."],
    ),
    "several kinds now": (
        rows(9, a="number"), rows(9, a="mixed"), ["Field a is mixed now and was number."],
    ),
    "several kinds before": (rows(9, a="mixed"), rows(9, a="number"), []),
    "a field of every row gone": (
        rows(9, a="text", b="text"), rows(1, a="text"), ["Field b is gone; it was text."],
    ),
    "a field of most rows gone": (
        rows(200, {"b": 0.6}, a="text", b="text"), rows(200, a="text"),
        ["Field b is gone; it was text in 60% of the rows."],
    ),
    "a field of most rows missing in few": (
        rows(200, {"b": 0.6}, a="text", b="text"), rows(7, a="text"), [],
    ),
    "a rare field missing": (
        rows(200, {"b": 0.01}, a="text", b="text"), rows(200, a="text"), [],
    ),
    "a field new in every row": (
        rows(3, a="text"), rows(2, a="text", b="text"), ["New field b (text)."],
    ),
    "a field new in half of the rows": (
        rows(200, a="text"), rows(200, {"b": 0.5}, a="text", b="text"),
        ["New field b (text in 50% of the rows)."],
    ),
    "a rare field, not seen so far": (
        rows(200, a="text"), rows(200, {"b": 0.01}, a="text", b="text"), [],
    ),
    "a column without a known kind": (
        Fields({"posts.id": "any"}), Fields({"posts.id": "any", "posts.title": "any"}),
        ["New field posts.title (any)."],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "now", "told"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_in_a_sentence(before: Fields, now: Fields, told: list[str]) -> None:
    assert changes(before, now) == told


def test_many_changes_are_cut_short() -> None:
    many = {f"c{number}": "text" for number in range(50)}
    told = changes(csv(a="text"), csv(a="text", **many))
    assert (len(told), told[-1]) == (21, "30 more changes of fields.")


@pytest.mark.parametrize(
    ("first", "others"),
    [
        pytest.param(csv(a="number"), [csv(a="text"), csv(a="number")], id="text and digits"),
        pytest.param(csv(a="text", b="text"), [csv(a="text"), csv(a="text")], id="gone"),
        pytest.param(csv(a="text"), [csv(a="text", b="text")] * 3, id="new"),
        pytest.param(
            rows(200, a="text"), [rows(200, {"b": 0.01}, a="text", b="text"), rows(200, a="text")],
            id="rare",
        ),
    ],
)  # fmt: skip
def test_what_was_told_is_not_told_again(first: Fields, others: list[Fields]) -> None:
    known = first
    told = []
    for now in others:
        told.append(len(changes(known, now)))
        known = known_after(known, now)
    assert told[1:] == [0] * (len(told) - 1)


def test_a_field_that_comes_back_is_new_again() -> None:
    known = known_after(csv(a="text", b="text"), csv(a="text"))
    assert changes(known, csv(a="text", b="text")) == ["New field b (text)."]


def test_shares_are_those_of_all_rows_seen() -> None:
    known = known_after(rows(100, {"b": 0.5}, a="text", b="text"), rows(300, a="text", b="text"))
    assert (known.rows, known.shares) == (400, {"b": 0.875})


FIRST = "user,time,plan\nann,2026-03-10T12:00:00Z,free\n"
RENAMED = "user,time,tariff\nann,2026-03-11T12:00:00Z,free\n"
TOLD = ("Field plan is gone; it was text.", "New field tariff (text).")


def test_a_load_tells_what_changed_since_the_last_file_of_that_name(load_text: Load) -> None:
    assert load_text(FIRST, "visits-2026-03-10.csv").outcome.schema_changes == ()
    loaded = load_text(RENAMED, "visits-2026-03-11.csv")
    assert loaded.outcome.schema_changes == TOLD
    assert [batch.schema_changes for batch in loaded.lake.batches()] == [(), TOLD]
    again = RENAMED.replace("03-11", "03-12")
    assert load_text(again, "visits-2026-03-12.csv").outcome.schema_changes == ()


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        pytest.param("orders-2026-03-11.csv", {}, id="another table"),
        pytest.param("visits-2026-03-11.csv", {"source": "shop"}, id="another source"),
    ],
)
def test_different_tables_and_sources_are_not_compared(
    load_text: Load, name: str, request_: dict[str, str]
) -> None:
    load_text(FIRST, "visits-2026-03-10.csv")
    assert load_text(RENAMED, name, **request_).outcome.schema_changes == ()


@pytest.mark.parametrize("name", ["2026-03-{}.csv", "2026-03-{}-visits.csv", "visits_{}.csv"])
def test_dates_in_a_name_do_not_make_another_table(load_text: Load, name: str) -> None:
    load_text(FIRST, name.format(10))
    assert load_text(RENAMED, name.format(11)).outcome.schema_changes == TOLD


def test_the_same_file_in_another_reading_is_no_change(load_text: Load) -> None:
    load_text(FIRST, "visits.csv")
    outcome = load_text(FIRST, "visits.csv", time_zone="Asia/Tokyo").outcome
    assert (outcome.status, outcome.schema_changes) == ("loaded", ())


class Recorder(Listener):
    """What was warned of, and the errors behind it."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def on_warning(self, message: str) -> None:
        """Keeps the warning."""
        self.warnings.append(message)

    def on_error(self, error: Exception) -> None:
        """Keeps the error's kind."""
        self.errors.append(type(error).__name__)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(OSError("No space left on device"), id="a full disk"),
        pytest.param(KeyError("a fault of ours"), id="a fault of ours"),
    ],
)
def test_schema_changes_that_cannot_be_noted_are_warned_of_and_the_batch_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("etl.load.known_fields.write_json", fail)
    settings = load_settings(tmp_path / "home")
    (tmp_path / "visits.csv").write_text(FIRST)
    recorder = Recorder()
    with locked(settings.home):
        (outcome,) = load(settings, [(str(tmp_path / "visits.csv"), Request())], listener=recorder)
    assert (outcome.status, outcome.rows_loaded, outcome.message) == ("loaded", 1, None)
    (message,) = recorder.warnings
    assert str(tmp_path / "visits.csv") in message
    assert str(error) in message
    assert recorder.errors == [type(error).__name__]
    assert len(Lake(settings.home).batches()) == 1


@pytest.mark.parametrize("text", ["", "{oops", "[]", '{"kinds": 3}'])
def test_a_broken_record_of_fields_is_as_none(load_text: Load, text: str) -> None:
    lake = load_text(FIRST, "visits-1.csv").lake
    (record,) = (lake.root / "fields").glob("*.json")
    record.write_text(text)
    outcome = load_text(RENAMED, "visits-2.csv").outcome
    assert (outcome.status, outcome.schema_changes) == ("loaded", ())
