"""Builds of so many sessions a day and source, and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb

from tests.warehouse.small_builds import Row, write_build
from warehouse.build.model_files import models

Feed = Mapping[date, int]


def write_feeds(
    home: Path,
    feeds: Mapping[str, Feed],
    as_of: datetime,
    loads: Sequence[Row] = (),
    bots: int = 0,
) -> None:
    """A published build of the feeds: source → day → sessions, and on each day so many of bots."""
    path = write_build(home, [], as_of=as_of, load_runs=loads)
    counts = [
        {"source": source, "day": one, "count": count, "bots": bots}
        for source, days in feeds.items()
        for one, count in days.items()
    ]
    with duckdb.connect(path) as con:
        for name in ("count", "bots") if counts else ():
            con.execute(
                "insert into user_sessions (session_id, sources, start_date, is_bot) "
                f"select concat_ws(' ', source, day, '{name}', unnest(range({name}))), "
                f"[source], day, {name == 'bots'} "
                "from (select unnest($counts, recursive := true))",
                {"counts": counts},
            )
        (model,) = (model for model in models() if model.name == "source_days")
        hours = "select *, hour(start_time) as start_hour from main.user_sessions"
        con.execute(f"insert into source_days with user_sessions as ({hours}) from ({model.sql})")
