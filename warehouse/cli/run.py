"""dwell run: load, wait, load again. For containers; elsewhere cron or systemd do it better."""

from __future__ import annotations

import argparse
import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from etl.config.durations import duration_of
from etl.config.settings import Settings
from etl.duck import was_stopped
from etl.errors import Busy, DwellError, disk_full
from etl.lake import locked
from warehouse.cli.following import follow
from warehouse.cli.load import load_with_progress
from warehouse.cli.output import count, log, say_json, start_log, trace
from warehouse.refresh import summary, wanted_by_default
from warehouse.written import duration

EXAMPLE = "dwell run --every 15m"
_STOPPED = "Stopped. What was committed stays; the next run goes on from there."
_GRACE_SECONDS = 1.0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How often, and how many times."""
    command.add_argument("--every", default="15m", metavar="TIME", help="such as 15m (default)")
    command.add_argument("--times", type=int, metavar="N", help="stop after so many rounds")


class _Stop:
    """SIGTERM and SIGINT end the wait, and a round in its middle: a load may be cut anywhere."""

    def __init__(self) -> None:
        self.is_asked = False
        self._is_in_round = False
        self._is_over = threading.Event()
        # Holds a byte from the first signal on, and is never read.
        self._reading, self._writing = os.pipe()

    @contextmanager
    def listening(self) -> Iterator[_Stop]:
        """The signals mean this in here, and what they meant before afterwards."""
        os.set_blocking(self._writing, False)
        wakeup = signal.set_wakeup_fd(self._writing)
        handlers = {n: signal.signal(n, self._ask) for n in (signal.SIGTERM, signal.SIGINT)}
        insisting = threading.Thread(target=self._insist)
        insisting.start()
        try:
            yield self
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(wakeup)
            self._is_over.set()
            os.close(self._writing)
            insisting.join()
            os.close(self._reading)

    @contextmanager
    def in_round(self) -> Iterator[None]:
        """A signal ends what is done in here."""
        self._is_in_round = True
        try:
            yield
        except KeyboardInterrupt:
            self.is_asked = True
        finally:
            self._is_in_round = False

    def wait(self, seconds: float) -> None:
        """Waits so long, or until a signal comes."""
        select.select([self._reading], [], [], seconds)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.is_asked = True
        if self._is_in_round:
            raise KeyboardInterrupt

    def _insist(self) -> None:
        """Ends the process when it goes on after a signal: a long call of a library hears none."""
        select.select([self._reading], [], [])
        if not self._is_over.wait(_GRACE_SECONDS):
            log(_STOPPED, event="stopped")
            # As good as any other moment: the kernel frees the lock, the next load clears up.
            os._exit(0)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Rounds of load and build until stopped: 0 then. With --times, the last round's code."""
    pause = duration_of(args.every, "--every", "15m").total_seconds()
    # Wrong usage is told at once, not once a round.
    wanted_by_default(settings)
    with _Stop().listening() as stop:
        return _rounds(args, settings, pause, stop)


def _rounds(args: argparse.Namespace, settings: Settings, pause: float, stop: _Stop) -> int:
    rounds = code = 0
    while not stop.is_asked:
        started = time.monotonic()
        start_log(args.log, has_traces=args.debug)
        with stop.in_round():
            # Only in here does a signal end the round.
            if not stop.is_asked:
                code = _round(args, settings)
        rounds += 1
        if args.times and rounds >= args.times and not stop.is_asked:
            return code
        stop.wait(max(0.0, pause - (time.monotonic() - started)))
    log(_STOPPED, event="stopped")
    return 0


def _round(args: argparse.Namespace, settings: Settings) -> int:
    """One load and build; its exit code. Whatever fails in it does not end the next one."""
    try:
        with locked(settings.home):
            result = load_with_progress(settings, wanted_by_default(settings))
        followed = follow(settings)
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
        said = disk_full(error, settings.home) or (
            f"{type(error).__name__}: {error}. --debug tells the whole story."
        )
        text = f"Round failed. {said}"
        log(text, event="round_failed", level="error")
        return 1
    if args.json:
        say_json(summary(result) | followed)
    if result.problem:
        log(result.problem, event="build_failed", level="error")
    number = result.build.number if result.build else "none"
    log(
        f"{count(result.how_many('loaded'), 'file')} loaded, {result.how_many('failed')} failed, "
        f"build {number}, {duration(result.seconds)}",
        event="round_finished",
        seconds=result.seconds,
    )
    return int(result.has_failed)
