"""Made-up products of 90 days and more: a week's rhythm, growth, chance, and what is planted.

Sessions are written as a build has them, day by day, so that a replay can be judged by what is
known to have happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from tests.warehouse.small_builds import Row, write_build
from warehouse.build.model_files import models

FIRST = date(2026, 1, 5)  # A Monday.
_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 13, 12, 13, 14, 13, 11, 9, 8, 7, 6, 5, 3, 2])


@dataclass
class World:
    """One product. What is planted is said by numbers of days.

    level       sessions of a usual weekday, of all sources
    weekend     share of them on Saturday and Sunday
    growth      by week
    scatter     how much days differ beside chance: a coefficient of variation
    factors     day → how many times as many sessions; bounces, abandoning, asking: other shares
    faults      of the first source: day → what is broken
    """

    seed: int
    days: int = 91
    level: float = 300
    weekend: float = 0.6
    growth: float = 0.0
    scatter: float = 0.0
    bounce: float = 0.35
    abandoned: float = 0.2
    queries: float = 4
    factors: Mapping[int, float] = field(default_factory=dict)
    bounces: Mapping[int, float] = field(default_factory=dict)
    abandoning: Mapping[int, float] = field(default_factory=dict)
    asking: Mapping[int, float] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)
    sources: Sequence[str] = ("web",)

    def count(self, rng: np.random.Generator, number: int) -> int:
        """Sessions of a day."""
        usual = self.level * (1 + self.growth) ** (number / 7)
        usual *= self.weekend if day(number).weekday() >= 5 else 1
        usual *= self.factors.get(number, 1)
        if self.scatter and usual:
            usual *= rng.gamma(self.scatter**-2, self.scatter**2)
        return int(rng.poisson(usual))


def of_seed(seed: int, **planted: Any) -> World:
    """A world whose level, rhythm, growth and scatter are drawn."""
    rng = np.random.default_rng(1000 + seed)
    return World(
        seed,
        level=float(rng.uniform(80, 450)),
        weekend=float(rng.uniform(0.35, 1)),
        growth=float(rng.uniform(-0.01, 0.035)),
        scatter=float(rng.choice([0, 0.05, 0.12])),
        bounce=float(rng.uniform(0.2, 0.5)),
        **planted,
    )


def day(number: int) -> date:
    """The local day of that number."""
    return FIRST + timedelta(days=number)


def moment(number: int, hour: float = 0) -> datetime:
    """A naive UTC time on it."""
    return datetime.combine(day(number), datetime.min.time()) + timedelta(hours=hour)


def load_of(source: str, number: int, **others: Any) -> Row:
    """A file of the events of a day, loaded on the next one."""
    return {
        "source": source,
        "file": f"{source}-{number}.csv",
        "status": "loaded",
        "rows_read": 1000,
        "rows_loaded": 1000,
        "rows_rejected": 0,
        "repeated": [],
        "first_event_time": moment(number, 1),
        "last_event_time": moment(number, 23),
        "loaded_at": moment(number + 1, 6),
        **others,
    }


def write_world(
    home: Path, world: World, loads: Mapping[int, Row] | None = None, build: int = 1
) -> None:
    """A published build of the world, its sources alike but for the faults of the first one."""
    first, *others = world.sources
    alike = replace(world, level=world.level / len(world.sources), faults={})
    worlds = {
        source: replace(alike, seed=world.seed + place) for place, source in enumerate(others, 1)
    }
    write_worlds(home, {first: replace(alike, faults=world.faults), **worlds}, loads, build)


def write_worlds(
    home: Path, worlds: Mapping[str, World], loads: Mapping[int, Row] | None = None, build: int = 1
) -> None:
    """A published build of a world for each source, whose last day is the running one. Each day of
    each was loaded on the next; `loads` says what was otherwise with those of the first one.
    """
    days = max(world.days for world in worlds.values())
    runs = [
        load_of(source, number, **((loads or {}).get(number, {}) if not place else {}))
        for number in range(days)
        for place, source in enumerate(worlds)
    ]
    path = write_build(home, [], build=build, as_of=moment(days - 1, 12), load_runs=runs)
    parts = [
        _sessions(rng, world, number, source)
        for source, world in worlds.items()
        for rng in [np.random.default_rng(world.seed)]
        for number in range(world.days)
    ]
    sessions = pa.concat_tables(parts)
    with duckdb.connect(path) as con:
        con.register("given_sessions", sessions)
        con.execute("insert into user_sessions by name from given_sessions")
        (model,) = (model for model in models() if model.name == "source_days")
        hours = "select *, hour(start_time) as start_hour from main.user_sessions"
        con.execute(f"insert into source_days with user_sessions as ({hours}) from ({model.sql})")


def _sessions(rng: np.random.Generator, world: World, number: int, source: str) -> pa.Table:
    fault = world.faults.get(number, "")
    usual = 0 if fault == "outage" else world.count(rng, number)
    hasty = 300 if fault == "robots" else 0
    many = usual + hasty
    hours = rng.choice(24, many, p=_HOURS / _HOURS.sum()) + (6 if fault == "clock" else 0)
    seconds = (hours % 24) * 3600 + rng.integers(0, 3600, many)
    start = np.datetime64(moment(number), "us") + (seconds * 1_000_000).astype("timedelta64[us]")
    is_hasty = np.arange(many) >= usual
    bounced = (rng.random(many) < world.bounces.get(number, world.bounce)) | is_hasty
    long = np.where(is_hasty, 2.0, np.where(bounced, 10.0, 300 + rng.lognormal(5, 1, many)))
    names = pa.array([f"{source}-{number}-{n}" for n in range(many)], pa.string())
    path = ["page_view", "heartbeat", "session_end"]
    path = [kind for kind in path if kind != {"silent": path[1], "unended": path[2]}.get(fault)]

    def same(value: object, kind: pa.DataType) -> pa.Array:
        return pa.repeat(pa.scalar(value, kind), many) if many else pa.array([], kind)

    return pa.table(
        {
            "session_id": names,
            "stream": same("inactivity", pa.string()),
            "sources": same([source], pa.list_(pa.string())),
            "user_id": names,
            "start_time": start,
            "start_date": same(day(number), pa.date32()),
            "duration_seconds": long,
            "engaged_seconds": rng.lognormal(4, 1, many),
            "event_count": same(2 * len(path) if fault == "doubled" else 3, pa.int64()),
            "event_path": same(path, pa.list_(pa.string())),
            "action_count": same(3, pa.int64()),
            "query_count": rng.poisson(world.asking.get(number, world.queries), many),
            "error_count": same(0, pa.int64()),
            "session_number": same(2, pa.int64()),
            "is_bounce": bounced,
            "is_abandoned": rng.random(many) < world.abandoning.get(number, world.abandoned),
            **{name: same(False, pa.bool_()) for name in ("is_open", "is_suspect", "is_bot")},
            "is_new_user": is_hasty,
            "has_duration": same(True, pa.bool_()),
        }
    )
