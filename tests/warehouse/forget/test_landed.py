"""Landed files of databases: ids are those that a load makes of them, and nothing comes again."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.extract.landed_table import Landing
from etl.extract.left_out import LeftOut
from tests.make import lake_table, load_files
from tests.warehouse.forget.homes import forget_in
from tests.warehouse.forget.landed_tables import land

ANN = "ann@example.com"


@pytest.mark.parametrize(
    ("users", "kind", "said"),
    [
        (["bob          ", f"{ANN}   "], pa.string(), ANN),
        ([1111.0, 4711.0, None], pa.float64(), "4711"),
        ([1111, 4711], pa.int64(), "4711.0"),
    ],
    ids=["padded", "double", "number"],
)
def test_what_is_loaded_goes_and_of_others_the_rows(
    tmp_path: Path, users: list[Any], kind: pa.DataType, said: str
) -> None:
    home = tmp_path / "home"
    loaded = land(home, "a", users, kind)
    load_files(home, loaded, source="shop")
    waiting, others = land(home, "b", users, kind), land(home, "c", users[:1], kind)
    before = waiting.stat()
    told = forget_in(home, said)
    assert sum(told.found.events.values()) == 1
    assert told.landed == (loaded, waiting)
    assert not loaded.exists()
    rest = [users[0], *users[2:]]
    assert pq.read_table(waiting)["user_id"].to_pylist() == rest
    assert waiting.stat().st_mtime_ns == before.st_mtime_ns
    assert (pq.read_schema(waiting).metadata or {})[b"dwell.table"] == b"acts"
    assert others.exists()
    assert (told.searched.own, told.searched.others) == ({}, {})
    load_files(home, waiting, source="shop")
    assert len(lake_table(home, "events")) == 1 + len([one for one in rest if one])


def test_what_lands_afterwards_is_found_by_the_next_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load_files(home, land(home, "a", ["bob", ANN]), source="shop")
    # A home that was moved knows its files.
    home = home.rename(tmp_path / "moved")
    forget_in(home, ANN)
    assert not list((home / "landing").rglob("*.parquet"))
    later = land(home, "b", [ANN, "bob"])
    load_files(home, later, source="shop")
    told = forget_in(home, ANN)
    assert (told.before, told.landed) == ((), (later,))
    assert not later.exists()
    assert forget_in(home, ANN, dry_run=True).before == (ANN,)


def test_nothing_of_her_is_landed_again(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.int64()), ("buyer", pa.string()), ("seller", pa.string())])
    rows = pa.RecordBatch.from_arrays(
        [
            pa.array([1, 2, 3, 4, 5]),
            pa.array([ANN, "bob", f" {ANN} ", None, "bob"]),
            pa.array([None, ANN, ANN, None, "cid"]),
        ],
        schema=schema,
    )
    left_out = LeftOut({"buyer", "seller"}, lambda user: user == ANN)
    landing = Landing(tmp_path / "sales", "sales", "id", schema, None, left_out)
    with landing.run({}):
        landing.add(rows, pa.array([0] * 5))
    (path,) = landing.files
    assert pq.read_table(path).to_pylist() == [
        {"id": 2, "buyer": "bob", "seller": None},
        {"id": 4, "buyer": None, "seller": None},
        {"id": 5, "buyer": "bob", "seller": "cid"},
    ]
    assert (landing.rows_read, landing.rows_landed) == (5, 3)
