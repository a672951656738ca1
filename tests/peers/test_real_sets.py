"""Every real set, loaded and built as a user would, against a naive sessioniser, row by row."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

import warehouse
from etl.lake import Lake
from etl.lake.schema import EVENT_COLUMNS
from tests.homes import lake_rows
from tests.make import build_home, load_files
from tests.naive_peers import visits_of
from tests.oracle import Oracle, assert_says_the_same
from warehouse.build import day_chunks
from warehouse.filters import Filters
from warehouse.metrics import crosswalk

pytestmark = pytest.mark.peer_data
# More than a file's worth of overlap: see day_chunks.
PIECES = 9
_NAMES = [column.name for column in EVENT_COLUMNS]


@dataclass(frozen=True)
class RealSet:
    """A data set: the files of it that are loaded, how, and how many events that gives."""

    folder: str
    files: tuple[str, ...]
    events: int
    options: dict[str, Any] = field(default_factory=dict)


# Of MathOverflow one file of three: the oracle is slow.
SETS = {
    # Its exports of Mongo hold comments, no events.
    "payloads": RealSet("payloads", ("[!m]*.jsonl", "mix*.jsonl", "*.csv", "*.log", "*.tsv"), 58),
    "access log": RealSet("real-apache-access-log", ("apache_logs.gz",), 9_999),
    "nasa": RealSet(
        *("real-nasa-http-1995-07-01", ("nasa_19950701.tsv.gz",), 9_999),
        {"map": {"user": "host", "time": "time", "page": "url", "type": "'page_view'"}},
    ),
    "mathoverflow": RealSet(
        *("real-mathoverflow-interactions", ("sx-mathoverflow-a2q.txt.gz",), 107_581),
        {"map": {"user": "1", "time": "3"}},
    ),
    "stackexchange": RealSet(
        *("real-stackexchange-quantum", ("posts.csv", "comments.csv"), 5_267),
        {"format": "tables", "exclude_users": ("-1",)},
    ),
    "shop": RealSet("peer-retentioneering-ecom", ("ecom.csv.gz",), 31_106),
    "shop by its tracker": RealSet(
        "peer-retentioneering-ecom", ("ecom.csv.gz",), 31_106, {"sessions": "tracker"}
    ),
    "snowplow": RealSet("peer-snowplow-web-0.15.2", ("source/snowplow_web_events.csv.gz",), 157),
}


@pytest.mark.parametrize("name", SETS)
def test_a_build_of_a_real_set_says_what_the_oracle_says(
    peer_data: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    one = SETS[name]
    folder = peer_data(one.folder)
    files = sorted(file for pattern in one.files for file in folder.glob(pattern))
    outcomes = load_files(tmp_path / "home", *files, **one.options)
    assert sum(outcome.rows_loaded for outcome in outcomes) == one.events
    # Every set of several days is cut into some pieces, which sessions go across.
    size = sum(file.bytes for file in Lake(tmp_path / "home").state().of_kind("events"))
    monkeypatch.setattr(day_chunks, "LAKE_BYTES", 0)
    monkeypatch.setattr(day_chunks, "CHUNK_BYTES", size // PIECES)
    build_home(tmp_path / "home")
    events = [dict(zip(_NAMES, row, strict=True)) for row in lake_rows(tmp_path / "home")]
    oracle = Oracle(events, datetime.now(UTC).replace(tzinfo=None))
    with warehouse.open(tmp_path / "home") as wh:
        assert_says_the_same(lambda query: wh.sql(query).to_arrow_table().to_pylist(), oracle)
        assert_tools_agree(wh)


def assert_tools_agree(wh: warehouse.Warehouse) -> None:
    """Each tool's row of the crosswalk is that of its naive account of the same events."""
    hits = wh.sql("from session_events").to_arrow_table().to_pylist()
    for name, *row in crosswalk.definitions(wh, Filters()).rows()[1:]:
        visits = visits_of(name, hits)
        bounces = [visit["bounced"] for visit in visits if visit["bounced"] is not None]
        wanted = len(visits), fmean(visit["duration"] for visit in visits), fmean(bounces or [0])
        # Where no session can bounce there is no rate.
        assert (*row[:2], row[2] or 0) == pytest.approx(wanted), name
        assert (row[2] is None) == (not bounces), name
