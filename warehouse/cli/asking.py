"""What of which sessions: the arguments of the commands that ask for rows of a period."""

import argparse
from typing import get_args

from etl.config.days import day_of
from etl.errors import ConfigError
from warehouse.cli.filtering import add_filtering
from warehouse.condition_texts import conditions_of_texts
from warehouse.dimensions import DIMENSIONS
from warehouse.exports.asked import DEFAULT_DAYS, Asked
from warehouse.metric_answers import GRAINS
from warehouse.metrics.compared import Compare


def add_asking(command: argparse.ArgumentParser) -> None:
    """By what, of which period and sessions, and of which build."""
    command.add_argument(
        "--by",
        metavar="NAME",
        help=f"{', '.join(GRAINS)}, or a property of sessions: "
        + ", ".join(dimension.name for dimension in DIMENSIONS)
        + ", or one of dwell.toml",
    )
    command.add_argument("--from", dest="start", metavar="DAY", help="first day, local")
    command.add_argument("--to", dest="end", metavar="DAY", help="last day (default: the newest)")
    command.add_argument(
        "--days",
        type=int,
        metavar="N",
        help=f"days up to the last one, the running one included (default {DEFAULT_DAYS})",
    )
    add_filtering(command)
    command.add_argument(
        "--compare",
        nargs="?",
        const="weekday",
        metavar="HOW",
        choices=[how for how in get_args(Compare) if how != "none"],
        help="beside an earlier period: weekday (default; the fewest whole weeks before), previous "
        "or year",
    )
    command.add_argument("--bots", action="store_true", help="count sessions of bots too")
    command.add_argument("--build", type=int, metavar="N", help="a kept build's number")


def asked_of(
    args: argparse.Namespace, *, metric: str = "", table: str = "", query: str = ""
) -> Asked:
    """What the arguments ask. ConfigError for days and conditions that are none."""
    if args.start and args.days is not None:
        msg = "--from and --days both say when the period begins. Leave one of them out."
        raise ConfigError(msg)
    return Asked(
        table,
        query,
        metric,
        args.by,
        args.compare,
        day_of(args.start, "--from") if args.start else None,
        day_of(args.end, "--to") if args.end else None,
        args.days,
        where=conditions_of_texts(args.where),
        segments=tuple(args.segment),
        include_bots=args.bots,
    )
