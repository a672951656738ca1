"""One load: every row is loaded, a duplicate or rejected, and a batch is there whole or not."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import Busy, SourceError
from etl.lake import Lake, locked
from tests.homes import assert_lake_is_tidy
from tests.make import load_files, write_csv, write_ndjson
from tests.search import some

Load = Callable[..., "Loaded"]  # noqa: F821
TIME = "2026-03-10T12:00:00Z"


def row(user: str = "a", second: int = 0, **more: Any) -> dict[str, Any]:
    """One click."""
    return {"user": user, "time": f"2026-03-10T12:00:{second:02}Z", "event": "click"} | more


def lines(*rows: dict[str, Any]) -> str:
    """The rows as NDJSON."""
    return "".join(json.dumps(one) + "\n" for one in rows)


FIELD = st.sampled_from(["a", "b", "", "null", TIME, "2026-03-10", "x,y", 'say "hi"', "two\nlines"])
BROKEN_JSON = st.sampled_from(['{"user": ', "[1]", "text", '"text"', "{}", '{"user": "a"}', "nul"])


@settings(max_examples=some(5, of=25))
@given(
    st.lists(
        st.one_of(
            st.builds(lambda user, time: {"user": user, "time": time, "event": "e"}, FIELD, FIELD),
            BROKEN_JSON,
            st.sampled_from(["", "   "]),
        ),
        max_size=12,
    )
)
def test_every_line_of_ndjson_is_loaded_a_duplicate_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("ndjson")
    file = write_ndjson(folder / "events.ndjson", [row(), *rows, row()])
    (one,) = load_files(folder / "home", file)
    filled = [r for r in rows if not isinstance(r, str) or r.strip()]
    assert one.rows_read == len(filled) + 2
    assert one.rows_read == one.rows_loaded + one.rows_duplicate + one.rows_rejected


@settings(max_examples=some(5, of=25))
@given(st.lists(st.lists(FIELD, min_size=1, max_size=5), max_size=10))
def test_every_row_of_csv_is_loaded_a_duplicate_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    good = ["a", TIME, "click", "note"]
    table = [["user", "time", "event", "note"], good, *rows, good]
    (one,) = load_files(folder / "home", write_csv(folder / "events.csv", table))
    assert one.status == "loaded", one.message
    # A row of one empty field is a blank line.
    assert one.rows_read == len([r for r in rows if r not in ([""],)]) + 2
    assert one.rows_read == one.rows_loaded + one.rows_duplicate + one.rows_rejected


def test_the_same_file_again_is_unchanged_and_adds_nothing(load_text: Load) -> None:
    assert load_text(lines(row(), row("b"))).counts == (2, 2, 0, 0)
    again = load_text(lines(row(), row("b")))
    assert (again.outcome.status, len(again.events())) == ("unchanged", 2)


def test_the_same_bytes_under_another_name_add_nothing(load_text: Load) -> None:
    load_text(lines(row(), row("b")), "one.ndjson")
    again = load_text(lines(row(), row("b")), "two.ndjson")
    assert len(again.events()) == 2


def test_an_overlapping_export_adds_only_what_is_new(load_text: Load) -> None:
    load_text(lines(row("a"), row("b"), row("b")), "monday.ndjson")
    later = load_text(lines(row("b"), row("b"), row("b"), row("c")), "tuesday.ndjson")
    assert later.counts == (4, 2, 2, 0)
    assert [one["user_id"] for one in later.events()].count("b") == 3


def test_two_equal_rows_of_one_file_are_two_events(load_text: Load) -> None:
    loaded = load_text(lines(row(), row()))
    assert loaded.counts == (2, 2, 0, 0)
    assert len({one["event_id"] for one in loaded.events()}) == 2


def test_rows_that_differ_in_anything_are_different_events(load_text: Load) -> None:
    base = row(page="/a")
    others = [
        row(page="/b"),
        row(page="/a", x=1),
        row(page="/a", referrer="/r"),
        row("z", page="/a"),
    ]
    loaded = load_text(lines(base, *others))
    assert len({one["event_id"] for one in loaded.events()}) == 5


def test_of_two_rows_with_one_id_the_first_received_stays(load_text: Load) -> None:
    loaded = load_text(lines(row(event_id="1", x="first"), row(event_id="1", x="second")))
    assert loaded.counts == (2, 1, 1, 0)
    again = load_text(lines(row("other", 9, event_id="1"), row(event_id="2")), "b.ndjson")
    assert again.counts == (2, 1, 1, 0)
    by_id = {one["event_id"]: one for one in again.events()}
    assert by_id["1"]["properties"]["x"] == "first"


def test_one_id_in_two_sources_is_two_events(load_text: Load) -> None:
    load_text(lines(row(event_id="1")), source="web")
    assert len(load_text(lines(row(event_id="1", x=1)), source="app").events()) == 2


def test_a_rejected_row_that_is_mended_is_loaded(load_text: Load) -> None:
    assert load_text(lines(row(), row("")), "e.ndjson").counts == (2, 1, 0, 1)
    assert load_text(lines(row(), row("b")), "e.ndjson").counts == (2, 1, 1, 0)


def test_excluded_users_are_rejected_with_that_reason(load_text: Load) -> None:
    loaded = load_text(lines(row("-1"), row("a")), exclude_users=("-1",))
    assert [one["reason"] for one in loaded.rejected()] == ["user left out by exclude_users"]


def test_a_schema_change_between_exports_keeps_both(load_text: Load) -> None:
    load_text("user,time,event\na,1773144000,click\n", "one.csv")
    load_text("time,event,plan,user\n1773144001,click,pro,b\n", "two.csv")
    third = load_text("time,event,plan,user\n1773144002,click,3,b\n", "three.csv")
    assert [one["properties"] for one in third.events()] == [{}, {"plan": "pro"}, {"plan": "3"}]


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    write_ndjson(tmp_path / "in/a.ndjson", [row()])
    (tmp_path / "in/b.csv").write_text("")
    (tmp_path / "in/c.ndjson.gz").write_bytes(b"\x1f\x8b broken")
    write_ndjson(tmp_path / "in/d.ndjson", [row("d")])
    outcomes = load_files(tmp_path / "home", tmp_path / "in", tmp_path / "absent.csv")
    status = {Path(one.file).name: one.status for one in outcomes}
    assert status == {
        "absent.csv": "failed",
        "a.ndjson": "loaded",
        "b.csv": "failed",
        "c.ndjson.gz": "failed",
        "d.ndjson": "loaded",
    }


def test_files_of_the_lake_are_sorted_by_user_time_and_id(load_text: Load) -> None:
    rows = [row("b", 1), row("a", 2), row("a", 1), row("a") | {"time": "2026-03-11T00:00:00Z"}]
    rows += [row("c", event_id=name) for name in ("b", "10", "é", "9", "a", "B", "")]
    lake = load_text(lines(*rows)).lake
    (name,) = lake.event_files()
    assert name == "events/events/2026/00000001-0.parquet"
    import polars as pl

    frame = pl.read_parquet(lake.root / name)
    order = list(zip(frame["user_id"], frame["event_time"], frame["event_id"], strict=True))
    assert len(order) == 11
    assert order == sorted(order)


def test_a_file_that_changes_while_it_is_read_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl.load import batch

    file = write_ndjson(tmp_path / "a.ndjson", [row()])
    write = batch.EventWriter.write

    def write_meanwhile(self: batch.EventWriter, rows: Any, number: int) -> None:
        with file.open("a") as handle:
            handle.write(json.dumps(row("b")) + "\n")
        write(self, rows, number)

    monkeypatch.setattr(batch.EventWriter, "write", write_meanwhile)
    (outcome,) = load_files(tmp_path / "home", file)
    assert (outcome.status, "changed while it was read" in str(outcome.message)) == ("failed", True)
    monkeypatch.undo()
    (outcome,) = load_files(tmp_path / "home", file)
    assert outcome.rows_loaded == 2


HOLD = """
import sys, time
from pathlib import Path
from etl.lake import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_is_held_by_one_process_and_freed_when_it_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "home")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Busy, match=f"process {holder.pid}"), locked(tmp_path / "home"):
            pass
        holder.kill()
        holder.wait()
    with locked(tmp_path / "home"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SourceError, match="cannot be written"), locked(tmp_path / "home"):
        pass


def test_a_home_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x")
    with pytest.raises(SourceError, match="cannot be written"), locked(tmp_path / "home"):
        pass


def test_an_unchanged_file_is_not_read_again(load_text: Load) -> None:
    text = lines(*(row("a", n % 60, n=n) for n in range(20_000)))
    load_text(text)
    started = time.monotonic()
    assert load_text(text).outcome.status == "unchanged"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(
            "deep.ndjson", b'{"p": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", id="deep nesting"
        ),
        pytest.param("no.parquet", b"PAR1 and nothing more", id="no Parquet"),
        pytest.param("no.csv.gz", b"\x1f\x8b\x08\x00 and nothing more", id="no gzip"),
        pytest.param("none.csv", b"", id="empty"),
    ],
)
def test_one_bad_file_fails_with_a_reason_and_stops_no_other(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / "exports").mkdir()
    bad = tmp_path / "exports" / name
    bad.write_bytes(content)
    good = write_ndjson(tmp_path / "exports" / "z.ndjson", [row()])
    outcomes = {Path(o.file).name: o for o in load_files(tmp_path / "home", bad, good)}
    assert outcomes[name].status == "failed"
    assert name in str(outcomes[name].message)
    assert outcomes["z.ndjson"].rows_loaded == 1


def test_a_field_longer_than_any_limit_of_ours_is_read(load_text: Load) -> None:
    text = "user,time,event,note\na,2026-01-01,x," + "y" * 300_000 + "\n"
    assert load_text(text, "wide.csv").counts == (1, 1, 0, 0)


def test_going_back_to_an_earlier_way_of_reading_keeps_the_events(tmp_path: Path) -> None:
    export = write_csv(
        tmp_path / "x.csv", [("user", "time", "event"), ("a", "2026-03-10 12:00", "click")]
    )
    home = tmp_path / "home"
    for zone in ("UTC", "Europe/Berlin", "UTC"):
        (outcome,) = load_files(home, export, time_zone=zone)
        assert outcome.rows_loaded == 1
        assert [batch.rows_loaded for batch in Lake(home).batches()] == [1]
    (unchanged,) = load_files(home, export, time_zone="UTC")
    assert unchanged.status == "unchanged"
    (batch,) = Lake(home).batches()
    assert str(batch.first_event_time) == "2026-03-10T12:00:00"
    assert_lake_is_tidy(home)


def test_an_unchanged_file_is_known_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl.load import loader as module

    file = write_ndjson(tmp_path / "a.ndjson", [row()])
    load_files(tmp_path / "home", file)
    with monkeypatch.context() as patch:
        patch.delattr(module, "look")
        assert [one.status for one in load_files(tmp_path / "home", file)] == ["unchanged"]
    # Read in another way it is looked at again.
    (again,) = load_files(tmp_path / "home", file, sessions="tracker")
    assert again.status == "loaded"


@pytest.mark.parametrize("name", ["events.ndjson", "events.csv"])
def test_a_load_imports_no_pandas_which_takes_as_long_as_it_does(tmp_path: Path, name: str) -> None:
    rows = [row(second=n, event_id=f"e{n}") for n in range(3)]
    file = tmp_path / name
    if name.endswith("csv"):
        write_csv(file, [list(rows[0]), *(list(one.values()) for one in rows)])
    else:
        write_ndjson(file, rows)
    code = (
        "import sys; from pathlib import Path; from tests.make import load_files; "
        f"load_files(Path({str(tmp_path / 'home')!r}), Path({str(file)!r})); "
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
