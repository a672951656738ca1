"""Small files that are read alike go through the engine together, and nobody can tell."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import etl.load.loader
from etl.lake import Lake, pseudonyms
from etl.load.outcome import Outcome
from tests.homes import assert_lake_is_tidy, lake_rows
from tests.make import lake_events, lake_table, load_files, write_csv, write_ndjson
from tests.search import some

FILES = 6


def rows_of(number: int, *, has_ids: bool = True) -> list[dict[str, Any]]:
    """Rows of one file: some that the next one has too, some twice, one without a user."""
    rows = [
        {"user": f"u{n % 3}", "time": f"2026-03-1{number}T12:{n:02}:00Z", "event": "x", "n": n}
        for n in range(5)
    ]
    rows += [
        {"user": "u", "time": f"2026-03-1{number + d}T00:00:00Z", "event": "y"} for d in (0, 1)
    ]
    rows += [*rows[:1], {"user": "", "time": "2026-03-10T12:00:00Z", "event": "z"}]
    ids = [{"event_id": f"{row['time']}{row.get('n')}"} if has_ids else {} for row in rows]
    return [row | one for row, one in zip(rows, ids, strict=True)]


def ndjson(path: Path, number: int) -> Path:
    broken: list[Any] = ["", "{oops", "[1]"] if number % 2 else []
    return write_ndjson(path.with_suffix(".ndjson"), [*rows_of(number), *broken])


def without_ids(path: Path, number: int) -> Path:
    return write_ndjson(path.with_suffix(".ndjson"), rows_of(number, has_ids=False))


def further_keys(path: Path, number: int) -> Path:
    rows = [
        row | {f"k{number}": [number], "nested": {"a": n}} for n, row in enumerate(rows_of(number))
    ]
    return write_ndjson(path.with_suffix(".ndjson"), rows)


def compressed(path: Path, number: int) -> Path:
    plain = ndjson(path, number)
    target = path.with_suffix(".ndjson.gz" if number % 2 else ".ndjson")
    text = plain.read_bytes()
    plain.unlink()
    target.write_bytes(gzip.compress(text) if number % 2 else text)
    return target


def array(path: Path, number: int) -> Path:
    target = path.with_suffix(".json")
    target.write_text(json.dumps(rows_of(number)))
    return target


def csv(path: Path, number: int) -> Path:
    rows = [row for row in rows_of(number) if row["user"]]
    return write_csv(
        path.with_suffix(".csv"),
        [("user", "time", "event", "event_id"),
         *[(row["user"], row["time"], row["event"], row["event_id"]) for row in rows]],
    )  # fmt: skip


def csv_with_rejects(path: Path, number: int) -> Path:
    file = csv(path, number)
    with file.open("a") as handle:
        handle.write('"a\nb",never,x,1\n' if number == 3 else ",2026-03-10,x,2\n")
    return file


def parquet(path: Path, number: int) -> Path:
    target = path.with_suffix(".parquet")
    pl.DataFrame(rows_of(number)).write_parquet(target)
    return target


def access_log(path: Path, number: int) -> Path:
    target = path.with_suffix(".log")
    lines = [
        f'10.0.0.{n} - - [1{number}/Mar/2026:12:0{n}:00 +0000] "GET /p HTTP/1.1" 200 5 "-" "M{n}"'
        for n in range(5)
    ]
    target.write_text("\n".join([*lines, "no line of a log"]) + "\n")
    return target


KINDS: list[Callable[[Path, int], Path]] = [
    *(ndjson, without_ids, further_keys, compressed, array, csv, csv_with_rejects, parquet),
    access_log,
]


def facts(outcomes: list[Outcome]) -> list[tuple[object, ...]]:
    """What became of each file, but for how long it took."""
    return [
        (
            o.file,
            o.status,
            o.rows_read,
            o.rows_loaded,
            o.rows_duplicate,
            o.rows_rejected,
            o.batch_id,
        )
        for o in outcomes
    ]


def loaded(
    home: Path, files: list[Path], together: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Outcome], list[dict[str, Any]], list[dict[str, Any]]]:
    """What became of each file, the events and the rejected rows of the lake."""
    monkeypatch.setattr(etl.load.loader, "_FILES_TOGETHER", together)
    outcomes = load_files(home, *files, source="web")
    assert_lake_is_tidy(home)
    rejected = lake_table(home, "rejected")
    order = sorted(rejected, key=lambda row: (row["file"], row["line"]))
    return outcomes, lake_events(home), order


@pytest.mark.parametrize("kind", KINDS[: some(5, of=99)], ids=lambda kind: kind.__name__)
def test_files_that_are_loaded_together_leave_what_each_alone_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[[Path, int], Path]
) -> None:
    files = [kind(tmp_path / f"events-{number}", number) for number in range(FILES)]
    for home in ("one", "each"):
        # Pseudonyms are made with a key of the home.
        (tmp_path / home / "lake").mkdir(parents=True)
        (tmp_path / home / "lake" / pseudonyms.FILE).write_text('{"key": "0123"}')
    outcomes, rows, rejected = loaded(tmp_path / "one", files, 500, monkeypatch)
    alone, rows_alone, rejected_alone = loaded(tmp_path / "each", files, 1, monkeypatch)
    assert facts(outcomes) == facts(alone)
    assert {o.status for o in outcomes} == {"loaded"}
    assert rows == rows_alone
    assert rejected == rejected_alone
    records = len(list(Lake(tmp_path / "one").log.folder.glob("*.json")))
    # Those with a rejected row of CSV are read alone.
    assert records == (FILES if kind is csv_with_rejects else 1)
    assert len(list(Lake(tmp_path / "each").log.folder.glob("*.json"))) == FILES
    # Each is a batch of its own: all of them are known now.
    again = load_files(tmp_path / "one", *files, source="web")
    assert {o.status for o in again} == {"unchanged"}


def test_one_bad_file_stops_none_of_those_it_came_with(tmp_path: Path) -> None:
    files = [ndjson(tmp_path / f"events-{number}", number) for number in range(4)]
    broken = tmp_path / "events-2b.ndjson.gz"
    broken.write_bytes(gzip.compress(b'{"user": "a", "time": 1773144000, "event": "x"}\n')[:-9])
    outcomes = load_files(tmp_path / "home", *files[:3], broken, files[3], source="web")
    assert [o.status for o in outcomes] == ["loaded", "loaded", "loaded", "failed", "loaded"]
    assert "events-2b.ndjson.gz" in str(outcomes[3].message)
    assert_lake_is_tidy(tmp_path / "home")


def test_a_late_key_of_one_file_changes_nothing_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"user": f"u{n}", "created_at": 1_773_144_000 + n, "event": "x"} for n in range(300)]
    late = [*rows[:280], rows[280] | {"timestamp": 1_773_140_000}]
    files = [
        write_ndjson(tmp_path / "events-1.ndjson", rows[:20]),
        write_ndjson(tmp_path / "events-2.ndjson", late),
    ]
    _, together, _ = loaded(tmp_path / "one", files, 500, monkeypatch)
    _, alone, _ = loaded(tmp_path / "each", files, 1, monkeypatch)
    assert together == alone


def test_files_of_equal_size_are_still_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [
        write_ndjson(
            tmp_path / f"events-{n}.ndjson",
            [{"user": f"u{n % 5}", "time": 1_773_144_000 + n, "event": "x"}],
        )
        for n in range(40)
    ]
    outcomes, rows, _ = loaded(tmp_path / "home", files, 10, monkeypatch)
    assert (len(outcomes), len(rows)) == (40, 40)
    assert len(list(Lake(tmp_path / "home").log.folder.glob("*.json"))) == 4
    # A known one among new ones is no reason to read them alone.
    more = [write_ndjson(tmp_path / "events-x.ndjson", [{"user": "new", "time": 1, "event": "x"}])]
    assert [o.status for o in load_files(tmp_path / "home", *files[:3], *more, source="web")] == [
        *["unchanged"] * 3,
        "loaded",
    ]


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_files_without_rows_are_loaded_together(tmp_path: Path, kind: str) -> None:
    files = []
    for number in range(3):
        file = tmp_path / f"events-{number}.{kind}"
        empty = pl.DataFrame({"user": [], "time": [], "event": []}, schema=dict.fromkeys(
            ("user", "time", "event"), pl.String))  # fmt: skip
        if kind == "parquet":
            empty.write_parquet(file)
        else:
            row = {"user": f"u{number}", "time": 1_773_144_000, "event": "x"}
            file.write_text(json.dumps([row] if number else []))
        files.append(file)
    outcomes = load_files(tmp_path / "home", *files, source="web", format="events")
    assert sum(o.rows_read for o in outcomes) == (0 if kind == "parquet" else 2)
    assert_lake_is_tidy(tmp_path / "home")


def test_files_that_are_the_same_are_one_batch(tmp_path: Path) -> None:
    files = [
        write_ndjson(tmp_path / folder / "events.ndjson", rows_of(1)) for folder in ("a", "b", "c")
    ]
    outcomes = load_files(tmp_path / "home", *files, source="web")
    assert [o.status for o in outcomes] == ["loaded", "unchanged", "unchanged"]
    assert len(Lake(tmp_path / "home").batches()) == 1


def test_files_that_are_read_in_other_ways_are_not_read_together(tmp_path: Path) -> None:
    one = write_ndjson(tmp_path / "1.ndjson", [{"user": "a", "time": 1773144000, "event": "x"}])
    # What fills the user has another name here.
    two = write_ndjson(tmp_path / "2.ndjson", [{"uid": "b", "time": 1773144001, "event": "x"}])
    load_files(tmp_path / "home", one, two, source="web")
    assert [row[3] for row in lake_rows(tmp_path / "home")] in (["a", "b"], ["b", "a"])
    assert len(list(Lake(tmp_path / "home").log.folder.glob("*.json"))) == 2
