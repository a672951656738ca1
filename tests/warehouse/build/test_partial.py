"""Marts that are made anew in part: what their headers have to say, and what an increment keeps."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

import warehouse
from etl.errors import BuildError
from tests.homes import tables
from tests.make import NOON, build_home, commit_events, event
from warehouse.build.model_files import Model, models
from warehouse.build.partial import refuse_unfit

LATER = (NOON + timedelta(days=9)).replace(tzinfo=UTC)
SELECT = """-- grain: one row per user_id
with

final as (
    select
        user_id, -- The user.
        count(*) as visit_count, -- Its sessions.
        min(start_date) as first_day -- The day of its first one.
    from user_sessions
    group by user_id
)

select * from final
"""


def mart(*marks: str) -> Model:
    """A made-up mart of users with these marks in its header."""
    header = "\n".join(f"-- {line}" for line in ("Visits of each user.", *marks))
    return Model("user_visits", "marts", f"{header}\n{SELECT}")


@pytest.fixture
def add_mart(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has builds make a made-up mart too."""
    real = models()

    def add(model: Model) -> None:
        for module in ("publish", "runner"):
            monkeypatch.setattr(f"warehouse.build.{module}.models", lambda: [*real, model])

    return add


def clicks(*users: str, minute: int = 0) -> list[dict[str, Any]]:
    """One event of each user."""
    return [event(timedelta(minutes=minute), user_id=user) for user in users]


@pytest.mark.parametrize(
    ("marks", "wanted"),
    [
        pytest.param(["scope: user"], "Write a line '-- key: user_id'", id="no key"),
        pytest.param(["scope: workflow"], "'-- key: source, workflow_id'", id="no key of two"),
        pytest.param(["scope: session"], "'-- key: session_id'", id="no key of a session"),
        pytest.param(["scope: user", "key of day: first_day"], "no key", id="another one's key"),
        pytest.param(["scope: usr"], "Did you mean 'user'?", id="an unknown scope"),
        pytest.param(["key of usr: user_id"], "Did you mean 'user'?", id="a key of no scope"),
        pytest.param(
            ["scope: user", "key: usr_id"], "Did you mean 'user_id'?", id="a column it lacks"
        ),
        pytest.param(
            ["scope: visitor", "key: user_id"], "source, anonymous_id, in this", id="one of two"
        ),
    ],
)
def test_a_mart_that_cannot_be_made_in_part_is_refused(marks: list[str], wanted: str) -> None:
    with pytest.raises(BuildError) as refusal:
        refuse_unfit([mart(*marks)])
    assert str(refusal.value).startswith("warehouse/models/marts/user_visits.sql has ")
    assert wanted in str(refusal.value)


@pytest.mark.parametrize(
    ("marks", "read"),
    [
        pytest.param([], "int_sessions", id="without a scope, of new sessions"),
        pytest.param([], "int_daily_users", id="without a scope, of changed days"),
        pytest.param(["scope: user", "key: user_id"], "int_sessions", id="of another scope"),
        pytest.param(
            ["scope: day", "key: first_day"], "int_session_numbers", id="of a scope made before"
        ),
    ],
)
def test_a_mart_that_would_see_changed_parts_of_others_alone_is_refused(
    marks: list[str], read: str
) -> None:
    model = mart(*marks)
    model = Model(model.name, model.layer, model.sql.replace("from user_sessions", f"from {read}"))
    with pytest.raises(BuildError, match=f"reads {read}, which holds only the "):
        refuse_unfit([*models(), model])


def test_the_models_that_are_there_fit() -> None:
    refuse_unfit(models())


def test_marks_of_a_header_are_no_part_of_its_sentence() -> None:
    model = mart("scope: user", "key: user_id", "key of day: first_day")
    refuse_unfit([model])
    assert (model.sentence, model.grain) == ("Visits of each user.", "one row per user_id")
    assert model.keys == {"user": ("user_id",), "day": ("first_day",)}


def test_a_scoped_mart_without_a_key_stops_the_build_before_anything_is_made(
    tmp_path: Path, add_mart: Any
) -> None:
    home = tmp_path / "home"
    commit_events(home, clicks("ann", "ben"))
    build_home(home, now=LATER)
    before = sorted((home / "builds").rglob("*"))
    add_mart(mart("scope: user"))
    with pytest.raises(BuildError, match="no key"):
        build_home(home, now=LATER)
    assert sorted((home / "builds").rglob("*")) == before


def test_a_scoped_mart_with_a_key_keeps_the_rows_of_users_that_did_not_change(
    tmp_path: Path, add_mart: Any
) -> None:
    home = tmp_path / "home"
    add_mart(mart("scope: user", "key: user_id"))
    commit_events(home, clicks("ann", "ben", "eve", "zoe"))
    build_home(home, now=LATER)
    commit_events(home, clicks("eve", "new", minute=300))
    build = build_home(home, now=LATER)
    assert build.reason == "new events"
    with warehouse.open(home) as wh:
        visits = wh.sql("select user_id, visit_count from user_visits order by 1").fetchall()
    assert visits == [("ann", 1), ("ben", 1), ("eve", 2), ("new", 1), ("zoe", 1)]
    full = build_home(home, full=True, now=LATER)
    assert tables(build.path)["user_visits"] == tables(full.path)["user_visits"]


def test_a_mart_of_sessions_loses_those_that_are_made_anew(tmp_path: Path, add_mart: Any) -> None:
    home = tmp_path / "home"
    sql = """-- Sessions once more.
-- scope: session
-- key: visit_id
-- grain: one row per visit_id
with

final as (
    select
        session_id as visit_id, -- The session.
        event_count -- Its events.
    from int_sessions
)

select * from final
"""
    add_mart(Model("visits", "marts", sql))
    commit_events(home, clicks("ann", "ben"))
    build_home(home, now=LATER)
    commit_events(home, clicks("ann", minute=5))
    build = build_home(home, now=LATER)
    with warehouse.open(home) as wh:
        counts = wh.sql("select event_count from visits order by 1").fetchall()
    assert (build.reason, counts) == ("new events", [(1,), (2,)])
