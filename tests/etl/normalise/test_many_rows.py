"""Files of ordinary size load in the memory that loads have, whatever their rows are like."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.lake import Lake
from tests.etl.conftest import Loaded
from tests.fuzz.samples import PAYLOADS, payloads
from tests.make import load_files, write_ndjson
from tests.search import some

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
# Enough for several rounds of the engine's threads, each with some thousand rows at once.
SIZE = 30_000_000
# Test vectors and dumps that are read as a whole, which are no events.
_NO_LINES = ("bson", "mongoexport")


def wide_row(number: int, fields: int = 150) -> dict[str, Any]:
    """A row of some 5 kB, as exports of tables are: a third of its fields are null."""
    told = {
        "event_id": f"e{number}",
        "user_id": f"u{number % 700}",
        "event_name": "click",
        "timestamp": (START + timedelta(seconds=number)).isoformat(),
        "properties": {"number": number, "note": "y" * 200},
    }
    return told | {
        f"field_{place:03}": None if (place + number) % 3 == 0 else f"{number}-{place} " + "x" * 40
        for place in range(fields)
    }


@pytest.mark.parametrize("absent", [0, 1], ids=["whole rows", "rows that lack a field"])
def test_rows_of_many_fields_load_and_keep_them_all(tmp_path: Path, absent: int) -> None:
    rows = [wide_row(number, 150 - absent * (number % 2)) for number in range(6000)]
    home, file = tmp_path / "home", write_ndjson(tmp_path / "wide.ndjson", rows)
    loaded = Loaded(load_files(home, file), Lake(home))
    assert loaded.counts == (6000, 6000, 0, 0)
    for event in loaded.events()[:2]:
        row = rows[int(event["event_id"][1:])]
        fields = {name: row[name] for name in row if name.startswith("field_")}
        assert event["properties"] == fields | row["properties"]


def repeated(content: bytes, size: int) -> bytes:
    """The lines of a file so often that they are so many bytes, behind its first one."""
    first, *rest = content.splitlines(keepends=True)
    body = b"".join(line.rstrip(b"\r\n") + b"\n" for line in rest) or first
    return first + body * (size // len(body))


@pytest.mark.parametrize(
    "name",
    # A kind of file each is slow; every one of them is read whole by another test.
    [name for name in payloads() if not name.startswith(_NO_LINES)][: some(5, of=99)] or [None],
)
def test_a_published_export_of_ordinary_size_loads(
    load_text: Callable[..., Loaded], name: str | None
) -> None:
    if name is None:
        pytest.skip(f"no exports in {PAYLOADS.name} beside the project")
    outcome = load_text(repeated(payloads()[name], SIZE), name).outcome
    assert outcome.status == "loaded", outcome.message
    counted = outcome.rows_loaded + outcome.rows_duplicate + outcome.rows_rejected
    assert outcome.rows_read == counted > 1000


# A row's fields, as the file's other rows have them or not, and what of them must be there after.
NULLS = {
    "all fields": {"a": 1, "b": "x", "c": [1, None]},
    "a null": {"a": None, "b": "x", "c": [1, None]},
    "nulls alone": {"a": None, "b": None, "c": None},
    "one field less": {"a": 1, "c": [1, None]},
    "one less and a null": {"a": None, "c": [1, None]},
    "another order and a null": {"c": [1, None], "a": None, "b": "x"},
    "one more and a null": {"a": None, "b": "x", "c": [1, None], "d": 5},
    "another one and a null": {"a": None, "b": "x", "d": 5},
}


@pytest.mark.parametrize("fields", NULLS.values(), ids=NULLS)
@pytest.mark.parametrize("usual", ["all fields", "a null", "one field less"])
def test_a_null_is_told_from_a_field_that_is_not_there(
    load_text: Callable[..., Loaded], fields: dict[str, Any], usual: str
) -> None:
    base = {"user_id": "ann", "timestamp": "2026-03-10T12:00:00Z", "event": "click"}
    others = [base | NULLS[usual] | {"event_id": f"o{number}"} for number in range(5)]
    rows = [*others, base | fields | {"event_id": "it"}, *others[:1]]
    loaded = load_text("\n".join(json.dumps(row) for row in rows))
    (event,) = (one for one in loaded.events() if one["event_id"] == "it")
    assert event["properties"] == fields
