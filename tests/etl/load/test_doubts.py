"""What looks wrong about a file as a whole is told with its load, and stays with its batch."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from etl.lake import Lake
from tests.make import NOON, load_files, write_csv

Load = Callable[..., "Loaded"]  # type: ignore[name-defined] # noqa: F821
SECOND = timedelta(seconds=1)
Row = tuple[str, str, str, str]


def rows(
    count: int = 200, users: int = 50, first: str = "", step: timedelta = SECOND, ids: int = 1000
) -> list[Row]:
    """Rows of id, user, time, type; the users take turns."""
    return [
        (f"e{n % ids}", f"u{n % users}", first or (NOON + n * step).isoformat(), f"click{n % 3}")
        for n in range(count)
    ]


def written(folder: Path, rows: list[Row], name: str = "events.csv") -> Path:
    return write_csv(folder / name, [("event_id", "user_id", "timestamp", "event"), *rows])


def of_user(user: str, share: float) -> list[Row]:
    """Rows of which one user has that share."""
    return [(one[0], user if n < 200 * share else one[1], *one[2:]) for n, one in enumerate(rows())]


# Case: rows, how each sentence begins.
DOUBTFUL: dict[str, tuple[list[Row], list[str]]] = {
    "nothing is odd": (rows(), []),
    "few rows": (rows(20, users=1, first="2026-03-10 12:00:00"), []),
    "a user holds two fifths": (of_user("guest", 0.4), ["user 'guest' holds 80 of 200 events."]),
    "a user holds less": (of_user("guest", 0.36), []),
    "all is of one user": (rows(users=1), []),
    "all within one second": (
        rows(step=timedelta(milliseconds=1)),
        ["all 200 events lie within one second, 2026-03-10 12:00:00:"],
    ),
    "one of them later": (
        [*rows(199, first="2026-03-10 12:00:00"), ("e200", "u1", "2026-03-10 12:00:01", "click")],
        [],
    ),
    "some before 2000": (
        [*rows(5, first="1999-12-31 23:59:59"), *rows(100)[5:]],
        ["5 of 100 events are of before 2000, the first of 1999-12-31."],
    ),
    "nine of ten are duplicates": (
        rows(users=1, ids=20),
        [
            "'event_id' has 20 values in 200 rows that differ in user or time:",
            "180 of 200 rows are duplicates of others in it.",
        ],
    ),
    "ids that a spreadsheet cut": (
        [(*one[:1], "1.23457E+17" if n else "u1", *one[2:]) for n, one in enumerate(rows(3))],
        ["users are called such as '1.23457E+17':"],
    ),
    "times that a spreadsheet cut": (
        [(f"e{n}", f"u{n}", "1.77314E+12", "click") for n in range(3)],
        ["'timestamp' holds numbers such as '1.77314E+12', whose last digits a spreadsheet cut:"],
    ),
}


@pytest.mark.parametrize(("rows", "told"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_looks_wrong_is_told(tmp_path: Path, rows: list[Row], told: list[str]) -> None:
    (outcome,) = load_files(tmp_path / "home", written(tmp_path, rows))
    assert outcome.rows_rejected == 0
    warnings = outcome.warnings
    assert len(warnings) == len(told), warnings
    assert all(text.startswith(begin) for text, begin in zip(warnings, told, strict=True)), warnings
    (batch,) = Lake(tmp_path / "home").batches()
    assert batch.warnings == warnings


def test_a_user_of_many_small_files_is_told_once(tmp_path: Path) -> None:
    for n in range(3):
        written(tmp_path / "in", of_user("guest", 0.5)[n::3], f"part-{n}.csv")
    told = [outcome.warnings for outcome in load_files(tmp_path / "home", tmp_path / "in")]
    assert [len(one) for one in told] == [1, 0, 0]
    assert told[0][0].startswith("user 'guest' holds 100 of 200 events.")


def test_files_of_one_user_each_are_no_doubt(tmp_path: Path) -> None:
    for n in range(4):
        mine = [(f"e{n}-{one[0]}", f"u{n}", *one[2:]) for one in rows()]
        written(tmp_path / "in", mine, f"part-{n}.csv")
    assert [o.warnings for o in load_files(tmp_path / "home", tmp_path / "in")] == [()] * 4


def test_a_large_user_is_told_wherever_its_rows_stand(tmp_path: Path) -> None:
    for place, name in ((0, "first"), (1, "last")):
        others = rows(15_000, ids=10**6, step=timedelta(seconds=1))
        guests = [(f"g{one[0]}", "guest", *one[2:]) for one in others]
        both = [guests, others] if place == 0 else [others, guests]
        (outcome,) = load_files(tmp_path / name, written(tmp_path / name, both[0] + both[1]))
        assert [text.partition(" holds")[0] for text in outcome.warnings] == ["user 'guest'"]


def test_of_files_that_hold_those_before_them_duplicates_are_no_doubt(tmp_path: Path) -> None:
    written(tmp_path / "in", rows(), "day-1.csv")
    written(tmp_path / "in", rows(201), "day-2.csv")
    told = [outcome.warnings for outcome in load_files(tmp_path / "home", tmp_path / "in")]
    assert told == [(), ()]


def test_a_doubt_stays_when_the_file_is_read_in_another_way(tmp_path: Path) -> None:
    load_files(tmp_path / "home", written(tmp_path, rows(), "a.csv"), source="mongo")
    again = written(tmp_path, rows(), "b.csv")
    for reading in ({}, {"map": {"user": "user_id"}}):
        (outcome,) = load_files(tmp_path / "home", again, source="legacy", **reading)
        assert outcome.rows_loaded == 200
        assert any(text.startswith("100% of the events") for text in outcome.warnings)


@pytest.mark.parametrize(("share", "is_told"), [(0.9, True), (0.1, False)])
def test_of_many_events_a_fair_share_is_compared(
    tmp_path: Path, share: float, is_told: bool
) -> None:
    count = 30_000
    mine = rows(count, users=count, ids=10**6)
    load_files(tmp_path / "home", written(tmp_path, mine, "a.csv"), source="mongo")
    # Shared are the users that come last in the order of names.
    first_shared = sorted(one[1] for one in mine)[round(count * (1 - share))]
    theirs = [one if one[1] >= first_shared else (one[0], one[1], one[2], "other") for one in mine]
    (outcome,) = load_files(tmp_path / "home", written(tmp_path, theirs, "b.csv"), source="legacy")
    assert bool(outcome.warnings) == is_told


def test_duplicates_of_earlier_files_are_no_doubt(tmp_path: Path) -> None:
    load_files(tmp_path / "home", written(tmp_path, rows(), "day-1.csv"))
    (outcome,) = load_files(tmp_path / "home", written(tmp_path, rows(210), "day-2.csv"))
    assert (outcome.rows_duplicate, outcome.warnings) == (200, ())


@pytest.mark.parametrize(
    ("shared", "is_told"), [(200, True), (101, True), (100, False), (0, False)]
)
def test_the_same_facts_from_two_sources_are_told(
    tmp_path: Path, shared: int, is_told: bool
) -> None:
    others = [(f"x{n}", f"v{n}", *one[2:]) for n, one in enumerate(rows(200 - shared))]
    load_files(tmp_path / "home", written(tmp_path, rows(), "a.csv"), source="mongo")
    again = written(tmp_path, [*rows(shared), *others], "b.csv")
    (outcome,) = load_files(tmp_path / "home", again, source="legacy")
    wanted = f"{shared / 2:.0f}% of the events of 'legacy' are those of 'mongo' too"
    assert [text.startswith(wanted) for text in outcome.warnings] == [True] * is_told
    # Later files of the source are not looked at again.
    more = written(tmp_path, [(f"y{one[0]}", *one[1:]) for one in rows()], "c.csv")
    assert load_files(tmp_path / "home", more, source="legacy")[0].warnings == ()
