"""dwell build: the models alone."""

import argparse

from etl.config.settings import Settings
from etl.lake import Lake, locked
from warehouse.build import build
from warehouse.build.own_properties import untold_properties
from warehouse.cli.forget import end_begun
from warehouse.cli.output import count, log, say, say_json
from warehouse.written import duration

EXAMPLE = "dwell build --full"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whether to start from nothing."""
    command.add_argument(
        "--full", action="store_true", help="rebuild from the lake even if nothing changed"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Builds when something changed; 1 when a check refused the build."""

    # Of a build of nothing no step is news.
    is_empty = not Lake(settings.home).state().events

    def on_step(step: str, rows: int | None, seconds: float) -> None:
        text = f"  {step}: {'view' if rows is None else count(rows)}, {seconds:.2f} s"
        log(
            text,
            event="build_step",
            is_detail=is_empty,
            step=step,
            rows=rows,
            seconds=round(seconds, 3),
        )

    with locked(settings.home):
        current = build(settings, full=args.full, on_step=on_step)
        warnings = [*untold_properties(settings), *current.scope_problems]
        end_begun(settings, on_step)
    for warning in warnings:
        log(f"warning: {warning}", event="warning", level="warning")
    # What the making of a build took is no news when it was there already.
    seconds = current.seconds if current.is_new else 0.0
    if args.json:
        say_json(
            {
                "build": current.number,
                "path": str(current.path.resolve()),
                "as_of": current.as_of,
                "sessions": current.sessions,
                "events": current.events,
                "seconds": seconds,
                "is_new": current.is_new,
                "reason": current.reason,
                "warnings": warnings,
            }
        )
        return 0
    say(
        f"Build {current.number} ({current.reason}): {count(current.sessions, 'session')}, "
        f"{count(current.events, 'event')}, {duration(seconds)}."
    )
    if is_empty:
        say(f"{settings.home} holds no events. Run 'dwell load' with an export.")
    return 0
