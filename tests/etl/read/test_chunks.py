"""Segments bound the memory of a load and change nothing: not the events, ids or rejects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.lake import Lake
from etl.lake.checksums import signed
from etl.load import deduplicate
from etl.read import records
from etl.read.lines import blocks
from tests.etl.conftest import Loaded
from tests.make import load_files, write_ndjson
from tests.search import some

# Rows that differ in what makes a chunk be read in another way: keys that come and go, nulls,
# keys of the folder that fill a column or stand beside it, ids that repeat, broken lines.
ROWS = st.one_of(
    st.fixed_dictionaries(
        {"time": st.sampled_from(["2026-03-10T12:00:00Z", "2026-03-11 09:30:00", "broken"])},
        optional={
            "user": st.sampled_from(["ann", "bob", "null", ""]),
            "event": st.sampled_from(["Page View", "click", "Signed out", "größe"]),
            "id": st.sampled_from(["e1", "e2", "e3"]),
            "url": st.sampled_from(["/a", "https://x.test/b?c=1", "http://X.test"]),
            "campaign": st.sampled_from(["spring", None]),
            "plan": st.sampled_from(["pro", 5, None, {"deep": [1, "x"]}]),
            "Plan": st.just("twin"),
            "": st.just("nameless"),
            "properties": st.sampled_from(
                [{}, {"plan": "own"}, {"url": "/own"}, {"n": 1.5}, "text", None, {"plan": None}]
            ),
            "user_agent": st.just("Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"),
        },
    ),
    st.sampled_from(["{broken", "[1]", "", "   ", '{"a": 1} {"b": 2}']),
)


def loaded_in(home: Path, file: Path, size: int) -> list[Any]:
    """What a file becomes in blocks of the size."""

    def small(*args: Any, **options: Any) -> Any:
        return blocks(*args, **options | {"size": size})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "blocks", small)
        outcomes = load_files(home, file, format="events", map={"id": "id"})
    loaded = Loaded(outcomes, Lake(home))
    (one,) = outcomes
    counts = (one.status, one.rows_read, one.rows_loaded, one.rows_duplicate, one.rows_rejected)
    assert one.rows_read == one.rows_loaded + one.rows_duplicate + one.rows_rejected
    rejects = [(row["line"], row["reason"], row["raw"]) for row in loaded.rejected()]
    return [counts, rejects, loaded.events()]


@settings(max_examples=some(6, of=40))
@given(rows=st.lists(ROWS, min_size=1, max_size=12), size=st.sampled_from([40, 130, 400]))
def test_a_file_becomes_the_same_in_segments_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], size: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    file = write_ndjson(folder / "e.ndjson", rows)
    whole = loaded_in(folder / "whole", file, 1 << 20)
    assert loaded_in(folder / "cut", file, size) == whole


def leaves(value: Any) -> list[Any]:
    """All single values of a JSON value."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


@settings(max_examples=some(10, of=60))
@given(
    properties=st.dictionaries(
        st.sampled_from(
            ["plan", "url", "line", "t0", "pieces", "own", "Plan", "a b", '"', "é", ""]
        ),
        st.recursive(
            st.sampled_from([1, -2.5, "x", "https://x.test/?a=1", "", None, True]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner),
            max_leaves=4,
        ),
        max_size=5,
    ),
    beside=st.dictionaries(
        st.sampled_from(["plan", "line", "record", "reason", "is_odd", "u0", "Plan"]),
        st.sampled_from(["y", 7, {"z": [None, "w"]}]),
        max_size=3,
    ),
)
def test_nothing_that_a_row_says_is_dropped(
    tmp_path_factory: pytest.TempPathFactory,
    properties: dict[str, Any],
    beside: dict[str, Any],
) -> None:
    row = {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "click", **beside}
    folder = tmp_path_factory.mktemp("any")
    file = write_ndjson(folder / "e.ndjson", [row | {"properties": properties}])
    (event,) = Loaded(load_files(folder / "home", file), Lake(folder / "home")).events()
    told = leaves(event["properties"])
    columns = {str(value) for value in event.values() if isinstance(value, str)}
    columns |= {item for value in event.values() if isinstance(value, list) for item in value}
    for leaf in leaves([properties, beside]):
        assert leaf in told or leaf in (None, "") or str(leaf) in columns, (leaf, event)


def rows_of(count: int, **more: Any) -> list[dict[str, Any]]:
    """So many rows of one user, alike but for what is told."""
    return [{"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "click"} | more] * count


@pytest.mark.parametrize("size", [60, 1 << 20], ids=["many chunks", "one chunk"])
def test_rows_that_say_the_same_are_counted_through_all_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    file = write_ndjson(tmp_path / "e.ndjson", rows_of(7))
    counts, _, events = loaded_in(tmp_path / "home", file, size)
    assert counts == ("loaded", 7, 7, 0, 0)
    longer = write_ndjson(tmp_path / "f.ndjson", rows_of(9))
    counts, _, again = loaded_in(tmp_path / "home", longer, size)
    assert counts == ("loaded", 9, 2, 7, 0)
    assert {one["event_id"] for one in events} < {one["event_id"] for one in again}


@pytest.mark.parametrize(
    "loss", ["the keys are of another engine", "no keys were kept", "the file is gone", "it is cut"]
)
def test_duplicates_are_found_without_the_keys_of_earlier_batches(
    tmp_path: Path, loss: str
) -> None:
    first = write_ndjson(tmp_path / "a.ndjson", [row | {"id": "x"} for row in rows_of(1)])
    load_files(tmp_path / "home", first, map={"id": "id"})
    lake = Lake(tmp_path / "home")
    (record,) = lake.log.folder.glob("*.json")
    content = json.loads(record.read_text())
    (keys,) = [file for file in content["files"] if file["name"].startswith("ids/")]
    if loss == "no keys were kept":
        content["files"].remove(keys)
    elif loss == "the file is gone":
        (lake.root / keys["name"]).unlink()
    elif loss == "it is cut":
        (lake.root / keys["name"]).write_bytes(b"1234")
    else:
        keys["version"] = "0"
        (lake.root / keys["name"]).write_bytes(b"of no use")
    record.write_text(json.dumps(signed({k: v for k, v in content.items() if k != "checksum"})))
    rows = [row | {"id": name} for row in rows_of(1) for name in ("x", "y")]
    second = write_ndjson(tmp_path / "b.ndjson", rows)
    (outcome,) = load_files(tmp_path / "home", second, map={"id": "id"})
    assert (outcome.rows_loaded, outcome.rows_duplicate) == (1, 1)
    assert sum(file.rows for file in lake.state().of_kind("ids")) == 2


def test_ids_with_one_hash_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, load_text: Callable[..., Loaded]
) -> None:
    # Every id has the same hash.
    monkeypatch.setattr(deduplicate, "KEY_SQL", deduplicate.KEY_SQL.replace("hash({id})", "131072"))
    lines = [json.dumps(rows_of(1)[0] | {"id": name}) for name in ("x", "y", "x", "z")]
    loaded = load_text("\n".join(lines), map={"id": "id"})
    assert loaded.counts == (4, 3, 1, 0)
    loaded = load_text("\n".join(lines[::-1] + lines[:1]), "more.ndjson", map={"id": "id"})
    assert loaded.counts == (5, 0, 5, 0)


# Lines that begin as the plain ones do and hold more, or less, or the same in other words.
HARDLY_PLAIN = {
    "a key at the end": '"properties":{"n":1},"more":"x"}',
    "a key at the end as long as a number is longer": '"properties":{"n":1e6},"u":1}',
    "a twin of the folder at the end": '"properties":{"n":1e6},"u":{"n":1000000.0}}',
    "a key in the middle": '"more":"x","properties":{"n":1}}',
    "an escape": '"note":"a\\u00e9b","properties":{"n":1}}',
    "a number for a text": '"note":5,"properties":{"n":1}}',
    "blanks": '"note": "x", "properties": {"n": 1}}',
    "a folder that is a text": '"note":"x","properties":"{}"}',
    "a null": '"note":null,"properties":{"n":1}}',
    "another order": '"properties":{"n":1},"note":"x"}',
}


@pytest.mark.parametrize("end", HARDLY_PLAIN.values(), ids=HARDLY_PLAIN.keys())
@pytest.mark.parametrize("break_", ["\n", "\r\n", ""], ids=["unix", "windows", "last line"])
def test_a_line_that_is_hardly_plain_keeps_what_it_holds(
    load_text: Callable[..., Loaded], end: str, break_: str
) -> None:
    start = '{"user":"ann","time":"2026-03-10T12:00:00Z","event":"click",'
    plain = start + '"note":"x","properties":{"n":1}}\n'
    # The beginning of the file, which is looked at first, shows plain lines only.
    events = load_text(plain * 250 + start + end + break_).events()
    assert len(events) == 251
    odd = [one["properties"] for one in events if one["properties"] != {"note": "x", "n": 1}]
    told = leaves(odd or [{"note": "x", "n": 1}])
    for leaf in leaves(json.loads(start + end)):
        assert leaf in (*told, "ann", "2026-03-10T12:00:00Z", "click", None), (leaf, odd)


def test_an_overlapping_export_adds_nothing_whatever_rows_it_begins_with(tmp_path: Path) -> None:
    base = rows_of(1)[0]
    both = base | {"a": 1, "b": 2, "properties": {"n": 1}}
    nothing = base | {"a": 1, "b": None}
    first = [base | {"a": 7}, base | {"b": 7}, both, nothing]
    second = [base | {"b": 8}, base | {"a": 8, "c": 8, "properties": {"b": 1}}, both, nothing]
    load_files(tmp_path / "home", write_ndjson(tmp_path / "a.ndjson", first))
    (again,) = load_files(tmp_path / "home", write_ndjson(tmp_path / "b.ndjson", second))
    assert (again.rows_loaded, again.rows_duplicate) == (2, 2)
