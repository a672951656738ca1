"""dwell prune: old raw events and texts leave, what is counted of them stays."""

import argparse
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from etl.config.days import day_of
from etl.config.durations import duration_of
from etl.config.settings import Settings
from etl.errors import ConfigError
from etl.lake import locked
from warehouse.build.old_texts import DroppedTexts, drop_old_texts
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
    """Prunes, drops texts and builds; 1 when a check refused a build."""
    older_than, before = _asked_for(args, settings)
    is_asked = args.before is not None or args.older_than is not None

    def on_step(step: str, rows: int | None, seconds: float) -> None:
        if seconds >= 1:
            log(f"  {step}: {count(rows)} rows, {duration(seconds)}")

    dry_run, pruned, dropped = args.dry_run, None, None
    with locked(settings.home):
        if older_than or before:
            pruned = prune(
                settings, older_than=older_than, before=before, dry_run=dry_run, on_step=on_step
            )
        # Who names an age or a day asks for events of that age alone.
        if not is_asked:
            dropped = drop_old_texts(settings, dry_run=dry_run, on_step=on_step)
    if args.json:
        say_json(_as_plain(pruned, dropped, dry_run=dry_run))
        return 0
    if pruned:
        _tell(pruned, dry_run=dry_run)
    if dropped and dropped.before:
        _tell_texts(dropped, settings, dry_run=dry_run)
    return 0


def _as_plain(
    pruned: Prune | None, dropped: DroppedTexts | None, *, dry_run: bool
) -> dict[str, object]:
    last = dropped or pruned
    told: dict[str, object] = {
        "pruned_before": pruned.before if pruned else None,
        "events": pruned.events if pruned else 0,
        "sessions": pruned.sessions if pruned else 0,
        "events_staying": pruned.events_staying if pruned else 0,
        "dry_run": dry_run,
        "build": last.build.number if last else None,
    }
    if dropped:
        told["texts"] = {
            "events": dropped.events,
            "rejected_rows": dropped.rejected,
            "before": {source: f"{time.isoformat()}Z" for source, time in dropped.before.items()},
        }
    return told


def _asked_for(
    args: argparse.Namespace, settings: Settings
) -> tuple[timedelta | None, date | None]:
    if args.before is not None:
        return None, day_of(args.before, "--before")
    if args.older_than is not None:
        return duration_of(args.older_than, "--older-than", "30d"), None
    if settings.keep_events is None and not settings.keeps_texts_for_some_time:
        msg = (
            "How old is not said. Give --older-than 30d or --before 2026-11-01, or set "
            "keep_events or keep_texts in dwell.toml."
        )
        raise ConfigError(msg)
    return settings.keep_events, None


def _tell_texts(dropped: DroppedTexts, settings: Settings, *, dry_run: bool) -> None:
    events, rejected = count(dropped.events, "event"), count(dropped.rejected, "rejected row")
    if not dropped.events and not dropped.rejected:
        say("No text is older than it is kept. Nothing was changed.")
        return
    gone = "would be dropped" if dry_run else "were dropped"
    say(f"The texts of {events} and {rejected} {gone}; the events and their numbers stay.")
    zone = ZoneInfo(settings.time_zone)
    for source, time in dropped.before.items():
        say(f"  {source}: before {time.replace(tzinfo=UTC).astimezone(zone).date()}")
    if not dry_run:
        say(f"Build {dropped.build.number}; the builds before it are gone with their texts.")


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
