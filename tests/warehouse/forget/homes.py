"""Two homes: one that was told of a person, and one that never was. What is theirs is marked by
hand, so that the product is not asked who they are.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.collector.spool_files import mark_folder
from etl.config.settings import Settings
from etl.lake import Lake, locked
from etl.load.outcome import Outcome, remember_failure
from tests.make import build_home, load_files, settings_of, write_ndjson
from warehouse.forget.run import Forgotten, forget
from warehouse.saved_file import changed_entries

ANN = "ann.4711@example.com"
DEVICE, SHARED = "device-of-ann-0815", "device-of-the-family"
SAID = "where did ann bury the treasure"
SECRETS = (ANN, DEVICE, SAID)

Row = dict[str, Any]


def row(user: str, time: str, *, theirs: bool = False, **more: Any) -> Row:
    """An event; `theirs`: it is to go with Ann."""
    named = {"user": user} if user else {}
    return {**named, "time": f"2026-{time}:00Z", "event": "click", "theirs": theirs, **more}


def ann(time: str, **more: Any) -> Row:
    """An event of Ann."""
    return row(ANN, time, theirs=True, **more)


WEB = (
    # Pruned later, but for the last one.
    ann("02-01 09:00", page="/old", id="a-old-1"),
    row("bob", "02-01 09:05", page="/old", id="b-old-1"),
    row("cid", "02-02 10:00", id="c-old-1"),
    # A device of hers alone: before she is known, while, and after.
    row("", "03-01 08:50", theirs=True, anon=DEVICE, page="/start"),
    ann("03-01 09:00", anon=DEVICE, event="query", text=SAID),
    ann("03-01 09:04", anon=DEVICE, page="/deep", email=ANN),
    row("", "03-01 09:20", theirs=True, anon=DEVICE, page="/bye"),
    # One that she shares: hers, then of Bob, then hers again.
    row("", "03-02 08:00", theirs=True, anon=SHARED),
    ann("03-02 08:10", anon=SHARED),
    row("", "03-02 08:20", theirs=True, anon=SHARED),
    row("bob", "03-02 12:00", anon=SHARED, page="/bob"),
    row("", "03-02 12:10", anon=SHARED, page="/bob-too"),
    ann("03-02 18:00", anon=SHARED),
    row("", "03-02 18:10", theirs=True, anon=SHARED, page="/hers"),
    *(row(u, f"03-0{d} 1{h}:30", page=p, device="desktop") for d in (1, 2, 3) for h, (u, p) in
      enumerate((("bob", "/a"), ("cid", "/b"), ("dan", "/a"), ("eve", "/c")))),
)  # fmt: skip
LATER = (
    # The newest event of all is hers: as-of goes back with it.
    ann("03-05 23:00", event="query", text=SAID, page="/late"),
    row("bob", "03-04 09:00", anon="device-of-bob", event="query", text="a question of bob"),
    row("cid", "03-05 11:00", anon="device-of-cid"),
    ann("03-04 09:00", id="a-late"),
)
TRACKED = (
    ann("03-03 10:00", session="s-of-ann", id="t1"),
    ann("03-03 10:30", session="s-of-ann", id="t2", event="query"),
    row("dan", "03-03 10:10", session="s-of-dan", id="t3"),
    # One session of two people.
    ann("03-03 15:00", session="s-of-both", id="t4"),
    row("eve", "03-03 15:05", session="s-of-both", id="t5"),
)
# Rows that are none: without a time, and no JSON at all.
BAD = (
    ({"user": ANN, "time": "never", "note": SAID}, True),
    ({"user": "bob", "time": "never"}, False),
    (f'oops {{"user": "{ANN}", "time": 7', True),
    ('oops {"user": "bob", "time": 7', False),
)


def told(rows: Sequence[Row], *, is_without: bool) -> list[Row]:
    """The rows as they are written, all or those of others."""
    kept = [one for one in rows if not (is_without and one["theirs"])]
    return [{name: value for name, value in one.items() if name != "theirs"} for one in kept]


def write_exports(folder: Path, *, is_without: bool = False) -> dict[str, Path]:
    """The exports, by what they are."""
    bad = [one for one, theirs in BAD if not (is_without and theirs)]
    return {
        "web": write_ndjson(folder / "web.ndjson", told(WEB, is_without=is_without)),
        "later": write_ndjson(folder / "later.ndjson", [*told(LATER, is_without=is_without), *bad]),
        "tracked": write_ndjson(folder / "tracked.ndjson", told(TRACKED, is_without=is_without)),
    }


def settings_for(home: Path, config: str = "") -> Settings:
    """The settings of such a home."""
    return settings_of(home, f'time_zone = "UTC"\nkeep_builds = 3\n{config}')


def load_exports(
    home: Path, exports: Mapping[str, Path], settings: Settings | None = None
) -> list[Outcome]:
    """Loads those that are given."""
    settings = settings or settings_for(home)
    ways: dict[str, dict[str, Any]] = {
        "web": {"source": "web", "map": {"anonymous_id": "anon"}},
        "later": {"source": "web", "map": {"anonymous_id": "anon"}},
        "tracked": {"source": "trk", "sessions": "tracker"},
    }
    return [
        outcome
        for name, path in exports.items()
        for outcome in load_files(home, path, settings=settings, **ways[name])
    ]


def make_home(home: Path, exports: Mapping[str, Path], config: str = "") -> Settings:
    """A home with a build of it all."""
    settings = settings_for(home, config)
    load_exports(home, exports, settings)
    build_home(home, settings)
    return settings


def add_beside(home: Path) -> None:
    """What lies beside the lake and names her: saved lists, a spool, copies of builds."""
    with changed_entries(home, "segments") as entries:
        entries["two"] = {"label": "Two", "where": {"user_id": [ANN, "bob"]}}
        entries["her"] = {"label": "Her", "where": {"user_id": [ANN]}}
        entries["all"] = {"label": "All", "where": {"browser": ["Firefox"]}}
    with changed_entries(home, "queries") as entries:
        entries["hers"] = {"sql": f"from user_sessions where user_id = '{ANN}'"}
        entries["any"] = {"sql": "from user_sessions"}
    folder = mark_folder(home, "web")
    line = {"event_type": "click", "event_time": "2026-03-06T10:00:00Z", "event_id": "spooled-1"}
    lines = [
        {**line, "user_id": ANN},
        {**line, "user_id": "bob", "event_id": "spooled-2"},
        {**line, "anonymous_id": DEVICE, "event_id": "spooled-3"},
    ]
    (folder / "collected-20260306T100000000000-1-1.ndjson").write_text(
        "".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8"
    )
    why = f"one of the rows: {ANN}"
    remember_failure(Lake(home), Outcome("web", "bad.ndjson", "failed", message=why))
    scope = home / "scopes" / "team-0123456789abcdef" / "builds"
    scope.mkdir(parents=True)
    shutil.copyfile(home / "builds" / "wh-000001.duckdb", scope / "wh-000001.duckdb")


def forget_in(home: Path, *ids: str, settings: Settings | None = None, **options: Any) -> Forgotten:
    """Forgets people of a home."""
    with locked(home):
        return forget(settings or settings_for(home), ids or (ANN,), **options)
