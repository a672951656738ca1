"""When an export is due: by cases, and by laws of any run of successes and failures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.config.exports import ExportEntry
from etl.config.settings import Settings
from etl.errors import Busy, DwellError
from warehouse.exports.state import (
    due,
    is_due,
    note_failure,
    note_success,
    one_run,
    standings,
)

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ENTRY = ExportEntry("mine", table="users", path="a.csv", format="csv", every=DAY)
OTHER = replace(ENTRY, table="chats")

# The last success, the export that was written then, and whether it is due now.
CASES = {
    "never written": (None, ENTRY, True),
    "written this moment": (NOW, ENTRY, False),
    "a moment too early": (NOW - DAY + timedelta(microseconds=1), ENTRY, False),
    "after exactly so long": (NOW - DAY, ENTRY, True),
    "long ago": (NOW - 400 * DAY, ENTRY, True),
    "changed since": (NOW, OTHER, True),
    "written in a time to come": (NOW + timedelta(hours=1), ENTRY, True),
    "in another zone": ((NOW - DAY).astimezone(tz=None), ENTRY, True),
}


@pytest.mark.parametrize("case", CASES)
def test_an_export_is_due(case: str) -> None:
    succeeded, written, wanted = CASES[case]
    note = {} if succeeded is None else {"succeeded_at": succeeded.isoformat()}
    assert is_due(ENTRY, note | {"definition": written.definition}, NOW) is wanted


@pytest.mark.parametrize(
    "note", [{"succeeded_at": 3}, {"succeeded_at": "then"}, {"failed_at": "x"}]
)
def test_a_note_that_cannot_be_read_is_none(note: dict[str, object]) -> None:
    assert is_due(ENTRY, note | {"definition": ENTRY.definition}, NOW)


def test_a_success_and_failures_are_noted(tmp_path: Path) -> None:
    known = Settings(home=tmp_path, exports=(ENTRY, replace(ENTRY, name="other")))
    assert [each.is_due for each in standings(known, NOW)] == [True, True]
    note_failure(tmp_path, ENTRY, NOW, "no room")
    first, _ = standings(known, NOW)
    assert (first.is_due, first.last_success, first.failed_at, first.message) == (
        True,
        None,
        NOW,
        "no room",
    )
    note_success(tmp_path, ENTRY, NOW, path=tmp_path / "a.csv", rows=3, build=7)
    first, other = standings(known, NOW)
    assert (first.next_due, first.rows, first.build, first.message) == (NOW + DAY, 3, 7, None)
    assert (other.next_due, other.last_success) == (None, None)
    # A later failure does not hide when it was written last.
    later = NOW + 2 * DAY
    note_failure(tmp_path, ENTRY, later, "gone")
    first, _ = standings(known, later)
    assert (first.is_due, first.last_success, first.failed_at) == (True, NOW, later)
    assert [entry.name for entry in due(known, NOW + DAY / 2)] == ["other"]


def test_without_exports_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "exports.json").write_text("damaged")
    assert standings(Settings(home=tmp_path)) == []
    with pytest.raises(DwellError, match="is damaged"):
        standings(Settings(home=tmp_path, exports=(ENTRY,)))


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with one_run(tmp_path), pytest.raises(Busy), one_run(tmp_path):
        pytest.fail("a second run came in")
    with one_run(tmp_path):
        pass


def test_a_home_that_cannot_be_locked_is_told(tmp_path: Path) -> None:
    (tmp_path / ".exporting.lock").mkdir()
    with pytest.raises(DwellError, match="lock cannot be written"), one_run(tmp_path):
        pytest.fail("it came in")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3_000), st.booleans()), max_size=40),
    st.integers(1, 1_000),
)
def test_never_more_often_than_every_and_never_lost(
    steps: list[tuple[int, bool]], every: int
) -> None:
    """Runs come after so many seconds each, and each either succeeds or fails."""
    entry = replace(ENTRY, every=timedelta(seconds=every))
    now, note, successes, owed = NOW, {}, [], True
    for seconds, is_fine in steps:
        now += timedelta(seconds=seconds)
        owed = owed or not successes or now - successes[-1] >= entry.every
        assert is_due(entry, note, now) is owed
        if owed and is_fine:
            successes.append(now)
            note = {"succeeded_at": now.isoformat(), "definition": entry.definition}
            owed = False
    assert all(later - earlier >= entry.every for earlier, later in pairwise(successes))
