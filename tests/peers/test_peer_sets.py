"""Published data sets with known sessions, loaded as a user would load them."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import warehouse
from etl.lake import locked
from tests.make import build_home, load_files, settings_of
from warehouse.refresh import load_and_build, wanted_by_default

pytestmark = pytest.mark.peer_data
PeerData = Callable[[str], Path]

TOTALS = """
    select count(*), count(distinct user_id), sum(event_count), round(sum(duration_seconds), 3),
        count(*) filter (event_count = 1)
    from user_sessions
"""


@pytest.mark.parametrize("sessions", ["inactivity", "tracker"])
def test_retentioneering_sessions_are_the_given_ones_one_to_one(
    peer_data: PeerData, tmp_path: Path, sessions: str
) -> None:
    file = peer_data("peer-retentioneering-ecom") / "ecom.csv.gz"
    (outcome,) = load_files(tmp_path / "home", file, sessions=sessions)
    assert (outcome.rows_read, outcome.rows_loaded, outcome.format) == (31106, 31106, "events")
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        pairs = wh.sql("select distinct session_id, tracker_session_id from session_events").pl()
    assert pairs.height == 3605
    assert pairs["session_id"].n_unique() == 3605
    assert pairs["tracker_session_id"].n_unique() == 3605


def test_stack_exchange_tables_without_the_community_bot(
    peer_data: PeerData, tmp_path: Path
) -> None:
    folder = peer_data("real-stackexchange-quantum")
    settings = settings_of(
        tmp_path / "home",
        f"""
        [sources.quantum]
        path = ["{folder / "posts.csv"}", "{folder / "comments.csv"}"]
        exclude_users = ["-1"]
        """,
    )
    with locked(settings.home):
        result = load_and_build(settings, wanted_by_default(settings))
    assert (result.problem, result.build is not None) == (None, True)
    outcomes = result.outcomes
    assert [one.format for one in outcomes] == ["tables", "tables"]
    assert [one.rows_read for one in outcomes] == [1986, 3413]
    # Left out are the bot's 129 rows and three whose user was deleted.
    assert sum(one.rows_rejected for one in outcomes) == 129 + 3
    with warehouse.open(tmp_path / "home") as wh:
        assert wh.sql(TOTALS).fetchall()[0][:4] == (3612, 403, 5267, 922968.182)
        types = wh.sql("select distinct event_type from session_events order by 1").fetchall()
    assert types == [("comment_created",), ("post_created",)]


SNOWPLOW_MAP = {
    "user": "domain_userid",
    "time": "derived_tstamp",
    "id": "event_id",
    "session": "domain_sessionid",
    "type": "event_name",
    "page": "page_url",
}


def snowplow_events(folder: Path) -> pl.DataFrame:
    """The package's source rows as text, first collected first."""
    file = folder / "source" / "snowplow_web_events.csv.gz"
    return pl.read_csv(file, infer_schema_length=0).sort("collector_tstamp")


def after_the_packages_own_filters(events: pl.DataFrame) -> pl.DataFrame:
    """The rows that Snowplow's package makes sessions of."""

    def time(name: str) -> pl.Expr:
        return pl.col(name).str.to_datetime()

    late = time("dvce_sent_tstamp") - time("dvce_created_tstamp") > pl.duration(days=3)
    return (
        events.filter(pl.col("user_id").ne_missing("consent_accel"))
        .unique("event_id", keep="first", maintain_order=True)
        .filter(pl.col("domain_sessionid").is_not_null() & ~late.fill_null(False))
        # Its page view has no page view id.
        .filter(~pl.col("domain_sessionid").str.starts_with("e7971181"))
    )


# One event has no domain_userid: the network's id stands in.
STAND_IN = SNOWPLOW_MAP | {"anonymous_id": "network_userid"}


@pytest.mark.parametrize(
    ("given", "read_as"),
    [(STAND_IN, "events"), ({}, "snowplow")],
    ids=["with a map", "recognised"],
)
def test_snowplow_sessions_by_the_tracker(
    peer_data: PeerData, tmp_path: Path, given: dict[str, str], read_as: str
) -> None:
    folder = peer_data("peer-snowplow-web-0.15.2")
    events = after_the_packages_own_filters(snowplow_events(folder))
    assert (events.height, events["domain_sessionid"].n_unique()) == (86, 18)
    file = tmp_path / "events.csv"
    events.write_csv(file)
    (outcome,) = load_files(tmp_path / "home", file, map=given, sessions="tracker")
    assert (outcome.rows_loaded, outcome.format) == (86, read_as)
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        ours = wh.sql(
            "select tracker_session_id as id, min(event_time) as start_time, "
            "max(event_time) as end_time, count(*) as event_count, any_value(duration_seconds) "
            "as duration from session_events join user_sessions using (session_id) "
            "group by session_id, tracker_session_id"
        ).pl()
    theirs = pl.read_csv(
        folder / "expected" / "snowplow_web_sessions_expected.csv", infer_schema_length=0
    ).select(
        pl.col("domain_sessionid").alias("id"),
        pl.col("start_tstamp").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us"),
        pl.col("end_tstamp").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us"),
        pl.col("total_events").cast(pl.Int64),
        pl.col("absolute_time_in_s").cast(pl.Int64),
    )
    # The package counts 0b0c7bb5… once for each time that its pings came back.
    equal = theirs.join(
        ours,
        left_on=["id", "start_tstamp", "end_tstamp", "total_events"],
        right_on=["id", "start_time", "end_time", "event_count"],
    )
    different = theirs.join(equal, on=["id", "start_tstamp"], how="anti")
    assert sorted(name[:8] for name in different["id"]) == [
        *("0b0c7bb5", "0b0c7bb5"),  # Pings alone: the package starts them 5 s earlier.
        *("0b5d421a", "2bfc2c76", "d21c000a"),  # The same; cut after 3 days; its run ended.
    ]
    assert equal.height == 13
    assert equal["total_events"].sum() == 71
    assert equal["absolute_time_in_s"].sum() == 179_896
    assert (equal["absolute_time_in_s"] - equal["duration"]).abs().max() <= 1


def test_snowplow_sessions_by_inactivity(peer_data: PeerData, tmp_path: Path) -> None:
    file = peer_data("peer-snowplow-web-0.15.2") / "source" / "snowplow_web_events.csv.gz"
    (outcome,) = load_files(tmp_path / "home", file, map=SNOWPLOW_MAP)
    counts = outcome.rows_read, outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected
    assert counts == (160, 156, 3, 1)
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        assert wh.sql(TOTALS).fetchall() == [(57, 42, 156, 7208.084, 19)]
