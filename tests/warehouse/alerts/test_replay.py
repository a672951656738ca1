"""The dry run over made-up products: what was planted is told once, on its day, and little else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from etl.config.alerts import AlertEntry
from etl.config.settings import Settings, load_settings
from etl.errors import ConfigError
from tests.warehouse.alerts.worlds import (
    FIRST,
    World,
    day,
    moment,
    of_seed,
    write_world,
    write_worlds,
)
from warehouse import Warehouse, alerts, connection

OF_NORMAL = ("session_count", "bounce_rate", "avg_engaged_seconds", "abandonment_rate")
NORMAL = tuple(
    AlertEntry(f"{name}_normal", name, outside_normal=True, label=name) for name in OF_NORMAL
)
# Day → what is broken in the first source; and the alert that tells it.
FAULTS = {40: "outage", 44: "clock", 48: "doubled", 52: "unended", 56: "silent", 60: "robots"}
ALERT_OF = {
    "outage": "outage",
    "clock": "clock_skew",
    "doubled": "duplicate_storm",
    "unended": "missing_ends",
    "silent": "heartbeat_gaps",
    "robots": "bot_storm",
}
# What was otherwise with the files of some days of the first source.
LOADS = {
    64: {"rows_rejected": 400, "rows_loaded": 600},
    66: {"repeated": [f"{day(66)}/{day(66)}=900"]},
    # Two hours ahead of its load, which came on the evening of its own day.
    68: {"loaded_at": moment(68, 21)},
}
OF_LOADS = {64: "rejected_rows", 66: "duplicate_storm", 68: "future_dates"}
CHANGES = {
    20: "no_sessions",
    72: "session_count_normal",
    76: "session_count_normal",
    80: "bounce_rate_normal",
    # Two days beyond 30 %, then one beyond 40 %: one alert.
    84: "abandonment",
    89: "few_queries",
}
PLANTED = World(
    seed=5,
    days=96,
    level=500,
    scatter=0.03,
    growth=0.01,
    sources=("web", "app"),
    faults=FAULTS,
    factors={20: 0, 72: 0.55, 76: 1.6},
    bounces={80: 0.55},
    abandoning={84: 0.36, 85: 0.36, 86: 0.5},
    asking={89: 1.2},
)


@contextmanager
def world_of(home: Path, world: World, *more: AlertEntry, **loads: object) -> Iterator[
    tuple[Warehouse, Settings]
]:  # fmt: skip
    """A home of the world, open, with further alerts."""
    write_world(home, world, **loads)  # type: ignore[arg-type]
    settings = load_settings(home)
    with connection.open(home) as wh:
        yield wh, replace(settings, alerts=(*settings.alerts, *more))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Settings]]:
    folder = tmp_path_factory.mktemp("planted")
    with world_of(folder, PLANTED, *NORMAL[:3], loads=LOADS) as opened:
        yield opened


@pytest.fixture(scope="module")
def replayed(planted) -> pl.DataFrame:
    return alerts.replay(*planted, day(0), day(94))


def test_each_planted_fault_and_change_is_told_once_on_its_day_and_nothing_else(replayed):
    told = replayed.filter(pl.col("held_back_by").is_null())
    wanted = {(day(n), ALERT_OF[broken], "web") for n, broken in FAULTS.items()}
    wanted |= {(day(n), alert, "web") for n, alert in OF_LOADS.items()}
    wanted |= {(day(n), alert, None) for n, alert in CHANGES.items()}
    assert sorted(told.select("date", "alert", "source").rows(), key=str) == sorted(wanted, key=str)


def test_what_a_fault_does_to_behaviour_is_held_back_with_why(replayed):
    held = replayed.filter(pl.col("held_back_by").is_not_null())
    rows = {(row["date"], row["alert"]): row["held_back_by"] for row in held.to_dicts()}
    assert rows[day(40), "session_count_normal"] == "web had an outage on 14 Feb"
    assert rows[day(60), "session_count_normal"] == "web was full of robots on 6 Mar"
    assert {each for each, _ in rows} <= {day(n) for n in (*FAULTS, *OF_LOADS)}


def test_an_alert_is_over_on_the_day_after_and_is_told_with_its_first_day(replayed):
    rows = {(row["alert"], row["date"]): row for row in replayed.to_dicts()}
    abandonment = rows["abandonment", day(84)]
    assert (abandonment["until"], abandonment["severity"]) == (day(86), "warning")
    assert abandonment["started_at"] == moment(85)
    assert abandonment["ended_at"] == moment(88)
    assert rows["outage", day(40)]["ended_at"] == moment(42)
    assert rows["outage", day(40)]["sentence"].startswith("0 sessions where a Saturday has ")


@pytest.mark.parametrize("last", [60, 85])
def test_what_comes_later_changes_nothing_of_what_was_told(planted, replayed, tmp_path, last):
    """A build that ends after some days tells of them what the whole one does."""
    loads = {number: row for number, row in LOADS.items() if number <= last}
    with world_of(tmp_path, replace(PLANTED, days=last + 2), *NORMAL[:3], loads=loads) as (wh, s):
        shorter = alerts.replay(wh, s, day(0), day(last))
    columns = ("alert", "date", "source", "severity", "value", "limit", "sentence", "held_back_by")
    assert shorter.select(columns).equals(
        replayed.filter(pl.col("date") <= day(last)).select(columns)
    )


def test_ten_products_of_ninety_days_raise_few_false_alarms(tmp_path):
    """Each product is a source, with alerts of its own: presets and what is outside of normal."""
    worlds = {f"w{seed}": of_seed(seed) for seed in range(10)}
    write_worlds(tmp_path, worlds)
    settings = load_settings(tmp_path)
    entries = [
        replace(entry, name=f"{entry.name}-{source}", where={"source": source})
        for source in worlds
        for entry in (*settings.alerts, *NORMAL)
    ]
    with connection.open(tmp_path) as wh:
        frame = alerts.replay(wh, replace(settings, alerts=tuple(entries)), FIRST, day(89))
    assert frame.height <= 13


def test_a_dry_run_ends_with_the_last_complete_day(planted):
    wh, settings = planted
    assert alerts.replay(wh, settings, day(90), day(200))["date"].max() is None
    assert alerts.replay(wh, settings, date(2020, 1, 1), date(2020, 2, 1)).is_empty()
    with pytest.raises(ConfigError, match="Exchange the days"):
        alerts.replay(wh, settings, day(9), day(8))


def test_an_empty_build_has_nothing_to_replay(open_build):
    wh = open_build([])
    settings = load_settings(wh.home)
    assert alerts.replay(wh, settings, day(0), day(9)).is_empty()


WEEKS = (
    # Sessions of the week from day 70 on are half of the week before.
    AlertEntry("weekly", "session_count", change=("-", 0.3), per="week", label="Weekly"),
    AlertEntry("rise", "session_count", change=("+", 0.3), label="Rise"),
    AlertEntry("moved", "session_count", change=("", 0.3), label="Moved"),
    AlertEntry("web_only", "session_count", where={"source": "app"}, below=60, label="App"),
)


def test_weeks_changes_and_conditions(tmp_path):
    factors = dict.fromkeys(range(70, 77), 0.5)
    world = World(seed=3, days=92, level=400, weekend=0.9, factors=factors, sources=("web", "app"))
    with world_of(tmp_path, world, *WEEKS) as (wh, settings):
        frame = alerts.replay(wh, settings, day(56), day(90))
    spans = {(row["alert"], row["date"], row["until"]) for row in frame.to_dicts()}
    assert spans == {
        ("weekly", day(70), day(70)),
        ("moved", day(70), day(83)),
        ("rise", day(77), day(83)),
    }
    (weekly,) = frame.filter(pl.col("alert") == "weekly").to_dicts()
    assert re.match(r"-\d\d\.\d % in the week of 16 Mar to 22 Mar: ", weekly["sentence"])
    # Known when its Sunday is over.
    assert (weekly["started_at"], weekly["ended_at"]) == (moment(77), moment(84))
