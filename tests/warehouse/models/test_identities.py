"""Identities: which known user an anonymous id belonged to, and when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make import NOON, event
from tests.model_runs import Marts, run_models
from tests.search import some

MINUTE = timedelta(minutes=1)
IDENTITIES = "select * from identities order by source, anonymous_id, interval_number"
# How an analyst joins anonymous visits to the known user.
PEOPLE = """
    select event_id, coalesce(identities.user_id, session_events.user_id) as person
    from session_events
    left join identities
        on
            identities.source = session_events.source
            and identities.anonymous_id = session_events.anonymous_id
            and session_events.event_time >= identities.valid_from
            and (identities.valid_to is null or session_events.event_time < identities.valid_to)
            -- Who says who they are is believed.
            and session_events.user_id = session_events.anonymous_id
"""


def seen(minute: float, anonymous: str | None, known: str | None = None, **more: Any) -> dict:
    """An event of an anonymous id, and of a known user where one is told."""
    return event(
        minute * MINUTE, user_id=known or anonymous, anonymous_id=anonymous, source="web", **more
    )


def intervals(marts: Marts) -> list[tuple[Any, ...]]:
    """Anonymous id, user, and the minutes from and to."""

    def minute(time: datetime | None) -> float | None:
        return None if time is None else (time - NOON) / MINUTE

    return [
        (row["anonymous_id"], row["user_id"], minute(row["valid_from"]), minute(row["valid_to"]))
        for row in marts.rows(IDENTITIES)
    ]


def test_an_anonymous_id_belongs_to_its_user_from_its_first_event_on() -> None:
    marts = run_models([seen(0, "x"), seen(5, "x", "ann"), seen(9, "x")])
    assert intervals(marts) == [("x", "ann", 0, None)]
    (row,) = marts.rows(IDENTITIES)
    assert (row["first_event_time"], row["last_event_time"]) == (NOON + 5 * MINUTE,) * 2
    assert (row["interval_number"], row["event_count"], row["is_shared"]) == (1, 1, False)


def test_ids_without_a_known_user_and_users_without_an_anonymous_id_have_none() -> None:
    assert intervals(run_models([seen(0, "x"), seen(1, None, "ann")])) == []
    assert intervals(run_models([])) == []


def test_two_users_of_one_id_have_an_interval_each_and_stay_two_users() -> None:
    events = [seen(0, "x"), seen(1, "x", "ann"), seen(5, "x"), seen(9, "x", "bob"), seen(12, "x")]
    marts = run_models(events)
    assert intervals(marts) == [("x", "ann", 0, 9), ("x", "bob", 9, None)]
    assert all(row["is_shared"] for row in marts.rows(IDENTITIES))
    people = marts.rows(f"{PEOPLE} order by event_id")
    assert [row["person"] for row in people] == ["ann", "ann", "ann", "bob", "bob"]
    # The events themselves and their users are as they were.
    users = marts.rows("select user_id from session_events order by event_time")
    assert [row["user_id"] for row in users] == ["x", "ann", "x", "bob", "x"]


def test_a_user_who_comes_back_after_another_has_a_second_interval() -> None:
    marts = run_models([seen(n, "x", user) for n, user in enumerate(["ann", "bob", "ann"])])
    assert intervals(marts) == [("x", "ann", 0, 1), ("x", "bob", 1, 2), ("x", "ann", 2, None)]


def test_one_user_may_have_several_anonymous_ids() -> None:
    marts = run_models([seen(0, "x", "ann"), seen(1, "y", "ann")])
    assert intervals(marts) == [("x", "ann", 0, None), ("y", "ann", 1, None)]


def test_the_same_anonymous_id_of_two_sources_is_two_ids() -> None:
    other = seen(1, "x", "bob") | {"source": "app"}
    marts = run_models([seen(0, "x", "ann"), other])
    assert intervals(marts) == [("x", "bob", 1, None), ("x", "ann", 0, None)]


def expected(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The intervals, found by walking through each id's events."""
    intervals = []
    for source, anonymous in sorted({(e["source"], e["anonymous_id"]) for e in events}):
        own = [e for e in events if (e["source"], e["anonymous_id"]) == (source, anonymous)]
        own.sort(key=lambda e: (e["event_time"], e["event_id"]))
        turns: list[list[Any]] = []
        for row in own:
            if row["user_id"] == anonymous:
                continue
            if not turns or turns[-1][0] != row["user_id"]:
                turns.append([row["user_id"], row["event_time"], row["event_time"], 0])
            turns[-1][2] = row["event_time"]
            turns[-1][3] += 1
        users = {turn[0] for turn in turns}
        for number, (user, first, last, count) in enumerate(turns, start=1):
            start = own[0]["event_time"] if number == 1 else first
            end = turns[number][1] if number < len(turns) else None
            intervals.append(
                (source, anonymous, number, user, start, end, first, last, count, len(users) > 1)
            )
    return intervals


@pytest.mark.long
@settings(max_examples=some(5, of=25))
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from(["x", "y"]),
            st.sampled_from([None, "ann", "bob", "cleo"]),
            st.sampled_from(["web", "app"]),
            st.integers(0, 9),
        ),
        max_size=14,
    )
)
def test_the_intervals_are_those_that_walking_through_the_events_finds(
    sightings: list[tuple[int, str, str | None, str, int]],
) -> None:
    events = [
        seen(minute, anonymous, known, event_id=f"{rank}-{number}") | {"source": source}
        for number, (minute, anonymous, known, source, rank) in enumerate(sightings)
    ]
    marts = run_models(events)
    names = (
        *("source", "anonymous_id", "interval_number", "user_id", "valid_from", "valid_to"),
        *("first_event_time", "last_event_time", "event_count", "is_shared"),
    )
    rows = [tuple(row[name] for name in names) for row in marts.rows(IDENTITIES)]
    assert rows == expected(events)
    assert marts.bad_rows() == {}
    # The join makes no event two.
    assert len(marts.rows(PEOPLE)) == len(events)
