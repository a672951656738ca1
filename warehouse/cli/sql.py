"""dwell sql: one read-only question to the current build."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

import warehouse
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.cli.filtering import add_filtering, filters_of
from warehouse.cli.output import log, say
from warehouse.cli.sql_table import table
from warehouse.query import over_filtered

if TYPE_CHECKING:
    import polars as pl

_EXAMPLES = """dwell sql "select start_date, count(*) from user_sessions group by all order by 1"
  dwell sql "select median(duration_seconds) from filtered_sessions" --where device_type=mobile"""
_ABOUT = """SQL filters itself. --where and --segment choose what the relation filtered_sessions
holds: sessions as in user_sessions, bots left out, with what metrics average (bounced,
timed_seconds, …). Other tables are whole."""
EXAMPLE = f"{_EXAMPLES}\n\n{_ABOUT}"

_UNUSED = (
    "--where and --segment choose the sessions of filtered_sessions, which the query does not "
    "read. Write … from filtered_sessions, or leave them out: SQL filters itself."
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
    kind = "json" if args.json and args.format == "table" else args.format
    with warehouse.open(settings.home, build=args.build) as wh:
        try:
            query = _the_one_query(args.query)
            text, values = over_filtered(wh, query, filters_of(args, settings))
            if text == query and (args.where or args.segment):
                raise ConfigError(_UNUSED)
            frame = wh.sql(text, values or None).pl()
        except duckdb.Error as error:
            msg = f"{error} Mend the query and ask again."
            raise ConfigError(msg) from error
    target = Path(args.output) if args.output else None
    if kind == "parquet":
        if target is None and sys.stdout.isatty():
            msg = "Parquet is not for a terminal. Add --output FILE."
            raise ConfigError(msg)
        frame.write_parquet(target or sys.stdout.buffer)
    elif kind == "csv":
        _flat(frame).write_csv(target or sys.stdout.buffer)
    elif kind == "json":
        frame.write_json(target or sys.stdout.buffer)
        if target is None:
            say()
    elif target:
        target.write_text(table(frame) + "\n", encoding="utf-8")
    else:
        say(table(frame))
    if target:
        log(f"{frame.height:,} rows written to {target}")
    return 0


def _the_one_query(text: str) -> str:
    """The query without what ends it. ConfigError for several: only the last would be answered."""
    number = len(duckdb.extract_statements(text))
    if number > 1:
        msg = f"Met: {number} queries. Wanted: one, such as select 1. Ask one after the other."
        raise ConfigError(msg)
    ends = (at for at, kind in duckdb.tokenize(text) if kind.name == "operator")
    end = next((at for at in ends if text.encode()[at:].startswith(b";")), None)
    return text.encode()[:end].decode()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists as JSON text: CSV has no cells for them."""
    import polars as pl

    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(
        pl.col(name).map_elements(
            lambda value: json.dumps(list(value), default=str), return_dtype=pl.String
        )
        for name in nested
    )
