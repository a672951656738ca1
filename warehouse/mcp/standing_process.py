"""What is on now, judged in a process of its own.

The server holds its build with the limits of `query_timeout`; judging opens it without, which one
process cannot have at once.
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from etl.config.settings import Settings
from etl.errors import BeyondLimit, ConfigError, DwellError

_DAYS = ("date", "until")
_NAMES = (
    *("alert", "label", "severity", "kind", "source", "value", "limit", *_DAYS),
    *("line", "held_back_by"),
)


def standing_rows(settings: Settings) -> list[dict[str, Any]]:
    """The rows of alerts.standing, without moments. BeyondLimit where they take longer than
    query_timeout, ConfigError for alerts that do not fit.
    """
    seconds = settings.query_timeout.total_seconds()
    environment = dict(os.environ)
    if settings.config:
        environment["DWELL_CONFIG"] = str(settings.config.absolute())
    try:
        done = subprocess.run(
            [sys.executable, "-m", "warehouse.mcp.standing_process", str(settings.home.absolute())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env=environment,
            cwd=Path(__file__).parents[2],
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"The alerts took longer than {seconds:g} s (query_timeout). Raise it, or ask later."
        raise BeyondLimit(msg) from error
    if done.returncode:
        msg = f"The alerts could not be judged: {done.stderr.decode()[-500:].strip()}"
        raise DwellError(msg)
    said = json.loads(done.stdout)
    if "error" in said:
        raise ConfigError(said["error"])
    return [
        row | {name: row[name] and date.fromisoformat(row[name]) for name in _DAYS}
        for row in said["rows"]
    ]


def main() -> None:
    """Writes the rows of the home that is given, or why there are none, as JSON."""
    import warehouse
    from warehouse import alerts

    try:
        with warehouse.open(sys.argv[1]) as wh:
            rows = alerts.standing(wh).select(_NAMES).to_dicts()
        said: dict[str, Any] = {"rows": rows}
    except DwellError as error:
        said = {"error": str(error)}
    sys.stdout.write(json.dumps(said, default=str))


if __name__ == "__main__":
    main()
