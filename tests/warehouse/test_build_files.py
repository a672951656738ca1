"""What builds/ holds: names of files, and the pointer that makers write and readers read."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from etl.errors import BuildError, NoBuild
from warehouse.build_files import (
    Build,
    build_path,
    builds_folder,
    current,
    kept_builds,
    last_build,
    number_of,
    read_pointer,
    write_pointer,
)

# As Dwell 0.1 wrote it: without parts.
POINTER = {
    "build": 42,
    "file": "wh-000042.duckdb",
    "built_at": "2026-03-10T12:00:00.000500+00:00",
    "time_zone": "Asia/Tokyo",
    "batches": 3,
    "seconds": 1.5,
    "lake_fingerprint": "a",
    "settings_fingerprint": "b",
    "as_of": "2026-03-10T11:59:00",
    "events": 7,
    "sessions": 2,
}


def written(home: Path, content: object) -> Path:
    """The pointer of a home, with that content."""
    path = builds_folder(home) / "current.json"
    path.parent.mkdir(parents=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_pointer_of_an_earlier_dwell_is_read_whole(tmp_path: Path) -> None:
    written(tmp_path, POINTER)
    assert read_pointer(tmp_path) == Build(
        number=42,
        path=tmp_path / "builds" / "wh-000042.duckdb",
        built_at=datetime(2026, 3, 10, 12, 0, 0, 500, tzinfo=UTC),
        as_of=datetime(2026, 3, 10, 11, 59),  # noqa: DTZ001
        time_zone="Asia/Tokyo",
        batches=3,
        events=7,
        sessions=2,
        seconds=1.5,
        parts=(),
        kept_parts={},
        fingerprints={"lake": "a", "settings": "b"},
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="all known"),
        pytest.param({"as_of": None, "events": 0, "sessions": 0}, id="no events"),
        pytest.param({"parts": (3, 41), "kept_parts": {41: (3, 41)}}, id="shared parts"),
    ],
)
def test_pointer_that_was_written_is_read_as_the_same_build(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = written(tmp_path, POINTER)
    build = replace(current(tmp_path), **changes)
    # What is only true of the call that made a build is not written.
    write_pointer(replace(build, is_new=True, reason="new events"))
    assert read_pointer(tmp_path) == build
    assert json.loads(path.read_text()).keys() == {*POINTER, "parts", "kept_parts", "last_batch"}


def test_pointer_keeps_the_names_that_other_programs_read(tmp_path: Path) -> None:
    content = POINTER | {"parts": [3], "kept_parts": {"41": [3]}, "last_batch": 3}
    path = written(tmp_path, content)
    write_pointer(current(tmp_path))
    assert json.loads(path.read_text()) == content


BROKEN = [
    pytest.param("", id="empty"),
    pytest.param("{", id="cut off"),
    pytest.param("[]", id="a list"),
    pytest.param("7", id="a number"),
    pytest.param({"file": "x"}, id="no number"),
    pytest.param(POINTER | {"as_of": "yesterday"}, id="no time"),
    pytest.param(POINTER | {"events": "many"}, id="no count"),
    pytest.param(POINTER | {"file": None}, id="no file"),
]


@pytest.mark.parametrize("content", BROKEN)
def test_pointer_that_is_broken_says_where_and_what_to_do(tmp_path: Path, content: object) -> None:
    path = written(tmp_path, content)
    for read in (read_pointer, current):
        with pytest.raises(BuildError) as refused:
            read(tmp_path)
        assert str(path) in str(refused.value)
        assert "dwell build --full" in str(refused.value)
    assert last_build(tmp_path) is None


def test_pointer_that_is_not_there_is_no_build(tmp_path: Path) -> None:
    assert read_pointer(tmp_path) is None
    assert last_build(tmp_path) is None
    with pytest.raises(NoBuild, match=r"current\.json is not there\. Run 'dwell load'"):
        current(tmp_path)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("wh-000042.duckdb", 42),
        ("wh-1000000.duckdb", 1_000_000),
        ("wh-000042.building", None),
        ("wh-000042.duckdb.wal", None),
        ("wh-copy.duckdb", None),
        ("events-000042.duckdb", None),
    ],
)
def test_number_of_a_file_is_in_its_name(tmp_path: Path, name: str, number: int | None) -> None:
    assert number_of(tmp_path / name) == number
    if number is not None:
        assert build_path(tmp_path, number).name == name


def test_kept_builds_are_told_by_their_files_oldest_first(tmp_path: Path) -> None:
    assert kept_builds(tmp_path) == []
    folder = builds_folder(tmp_path)
    folder.mkdir()
    for name in ("wh-000010.duckdb", "wh-000009.duckdb", "wh-copy.duckdb", "wh-000011.building"):
        (folder / name).touch()
    assert kept_builds(tmp_path) == [9, 10]
