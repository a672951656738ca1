"""The demo's collector and dashboard, and visits that are played into it at the pace of people.

What it starts ends with it. It never plays into a collector that is not of the demo's home.
"""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from etl.config.settings import Settings
from etl.errors import ConfigError, DwellError
from warehouse.cli.collect import DEFAULT_PORT
from warehouse.cli.dashboard import free_port
from warehouse.cli.output import count, log
from warehouse.demo_home import LIVE_KEY

_HERE = "127.0.0.1"
_COMMAND = (sys.executable, "-c", "import sys; from warehouse.cli import main; sys.exit(main())")
_START_SECONDS = 30
_STOPS = (signal.SIGINT, signal.SIGTERM)
_STOP_SECONDS = 15
_LOOK_SECONDS = 0.5


class Played(Protocol):
    """One request: when it is sent (epoch ms), as which browser, and its body."""

    @property
    def at(self) -> int:
        """Epoch ms."""

    @property
    def user_agent(self) -> str:
        """As browsers send it."""

    @property
    def body(self) -> dict[str, Any]:
        """For `POST /i`."""


def play(
    settings: Settings,
    requests: Iterable[Played],
    collector: str,
    port: int | None,
    *,
    has_dashboard: bool,
) -> int:
    """Plays until stopped, into the collector at that address or one that is started; then 0.

    ConfigError when the collector is not the demo's; DwellError when what was started ends.
    """
    sent = 0
    with _children(settings) as children, suppress(KeyboardInterrupt):
        is_ours = not collector
        if is_ours:
            free = free_port(_HERE, DEFAULT_PORT)
            children.start("collect", "--port", str(free))
            collector = f"http://{_HERE}:{free}"
        collector = collector.rstrip("/")
        _refuse_another(collector, children, is_ours=is_ours)
        if has_dashboard:
            children.start("dashboard", *(("--port", str(port)) if port else ()))
        log(f"Visits are played into {collector}. Look at Active now (stop with Ctrl+C).")
        for request in requests:
            children.wait_until(request.at / 1000)
            _send(collector, request, children)
            sent += 1
    log(f"Stopped. {count(sent, 'event')} sent; the next load takes them.", event="stopped")
    return 0


class _Children:
    """Commands of Dwell that run beside this one."""

    def __init__(self, settings: Settings) -> None:
        self._home = ("--home", str(settings.home.resolve()))
        self._config = ("--config", str(settings.config.resolve())) if settings.config else ()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, command: str, *words: str) -> None:
        """Starts a command on the same home; its log goes where ours goes."""
        given = [*_COMMAND, command, *self._home, *self._config, *words]
        self._running[command] = subprocess.Popen(given, stdin=subprocess.DEVNULL)

    def wait_until(self, moment: float) -> None:
        """Waits until then. DwellError when one of them has ended meanwhile."""
        while True:
            for command, process in self._running.items():
                if process.poll() is not None:
                    msg = f"'dwell {command}' has ended, and the live demo with it. See its error."
                    raise DwellError(msg)
            seconds = moment - time.time()
            if seconds <= 0:
                return
            time.sleep(min(seconds, _LOOK_SECONDS))

    def stop(self) -> None:
        """Ends them: kindly, and who does not listen by force."""
        for process in self._running.values():
            process.terminate()
        end = time.monotonic() + _STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _children(settings: Settings) -> Iterator[_Children]:
    """Nothing that was started in here is left behind; SIGTERM is as good as Ctrl+C, which a shell
    may have us ignore that started this behind it.
    """
    children = _Children(settings)
    before = {number: signal.signal(number, signal.default_int_handler) for number in _STOPS}
    try:
        yield children
    finally:
        # A second Ctrl+C would leave some of them behind.
        for number in _STOPS:
            signal.signal(number, signal.SIG_IGN)
        children.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_another(collector: str, children: _Children, *, is_ours: bool) -> None:
    """Waits until the collector answers. ConfigError when it does not want the demo's key alone.

    One that we started is asked by that key only, as it logs what it refuses.
    """
    end = time.monotonic() + _START_SECONDS
    nothing: dict[str, Any] = {"events": []}
    first, wanted = (LIVE_KEY, 204) if is_ours else ("no key of anybody", 401)
    while (status := _status(collector, nothing, first, "")) is None:
        if time.monotonic() > end:
            msg = f"No collector answers at {collector}. Start 'dwell collect', or leave it out."
            raise ConfigError(msg)
        children.wait_until(time.time() + 0.1)
    if status != wanted or _status(collector, nothing, LIVE_KEY, "") != 204:
        msg = (
            f"The collector at {collector} is not of the demo's home: visits would be mixed with "
            "data of yours. Start one with 'dwell collect --home' and the demo's home, or leave "
            "the address out."
        )
        raise ConfigError(msg)


def _send(collector: str, request: Played, children: _Children) -> None:
    """Sends a request until it was taken: while the disk is full or nobody answers, again."""
    body = request.body | {"sent_at": time.time_ns() // 1_000_000}
    while (status := _status(collector, body, LIVE_KEY, request.user_agent)) != 204:
        if status not in (None, 429, 503):
            msg = f"The collector at {collector} answered {status} to a visit of the demo."
            raise DwellError(msg)
        children.wait_until(time.time() + 1)


def _status(collector: str, body: dict[str, Any], key: str, user_agent: str) -> int | None:
    """The status of the answer; None where there is none."""
    headers = {"X-Write-Key": key, "User-Agent": user_agent, "Content-Type": "application/json"}
    try:
        request = urllib.request.Request(f"{collector}/i", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except ValueError:
        msg = f"'{collector}' is no address. Wanted: one such as http://127.0.0.1:8600."
        raise ConfigError(msg) from None
    except OSError:
        return None
