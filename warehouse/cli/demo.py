"""dwell demo: the two-minute tour. Generates exports, loads them, serves the dashboard."""

import argparse
import json
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.config.days import moment_of
from etl.config.durations import checked_days
from etl.config.settings import CONFIG_FILE, Settings, load_settings
from etl.demo import generate
from etl.demo.live import visits
from etl.durable import write_json
from etl.errors import ConfigError
from etl.lake import Lake, locked
from warehouse.build_files import last_build
from warehouse.cli.dashboard import serve
from warehouse.cli.live_demo import play
from warehouse.cli.load import load_with_progress
from warehouse.cli.output import count, fail, log, say, say_json
from warehouse.demo_home import (
    LIVE_KEY,
    LIVE_SOURCE,
    demo_folder,
    demo_mark,
    is_of_demo,
    live_folder,
)
from warehouse.refresh import summary, wanted_by_default
from warehouse.written import duration

EXAMPLE = "dwell demo --port 8599"
# Older than this, the demo's "active now" would be a page of yesterday.
FRESH_FOR = timedelta(hours=6)
_LIVE = f"""
# Visits that are played into a collector of this home by `dwell demo --live`.
[sources.{LIVE_SOURCE}]
write_key = "{LIVE_KEY}"
"""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The size of the demo and where to serve it."""
    command.add_argument("--seed", type=int, default=7, help="same seed, same product")
    command.add_argument("--events", type=int, default=200_000, help="about so many events")
    command.add_argument("--days", type=int, default=90, help="days up to now")
    command.add_argument("--until", metavar="TIME", help="the demo's now (default: now)")
    command.add_argument("--port", type=int, help="port of the dashboard")
    command.add_argument("--no-dashboard", action="store_true", help="stop after the build")
    command.add_argument(
        "--live",
        nargs="?",
        const="",
        metavar="URL",
        help="play visits into a collector until Ctrl+C: one that is started, or that of the "
        "demo's home at URL",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Makes the demo if it is not there or has aged, then serves it."""
    started = time.monotonic()
    folder = demo_folder(settings.home)
    wanted = {
        "seed": args.seed,
        "events": args.events,
        "days": checked_days(args.days),
        "until": args.until,
    }
    with locked(settings.home):
        _refuse_foreign_home(settings)
        if not _is_there(settings, wanted):
            _start_over(settings, folder)
            log(f"Generating {count(args.events)} events of {args.days} days …")
            generate(
                folder,
                seed=args.seed,
                events=args.events,
                days=args.days,
                until=_until(args.until),
            )
            write_json(demo_mark(settings.home), wanted)
        demo = load_settings(settings.home, _write_config(settings.home, folder))
        result = load_with_progress(demo, wanted_by_default(demo))
    current = result.build
    if current is None:
        return fail(result.problem or "The demo could not be loaded.", 1, as_json=args.json)
    seconds = round(time.monotonic() - started, 3)
    if args.json:
        say_json(summary(result) | {"seconds": seconds})
    else:
        say(
            f"Demo in {settings.home}: {count(current.sessions, 'session')} of "
            f"{count(current.events, 'event')}, ready in {duration(seconds)}."
        )
    if args.live is not None:
        # Another seed each time: events that were sent once would be known.
        played = visits(time.time_ns(), time.time_ns() // 1_000_000)
        return play(demo, played, args.live, args.port, has_dashboard=not args.no_dashboard)
    return 0 if args.no_dashboard else serve(demo, args.port)


def _write_config(home: Path, folder: Path) -> Path:
    """The exports' configuration in the home, where every later command finds it."""
    text = (folder / CONFIG_FILE).read_text(encoding="utf-8") + _LIVE
    below = folder.relative_to(home).as_posix()
    config = home / CONFIG_FILE
    config.write_text(re.sub(r'"(web|chat|app)/', rf'"{below}/\1/', text), encoding="utf-8")
    return config


def _until(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    return moment_of(text, "--until")


def _refuse_foreign_home(settings: Settings) -> None:
    """The demo never mixes with data of yours."""
    foreign = {
        batch.source
        for batch in Lake(settings.home).batches()
        if not is_of_demo(settings.home, batch.file)
    }
    if foreign:
        msg = (
            f"{settings.home} holds data of yours (source {', '.join(sorted(foreign))}). The "
            "demo does not mix with it. Give it a folder of its own: dwell demo --home demo-data."
        )
        raise ConfigError(msg)


def _is_there(settings: Settings, wanted: dict[str, object]) -> bool:
    try:
        mark = json.loads(demo_mark(settings.home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    build = last_build(settings.home)
    if mark != wanted or build is None or build.as_of is None:
        return False
    age = datetime.now(UTC) - build.as_of.replace(tzinfo=UTC)
    return wanted["until"] is not None or age < FRESH_FOR


def _start_over(settings: Settings, folder: Path) -> None:
    """Removes an older demo: its exports, its lake and its builds."""
    if folder.exists():
        log("Removing the older demo …")
    home = settings.home
    for old in (folder, live_folder(home), home / "lake", home / "builds"):
        shutil.rmtree(old, ignore_errors=True)
