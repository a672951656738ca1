"""dwell build: the models alone."""

import argparse

from etl.config.settings import Settings
from etl.config.spark import spark_with
from etl.errors import ConfigError
from etl.lake import Lake, locked
from warehouse.build import build
from warehouse.build.own_properties import untold_properties
from warehouse.build.spark import SparkEngine
from warehouse.build.whole_lake import make_sessions
from warehouse.cli.forget import end_begun
from warehouse.cli.output import count, log, say, say_json
from warehouse.written import duration

EXAMPLE = "dwell build --full"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whether to start from nothing."""
    command.add_argument(
        "--full", action="store_true", help="rebuild from the lake even if nothing changed"
    )
    command.add_argument(
        "--engine",
        choices=("duckdb", "spark"),
        default="duckdb",
        help="what makes the sessions of all history (docs/scale.md)",
    )
    where = command.add_mutually_exclusive_group()
    where.add_argument("--master", metavar="URL", help="of Spark, such as spark://host:7077")
    where.add_argument("--remote", metavar="sc://…", help="a server of Spark Connect")


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

    spark = _spark(args, settings)
    with locked(settings.home):
        current = build(
            settings,
            full=args.full,
            on_step=on_step,
            make_sessions=spark.make_sessions if spark else make_sessions,
        )
        warnings = [*untold_properties(settings), *current.scope_problems]
        end_begun(settings, on_step)
    if spark and not spark.has_run:
        why = "it only adds what is new" if current.is_new else "nothing has changed since"
        log(
            f"DuckDB made build {current.number}: {why}, and Spark is for builds of all history. "
            "Add --full for one.",
            event="engine",
        )
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
                "engine": "spark" if spark and spark.has_run else "duckdb",
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


def _spark(args: argparse.Namespace, settings: Settings) -> SparkEngine | None:
    """What makes sessions on Spark, where that is asked for. ConfigError where it cannot."""
    given = {"master": args.master, "remote": args.remote}
    if args.engine != "spark":
        if named := [f"--{name}" for name, value in given.items() if value]:
            msg = f"{named[0]} says where Spark is. Add --engine spark."
            raise ConfigError(msg)
        return None
    spark = spark_with(settings.spark, **given)
    engine = SparkEngine(spark, settings.home, lambda text: log(text, event="engine"))
    engine.refuse_missing()
    return engine
