"""The command line: parses, delegates, tells. Holds no logic of its own.

Each command is a module here with NAME, HELP, EXAMPLE, add_arguments and run. They are imported
only when they are called, so that --help and a scheduler's call start at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from warehouse.cli.output import fail, log, start_log, trace, writes_json
from warehouse.cli.usage import Parser, WrongUsage, log_form
from warehouse.version import version

# Name and sentence stand here so that --help imports nothing.
COMMANDS = {
    "demo": "Generate a realistic export set, load it and open the dashboard.",
    "load": "Load the configured sources or the given files, then build and publish.",
    "inspect": "Say what files would come to, before anything is written.",
    "build": "Build the warehouse from the lake.",
    "run": "Load again and again, for containers.",
    "query": "Print one metric: of a period, by day, week, month, or by a property of sessions.",
    "sql": "Ask the current build a question in SQL (read-only).",
    "export": "Write a table, query or metric as a file, or the exports of dwell.toml.",
    "stats": "Print the session statistics.",
    "report": "Write or send the numbers of a week on one page: HTML, PDF, XLSX, mail.",
    "sources": "Show the sources and their health.",
    "prune": "Remove old raw events; the daily numbers stay.",
    "forget": "Take people out of everything that the home holds, for good.",
    "export-user": "Write what the home holds of one person, as JSON.",
    "status": "Show build, freshness, and what became of every row.",
    "deliver": "Send the messages that wait for their receivers, or try one receiver.",
    "alert": "Judge the newest days, tell what fires, and end with 1 when something does.",
    "check": "Read every file of the home, and say what is damaged and what to do.",
    "dashboard": "Serve the dashboard.",
    "audit": "Show who looked at what in the dashboard.",
    "collect": "Take events over HTTP, and answer once they are on disk.",
    "mcp": "Answer language models over the Model Context Protocol (read-only).",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code: 0 done, 1 failed, 2 wrong usage, 75 busy."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(given)
    try:
        args = parser.parse_all(given, COMMANDS)
    except WrongUsage as error:
        start_log(log_form(given), has_traces=False)
        if not writes_json():
            log(error.usage.rstrip())
        return fail(str(error), error.exit_code, as_json="--json" in given)
    if args.command is None:
        parser.print_help()
        return 2
    start_log(args.log, has_traces=args.debug)
    from etl.config.settings import load_settings
    from etl.errors import DwellError
    from warehouse.segments import configured

    try:
        settings = load_settings(args.home, args.config)
        # What they name, only the warehouse knows: a wrong one is told by every command.
        configured(settings)
        return int(_module(args.command).run(args, settings))
    except DwellError as error:
        trace(error)
        return fail(str(error), error.exit_code, as_json=args.json)
    except BrokenPipeError:
        # The reader of our output (head, less) has left: nothing to tell anybody.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return _stopped()
    except Exception as error:
        trace(error)
        if str(error) == "Query interrupted":
            return _stopped()
        return fail(_unexpected(error, args.home), 1, as_json=args.json)


def _module(command: str) -> Any:
    """The module of a command."""
    return import_module(f"warehouse.cli.{command.replace('-', '_')}")


def _unexpected(error: Exception, home: str | None) -> str:
    """What is told of an error that no command tells of itself."""
    from etl.errors import disk_full

    if sentence := disk_full(error, Path(home or "data")):
        return f"{sentence[0].upper()}{sentence[1:]} The current build is untouched."
    reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return (
        f"{type(error).__name__}: {reason}. This was not expected. The current build is untouched. "
        "'dwell check' says whether a file is damaged; --debug tells the whole story."
    )


def _stopped() -> int:
    return fail("Stopped. What was committed stays; run again to go on.", 1, as_json=False)


def _parser(given: Sequence[str]) -> Parser:
    parser = Parser(
        prog="dwell",
        description="Self-hosted session analytics: do users find a product worth their time?",
        epilog="Example: dwell load events.csv --map user=uid,time=ts && dwell dashboard",
    )
    parser.add_argument("--version", action="version", version=f"dwell {version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    called = next((word for word in given if word in COMMANDS), None)
    for name, sentence in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=sentence,
            description=sentence,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name != called:
            continue
        module = _module(name)
        command.epilog = f"Example:\n  {module.EXAMPLE}"
        _add_common(command)
        module.add_arguments(command)
    return parser


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--home",
        metavar="DIR",
        help="folder of lake and builds (DWELL_HOME; default ./data)",
    )
    command.add_argument(
        "--config", metavar="FILE", help="configuration (default ./dwell.toml when present)"
    )
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.add_argument(
        "--log",
        choices=["text", "json"],
        default="text",
        help="the log on stderr: lines for people (default), or one JSON object a line",
    )
    command.add_argument("--debug", action="store_true", help="show tracebacks")
