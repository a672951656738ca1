"""Homes with a collector's files, written by hand, and what a build makes of the same lines."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from etl.collector.spool_files import mark_folder
from etl.config.settings import Settings
from etl.lake import locked
from etl.load.run import load
from tests.make import build_home, settings_of
from warehouse import Filters, Warehouse
from warehouse import open as open_warehouse
from warehouse.live.live import Live, Seen
from warehouse.metrics import active
from warehouse.refresh import wanted_by_default

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CONFIG = """
[sources.web]
[sources.crm]
sessions = "inactivity"
"""
Line = dict[str, Any]
_TABLES = {
    "user_sessions": "select * exclude (user_key), min(session_id) over (partition by user_key) "
    "as first_of_user from user_sessions order by session_id",
    "session_events": "from session_events order by source, event_id",
}


def line(minutes: float, type: str = "click", **fields: Any) -> Line:
    """A line of the collector, so many minutes from noon; null fields are left out."""
    time = (NOON + timedelta(minutes=minutes)).isoformat()
    given = {"event_type": type, "event_time": time, "source": "web", **fields}
    given.setdefault("event_id", f"{type}-{minutes}-{fields.get('user_id')}-{fields.get('page')}")
    return {name: value for name, value in given.items() if value is not None}


def spool(home: Path, lines: Iterable[Line], name: str, *, is_open: bool = False) -> list[Path]:
    """Adds lines to the collector's file of that number, one for each of their sources."""
    texts: dict[str, list[str]] = {}
    for one in lines:
        told = {key: value for key, value in one.items() if key != "source"}
        texts.setdefault(one["source"], []).append(json.dumps(told) + "\n")
    paths = []
    for source, written in texts.items():
        folder = mark_folder(home, source)
        path = folder / f"collected-20260310T{name:0>12}-7-1.ndjson{'.open' if is_open else ''}"
        with path.open("a", encoding="utf-8") as handle:
            handle.writelines(written)
        paths.append(path)
    return paths


def home_of(
    folder: Path, lines: Sequence[Line], now: datetime, config: str = CONFIG
) -> tuple[Path, Settings]:
    """A home with a build of these lines, out of the collector's files."""
    settings = settings_of(folder, config)
    spool(folder, lines, "1")
    refreshed(settings, now)
    return folder, settings


def refreshed(settings: Settings, now: datetime) -> None:
    """Loads what is finished, and builds, as of then."""
    with locked(settings.home):
        load(settings, wanted_by_default(settings).inputs, now=now)
    build_home(settings.home, settings, now=now)


def looked_at(settings: Settings, now: datetime) -> Seen:
    """What is live in a home, looked at once."""
    return Live(settings.home, lambda: settings, threads=1, every=0).look(now)


def built_with(settings: Settings, tail: Sequence[Line], now: datetime, folder: Path) -> Warehouse:
    """A build of what a copy of the home has, and of the tail."""
    shutil.copytree(settings.home, folder)
    for path in folder.glob("landing/*/collected/*.open"):
        path.rename(path.with_name(path.name.removesuffix(".open")))
    spool(folder, tail, "9")
    copied = replace(settings, home=folder)
    refreshed(copied, now)
    return open_warehouse(folder)


def told(wh: Warehouse, filters: Sequence[Filters] = ()) -> Mapping[str, Any]:
    """What Active now and all who ask for sessions and events are told, by what was asked."""
    answers: dict[str, Any] = {"as_of": wh.as_of}
    for number, one in enumerate((Filters(include_bots=True), Filters(), *filters)):
        for ask in (active.totals, active.sessions, active.activity):
            answers[f"{ask.__name__} {number}"] = ask(wh, one).rows(named=True)
    for name, text in _TABLES.items():
        relation = wh.sql(text)
        columns = relation.columns
        answers[name] = [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
    return answers
