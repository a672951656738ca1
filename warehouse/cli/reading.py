"""What to load and how to read it, as arguments of the commands that do."""

import argparse
from typing import Any

from etl.config.keys import TIME_FORMAT, TIME_ZONE, Kind
from etl.config.settings import Settings
from etl.config.sources import check_sessions, parse_map
from etl.errors import ConfigError
from etl.formats.registry import BY_NAME, check_format
from warehouse.refresh import Wanted, wanted_by_default, wanted_files


def add_reading(command: argparse.ArgumentParser) -> None:
    """Paths and how to read them."""
    command.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, folders or patterns; none: dwell.toml's",
    )
    command.add_argument(
        "--format",
        metavar="F",
        help=f"how files are read, where it is not found by itself: {', '.join(BY_NAME)}",
    )
    command.add_argument("--source", metavar="NAME", help="source that the files belong to")
    command.add_argument(
        "--map",
        metavar="ROLE=COLUMN,…",
        help="columns by name, or by number from 1 in a file without header; roles: user, time, "
        "type, id, page, session, any other becomes a property; 'x' in quotes is a constant; "
        "time=DATE+CLOCK joins two columns",
    )
    command.add_argument(
        "--sessions", metavar="R", help="inactivity or tracker: how the source sessionises"
    )
    command.add_argument("--time-zone", metavar="ZONE", help="zone of times without offset")
    command.add_argument(
        "--time-format",
        metavar="T",
        help="shape of the times, where it is not told from the column: epoch_ms, day_first, "
        "excel, … (docs/formats.md) or a strptime pattern",
    )
    command.add_argument(
        "--exclude-users",
        metavar="ID,…",
        help="users that are left out (--exclude-users=-1)",
    )


def wanted_of(args: argparse.Namespace, settings: Settings, *, is_trial: bool = False) -> Wanted:
    """The given paths, else what is configured and what has landed (or one source of that).

    A trial changes no file that it finds.
    """
    check_format(args.format)
    check_sessions(args.sessions)
    if not args.paths:
        _refuse_reading(args)
        return wanted_by_default(settings, args.source, is_trial=is_trial)
    options = {
        "format": args.format,
        "map": parse_map(args.map),
        "sessions": args.sessions,
        "time_zone": args.time_zone and _option("--time-zone", TIME_ZONE, args.time_zone),
        "time_format": args.time_format and _option("--time-format", TIME_FORMAT, args.time_format),
        "exclude_users": tuple((args.exclude_users or "").split(",")),
    }
    given = {name: value for name, value in options.items() if value and value != ("",)}
    return wanted_files(settings, args.paths, args.source, **given)


def _refuse_reading(args: argparse.Namespace) -> None:
    """How files are read is said of files that are named: of others dwell.toml says it."""
    for name in ("format", "map", "sessions", "time_zone", "time_format", "exclude_users"):
        if getattr(args, name) is not None:
            option = "--" + name.replace("_", "-")
            msg = (
                f"{option} is for files that are named, and none is. Name them (dwell load "
                f"visits.csv {option} …), or write {name} in dwell.toml for a source."
            )
            raise ConfigError(msg)


def _option(name: str, kind: Kind, written: str) -> Any:
    """The value of an option. ConfigError where it does not fit."""
    try:
        return kind.read(written)
    except (ValueError, KeyError, OSError):
        msg = f"{name} has the value '{written}'. Wanted: {kind.wanted}.{kind.near(written)}"
        raise ConfigError(msg) from None
