"""What a build goes on from: the tables of the one before it. Copies no large one."""

from pathlib import Path

import duckdb

from etl.duck import connect, quoted
from warehouse import event_parts, table_parts
from warehouse.build.runner import names_in_parts, ordered_models
from warehouse.build_files import Build

_LAST = "last_build"


def is_readable(build: Build) -> bool:
    """Whether the build's file and its parts are there, as long as they were written, and open.

    What is damaged inside them is found by who reads it.
    """
    if not build.is_whole:
        return False
    try:
        with connect() as con:
            for number, path in enumerate(build.files):
                con.execute(f"attach {quoted(path)} as file_{number} (read_only)")
    except duckdb.Error:
        return False
    return True


def take_over(con: duckdb.DuckDBPyConnection, last: Path) -> None:
    """Lays out the tables of the last build in the one that the connection uses, which is empty.

    Of tables in parts it takes over which they are, and shows their rows. The new part was begun.
    """
    models = ordered_models()
    con.execute(f"attach {quoted(last)} as {_LAST} (read_only)")
    event_parts.create_tables(con, _LAST)
    table_parts.create_tables(con, _LAST)
    for model in models:
        if model.is_mart and model.kept_as == "table":
            con.execute(f"create table {model.name} as from {_LAST}.{model.name}")
    con.execute(f"detach {_LAST}")
    table_parts.attach(con, last.parent)
    for name in names_in_parts(models):
        table_parts.begin(con, name)
        table_parts.show(con, name)
    for model in models:
        if model.is_mart and model.kept_as == "view":
            con.execute(f"create view {model.name} as {model.sql}")
