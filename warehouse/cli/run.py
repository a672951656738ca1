"""dwell run: load, wait, load again. For containers; elsewhere cron or systemd do it better."""

import argparse
import signal
import threading
import time
from types import FrameType

from etl.errors import Busy, ConfigError, DwellError
from etl.lake import locked
from etl.load import was_stopped
from etl.settings import Settings, parse_duration
from warehouse.cli.load import load_and_build, summary, wanted_by_default
from warehouse.cli.output import count, log, say_json, start_log, trace

EXAMPLE = "dwell run --every 15m"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How often, and how many times."""
    command.add_argument("--every", default="15m", metavar="TIME", help="such as 15m (default)")
    command.add_argument("--times", type=int, metavar="N", help="stop after so many rounds")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Rounds of load and build until stopped: 0 then. With --times, the last round's code."""
    try:
        pause = parse_duration(args.every).total_seconds()
    except ValueError as error:
        msg = f"'{args.every}' is no duration. Write for example --every 15m."
        raise ConfigError(msg) from error
    # Wrong usage is told at once, not once a round.
    wanted_by_default(settings)
    stop = _Stop()
    rounds = code = 0
    while not stop.asked.is_set():
        started = time.monotonic()
        start_log(args.log, has_traces=args.debug)
        with stop:
            # Only in here does a signal end the round.
            if not stop.asked.is_set():
                code = _round(args, settings)
        rounds += 1
        if args.times and rounds >= args.times and not stop.asked.is_set():
            return code
        stop.asked.wait(max(0.0, pause - (time.monotonic() - started)))
    log("Stopped. What was committed stays; the next run goes on from there.", event="stopped")
    return 0


class _Stop:
    """SIGTERM and SIGINT end the wait, and a round in its middle: a load may be cut anywhere."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.is_in_round = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def __enter__(self) -> None:
        self.is_in_round = True

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self.is_in_round = False
        return isinstance(error, KeyboardInterrupt)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked.set()
        if self.is_in_round:
            raise KeyboardInterrupt


def _round(args: argparse.Namespace, settings: Settings) -> int:
    """One load and build; its exit code. Whatever fails in it does not end the next one."""
    try:
        with locked(settings.home):
            result = load_and_build(settings, wanted_by_default(settings))
    except Busy as error:
        log(f"Round skipped. {error}", event="round_skipped", level="warning")
        return error.exit_code
    except DwellError as error:
        trace(error)
        log(f"Round failed. {error}", event="round_failed", level="error")
        return error.exit_code
    except Exception as error:
        if was_stopped(error):
            raise KeyboardInterrupt from error
        trace(error)
        text = f"Round failed. {type(error).__name__}: {error}. --debug tells the whole story."
        log(text, event="round_failed", level="error")
        return 1
    if args.json:
        say_json(summary(result))
    if result.problem:
        log(result.problem, event="build_failed", level="error")
    number = result.build.number if result.build else "none"
    log(
        f"{count(result.how_many('loaded'), 'file')} loaded, {result.how_many('failed')} failed, "
        f"build {number}, {result.seconds:.1f} s",
        event="round_finished",
        seconds=result.seconds,
    )
    return result.exit_code
