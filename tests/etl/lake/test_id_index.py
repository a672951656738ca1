"""The index of ids: what it knows, against a look at every key; runs stay few and lose nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.lake import LakeState
from etl.lake.id_index import IdIndex, day_number, days_known
from etl.lake.records import LakeFile, Transaction

# Few hashes, so that many are met again.
KEYS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=20)


def run_of(pairs: list[tuple[int, int]]) -> Any:
    """Keys of (hash, day), sorted."""
    return np.sort(np.array([number << 16 | day for number, day in pairs], np.uint64))


@given(runs=st.lists(KEYS, max_size=3), asked=KEYS)
def test_what_is_known_is_found_with_every_day_it_stands_for(
    runs: list[list[tuple[int, int]]], asked: list[tuple[int, int]]
) -> None:
    keys = run_of(asked)
    places, days = days_known([run_of(pairs) for pairs in runs], keys)
    found = sorted(zip(places.tolist(), days.tolist(), strict=True))
    wanted = sorted(
        (place, day)
        for place, key in enumerate(keys.tolist())
        for pairs in runs
        for number, day in pairs
        if number == key >> 16
    )
    assert found == wanted


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30))
def test_runs_stay_few_and_keep_every_key(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    root = tmp_path_factory.mktemp("lake")
    state = LakeState(root)
    chance = np.random.default_rng(len(sizes))
    everything = []
    for number, size in enumerate(sizes, 1):
        index = IdIndex(state, "web", "v")
        keys = np.sort(chance.integers(0, 2**63, size, dtype=np.uint64))
        everything.append(keys)
        files, gone = index.add(root, [keys], number, number)
        state = state.after(number, Transaction("load", files=files, gone=gone), "")
    index = IdIndex(state, "web", "v")
    assert len(index.runs) <= 2 + np.log2(sum(sizes))
    assert np.array_equal(np.sort(np.concatenate(index.runs)), np.sort(np.concatenate(everything)))
    assert all((np.diff(run.astype(np.int64)) >= 0).all() for run in index.runs)
    assert {file.first_batch for file in index.files} >= {1}


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("1970-01-01T00:00:00", 0),
        ("2026-03-10T23:59:59.999999", 20_522),
        ("1960-01-01T00:00:00", 0),
        ("2150-01-01T00:00:00", 65_535),
    ],
)
def test_days_are_counted_from_1970_and_end_where_they_have_no_room(time: str, day: int) -> None:
    assert day_number(time) == day


def events(last_batch: int) -> LakeFile:
    """A file of events."""
    return LakeFile("events/web/2026/1.parquet", "web", 1, 1, first_batch=1, last_batch=last_batch)


def keys(last_batch: int, version: str = "v", source: str = "web") -> LakeFile:
    """A file of keys."""
    return LakeFile(
        f"ids/{source}/{last_batch}{version}.keys", source, 1, 8, first_batch=1,
        last_batch=last_batch, version=version,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("files", "is_whole"),
    [
        pytest.param([], True, id="nothing loaded"),
        pytest.param([events(3), keys(3)], True, id="all there"),
        pytest.param([events(3)], False, id="no keys, as after an upgrade"),
        pytest.param([events(3), keys(2)], False, id="the last batch is missing"),
        pytest.param([events(3), keys(3, "old")], False, id="of another engine"),
        pytest.param([events(3), keys(3), keys(2, "old")], False, id="some of another engine"),
        pytest.param([events(3), keys(3, source="app")], False, id="of another source"),
    ],
)
def test_an_index_knows_whether_it_is_whole(
    tmp_path: Path, files: list[LakeFile], is_whole: bool
) -> None:
    for file in files:
        (tmp_path / file.name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.name).write_bytes(bytes(8))
    state = LakeState(tmp_path, files={file.name: file for file in files})
    assert IdIndex(state, "web", "v").is_whole is is_whole
