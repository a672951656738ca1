"""A realistic export of a made-up product, for the two-minute tour of `dwell demo`.

The same arguments write the same bytes. Reads no clock: `until` is "now", and nothing is
later than that.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from etl.demo import write
from etl.demo.calendar import Calendar
from etl.demo.flaws import spoil
from etl.demo.story import simulate
from etl.errors import ConfigError

__all__ = ["DemoExport", "generate"]

MIN_EVENTS = 1000
MIN_DAYS = 2


@dataclass(frozen=True)
class DemoExport:
    """What was written: its configuration, its files, and how many events they hold.

    `event_count` counts distinct events; rows sent twice and broken lines come on top.
    """

    folder: Path
    config: Path
    event_count: int
    files: tuple[Path, ...]


def generate(
    folder: Path,
    *,
    seed: int = 7,
    events: int = 200_000,
    days: int = 90,
    until: datetime,
) -> DemoExport:
    """The export set of `days` days before `until` in `folder`, about `events` events.

    Files of an earlier demo in that folder are replaced.
    """
    if until.tzinfo is None:
        message = f"until is {until}, without a time zone. Give an aware time, as in UTC."
        raise ConfigError(message)
    if events < MIN_EVENTS or days < MIN_DAYS:
        message = (
            f"A demo of {events} events in {days} days shows nothing. "
            f"Ask for at least {MIN_EVENTS} events and {MIN_DAYS} days."
        )
        raise ConfigError(message)
    write.clear(folder)
    rng = Random(seed)
    export = simulate(rng, Calendar(until, days), events)
    for name in ("web", "chat", "app"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    files = write.write_web(folder / "web", spoil(rng, export.web))
    files += write.write_chat(folder / "chat", export)
    files += write.write_app(folder / "app", export)
    return DemoExport(folder, write.write_config(folder), export.event_count, tuple(files))
