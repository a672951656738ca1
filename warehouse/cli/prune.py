"""dwell prune: old raw events leave the lake, what is counted of their days stays."""

import argparse
from datetime import date, timedelta

from etl.config.days import day_of
from etl.config.durations import duration_of
from etl.config.settings import Settings
from etl.errors import ConfigError
from etl.lake import locked
from warehouse.build.prune import Prune, prune
from warehouse.cli.output import count, log, say, say_json
from warehouse.written import duration

EXAMPLE = "dwell prune --older-than 30d --dry-run"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How old, or before which day."""
    age = command.add_mutually_exclusive_group()
    age.add_argument(
        "--older-than",
        metavar="TIME",
        help="counted back from the newest event, such as 30d (default: keep_events)",
    )
    age.add_argument("--before", metavar="DAY", help="everything before a day, such as 2026-11-01")
    command.add_argument("--dry-run", action="store_true", help="only say what would leave")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prunes and builds; 1 when a check refused a build."""
    older_than, before = _asked_for(args, settings)

    def on_step(step: str, rows: int | None, seconds: float) -> None:
        if seconds >= 1:
            log(f"  {step}: {count(rows)} rows, {duration(seconds)}")

    with locked(settings.home):
        pruned = prune(
            settings, older_than=older_than, before=before, dry_run=args.dry_run, on_step=on_step
        )
    if args.json:
        say_json(
            {
                "pruned_before": pruned.before,
                "events": pruned.events,
                "sessions": pruned.sessions,
                "events_staying": pruned.events_staying,
                "dry_run": args.dry_run,
                "build": pruned.build.number,
            }
        )
        return 0
    _tell(pruned, dry_run=args.dry_run)
    return 0


def _asked_for(
    args: argparse.Namespace, settings: Settings
) -> tuple[timedelta | None, date | None]:
    if args.before is not None:
        return None, day_of(args.before, "--before")
    if args.older_than is not None:
        return duration_of(args.older_than, "--older-than", "30d"), None
    if settings.keep_events is None:
        msg = (
            "How old is not said. Give --older-than 30d or --before 2026-11-01, or set "
            "keep_events in dwell.toml."
        )
        raise ConfigError(msg)
    return settings.keep_events, None


def _tell(pruned: Prune, *, dry_run: bool) -> None:
    if not pruned.events:
        say("Nothing is older. Nothing was changed.")
        return
    left, stay = ("would leave", "would stay") if dry_run else ("left", "stay")
    say(
        f"{count(pruned.events, 'event')} of {count(pruned.sessions, 'session')} before "
        f"{pruned.before} {left}; the numbers of their days {stay}."
    )
    if pruned.events_staying:
        say(
            f"{count(pruned.events_staying, 'earlier event')} {stay}: the sessions of those users "
            "go on past that day."
        )
    if not dry_run:
        say(f"Build {pruned.build.number} ({pruned.build.reason}).")
