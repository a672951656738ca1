"""dwell prune: old raw events leave the lake, what is counted of their days stays."""

import argparse
from datetime import date, timedelta

from etl.config.settings import Settings, parse_duration
from etl.errors import ConfigError
from etl.lake import locked
from warehouse.build.prune import Prune, prune
from warehouse.cli.output import count, log, say, say_json

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

    def told(step: str, rows: int | None, seconds: float) -> None:
        if seconds >= 1:
            log(f"  {step}: {count(rows)} rows, {seconds:.1f} s")

    with locked(settings.home):
        done = prune(
            settings, older_than=older_than, before=before, dry_run=args.dry_run, told=told
        )
    if args.json:
        say_json(
            {
                "pruned_before": done.before,
                "events": done.events,
                "sessions": done.sessions,
                "events_staying": done.events_staying,
                "dry_run": args.dry_run,
                "build": done.build.number,
            }
        )
        return 0
    _tell(done, dry_run=args.dry_run)
    return 0


def _asked_for(
    args: argparse.Namespace, settings: Settings
) -> tuple[timedelta | None, date | None]:
    if args.before is not None:
        try:
            return None, date.fromisoformat(args.before)
        except ValueError as error:
            msg = f"'{args.before}' is no day. Write for example --before 2026-11-01."
            raise ConfigError(msg) from error
    if args.older_than is not None:
        try:
            return parse_duration(args.older_than), None
        except ValueError as error:
            msg = f"'{args.older_than}' is no duration. Write for example --older-than 30d."
            raise ConfigError(msg) from error
    if settings.keep_events is None:
        msg = (
            "How old is not said. Give --older-than 30d or --before 2026-11-01, or set "
            "keep_events in dwell.toml."
        )
        raise ConfigError(msg)
    return settings.keep_events, None


def _tell(done: Prune, *, dry_run: bool) -> None:
    if not done.events:
        say("Nothing is older. Nothing was changed.")
        return
    word = "would leave" if dry_run else "left"
    say(
        f"{count(done.events, 'event')} of {count(done.sessions, 'session')} before {done.before} "
        f"{word}; the numbers of their days {'would stay' if dry_run else 'stay'}."
    )
    if done.events_staying:
        say(
            f"{count(done.events_staying, 'earlier event')} {'would stay' if dry_run else 'stay'}: "
            "the sessions of those users go on past that day."
        )
    if not dry_run:
        say(f"Build {done.build.number} ({done.build.reason}).")
