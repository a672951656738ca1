"""dwell run: load, wait, load again. For containers; elsewhere cron or systemd do it better."""

import argparse
import signal
import threading
import time
from types import FrameType

from etl.errors import Busy, ConfigError
from etl.lake import locked
from etl.settings import Settings, parse_duration
from warehouse.cli.load import inputs_of, load_and_build, summary
from warehouse.cli.output import count, log, say_json

EXAMPLE = "dwell run --every 15m"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How often, and how many times."""
    command.add_argument("--every", default="15m", metavar="TIME", help="such as 15m (default)")
    command.add_argument("--times", type=int, metavar="N", help="stop after so many rounds")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Rounds of load and build until stopped; 1 when the last round failed."""
    try:
        pause = parse_duration(args.every).total_seconds()
    except ValueError as error:
        msg = f"'{args.every}' is no duration. Write for example --every 15m."
        raise ConfigError(msg) from error
    whole = argparse.Namespace(
        paths=[], source=None, format=None, map=None, sessions=None, time_zone=None,
        exclude_users=None,
    )  # fmt: skip
    inputs = inputs_of(whole, settings)
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        log("Stopping after this round.")
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    rounds = 0
    code = 0
    while not stopping.is_set():
        started = time.monotonic()
        code = _round(args, settings, inputs)
        rounds += 1
        if args.times and rounds >= args.times:
            break
        stopping.wait(max(0.0, pause - (time.monotonic() - started)))
    return code


def _round(args: argparse.Namespace, settings: Settings, inputs: list) -> int:  # type: ignore[type-arg]
    started = time.monotonic()
    try:
        with locked(settings.home):
            outcomes, made, problem = load_and_build(settings, inputs)
    except Busy as error:
        log(str(error))
        return error.exit_code
    seconds = round(time.monotonic() - started, 3)
    if args.json:
        say_json(summary(outcomes, made, seconds) | ({"error": problem} if problem else {}))
    loaded = sum(outcome.status == "loaded" for outcome in outcomes)
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    number = made.number if made else "none"
    log(f"{count(loaded, 'file')} loaded, {failed} failed, build {number}, {seconds:.1f} s")
    if problem:
        log(problem)
    return 1 if failed or problem else 0
