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
from warehouse.cli.output import log, say
from warehouse.cli.sql_table import table

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = 'dwell sql "select start_date, count(*) from user_sessions group by all order by 1"'


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


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints or writes all rows of the answer."""
    kind = "json" if args.json and args.format == "table" else args.format
    with warehouse.open(settings.home, build=args.build) as wh:
        try:
            _refuse_several(args.query)
            frame = wh.sql(args.query).pl()
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


def _refuse_several(text: str) -> None:
    """ConfigError for more than one query: only the last of them would be answered."""
    number = len(duckdb.extract_statements(text))
    if number > 1:
        msg = f"Met: {number} queries. Wanted: one, such as select 1. Ask one after the other."
        raise ConfigError(msg)


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
