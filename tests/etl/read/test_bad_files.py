"""Bad files: what is none, what changes while it is read, broken Parquet, rows too long."""

import datetime
import decimal
import io
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.lake import Lake
from etl.load import batch
from tests.make import load_files, write_ndjson

Load = Callable[..., Any]
TIME = "2026-03-10T14:00:00Z"
ROW = {"user": "a", "time": TIME, "event": "click"}


def make_socket(path: Path) -> None:
    """A socket that nobody listens at."""
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(path))


NO_FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a pipe": (os.mkfifo, "is a pipe"),
    "a socket": (make_socket, "is a socket"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "is a device"),
    "a broken link": (lambda path: path.symlink_to("nothing"), "matches no file"),
    "nothing": (lambda path: None, "matches no file"),
    "an empty folder": (Path.mkdir, "matches no file"),
}


@pytest.mark.parametrize(("make", "met"), NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_refused_and_never_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Any], met: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make(Path("events.csv"))
    (outcome,) = load_files(tmp_path / "home", Path("events.csv"))
    assert outcome.status == "failed"
    assert f"events.csv {met}" in str(outcome.message)
    assert "Wanted: " in str(outcome.message)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_of_others_is_refused(tmp_path: Path) -> None:
    file = write_ndjson(tmp_path / "a.ndjson", [ROW])
    file.chmod(0)
    (outcome,) = load_files(tmp_path / "home", file)
    assert "cannot be read: Permission denied" in str(outcome.message)


def _replace(file: Path) -> None:
    file.with_suffix(".new").write_bytes(file.read_bytes() * 2)
    file.with_suffix(".new").replace(file)


CHANGES: dict[str, Callable[[Path], Any]] = {
    "grows": lambda file: file.write_bytes(file.read_bytes() * 2),
    "is cut": lambda file: os.truncate(file, 40),
    "is replaced": _replace,
    "vanishes": Path.unlink,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("name", ["a.ndjson", "a.json", "a.csv"])
def test_of_a_file_that_changes_while_it_is_read_nothing_is_loaded_or_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Path], Any]
) -> None:
    file = tmp_path / name
    texts = {".csv": f"user,time,event\na,{TIME},x\n", ".json": json.dumps([ROW])}
    file.write_text(texts.get(file.suffix, json.dumps(ROW) + "\n"))
    write = batch.EventWriter.write

    def write_meanwhile(self: batch.EventWriter, rows: Any, number: int) -> None:
        change(file)
        write(self, rows, number)

    monkeypatch.setattr(batch.EventWriter, "write", write_meanwhile)
    (outcome,) = load_files(tmp_path / "home", file)
    assert outcome.status == "failed"
    assert name in str(outcome.message)
    lake = Lake(tmp_path / "home")
    assert (lake.batches(), list(lake.root.rglob("*.parquet"))) == ([], [])
    assert [path for path in lake.staging.glob("*") if path != lake.spill] == []


def parquet(**columns: Any) -> bytes:
    """A Parquet file of two rows with those columns beside the usual ones."""
    usual = {"user": ["a", "b"], "time": [TIME, TIME], "event": ["x", "y"]}
    out = io.BytesIO()
    pq.write_table(pa.table(usual | columns), out)
    return out.getvalue()


MAPS = pa.map_(pa.string(), pa.map_(pa.string(), pa.int8()))
ODD: dict[str, tuple[Any, str]] = {
    "decimal": (pa.array([decimal.Decimal("12345678901234567890.12"), None]), "1234567890123456"),
    "time": (pa.array([datetime.time(1, 2, 3), None]), "01:02:03"),
    "map of maps": (pa.array([[("k", [("a", 1)])], None], MAPS), '{"k":{"a":1}}'),
    "binary": (pa.array([b"\x00\xff", None]), "x00"),
    "duration": (pa.array([datetime.timedelta(seconds=5), None], pa.duration("us")), "5000000"),
    "NaN": (pa.array([float("nan"), None]), "NaN"),
    "largest number": (pa.array([2**64 - 1, None], pa.uint64()), str(2**64 - 1)),
    "words by number": (pa.array(["p", "q"]).dictionary_encode(), '"p"'),
    "moment of a zone": (
        pa.array([datetime.datetime(2026, 3, 10, 14), None], pa.timestamp("us", "Europe/Berlin")),  # noqa: DTZ001
        "2026-03-10",
    ),
    "nothing": (pa.nulls(2), ""),
}  # fmt: skip


@pytest.mark.parametrize(("column", "told"), ODD.values(), ids=ODD)
def test_parquet_columns_of_any_type_are_kept(load_text: Load, column: Any, told: str) -> None:
    loaded = load_text(parquet(odd=column), "a.parquet")
    assert loaded.counts == (2, 2, 0, 0)
    assert told in str(loaded.column("properties")[0] or "")


@pytest.mark.parametrize(
    "name", ["file_row_number", "FILE_ROW_NUMBER", "parquet_row", "parquet_rows", "record", "USER"]
)
def test_a_parquet_column_may_have_any_name(load_text: Load, name: str) -> None:
    loaded = load_text(parquet(**{name: ["v", None]}), "a.parquet")
    assert sorted(loaded.column("user_id")) == ["a", "b"]
    assert ["v"] in [list(one["properties"].values()) for one in loaded.events()]


def test_a_parquet_file_without_rows_is_loaded_as_no_rows(load_text: Load) -> None:
    out = io.BytesIO()
    pq.write_table(pq.read_table(io.BytesIO(parquet())).slice(0, 0), out)
    assert load_text(out.getvalue(), "a.parquet").counts == (0, 0, 0, 0)


WHOLE = parquet()
NOT_UTF8 = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
)
BROKEN = {
    "no Parquet": (b"this is none\n", "no format recognises it"),
    "nothing more": (b"PAR1 and nothing more", "begins like Parquet but cannot be read"),
    "cut in the middle": (WHOLE[: len(WHOLE) // 2], "begins like Parquet but cannot be read"),
    "cut at the end": (WHOLE[:-1], "begins like Parquet but cannot be read"),
    "broken pages": (WHOLE[:4] + b"\xff" * 20 + WHOLE[24:], "cannot be read to its end"),
    "text that is none": (parquet(odd=NOT_UTF8), "cannot be read to its end"),
}


@pytest.mark.parametrize(("content", "met"), BROKEN.values(), ids=BROKEN)
def test_a_broken_parquet_file_says_so(load_text: Load, content: bytes, met: str) -> None:
    outcome = load_text(content, "a.parquet").outcome
    assert outcome.status == "failed"
    assert f"a.parquet {met}" in str(outcome.message).replace(": ", " ", 1)
    assert "Wanted: " in str(outcome.message)


def test_a_line_of_130_mb_is_refused_and_named(load_text: Load) -> None:
    text = f"{json.dumps(ROW)}\n{json.dumps(ROW | {'n': 'n' * (130 << 20)})}\n"
    outcome = load_text(text, "long.ndjson").outcome
    assert outcome.status == "failed"
    assert "line 2 is longer than 128 MB" in str(outcome.message)


def test_a_csv_row_longer_than_the_engine_reads_is_rejected_whole_and_alone(
    load_text: Load,
) -> None:
    long = f"b,{TIME},x,{'n' * (66 << 20)}"
    loaded = load_text(f"user,time,event,n\na,{TIME},x,\n{long}\nc,{TIME},x,\n", "long.csv")
    assert loaded.counts == (3, 2, 0, 1)
    (row,) = loaded.rejected()
    assert (row["line"], row["reason"], row["raw"] == long) == (3, "longer than 30 MB", True)


def test_a_quote_that_is_never_closed_costs_no_other_row_of_a_large_file(load_text: Load) -> None:
    rows = "".join(f"b,{TIME},x,{n}\n" for n in range(30_000))
    loaded = load_text(f'user,time,event,n\na,{TIME},x,"never\n{rows}', "quote.csv")
    assert loaded.counts == (30_001, 30_000, 0, 1)


def test_a_rejected_row_is_kept_whole_however_long_it_is(load_text: Load) -> None:
    long = f"b,{TIME},x,{'n' * 20_000},one too many"
    loaded = load_text(f"user,time,event,n\na,{TIME},x,\n{long}\n", "long.csv")
    (row,) = loaded.rejected()
    assert (row["line"], row["reason"], row["raw"]) == (3, "too many columns", long)
