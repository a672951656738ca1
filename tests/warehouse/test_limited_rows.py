"""Rows of SQL as they come: the same as all at once, and never fewer without an error."""

import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from etl.errors import BeyondLimit, ConfigError, DwellError
from tests.warehouse.small_builds import NOON, event, session, write_build
from warehouse.filters import Filters
from warehouse.limited_rows import rows_of
from warehouse.limited_sql import Limits, Question

LIMITS = Limits(20, 200_000_000)
SECRET = '{"prompt": "secret", "n": 1}'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_build(
        folder,
        [session("ann", session_id="s"), session("bob", is_bot=True)],
        [event("s", "ann", NOON, properties=SECRET)],
    )
    return folder


def read(question: Question) -> list[pl.DataFrame]:
    with rows_of(question) as rows:
        return [pl.DataFrame(rows.schema.empty_table()), *map(pl.DataFrame, rows)]


def test_all_rows_come_in_pieces_of_the_same_columns(home: Path) -> None:
    frames = read(Question(home, 1, "select range as n, 'x' || n as t from range(250000)", LIMITS))
    assert len(frames) > 2
    assert all(frame.schema == frames[0].schema for frame in frames)
    together = pl.concat(frames)
    assert together["n"].to_list() == list(range(250_000))
    assert together["t"][-1] == "x249999"


def test_no_row_has_its_columns(home: Path) -> None:
    (frame,) = read(Question(home, 1, "from user_sessions limit 0", LIMITS))
    assert "session_id" in frame.columns
    assert frame.is_empty()


# A query, its limits, and the error; "late": rows came before.
FAILING = {
    "an unknown table": ("from user_session", LIMITS, ConfigError, "Did you mean"),
    "fails late": (
        "select if(range = 240000, error('late'), range::varchar) as x from range(250000)",
        LIMITS,
        DwellError,
        "late",
    ),
    "no row for too long": (
        "with recursive r as (select 1 i union all select i + 1 from r) select max(i) from r",
        Limits(0.3, 200_000_000),
        BeyondLimit,
        "query_timeout",
    ),
    "no further row for too long": (
        "select range from range(1000000000) where range < 200000 or hash(range) = 1",
        Limits(0.3, 200_000_000),
        BeyondLimit,
        "query_timeout",
    ),
    "too much memory": (
        "select list(range) from range(100000000)",
        Limits(20, 100_000_000),
        BeyondLimit,
        "query_memory",
    ),
}


@pytest.mark.parametrize("case", FAILING)
def test_what_fails_is_an_error_also_behind_rows(home: Path, case: str) -> None:
    text, limits, kind, words = FAILING[case]
    with pytest.raises(kind) as error:
        read(Question(home, 1, text, limits))
    assert words in str(error.value)


def test_a_process_that_is_ended_is_an_error_behind_rows(home: Path) -> None:
    question = Question(home, 1, "select range from range(100000000)", LIMITS)
    with rows_of(question) as rows:
        next(iter(rows))
        rows._process.kill()
        with pytest.raises(BeyondLimit, match="query_memory"):
            list(rows)


def test_who_writes_the_rows_may_take_longer_than_the_query(home: Path) -> None:
    question = Question(home, 1, "select range from range(900000)", Limits(1, 200_000_000))
    with rows_of(question) as rows:
        pieces = iter(rows)
        count = next(pieces).num_rows
        time.sleep(1.3)
        assert count + sum(piece.num_rows for piece in pieces) == 900_000


def test_typed_texts_and_filters_are_as_all_at_once(home: Path) -> None:
    question = Question(home, 1, "select properties from session_events", LIMITS)
    assert "secret" in str(read(question)[1].rows())
    assert "secret" not in str(read(replace(question, shows_texts=False))[1].rows())
    filtered = replace(question, text="select user_id from filtered_sessions", filters=Filters())
    assert read(filtered)[1].rows() == [("ann",)]


def test_a_query_takes_the_period(home: Path) -> None:
    filters = Filters(NOON.date(), NOON.date())
    text = (
        "select 1 from filtered_sessions where start_date = $last_date union all "
        "select 2 from user_sessions where start_date between $first_date and $last_date"
    )
    frames = read(Question(home, 1, text, LIMITS, filters))
    assert sorted(pl.concat(frames).rows()) == [(1,), (2,), (2,)]
