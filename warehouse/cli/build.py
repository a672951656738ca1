"""dwell build: the models alone."""

import argparse

from etl.config.settings import Settings
from etl.lake import locked
from warehouse.build import build
from warehouse.cli.output import count, log, say, say_json

EXAMPLE = "dwell build --full"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whether to start from nothing."""
    command.add_argument(
        "--full", action="store_true", help="rebuild from the lake even if nothing changed"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Builds when something changed; 1 when a check refused the build."""

    def told(step: str, rows: int | None, seconds: float) -> None:
        told = f"  {step}: {'view' if rows is None else count(rows)}, {seconds:.2f} s"
        log(told, event="build_step", step=step, rows=rows, seconds=round(seconds, 3))

    with locked(settings.home):
        made = build(settings, full=args.full, told=told)
    if args.json:
        say_json(
            {
                "build": made.number,
                "path": str(made.path.resolve()),
                "as_of": made.as_of,
                "sessions": made.sessions,
                "events": made.events,
                "seconds": made.seconds,
                "is_new": made.is_new,
                "reason": made.reason,
            }
        )
        return 0
    say(
        f"Build {made.number} ({made.reason}): {count(made.sessions, 'session')}, "
        f"{count(made.events, 'event')}, {made.seconds:.1f} s."
    )
    return 0
