"""The sessions of the users that an increment is about, looked for once among all there are.

To find them is a walk through the users of all sessions; what asks for them afterwards, and that
is more than ten steps, asks `working.known_sessions`. It has the columns that these read, and
where each session lies.
"""

import re
from collections.abc import Sequence

import duckdb

from warehouse import table_parts
from warehouse.build.model_files import Model, checks
from warehouse.build.runner import given_tables, inputs_of

_TABLE = "user_sessions"
# What the steps of an increment read; models and checks of users tell themselves.
_COLUMNS = frozenset(
    (
        *("session_id", "stream", "given_session_id", "sources", "user_id", "start_time"),
        *("end_time", "start_date", "session_number", "is_open", "user_key"),
    )
)


def columns_read(con: duckdb.DuckDBPyConnection, models: Sequence[Model]) -> list[str]:
    """The columns of user_sessions that models and checks of users read, or seem to."""
    inputs = inputs_of(models)
    of_users = [model for model in models if model.scope == "user"]
    read = {name for model in of_users for name in inputs[model.name]}
    views = [model for model in models if model.name in read and model.kept_as == "view"]
    texts = [model.sql for model in (*of_users, *views)]
    texts += [check.sql for check in checks() if check.scope == "user"]
    # What users have of their own columns the models do not name.
    texts += given_tables(con).values()
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    names = [row[0] for row in con.execute(f"describe {_TABLE}").fetchall()]
    return [name for name in names if name in words | _COLUMNS]


def find_sessions(con: duckdb.DuckDBPyConnection, users: str, columns: Sequence[str]) -> None:
    """Adds the sessions of users, given as a select, as the last build has them.

    The first call creates the table.
    """
    con.execute(
        "create table if not exists working.known_sessions as "  # noqa: S608
        f"select {', '.join(columns)}, 0 as part, 0::bigint as row from {_TABLE} limit 0"
    )
    if con.execute(f"select 1 from ({users}) limit 1").fetchall():  # noqa: S608
        wanted = f"semi join ({users}) as users using (user_id)"
        table_parts.copy_found(con, _TABLE, wanted, columns, "working.known_sessions")


def forget_sessions(con: duckdb.DuckDBPyConnection, sessions: str) -> None:
    """Takes these out, which are others now, or will be made anew."""
    con.execute(
        "delete from working.known_sessions "  # noqa: S608
        f"where session_id in (select session_id from {sessions})"
    )


def sessions_of_known_users(columns: Sequence[str]) -> str:
    """The select of the sessions of users that may have changed, new ones too."""
    names = ", ".join(columns)
    return (
        f"select {names} from working.known_sessions "  # noqa: S608
        f"union all select {names} from {table_parts.new(_TABLE)}"
    )
