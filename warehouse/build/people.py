"""Who is meant by an id: as the lake has it, and the anonymous ids that were theirs. Changes
nothing.
"""

from collections.abc import Sequence

import duckdb

from etl.duck import create_table
from etl.lake import LakeState
from etl.lake.people import People
from etl.lake.schema import FILE_COLUMNS, table_in
from etl.lake.tombstones import Visit
from warehouse.build.model_files import models

_MODELS = ("identity_pairs", "identities")


def people_of(con: duckdb.DuckDBPyConnection, state: LakeState, users: Sequence[str]) -> People:
    """The users, whose ids are spelt as in the lake, with the anonymous ids that were theirs.

    An anonymous id that several people used is somebody's from their first event with it until the
    next one's, as the build's table identities has it; the first one's from the beginning.
    """
    create_table(con, "people_users", {"user_id": "VARCHAR"}, [{"user_id": one} for one in users])
    rows = table_in([state.path_of(file) for file in state.events], FILE_COLUMNS)
    con.execute(
        "create or replace temp table visitors_met as "  # noqa: S608 - our paths
        f"select distinct source, anonymous_id from {rows} semi join people_users using (user_id) "
        "where anonymous_id is not null and anonymous_id <> user_id"
    )
    con.execute(
        "create or replace temp table lake_events as "  # noqa: S608 - our paths
        f"select source, anonymous_id, user_id, event_time, event_id from {rows} "
        "semi join visitors_met using (source, anonymous_id)"
    )
    texts = {model.name: model.sql for model in models()}
    for name in _MODELS:
        con.execute(f"create or replace temp table {name} as {texts[name]}")
    found = con.execute(
        "select source, anonymous_id, case when interval_number > 1 then valid_from end, valid_to "
        "from identities semi join people_users using (user_id) order by all"
    ).fetchall()
    for name in ("lake_events", "visitors_met", *_MODELS):
        con.execute(f"drop table temp.{name}")
    return People(tuple(users), tuple(Visit(*row) for row in found))
