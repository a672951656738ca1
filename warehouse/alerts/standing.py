"""What is on, judged now and not noted: what the pages show, also where no alert was asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.config.settings import load_settings
from warehouse.alerts import words
from warehouse.alerts.check import check
from warehouse.alerts.history import frame_of
from warehouse.alerts.judged import Subject, key_of
from warehouse.alerts.messages import page_of
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
    frame = pl.concat([found.on, found.held_back])
    rows = frame.to_dicts()
    lines = [words.shown(row) for row in rows]
    addresses = [_address(found.subjects, row) for row in rows]
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


def _address(subjects: Mapping[str, Subject], row: Mapping[str, Any]) -> str:
    subject = subjects.get(key_of(row["alert"], row["source"]))
    return page_of(subject, row["until"]) if subject else "data_health"
