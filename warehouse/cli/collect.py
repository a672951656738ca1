"""dwell collect: takes events over HTTP until it is stopped. Never loads or builds."""

import argparse
import gc
import resource
import signal
import sys
from contextlib import suppress

from etl.config.hosts import is_loopback
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.cli.listening import address_of, listening_on
from warehouse.cli.output import log
from warehouse.version import version

EXAMPLE = "dwell collect --port 8600"
DEFAULT_PORT = 8600
# Browsers that send every few seconds need not connect each time.
_KEEP_ALIVE = 30
# What is being written when it is stopped is answered; who sends slowly is not waited for.
_LAST_ANSWERS = 5
# The thread that writes to disk and the one that answers take turns so often, in seconds. By
# Python's own 5 ms each waits for the other longer than for the disk.
_TURN = 0.001


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Where to listen."""
    command.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    command.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help=f"port (default {DEFAULT_PORT}; 0: any)"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Serves until stopped; what was being written then is kept and answered."""
    import uvicorn

    from etl.collector.app import create_app
    from etl.collector.patience import PatientProtocol
    from etl.collector.spool import Spool
    from etl.config.collect import refuse_shared_key, write_keys
    from warehouse.live.app import reading_routes
    from warehouse.live.described import described

    keys = write_keys(settings.sources)
    refuse_shared_key(settings.collect, keys)
    if not keys and not is_loopback(args.host):
        raise ConfigError(_without_key(args.host))
    listening = listening_on(args.host, args.port)
    port = listening.getsockname()[1]
    spool = Spool(settings.home, age=settings.spool_age)
    reading = reading_routes(settings.home, settings)
    app = create_app(
        settings,
        spool,
        reading,
        described=described(),
        on_refused=_refused,
        on_rules=lambda text: log(text, event="rules_changed"),
        version=version(),
    )
    named = ", ".join(source.name for source in keys.values())
    taken = f"for {named}" if keys else "of this machine alone: no source has a write_key"
    log(
        f"Collecting on http://{address_of(args.host, port)}, {taken} (stop with Ctrl+C)",
        event="collecting", host=args.host, port=port,
    )  # fmt: skip
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_LAST_ANSWERS,
    )
    sys.setswitchinterval(_TURN)
    # Each visitor keeps a connection for a while: the usual 1,024 files are soon taken.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # What is there now stays. To look through it for garbage would take 20 ms each time.
    gc.freeze()
    # Uvicorn passes on what stopped it, once all is answered and closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    gc.unfreeze()
    log("Stopped. All that was answered is on disk.", event="stopped")
    return 0


def _refused(text: str, count: int) -> None:
    times = "" if count == 1 else f" ({count:,} times more)"
    log(f"Refused with {text}{times}", event="refused", count=count)


def _without_key(host: str) -> str:
    return (
        f"No source has a write key, so that {host} would take events of anybody. Wanted: a key "
        'in dwell.toml. Write there:\n\n[sources.web]\nwrite_key = "a long word of your own"\n'
        'origins = ["https://www.example.com"]\n\nand send it as X-Write-Key or ?key=. Without '
        "one, only --host 127.0.0.1 is served."
    )
