"""dwell sql: one read-only question to the current build."""

from __future__ import annotations

import argparse
import json
import sys
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse import current_build
from warehouse.cli.filtering import add_filtering, filters_of
from warehouse.cli.output import log
from warehouse.cli.sql_table import table
from warehouse.exports.files import new_file, refuse_target
from warehouse.limited_sql import Limits, Question, answered
from warehouse.own_sql import named_relations

if TYPE_CHECKING:
    import polars as pl

_EXAMPLES = """dwell sql "select start_date, count(*) from user_sessions group by all order by 1"
  dwell sql "select median(duration_seconds) from filtered_sessions" --where device_type=mobile"""
_ABOUT = """SQL filters itself. --where and --segment choose what some relations hold, bots left
out: filtered_sessions: sessions as in user_sessions, with what metrics average (bounced,
timed_seconds, …); measured_sessions: all headline metrics of them, one row; measured_days: by
day; filtered_responses: responses of LLM chats in them. Other tables are whole. A query ends
after query_timeout (30 s) and takes query_memory (2 GB)."""
EXAMPLE = f"{_EXAMPLES}\n\n{_ABOUT}"

# So many rows are drawn as a table.
_IN_TABLE = 10_000
_UNUSED = (
    "--where and --segment choose the sessions of filtered_sessions, which the query does not "
    "read, nor another relation of theirs. Write … from filtered_sessions, or leave them out: SQL "
    "filters itself."
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The question and the shape of the answer."""
    command.add_argument("query", metavar="SELECT", help="the query")
    command.add_argument(
        "--format",
        default="table",
        choices=["table", "csv", "json", "parquet"],
        help="output",
    )
    command.add_argument("--output", metavar="FILE", help="write there instead of stdout")
    command.add_argument("--build", type=int, metavar="N", help="a kept build's number")
    add_filtering(command)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints or writes all rows of the answer."""
    import polars as pl

    kind = "json" if args.json and args.format == "table" else args.format
    if not named_relations(args.query) and (args.where or args.segment):
        raise ConfigError(_UNUSED)
    # Asked for the number alone: what reads it is a process of its own.
    build = current_build(settings.home) if args.build is None else args.build
    question = Question(
        settings.home,
        build,
        args.query,
        Limits.of(settings),
        filters_of(args, settings),
        most_rows=_IN_TABLE if kind == "table" else None,
        is_flat=kind == "csv",
    )
    frame = pl.read_ipc_stream(BytesIO(answered(question)))
    target = Path(args.output) if args.output else None
    if kind == "parquet" and target is None and sys.stdout.isatty():
        msg = "Parquet is not for a terminal. Add --output FILE."
        raise ConfigError(msg)
    is_cut = kind == "table" and frame.height > _IN_TABLE
    # Nobody reads more lines of a table, and drawing them takes more than the query did.
    frame = frame.head(_IN_TABLE) if is_cut else frame
    if target is None:
        _write(frame, kind, sys.stdout.buffer)
    else:
        refuse_target(target, settings)
        with new_file(target) as out:
            _write(frame, kind, out)
    if is_cut:
        log(f"The first {_IN_TABLE:,} rows; --format csv, json or parquet has all.")
    if target:
        log(f"{frame.height:,} rows written to {target}")
    return 0


def _write(frame: pl.DataFrame, kind: str, out: IO[bytes]) -> None:
    if kind == "parquet":
        frame.write_parquet(out)
        return
    if kind == "csv":
        text = _flat(frame).write_csv()
    else:
        text = f"{frame.write_json() if kind == 'json' else table(frame)}\n"
    out.write(text.encode())
    out.flush()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists of texts as JSON: CSV has no cells for them, and all else that holds others is text."""
    import polars as pl

    lists = pl.col(pl.List(pl.String))
    return frame.with_columns(
        lists.map_elements(lambda value: json.dumps(list(value)), return_dtype=pl.String)
    )
