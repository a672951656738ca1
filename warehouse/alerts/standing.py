"""What is on, judged now and not noted: what the pages show, also where no alert was asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.config.alerts import AlertEntry
from etl.config.settings import load_settings
from warehouse.addresses import page_address
from warehouse.alerts import words
from warehouse.alerts.check import check
from warehouse.alerts.history import frame_of
from warehouse.conditions import NO_CONDITIONS, conditions_of
from warehouse.connection import Warehouse, current_build

if TYPE_CHECKING:
    import polars as pl


def standing(wh: Warehouse) -> "pl.DataFrame":
    """What fires as of now, faults first and alarms before warnings, then what is held back.

    Columns as of `alerts.history`, then line (the row as one sentence) and address (where the
    pages show it, seen from a page: "?from=…", or "data_health"). Nothing is noted or sent. No rows
    where nothing is on, and of a build that is not the current one. DwellError where dwell.toml
    does not fit.
    """
    import polars as pl

    if wh.build != current_build(wh.home):
        return nothing()
    settings = load_settings(wh.home)
    found = check(settings, notify=False)
    entries = {entry.name: entry for entry in settings.alerts}
    frame = pl.concat([found.on, found.held_back])
    rows = frame.to_dicts()
    lines = [words.shown(row) for row in rows]
    addresses = [_address(wh, entries.get(row["alert"]), row) for row in rows]
    return frame.with_columns(
        pl.Series("line", lines, pl.String), pl.Series("address", addresses, pl.String)
    )


def asked(home: Path) -> str:
    """What dwell.toml asks to be judged, as a text that differs when that does. ConfigError where
    it does not fit.
    """
    settings = load_settings(home)
    return repr((settings.alerts, settings.segments, settings.historic))


def nothing() -> "pl.DataFrame":
    """That frame without a row."""
    import polars as pl

    texts = (pl.lit(None, pl.String).alias(name) for name in ("line", "address"))
    return frame_of([]).with_columns(texts)


def _address(wh: Warehouse, entry: AlertEntry | None, row: dict[str, Any]) -> str:
    if row["kind"] == "fault" or entry is None:
        return "data_health"
    day = row["until"]
    address = page_address(
        ".",
        start=day,
        end=words.last_of(day, entry.per),
        where=conditions_of(entry.where) if entry.where else NO_CONDITIONS,
        segments=entry.segment,
        dimensions=wh.dimensions,
    )
    return address.removeprefix("./")
