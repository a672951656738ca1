"""Shares of users: every event is in one, and all of a session in the same."""

from datetime import timedelta

import duckdb
import pyarrow as pa
import pytest

from tests.make import event
from tests.model_runs import EVENT_SCHEMA
from warehouse.build import user_shares
from warehouse.build.user_shares import shares_of_users

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("event_count", "shares"),
    [(0, 1), (199_999, 1), (200_000, 2), (399_999, 3), (10_000_000, 4)],
)
def test_shares_are_as_many_as_the_events_are_worth(event_count: int, shares: int) -> None:
    assert len(shares_of_users("from events", event_count, 4)) == shares


def test_one_share_is_the_events_as_they_are() -> None:
    assert shares_of_users("from events", 5, 4) == ["from events"]


def test_every_event_is_in_one_share_with_all_of_its_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(user_shares, "SHARE_EVENTS", 1)
    tracked = {"stream": "tracker", "source": "trk"}
    events = [
        event(number * MINUTE, event_id=f"{user}-{number}-{more}", user_id=user, **more)
        for user in "abcdefgh"
        for number in range(3)
        for more in (
            {},
            {**tracked, "tracker_session_id": f"s{number}"},
            {**tracked, "tracker_session_id": None},
        )
    ]
    timelines: list[set[tuple[str, str]]] = []
    ids: list[str] = []
    with duckdb.connect() as con:
        con.register("events", pa.Table.from_pylist(events, schema=EVENT_SCHEMA))
        for share in shares_of_users("from events", len(events), 4):
            rows = con.execute(
                f"select event_id, stream, coalesce(tracker_session_id, user_id) from ({share})"
            ).fetchall()
            ids += [event_id for event_id, _, _ in rows]
            timelines.append({(stream, timeline) for _, stream, timeline in rows})
    assert sorted(ids) == sorted(str(row["event_id"]) for row in events)
    assert sum(map(len, timelines)) == len(set.union(*timelines))
    assert sum(bool(one) for one in timelines) > 1
