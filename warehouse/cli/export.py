"""dwell export: a table, a query or a metric as a file, or the exports of dwell.toml."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import warehouse
from etl.config.exports import FORMATS, format_of
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.cli.asking import add_asking, asked_of
from warehouse.cli.output import count, log, say_json
from warehouse.exports.answers import Answer, answer
from warehouse.exports.asked import kind_of
from warehouse.exports.files import refuse_target, write_file
from warehouse.frame_files import write_frames

if TYPE_CHECKING:
    from warehouse.exports.run import Exported

EXAMPLE = """dwell export user_sessions --output sessions.parquet
  dwell export bounce_rate --by week --where device_type=mobile --output bounce.xlsx
  dwell export "from filtered_sessions order by start_time" --days 7 --output week.csv
  dwell export --due"""

_STREAMS = ("csv", "json", "ndjson")
_WANTED = (
    "Wanted: one of a table, query or metric, --due, --only and --all. Write for example 'dwell "
    "export user_sessions --output sessions.csv'."
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What is asked, and the file that it becomes."""
    command.add_argument(
        "asked",
        metavar="TABLE|QUERY|METRIC",
        nargs="?",
        help="a table of the build, filtered_sessions or another relation of `dwell sql`, a query, "
        "or a metric; a name that is both is the table, but with --by or --compare",
    )
    command.add_argument(
        "--format", choices=FORMATS, help="of the file (default: as its name ends, else csv)"
    )
    command.add_argument(
        "--output",
        metavar="FILE",
        help="written in place of what is there; - is stdout (default: NAME-DAY in this folder)",
    )
    command.add_argument(
        "--head", action="store_true", help="lines on a CSV that tell of it, behind a #"
    )
    command.add_argument(
        "--due", action="store_true", help="write the exports of dwell.toml that are due"
    )
    command.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="write that export of dwell.toml now; again for others",
    )
    command.add_argument("--all", action="store_true", help="write all of them now")
    add_asking(command)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Writes a file, or the exports of dwell.toml: 1 when one of them failed."""
    ways = (args.asked is not None, args.due, bool(args.only), args.all)
    if sum(ways) != 1:
        raise ConfigError(_WANTED)
    if args.asked is None:
        return _run_exports(args, settings)
    if not args.asked.strip():
        raise ConfigError(_WANTED)
    with warehouse.open(settings.home, build=args.build) as wh:
        is_metric = args.by is not None or args.compare is not None
        kind = kind_of(wh, args.asked, is_metric=is_metric)
        if kind == "query" and is_metric:
            msg = "--by and --compare are of metrics. Leave them out: SQL groups itself."
            raise ConfigError(msg)
        found = answer(wh, settings, asked_of(args, **{kind: args.asked}))
        return _write(args, settings, found)


def _write(args: argparse.Namespace, settings: Settings, found: Answer) -> int:
    form = args.format
    if args.output == "-":
        form = form or "csv"
        if form not in _STREAMS:
            msg = f"{form} is no format for stdout. Wanted: {', '.join(_STREAMS)}; or a file."
            raise ConfigError(msg)
        with found.frames(form) as frames:
            write_frames(frames, form, _facts(args, form, found), sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return 0
    if args.output is None:
        form = form or "csv"
        target = Path(f"{_name(found)}.{form}")
    else:
        target = Path(args.output).expanduser()
        form = format_of(str(target), form, "--output")
    refuse_target(target, settings)
    with found.frames(form) as frames:
        rows = write_file(frames, form, _facts(args, form, found), target)
    if args.json:
        say_json({"path": str(target), "format": form, "rows": rows, **_origin(found)})
    else:
        # A name that nobody gave is told with its folder.
        shown = target if args.output else target.absolute()
        log(f"{count(rows, 'row')} written to {shown}", event="exported", rows=rows)
    return 0


def _name(found: Answer) -> str:
    """bounce_rate-2026-11-30: what is asked, and the last day that it holds."""
    asked = found.asked
    name = asked.table or asked.metric or "query"
    return f"{name}-{found.last_day}" if found.last_day else name


def _facts(args: argparse.Namespace, form: str, found: Answer) -> dict[str, str]:
    return {} if form == "csv" and not args.head else dict(found.facts)


def _origin(found: Answer) -> dict[str, object]:
    """What the rows were read from."""
    filters = found.filters
    ends = {"from": filters.start, "to": filters.end}
    return {**ends, "build": found.wh.build, "as_of": found.wh.as_of}


# Of a file that is asked for here: dwell.toml says it of its exports.
_OF_FILES = {
    **{name: f"--{name}" for name in ("output", "format", "head", "by", "days", "compare")},
    **{name: f"--{name}" for name in ("where", "segment", "bots", "build")},
    **{"start": "--from", "end": "--to"},
}


def _run_exports(args: argparse.Namespace, settings: Settings) -> int:
    from warehouse.exports.run import run as run_exports

    for name, flag in _OF_FILES.items():
        if getattr(args, name) not in (None, False, []):
            msg = f"{flag} is of a file that is asked for here. Write it into dwell.toml instead."
            raise ConfigError(msg)
    names = args.only
    if args.all:
        names = [entry.name for entry in settings.exports]
    if not settings.exports and not args.only:
        msg = "dwell.toml has no exports. Write [exports.NAME] into it; see docs/exports.md."
        raise ConfigError(msg)
    done = run_exports(settings, names)
    for each in done:
        tell(each)
    if args.json:
        say_json({"exports": [asdict(each) for each in done]})
    elif not done:
        log("No export is due. --only NAME writes one now, --all writes all.")
    return int(any(each.status == "failed" for each in done))


def tell(exported: Exported) -> None:
    """One line of the log on what came of an export of dwell.toml."""
    if exported.status == "failed":
        text = f"Export {exported.name} failed, and is tried again: {exported.message}"
        log(text, event="export_failed", level="error", export=exported.name)
        return
    log(
        f"{exported.name}: {count(exported.rows, 'row')} written to {exported.path}",
        event="exported",
        export=exported.name,
        file=str(exported.path),
        rows=exported.rows,
        seconds=exported.seconds,
    )
